#!/bin/sh
# A guest that can pretend to be another reads what is meant for it: every
# hostile frame we know of has to stay where it came from, and its legitimate
# twin has to arrive, with cold caches and with warm ones.
. "$(dirname "$0")/../trace-lib.sh"

# delivered IN FRAME SENTINEL SENTINEL-OUT: where FRAME went, as "1,3", "=" for
# back or "-".  The sentinel behind it tells when it has been dealt with.
delivered () {
    sent > "$T/before"
    before=$(awk -v p="$4" '$1 == p { print $2 }' "$T/before")
    appctl netdev-dummy/receive "p$1" "$2" "$3" > /dev/null || return
    wait_until sentinel_came "$4" "$before" "$1" || return
    awk -v in_port="$1" -v s="$4" '
        NR == FNR { n[$1] = $2; next }
        { d = $2 - n[$1] - ($1 == s)
          if (d > 0) out = out (out == "" ? "" : ",") \
                           ($1 == in_port ? "=" : $1) (d > 1 ? "x" d : "") }
        END { print out == "" ? "-" : out }' "$T/before" "$T/after"
}

# The sentinel is the last frame on its port, so that its number of frames
# tells nothing; its content does.
sentinel_came () {
    sent > "$T/after"
    [ "$(last_frame "$1")" = "$sentinel" ] &&
        [ "$(awk -v p="$1" '$1 == p { print $2 }' "$T/after")" -gt "$2" ]
}

start_pipeline
"$BUILD/trace/frames" > "$T/all" || bail "frames"
awk '$1 == "sentinel" { print $2, $3, $4 }' "$T/all" > "$T/sentinels"
awk '$1 != "sentinel"' "$T/all" > "$T/frames"
for round in cold warm; do
    n=0 wrong=''
    # shellcheck disable=SC2094  # it is only read
    while read -r name in out frame answer; do
        n=$((n + 1))
        # shellcheck disable=SC2046  # two words
        set -- $(awk -v p="$in" '$1 == p { print $2, $3 }' "$T/sentinels")
        sentinel=$2
        got=$(delivered "$in" "$frame" "$2" "$1")
        [ "$got" = "$out" ] || wrong="$wrong $name:$in:$got-not-$out"
        if [ -n "$answer" ] && [ "$(last_frame "$in")" != "$answer" ]; then
            wrong="$wrong $name:answer-is-$(last_frame "$in")"
        fi
    done < "$T/frames"
    is "$n frames, caches $round: each went where it should" "$wrong" ""
done
finish
