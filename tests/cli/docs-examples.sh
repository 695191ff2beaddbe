#!/bin/sh
# shellcheck disable=SC1091,SC2154  # lib.sh and its variables
# Without this: an example of the manual does not work, a message is not the one
# that people look for, a page does not show, or leads to a file that is gone.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 2

# Examples that are whole configs, and what is said of them.
awk -v t="$T" 'FNR == 1 { indent = FILENAME ~ /md$/ ? "^    " : "^" }
               $0 ~ indent "[{]$" { n++; f = t "/" n ".json"; on = 1 }
               on { line = $0; sub(indent, "", line); print line > f }
               $0 ~ indent "[}]$" { on = 0 }
               /^    vmovs.json:/ { print substr($0, 5) > (t "/" n ".said") }' \
    docs/CONFIG.md docs/vmovs.json.5
for example in "$T"/[1-9].json; do
    cp "$example" "$T/vmovs.json"
    touch "${example%.json}.said"
    (cd "$T" && vmovsd --check-config --config=vmovs.json) > "$T/said"
    ok "example $(basename "$example"): what is said of it" \
        diff "${example%.json}.said" "$T/said"
done
is "all examples were found" "$(find "$T" -name '[1-9].json' | wc -l)" 5


for page in docs/*.[58]; do
    is "$page is clean" "$(mandoc -T lint -W warning "$page")" ""
done
is "paths that the pages name exist" "$(
    grep -ohE '`?(controller|tests|docs|mk|ovs-scripts)/[a-zA-Z0-9_./*-]+[a-z0-9*]' \
        docs/*.md README.md CONTRIBUTING.md | tr -d '`' | grep -v '\*' | sort -u |
    while read -r path; do [ -e "$path" ] || echo "$path"; done)" ""
echo "1..$n_tests"
[ "$n_failed" = 0 ]
