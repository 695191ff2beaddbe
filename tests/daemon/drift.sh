#!/bin/sh
# Without this: somebody's ovs-ofctl or ovs-vsctl on our bridge cuts guests off
# or opens them to each other until vmovsd is restarted.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
config '{"version": 1, "networks": {"lab": {"subnet": "10.77.1.0/24"}},
  "vms": {"a": {"nics": [{"network": "lab"}]},
          "b": {"nics": [{"network": "lab"}]}}}'
start_vmovsd --nic-type=dummy
vmovs sync || bail "sync"
dump_switch > "$T/good"
# Flows may be repaired before the meters that they need.
allow_log 'somebody|vmovs0|controller|connect|the switch refuses'

same () { dump_switch > "$T/now"; diff "$T/good" "$T/now"; }
same_flows () {
    ofctl dump-flows --no-stats --no-names vmovs0 | sort > "$T/flows"
    grep '^ cookie' "$T/good" | diff - "$T/flows"
}
repaired () { wait_until -t 5 same; }

ofctl del-flows vmovs0
ok "del-flows is repaired" repaired
ofctl del-flows vmovs0 table=6
ok "del-flows of a table is repaired" repaired
ofctl mod-flows vmovs0 table=8,actions=drop
ok "mod-flows is repaired" repaired
ofctl del-groups vmovs0
ok "del-groups is repaired" repaired
ofctl del-meters vmovs0
ok "del-meters is repaired" repaired
vsctl --no-wait set-controller vmovs0 tcp:127.0.0.1:9
ok "set-controller is undone" repaired
vsctl --no-wait set-fail-mode vmovs0 standalone
ok "fail_mode is restored" repaired
is "to secure" "$(vsctl get bridge vmovs0 fail_mode)" secure
vsctl --no-wait del-port vm-a
ok "a deleted port is back" wait_until -t 5 vsctl get interface vm-a ofport
vsctl del-br vmovs0
ok "a deleted bridge is back" wait_until -t 5 vsctl get interface vm-b ofport
ok "with all its ports and flows" wait_until vmovs sync

vsctl add-port vmovs0 stranger -- set interface stranger type=dummy
listed () { vmovs list ports | grep 'stranger' | grep -q 'no flows'; }
ok "a stranger's port is listed" wait_until listed
n=$(vsctl get interface stranger ofport)
nok "and has no flow" sh -c \
    "ovs-ofctl -O OpenFlow15 dump-flows --no-names vmovs0 |
     grep -qE 'in_port=${n}[, ]|output:${n}\$'"
ok "sync" vmovs sync
ok "and is not deleted" vsctl get interface stranger ofport
finish
