#!/bin/sh
. $(dirname "$0")/../lib.sh
start_ovs dummy
config '{"version": 1, "networks": {"default": {"subnet": "10.77.0.0/24",
        "subnet6": "fd00:77::/64"}}, "vms": {}}'
start_vmovsd --nic-type=dummy
time vmovs add-vm web1
time vmovs show web1
time vmovs --json show web1
time vmovs status
vmovs list; vmovs list ports; vmovs list nets
appctl -t vmovsd coverage/show | head -60
ip -d addr
cat $T/vmovs.json
ovs-ofctl -O OpenFlow15 dump-flows vmovs0 --no-stats | head -80
