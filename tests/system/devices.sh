#!/bin/sh
# Without this: a tap is anybody's to open, a device that was deleted stays
# away, or somebody else's device is taken for ours.
. "$(dirname "$0")/../lib.sh"

with_users alice bob
mkfifo "$T/in" "$T/answers"
devices-harness < "$T/in" > "$T/answers" 2> "$T/harness.log" &
harness=$!
exec 3> "$T/in" 4< "$T/answers"

# h COMMAND: its answer; fails if that says "timeout".
h () {
    echo "$*" >&3
    answer=
    while read -r line <&4 && [ "$line" != . ]; do
        echo "$line"
        [ "$line" != timeout ] || answer=timeout
    done
    [ -z "$answer" ]
}

# As Debian has it.
mknod -m 666 "$T/tun" c 10 200
mount --bind "$T/tun" /dev/net/tun
open_tap () {
    as "$1" perl -e 'open(my $tun, "+<", "/dev/net/tun") or die;
        ioctl($tun, 0x400454ca, pack("a16sx22", $ARGV[0], 0x1002)) or die $!;
        ioctl($tun, 0x400454cb, 0) if $ARGV[1]' "$2" "${3:-}" 2> "$T/out.$1"
}

index () { cat "/sys/class/net/$1/ifindex"; }
has () { ip -d link show "$1" | grep -q -- "$2"; }

ip link add vm-mine type veth peer name mine
ip link add vm-old type veth peer name vp-old
ip link set vm-old alias "vmovs: old"
ip link add host0 type veth peer name host0-far
h want tap vm-t 52:54:00:00:00:01 owner=alice mtu=1442 > "$T/out"
h want veth vm-a 52:54:00:00:00:02 userspace > "$T/out"
h want veth vm-v fe:54:00:00:00:03 bridged > "$T/out"
h want gateway vmovs-lab 0e:76:00:00:00:01 ip=10.77.1.1/24 \
    ip6=fd00:77:1::1/64 > "$T/out"
h await 1 'facts 1' > "$T/out"
ok "nothing is deleted before it is known what is wanted" has vm-old vmovs:
h update > "$T/out"
ok "all is made" h await 3 'device vm-v *'
nok "a device of the past is gone" ip link show vm-old
ok "somebody else's is not" ip link show vm-mine
ok "the tap is down while it is no port" has vm-t 'state DOWN'
nok "bob does not open alice's tap" open_tap bob vm-t
ok "he is refused" grep -q 'not permitted' "$T/out.bob"
ok "alice does" open_tap alice vm-t
ok "the tap has its MAC" has vm-t 'ether fe:54:00:00:00:01'
ok "and its MTU" has vm-t 'mtu 1442'
ok "a bridged far end has neither the guest's MAC nor the near end's" \
    has vp-v 'ether fa:54:00:00:00:03'
ok "its near end has another first byte" has vm-v 'ether f6:54:00:00:00:03'

# Ports come; the gateway's device is as ovs-vswitchd would make it.
ip tuntap add mode tap vmovs-lab
for port in vm-t vm-a vm-v vmovs-lab; do h port $port present; done > "$T/out"
ok "all is applied" h await 3 applied
ok "the gateway has its address" has vmovs-lab 'ether 0e:76:00:00:00:01'
is "its addresses" "$(ip -o addr show vmovs-lab | awk '{ print $4 }' | xargs)" \
    "10.77.1.1/24 fd00:77:1::1/64 fe80::1/64"
ip addr add 10.9.9.9/32 dev vmovs-lab
h want gateway vmovs-lab 0e:76:00:00:00:01 ip=10.78.1.1/24 > "$T/out"
h update > "$T/out"
ok "another subnet is applied" h await 3 applied
is "our addresses are replaced, somebody else's stays" \
    "$(ip -o -4 addr show vmovs-lab | awk '{ print $4 }' | sort | xargs)" \
    "10.78.1.1/24 10.9.9.9/32"

# Behind our back.
ok "alice ends the tap's persistence" open_tap alice vm-t end
ok "it comes back" h await 3 'recreated vm-t'
nok "and is still not bob's" open_tap bob vm-t
ip link del vm-a
ok "a veth comes back" h await 3 'recreated vm-a'
ip link set vm-v mtu 1400 down
ok "what somebody changes is set right" h await 3 'device vm-v * mtu=1500 up *'
nft flush ruleset
h await 1 applied > "$T/out"
shielded () { h await 1 applied; nft list ruleset | grep -q "device \"$1\""; }
ok "a flushed shield is back" wait_until shielded vp-v
h port vm-t absent > "$T/out"
ok "a device is down without its port" h await 3 'device vm-t * down *'
h port vm-t present > "$T/out"
ok "and up again with it" h await 3 applied

# Namespaces.
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
    '[ "$(cat /proc/sys/net/ipv4/conf/eth0/arp_ignore)" = 0 ]'
is "it comes out again" "$(h detach vm-a)" detached
ok "made anew" h await 3 'device vm-a * peer=vp-a'
h attach vm-a /run/netns/guest eth0 > "$T/answer"
before=$(index vm-a)
ip netns del guest
remade () { h await 1 applied; [ "$(index vm-a)" != "$before" ]; }
ok "made anew when its namespace dies" wait_until remade

# Routes.
ip addr add 192.0.2.1/24 dev host0
ip link set host0 up
ok "a route of the host's is known" h await 3 'route 192.0.2.0/24 dev host0'
ip route add blackhole 198.51.100.0/24
ok "a blackhole, too" h await 3 'route 198.51.100.0/24*'
h show > "$T/answer"
nok "ours are not" grep -q 'route 10.78' "$T/answer"
ip link set host0 down
lacks () { h await 1 applied && ! h show | grep -q "$1"; }
ok "a route that goes without news is gone" wait_until lacks 'route 192.0.2'
h unwant vm-t > "$T/out"
h update > "$T/out"
h await 1 pending > "$T/out"
ok "what nobody wants stays while it is a port" ip link show vm-t
h port vm-t absent > "$T/out"
h await 3 applied > "$T/out"
nok "what nobody wants is gone" ip link show vm-t
exec 3>&-
wait $harness
ok "the harness ended well" test $? = 0
is "no warning" "$(grep -E 'WARN|ERR|EMER' "$T/harness.log")" ""
finish
