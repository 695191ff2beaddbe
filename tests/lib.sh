# shellcheck shell=sh
# tests/lib.sh: the vocabulary of the daemon and system tests.  Sourced, first
# line of every scenario:
#
#     . "$(dirname "$0")/../lib.sh"
#
# The scenario then runs as root in namespaces of its own (network, mounts,
# process ids), with a directory of its own, $T; whatever it starts ends with
# it.  Output is TAP, for prove.  A scenario ends with "finish".
#
# Every word says what it gives:
#   start_ovs [dummy]       a private ovsdb-server and ovs-vswitchd
#   start_vmovsd [OPTION]   vmovsd on $T/vmovs.json, until it serves its API
#   stop_vmovsd, kill_vmovsd, restart_vmovsd
#   config JSON             writes $T/vmovs.json
#   vmovs, vsctl, ofctl, appctl     the programs, talking to the private ones
#   ok WHAT COMMAND...      a test that passes if COMMAND succeeds
#   nok WHAT COMMAND...     a test that passes if COMMAND fails
#   says WHAT REGEX         a test that passes if what the last "ok" or "nok"
#                           printed matches
#   is WHAT GOT WANTED      a test that passes if the two are equal
#   wait_until COMMAND...   waits until COMMAND succeeds, 10 s at most
#   guest_ns NAME           a network namespace as guest NAME (kind netns)
#   in_guest NAME COMMAND   runs COMMAND in it
#   with_services           before start_vmovsd: DHCP, DNS and NAT; the host
#                           asks libnss_vmovs for names
#   world                   a namespace "world" beside the host, at 198.51.100.2,
#                           with HTTP; it knows no way back to the guests
#   dhcp NAME [OPTION...]   the guest asks for a lease; $T/NAME.lease has it
#   by_name NAME COMMAND... COMMAND in the namespace guest NAME, with the
#                           resolver of its lease
#   host_knows NAME         prints the address the host's resolver has for it
#   with_users NAME...      ordinary users, members of the group vmovs, who
#                           exist in the scenario's own mount namespace only
#   as USER COMMAND...      runs COMMAND as that user
#   qemu_guest NAME [USER]  boots NAME (kind kvm) in QEMU under TCG
#   lxc_guest NAME          starts NAME (kind lxc) as an LXC container
#   bridged_guest NAME      a guest as VirtualBox has one: a namespace whose
#                           frames relay(1) puts on NAME's device
#   allow_log REGEX         this scenario expects such warnings
#   skip_all WHY            ends the scenario: it cannot run here
#   finish                  the invariants every scenario has to keep; the plan

TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
export PATH="$BUILD:$BUILD/tools:$PATH:/usr/sbin:/sbin"

if [ -z "${VMOVS_TEST_SANDBOX:-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
    T=$(mktemp -d /tmp/vmovs-test.XXXXXX)
    export T VMOVS_TEST_SANDBOX=1
    chmod 755 "$T"
    # In the background, since process 1 of a namespace does not hear Ctrl-C.
    # Nor does unshare while it waits; killed, it takes everything with it.
    unshare --net --mount --pid --fork --kill-child --mount-proc \
        "${SHELL_UNDER_TEST:-/bin/sh}" "$0" "$@" < /dev/null &
    child=$!
    trap 'kill -9 $child 2> /dev/null' INT TERM HUP
    rc=0
    wait $child || rc=$?
    trap '' INT TERM HUP
    wait $child 2> /dev/null
    [ -n "${KEEP:-}" ] || rm -rf "$T"
    # LXC's control groups, where they outlived their container.
    find "/sys/fs/cgroup/${T##*/}" -depth -type d -exec rmdir {} \; \
        2> /dev/null
    exit $rc
fi

set -u
n_tests=0 n_failed=0
allowed_log='^$'
case $BUILD in
    */asan) allowed_log='\|timeval\|' ;;       # It takes its time.
esac
mount -t sysfs sysfs /sys
mkdir -p /run/netns
mount -t tmpfs none /run/netns
# Debian's mode of /dev/net/tun is 0666; some machines' is not.
[ -e "$T/tun" ] || mknod -m 666 "$T/tun" c 10 200
mount --bind "$T/tun" /dev/net/tun
ip link set lo up

# What a build with ASAN=1 has to say; "finish" asks for it.
export ASAN_OPTIONS="log_path=$T/sanitizer"
export OVS_RUNDIR="$T/ovs" OVS_LOGDIR="$T/ovs" OVS_DBDIR="$T/ovs" \
       VMOVS_SOCKET="$T/run/vmovs.sock" NO_COLOR=1
mkdir -p "$T/ovs" "$T/run" "$T/state"

say () { echo "# $*"; }

bail () {
    echo "Bail out! $*"
    exit 1
}

skip_all () {
    echo "1..0 # SKIP $*"
    exit 0
}

