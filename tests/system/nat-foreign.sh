#!/bin/sh
# Without this: Docker, ufw or firewalld drops all that guests send, and nobody
# says why they have no network.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/nat-lib.sh"

start_nat
world
net inner 1 nat
h update > "$T/out"
ok "nothing is in the way" h await 5 "no problem"
ok "a guest has a way out" wait_until gets inner 198.51.100.2

# As iptables-nft leaves Docker's.
nft -f - <<NFT
table ip filter {
    chain DOCKER-USER { counter return; }
    chain DOCKER-FORWARD { iifname "docker0" accept; }
    chain FORWARD {
        type filter hook forward priority filter; policy drop;
        counter jump DOCKER-USER
        counter jump DOCKER-FORWARD
        oifname "docker0" ct state established,related accept
    }
}
NFT
nok "Docker's FORWARD stops it" tries inner 198.51.100.2
ok "and is named, with what to allow" h await 5 \
    "problem nat: somebody's chain ip filter FORWARD drops what guests send *; iptables -I DOCKER-USER -i vmovs-+ -j ACCEPT*"
nft insert rule ip filter DOCKER-USER iifname '"vmovs-*"' accept
ok "half of it allowed, the other half is named" h await 8 \
    "problem nat: *FORWARD drops what guests get from*"
nft insert rule ip filter DOCKER-USER oifname '"vmovs-*"' accept
ok "allowed, it is no problem" h await 8 "no problem"
ok "nor for the guest" wait_until gets inner 198.51.100.2
nft delete table ip filter

nft -f - <<NFT
table inet firewalld {
    chain allowed { iifname "trusted0" accept; }
    chain filter_FORWARD {
        type filter hook forward priority filter + 10; policy accept;
        ct state { established, related } accept
        ct state invalid drop
        jump allowed
        reject with icmpx admin-prohibited
    }
}
NFT
ok "firewalld's is named" h await 8 "problem nat: *; firewall-cmd *vmovs-inner*"
nft add rule inet firewalld allowed iifname "vmovs-inner" accept
ok "with the zone's rule for us it is none" h await 8 "no problem"
ok "answers are established connections" wait_until gets inner 198.51.100.2
nft delete table inet firewalld
end_nat
finish
