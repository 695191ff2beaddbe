#!/bin/sh
# Without this: a vmovsd started by mistake beside the first one pulls every
# guest's port off the switch, and the two undo each other's work for ever.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
config '{"version": 1, "networks": {"lab": {"subnet": "10.77.1.0/24"}},
  "vms": {"a": {"nics": [{"network": "lab"}]}}}'
start_vmovsd --nic-type=dummy
vmovs sync || bail "sync"
dump_switch > "$T/good"
same () { dump_switch > "$T/now" && diff "$T/good" "$T/now"; }

# another ARGUMENT...: with another config
echo '{"version": 1, "networks": {}, "vms": {}}' > "$T/other.json"
mkdir "$T/run2" "$T/state2"
another () {
    vmovsd --config="$T/other.json" --ovs-run-dir="$T/ovs" --host=host1 \
        --group=root --nic-type=dummy --no-chdir -vconsole:off \
        --log-file="$T/other.log" "$@"
}
nok "a second one is refused its pid file" \
    another --run-dir="$T/run2" --state-dir="$T/state2" --pidfile --detach
nok "and the socket" another --run-dir="$T/run" --state-dir="$T/state2"
ok "the first still serves" vmovs sync

ok "with all files its own it starts" another --run-dir="$T/run2" \
    --state-dir="$T/state2" --pidfile="$T/run2/pid" --detach \
    --unixctl="$T/run2/ctl"
second () { vmovs --socket="$T/run2/vmovs.sock" "$@"; }
told () { second status | grep -q 'another vmovsd'; }
ok "and says who is in its way" wait_until told
nok "it has applied nothing" second sync --timeout=1
ok "the switch is as it was" same
ok "and the first one goes on" vmovs add-vm b --network=lab

pid=$(cat "$T/run2/pid")
kill "$(cat "$T/ovs/vmovsd.pid")"
ok "when the first has ended the second takes over" wait_until second sync
is "with its own config" "$(vsctl list-ports vmovs0)" ""
kill "$pid"
wait_until ended "$pid" || bail "kill"
start_vmovsd --nic-type=dummy
allow_log 'terminating with signal'
finish
