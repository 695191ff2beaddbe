#!/bin/sh
# Without this: a vmovsd with nothing to do takes a whole CPU, from the tenth
# second on, and nobody is told what it waits for.
. "$(dirname "$0")/../lib.sh"

# Clock ticks that vmovsd has taken.
ticks () { awk '{ print $14 + $15 }' "/proc/$(cat "$T/ovs/vmovsd.pid")/stat"; }

# Is vmovsd asleep in poll(), and has it been for the last 20 looks?
is_asleep () {
    before=$(ticks)
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        grep -q '^State:.S' "/proc/$(cat "$T/ovs/vmovsd.pid")/status" ||
            return 1
    done
    [ "$(ticks)" = "$before" ]
}

start_ovs dummy
config '{"version": 1, "networks": {"lab": {}}, "vms": {"a": {"nics":
[{"network": "lab"}]}}}'
start_vmovsd --nic-type=dummy
ok "all is in place" vmovs sync --timeout=10

# What libopenvswitch asks for by itself after ten seconds.
ok "vmovsd says what it holds" appctl -t vmovsd memory/show
says "VMs and networks among it" 'networks:1 .*vms:1'
ok "and then sleeps" wait_until is_asleep
is "status has no problem" "$(vmovs --json status | jq '.problems | length')" 0

appctl -t ovs-vswitchd exit
wait_until nok_file "$T/ovs/ovs-vswitchd.pid"
switch_is_missed () { vmovs status | grep '^problem: switch: no connection'; }
ok "status says that the switch is gone" wait_until switch_is_missed
ok "and what to do" grep -q 'is ovs-vswitchd running? systemctl' "$T/wait"
allow_log 'vmovs0.mgmt: connection '
allow_log 'somebody changed [0-9]+ of our flows' # By exiting.
start_vswitchd
finish
