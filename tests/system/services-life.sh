#!/bin/sh
# Without this: a restart or crash takes guests' addresses, a deleted guest's
# name stays, or many guests at once get nothing.
. "$(dirname "$0")/../lib.sh"
N=${GUESTS:-50}

with_services
start_ovs
world
config '{"version": 1, "datapath": "userspace", "networks": {
    "lab": {"subnet": "10.77.0.0/22"}}, "vms": {}}'
start_vmovsd
add () {
    vmovs add-vm "$1" --hypervisor=netns --network=lab > "$T/out" ||
        bail "$(cat "$T/out")"
}
for vm in a b; do
    add $vm
    guest_ns $vm > "$T/out" 2>&1 || bail "$vm: $(cat "$T/out")"
done
ok "sync" vmovs sync --timeout=10
pid () { cat "$T/run/dnsmasq/lab/pid"; }
renews () { dhcp "$1" -r "$(nic "$1" ip)"; }
first=$(pid)

restart_vmovsd
ok "after a restart of vmovsd" vmovs sync --timeout=10
is "dnsmasq is the same" "$(pid)" "$first"
ok "a lease is renewed" renews a
kill_vmovsd
ok "while vmovsd is dead, too" dhcp a -r 10.77.0.2
start_vmovsd
ok "after a crash" vmovs sync --timeout=10
is "dnsmasq is the same" "$(pid)" "$first"

kill -9 "$first"
another () { p=$(pid) && [ "$p" != "$first" ] && kill -0 "$p"; }
ok "a killed dnsmasq is there again" wait_until -t 2 another
ok "a lease is renewed" wait_until -t 1 renews a
second=$(pid)
ok "names are back" wait_until by_name a ping -c 1 -W 1 b.vm.internal

vmovs del-vm b > "$T/out" || bail "$(cat "$T/out")"
gone () { ! by_name a busybox nslookup -type=a b.vm.internal; }
ok "a deleted guest has no name" wait_until -t 2 gone
is "nor on the host" "$(host_knows b.vm.internal)" ""
add b
ok "added again it has" wait_until -t 2 \
    by_name a busybox nslookup -type=a b.vm.internal
is "dnsmasq was not restarted for it" "$(pid)" "$second"

nok "a subnet with guests in it is not changed" \
    vmovs set-net lab subnet=10.9.0.0/24
says "and why" 'vms.a.nics\[0\].ip: .* is outside'

nft flush ruleset
ours () { nft list table inet vmovs; }
ok "a flushed ruleset is back in 5 s" wait_until -t 5 ours
ok "and guests' way out" in_guest a "$BUILD/tools/tcp" get 198.51.100.2 80 hello

vmovs stop > "$T/out" || bail "$(cat "$T/out")"
nok "stopped: nothing passes" pings a 10.77.0.1
nok "no table" ours
ok "no dnsmasq" wait_until ended "$second"
restart_vmovsd
nok "after a restart neither" pings a 10.77.0.1
ok "start" vmovs start
ok "passes" wait_until pings a 10.77.0.1
ok "a lease" wait_until renews a

i=0
while [ $i -lt "$N" ]; do
    i=$((i + 1))
    vmovs add-vm "g$i" --hypervisor=netns --network=lab --no-wait > "$T/out" ||
        bail "$(cat "$T/out")"
done
ok "$N guests more" vmovs sync --timeout=60
for g in $(seq "$N"); do
    ip netns add "g$g"
    vmovs attach "g$g" --netns="/run/netns/g$g" > "$T/out" || bail attach
    in_guest "g$g" ip link set eth0 up
done
for g in $(seq "$N"); do
    dhcp "g$g" > /dev/null 2>&1 &
done
all () { [ "$(cat "$T"/g*.lease | grep -c bound)" -ge "$N" ]; }
ok "all have leases" wait_until -t 30 all
# Namespaces that end take their devices along, under Open vSwitch's hands.
allow_log 'dnsmasq has ended by itself|Network is down|No such device'
finish
