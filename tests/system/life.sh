#!/bin/sh
# Without this: a crash, a restart or a bad config of vmovsd is felt by running
# guests.
. "$(dirname "$0")/../lib.sh"

start_ovs
config '{"version": 1, "datapath": "userspace",
  "networks": {"lab": {"subnet": "10.77.1.0/24"}}, "vms": {}}'
start_vmovsd
for vm in a b; do
    vmovs add-vm $vm --hypervisor=netns --network=lab > "$T/out" || bail "add"
    guest_ns $vm || bail "attach"
done
wait_until pings a "$(nic b ip)" || bail "no ping"
b_ip=$(nic b ip)

# A stream of 100 packets a second from a to b while "$@" happens.
while_streaming () {
    seconds=$1
    shift
    in_guest b pace receive 9000 $((seconds * 100)) $((seconds + 5)) \
        > "$T/received" &
    receiver=$!
    wait_until grep -q ready "$T/received"
    in_guest a pace send "$b_ip" 9000 $((seconds * 100)) 100 &
    sender=$!
    "$@"
    wait $sender $receiver
    grep received "$T/received"
}

kill_and_start () {
    # shellcheck disable=SC2034
    for round in 1 2 3 4 5; do
        kill_vmovsd
        start_vmovsd
        vmovs sync --timeout=10
    done
}
is "five times kill -9 of vmovsd under 100 packets/s" \
    "$(while_streaming 10 kill_and_start)" \
    "received 1000 lost 0 longest 0"
is "and no flow was edited" "$(count flow_edits)" 0

broken_config () {
    cp "$T/vmovs.json" "$T/right.json"
    echo '{"version": 1, "networks": {' > "$T/vmovs.json"
    restart_vmovsd
}
is "a broken config and a restart" \
    "$(while_streaming 5 broken_config)" "received 500 lost 0 longest 0"
appctl -t ovs-vswitchd exit
wait_until nok_file "$T/ovs/ovs-vswitchd.pid" || bail "exit"
restart_vmovsd
start_vswitchd
ok "the ping goes on after both have restarted with a broken config" \
    wait_until pings a "$b_ip"
cp "$T/right.json" "$T/vmovs.json"
ok "mended" wait_until vmovs sync

pid=$(cat "$T/ovs/ovsdb-server.pid")
restart_ovsdb () {
    kill -9 "$pid"
    wait_until ended "$pid"
    start_ovsdb
    wait_until vmovs sync
}
is "a crash of ovsdb-server" "$(while_streaming 5 restart_ovsdb)" \
    "received 500 lost 0 longest 0"
allow_log 'vmovs.json|connect|receive error|somebody'
finish
