#!/bin/sh
# Without this: guests of one network do not reach each other, or guests of
# different networks do.  Namespaces as guests, userspace datapath, TCP too:
# ping works where unfinished checksums break everything else.
. "$(dirname "$0")/../lib.sh"

start_ovs
config '{"version": 1, "datapath": "userspace", "networks": {
    "lab":   {"subnet": "10.77.1.0/24", "subnet6": "fd00:77:1::/64"},
    "other": {"subnet": "10.77.2.0/24", "subnet6": "fd00:77:2::/64"},
    "alone": {"subnet": "10.77.3.0/24", "subnet6": "fd00:77:3::/64",
              "isolate": true}}, "vms": {}}'
start_vmovsd
for vm in a:lab b:lab c:other x:alone y:alone; do
    vmovs add-vm "${vm%:*}" --hypervisor=netns --network="${vm#*:}" \
        > "$T/out" || bail "$(cat "$T/out")"
    guest_ns "${vm%:*}" || bail "${vm%:*}: no attach"
    tcp_server "${vm%:*}"
done

for pair in a:b b:a; do
    from=${pair%:*} to=${pair#*:}
    ok "$from pings $to" wait_until pings "$from" "$(nic "$to" ip)"
    ok "$from pings $to, IPv6" wait_until pings "$from" "$(nic "$to" ip6)"
    ok "$from and $to by TCP" tcp "$from" "$(nic "$to" ip)"
    ok "$from and $to by TCP, IPv6" tcp "$from" "$(nic "$to" ip6)"
done
ok "a pings its gateway" pings a 10.77.1.1
ok "x, on an isolate network, pings its gateway" pings x 10.77.3.1
ok "and by IPv6" wait_until pings x fd00:77:3::1
nok "but not its neighbour" pings x "$(nic y ip)"
nok "nor by IPv6" pings x "$(nic y ip6)"

# The other network, as if it were on the same wire.
in_guest c ip addr add 10.77.1.99/24 dev eth0
in_guest c ip addr add fd00:77:1::99/64 dev eth0 nodad
nok "c, on another network, does not reach a" pings c "$(nic a ip)"
nok "nor by IPv6" pings c "$(nic a ip6)"
in_guest c ip neigh replace "$(nic a ip)" lladdr "$(nic a mac)" dev eth0
nok "not even if it knows a's MAC" pings c "$(nic a ip)"
in_guest y ip neigh replace "$(nic x ip)" lladdr "$(nic x mac)" dev eth0
nok "nor does y reach x that way" pings y "$(nic x ip)"
ok "a stays reachable" pings b "$(nic a ip)"
finish
