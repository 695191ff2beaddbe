#!/bin/sh
# shellcheck disable=SC1091,SC2154  # harness.inc and its variables
# Without this: who edits the config by hand learns what is wrong with it from
# the running network, or "vmovsd --check-config" itself changes the file.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/harness.inc"

mkdir "$T/etc"
check () { run vmovsd --check-config --config="$T/etc/vmovs.json"; }
line () { ok "says where: $1" grep -qF "$T/etc/vmovs.json:$1" "$T/said"; }

echo '{"version": 1, "networks": {"default": {}}, "vms": {"a": {}}}' \
    > "$T/etc/vmovs.json"
cp "$T/etc/vmovs.json" "$T/before"
check
is "a valid config: status" "$rc" 0
is "a valid config: nothing is said" "$out$err" ""
ok "the file is as it was" cmp "$T/before" "$T/etc/vmovs.json"
is "nothing is left beside it" "$(ls -A "$T/etc")" vmovs.json

cat > "$T/etc/vmovs.json" <<'CONFIG'
{
  "version": 1,
  "networks": { "lab": { "subnet": "10.77.1.0/24", "isolat": true } },
  "vms": {
    "web1": { "hypervisor": "virtualbx" },
    "db1": { "nics": [ { "network": "lba" } ] }
  }
}
CONFIG
check
is "a faulty config: status" "$rc" 1
line '3:52: networks.lab.isolat: "isolat" is not known here; did you mean'
line '5:29: vms.web1.hypervisor: "virtualbx" is not known here; did you mean'
line '6:37: vms.db1.nics[0].network: there is no network "lba"; did you mean'
is "each fault once, on standard output alone" "$(grep -c . "$T/said") $err" \
    "4 "

rm "$T/etc/vmovs.json"
check
is "no config: status" "$rc" 1
ok "no config: what to write" grep -q 'the file is not there; write one' \
    "$T/said"
echo "1..$n_tests"
[ "$n_failed" = 0 ]
