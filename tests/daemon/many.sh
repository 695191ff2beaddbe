#!/bin/sh
# Without this: with 2,000 guests one more costs as much as all, and a restart
# of vmovsd stirs every flow.
. "$(dirname "$0")/../lib.sh"

start_ovs dummy
awk 'BEGIN {
    print "{\"version\": 1, \"networks\": {"
    for (n = 0; n < 4; n++) {
        printf "%s\"net%d\": {\"subnet\": \"10.78.%d.0/22\", " \
               "\"subnet6\": \"fd00:78:%d::/64\"}", n ? "," : "", n, n * 4, n
    }
    print "}, \"vms\": {"
    for (i = 0; i < 2000; i++) {
        printf "%s\"g%d\": {\"nics\": [{\"network\": \"net%d\"}]}\n",
               i ? "," : "", i, i % 4
    }
    print "}}"
}' > "$T/vmovs.json"
start_vmovsd --nic-type=dummy
ok "2,000 NICs are applied" vmovs sync --timeout=300
before=$(count blocks_compiled)
ok "one more" vmovs add-vm extra --network=net1
compiled=$(($(count blocks_compiled) - before))
say "$compiled blocks compiled for one new VM"
is "compiled its own block only" "$compiled" 1
say "flows per NIC: $(ofctl dump-aggregate vmovs0 |
    sed -n 's/.*flow_count=\([0-9]*\).*/\1/p') / 2001"
say "memory: $(sed -n 's/VmRSS: *//p' \
    "/proc/$(cat "$T/ovs/vmovsd.pid")/status")"
# 2,000 ports at once may keep the loop busy for a second on a slow machine.
allow_log 'Unreasonably long|faults: |context switches: '
finish
