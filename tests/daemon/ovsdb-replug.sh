#!/bin/sh
# Without this, a guest whose tap was made anew would stay cut off: Open
# vSwitch holds on to the old device, and sees nothing in a port that is
# removed and added again at once.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../ovsdb-lib.sh"

bridge=vmovs0
row () { vsctl get interface vm-a _uuid; }
new_tap () {
    ip tuntap del vm-a mode tap
    ip tuntap add vm-a mode tap
    ip link set vm-a up
}
# Does Open vSwitch listen on the device that is there now?
listens () {
    index=$(printf '%d' "$(cat /sys/class/net/vm-a/ifindex)")
    awk -v i="$index" '$5 == i { found = 1 } END { exit !found }' \
        /proc/net/packet
}

start_ovs
ip tuntap add vm-a mode tap
ip link set vm-a up
start_session
ask bridge $bridge userspace
ask want vm-a vm=a network=lab
ask update
await "port vm-a type= ofport=yes*"
await applied
ok "it listens on the tap" wait_until listens

old=$(row)
new_tap
nok "it does not listen on the new tap by itself" wait_until -t 1 listens
ask replug vm-a
await applied
await "port vm-a type= ofport=yes*"
ok "it listens on the new tap" wait_until listens
nok "it is a new port" test "$(row)" = "$old"

# Likewise if the VM goes and comes back before ovs-vswitchd has looked.
kill -STOP "$(cat "$T/ovs/ovs-vswitchd.pid")"
new_tap
ask unwant vm-a
ask update
await "ports 0"
ask want vm-a vm=a network=lab
ask update
await pending
is "its name is not used again yet" "$(vsctl list-ports $bridge)" ""
kill -CONT "$(cat "$T/ovs/ovs-vswitchd.pid")"
await applied
ok "it listens on the tap" wait_until listens

# A device that comes late is taken in without our doing.
ask want vm-b vm=b network=lab
ask update
await "problem port vm-b: Open vSwitch says: *"
old=$(vsctl get interface vm-b _uuid)
ip tuntap add vm-b mode tap
ip link set vm-b up
await "port vm-b type= ofport=yes*"
is "the same row" "$(vsctl get interface vm-b _uuid)" "$old"
end_session
allow_log 'could not open network device|No such device|vm-[ab]'
finish
