#!/bin/sh
# Without this: a restart of Open vSwitch leaves guests cut off until somebody
# restarts vmovsd too.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
config '{"version": 1, "networks": {"lab": {"subnet": "10.77.1.0/24"}},
  "vms": {"a": {"nics": [{"network": "lab"}]},
          "b": {"nics": [{"network": "lab"}]}}}'
start_vmovsd --nic-type=dummy
vmovs sync || bail "sync"
dump_switch > "$T/good"
# ovs-vswitchd empties its tables before it ends.
allow_log 'somebody|connection (failed|dropped|closed|attempt)|receive error|connect'
same () { vmovs sync && dump_switch > "$T/now" && diff "$T/good" "$T/now"; }
connected () { vmovs status | grep -q READY; }

pid=$(cat "$T/ovs/ovs-vswitchd.pid")
kill -9 "$pid"
wait_until ended "$pid" || bail "kill"
start_vswitchd
ok "all is back after ovs-vswitchd was killed" wait_until same

dump_switch > "$T/good"
pid=$(cat "$T/ovs/ovsdb-server.pid")
kill -9 "$pid"
wait_until ended "$pid" || bail "kill"
start_ovsdb
ok "all is there after ovsdb-server was killed" wait_until same

appctl -t ovs-vswitchd exit
wait_until nok_file "$T/ovs/ovs-vswitchd.pid" || bail "exit"
nok "status is not READY without a switch" connected
start_vswitchd
ok "all is back after a planned restart" wait_until same

# vmovsd before Open vSwitch.
stop_vmovsd
appctl -t ovs-vswitchd exit
pid=$(cat "$T/ovs/ovsdb-server.pid")
kill "$pid"
wait_until ended "$pid" || bail "kill"
start_vmovsd --nic-type=dummy
start_ovsdb
start_vswitchd
ok "vmovsd may be started first" wait_until same
finish
