#!/bin/sh
# Without this: on a large network some guests are not asked "who has...", or
# one guest too many breaks the network for all.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
members () {
    awk -v n="$1" 'BEGIN {
        print "{\"version\": 1, \"networks\": {\"lab\": {" \
              "\"subnet\": \"10.78.0.0/21\", \"subnet6\": \"fd00:78::/64\"}},"
        print "\"vms\": {"
        for (i = 1; i <= n; i++) {
            printf "%s\"g%d\": {\"nics\": [{\"network\": \"lab\"}]}\n",
                   (i > 1 ? "," : ""), i
        }
        print "}}" }'
}
members 1000 > "$T/vmovs.json"
start_vmovsd --nic-type=dummy
ok "1,000 NICs are applied" vmovs sync --timeout=120

# ports_of IN FLOW: the datapath's ports that a frame goes to.
ports_of () {
    appctl ofproto/trace vmovs0 "in_port=$(vsctl get interface "vm-$1" \
        ofport),$2" | sed -n 's/^Datapath actions: //p' | tr ',' '\n' |
        grep -E '^[0-9]+$' | sort -n
}
dp_port () {
    appctl dpif/show | awk -v name="$1" '$1 == name { sub(".*/", "", $2)
                                                sub(":", "", $2); print $2 }'
}
appctl dpif/show | awk '$1 ~ /^(vm-|vmovs-lab)/ {
    sub(".*/", "", $2); sub(":", "", $2); print $2 }' | sort -n > "$T/all"
is "1,001 ports" "$(wc -l < "$T/all")" 1001
for from in g1 g500 g1000; do
    mac=$(nic $from mac) ip=$(nic $from ip)
    arp=arp,dl_src=$mac,dl_dst=ff:ff:ff:ff:ff:ff,arp_sha=$mac
    arp=$arp,arp_spa=$ip,arp_tpa=10.78.7.254,arp_op=1
    ports_of $from "$arp" > "$T/got"
    grep -vx "$(dp_port vm-$from)" "$T/all" > "$T/wanted"
    ok "a broadcast of $from goes to 999 others and the gateway, once each" \
        diff "$T/got" "$T/wanted"
done

dump_switch > "$T/good"
nok "one more is refused" vmovs add-vm g1001 --network=lab
says "with the limit and the network" 'lab has 1001 NICs.*1000'
members 1001 > "$T/vmovs.json"
refused () { vmovs status | grep -q 'g1001.*1000\|1000.*g1001'; }
ok "in the file, too, by name" wait_until refused
dump_switch > "$T/now"
ok "and nothing changes" diff "$T/good" "$T/now"
members 1000 > "$T/vmovs.json"
ok "mended" wait_until vmovs sync
allow_log 'Unreasonably long|faults: |context switches: |vmovs.json'
finish
