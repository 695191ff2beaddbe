#!/bin/sh
# Without this: a guest that asks, or shouts, without end takes the network
# from its neighbours.
. "$(dirname "$0")/../abuse-lib.sh"

start_lab a b c
vswitchd=$(vswitchd_pid)
frames_of c b > "$T/frames"
listening c

# c asks for b 6,000 times in 3 s: what is answered is the meter's business.
for kind in arp-request ns; do
    awk -v n=$kind '$1 == n' "$T/frames" > "$T/$kind"
    before=$(hears c $kind) cpu=$(cpu_of "$vswitchd")
    is "a and b talk while c sends 6,000 x $kind" \
        "$(streaming a b 4 in_guest c wire repeat eth0 6000 2000 \
            < "$T/$kind")" "received 400 lost 0 longest 0"
    n=$(($(hears c $kind) - before))
    cpu=$(($(cpu_of "$vswitchd") - cpu))
    say "$n answers; ovs-vswitchd used ${cpu}0 ms of CPU"
    ok "some are answered" [ $n -ge 100 ]
    ok "not more than 200 and 100 a second" [ $n -le 700 ]
done

# Another one's question, in the middle of it.
background c wire repeat eth0 1000000 2000 < "$T/arp-request"
flood=$!
for i in 1 2 3 4 5; do
    in_guest b ip neigh flush all
    pings b "$(nic a ip)" > "$T/ping" || break
    in_guest b ip -6 neigh flush all
    pings b "$(nic a ip6)" > "$T/ping" || break
done
is "b's own questions are answered, ten times" "$i" 5
ok "c has gone on all the time" kill $flood

# A storm: broadcasts as fast as c can; 20,000 a second.
awk '$1 == "arp-for-unknown" || $1 == "na-all-nodes" ||
     $1 == "arp-announce"' "$T/frames" > "$T/broadcasts"
cpu=$(cpu_of "$vswitchd")
background c wire repeat eth0 1000000 20000 < "$T/broadcasts"
flood=$!
streaming a b 5 true > "$T/out"
lost=$(sed -n 's/.*lost \([0-9]*\).*/\1/p' "$T/out")
say "in a storm: $(cat "$T/out"); ovs-vswitchd used $(($(
    cpu_of "$vswitchd") - cpu))0 ms of CPU in 5 s"
ok "a storm takes at most 1 in 100 of a's packets" [ "$lost" -le 5 ]
ok "c has gone on all the time" kill $flood
wait_until ended $flood

is "ovs-vswitchd is the same" "$(vswitchd_pid)" "$vswitchd"
ok "and alive" kill -0 "$vswitchd"
ok "c is heard again" wait_until pings c "$(nic b ip)"
finish
