#!/bin/sh
# Without this, somebody's set-controller, a changed fail_mode or a deleted
# bridge would leave guests without their network, or without its walls.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../ovsdb-lib.sh"

bridge () { vsctl get bridge vmovs0 "$@" | tr -d '"'; }

start_ovs dummy
vsctl add-br vmovs0 -- set bridge vmovs0 datapath_type=netdev -- add-port vmovs0 theirs \
    -- set interface theirs type=dummy
start_session
ask bridge vmovs0 userspace
ask want vm-a type=dummy vm=a network=lab
ask update
await "problem bridge vmovs0: a bridge of this name exists and is not ours*"
await "bridge exists userspace"
await "ports 0"
await pending
is "a foreign bridge is left alone" "$(bridge external_ids)" "{}"

vsctl --no-wait del-br vmovs0
await "port vm-a type=dummy ofport=yes*"
await applied

vsctl --no-wait set-controller vmovs0 tcp:127.0.0.1:1
await "bridge exists ours secure userspace"
is "a controller is removed" "$(bridge controller)" "[]"
vsctl --no-wait set-fail-mode vmovs0 standalone
await "bridge exists ours secure userspace"
is "fail_mode is restored" "$(bridge fail_mode)" secure
vsctl --no-wait set bridge vmovs0 protocols=OpenFlow10 \
    other_config:disable-in-band=false
await applied
is "OpenFlow 1.5 is allowed" "$(bridge protocols)" "[OpenFlow10, OpenFlow15]"
is "in-band stays off" "$(bridge other_config:disable-in-band)" true

vsctl --no-wait del-br vmovs0
await "port vm-a type=dummy ofport=yes*"
await "bridge exists ours secure userspace"
await applied

end_session
allow_log 'is not as it must be'
allow_log 'somebody set the controller'
allow_log 'ovs_rcu|connection (failed|dropped)|could not open network device'
finish
