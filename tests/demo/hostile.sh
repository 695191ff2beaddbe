# shellcheck shell=sh
# hostile.sh: ct1 pretends to be others, and everybody listens.  Sourced by
# demo.sh and by the system test of the guards; the frames are those of the
# trace tests (tests/trace/frames.c), each hostile one beside its legitimate
# twin, sent by a packet socket.
#
#   hostile FROM TO GATEWAY OTHER...    FROM sends; TO is its neighbour,
#       GATEWAY the gateway's device, OTHERs are on other networks.  Leaves
#       $T/verdict: "leaked NAME", "lost NAME", then "frames N hostile M"

identity () { echo "$(nic "$1" mac),$(nic "$1" ip),$(nic "$1" ip6)"; }

hostile () {
    from=$1 to=$2 gateway=$3
    shift 3
    network=$(nic "$from" network)
    router=$(cat "/sys/class/net/$gateway/address"),$(
        vmovs --json show "$network" | jq -r '[.gateway, .gateway6] |
                                              join(",")')
    "$BUILD/trace/frames" "$router" "$(identity "$from")" \
        "$(identity "$to")" > "$T/frames" || return 1

    for guest in "$to" "$@"; do
        in_guest "$guest" "$(tool_in "$guest" wire)" listen eth0 \
            > "$T/heard.$guest" 2>&1 &
    done
    wire listen "$gateway" > "$T/heard.gateway" 2>&1 &
    for guest in "$to" "$@" gateway; do
        wait_until grep -q listening "$T/heard.$guest" || return 1
    done
    send_frames "$from" || return 1
    wait_until grep -q '^last$' "$T/heard.$to" || return 1
    verdict "$to" "$@" > "$T/verdict"
}

send_frames () {
    if [ -d "$T/lxc/$1" ]; then
        cp "$T/frames" "$T/lxc/$1/rootfs/frames"
        in_guest "$1" /bin/sh -c '/bin/wire send eth0 < /frames'
    else
        in_guest "$1" wire send eth0 < "$T/frames"
    fi
}

# A frame for "-" must be heard nowhere, one for "3" by TO, one for "1" by the
# gateway, and none by the others.
verdict () {
    to=$1
    shift
    for guest in "$@"; do
        sed "s/^/other /" "$T/heard.$guest"
    done > "$T/heard"
    sed 's/^/3 /' "$T/heard.$to" >> "$T/heard"
    sed 's/^/1 /' "$T/heard.gateway" >> "$T/heard"
    awk 'NR == FNR { heard[$1, $2]++; next }
         $1 != "sentinel" {
             n++
             hostile += $3 == "-"
             if (heard["other", $1] || $3 !~ /3/ && heard[3, $1] ||
                 $3 !~ /1/ && heard[1, $1]) print "leaked", $1
             if ($3 ~ /3/ && !heard[3, $1] || $3 ~ /1/ && !heard[1, $1])
                 print "lost", $1
         }
         END { print "frames", n, "hostile", hostile }' \
        "$T/heard" "$T/frames"
}
