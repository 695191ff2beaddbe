#!/bin/sh
# run.sh [--update]
#
# A change of a compiler shows here as lines of ovs-ofctl and ovs-vsctl.  Each
# directory is a case (README): from vmovs.json and view.txt follows plan.txt,
# also from the JSON with its keys in another order, and from the config as
# vmovsd writes it back.  --update accepts what follows now.
set -u
dir=$(cd "$(dirname "$0")" && pwd)
plan_text=${BUILD:-$dir/../../build}/golden/plan-text
t=$(mktemp -d /tmp/vmovs-golden.XXXXXX)
trap 'rm -rf "$t"' EXIT
n=0 failed=0

ok () {                         # WHAT COMMAND...
    what=$1
    shift
    n=$((n + 1))
    if "$@" > "$t/out" 2>&1; then
        echo "ok $n - $what"
    else
        failed=$((failed + 1))
        echo "not ok $n - $what"
        sed 's/^/# /' "$t/out"
    fi
}

# The config as it is shipped is a case of its own.
config_of () {
    if [ -e "$1/vmovs.json" ]; then
        echo "$1/vmovs.json"
    else
        echo "$dir/../../config/vmovs.json"
    fi
}

follows () {                    # CASE CONFIG: plan.txt follows from CONFIG
    "$plan_text" "$2" "$1/view.txt" > "$t/plan" &&
        diff -u "$1/plan.txt" "$t/plan"
}

follows_reversed () {           # CASE CONFIG
    jq 'walk(if type == "object"
             then to_entries | reverse | from_entries else . end)' \
        "$2" > "$t/reversed.json" && follows "$1" "$t/reversed.json"
}

follows_written () {            # CASE CONFIG
    "$plan_text" --config "$2" > "$t/written.json" &&
        follows "$1" "$t/written.json" &&
        "$plan_text" --config "$t/written.json" | diff "$t/written.json" -
}

for view in "$dir"/*/view.txt; do
    case=${view%/view.txt}
    name=${case##*/}
    config=$(config_of "$case")
    if [ "${1:-}" = --update ]; then
        "$plan_text" "$config" "$view" > "$t/plan" || exit 1
        cmp -s "$t/plan" "$case/plan.txt" || echo "$name: updated"
        cp "$t/plan" "$case/plan.txt"
        continue
    fi
    ok "$name" follows "$case" "$config"
    ok "$name, keys in another order" follows_reversed "$case" "$config"
    ok "$name, written back and read again" follows_written "$case" "$config"
    ok "$name is in the README" grep -q "^| $name |" "$dir/README.md"
done
[ "${1:-}" = --update ] || echo "1..$n"
[ $failed = 0 ]
