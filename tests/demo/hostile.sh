# shellcheck shell=sh
# hostile.sh: ct1 pretends to be others, and everybody listens.  Sourced by
# demo.sh; the frames are those of the guard tests (tests/tools/frames.c), each
# hostile one beside its legitimate twin.

step "ct1 sends hostile frames, each beside its legitimate twin; all listen"

identity () {                   # NAME: MAC,IP,IP6
    echo "$(nic "$1" mac),$(nic "$1" ip),$(nic "$1" ip6)"
}
gateway="$(cat /sys/class/net/vmovs-lab/address),10.77.1.1,fd00:77:1::1"
in_guest ct1 frames "$(identity ct1)" "$(identity vb1)" "$gateway" \
    > "$T/frames"
grep -c . "$T/frames" | sed 's/^/    /; s/$/ kinds of frames/'

for guest in vb1 desk cell1 cell2; do
    ip netns exec "$guest" "$BUILD/tools/wire" listen eth0 \
        > "$T/heard.$guest" 2>&1 &
done
"$BUILD/tools/wire" listen vmovs-lab > "$T/heard.gateway" 2>&1 &
for guest in vb1 desk cell1 cell2 gateway; do
    wait_until grep -q listening "$T/heard.$guest" || bail "wire: $guest"
done
in_guest ct1 /bin/wire send eth0 < "$T/frames" > "$T/out" 2>&1 ||
    bail "$(cat "$T/out")"
heard_last () { grep -q '^last$' "$T/heard.vb1"; }
wait_until heard_last || :

awk -v T="$T" '
    FNR == 1 { file++ }
    file < 6 { heard[$1]++; next }
    { total[$3 == "-"]++; if (($3 == "-") != !heard[$1]) bad[$1] = 1 }
    END {
        for (name in bad) printf "   wrong: %s\n", name
    }' "$T"/heard.* "$T/frames" > "$T/verdict"
