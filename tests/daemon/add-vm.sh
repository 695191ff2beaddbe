#!/bin/sh
# Without this: "vmovs add-vm" gives no port, no addresses, or says something
# else than what is there; del-vm leaves things behind.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
config '{"version": 1, "networks": {"default": {"subnet": "10.77.0.0/24",
        "subnet6": "fd00:77::/64"}}, "vms": {}}'
start_vmovsd --nic-type=dummy

ok "add-vm" vmovs add-vm web1
for word in web1 default 10.77.0. web1.default.vm.internal 52:54:00: vm-web1; do
    says "and it printed $word" "$word"
done
says "and what comes next" 'qemu-system.*vmovs attach web1 --print'
ok "the port is marked as the VM's" \
    test "$(vsctl get interface vm-web1 external_ids:vmovs-vm)" = web1
is "attached-mac is the NIC's" \
    "$(vsctl get interface vm-web1 external_ids:attached-mac | tr -d '"')" \
    "$(nic web1 mac)"
is "iface-id is the NIC's id" \
    "$(vsctl get interface vm-web1 external_ids:iface-id | tr -d '"')" \
    "$(nic web1 id)"
ok "its flows are there" sh -c "ovs-ofctl -O OpenFlow15 dump-flows vmovs0 |
    grep -q dl_src=$(nic web1 mac)"
ok "the address was written back" grep -q "$(nic web1 ip)" "$T/vmovs.json"

nok "add-vm of the same VM" vmovs add-vm web1
says "is told that it exists" '^vmovs: .*web1.*(exist|declared)'
ok "add-vm --may-exist" vmovs add-vm web1 --may-exist
ok "a second VM with a given address" vmovs add-vm db1 --ip=10.77.0.200
is "has it" "$(nic db1 ip)" 10.77.0.200
nok "a third with the same address" vmovs add-vm db2 --ip=10.77.0.200
says "is told who has it" 'db1'
nok "and was not added" vmovs show db2

ok "--dry-run" vmovs add-vm ghost --dry-run
nok "adds nothing" vmovs show ghost
ok "add-nic" vmovs add-nic web1
ok "its device is vm-web1.1" vsctl get interface vm-web1.1 ofport
ok "del-nic" vmovs del-nic web1 1
nok "its port is gone" vsctl get interface vm-web1.1 ofport

cp "$T/vmovs.json" "$T/before.json"
ok "del-vm" vmovs del-vm db1
nok "its port is gone as well" vsctl get interface vm-db1 ofport
nok "del-vm of what is not there" vmovs del-vm db1
ok "del-vm --if-exists" vmovs del-vm db1 --if-exists
ok "the same VM again" vmovs add-vm db1 --ip=10.77.0.200
finish
