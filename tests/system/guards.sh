#!/bin/sh
# Without this: a guest can pretend to be another, on a real switch with real
# packets (the trace tests ask the flow tables alone).
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/demo/hostile.sh"

start_ovs
config '{"version": 1, "datapath": "userspace", "networks": {
    "lab":   {"subnet": "10.77.1.0/24", "subnet6": "fd00:77:1::/64"},
    "other": {"subnet": "10.77.2.0/24", "subnet6": "fd00:77:2::/64"}},
    "vms": {}}'
start_vmovsd
for vm in a:lab b:lab c:other; do
    vmovs add-vm "${vm%:*}" --hypervisor=netns --network="${vm#*:}" \
        > "$T/out" || bail "$(cat "$T/out")"
    guest_ns "${vm%:*}" || bail "${vm%:*}: no attach"
done
wait_until pings a "$(nic b ip)" || bail "no ping"
wait_until pings a "$(nic b ip6)" || bail "no ping"
for round in cold warm; do
    ok "the frames are sent, caches $round" hostile a b vmovs-lab c
    say "$(grep frames "$T/verdict")"
    is "no hostile frame came through, caches $round" \
        "$(sed -n 's/^leaked //p' "$T/verdict" | sort -u | tr '\n' ' ')" ""
    is "every legitimate twin did" \
        "$(sed -n 's/^lost //p' "$T/verdict" | sort -u | tr '\n' ' ')" ""
done
dropped () { vmovs --json status | jq -e '.drops["spoofed-mac"] > 0'; }
ok "status counts what was dropped" wait_until dropped
ok "a still pings b" pings a "$(nic b ip)"
finish
