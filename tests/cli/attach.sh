#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154  # harness.inc; inner shells
# What attach prints is pasted into shells and run as the user: it has to be
# the right words, each one word.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/harness.inc"
with_users alice
serve '{"version":1,"networks":{"default":{"subnet":"10.77.0.0/24"}},"vms":{
"k":{"nics":[{"network":"default","mac":"52:54:00:00:00:01"}]},
"v":{"hypervisor":"virtualbox","hypervisor-name":"Windows 10'"'"'s",
"nics":[{"network":"default","mac":"08:00:27:00:00:02"}]},
"f":{"hypervisor":"firecracker","nics":[{"network":"default"}]},
"l":{"hypervisor":"libvirt","nics":[{"network":"default"}]},
"n":{"hypervisor":"netns","owner":"alice","nics":[{"network":"default"}]}}}'
ok "sync" vmovs sync --timeout=5

is "QEMU's arguments" "$(vmovs attach k --print)" "-netdev \
tap,id=n0,ifname=vm-k,script=no,downscript=no -device \
virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01"
# shellcheck disable=SC2046  # that it splits well is what is tested
set -- $(vmovs attach k --print)
is "... are four words" $# 4
ok "VirtualBox's name is quoted" \
   sh -c "vmovs attach v --print | grep -qF \"'Windows 10'\\\\''s'\""
ok "Firecracker's device" sh -c 'vmovs attach f --print | grep -q vm-f'
ok "libvirt's iface-id" sh -c 'vmovs attach l --print | grep -q interfaceid'

# VBoxManage is run with its words as they are, and told what runs already.
mkdir "$T/bin"
cat > "$T/bin/VBoxManage" <<'FAKE'
#!/bin/sh
if [ "$1" = showvminfo ]; then echo "VMState=\"$(cat "$T/vmstate")\""; exit; fi
for word; do echo "<$word>"; done > "$T/vbox"
FAKE
chmod +x "$T/bin/VBoxManage"
echo poweroff > "$T/vmstate"
PATH="$T/bin:$PATH" run vmovs attach v
is "VBoxManage of a VM that is off" "$(tr -d '\n' < "$T/vbox")" "<modifyvm>\
<Windows 10's><--nic1><bridged><--bridgeadapter1><far><--macaddress1>\
<080027000002><--cableconnected1><on>"
echo running > "$T/vmstate"
PATH="$T/bin:$PATH" run vmovs attach v
is "VBoxManage of a VM that runs" "$(tr -d '\n' < "$T/vbox")" \
   "<controlvm><Windows 10's><nic1><bridged><far>"
run vmovs attach v
error "no VBoxManage" 1 "vmovs: Windows 10's: VBoxManage cannot be run; \
install VirtualBox, or use --print"

run vmovs attach n --netns=/etc/passwd
is "a file is no namespace" "$rc" 1
ok "... says so" grep -q "is not a network namespace" "$T/err"
run vmovs attach n --netns=1
is "the host's namespace is refused" "$rc" 1
run vmovs attach n --netns="$T/none"
is "no such namespace" "$rc" 1
mkdir -p /run/netns
ip netns add roots
run as alice vmovs attach n --netns=/run/netns/roots
is "root's namespace is refused" "$rc" 1
ok "... says whose it is" grep -q "belongs to uid 0" "$T/err"
is "... and nothing was moved" "$(nic n state)" ready
ip netns del roots
# shellcheck disable=SC2016  # the inner shell's own process
run as alice unshare --map-root-user --net \
    sh -c 'vmovs attach n --netns=$$'
is "the caller's own is taken" "$rc" 0
is "... and the end has moved" "$(nic n state)" running
done_testing
