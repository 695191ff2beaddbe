#!/bin/sh
# shellcheck disable=SC1091,SC2016,SC2154  # harness.inc; inner shells
# A mistyped command costs a glance, not a search in the manual: what is wrong,
# what was perhaps meant, and a status that scripts can tell from a failure.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/harness.inc"
serve '{"version":1,"networks":{"default":{"subnet":"10.77.0.0/24"}},"vms":{}}'

run vmovs lst
error "unknown command" 2 "vmovs: lst: no such command; did you mean list?"
run vmovs list --jsno
error "unknown option" 2 "vmovs: --jsno: no such option; did you mean --json?"
run vmovs add-vm
error "missing argument" 2 \
      "vmovs: add-vm: too few arguments; write: vmovs add-vm NAME"
run vmovs add-vm a b
error "extra argument" 2 \
      "vmovs: add-vm: too many arguments; write: vmovs add-vm NAME"
run vmovs add-vm a --ip
error "missing value" 2 "vmovs: --ip: its value is missing; write --ip=A"
run vmovs list --json=yes
error "value too many" 2 "vmovs: --json=yes: this option takes no value"
run vmovs sync --timeout=soon
error "no number" 2 \
      "vmovs: --timeout=soon: that is no number; give digits only"
run vmovs set-vm a b
error "no setting" 2 \
      "vmovs: b: this is not KEY=VALUE; write for example ip=10.77.0.20"
run vmovs
error "no command" 2 "vmovs: usage: no command given; see: vmovs help"

for command in $(vmovs help | sed -n 's/^  \([a-z-]*\)  .*/\1/p'); do
    ok "$command --help" vmovs "$command" --help
    is "$command --help and help $command agree" \
       "$(vmovs "$command" --help)" "$(vmovs help "$command")"
    ok "$command is in the manual" \
       grep -q "^\.It Cm $command" "$TOP/docs/vmovs.8"
done
ok "--help" vmovs --help
ok "--version" vmovs --version
is "-h and --help agree" "$(vmovs -h)" "$(vmovs --help)"

run vmovs --socket="$T/none" list
error "no daemon" 3 "vmovs: cannot reach vmovsd at $T/none: \
No such file or directory; start it with: systemctl start vmovs"
VMOVS_SOCKET=$T/none run vmovs list
is "VMOVS_SOCKET counts" "$rc" 3
run vmovs --socket="$VMOVS_SOCKET" list
is "options may stand before the command" "$rc" 0
done_testing
