#!/bin/sh
# Without this: a tap is anybody's to open, a guest's device is not as its
# guest needs it, or somebody else's device is taken for ours.
. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/devices-harness.sh"

with_users alice bob
ip link add vm-mine type veth peer name mine
ip link add vm-old type veth peer name vp-old
ip link set vm-old alias "vmovs: old"
h want tap vm-t 52:54:00:00:00:01 owner=alice mtu=1442 > "$T/out"
h want veth vm-a 52:54:00:00:00:02 userspace > "$T/out"
h want veth vm-v fe:54:00:00:00:03 bridged > "$T/out"
h want gateway vmovs-lab 0e:76:00:00:00:01 ip=10.77.1.1/24 \
    ip6=fd00:77:1::1/64 > "$T/out"
h await 1 'facts 1' > "$T/out"
ok "nothing is deleted before it is known what is wanted" is_like vm-old vmovs:
h update > "$T/out"
ok "all is made" h await 3 'device vm-v *'
nok "a device of the past is gone" ip link show vm-old
ok "somebody else's is not" ip link show vm-mine
ok "the tap is down while it is no port" is_like vm-t 'state DOWN'
nok "bob does not open alice's tap" open_tap bob vm-t
ok "he is refused" grep -q 'not permitted' "$T/out.bob"
ok "alice does" open_tap alice vm-t
ok "the tap has its MAC" is_like vm-t 'ether fe:54:00:00:00:01'
ok "and its MTU" is_like vm-t 'mtu 1442'
ok "a bridged far end has neither the guest's MAC nor the near end's" \
    is_like vp-v 'ether fa:54:00:00:00:03'
ok "its near end has another first byte" is_like vm-v 'ether f6:54:00:00:00:03'

# Ports come; the gateway's device is as ovs-vswitchd would make it.
ip tuntap add mode tap vmovs-lab
for port in vm-t vm-a vm-v vmovs-lab; do h port $port present; done > "$T/out"
ok "all is applied" h await 3 applied
ok "the gateway has its address" is_like vmovs-lab 'ether 0e:76:00:00:00:01'
is "its addresses" "$(ip -o addr show vmovs-lab | awk '{ print $4 }' | xargs)" \
    "10.77.1.1/24 fd00:77:1::1/64 fe80::1/64"
ip addr add 10.9.9.9/32 dev vmovs-lab
h want gateway vmovs-lab 0e:76:00:00:00:01 ip=10.78.1.1/24 > "$T/out"
h update > "$T/out"
ok "another subnet is applied" h await 3 applied
is "our addresses are replaced, somebody else's stays" \
    "$(ip -o -4 addr show vmovs-lab | awk '{ print $4 }' | sort | xargs)" \
    "10.78.1.1/24 10.9.9.9/32"

h unwant vm-t > "$T/out"
h update > "$T/out"
h await 1 pending > "$T/out"
ok "what nobody wants stays while it is a port" ip link show vm-t
h port vm-t absent > "$T/out"
h await 3 applied > "$T/out"
nok "what nobody wants is gone" ip link show vm-t
end_harness
finish
