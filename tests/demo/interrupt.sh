#!/bin/sh
# interrupt.sh: "make check-demo".  Without this: Ctrl-C in "make demo" does not
# end it, or leaves processes, files, namespaces or control groups behind, or
# the demo touches the host's own Open vSwitch.
#
# "make demo" runs on a terminal of its own, in namespaces where nothing else
# is, and gets Ctrl-C when a certain line comes; the last time it may end.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
if [ -z "${VMOVS_INTERRUPT:-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
    VMOVS_INTERRUPT=1 exec unshare --net --mount --pid --fork --kill-child \
        --mount-proc "$0"
fi
cd "$TOP" || exit 1
mount -t tmpfs none /tmp
mkdir -p /run/netns /run/openvswitch
mount -t tmpfs none /run/netns
mount -t tmpfs none /run/openvswitch    # As if it ran; to see who writes.
echo 1 > /run/openvswitch/conf.db
mkdir /tmp/own
mkfifo /tmp/own/keys
unset VMOVS_TEST_SANDBOX MAKEFLAGS MAKELEVEL
n=0 failed=0

# What there is, but for this program itself and what is kept anyway.
inventory () {
    ls /tmp /run/netns
    find /run/openvswitch /etc/openvswitch /var/lib/openvswitch \
        -printf '%p %s %T@\n' 2> /dev/null
    ip -o link | cut -d: -f2
    # shellcheck disable=SC2009  # it is to find all the others
    ps -e -o comm= | grep -Ev '^(interrupt.sh|sh|ps|grep|dash)$'
    # shellcheck disable=SC2013  # names without blanks
    for name in $(cat /tmp/own/names); do
        find "/sys/fs/cgroup/$name" -maxdepth 0 2> /dev/null
    done
}

wait_for () {
    tries=900
    until "$@" > /dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05              # lint: sleep
    done
}
same () { inventory > /tmp/own/after; cmp -s /tmp/own/before /tmp/own/after; }
said () { grep -q -- "$1" /tmp/own/out; }

# run LINE: Ctrl-C when LINE has come.
run () {
    n=$((n + 1))
    : > /tmp/own/out
    # A shell lets what it runs in the background ignore Ctrl-C.
    env --default-signal=INT,QUIT script -qec "make -s demo" /dev/null \
        < /tmp/own/keys > /tmp/own/out 2>&1 &
    demo=$!
    exec 3> /tmp/own/keys
    wait_for said "$1"
    came=$?
    (cd /tmp && echo vmovs-test.*) > /tmp/own/names
    [ "$2" = end ] || printf '\003' >&3
    start=$(date +%s%3N)
    wait $demo
    exec 3>&-
    end=$(date +%s%3N)
    if [ $came = 0 ] && [ $((end - start)) -lt 5000 ] && wait_for same; then
        echo "ok $n - $2 at \"$1\" leaves nothing"
        echo "# after $((end - start)) and $(($(date +%s%3N) - end)) ms"
    else
        failed=1
        echo "not ok $n - $2 at \"$1\" leaves nothing"
        echo "#   it took $((end - start)) ms"
        diff /tmp/own/before /tmp/own/after | sed 's/^/#   /'
        tail -n 3 /tmp/own/out | sed 's/^/#   /'
    fi
}

: > /tmp/own/before
: > /tmp/own/after
: > /tmp/own/out
: > /tmp/own/names
inventory > /tmp/own/before
for line in "A private Open" "They start" "^from . to"; do
    run "$line" Ctrl-C
done
run "should be" end
echo "1..$n"
exit $failed
