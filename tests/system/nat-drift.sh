#!/bin/sh
# Without this: somebody's "nft flush ruleset" opens the guests to each other
# and shuts them off from the world for good, or the host's own settings are
# not what they were once vmovs is stopped.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/nat-lib.sh"

foreign='table ip theirs { chain c { tcp dport 22 accept; }; }'
echo 1 > /proc/sys/net/ipv6/conf/lo/forwarding
start_nat
world
echo "$foreign" | nft -f -
nft list table ip theirs > "$T/theirs"
before=$(sysctl_net ipv4/ip_forward)$(sysctl_net ipv6/conf/all/forwarding)
net inner 1 isolated
h update > "$T/out"
ok "applied" h await 5 applied
is "no forwarding for an isolated network" "$(sysctl_net ipv4/ip_forward)" 0
h want inner nat ip=10.77.1.1/24 ip6=fd00:77:1::1/64 > "$T/out"
h update > "$T/out"
ok "of mode nat now" h await 5 applied
is "forwarding" "$(sysctl_net ipv4/ip_forward)" 1
is "IPv6, too" "$(sysctl_net ipv6/conf/all/forwarding)" 1
is "the uplink still hears routers" \
    "$(sysctl_net ipv6/conf/uplink0/accept_ra)" 2
ok "a guest has a way out" wait_until gets inner 198.51.100.2

rules > "$T/rules"
same () { rules | tr -d ' \t,' | sort > "$T/now" &&
    tr -d ' \t,' < "$T/rules" | sort | diff - "$T/now"; }
ok "their table is as it was" sh -c "nft list table ip theirs | diff $T/theirs -"
nft flush ruleset
echo "$foreign" | nft -f -
ok "a flushed ruleset is back in 5 s" wait_until -t 5 same
ok "and does its work" wait_until gets inner 198.51.100.2
nft insert rule inet vmovs forward accept
ok "a rule of somebody's in our table goes" wait_until -t 5 same
nft delete table inet vmovs
ok "a deleted table is back" wait_until -t 5 same
echo 0 > /proc/sys/net/ipv4/ip_forward
is_on () { [ "$(sysctl_net ipv4/ip_forward)" = 1 ]; }
ok "forwarding that somebody switched off is on again" wait_until -t 5 is_on

kill -9 $harness
exec 3>&- 4<&-
start_nat
h want inner nat ip=10.77.1.1/24 ip6=fd00:77:1::1/64 > "$T/out"
h update > "$T/out"
ok "after a crash, all is applied" h await 5 applied
ok "as it was" same
h stop > "$T/out"
nok "stopped, there is no table of ours" nft list table inet vmovs
is "forwarding is as it was" \
    "$(sysctl_net ipv4/ip_forward)$(sysctl_net ipv6/conf/all/forwarding)" \
    "$before"
is "and the uplink's accept_ra" "$(sysctl_net ipv6/conf/uplink0/accept_ra)" 1
ok "their table is as it was" sh -c "nft list table ip theirs | diff $T/theirs -"
end_nat
finish
