#!/bin/sh
# Without this: a container gets a device that does not work, somebody else's
# name, or the host's; or none after its namespace has died.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/devices-harness.sh"

index () { cat "/sys/class/net/$1/ifindex"; }
h want veth vm-a 52:54:00:00:00:02 userspace > "$T/out"
h want veth vm-v 52:54:00:00:00:03 bridged > "$T/out"
h update > "$T/out"
for port in vm-a vm-v; do h port $port present; done > "$T/out"
h await 3 applied > "$T/out" || bail "devices"
mkdir -p /run/netns
mount -t tmpfs none /run/netns
ip netns add guest
ip -n guest link add eth0 type veth peer name eth0-far
h attach vm-a /run/netns/guest eth0 > "$T/answer"
ok "a name that is taken is refused" grep -q "has a device eth0 already" \
    "$T/answer"
h await 3 applied > "$T/out"
ip -n guest link del eth0
h attach vm-a /run/netns/guest ../x > "$T/answer"
ok "a name that is none is refused" grep -q "is no name" "$T/answer"
h attach vm-a /proc/self/ns/net eth1 > "$T/answer"
ok "the host's own namespace is refused" grep -q "host's own" "$T/answer"
h attach vm-v /run/netns/guest eth1 > "$T/answer"
ok "so is a bridged device" grep -q "not one for a network" "$T/answer"
is "it goes into a namespace" "$(h attach vm-a /run/netns/guest eth0)" attached
ok "up, with the guest's MAC" sh -c \
    'ip -n guest link show eth0 | tr "\n" " " | grep "UP.*52:54:00:00:00:02"'
ok "and no deaf ear" ip netns exec guest sh -c \
    'grep -qx 0 /proc/sys/net/ipv4/conf/eth0/arp_ignore'
is "it comes out again" "$(h detach vm-a)" detached
ok "made anew" h await 3 'device vm-a * peer=vp-a'
h attach vm-a /run/netns/guest eth0 > "$T/answer"
before=$(index vm-a)
ip netns del guest
remade () { h await 1 applied; [ "$(index vm-a)" != "$before" ]; }
ok "made anew when its namespace dies" wait_until remade


# Routes of the host's, which networks of ours must not overlap.
ip link add host0 type veth peer name host0-far
ip addr add 192.0.2.1/24 dev host0
ip link set host0 up
ok "a route of the host's is known" h await 3 'route 192.0.2.0/24 dev host0'
ip route add blackhole 198.51.100.0/24
ok "a blackhole, too" h await 3 'route 198.51.100.0/24*'
ip addr add 203.0.113.1/24 dev vm-v
h await 3 'route 198.51.100.0/24*' > "$T/out"
h show > "$T/answer"
nok "one by a device of ours is not" grep -q 'route 203' "$T/answer"
ip link set host0 down
lacks () { h await 1 applied && ! h show | grep -q "$1"; }
ok "a route that goes without news is gone" wait_until lacks 'route 192.0.2'
end_harness
finish
