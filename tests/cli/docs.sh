#!/bin/sh
# shellcheck disable=SC1091,SC2013,SC2016,SC2154  # lib.sh; words
# Without this: the manual is silent about a key or an option, or praises one
# that is gone.
. "$(dirname "$0")/../lib.sh"
cd "$TOP" || exit 2

# same WHAT: $T/code and $T/docs hold the same lines.
same () {
    sort -u "$T/code" > "$T/a"
    sort -u "$T/docs" > "$T/b"
    ok "$1" sh -c "[ -s $T/a ] && diff --label code --label docs -U0 $T/a $T/b"
}

# "SECTION KEY" of the config, from the reader's tables and from the docs.
awk '/^read_[a-z]+\(/ { f = $1; sub(/\(.*/, "", f)
         s = f == "read_root" ? "Top" : f == "read_dns" ? "Names" : f == "read_network" ? "Networks" : \
             f == "read_vm" ? "VMs" : f == "read_nics" ? "NICs" : f }
     /struct field fields/ { table = 1 }
     table { line = $0
         while (match(line, /\{ "[a-z0-9-]+", read/)) {
             key = substr(line, RSTART + 3); sub(/".*/, "", key)
             print s, key; line = substr(line, RSTART + RLENGTH) } }
     /^    };/ { table = 0 }' controller/source/json-model.c > "$T/code"
awk '$1 == ".Ss" { s = $2 } $1 == ".It" && $2 == "Cm" { print s, $3 }' \
    docs/vmovs.json.5 > "$T/docs"
same "vmovs.json.5 has the keys of the config"
awk '/^## / { s = $2 } /^\| `[a-z0-9-]+` \| [^|]+ \| [^|]+ \| / &&
     s ~ /^(Top|Names|Networks|VMs|NICs)$/ { gsub(/`/, "", $2); print s, $2 }' \
    docs/CONFIG.md > "$T/docs"
same "CONFIG.md has the keys of the config"

sed -n 's/^    \[HV_[A-Z_]*\] = { "\([a-z-]*\)", DEV.*/\1/p' \
    controller/core/names.c > "$T/code"
for page in CONFIG.md vmovs.json.5 vmovs.8; do
    while read -r kind; do
        grep -qw -- "$kind" "docs/$page" && echo "$kind"
    done < "$T/code" > "$T/docs"
    same "$page has the kinds of hypervisors"
done

# Options: "Fl -name" in mdoc, "--name" in help.
in_help () { grep -oE -- '(^|[ ,])--[a-z][a-z0-9-]+' | sed 's/.*--//'; }
in_man () { grep -oE 'Fl -[a-z][a-z0-9-]+' "$1" | sed 's/Fl -//'; }
vmovsd --help | sed 's/default:.*//' | sed '/^  /!d; s/\(--[a-z-]*\).*/\1/' |
    sed '/^ \{20\}/d' | in_help > "$T/code"
in_man docs/vmovsd.8 > "$T/docs"
same "vmovsd.8 has the options of vmovsd"
commands=$(vmovs help | sed -n 's/^  \([a-z-]*\)  .*/\1/p')
for command in $commands; do
    vmovs help "$command" | sed -n '/^Options/,/^$/p' | grep '^  --' | in_help
done > "$T/code"
in_man docs/vmovs.8 > "$T/docs"
same "vmovs.8 has the options of vmovs"
echo "$commands" > "$T/code"
sed -n 's/^\.It Cm \([a-z]*-*[a-z]*\).*/\1/p' docs/vmovs.8 > "$T/docs"
same "vmovs.8 has the commands of vmovs"

sed -n 's/^\([a-z_]*\) () .*/\1/p' tests/lib.sh > "$T/code"
grep '^| `' docs/TESTING.md | cut -d'|' -f2 | grep -o '`[a-z_]*' | tr -d '`' |
    grep -xFf "$T/code" > "$T/docs"
echo vmovs >> "$T/code"; echo vmovs >> "$T/docs"
same "TESTING.md has the words of lib.sh"
for suite in $(sed -n 's/^SUITES := //p' mk/check.mk); do
    ok "TESTING.md has suite $suite" grep -q "^| $suite |" docs/TESTING.md
done
echo "1..$n_tests"
[ "$n_failed" = 0 ]
