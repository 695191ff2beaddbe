#!/bin/sh
# Without this: a guest that sends spoofed frames, control protocols or broken
# neighbour discovery without end is felt by its neighbours.
. "$(dirname "$0")/../abuse-lib.sh"

start_lab a b c
vswitchd=$(vswitchd_pid)
hostile_frames c b > "$T/hostile"
frames_of c b | awk '$1 == "sentinel"' > "$T/sentinel"
listening a b host

# COUNT of the frames in FILE by c, RATE a second, and what is behind them.
c_sends () {
    in_guest c wire repeat eth0 "$2" "$3" < "$1" &&
        in_guest c wire send eth0 < "$T/sentinel"
}
came () { [ "$(hears b last)" -ge $((3 * $1)) ]; }

is "a and b talk while c sends 10,000 spoofed frames" \
    "$(streaming a b 11 c_sends "$T/hostile" 10000 1000)" \
    "received 1100 lost 0 longest 0"
ok "c's legitimate frames behind them arrive" wait_until came 1
is "no hostile frame came through" "$(leaked)" ""

grep -E '^(stp|lacp|lldp|cfm|cdp|pause|802)' "$T/hostile" > "$T/control"
say "control protocols: $(awk '{ print $1 }' "$T/control" | tr '\n' ' ')"
is "3,000 frames of control protocols" \
    "$(streaming a b 4 c_sends "$T/control" 3000 1000)" \
    "received 400 lost 0 longest 0"
ok "what is behind them arrives" wait_until came 2
is "none of them does" "$(leaked)" ""

# What a rewritten solicitation is answered with has to be well-formed; one
# whose options are not must never be rewritten.
frames_of c b | grep ^nd-option- > "$T/options"
ok "there are such frames" [ "$(wc -l < "$T/options")" -ge 10 ]
listening c
ok "solicitations with broken options" \
    in_guest c wire repeat eth0 1000 500 < "$T/options"
ok "what is behind them is sent" in_guest c wire send eth0 < "$T/sentinel"
ok "and arrives" wait_until came 3
is "none of them is answered" "$(hears c nd-option-)" 0

is "ovs-vswitchd is the same" "$(vswitchd_pid)" "$vswitchd"
ok "and alive" kill -0 "$vswitchd"
ok "a pings b" pings a "$(nic b ip)"
ok "c does, too" pings c "$(nic b ip6)"
finish
