#!/bin/sh
# Without this: a guest finds a frame that we have not thought of, and is
# somebody else with it, or Open vSwitch or vmovsd dies of it.
. "$(dirname "$0")/../abuse-lib.sh"

N=${N:-100000}
start_lab a b c
frames_of c b > "$T/seeds"
vswitchd=$(vswitchd_pid) vmovsd=$(cat "$T/ovs/vmovsd.pid")

# What c sends has to be c's, whoever hears it.
all="$(identity a) $(identity b) $(gateway_identity)"
judges=
for who in a b host; do
    device=eth0
    [ $who != host ] || device=vmovs-lab
    # shellcheck disable=SC2086  # three words
    background $who judge $device "$(identity c)" $all > "$T/judged.$who"
    judges="$judges $!"
    wait_until grep -q listening "$T/judged.$who" || bail "judge"
done

# The same frames each time, others with another SEED.
seed=${SEED:-1}
rx () {
    ofctl dump-ports vmovs0 "$(vsctl get interface vm-c ofport)" |
        sed -n 's/.*rx pkts=\([0-9]*\).*/\1/p'
}
before=$(rx) cpu=$(cpu_of "$vswitchd")
ok "$N mangled frames" in_guest c mangle eth0 "$N" 8000 "$seed" < "$T/seeds"
sent=$(sed -n 's/^sent //p' "$T/out")
say "sent $sent; ovs-vswitchd used $(($(cpu_of "$vswitchd") - cpu))0 ms of CPU"
rest_is_in () { [ "$(rx)" -ge $((before + sent * 99 / 100)) ]; }
ok "the switch has looked at them" wait_until rest_is_in

frames_of c b | awk '$1 == "sentinel"' > "$T/sentinel"
listening b
ok "a legitimate frame behind them" in_guest c wire send eth0 < "$T/sentinel"
last_came () { [ "$(hears b last)" -ge 1 ]; }
ok "arrives" wait_until last_came
# shellcheck disable=SC2086  # three of them
kill $judges
for who in a b host; do
    wait_until grep -q ^heard "$T/judged.$who" || bail "no judgement"
    say "$who $(grep ^heard "$T/judged.$who")"
    ok "$who has heard some" grep -Eq 'heard [0-9]{3,}' "$T/judged.$who"
    is "none was somebody else" "$(grep ^foreign "$T/judged.$who")" ""
    ok "and has missed none" grep -q 'missed 0' "$T/judged.$who"
done

is "ovs-vswitchd is alive" "$(vswitchd_pid)" "$vswitchd"
ok "really" kill -0 "$vswitchd"
ok "so is vmovsd" kill -0 "$vmovsd"
ok "a pings b" pings a "$(nic b ip)"
ok "c does, too" pings c "$(nic b ip6)"
# Open vSwitch does not like the RARP of odd operations that it let in.
allow_log 'ARP opcode|flow key in error'
dropped () { vmovs --json show c | jq -e '.nics[0].drops | add > 0'; }
ok "show counts what was dropped" wait_until dropped
finish
