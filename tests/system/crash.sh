#!/bin/sh
# Without this: while Open vSwitch or vmovsd crashes and comes back, guests
# are cut off for long, or one of them gets through what the guards keep.
. "$(dirname "$0")/../abuse-lib.sh"

start_lab a b c
hostile_frames c b > "$T/hostile"
frames_of c b | awk '$1 == "sentinel"' >> "$T/hostile"
say "$(($(wc -l < "$T/hostile") - 1)) hostile frames of c, and one legitimate"
listening a b host
background c wire repeat eth0 1000000 500 < "$T/hostile"
flood=$!
heard_sentinels () { [ "$(hears b sentinel)" -gt "$1" ]; }
wait_until heard_sentinels 2 || bail "nothing of c arrives"

outage () { sed -n 's/.*longest //p' "$T/received"; }
lived () {
    say "$(grep received "$T/received"): an outage of $(outage)0 ms"
    ok "it was below 2 s" [ "$(outage)" -lt 200 ]
    ok "all is applied again" vmovs sync --timeout=10
    ok "c goes on" wait_until heard_sentinels "$(hears b sentinel)"
    is "no hostile frame has come through" "$(leaked)" ""
}

crash () {
    for name; do
        pid=$(cat "$T/ovs/$name.pid")
        kill -9 "$pid"
        wait_until ended "$pid" || return
    done
}
switch_crashes () {
    crash ovs-vswitchd
    start_vswitchd
}
both_crash () {
    crash ovs-vswitchd vmovsd
    start_vswitchd
    start_vmovsd
}
vmovsd_comes_late () {
    crash vmovsd ovs-vswitchd
    start_vswitchd
    # The switch is up, has no flow, and passes nothing.
    wait_until ofctl show vmovs0
    n=$(hears b sentinel)
    wait_until -t 1 heard_sentinels "$n" && return 1
    start_vmovsd
}
for crash in switch_crashes both_crash vmovsd_comes_late; do
    is "$crash" "$(streaming a b 4 $crash | grep failed)" ""
    lived $crash
done

# shellcheck disable=SC2154  # stream is of streaming
fifty () {
    worst=0
    for round in 1 2 3 4 5 6 7 8 9 10; do
        for again in 1 2 3 4 5; do
            start=$(date +%s%3N)
            kill_vmovsd
            start_vmovsd
            vmovs sync --timeout=10 || return
            took=$(($(date +%s%3N) - start))
            [ $took -le $worst ] || worst=$took
        done
        # So that the stream is longer than this, however long it takes.
        [ -d "/proc/$stream" ] || break
    done
    echo "$((round * again)) times, the slowest in $worst ms"
}
is "50 x kill -9 of vmovsd lose nothing" "$(streaming a b 10 fifty)" \
    "received 1000 lost 0 longest 0"
say "$(grep times "$T/meanwhile")"
is "no hostile frame has come through" "$(leaked)" ""
ok "c has gone on all the time" kill $flood
allow_log 'connect|receive error|somebody|another ovs-vswitchd'
finish
