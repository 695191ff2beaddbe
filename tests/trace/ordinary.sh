#!/bin/sh
# Ordinary traffic must cost one datapath flow for each pair of neighbours, not
# one for each connection: else a busy guest fills the datapath's cache.
. "$(dirname "$0")/../trace-lib.sh"

megaflow () {
    trace "$@" > /dev/null
    sed -n 's/^Megaflow: //p' "$T/trace"
}

web=dl_src=02:00:00:00:01:0a,dl_dst=02:00:00:00:01:0b
v4=nw_src=10.77.1.10,nw_dst=10.77.1.11
v6=ipv6_src=fd00:77:1::a,ipv6_dst=fd00:77:1::b

start_pipeline
expect "web1 -> db1 tcp/22 delivered" 2 "tcp,$web,$v4,tcp_dst=22" 3
expect "web1 -> db1 tcp/22 over IPv6 delivered" 2 "tcp6,$web,$v6,tcp_dst=22" 3
expect "db1's address from web1 dropped" 2 \
    "tcp,$web,nw_src=10.77.1.11,nw_dst=10.77.1.1,tcp_dst=22" -
expect "an unknown MAC gets nothing" 2 \
    "tcp,dl_src=02:00:00:00:01:0a,dl_dst=02:00:00:00:01:63,$v4" -

expect "nothing from a port that is nobody's" 10 "tcp,$web,$v4" -
for kind in "tcp,$web,$v4" "tcp6,$web,$v6"; do
    m=$(megaflow 2 "$kind,tcp_dst=22,tcp_src=1234,nw_ttl=64")
    nok "neither TCP port nor hop limit in: $m" \
        expr "$m" : '.*\(tp_\|tcp_\|nw_ttl\)'
done
# The guard against DHCP servers looks at the port, but not at all of it.
for kind in "udp,$web,$v4" "udp6,$web,$v6"; do
    m=$(megaflow 2 "$kind,udp_dst=5000,udp_src=1234,nw_ttl=64")
    ok "a prefix of the UDP port only in: $m" \
        expr "$m" : '.*nw_frag=no,tp_dst=0x1000/0xf000$'
done
m=$(megaflow 2 "tcp,$web,$v4,tcp_dst=22")
nok "the destination address is not in: $m" expr "$m" : '.*nw_dst'
finish
