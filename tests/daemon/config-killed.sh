#!/bin/sh
# Without this: a crash or a full disk in the middle of "add-vm" leaves half a
# config, or none, and with it a host whose guests are gone after the reboot.
# shellcheck disable=SC2016  # jq's variables
. "$(dirname "$0")/../lib.sh"
command -v strace > /dev/null || skip_all "no strace"

names () { jq -r '.vms | keys | join(" ")' "$T/etc/vmovs.json"; }

# Kills vmovsd when it calls SYSCALL for the WHENth time during "add-vm NAME".
killed_in () {
    pid=$(cat "$T/ovs/vmovsd.pid")
    strace -qq -p "$pid" -o "$T/strace" -e trace="$2" \
        -e inject="$2:signal=SIGKILL:when=$3" 2> "$T/strace.err" &
    tracer=$!
    wait_until grep -q 'TracerPid:.[1-9]' "/proc/$pid/status" || bail "strace"
    before=$(names)
    vmovs add-vm "$1" --network=lab > /dev/null 2>&1
    ok "killed in $2 $3" wait_until ended "$pid"
    wait "$tracer" 2> /dev/null
    after=$(names)
    case $after in
        "$before" | "$before $1") pass "the file is the old or the new one" ;;
        *) is "the file is the old or the new one" "$after" "$before" ;;
    esac
    start_vmovsd --config="$T/etc/vmovs.json" --nic-type=dummy
    is "what the file says is in force" \
       "$(vmovs --json list | jq -r '[.vms[].name] | join(" ")')" "$after"
    is "nothing is left beside it" "$(ls -A "$T/etc")" vmovs.json
}

start_ovs dummy
mkdir "$T/etc"
mount -t tmpfs -o size=256k none "$T/etc"
echo '{"version": 1, "networks": {"lab": {}}, "vms": {}}' > "$T/etc/vmovs.json"
start_vmovsd --config="$T/etc/vmovs.json" --nic-type=dummy
vmovs sync --timeout=10 || bail "not applied"
vmovs add-vm a --network=lab > /dev/null || bail "no VM"

killed_in b fchmod 1
killed_in c write 1
killed_in d fsync 1
killed_in e renameat2 1
killed_in f fsync 2
killed_in g unlink 1
killed_in h unlink 2
killed_in i fsync 3

before=$(cat "$T/etc/vmovs.json")
head -c 1M /dev/zero > "$T/etc/full" 2> /dev/null
nok "a full disk" vmovs add-vm z --network=lab
says "is named, with what to do" \
     '^vmovs: add-vm z: .*No space left on device; free some space'
is "... and changes nothing" "$(cat "$T/etc/vmovs.json")" "$before"
rm "$T/etc/full"
mount -o remount,ro "$T/etc"
nok "a file system that cannot be written" vmovs add-vm z --network=lab
says "is named, with what to do" 'Read-only file system; make .* writable'
mount -o remount,rw "$T/etc"
ok "afterwards it works" vmovs add-vm z --network=lab

# Somebody's edit that was out of its place when vmovsd was killed.
stop_vmovsd
jq '.domain = "mine.example"' "$T/etc/vmovs.json" \
    > "$T/etc/.vmovs.json.vmovs-new" || bail "jq"
jq '.domain = "ours.example"' "$T/etc/vmovs.json" > "$T/ours" || bail "jq"
cp "$T/ours" "$T/etc/vmovs.json" || bail "cp"
start_vmovsd --config="$T/etc/vmovs.json" --nic-type=dummy
ok "is kept" grep -q mine.example "$T/etc/vmovs.json.vmovs-kept"
allow_log 'vmovsd was killed while it changed this'
finish
