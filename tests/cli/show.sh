#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154  # harness.inc; inner shells
# Scripts rely on the JSON's keys, people on aligned columns, and nobody's
# terminal on a guest's or a neighbour's good will.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/harness.inc"
serve '{"version":1,"networks":{"default":{"subnet":"10.77.0.0/24"}},
"vms":{"web1":{"nics":[{"network":"default",
"ip":"10.77.0.10"}]}, "db-with-a-long-name":{"hypervisor":"netns",
"nics":[{"network":"default","ip":"10.77.0.11"}]}}}'
ok "sync" vmovs sync --timeout=5

# keys: the keys of the objects, in order, without values
keys () { grep -o '^ *"[a-z0-9-]*":' | tr -d ' ":' | tr '\n' ' '; }
is "a VM's keys" "$(vmovs show web1 --json | sed '/"drops"/,/}/d' | keys)" \
   "name hypervisor hypervisor-name owner host state groups nics name \
network mac id ip ip6 fqdn device ofport state "
for what in vms nets hosts ports; do
    key=$(echo $what | sed s/nets/networks/)
    is "list $what" "$(vmovs --json list $what | keys | cut -d' ' -f1)" "$key"
    ok "list $what for people" vmovs list $what
done
is "columns line up" "$(vmovs list | awk '{print index($0, "10.77.0.1")}' |
    sed 1d | sort -u | wc -l)" 1
ok "a stranger is marked" \
   sh -c 'vmovs list ports | grep "^tap9.*stranger, no flows"'
ok "drops are shown" sh -c 'vmovs show web1 | grep "dropped.*7 spoofed-mac"'
ok "a network is shown" sh -c 'vmovs show default | grep "vms *db-with"'
run vmovs show nobody
is "no such thing" "$rc" 1
ok "show without a name" vmovs show
ok "status names problems" \
   sh -c 'vmovs status | grep "problem: nic broken: .*; see the log"'
nok "no colour in a pipe" sh -c 'vmovs list | grep -q "$(printf "\033")"'
nok "no control characters on a terminal" sh -c \
    'script -qec "NO_COLOR=1 vmovs list ports" /dev/null |
         grep -q "$(printf "\033")"'
ok "... they are shown instead" sh -c \
    'vmovs list ports | grep -F "no \x1b[31mtap"'
ok "colour on a terminal" sh -c \
    'script -qec "env -u NO_COLOR TERM=xterm vmovs list" /dev/null |
         grep -q "$(printf "\033")"'

printf '{"version":1,\n "networks": {"default": {"subnte": "auto"}}}' \
    > "$T/new" && mv "$T/new" "$T/vmovs.json"
ok "status shows where the config is faulty" wait_until \
   sh -c 'vmovs status | grep "vmovs.json:2:.*subnte"'
done_testing
