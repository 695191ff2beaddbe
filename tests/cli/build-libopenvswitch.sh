#!/bin/sh
# Where Debian's Open vSwitch is of another major version, the build says so at
# once and by name, instead of failing somewhere in the compiler's output.
. "$(dirname "$0")/../lib.sh"

build () {
    OVS_SRC="$T/src" "$TOP/ovs-scripts/build-libopenvswitch" "$T/ovs-build" \
        "$TOP/controller/rename.h"
}

nok "no source is refused" build
says "with the remedy" "src is not there; run: make deps"

mkdir "$T/src"
echo 'AC_INIT(openvswitch, 4.0.1, bugs@openvswitch.org)' > "$T/src/configure.ac"
nok "another major version is refused" build
says "by its name" "Open vSwitch '4.0.1'"
says "and what would do" "3\.1 \(Debian 12\) and 3\.5 \(Debian 13\)"
nok "nothing is left that looks built" test -e "$T/ovs-build/vmovs-ovs.h"

echo 'AC_INIT(openvswitch, 3.5.0, bugs@openvswitch.org)' > "$T/src/configure.ac"
printf '#!/bin/sh\necho "no acceptable C compiler"\nexit 77\n' \
    > "$T/src/configure"
chmod +x "$T/src/configure"
nok "a failure of configure is a failure" build
says "and its reason is shown" "no acceptable C compiler"
nok "nothing is left that looks built then" test -e "$T/ovs-build/vmovs-ovs.h"
finish
