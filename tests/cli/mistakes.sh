#!/bin/sh
# Somebody's first hour: each of these mistakes is made by hand or by a script
# with an empty variable, and costs a search if what is said does not name it.
# shellcheck disable=SC1091,SC2154  # harness.inc
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/harness.inc"
serve '{"version":1,"networks":{"default":{"subnet":"10.77.0.0/24"}},"vms":
{"web1":{"hypervisor-name":"Web 1","groups":["web","dmz"]},"db1":{}}}'

run vmovs help add-vmm
error "help for a slip" 2 "vmovs: add-vmm: no such command; did you mean add-vm?"
run vmovs list vm
error "a list that is none" 2 "vmovs: vm: there is no such list; did you mean \
vms?"
run vmovs sync now
error "a command without arguments" 2 \
      "vmovs: sync: too many arguments; write: vmovs sync"
run vmovs add-vm a --network=
error "an empty variable" 2 \
      "vmovs: --network=: its value is empty; write --network=NET, or leave it out"
run vmovs add-vm "Windows 10"
error "the hypervisor's name" 1 "vmovs: add-vm Windows 10: \"Windows 10\" \
cannot be a name; use a-z, 0-9 and '-' within, at most 63 of them (what else \
its hypervisor calls it is its hypervisor-name)"
run vmovs set-vm web1 ip=10.77.0.5 ip=10.77.0.6
error "a key twice" 2 "vmovs: ip=10.77.0.6: its key is given twice; give it once"
run vmovs set-net default isolate=yes
error "yes" 1 "vmovs: set-net default: isolate cannot be \"yes\"; write \
isolate=true or isolate=false"
run vmovs set-net default mtu=big
error "no number" 1 "vmovs: set-net default: mtu cannot be \"big\"; write bytes, \
such as mtu=1442"
run vmovs del-net default
error "members" 1 "vmovs: del-net default: db1 is on it and 1 more NICs; move or \
delete them first; see them with: vmovs show default"
run vmovs show "$(printf '\377')"
error "Latin-1" 2 "vmovs: \\xff: this is not UTF-8; write it in UTF-8"
run vmovs show "$(printf 'a\342\200\256b\033[1m\302\233')"
error "what plays with a terminal" 1 "vmovs: show a\\xe2\\x80\\xaeb\\x1b[1m\
\\xc2\\x9b: there is no VM or network of that name; see them with: vmovs list; \
vmovs list nets"
run vmovs del-vm web1 --dry-run
is "del-vm --dry-run says what would be" "$out" "web1 would be deleted"
run vmovs del-vm none --dry-run --if-exists
is "... or not" "$out" "none would not be deleted"
run vmovs show web1
ok "show has the hypervisor's name" grep -q '^  known as     Web 1$' "$T/said"
ok "... and the groups" grep -q '^  groups       dmz web$' "$T/said"
run vmovs set-vm web1 "hypervisor-name=$(printf '%0256d' 0)"
is "a name of 256 bytes" "$rc" 1
run vmovs set-vm web1 "groups=$(seq -s, 65)"
error "65 groups" 1 "vmovs: set-vm web1: vms.web1.groups: a VM is in at most 64 \
groups; leave some out"
for command in "" $(vmovs help | sed -n 's/^  \([a-z-]*\)  *.*/\1/p'); do
    # shellcheck disable=SC2086  # none, or one word
    is "help $command fits a terminal" "$(vmovs help $command | grep '.\{81\}' |
        grep -v '^Example')" ""
done

echo '{"version": 1, "vms": {"a": {"nics": 1}}}' > "$T/vmovs.json"
run vmovs add-vm b
error "a config with a slip" 1 "vmovs: add-vm b: $T/vmovs.json has to be mended \
first: 1:38: vms.a.nics: must be a list of NICs, and is a number; write [ {...} ]"
done_testing
