# shellcheck shell=sh
# tests/abuse-lib.sh: words for guests that live through faults, and for one
# of them that means no good.  Real packets, userspace datapath.
#
#   start_lab NAME...       Open vSwitch and vmovsd, network lab and NAMEs on
#                           it, in namespaces; until the first two can ping
#   background NAME COMMAND...      runs COMMAND in the namespace NAME, "host"
#                           for none; $! is COMMAND itself, to be killed
#   frames_of FROM TO       the frames of frames.c as FROM sends them, TO being
#                           its neighbour
#   hostile_frames FROM TO  those of them that have to arrive nowhere
#   listening NAME...       who hears which of them, in $T/heard.NAME; "host"
#                           is the gateway's device
#   hears NAME FRAME        how often NAME has heard frames of that name
#   leaked                  names of all frames heard so far, but "sentinel"
#   streaming FROM TO SECONDS COMMAND...
#                           prints what became of 100 packets a second from
#                           FROM to TO while COMMAND ran
#   vswitchd_pid            process id of ovs-vswitchd
#   cpu_of PID              CPU time it has used, in hundredths of a second

. "$(dirname "$0")/../lib.sh"
. "$TOP/tests/demo/hostile.sh"

start_lab () {
    start_ovs
    config '{"version": 1, "datapath": "userspace", "networks": {"lab":
        {"subnet": "10.77.1.0/24", "subnet6": "fd00:77:1::/64"}}, "vms": {}}'
    start_vmovsd
    for vm; do
        vmovs add-vm "$vm" --hypervisor=netns --network=lab > "$T/out" ||
            bail "$(cat "$T/out")"
        guest_ns "$vm" || bail "$vm: no attach"
    done
    [ $# -lt 2 ] || wait_until pings "$1" "$(nic "$2" ip)" || bail "no ping"
    [ $# -lt 2 ] || wait_until pings "$1" "$(nic "$2" ip6)" || bail "no ping"
}

background () {
    where=$1
    shift
    [ "$where" = host ] || set -- ip netns exec "$where" "$@"
    # A shell takes the input away from what it runs in the background.
    { "$@" <&3 3<&- & } 3<&0
}

gateway_identity () {
    echo "$(cat /sys/class/net/vmovs-lab/address),10.77.1.1,$(
        vmovs --json show lab | jq -r .gateway6)"
}

frames_of () {
    "$BUILD/trace/frames" "$(gateway_identity)" "$(identity "$1")" \
        "$(identity "$2")" || bail "frames"
}

hostile_frames () { frames_of "$1" "$2" | awk '$3 == "-"'; }

listening () {
    for name; do
        device=eth0
        [ "$name" != host ] || device=vmovs-lab
        background "$name" wire listen $device > "$T/heard.$name" 2>&1
        wait_until grep -q listening "$T/heard.$name" || bail "listen"
    done
}

hears () { grep -c "^$2" "$T/heard.$1"; }

leaked () {
    cat "$T"/heard.* | grep -Ev '^(listening|sentinel|last)$' | sort |
        uniq -c | tr '\n' ' '
}

streaming () {
    from=$1 to=$2 n=$(($3 * 100)) limit=$(($3 + 10))
    to_ip=$(nic "$to" ip)
    shift 3
    in_guest "$to" pace receive 9000 $n $limit > "$T/received" &
    receiver=$!
    wait_until grep -q ready "$T/received"
    in_guest "$from" pace send "$to_ip" 9000 $n 100 &
    stream=$!
    "$@" > "$T/meanwhile" 2>&1 || echo "failed: $*"
    wait $stream $receiver
    grep received "$T/received"
}

vswitchd_pid () { cat "$T/ovs/ovs-vswitchd.pid"; }

cpu_of () { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
