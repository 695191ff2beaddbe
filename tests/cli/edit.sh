#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154  # harness.inc; inner shells
# What add-vm prints is what people copy, and what its refusals say is what
# they act on.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/harness.inc"
serve '{"version":1,"networks":{"default":{"subnet":"10.77.0.0/24"}},"vms":{}}'

run vmovs add-vm web1 --ip=10.77.0.10 --mac=52:54:00:00:00:01
is "add-vm" "$rc" 0
for line in "network      default" "address      10.77.0.10" \
            "FQDN         web1.default.vm.internal" "device       vm-web1" \
            "MAC          52:54:00:00:00:01" "state        ready" \
            'qemu-system-x86_64 .*\$(vmovs attach web1 --print)'; do
    ok "add-vm says: $line" grep -q -- "$line" "$T/said"
done
ok "it is in the file" grep -q web1 "$T/vmovs.json"

run vmovs add-vm web1
error "again" 1 "vmovs: add-vm web1: it exists already; see it with: \
vmovs show web1"
ok "again with --may-exist" vmovs add-vm web1 --may-exist
run vmovs add-vm web2 --ip=10.77.0.10
is "a taken address is refused" "$rc" 1
ok "... and the error says where" grep -q 'vms\.[a-z0-9.]*nics\[0\]' "$T/err"
is "... on one line" "$(wc -l < "$T/err")" 1
nok "... and nothing was added" grep -q web2 "$T/vmovs.json"
run vmovs add-vm web2 --dry-run
is "--dry-run" "$rc" 0
nok "... adds nothing" grep -q web2 "$T/vmovs.json"

ok "set-vm" vmovs set-vm web1 ip=10.77.0.11 groups=web,db
is "... sets the address" "$(nic web1 ip)" 10.77.0.11
run vmovs set-vm web1 grups=web
error "unknown key" 1 "vmovs: set-vm web1: a VM has no \"grups\"; did you \
mean groups?"
ok "add-nic" vmovs add-nic web1
run vmovs attach web1
is "both NICs for QEMU" "$(echo "$out" | grep -o 'ifname=[^,]*' | tr '\n' ' ')" \
   "ifname=vm-web1 ifname=vm-web1.1 "
ok "del-nic" vmovs del-nic web1 1
ok "add-net" vmovs add-net lab --mode=isolated --subnet=10.78.0.0/24 --mtu=1400
run vmovs del-net lba
error "no such network" 1 "vmovs: del-net lba: there is no network of that \
name; did you mean lab?"
run vmovs del-net default
is "a network with members stays" "$rc" 1
ok "set-net" vmovs set-net lab isolate=true
ok "del-net" vmovs del-net lab
ok "del-vm" vmovs del-vm web1
run vmovs del-vm web1
error "del-vm again" 1 "vmovs: del-vm web1: there is no VM of that name; see \
them with: vmovs list"
ok "del-vm --if-exists" vmovs del-vm web1 --if-exists
ok "sync" vmovs sync --timeout=5
done_testing
