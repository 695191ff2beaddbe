#!/bin/sh
# Without this: a guest of libvirt (or whoever adds its own port) is not
# recognised, or its flows stay behind when it goes.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
config '{"version": 1, "networks": {"lab": {"subnet": "10.77.1.0/24"}},
  "vms": {"v": {"hypervisor": "libvirt", "nics": [{"network": "lab"}]},
          "w": {"hypervisor": "libvirt", "nics": [{"network": "lab"}]}}}'
start_vmovsd --nic-type=dummy
vmovs sync || bail "sync"
nok "no port is made for a foreign NIC" vsctl get interface vm-v ofport

has_flows () {
    n=$(vsctl get interface "$1" ofport)
    ofctl dump-flows --no-names vmovs0 | grep -qE "in_port=${n}[, ]"
}
dump_switch > "$T/before.add"
vsctl add-port vmovs0 vnet0 -- set interface vnet0 type=dummy \
    external_ids:iface-id="$(nic v id)"
ok "a port is bound by iface-id" wait_until has_flows vnet0
ok "list says so" sh -c 'vmovs list ports | grep vnet0 | grep -q iface-id'
vsctl add-port vmovs0 vnet1 -- set interface vnet1 type=dummy \
    external_ids:iface-id=w
ok "or by the VM's name" wait_until has_flows vnet1
ok "sync" vmovs sync
stop_vmovsd
start_vmovsd --nic-type=dummy
ok "and again after a restart" vmovs sync
is "that sends no flow edit" "$(count flow_edits)" 0

vsctl del-port vnet0
no_flows () { ! ofctl dump-flows vmovs0 | grep -q "$(nic v mac)"; }
ok "its flows go with it" wait_until no_flows
vsctl del-port vnet1
same () { vmovs sync && dump_switch > "$T/now" &&
          diff "$T/before.add" "$T/now"; }
ok "nothing is left" wait_until same

vsctl add-port vmovs0 vnet2 -- set interface vnet2 type=dummy \
    external_ids:attached-mac="\"$(nic v mac)\""
ok "a port is bound by attached-mac" wait_until has_flows vnet2
finish
