#!/bin/sh
# Without this: whoever is killed in the middle of a change leaves half of it on
# the switch.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
# many N: a config with N VMs
many () {
    seq 1 "$1" | jq -sc '{version: 1, networks: {lab: {subnet: "10.77.0.0/16"}},
        vms: (map({key: "v\(.)", value: {nics: [{network: "lab",
          mac: ("0e:00:00:00:\(. / 100 | floor | . + 10):" +
                "\(. % 100 | . + 100 | tostring | .[1:])"),
          ip: "10.77.\(. / 100 | floor | . + 1).\(. % 100 + 1)"}]}})
          | from_entries)}' > "$T/vmovs.new"
    mv "$T/vmovs.new" "$T/vmovs.json"
}
many 5
start_vmovsd --nic-type=dummy
vmovs sync || bail "sync"
flows () { ofctl dump-flows --no-stats --no-names vmovs0 | sort; }
flows > "$T/good"
allow_log 'connect|receive error|somebody|Unreasonably long|poll|memory'

# The switch reads nothing while it is stopped: the bundle stays open.
in_state () { [ "$(count state)" = "$1" ]; }
stopped_with_open_bundle () {
    switch=$(cat "$T/ovs/ovs-vswitchd.pid")
    kill -STOP "$switch"
    jq '.networks.lab.isolate = '"$1" "$T/vmovs.json" > "$T/vmovs.new"
    mv "$T/vmovs.new" "$T/vmovs.json"
    wait_until in_state ADDING || bail "no bundle: $(count state)"
}
stopped_with_open_bundle true
kill_vmovsd
kill -CONT "$switch"
flows > "$T/now"
ok "vmovsd is killed: the table is the old one" diff "$T/good" "$T/now"
start_vmovsd --nic-type=dummy
ok "the next one goes on" vmovs sync
flows > "$T/isolated"
nok "and the table is the new one" diff -q "$T/good" "$T/isolated"

stopped_with_open_bundle false
kill -9 "$switch"
wait_until ended "$switch" || bail "kill"
start_vswitchd
ok "the switch is killed: vmovsd goes on with the next" wait_until vmovs sync
flows > "$T/now"
ok "and has all flows there" diff "$T/good" "$T/now"

# At any moment of the way to 200 VMs and back.
for round in 1 2 3 4 5 6; do
    many $((round % 2 ? 200 : 5))
    wait_until -t 1 in_state "$(echo ADDING COMMIT_SENT DUMPING BACKOFF ADDING READY |
        cut -d' ' -f$round)" > "$T/out"
    kill_vmovsd
    start_vmovsd --nic-type=dummy
done
ok "killed at any time it comes to the end" wait_until -t 20 vmovs sync
flows > "$T/now"
ok "with nothing left over" diff "$T/good" "$T/now"
finish
