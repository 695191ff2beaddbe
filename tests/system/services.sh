#!/bin/sh
# Without this: a guest has no address, no name or no way out, or the host does
# not find it.
. "$(dirname "$0")/../lib.sh"

with_services
start_ovs
world
config '{"version": 1, "datapath": "userspace", "networks": {
    "lab":    {"subnet": "10.77.1.0/24", "subnet6": "fd00:77:1::/64",
               "mtu": 1400},
    "routed": {"subnet": "10.77.2.0/24", "mode": "routed"},
    "cells":  {"subnet": "10.77.3.0/24", "mode": "isolated"}}, "vms": {}}'
start_vmovsd
for vm in a:lab b:lab r:routed c:cells; do
    vmovs add-vm "${vm%:*}" --hypervisor=netns --network="${vm#*:}" \
        > "$T/out" || bail "$(cat "$T/out")"
    ok "${vm%:*} gets a lease at once" guest_ns "${vm%:*}"
done
ok "all is in place" vmovs sync --timeout=10
is "nothing is a problem" "$(vmovs --json status | jq -c .problems)" "[]"
is "a's lease" "$(tail -n 1 "$T/a.lease" | cut -d' ' -f 1-6)" \
    "bound ip=$(nic a ip)/24 mtu=1400 router=10.77.1.1 dns=10.77.1.1 \
server=10.77.1.1"
is "isolated: no router" "$(grep -o 'router=[^ ]*' "$T/c.lease" | tail -n 1)" \
    "router="

# Names: guest to guest, host to guest.
for name in b.lab.vm.internal b.vm.internal b; do
    ok "a pings $name" wait_until -t 1 by_name a ping -c 1 -W 1 $name
done
ok "a name by TCP" by_name a busybox nslookup -type=a b.vm.internal 10.77.1.1
ok "IPv6, too" by_name a busybox nslookup -type=aaaa b.vm.internal
says "is b's" "$(nic b ip6)"
ok "backwards" by_name a busybox nslookup "$(nic b ip)"
says "is b" 'name = b.lab.vm.internal'
is "the host knows a" "$(host_knows a.vm.internal)" "$(nic a ip)"
is "and b by its whole name" "$(host_knows b.lab.vm.internal)" "$(nic b ip)"
ok "the host pings a by name" wait_until -t 2 env LD_LIBRARY_PATH="$BUILD" \
    ping -c 1 -W 1 a.vm.internal
in_guest a "$BUILD/tools/tcp" serve 22
ok "the host reaches a's port 22 (tcp.c stands in for ssh)" \
    wait_until -t 1 "$BUILD/tools/tcp" fetch "$(host_knows a.vm.internal)" 22

# The way out.
fetch () { in_guest "$1" "$BUILD/tools/tcp" get 198.51.100.2 80 "$2"; }
ok "a downloads through the NAT" fetch a hello
says "the world's text" '^from the world$'
is "a megabyte" "$(fetch b much | wc -c)" 1000000
ok "NAT for IPv6" in_guest a ip -6 route replace default via fe80::1 dev eth0
ok "reaches the world" wait_until -t 1 in_guest a ping -6 -c 1 -W 1 2001:db8::2
nok "isolated: no way out" fetch c hello
nok "routed: the world knows no way back" fetch r hello
ip netns exec world ip route add 10.77.2.0/24 via 198.51.100.1
ok "routed: with one it works" wait_until -t 1 fetch r hello
for pair in "a r" "r a" "a c" "c a"; do
    nok "networks apart: ${pair% *} does not reach ${pair#* }" \
        pings "${pair% *}" "$(nic "${pair#* }" ip)"
done
finish
