#!/bin/sh
# Without this: a guest whose MAC, address or network was changed keeps the old
# ones, or whoever gets a port next speaks and is reached in their names.
. "$(dirname "$0")/../lib.sh"

start_ovs
config '{"version": 1, "datapath": "userspace",
  "networks": {"lab": {"subnet": "10.77.1.0/24"},
               "dmz": {"subnet": "10.77.2.0/24"}}, "vms": {}}'
start_vmovsd
for vm in a b; do
    vmovs add-vm $vm --hypervisor=netns --network=lab > "$T/out" || bail "add"
    guest_ns $vm > "$T/out" || bail "attach"
done
ok "a pings b" wait_until pings a "$(nic b ip)"
b_ip=$(nic b ip)

# The address, then the MAC, while the guest runs with the old ones.
as_now () {
    in_guest a ip addr flush dev eth0
    in_guest a ip link set eth0 address "$(nic a mac)"
    configure a
}
# Open vSwitch drops what it has cached of changed flows a moment later.
unheard () { ! pings a "$b_ip"; }
ok "another address" vmovs set-vm a ip=10.77.1.99
ok "the old one is no longer heard" wait_until unheard
as_now
ok "the new one is" wait_until pings a "$b_ip"
ok "another MAC" vmovs set-vm a mac=0e:00:00:00:00:99
ok "the old one is no longer heard" wait_until unheard
as_now
ok "the new one is" wait_until pings a "$b_ip"
ok "and b finds it" pings b 10.77.1.99
ok "another network" vmovs set-vm a network=dmz ip=10.77.2.50
as_now
in_guest a ip route add 10.77.1.0/24 dev eth0
ok "reaches nobody of the old one" wait_until unheard
ok "but back there again" vmovs set-vm a network=lab ip=10.77.1.99
as_now
ok "it does" wait_until pings a "$b_ip"

# A port's number given to another at once: what that one says in the former
# guest's name is not heard, however soon it says it.
vmovs add-vm x --hypervisor=netns --network=lab > "$T/out" || bail "add"
x_mac=$(nic x mac) x_ip=$(nic x ip)
ip netns add s
ip link add s0 type veth peer name eth0 netns s
ip link set s0 up
in_guest s ethtool -K eth0 tx off > "$T/out"
in_guest s ip link set eth0 address "$x_mac" up
in_guest s ip addr add "$x_ip/24" dev eth0
in_guest s ip neigh add "$b_ip" lladdr "$(nic b mac)" dev eth0
in_guest b pace receive 9000 100000 600 > "$T/received" &
receiver=$!
wait_until grep -q ready "$T/received" || bail "receiver"
in_guest s pace send "$b_ip" 9000 100000 500 > "$T/sent" 2>&1 &
sender=$!
heard () { in_guest b cat /proc/net/snmp | awk '/^Udp:/ { n = $2 } END { print n }'; }
before=$(heard)
reused=0
for round in $(seq "${ROUNDS:-10}"); do
    number=$(vsctl get interface vm-x ofport)
    vmovs del-vm x > "$T/out" || bail "del-vm"
    vsctl add-port vmovs0 s0 -- set interface s0 ofport_request="$number"
    [ "$(vsctl get interface s0 ofport)" != "$number" ] ||
        reused=$((reused + 1))
    vsctl del-port vmovs0 s0
    vmovs add-vm x --hypervisor=netns --network=lab --mac="$x_mac" \
        --ip="$x_ip" > "$T/out" || bail "add-vm $round"
done
is "the number was the same each time" "$reused" "${ROUNDS:-10}"
is "nothing was heard under the old name" "$(($(heard) - before))" 0
vmovs del-vm x > "$T/out" || bail "del-vm"
vmovs add-vm y --hypervisor=external --network=lab --mac="$x_mac" \
    --ip="$x_ip" --no-wait > "$T/out" || bail "add-vm y"
vsctl add-port vmovs0 s0 -- set interface s0 external_ids:iface-id=y
loud () { [ "$(heard)" -gt "$before" ]; }
ok "it is heard when the name is given to it" wait_until loud
kill $sender $receiver
allow_log 's0|vm-x'
finish
