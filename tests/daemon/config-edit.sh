#!/bin/sh
# Without this: an edit by hand goes unnoticed, a mistake in it cuts guests off
# or is not explained, or add-vm destroys what somebody wrote.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
config '{
  "version": 1,
  "vms": {
    "zoe": { "nics": [ { "network": "lab" } ] }
  },
  "networks": { "lab": { "subnet": "10.77.1.0/24" } }
}'
start_vmovsd --nic-type=dummy
ok "what the file says is applied" vmovs sync
ok "zoe has a port" vsctl get interface vm-zoe ofport

# An editor that replaces the file.
sed 's/"zoe"/"amy": {"nics": [{"network": "lab"}]}, "zoe"/' \
    "$T/vmovs.json" > "$T/new" && mv "$T/new" "$T/vmovs.json"
ok "a replaced file is noticed" wait_until vsctl get interface vm-amy ofport
# One that writes into it.
sed 's/"amy"/"bob": {"nics": [{"network": "lab"}]}, "amy"/' \
    "$T/vmovs.json" > "$T/new" && cat "$T/new" > "$T/vmovs.json"
ok "a rewritten file is noticed" wait_until vsctl get interface vm-bob ofport
ok "sync" vmovs sync

dump_switch > "$T/good"
sed 's/"networks"/"netwroks"/; s/"version": 1/"version": 7/' \
    "$T/vmovs.json" > "$T/bad" && cp "$T/bad" "$T/vmovs.json"
faults () { vmovs status | grep -q "vmovs.json:[0-9]*:[0-9]*: netwroks"; }
ok "status names a fault's place" wait_until faults
ok "and what may have been meant" sh -c 'vmovs status | grep -q networks'
ok "and the other fault" sh -c 'vmovs status | grep -q version'
nok "add-vm is refused meanwhile" vmovs add-vm eve
dump_switch > "$T/still"
ok "the last good state stays" diff "$T/good" "$T/still"
allow_log 'vmovs.json'
restart_vmovsd
faults_again () { vmovs status | grep -q netwroks; }
ok "a restart still names the fault" wait_until faults_again
dump_switch > "$T/still"
ok "and keeps the last good state" diff "$T/good" "$T/still"

sed 's/netwroks/networks/; s/"version": 7/"version": 1/' "$T/bad" > "$T/new"
mv "$T/new" "$T/vmovs.json"
ok "mended" wait_until vmovs add-vm eve --network=lab
is "the order of keys is kept" \
    "$(grep -o '"version"\|"vms"\|"networks"' "$T/vmovs.json" | tr -d '\n')" \
    '"version""vms""networks"'
finish
