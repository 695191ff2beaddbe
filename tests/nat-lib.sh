# shellcheck shell=sh
# tests/nat-lib.sh: a host with guests and an outside world, for scenarios that
# drive struct nat alone; sourced after lib.sh.  There is no switch: a guest is
# a namespace on the far end of the gateway port's veth, as the kernel's stack
# sees one.
#
#   world                   the namespace "outside", 198.51.100.2 and
#                           2001:db8:9::2 by eth0, with a server on tcp/7; the
#                           host is ::1 and .1 there
#   net NAME N MODE         the network 10.77.N.0/24, fd00:77:N::/64 and guest
#                           NAME, .9 and ::9 there, whom the host is .1 and ::1
#   start_nat, end_nat      nat-harness; h COMMAND is its answer
#   gets FROM ADDRESS       64 KiB from tcp/7 of ADDRESS, there and back again
#   tries FROM ADDRESS [PORT]   the same for a second, where it is to fail
#   rules                   our table, without counters

server () { ip netns exec "$1" tcp serve 7 3>&- 4<&-; }
gets () { ip netns exec "$1" tcp fetch "$2" 7; }
tries () { ip netns exec "$1" timeout 1 tcp fetch "$2" "${3:-7}"; }
reaches () { ip netns exec "$1" ping -c 1 -W 1 "$2"; }
rules () { nft -s list table inet vmovs; }
sysctl_net () { cat "/proc/sys/net/$1"; }

world () {
    ip netns add outside
    ip link add uplink0 type veth peer name eth0 netns outside
    ip link set uplink0 up
    ip addr add 198.51.100.1/24 dev uplink0
    ip addr add 2001:db8:9::1/64 dev uplink0 nodad
    ip netns exec outside ip link set lo up
    ip netns exec outside ip link set eth0 up
    ip netns exec outside ip addr add 198.51.100.2/24 dev eth0
    ip netns exec outside ip addr add 2001:db8:9::2/64 dev eth0 nodad
    server outside
}

net () {
    ip netns add "$1"
    ip link add "vmovs-$1" type veth peer name eth0 netns "$1"
    ip link set "vmovs-$1" up
    ip addr add "10.77.$2.1/24" dev "vmovs-$1"
    ip addr add "fd00:77:$2::1/64" dev "vmovs-$1" nodad
    ip netns exec "$1" ip link set lo up
    ip netns exec "$1" ip link set eth0 up
    ip netns exec "$1" ip addr add "10.77.$2.9/24" dev eth0
    ip netns exec "$1" ip addr add "fd00:77:$2::9/64" dev eth0 nodad
    ip netns exec "$1" ip route add default via "10.77.$2.1"
    ip netns exec "$1" ip route add default via "fd00:77:$2::1"
    server "$1"
    h want "$1" "$3" "ip=10.77.$2.1/24" "ip6=fd00:77:$2::1/64" > "$T/out"
}

h () {
    echo "$*" >&3
    answer=
    while read -r line <&4 && [ "$line" != . ]; do
        echo "$line"
        [ "$line" != timeout ] || answer=timeout
    done
    [ -z "$answer" ]
}

start_nat () {
    rm -f "$T/in" "$T/answers"
    mkfifo "$T/in" "$T/answers"
    nat-harness "$T/state" < "$T/in" > "$T/answers" 2>> "$T/harness.log" &
    harness=$!
    exec 3> "$T/in" 4< "$T/answers"
}

end_nat () {
    exec 3>&-
    wait "$harness"
    is "the harness ends well" $? 0
}
