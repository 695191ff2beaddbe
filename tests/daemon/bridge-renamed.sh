#!/bin/sh
# Without this: whoever changes "bridge" in the config has two half bridges, and
# every guest is cut off; or somebody's own bridge is taken over.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
# settings BRIDGE DATAPATH
settings () {
    config '{"version": 1, "bridge": "'"$1"'", "datapath": "'"$2"'",
      "networks": {"lab": {"subnet": "10.77.1.0/24"}},
      "vms": {"a": {"nics": [{"network": "lab", "mac": "0e:00:00:00:00:0a",
                              "ip": "10.77.1.10"}]},
              "b": {"nics": [{"network": "lab", "mac": "0e:00:00:00:00:0b",
                              "ip": "10.77.1.11"}]}}}'
}
settings vmovs0 userspace
start_vmovsd --nic-type=dummy
vmovs sync || bail "sync"
ports () { vsctl list-ports "$1" | tr '\n' ' '; }
flows () { ofctl dump-flows --no-stats --no-names "$1" | wc -l; }
n_flows=$(flows vmovs0)

settings vmovs1 userspace
moved () {
    [ "$(ports "$1")" = "vm-a vm-b vmovs-lab " ] &&
        [ "$(flows "$1")" = "$n_flows" ] && vmovs sync
}
ok "a new name has all ports and flows" wait_until moved vmovs1
nok "and the old bridge goes" vsctl br-exists vmovs0

vsctl add-port vmovs1 mine -- set interface mine type=dummy
settings vmovs0 userspace
ok "back again" wait_until moved vmovs0
is "somebody's port keeps the other bridge" "$(ports vmovs1)" "mine "
ok "status" vmovs status
says "and status says so" 'vmovs1.*port mine'
vsctl del-port vmovs1 mine
gone () { ! vsctl br-exists "$1"; }
ok "it goes with its last port" wait_until gone vmovs1

# A bridge of somebody else's.
vsctl add-br theirs -- set bridge theirs datapath_type=netdev
settings theirs userspace
told () { vmovs status | grep -q 'theirs.*not ours'; }
ok "the name of somebody's bridge is a problem" wait_until told
is "the old one keeps its ports" "$(ports vmovs0)" "vm-a vm-b vmovs-lab "
is "and its flows" "$(flows vmovs0)" "$n_flows"
is "theirs gets no port" "$(ports theirs)" ""
settings vmovs0 userspace
ok "the right name" wait_until moved vmovs0
ok "theirs is still there" vsctl br-exists theirs

# A datapath that is not there.
settings vmovs0 kernel
told () { vmovs status | grep -q 'modprobe'; }
ok "a datapath that the kernel has not is a problem" wait_until told
is "the bridge stays as it is" "$(vsctl get bridge vmovs0 datapath_type)" netdev
is "with its flows" "$(flows vmovs0)" "$n_flows"
settings vmovs0 auto
untold () { vmovs sync && ! told; }
ok "and mended" wait_until untold
allow_log 'connect|somebody|receive error|dummy@|vmovs[01]|mine'
finish
