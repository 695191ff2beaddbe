#!/bin/sh
# Without this: a VM that comes where another was is taken for it, or a VM
# hears or says something before it is known who it is.
. "$(dirname "$0")/../abuse-lib.sh"

ROUNDS=${ROUNDS:-40}
start_lab a b
b_ip=$(nic b ip) b_is=$(identity b) gateway_is=$(gateway_identity)
listening a b host

# A port as libvirt makes it: whatever VM it is, it is the same port with the
# same number, and the old guest does not stop sending.
ip link add port type veth peer name eth0
ip netns add guest
ip link set eth0 netns guest
ip link set port up
in_guest guest ip link set eth0 up
in_guest guest ethtool -K eth0 tx off > "$T/out"
plug () {                       # VM; it gets the number that was free
    vsctl add-port vmovs0 port -- set interface port ofport_request=77 \
        external_ids:iface-id="$(nic "$1" id)"
}

# Nobody's yet: it hears nothing and says nothing.
vsctl add-port vmovs0 port -- set interface port ofport_request=77
background guest wire listen eth0 > "$T/heard.guest"
wait_until grep -q listening "$T/heard.guest" || bail "listen"
frames_of a b > "$T/frames"
grep -E '^(arp-announce|na-all-nodes) ' "$T/frames" > "$T/broadcasts"
in_guest a wire repeat eth0 1000 1000 < "$T/broadcasts"
in_guest guest wire repeat eth0 1000 1000 < "$T/frames"
awk '$1 == "sentinel"' "$T/frames" > "$T/sentinel"
in_guest a wire send eth0 < "$T/sentinel"
came () { [ "$(hears b last)" -ge 1 ]; }
ok "a shouts, and b hears it" wait_until came
ok "the host too" [ "$(hears host na-all-nodes)" -ge 400 ]
is "a port that is nobody's hears nothing" "$(hears guest .)" 1
is "and says nothing: only a's frames have arrived" "$(cat "$T"/heard.* |
    grep -Evc '^(listening|sentinel|last|arp-announce|na-all-nodes)')" 0
vsctl del-port port

# One VM after the other.  Each round's old guest goes on until the round ends.
sends_as () {                   # VM, ROUND
    "$BUILD/trace/frames" "$gateway_is" "$(identity "$1")" "$b_is" |
        sed -n "s/^ip4 /round-$2 /p" > "$T/as.$1"
    background guest wire repeat eth0 1000000 1000 < "$T/as.$1"
}
heard_round () { [ "$(hears b "round-$1\$")" -gt 0 ]; }
add () {
    vmovs add-vm "$1" --hypervisor=libvirt --network=lab --no-wait > "$T/out"
}
leaks=0 unheard=0 old=
for round in $(seq "$ROUNDS"); do
    vm=v$round
    add "$vm" || bail "$(cat "$T/out")"
    plug "$vm" || bail "plug"
    vmovs sync --timeout=10 || bail "sync"
    if [ -n "$old" ]; then
        is_now=$(hears b "round-$((round - 1))\$")
        [ "$is_now" = "$was" ] || leaks=$((leaks + 1))
        kill $old
    fi
    sends_as "$vm" "$round"
    old=$!
    wait_until heard_round "$round" > "$T/out" || unheard=$((unheard + 1))
    # Deleted, unplugged, and the next one comes at once.
    vmovs del-vm "$vm" > "$T/out" || bail "$(cat "$T/out")"
    appctl revalidator/wait
    was=$(hears b "round-$round\$")
    vsctl del-port port
done
kill $old
is "$ROUNDS VMs, one after the other: each was heard" $unheard 0
is "and none after its end, under whosever number" $leaks 0
ok "b is still b" pings a "$b_ip"
allow_log 'port'
finish
