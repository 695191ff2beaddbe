#!/bin/sh
# demo.sh: "make demo".  Real guests of several kinds on one private Open
# vSwitch, attached by "vmovs add-vm": who reaches whom, and what does not get
# through.  Everything runs in namespaces of its own and is gone afterwards,
# also after Ctrl-C.
. "$(dirname "$0")/../lib.sh"

LAB="vm1 vm2 ct1 vb1"           # On network lab.
bad=0

step () { printf '\n== %s\n' "$*"; }
cell () { printf '%-14s' "$1"; }

# cell_of COMMAND...: "yes" or "no"; what it should be is the caller's to say.
yes_no () { if "$@" > "$T/out" 2>&1; then echo yes; else echo no; fi; }

expect () {                     # WHAT GOT WANTED
    if [ "$2" != "$3" ]; then
        bad=$((bad + 1))
        echo "   ^ wrong: $1: $2 instead of $3"
        sed 's/^/     /' "$T/out" | tail -n 3
    fi
}

add () {                        # USER NAME OPTION...
    user=$1
    shift
    echo "\$ vmovs add-vm $*"
    as "$user" "$BUILD/vmovs" add-vm "$@" > "$T/out" 2>&1 || {
        cat "$T/out"
        bail "add-vm $1"
    }
    grep -E 'address|IPv6|FQDN|device|^Next' "$T/out" | sed 's/^/    /'
}

step "A private Open vSwitch (userspace datapath) and vmovsd"
with_users alice bob
with_services
start_ovs
world
config '{
  "version": 1,
  "datapath": "userspace",
  "networks": {
    "lab":    { "subnet": "10.77.1.0/24", "subnet6": "fd00:77:1::/64" },
    "office": { "subnet": "10.77.2.0/24", "subnet6": "fd00:77:2::/64" },
    "cells":  { "subnet": "10.77.3.0/24", "isolate": true, "mode": "isolated" }
  },
  "vms": { }
}'
start_vmovsd --group=vmovs
chmod 711 "$T" "$T/run"

step "Guests, added by alice, who is not root"
add alice vm1 --network=lab
add alice vm2 --network=lab
add alice ct1 --network=lab --hypervisor=lxc
add alice vb1 --network=lab --hypervisor=virtualbox
add alice desk --network=office --hypervisor=netns
add alice cell1 --network=cells --hypervisor=netns
add alice cell2 --network=cells --hypervisor=netns

step "They start: two QEMU guests under TCG (run by alice), an LXC container,"
echo "   a guest on an internal port as VirtualBox uses it, three namespaces"
qemu_guest vm1 alice
qemu_guest vm2 alice
lxc_guest ct1 > "$T/out" 2>&1 || bail "$(cat "$T/out")"
bridged_guest vb1
for guest in desk cell1 cell2; do
    guest_ns $guest > "$T/out" 2>&1 || bail "$(cat "$T/out")"
done
for guest in vm1 vm2; do
    wait_until -t 60 guest_is_up $guest || bail "$guest does not boot"
done
# A guest uses its IPv6 address a second after it has asked for objections.
for guest in $LAB; do
    wait_until pings ct1 "$(nic "$guest" ip6)" > /dev/null || :
    wait_until pings "$guest" fd00:77:1::1 > /dev/null || :
done
vmovs list

step "Who reaches whom on network lab: ping, ping by IPv6, 64 KiB by TCP there and back"
cell 'from \ to'
for to in $LAB; do cell "$to"; done
echo
for from in $LAB; do
    cell "$from"
    wrong=
    for to in $LAB; do
        if [ "$from" = "$to" ]; then
            cell -
            continue
        fi
        got="$(yes_no pings "$from" "$(nic "$to" ip)")"
        got="$got $(yes_no pings "$from" "$(nic "$to" ip6)")"
        got="$got $(yes_no tcp "$from" "$(nic "$to" ip)")"
        cell "$got"
        [ "$got" = "yes yes yes" ] || wrong="$wrong $to: $got;"
    done
    echo
    expect "from $from" "${wrong:-all}" all
done

step "Names and the way out: every guest got its address by DHCP"
for guest in $LAB; do
    [ "$guest" = vm1 ] || to=vm1
    [ "$guest" != vm1 ] || to=ct1
    knows () { in_guest "$guest" nslookup -type=a "$to.vm.internal" 10.77.1.1 |
                   grep -q "$(nic "$to" ip)"; }
    [ "$guest" != vb1 ] ||
        knows () { by_name vb1 ping -c 1 -W 1 vm1.lab.vm.internal; }
    name=$(yes_no knows)
    world=$(yes_no in_guest "$guest" "$(tool_in "$guest" tcp)" \
        get 198.51.100.2 80 hello)
    in_guest "$guest" "$(tool_in "$guest" tcp)" serve 22
    host=$(yes_no wait_until -t 1 "$BUILD/tools/tcp" fetch \
        "$(host_knows "$guest.vm.internal")" 22)
    printf '   %-4s knows %-16s %-4s downloads through the NAT %-4s' \
        "$guest" "$to.vm.internal" "$name" "$world"
    echo " host reaches its port 22 by name $host"
    expect "$guest" "$name $world $host" "yes yes yes"
done
got=$(yes_no in_guest cell1 "$(tool_in cell1 tcp)" get 198.51.100.2 80 hello)
echo "   cell1, of an isolated network, downloads: $got"
expect "cell1 downloads" "$got" no
echo "   (tcp.c stands in for an ssh server on port 22)"

step "Networks apart"
for pair in "desk 10.77.2.1 yes" "desk vm1 no" "vm1 desk no" \
            "cell1 10.77.3.1 yes" "cell1 cell2 no" "cell1 vm1 no"; do
    # shellcheck disable=SC2086  # three words
    set -- $pair
    case $2 in [0-9]*) to=$2 what=gateway ;; *) to=$(nic "$2" ip) what=$2 ;; esac
    got=$(yes_no pings "$1" "$to")
    printf '   %-6s pings %-8s %-4s\n' "$1" "$what" "$got"
    expect "$1 pings $2" "$got" "$3"
done

step "ct1 sends hostile frames, each beside its legitimate twin; all listen"
. "$TOP/tests/demo/hostile.sh"
if hostile ct1 vb1 vmovs-lab desk cell1 cell2 > "$T/out" 2>&1; then
    sed -n 's/^frames \([0-9]*\) hostile \([0-9]*\)/    \1 kinds of frames, \2 hostile: MAC, ARP, IPv4, IPv6, ND, RA, DHCP, VLAN.../p' "$T/verdict"
    for what in leaked lost; do
        names=$(sed -n "s/^$what //p" "$T/verdict" | sort -u | tr '\n' ' ')
        echo "    $what: ${names:-none}"
        expect "$what" "${names:-none}" none
    done
else
    expect "hostile frames" "cannot be sent" sent
fi

step "What vmovs has counted"
vmovs status | sed 's/^/    /'
echo
if [ $bad = 0 ]; then
    echo "All as it should be."
else
    echo "$bad things were not as they should be."
fi
[ $bad = 0 ]
