#!/bin/sh
# Without this: a guest has no IPv6 address, makes up one of its own that the
# switch then drops, or does not get the address of one who is gone.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/dnsmasq-harness.sh"

lease6 () {
    in_guest guest ip link set eth0 down
    in_guest guest ip link set eth0 address "$1"
    in_guest guest sysctl -qw net.ipv6.conf.eth0.accept_dad=0
    in_guest guest ip link set eth0 up
    wait_until has_link_local || return 1
    in_guest guest "$BUILD/tools/dhcp6" lease eth0 "$2"
}
has_link_local () {
    in_guest guest ip -6 addr show dev eth0 scope link -tentative |
        grep -q fe80
}

no_lease () { ! grep -q " $1 " "$T/state/lab.leases"; }

lab
wait_until has_link_local
h nic lab web1 02:00:00:00:00:01 10.77.1.10 fd00:77:1::10 > "$T/out"
h update > "$T/out"
ok "dnsmasq serves" h await 5 applied
ok "a router is advertised" in_guest guest "$BUILD/tools/dhcp6" ra eth0
says "addresses come by DHCPv6" '^M=1 O=1 lifetime=1800$'
says "and are not made up" '^prefix=fd00:77:1::/64 L=1 A=0$'
says "with the network's MTU" '^mtu=1442$'
says "with a name server" '^rdnss=f'

ok "a guest gets a lease" lease6 02:00:00:00:00:01 1
says "its own" '^fd00:77:1::10$'
nok "who is not known gets none" lease6 02:00:00:00:00:99 9
says "since there is none" '^status 2$'

h unnic web1 > "$T/out"
h nic lab web2 02:00:00:00:00:02 10.77.1.11 fd00:77:1::10 > "$T/out"
h update > "$T/out"
ok "its address is another's" h await 3 applied
ok "the lease is given back" wait_until no_lease fd00:77:1::10
ok "who gets it, though the lease is not over" \
    lease6 02:00:00:00:00:02 2
says "that address" '^fd00:77:1::10$'
is "by the same dnsmasq" "$(pid_of lab)" "$first_pid"
end_harness
finish
