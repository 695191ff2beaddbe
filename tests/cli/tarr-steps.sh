#!/bin/sh
# shellcheck disable=SC1091,SC2154  # harness.inc; its variables
# Without this: scripts and fingers that know tarr-steps are lost.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/harness.inc"
tarr="$TOP/ovs-scripts/tarr-steps"
serve '{"version":1,"networks":{"default":{"subnet":"10.77.0.0/24"}},
"vms":{"web1":{"nics":[{"network":"default"}]}}}'
ok "sync" vmovs sync --timeout=5

for option in -h --help; do
    ok "$option" "$tarr" $option
    says "has every option" '-ip, --ip ADDRESS'
done
for option in -l --liste; do
    ok "$option" "$tarr" $option
    says "has the bridge" '^bridge +vmovs0'
    says "has the ports" '^vm-web1 '
done
run "$tarr" -c
is "-c: a port has an error" "$rc" 1
ok "which" grep -q '^tap9: no ' "$T/said"
for option in -sp --stop; do
    ok "$option" "$tarr" $option
    is "stops" "$(vmovs --json list | jq -r '.vms[0].state')" stopped
    ok "start" "$tarr" "$(echo $option | sed 's/sp/st/; s/stop/start/')"
    is "starts" "$(vmovs --json list | jq -r '.vms[0].state')" ready
done
ok "-r" "$tarr" -r
ok "--reload" "$tarr" --reload

vmovs add-net lab --subnet=10.1.2.0/24 > "$T/out" || bail "add-net"
for option in -ip --ip; do
    ok "$option" env NETWORK=lab "$tarr" $option 10.9.${#option}.1/25
    is "the gateway" "$(vmovs --json show lab | jq -r .gateway)" \
        "10.9.${#option}.1"
done
ok "without a length it is a /24" env NETWORK=lab "$tarr" -ip 10.8.1.1
is "the subnet" "$(vmovs --json show lab | jq -r .subnet)" 10.8.1.0/24
for wrong in 10.9.8.2/24 10.9.8/24 a.b.c.1/24 10.9.8.1/33 300.1.1.1/24 ""; do
    run "$tarr" -ip "$wrong"
    is "no address: $wrong" "$rc" 2
done
run "$tarr" --ip 10.9.9.1/24
is "a subnet with guests in it is refused" "$rc" 1
ok "and why" grep -q 'vms.web1.nics\[0\].ip: .* is outside' "$T/err"
run "$tarr" --frobnicate
error "no such option" 2 \
    "tarr-steps: --frobnicate: not known; see tarr-steps --help"
done_testing