pass () {
    n_tests=$((n_tests + 1))
    echo "ok $n_tests - $1"
}

fail () {
    n_tests=$((n_tests + 1))
    n_failed=$((n_failed + 1))
    echo "not ok $n_tests - $1"
    [ ! -s "$T/out" ] || sed 's/^/#   /' "$T/out"
}

ok () {
    what=$1
    shift
    if "$@" > "$T/out" 2>&1; then pass "$what"; else fail "$what"; fi
}

nok () {
    what=$1
    shift
    if "$@" > "$T/out" 2>&1; then fail "$what"; else pass "$what"; fi
}

# The output of the last "ok" or "nok" has a line that matches.
says () {
    if grep -Eq -- "$2" "$T/out"; then pass "$1"; else fail "$1"; fi
}

is () {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        printf 'got:    %s\nwanted: %s\n' "$2" "$3" > "$T/out"
        fail "$1"
    fi
}

# wait_until [-t SECONDS] COMMAND...
wait_until () {
    tries=200
    if [ "$1" = -t ]; then
        tries=$(($2 * 20))
        shift 2
    fi
    while [ $tries -gt 0 ]; do
        if "$@" > "$T/wait" 2>&1; then return 0; fi
        tries=$((tries - 1))
        sleep 0.05
    done
    cat "$T/wait"
    echo "waited in vain for: $*"
    return 1
}

vsctl () { ovs-vsctl --db="unix:$T/ovs/db.sock" --timeout=10 "$@"; }
ofctl () { ovs-ofctl -O OpenFlow15 "$@"; }
appctl () { ovs-appctl --timeout=10 "$@"; }

start_ovsdb () {
    [ -f "$T/ovs/conf.db" ] ||
        ovsdb-tool create "$T/ovs/conf.db" \
            /usr/share/openvswitch/vswitch.ovsschema || bail "ovsdb-tool"
    ovsdb-server "$T/ovs/conf.db" --remote=punix:"$T/ovs/db.sock" \
        --pidfile --detach --no-chdir --log-file="$T/ovs/ovsdb-server.log" \
        -vconsole:off || bail "ovsdb-server"
}

start_vswitchd () {
    # shellcheck disable=SC2086  # zero or one option
    ovs-vswitchd "unix:$T/ovs/db.sock" --pidfile --detach --no-chdir \
        --log-file="$T/ovs/ovs-vswitchd.log" -vconsole:off --disable-system \
        ${ovs_dummy:-} || bail "ovs-vswitchd"
}

start_ovs () {
    ovs_dummy=
    [ "${1:-}" != dummy ] || ovs_dummy=--enable-dummy=override
    start_ovsdb
    vsctl --no-wait init
    start_vswitchd
}

config () { printf '%s\n' "$*" > "$T/vmovs.json"; }

# Services are for scenarios that begin with "with_services".
services_option=--no-services

start_vmovsd () {
    # shellcheck disable=SC2086  # an option or none
    vmovsd --config="$T/vmovs.json" --run-dir="$T/run" --state-dir="$T/state" \
        --ovs-run-dir="$T/ovs" --host=host1 --group=root --pidfile --detach \
        --no-chdir --log-file="$T/vmovsd.log" -vconsole:off \
        $services_option "$@" ||
        bail "vmovsd: $(tail -n 3 "$T/vmovsd.log")"
    vmovsd_options=$*
}

stop_vmovsd () {
    appctl -t vmovsd exit
    wait_until nok_file "$T/ovs/vmovsd.pid" || bail "vmovsd does not end"
}

nok_file () { ! [ -e "$1" ]; }

# Has this process ended?  (Nobody may have asked how yet.)
ended () {
    ! [ -e "/proc/$1/status" ] || grep -q '^State:.Z' "/proc/$1/status"
}

kill_vmovsd () {
    pid=$(cat "$T/ovs/vmovsd.pid")
    kill -9 "$pid"
    wait_until ended "$pid"
}

restart_vmovsd () {
    stop_vmovsd
    # shellcheck disable=SC2086  # options without blanks
    start_vmovsd $vmovsd_options
}

# A guest that is a network namespace: add-vm NAME with kind netns first.
guest_ns () {
    ip netns add "$1"
    vmovs attach "$1" --netns="/run/netns/$1" && configure "$1"
}

in_guest () {
    guest=$1
    shift
    if [ -S "$T/$guest.d/sh" ]; then
        "$BUILD/tools/guest-run" "$T/$guest.d/sh" 30 "$@"
    elif [ -d "$T/lxc/$guest" ]; then
        lxc-attach -P "$T/lxc" -n "$guest" -- "$@"
    else
        ip netns exec "$guest" "$@"
    fi
}

# nic NAME KEY: a value of the VM's first NIC, "" if null
nic () {
    vmovs --json show "$1" | jq -r ".nics[0].$2 // empty"
}

