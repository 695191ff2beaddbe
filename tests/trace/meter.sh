#!/bin/sh
# A guest that floods its neighbours with ARP or neighbour solicitations must
# not be answered without end, and its meter must not touch anybody else.
. "$(dirname "$0")/../trace-lib.sh"

count_of () { sent | awk -v p="$1" '$1 == p { print $2 }'; }
came () { [ "$(count_of "$1")" -ge "$2" ]; }

# flood FRAME: sends it 594 times from web1, 99 at once (more do not fit the
# dummy port's queue), each time with web1's sentinel, for the gateway.
flood () {
    set -- "$1"
    while [ $# -lt 99 ]; do
        set -- "$@" "$1"
    done
    round=0
    while [ $round -lt 6 ]; do
        round=$((round + 1))
        gateway=$(($(count_of 1) + 1))
        appctl netdev-dummy/receive p2 "$@" "$(frame sentinel 2)" || return
        wait_until came 1 $gateway || return
    done
}

frame () {
    awk -v n="$1" -v p="$2" '$1 == n && $2 == p { print $4 }' "$T/frames"
}

start_pipeline
"$BUILD/trace/frames" > "$T/frames"
for kind in arp-request ns; do
    before=$(count_of 2)
    ok "594 x $kind are dealt with" flood "$(frame $kind 2)"
    n=$(($(count_of 2) - before))
    ok "$n answers: some" [ $n -ge 1 ]
    ok "$n answers: not more than the burst and some" [ $n -le 400 ]
done
before=$(count_of 3)
appctl netdev-dummy/receive p3 "$(awk '$1 == "sentinel" && $2 == 3 \
    { print $4 }' "$T/frames")" > /dev/null
ok "db1 is not held up" wait_until came 1 $((gateway + 1))
finish
