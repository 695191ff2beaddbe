#!/bin/sh
# Without this, ports that somebody else put on our bridge would be lost.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../ovsdb-lib.sh"

start_ovs dummy
start_session
ask bridge vmovs0 userspace
ask update
await applied

# A stranger is shown, labelled when bound, and never deleted.
vsctl --no-wait add-port vmovs0 tap3 -- set interface tap3 type=dummy \
    external_ids:iface-id=web1
await "port tap3 * marks - - bound - id web1"
ask want tap3 vm=web1 key=70 foreign
ask update
await "port tap3 *key=70* bound web1 *"
ask unwant tap3
ask update
await "port tap3 *key=0* bound - id web1"
await applied
vsctl --no-wait add-port vmovs0 vm-b -- set interface vm-b type=dummy
ask want vm-b type=dummy vm=b network=lab
ask update
await "problem port vm-b: a port of this name exists on our bridge and is*"
await applied
vsctl add-br other -- set bridge other datapath_type=netdev -- add-port other vm-c -- set interface vm-c type=dummy
ask want vm-c type=dummy vm=c network=lab
ask update
await "problem port vm-c: a port of this name exists on another bridge *"
vsctl --no-wait del-port vm-b -- del-br other
await "port vm-b * marks b lab *"
await "port vm-c * marks c lab *"


# A marked port of a plan that is no longer, and a stranger's.
vsctl --no-wait add-port vmovs0 vm-d -- set interface vm-d type=dummy \
    external_ids:vmovs-vm=d
await applied
is "only the marked one goes" "$(vsctl list-ports vmovs0 | tr '\n' ' ')" \
    "tap3 vm-b vm-c "
end_session
allow_log 'could not open network device'
finish
