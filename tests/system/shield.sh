#!/bin/sh
# Without this: a guest reaches the host's own stack past every flow, by the
# device it is attached to (VirtualBox and VMware hand frames to it).
. "$(dirname "$0")/../lib.sh"

start_ovs
config '{"version": 1, "datapath": "userspace",
  "networks": {"lab": {"subnet": "10.77.1.0/24"}}, "vms": {}}'
start_vmovsd
# An address of the host's that no network of ours has.
ip link add hostnet type veth peer name hostnet-far
ip addr add 192.0.2.1/24 dev hostnet
ip -6 addr add 2001:db8::1/64 dev hostnet nodad
ip link set hostnet up
ip link set hostnet-far up
for all in all default; do
    echo 0 > /proc/sys/net/ipv4/conf/$all/rp_filter
done
ok "a container's NIC" vmovs add-vm c --hypervisor=netns --network=lab
guest_ns c || bail "attach"
ok "an internal port, as VirtualBox uses it" \
    vmovs add-vm v --hypervisor=virtualbox --network=lab
bridged_guest v
bridged_pid=$!

for guest in c v; do
    in_guest $guest ip addr add 192.0.2.9/24 dev eth0
    in_guest $guest ip -6 addr add 2001:db8::9/64 dev eth0 nodad
    nok "$guest does not ping the host's other address" pings $guest 192.0.2.1
    nok "nor by IPv6" pings $guest 2001:db8::1
    mac=$(cat /sys/class/net/hostnet/address)
    device=$(nic $guest device)
    in_guest $guest ip neigh replace 192.0.2.1 dev eth0 \
        lladdr "$(cat "/sys/class/net/$device/address")"
    nok "nor by the device's own MAC" pings $guest 192.0.2.1
    in_guest $guest ip neigh replace 192.0.2.1 dev eth0 lladdr "$mac"
    nok "nor by the other device's MAC" pings $guest 192.0.2.1
    is "$guest's device has no address" \
        "$(ip -o addr show dev "$device")" ""
    ok "$guest reaches its gateway" wait_until pings $guest 10.77.1.1
done
kill $bridged_pid
finish
