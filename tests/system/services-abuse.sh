#!/bin/sh
# Without this: a guest takes others' leases, gives them its own, takes a name
# that others trust, or gets at the host.
. "$(dirname "$0")/../lib.sh"

with_services
start_ovs
world
config '{"version": 1, "datapath": "userspace", "networks": {
    "lab":   {"subnet": "10.77.1.0/24", "subnet6": "fd00:77:1::/64"},
    "other": {"subnet": "10.77.2.0/24"}}, "vms": {}}'
start_vmovsd
for vm in mallory:lab victim:lab away:other; do
    vmovs add-vm "${vm%:*}" --hypervisor=netns --network="${vm#*:}" \
        > "$T/out" || bail "$(cat "$T/out")"
    guest_ns "${vm%:*}" > "$T/out" 2>&1 || bail "$(cat "$T/out")"
done
ok "sync" vmovs sync --timeout=10
leases () { sort "$T"/state/*.leases | cut -d' ' -f 2-; }

# A DHCP server of its own, which answers at once, and router advertisements.
in_guest mallory ip addr add 10.66.0.1/24 dev eth0
in_guest mallory dnsmasq --conf-file=/dev/null --no-daemon --port=0 \
    --interface=eth0 --dhcp-range=10.66.0.10,10.66.0.99 \
    --dhcp-range=fd66::,ra-only --enable-ra --no-ping --dhcp-authoritative \
    --dhcp-leasefile="$T/mallory.leases" --pid-file= --user=root \
    > "$T/mallory.log" 2>&1 &
rogue=$!
wait_until grep -q 'DHCP, IP range' "$T/mallory.log" || bail "no rogue"
for round in 1 2 3; do
    : > "$T/victim.lease"
    ok "the victim asks, $round" dhcp victim
    is "and hears the gateway" \
        "$(grep -o 'server=[^ ]*' "$T/victim.lease")" server=10.77.1.1
done
is "the rogue has not heard it" "$(grep -c DHCPDISCOVER "$T/mallory.log")" 0
is "nor a router of mallory's" \
    "$(in_guest victim ip -6 route | grep -c "$(in_guest mallory \
        ip -6 -br addr show eth0 | grep -o 'fe80[^/]*')")" 0
kill $rogue

# Starvation: other ids, another chaddr, another MAC.
before=$(leases)
for i in $(seq 20); do
    dhcp mallory -t 1 -x "0x3d:0100000000$(printf %02x "$i")" > "$T/out" 2>&1
done
in_guest mallory ip link set eth0 address 02:00:00:00:00:99
nok "another MAC gets nothing" dhcp mallory -t 2
in_guest mallory ip link set eth0 address "$(nic mallory mac)"
in_guest mallory ip link set eth0 up
is "as many leases as before" "$(leases | wc -l)" "$(echo "$before" | wc -l)"
vmovs add-vm late --hypervisor=netns --network=lab > "$T/out" || bail late
ok "who comes later gets one" guest_ns late

# Names.
for name in wpad isatap victim localhost; do
    dhcp mallory -x "hostname:$name" -F "$name.vm.internal" > "$T/out" 2>&1
done
for name in wpad wpad.lab.vm.internal isatap.vm.internal; do
    nok "$name is nobody" by_name victim busybox nslookup -type=a $name
done
ok "victim is still itself" by_name late busybox nslookup -type=a \
    victim.vm.internal
says "with its address" "$(nic victim ip)"
hostname=$(hostname)
nok "names of the host's own files" by_name victim busybox nslookup \
    -type=a "$hostname"

# The host.
for port in 22 6640; do "$BUILD/tools/tcp" serve $port; done
ip netns exec world "$BUILD/tools/tcp" serve 22
for where in 10.77.1.1 10.77.2.1 198.51.100.1; do
    for port in 22 6640; do
        nok "no port $port at $where" in_guest mallory "$BUILD/tools/tcp" fetch $where $port
    done
done
nok "no DNS of another network" in_guest mallory busybox nslookup -type=a \
    away.vm.internal 10.77.2.1
nok "no DNS from the world" ip netns exec world sh -c 'ip route add \
    10.77.1.0/24 via 198.51.100.1; busybox nslookup -type=a away 10.77.1.1'
ok "ping, yes" pings mallory 10.77.1.1
ok "tcp to the world, yes" in_guest mallory "$BUILD/tools/tcp" fetch 198.51.100.2 22
nok "no other network" pings mallory "$(nic away ip)"
finish
