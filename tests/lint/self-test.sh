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

broken () {                     # RULE FILE TEXT: TEXT appended to FILE
    n=$((n + 1))
    rm -rf "$copy/tree"
    mkdir "$copy/tree"
    git ls-files -co --exclude-standard | tar cf - -T - 2> /dev/null |
        tar xf - -C "$copy/tree"
    (cd "$copy/tree" && git init -q . && mkdir -p "$(dirname "$2")" &&
     printf '%b' "$3" >> "$2")
    if LINT_ROOT=$copy/tree BUILD=$top/build "$top/tests/lint/lint" \
           "$1" > "$copy/out" 2>&1; then
        echo "not ok $n - $1 does not notice: $2"
        failed=1
    elif grep -q "^$1: .*${2##*/}" "$copy/out"; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1 fails for another reason"
        sed 's/^/# /' "$copy/out" | head -n 5
        failed=1
    fi
}

broken layers controller/core/model.c '#include "apply/openflow.h"\n'
broken layers controller/api/server.c '#include "apply/openflow.h"\n'
broken layers controller/vmovsd.c '#include "apply/openflow.h"\n'
broken pure controller/core/model.c '#include "openvswitch/vlog.h"\n'
broken sizes controller/core/model.c \
    "$(yes '\n' | head -n 700 | tr -d '\n')"
broken sizes controller/core/long.c \
    "int\nf(void)\n{\n$(yes '    f();\n' | head -n 70 | tr -d '\n')}\n"
broken clash controller/api/clash.c \
    '#include <jansson.h>\n#include "openvswitch/json.h"\n'
broken format controller/core/model.c '\tint x;\n'
broken format controller/core/model.c 'int x;  \n'
broken format controller/core/model.c '// comment\n'
broken format controller/core/model.c '/* TODO */\n'
broken format controller/core/model.c 'int  x ;\n'
broken format controller/core/odd.h '#ifndef ODD_H\n#endif\n'
broken headers controller/core/model.h 'struct nothing x;\n'
broken sleep tests/daemon/nap.sh 'sleep 1\n'
broken words docs/words.md 'see /work/there\n'
broken shellcheck ovs-scripts/broken '#!/bin/sh\necho $undefined\n'
broken cppcheck controller/core/null.c \
    'int\nf(void)\n{\n    int a[2];\n    return a[3];\n}\n'
broken tidy controller/core/tidy.c \
    'int f(int x);\nint\nf(int x)\n{\n    int y = 5 / (x - x);\n    return y;\n}\n'
echo "1..$n"
exit $failed
