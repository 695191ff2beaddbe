#!/bin/sh
# Breaks every rule of lint once, in a copy of the tree, and sees that the rule
# notices: a rule that cannot fail is no rule.
# shellcheck disable=SC2016  # what is broken on purpose
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
n=0 failed=0

mkdir "$copy/build"
ln -s "$top/build/ovs" "$copy/build/ovs"

# A clean copy of the tree.
fresh () {
    rm -rf "$copy/tree" "$copy/build/obj" "$copy/build/vmovsd"
    mkdir "$copy/tree"
    git ls-files -co --exclude-standard |
        while read -r file; do [ ! -e "$file" ] || echo "$file"; done |
        tar cf - -T - | tar xf - -C "$copy/tree"
    git -C "$copy/tree" init -q
}

# RULE FILE TEXT [WHAT]: TEXT, appended to FILE, is found (and called WHAT).
broken () {
    fresh
    mkdir -p "$copy/tree/$(dirname "$2")"
    printf '%b' "$3" >> "$copy/tree/$2"
    noticed "$1" "$2.*${4:-}" "$2"
}

# RULE WHAT [FILE]: lint of FILE, or of all, finds WHAT by RULE.
noticed () {
    n=$((n + 1))
    if LINT_ROOT=$copy/tree BUILD=$copy/build "$top/tests/lint/lint" \
           "$1" ${3:+"$3"} > "$copy/out" 2>&1; then
        echo "not ok $n - $1 does not notice: $2"
        failed=1
    elif grep -q "^$1: .*$2" "$copy/out"; then
        echo "ok $n - $1: $2"
    else
        echo "not ok $n - $1 fails for another reason than $2"
        sed 's/^/# /' "$copy/out" | head -n 5
        failed=1
    fi
}

broken layers controller/core/model.c '#include "apply/openflow.h"\n'
broken layers controller/source/file.c '#include "apply/openflow.h"\n'
broken layers controller/apply/openflow.c '#include "source/source.h"\n'
broken layers controller/api/server.c '#include "apply/openflow.h"\n'
broken layers controller/cli/rpc.c '#include "core/model.h"\n'
broken layers controller/vmovsd.c '#include "apply/openflow.h"\n'
broken pure controller/core/model.c '#include "openvswitch/vlog.h"\n'

# What the core calls, in its objects.
fresh
mkdir -p "$copy/build/obj/controller/core"
printf '#include <time.h>\nlong f(void);\nlong f(void) { return time(0); }\n' |
    cc -x c -c -o "$copy/build/obj/controller/core/model.o" -
noticed pure 'core/model.o: the core calls time'

broken sizes controller/core/model.c "$(yes '\n' | head -n 700 | tr -d '\n')"
broken sizes controller/core/long.c \
    "int\nf(void)\n{\n$(yes '    f();\n' | head -n 70 | tr -d '\n')}\n"
broken clash controller/api/clash.c \
    '#include <jansson.h>\n#include "openvswitch/json.h"\n'

# A program that exports what a library would find.
fresh
echo 'int json_object; int main(void) { return json_object; }' |
    cc -rdynamic -x c -o "$copy/build/vmovsd" -
noticed clash 'vmovsd exports .* json_object'

broken format controller/core/model.c '\tint x;\n' 'a tab'
broken format controller/core/model.c 'int x;  \n' 'blanks at the end'
broken format controller/core/model.c '// comment\n' 'write /'
broken format controller/core/model.c '/* TODO */\n' 'do it or file it'
broken format controller/core/model.c 'int  x ;\n' 'run clang-format'
broken format controller/core/model.h "/*$(yes x | head -n 78 | tr -d '\n')*/\n" \
    'over 79'
broken format controller/core/odd.h '#ifndef ODD_H\n#endif\n' 'guard is not'
broken format tests/unit/odd.c 'int x;\n' 'no SPDX'
broken modes tests/daemon/odd.sh '#!/bin/sh\n' 'run chmod'
fresh
chmod +x "$copy/tree/README.md"
noticed modes README.md README.md
broken headers controller/core/model.h 'struct nothing x;\n'
broken sleep tests/daemon/nap.sh 'sleep 1\n'
broken sleep tests/unit/nap.c 'usleep(1);\n'
broken words docs/words.md 'see /work/there\n'
broken shellcheck ovs-scripts/broken '#!/bin/sh\necho $undefined\n'
broken cppcheck controller/core/null.c \
    'int\nf(void)\n{\n    int a[2];\n    return a[3];\n}\n'
broken tidy controller/core/tidy.c \
    'int f(int x);\nint\nf(int x)\n{\n    int y = 5 / (x - x);\n    return y;\n}\n'
echo "1..$n"
exit $failed
