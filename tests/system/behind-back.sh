#!/bin/sh
# Without this: a port or device that somebody removes stays away, or a tap is
# somebody else's to open.
. "$(dirname "$0")/../lib.sh"

with_users alice bob
start_ovs
config '{"version": 1, "datapath": "userspace",
  "networks": {"lab": {"subnet": "10.77.1.0/24"}}, "vms": {}}'
start_vmovsd
vmovs add-vm t --owner=alice --network=lab > "$T/out" || bail "add-vm t"
for vm in a b; do
    vmovs add-vm $vm --hypervisor=netns --network=lab > "$T/out" || bail "add"
    guest_ns $vm || bail "attach"
done
ok "a pings b" wait_until pings a "$(nic b ip)"

ok "the tap is alice's" sh -c 'ip -d link show vm-t | grep -q "user alice"'
carrier () { [ "$(cat /sys/class/net/vm-t/carrier)" = 1 ]; }
as alice qemu-system-x86_64 -accel tcg -m 16 -display none -nodefaults \
    -monitor none -S -netdev tap,id=n,ifname=vm-t,script=no,downscript=no &
qemu=$!
ok "alice opens it" wait_until carrier
kill $qemu
nok "bob does not" as bob timeout 10 qemu-system-x86_64 -accel tcg -m 16 \
    -display none -nodefaults -monitor none -S \
    -netdev tap,id=n,ifname=vm-t,script=no,downscript=no
says "he is refused" 'not permitted'

there () { [ -d "/sys/class/net/$1" ] && vsctl get interface "$1" ofport; }
ip link del vm-t
ok "a deleted tap comes back" wait_until -t 5 there vm-t
vsctl --no-wait del-port vm-a
ok "a deleted port comes back" wait_until -t 5 there vm-a
ok "and a pings b again" wait_until pings a "$(nic b ip)"
ip link set vm-a down
ok "a device set down is up again" wait_until pings a "$(nic b ip)"
ip netns del b
ok "a NIC whose namespace has gone is made anew" wait_until -t 5 there vm-b
ok "and can be attached again" guest_ns b
ok "and reached" wait_until pings a "$(nic b ip)"
allow_log 'vm-'
ip link add vm-mine type veth peer name mine
ok "sync" vmovs sync
ok "somebody else's device is left alone" test -d /sys/class/net/vm-mine
finish
