# shellcheck shell=sh
# tests/devices-harness.sh: words for scenarios that drive struct devices
# alone; sourced after lib.sh.
#
#   h COMMAND               devices-harness's answer; fails if that is a timeout
#   open_tap USER TAP [end] USER opens TAP, and ends its persistence
#   is_like DEVICE TEXT     ip -d link says TEXT of DEVICE
#   end_harness             ends it; a test that it went well

mkfifo "$T/in" "$T/answers"
devices-harness < "$T/in" > "$T/answers" 2> "$T/harness.log" &
harness=$!
exec 3> "$T/in" 4< "$T/answers"

h () {
    echo "$*" >&3
    answer=
    while read -r line <&4 && [ "$line" != . ]; do
        echo "$line"
        [ "$line" != timeout ] || answer=timeout
    done
    [ -z "$answer" ]
}

# As Debian has it.

open_tap () {
    # shellcheck disable=SC2016  # perl's dollars
    as "$1" perl -e 'open(my $tun, "+<", "/dev/net/tun") or die;
        ioctl($tun, 0x400454ca, pack("a16sx22", $ARGV[0], 0x1002)) or die $!;
        ioctl($tun, 0x400454cb, 0) if $ARGV[1]' "$2" "${3:-}" 2> "$T/out.$1"
}

is_like () { ip -d link show "$1" | grep -q -- "$2"; }

end_harness () {
    exec 3>&-
    wait $harness
    is "the harness ends well" $? 0
    is "no warning" "$(grep -E 'WARN|ERR|EMER' "$T/harness.log")" ""
}
