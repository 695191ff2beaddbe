#!/bin/sh
# Without this: guests have no way to the world, or guests of a network without
# one do, or they reach each other's networks and the host's services.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/nat-lib.sh"

start_nat
world
net inner 1 nat
net other 2 nat
net shut 3 isolated
net office 4 routed
ip netns exec outside ip route add 10.77.4.0/24 via 198.51.100.1
ip netns exec outside ip route add fd00:77:4::/64 via 2001:db8:9::1
"$BUILD/tools/tcp" serve 7 3>&- 4<&-     # The host's own service.
"$BUILD/tools/tcp" serve 53 3>&- 4<&-
ok "control: before, a guest reaches the host's service" gets inner 10.77.1.1
h update > "$T/out"
ok "applied" h await 5 applied

for to in 198.51.100.2 2001:db8:9::2; do
    ok "a guest gets something from $to" wait_until gets inner $to
    ok "one of a routed network, too" wait_until gets office $to
    nok "one of an isolated network does not" tries shut $to
done
peer () {       # FROM ADDRESS: whom the world sees
    gets "$1" "$2" > "$T/tcp"
}
ip netns exec outside nft -f - <<NFT
table inet seen {
    set saw { type ipv4_addr; flags dynamic; }
    set saw6 { type ipv6_addr; flags dynamic; }
    chain input {
        type filter hook input priority 0;
        tcp dport 7 add @saw { ip saddr }
        tcp dport 7 add @saw6 { ip6 saddr }
    }
}
NFT
for from in inner other office; do
    peer $from 198.51.100.2
    peer $from 2001:db8:9::2
done
saw () { ip netns exec outside nft -j list set inet seen "$1" |
    jq -r '[.nftables[].set // empty | .elem[]] | sort | join(" ")'; }
is "the world sees the host for nat, the guest for routed" "$(saw saw)" \
    "10.77.4.9 198.51.100.1"
is "likewise by IPv6" "$(saw saw6)" "2001:db8:9::1 fd00:77:4::9"

ok "the world reaches a routed guest" gets outside 10.77.4.9
ip netns exec outside ip route add 10.77.0.0/16 via 198.51.100.1
ip netns exec outside ip route add fd00:77::/32 via 2001:db8:9::1
for n in 1 3; do
    nok "but none of network $n" tries outside 10.77.$n.9
    nok "nor by IPv6" tries outside fd00:77:$n::9
done

for to in 10.77.2.9 fd00:77:2::9 10.77.3.9 10.77.4.9 fd00:77:4::9; do
    nok "a guest does not reach $to, of another network" tries inner $to
done
nok "nor does a routed one" tries office 10.77.1.9

for to in 10.77.1.1 fd00:77:1::1 10.77.2.1 198.51.100.1 2001:db8:9::1; do
    nok "a guest does not reach the host's service at $to" tries inner $to
done
ok "but pings its gateway" reaches inner 10.77.1.1
ok "by IPv6" reaches inner fd00:77:1::1
nok "and no other address of the host" reaches inner 198.51.100.1
nok "nor another network's gateway" reaches inner fd00:77:2::1
dns () { tries "$1" "$2" 53; }
ok "it asks its own gateway by tcp/53" dns inner 10.77.1.1
nok "not another's" dns inner 10.77.2.1
nok "and the world does not ask it" dns outside 10.77.4.1
ok "the host reaches a guest" "$BUILD/tools/tcp" fetch 10.77.1.9 7
ok "of an isolated network, too, by IPv6" "$BUILD/tools/tcp" fetch fd00:77:3::9 7

ip netns exec inner ip addr add 10.77.2.77/32 dev eth0
nok "who takes another network's address is not heard" \
    ip netns exec inner ping -c 1 -W 1 -I 10.77.2.77 10.77.1.1
end_nat
is "no warning" "$(grep -E 'WARN|ERR|EMER' "$T/harness.log")" ""
finish
