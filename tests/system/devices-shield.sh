#!/bin/sh
# Without this: on the userspace datapath a guest talks to the host's own
# stack, past every flow, by the device it is attached to.
. "$(dirname "$0")/../lib.sh"

start_ovs
mkfifo "$T/in" "$T/answers"
devices-harness < "$T/in" > "$T/answers" 2> "$T/harness.log" &
harness=$!
exec 3> "$T/in" 4< "$T/answers"
h () {
    echo "$*" >&3
    while read -r line <&4 && [ "$line" != . ]; do echo "$line"; done
}

mkdir -p /run/netns
mount -t tmpfs none /run/netns
for guest in a b plain; do ip netns add $guest; done
ip link add vp0 type veth peer name eth0 netns plain
ip link set vp0 up
vsctl add-br br0 -- set bridge br0 datapath_type=netdev
for n in 1 2; do
    guest=$(echo $n | tr 12 ab)
    h want veth vm-$guest 52:54:00:00:00:0$n userspace
done > "$T/out"
h update > "$T/out"
h await 3 applied > "$T/out"
for guest in a b; do
    h attach vm-$guest /run/netns/$guest eth0 > "$T/out"
    vsctl add-port br0 vm-$guest
done
n=0
for guest in a b plain; do
    n=$((n + 1))
    ip netns exec $guest ip link set eth0 up
    ip netns exec $guest ip addr add 192.0.2.1$n/24 dev eth0
    ip netns exec $guest ip addr add 2001:db8::1$n/64 dev eth0 nodad
done

# The host: an address on no device of theirs, and a way back by any.
ip addr add 192.0.2.1/32 dev lo
ip addr add 2001:db8::1/128 dev lo nodad
reaches () {
    ip netns exec "$1" ip neigh replace "$3" dev eth0 \
        lladdr "$(cat "/sys/class/net/$2/address")"
    ip netns exec "$1" ping -c 1 -W 1 "$3"
}
hears () {      # GUEST DEVICE: does the host's IP take in its ping?
    before=$(in_delivers "$2")
    ip netns exec "$1" ip neigh flush dev eth0
    reaches "$1" "$2" 2001:db8::1 > "$T/ping"
    [ "$(in_delivers "$2")" != "$before" ]
}
in_delivers () { awk '/Ip6InReceives/ { print $2 }' "/proc/net/dev_snmp6/$1"; }
arps () {
    ip netns exec "$1" ip neigh flush dev eth0
    ip netns exec "$1" ping -c 1 -W 1 192.0.2.1 > "$T/ping"
    ip netns exec "$1" ip neigh show 192.0.2.1 | grep -q lladdr
}
ok "control: the host answers ARP on a plain device" arps plain
ok "and takes in IPv6" hears plain vp0
ok "guests reach each other: Open vSwitch gets what the shield drops" \
    wait_until ip netns exec a ping -c 1 -W 1 192.0.2.12
for guest in a b; do
    nok "the host answers $guest no ARP" arps $guest
    nok "takes in no IPv6 of $guest's" hears $guest vm-$guest
done

# The shield alone, without the settings that stand behind it.
echo 0 > /proc/sys/net/ipv6/conf/vm-a/disable_ipv6
echo 0 > /proc/sys/net/ipv4/conf/vm-a/arp_ignore
echo 0 > /proc/sys/net/ipv4/conf/vm-a/rp_filter
nok "the shield alone stops ARP" arps a
nok "and IPv6" hears a vm-a
exec 3>&-
wait $harness
nft delete table netdev vmovs
ok "control: it was the shield" arps a
ok "for IPv6, too" hears a vm-a
finish
