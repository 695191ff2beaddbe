#!/bin/sh
# Without this: a device that somebody deletes or changes stays away or wrong,
# and its guest is cut off or exposed.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/devices-harness.sh"

with_users alice bob
h want tap vm-t 52:54:00:00:00:01 owner=alice > "$T/out"
h want veth vm-a 52:54:00:00:00:02 userspace > "$T/out"
h want veth vm-v 52:54:00:00:00:03 bridged > "$T/out"
h update > "$T/out"
for port in vm-t vm-a vm-v; do h port $port present; done > "$T/out"
h await 3 applied > "$T/out" || bail "devices"
ok "alice ends the tap's persistence" open_tap alice vm-t end
ok "it comes back" h await 3 'recreated vm-t'
nok "and is still not bob's" open_tap bob vm-t
ip link del vm-a
ok "a veth comes back" h await 3 'recreated vm-a'
ip link set vm-v mtu 1400 down
ok "what somebody changes is set right" h await 3 'device vm-v * mtu=1500 up *'
nft flush ruleset
h await 1 applied > "$T/out"
shielded () { h await 1 applied; nft list ruleset | grep -q "device \"$1\""; }
ok "a flushed shield is back" wait_until shielded vp-v
h port vm-t absent > "$T/out"
ok "a device is down without its port" h await 3 'device vm-t * down *'
h port vm-t present > "$T/out"
ok "and up again with it" h await 3 applied

end_harness
finish
