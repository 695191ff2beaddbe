# shellcheck shell=sh
# tests/dnsmasq-harness.sh: words for scenarios that drive struct dnsmasqs and
# struct names alone; sourced after lib.sh.
#
#   lab                     networks "lab" (10.77.1.0/24, fd00:77:1::/64; its
#                           device is a bridge) and "other" (10.78.1.0/24)
#   h COMMAND               dnsmasq-harness's answer; fails if that is a timeout
#   dhcp MAC [NAME]         what a guest of that MAC, which calls itself NAME,
#                           gets on lab: KEY=VALUE lines of udhcpc
#   dns [-t] NAME TYPE      what the guest hears from lab's dnsmasq
#   dns_is NAME ANSWER [TYPE]
#   pid_of NETWORK          process id of its dnsmasq; $first_pid is lab's
#   start_harness, end_harness

start_harness () {
    rm -f "$T/in" "$T/answers"
    mkfifo "$T/in" "$T/answers"
    dnsmasq-harness "$T/run" "$T/state" < "$T/in" > "$T/answers" \
        2>> "$T/harness.log" &
    harness=$!
    exec 3> "$T/in" 4< "$T/answers"
}

h () {
    echo "$*" >&3
    answer=
    while read -r line <&4 && [ "$line" != . ]; do
        echo "$line"
        [ "$line" != timeout ] || answer=timeout
    done
    [ -z "$answer" ]
}

gateway () {
    ip link add "vmovs-$1" type bridge
    ip link set "vmovs-$1" up
    shift
    for address; do
        case $address in
            *:*) ip addr add "${address#*@}" dev "${address%@*}" nodad ;;
            *) ip addr add "${address#*@}" dev "${address%@*}" ;;
        esac
    done
}

lab () {
    # No question goes to the machine's own name servers.
    : > "$T/resolv.conf"
    mount --bind "$T/resolv.conf" /etc/resolv.conf
    chmod 755 "$T/run"
    gateway lab vmovs-lab@10.77.1.1/24 vmovs-lab@fd00:77:1::1/64 \
        vmovs-lab@fe80::1/64
    gateway other vmovs-other@10.78.1.1/24
    ip netns add guest
    ip link add lab-guest type veth peer name eth0 netns guest
    ip link set lab-guest master vmovs-lab up
    in_guest guest ip link set eth0 up
    in_guest guest ip addr add 10.77.1.200/24 dev eth0
    cat > "$T/udhcpc" <<'SCRIPT'
#!/bin/sh
[ "$1" != bound ] || set | tr -d "'" |
    grep -E '^(ip|router|mtu|domain|search|hostname|dns|lease)='
SCRIPT
    chmod +x "$T/udhcpc"
    start_harness
    lab_networks
    h update > "$T/out"
    h await 5 applied > "$T/out" || bail "$(cat "$T/out")"
    # shellcheck disable=SC2034  # the scenarios' own
    first_pid=$(pid_of lab)
}

lab_networks () {
    h net lab vmovs-lab nat 1442 10.77.1.1/24 fd00:77:1::1/64 > "$T/out"
    h net other vmovs-other isolated 1500 10.78.1.1/24 > "$T/out"
}

dhcp () {
    in_guest guest ip link set eth0 address "$1"
    # shellcheck disable=SC2086  # a name without blanks, or none
    in_guest guest busybox udhcpc -i eth0 -n -q -f -t 3 -T 1 \
        -s "$T/udhcpc" -O mtu -O search ${2:+-x hostname:$2 -F "$2"} \
        2> "$T/udhcpc.log"
}

dns () {
    over=
    [ "$1" != -t ] || { over=-t; shift; }
    # shellcheck disable=SC2086  # none or one option
    in_guest guest "$BUILD/tools/dnsq" $over 10.77.1.1 "$@"
}

dns_is () { [ "$(dns "$1" "${3:-A}")" = "$2" ]; }

pid_of () { cat "$T/run/dnsmasq/$1/pid"; }

end_harness () {
    exec 3>&-
    wait "$harness"
    is "the harness ends well" $? 0
    # shellcheck disable=SC2154  # lib.sh's
    # It waits for commands, not by poll_block().
    is "no warning" "$(grep -E '\|(WARN|ERR|EMER)\|' "$T/harness.log" |
                       grep -Ev "\|timeval\||$allowed_log")" ""
}