with_users () {
    cp /etc/passwd "$T/passwd"
    cp /etc/group "$T/group"
    uid=61000
    members=
    for user; do
        uid=$((uid + 1))
        echo "$user:x:$uid:$uid::/nonexistent:/bin/sh" >> "$T/passwd"
        echo "$user:x:$uid:" >> "$T/group"
        members="$members${members:+,}$user"
    done
    echo "vmovs:x:61000:$members" >> "$T/group"
    mount --bind "$T/passwd" /etc/passwd
    mount --bind "$T/group" /etc/group
}

as () {
    user=$1
    shift
    setpriv --reuid="$user" --regid="$user" --init-groups "$@"
}

# QEMU on the NIC's tap, as USER.  The guest configures the addresses that
# vmovs has for it; $T/NAME.d/sh is its shell (see make-guest).
qemu_guest () {
    name=$1 user=${2:-root}
    mkdir -p "$T/$name.d"
    chown "$user" "$T/$name.d"
    nic_args=$(vmovs attach "$name" --print)
    addr=$(nic "$name" ip) addr6=$(nic "$name" ip6)
    addr=${addr:+ vmovs.ip=$addr/24}
    [ -n "$services_option" ] || addr=' vmovs.dhcp'
    # shellcheck disable=SC2086  # made to be split
    as "$user" qemu-system-x86_64 -accel tcg -cpu max -m 96 -nodefaults \
        -display none -monitor none -no-reboot \
        -kernel "$BUILD/guest/vmlinuz" -initrd "$BUILD/guest/initrd" \
        -append "console=ttyS0 quiet panic=-1 mitigations=off net.ifnames=0 \
vmovs.name=$name$addr${addr6:+ vmovs.ip6=$addr6/64}" \
        -serial "file:$T/$name.d/console" \
        -serial "unix:$T/$name.d/sh,server=on,wait=off" \
        $nic_args > "$T/$name.d/log" 2>&1 &
}

guest_is_up () { grep -q "guest $1 is up" "$T/$1.d/console"; }

