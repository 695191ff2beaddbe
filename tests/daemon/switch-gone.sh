#!/bin/sh
# Without this: ovs-vswitchd is down, every VM waits for its flows, and "vmovs
# status" has no word about what to do.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
config '{"version": 1, "networks": {"lab": {}}, "vms": {"a": {"nics":
[{"network": "lab"}]}}}'
start_vmovsd --nic-type=dummy
ok "all is in place" vmovs sync --timeout=10
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
