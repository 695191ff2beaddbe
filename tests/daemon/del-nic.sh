#!/bin/sh
# Without this: who takes a NIC off a VM takes the address, or the guest, of
# the NIC behind it too.
. "$(dirname "$0")/../lib.sh"

# What must stay of the NICs called "$@", of VM a.
kept () {
    vmovs --json show a | jq -c --args '[.nics[] | select(.name | IN($ARGS.positional[]))
        | {name, id, device, mac, ip, ofport, state}]' "$@"
}

start_ovs dummy
config '{"version": 1, "networks": {"lab": {}, "two": {}}, "vms": {}}'
start_vmovsd --nic-type=dummy
ok "a VM" vmovs add-vm a --network=lab
ok "and a NIC" vmovs add-nic a --network=two
ok "and one with a name" vmovs add-nic a --network=lab --nic=storage
ok "and one more" vmovs add-nic a --network=two
is "they have names" "$(vmovs --json show a | jq -c '[.nics[].name]')" \
   '["0","1","storage","3"]'

before=$(kept 0 storage 3)
ok "the second goes" vmovs del-nic a 1
is "the others are as they were" "$(kept 0 storage 3)" "$before"
before=$(kept storage 3)
ok "the first goes" vmovs del-nic a 0
is "the others are as they were" "$(kept storage 3)" "$before"
ok "all is in place" vmovs sync --timeout=10
restart_vmovsd
ok "all is in place after a restart" vmovs sync --timeout=10
is "and as it was" "$(kept storage 3)" "$before"
ok "a new one" vmovs add-nic a --network=lab
ok "and one whose position is another's name" vmovs add-nic a --network=lab
is "the others are as they were" "$(kept storage 3)" "$before"
is "no name is there twice" \
   "$(vmovs --json show a | jq -r '.nics[].name' | sort | uniq -d)" ""
is "and no device" \
   "$(vmovs --json show a | jq -r '.nics[].device' | sort | uniq -d)" ""
ok "the first goes, which has a name" vmovs del-nic a storage
ok "the next goes" vmovs del-nic a 3
ok "and the next" vmovs del-nic a 2
is "the device of the one left is on the bridge" \
   "$(vsctl list-ports vmovs0 | grep ^vm-)" "$(nic a device)"
finish
