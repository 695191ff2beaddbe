#!/bin/sh
# Without this: guests are without DHCP and DNS while vmovsd or dnsmasq is
# restarted, or vmovsd ends somebody else's dnsmasq.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/dnsmasq-harness.sh"

allow_log 'dnsmasq has ended by itself'
not_first () { [ "$(pid_of lab)" != "$first_pid" ]; }
ends () { kill -9 "$1"; wait_until ended "$1"; }

lab
h nic lab web1 02:00:00:00:00:01 10.77.1.10 > "$T/out"
h nic lab old1 02:00:00:00:00:02 10.77.1.11 > "$T/out"
h update > "$T/out"
h await 3 applied > "$T/out"
ok "a guest gets a lease" dhcp 02:00:00:00:00:02

# vmovsd is restarted, and meanwhile a guest and a network go.
other=$(pid_of other)
end_harness
ok "dnsmasq goes on without vmovsd" dns_is web1.vm.internal 10.77.1.10
# A stranger, with a name as ours has.
echo "port=0" > "$T/run/dnsmasq.conf"
dnsmasq --keep-in-foreground --conf-file="$T/run/dnsmasq.conf" --port=0 \
    --pid-file= 2> "$T/stranger" &
stranger=$!
start_harness
h net lab vmovs-lab nat 1442 10.77.1.1/24 fd00:77:1::1/64 > "$T/out"
h nic lab web1 02:00:00:00:00:01 10.77.1.10 > "$T/out"
h update > "$T/out"
ok "vmovsd takes over" h await 3 applied
is "the dnsmasq that runs" "$(pid_of lab)" "$first_pid"
ok "what went meanwhile is gone" wait_until dns_is old1.vm.internal NXDOMAIN
ok "a network's dnsmasq too" wait_until ended "$other"
ok "with its files" wait_until nok_file "$T/run/dnsmasq/other"
nok "nobody else's" ended "$stranger"
kill "$stranger"

# dnsmasq dies.
ends "$first_pid"
start=$(date +%s%N)
ok "a dead dnsmasq is started again" h await 3 applied
ok "within a second" [ $((($(date +%s%N) - start) / 1000000)) -lt 1000 ]
ok "it is another" not_first
ok "and serves" dns_is web1.vm.internal 10.77.1.10

# Its device is made anew, as by a restart of ovs-vswitchd.
ip link del vmovs-lab
ip link set lab-guest nomaster
h await 0 never > "$T/out"
gateway lab vmovs-lab@10.77.1.1/24 vmovs-lab@fd00:77:1::1/64
ip link set lab-guest master vmovs-lab up
ok "another device is noticed" h await 3 applied
ok "guests get leases there" dhcp 02:00:00:00:00:01

# A change of the network.
h net lab vmovs-lab routed 1400 10.77.1.1/24 > "$T/out"
h update > "$T/out"
ok "a change of the network is applied" h await 3 applied
ok "a guest asks" dhcp 02:00:00:00:00:01
says "and hears of it" '^mtu=1400$'
h rebind example.com > "$T/out"
ok "so is a domain that may be private" h await 3 applied
ok "in the configuration" \
    grep -q '^rebind-domain-ok=/example.com/$' "$T/run/dnsmasq/lab/dnsmasq.conf"

last=$(pid_of lab)
h stop > "$T/out"
h await 2 applied > "$T/out"
ok "vmovs stop ends it" wait_until ended "$last"
end_harness
finish