lxc_guest () {
    name=$1
    root=$T/lxc/$name/rootfs
    mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" \
        "$root/etc"
    cp "$TOP/tests/tools/lease" "$root/bin/"
    cp /bin/busybox "$root/bin/"
    for program in sh ip ping sleep udhcpc nslookup; do
        ln -s busybox "$root/bin/$program"
    done
    cp "$BUILD/tools/tcp" "$BUILD/tools/wire" "$BUILD/tools/pace" \
        "$root/bin/"
    printf '#!/bin/sh\n/bin/tcp serve 7\nexec sleep 100000\n' \
        > "$root/init"
    chmod +x "$root/init"
    cat > "$T/lxc/$name/config" <<CONFIG
lxc.uts.name = $name
lxc.rootfs.path = dir:$root
lxc.net.0.type = empty
lxc.mount.auto = proc:mixed sys:mixed
lxc.autodev = 1
lxc.apparmor.profile = unconfined
lxc.init.cmd = /init
lxc.cgroup.dir = ${T##*/}/$name
CONFIG
    mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
    lxc-start -P "$T/lxc" -n "$name" -o "$T/lxc/log" || {
        tail -n 5 "$T/lxc/log"
        return 1
    }
    pid=$(lxc-info -P "$T/lxc" -n "$name" -p -H)
    vmovs attach "$name" --netns="$pid" || return 1
    configure "$name"
}

bridged_guest () {
    name=$1
    ip netns add "$name"
    ip link add "br-$name" type veth peer name eth0 netns "$name"
    ethtool -K "br-$name" tx off > /dev/null
    in_guest "$name" ethtool -K eth0 tx off > /dev/null
    in_guest "$name" ip link set eth0 address "$(nic "$name" mac)"
    echo 1 > "/proc/sys/net/ipv6/conf/br-$name/disable_ipv6"
    # A driver's end of a guest is no device of the host: else the host answers
    # ARP for the gateway on it.
    ip link set "br-$name" arp off up
    "$BUILD/tools/relay" "$(nic "$name" device)" "br-$name" &
    configure "$name"
    tcp_server "$name"
}

# /run is the scenario's own, where libnss_vmovs looks.
with_services () {
    services_option=
    mount -t tmpfs none /run
    mkdir -p /run/netns /run/vmovs
    mount --bind "$T/run" /run/vmovs
    echo 'hosts: files vmovs' > "$T/nsswitch.conf"
    mount --bind "$T/nsswitch.conf" /etc/nsswitch.conf
    echo 'nameserver 198.51.100.2' > "$T/resolv.conf"
    mount --bind "$T/resolv.conf" /etc/resolv.conf
    echo 'hosts: files dns' > "$T/guest.nsswitch"
}

world () {
    ip netns add world
    ip link add world0 type veth peer name eth0 netns world
    ip addr add 198.51.100.1/24 dev world0
    ip -6 addr add 2001:db8::1/64 dev world0 nodad
    ip link set world0 up
    ip netns exec world ip link set lo up
    ip netns exec world ip addr add 198.51.100.2/24 dev eth0
    ip netns exec world ip -6 addr add 2001:db8::2/64 dev eth0 nodad
    ip netns exec world ip link set eth0 up
    mkdir -p "$T/www"
    echo "from the world" > "$T/www/hello"
    head -c 1000000 /dev/zero > "$T/www/much"
    ip netns exec world busybox httpd -h "$T/www"
}

# A guest asks with its MAC, as all do; OPTIONs are udhcpc's.
dhcp () {
    guest=$1
    shift
    if [ -d "$T/lxc/$guest" ]; then
        in_guest "$guest" udhcpc -i eth0 -s /bin/lease -n -q -t 5 -T 1 "$@"
        return
    fi
    RESOLV="$T/$guest.resolv" LEASE="$T/$guest.lease" ip netns exec "$guest" \
        busybox udhcpc -i eth0 -s "$TOP/tests/tools/lease" -n -q -t 5 -T 1 "$@"
}

by_name () {
    guest=$1
    shift
    # shellcheck disable=SC2016  # the inner shell's
    ip netns exec "$guest" unshare --mount sh -c '
        mount --bind "$1" /etc/resolv.conf
        mount --bind "$2" /etc/nsswitch.conf
        shift 2
        exec "$@"' by_name "$T/$guest.resolv" "$T/guest.nsswitch" "$@"
}

host_knows () {
    LD_LIBRARY_PATH=$BUILD getent ahostsv4 "$1" | sed -n '1s/ .*//p'
}

# Sets eth0 of a guest up, by DHCP, or without services with the addresses
# vmovs has for it.
configure () {
    addr=$(nic "$1" ip) addr6=$(nic "$1" ip6)
    in_guest "$1" ip link set lo up
    in_guest "$1" ip link set eth0 up
    if [ -z "$services_option" ]; then
        dhcp "$1"
        addr=
    fi
    [ -z "$addr" ] || in_guest "$1" ip addr add "$addr/24" dev eth0
    [ -z "$addr6" ] || in_guest "$1" ip -6 addr add "$addr6/64" dev eth0
}

# Starts a TCP server on port 7 in a guest; 64 KiB there and back again from
# FROM to ADDRESS.
tcp_server () { in_guest "$1" "$(tool_in "$1" tcp)" serve 7; }
tcp () { in_guest "$1" "$(tool_in "$1" tcp)" fetch "$2" 7; }
tool_in () {
    if [ -S "$T/$1.d/sh" ] || [ -d "$T/lxc/$1" ]; then
        echo "/bin/$2"
    else
        echo "$BUILD/tools/$2"
    fi
}

pings () { in_guest "$1" ping -c 1 -W 1 "$2"; }

# What is on the switch, without counters; for comparison.
dump_switch () {
    ofctl dump-flows --no-stats --no-names vmovs0 | sort
    # The order of a group's buckets means nothing.
    ofctl dump-groups vmovs0 | sed 's/,bucket=/\n bucket=/g' | sort
    ofctl dump-meters vmovs0 | sort
    vsctl --columns=name,type,ofport,external_ids --format=json \
        list interface | tr '[' '\n' | sort
}

# count NAME: a number of vmovsd's "vmovs/stats"
count () {
    appctl -t vmovsd vmovs/stats | sed -n "s/^$1 //p"
}

allow_log () { allowed_log="$allowed_log|$1"; }

bad_log_lines () {
    cat "$T/vmovsd.log" "$T/ovs/ovs-vswitchd.log" 2>/dev/null |
        grep -E '\|(WARN|ERR|EMER)\|' |
        grep -Ev "$allowed_log" || :
}

# Every scenario ends here.  What is asked: a restart of vmovsd changes nothing
# on the switch, and nobody's log has an unexpected warning.
finish () {
    if [ -f "$T/ovs/vmovsd.pid" ]; then
        ok "all is applied" vmovs sync --timeout=10
        dump_switch > "$T/before"
        restart_vmovsd
        ok "all is applied after a restart" vmovs sync --timeout=10
        dump_switch > "$T/after"
        ok "the restart changed nothing on the switch" \
            diff "$T/before" "$T/after"
        is "the restart sent no flow edit" "$(count flow_edits)" 0
        stop_vmovsd
    fi
    is "no unexpected warning in a log" "$(bad_log_lines)" ""
    is "no sanitizer has a complaint" "$(cat "$T"/sanitizer.* 2> /dev/null)" ""
    echo "1..$n_tests"
    [ $n_failed = 0 ]
    exit
}
