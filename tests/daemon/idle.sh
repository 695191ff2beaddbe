#!/bin/sh
# Without this: vmovsd takes a whole CPU, or a laptop's battery, for nothing.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
config '{"version": 1, "networks": {"lab": {"subnet": "10.77.1.0/24"}},
  "vms": {"a": {"nics": [{"network": "lab"}]},
          "b": {"nics": [{"network": "lab"}]}}}'
start_vmovsd --nic-type=dummy
vmovs sync || bail "sync"
pid=$(cat "$T/ovs/vmovsd.pid")

# How often it wakes in 3 seconds; this very question is three of them or so.
polls () { appctl -t vmovsd coverage/read-counter "$1"; }
wakes () {
    before=$(sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' /proc/"$pid"/status)
    zero=$(polls poll_zero_timeout)
    timeout 3 tail -f /dev/null     # No file in $T: vmovsd would look.
    after=$(sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' /proc/"$pid"/status)
    echo "$((after - before)) slept, $(($(polls poll_zero_timeout) - zero)) not"
}
few () {
    wakes > "$T/wakes"
    read -r slept _ not _ < "$T/wakes"
    cat "$T/wakes"
    [ "$slept" -lt "$1" ] && [ "$not" -lt 20 ]
}

ok "it rests when all is done" few 30
ok "it reports its memory" \
    wait_until -t 15 grep -q 'memory.*peak resident' "$T/vmovsd.log"
ok "and rests again" few 30
ls /proc/"$pid"/fd > "$T/fds"

allow_log 'connect|somebody|receive error'
appctl -t ovs-vswitchd exit
wait_until nok_file "$T/ovs/ovs-vswitchd.pid" || bail "exit"
ok "it looks for a switch that is away a few times a second" few 75
kill "$(cat "$T/ovs/ovsdb-server.pid")"
wait_until nok_file "$T/ovs/ovsdb-server.pid" || bail "exit"
ok "and for a database" few 75
start_ovsdb
start_vswitchd
ok "they are found" wait_until vmovs sync
ok "it rests" few 30
same_fds () { [ "$(ls /proc/"$pid"/fd | wc -l)" = "$(wc -l < "$T/fds")" ]; }
ok "as many files are open as before" wait_until same_fds
finish
