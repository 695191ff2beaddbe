#!/bin/sh
# shellcheck disable=SC1091,SC2154  # harness.inc; its variables
# Without this: a host where something is broken is called sound, or the other
# way round; stop, start and reload do not do what they say.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/harness.inc"

run vmovs check
is "without vmovsd it is broken" "$rc" 1
ok "and says that it does not answer" \
   grep -q '^vmovsd  *BROKEN  *does not answer' "$T/said"
ok "and how to mend it" grep -q 'systemctl start vmovs' "$T/said"
is "nothing on standard error" "$err" ""

serve '{"version":1,"networks":{"default":{"subnet":"10.77.0.0/24"}},
"vms":{"web1":{"nics":[{"network":"default","ip":"10.77.0.10"}]}}}'
run vmovs check
ok "a config in force" grep -Eq '^config +ok .*in force' "$T/said"
ok "Open vSwitch" grep -Eq '^Open vSwitch +ok ' "$T/said"
ok "a problem of vmovsd" \
   grep -Eq '^nic broken +BROKEN +the switch refused a flow' "$T/said"
ok "with its remedy" grep -q -- '-> see the log' "$T/said"
run vmovs check --json
is "as JSON" "$(jq -r '.checks[] | select(.check == "in place").state' \
    "$T/said")" ok

nsswitch () {
    echo "hosts: $1" > "$T/nsswitch"
    run vmovs check
    grep "^host's names" "$T/said" | grep -Eo 'ok|BROKEN'
}
cp /etc/nsswitch.conf "$T/nsswitch"
mount --bind "$T/nsswitch" /etc/nsswitch.conf
mkdir -p "$T/lib/x"
mount -t tmpfs none /usr/local/lib
is "no NSS module" "$(nsswitch 'files vmovs dns')" BROKEN
: > /usr/local/lib/libnss_vmovs.so.2
is "an NSS module that nobody asks" "$(nsswitch 'files dns')" BROKEN
is "one that is asked" "$(nsswitch 'files vmovs dns')" ok
is "one behind dns" "$(nsswitch 'files dns vmovs')" BROKEN
is "one behind a stop" \
   "$(nsswitch 'files resolve [!UNAVAIL=return] vmovs dns')" BROKEN

port53 () { vmovs check | grep '^port 53' | grep -Eo 'ok|BROKEN'; }
is "nobody on port 53" "$(port53)" ok
busybox nc -l -p 53 &
nc=$!
wait_until grep -q ':0035 ' /proc/net/tcp /proc/net/tcp6
is "somebody on port 53" "$(port53)" BROKEN
kill $nc

run vmovs stop
is "stop" "$rc" 0
is "a stopped VM" "$(vmovs list --json | jq -r '.vms[0].state')" stopped
ok "status says so" sh -c 'vmovs status | grep -q "^STOPPED .*vmovs start"'
ok "check says so" sh -c 'vmovs check | grep -q "^in place .*is stopped"'
run vmovs start
is "start" "$rc" 0
is "a VM again" "$(vmovs list --json | jq -r '.vms[0].state')" ready
run vmovs reload
is "reload" "$rc" 0
printf '{"version":1,\n "networks": {"default": {"subnte": "auto"}}}' \
    > "$T/new" && mv "$T/new" "$T/vmovs.json"
run vmovs reload
error "reload of a faulty config" 1 "vmovs: reload: \
$T/vmovs.json has to be mended first: 2:27: networks.default.subnte: \
\"subnte\" is not known here; did you mean \"subnet\"?"
ok "check names the line" sh -c 'vmovs check | grep -q "^config .*json:2:"'
done_testing
