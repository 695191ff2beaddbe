#!/bin/sh
# Without this, ports would lack what others look for, those that nobody wants
# would stay, or each restart of the daemon would write to the database again.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../ovsdb-lib.sh"

iface () { vsctl get interface "$@" | tr -d '"'; }
bridge () { vsctl get bridge vmovs0 "$@" | tr -d '"'; }

start_ovs dummy
start_session
ask bridge vmovs0 userspace
await connected
# What devices a plan asks for depends on the bridge's datapath.
ok "the bridge is there before the plan" \
    wait_until vsctl br-exists vmovs0
ask want vm-a type=dummy vm=a nic=0 network=lab key=65 iface-id=id-a \
    mac=02:00:00:00:00:0a
ask want vmovs-lab type=internal network=lab key=64 mtu=1442
is "no port is made before the plan is complete" "$(vsctl list-ports vmovs0)" ""
ask update
await applied
await "bridge exists ours secure userspace"
await "port vm-a type=dummy ofport=yes * key=65 * marks a lab *id-a"
await "port vmovs-lab type=internal *mtu=1442 marks - lab*"
await "ports 2"
await "dpid 00000e77*"
is "only secure" "$(bridge fail_mode)" secure
is "the marks of the bridge" "$(bridge external_ids)" \
    "{vmovs-host=host1, vmovs-version=1.0}"
is "the port's external_ids" "$(iface vm-a external_ids)" \
    "{attached-mac=02:00:00:00:00:0a, iface-id=id-a, iface-status=active, \
vm-id=a, vmovs-key=65, vmovs-network=lab, vmovs-nic=0, vmovs-vm=a}"
is "the MTU" "$(iface vmovs-lab mtu_request)" 1442

# Only what differs is written, and other people's keys stay.
vsctl set interface vm-a external_ids:theirs=1 external_ids:vmovs-key=9
await "port vm-a*key=65*"
await applied
is "their key stays" "$(iface vm-a external_ids:theirs)" 1
row=$(iface vm-a _uuid)
ask want vm-a type=dummy vm=a nic=0 network=lab key=66 iface-id=id-b
ask update
await applied
is "changed in place" "$(iface vm-a _uuid)" "$row"
is "the new keys" "$(iface vm-a external_ids)" \
    "{iface-id=id-b, iface-status=active, theirs=1, vm-id=a, vmovs-key=66, \
vmovs-network=lab, vmovs-nic=0, vmovs-vm=a}"

# A new session finds all as it was, and removes what is wanted no longer.
end_session
rm "$T/in" "$T/answers"
before=$(transactions)
start_session
ask bridge vmovs0 userspace
ask want vm-a type=dummy vm=a nic=0 network=lab key=66 iface-id=id-b
ask want vmovs-lab type=internal network=lab key=64 mtu=1442
ask update
await applied
is "a restart writes nothing" "$(transactions)" "$before"
ask unwant vm-a
ask unwant vmovs-lab
ask update
await applied
is "unwanted ports go, in one transaction" "$(transactions)" $((before + 1))
is "none is left" "$(vsctl list-ports vmovs0)" ""
end_session
finish
