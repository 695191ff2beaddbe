# Tests.  One line a suite; see docs/TESTING.md.
#
# unit    cmocka programs, tests/unit/test-NAME.c, and scripts, NAME.sh there
# others  tests/SUITE/NAME.sh, run by prove; the vocabulary is tests/lib.sh

UNIT_SRC := $(sort $(wildcard tests/unit/test-*.c))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(OUT)/unit/%)

$(OBJ)/tests/%.o: tests/%.c $(OVS)/.stamp
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(ALL_CFLAGS) \
	    $(if $(filter $<,$(shell grep -ls '^.include <jansson.h>' $<)),,$(RENAME)) \
	    $(OVS_INC) -MMD -MP -c -o $@ $<

# The daemon without its main(); a test takes of it what it calls.
LIB := $(OBJ)/libvmovs.a
$(LIB): $(LIB_OBJ)
	@echo "  AR    $@"
	@rm -f $@ && $(AR) rcs $@ $^

$(UNIT_BIN): $(OUT)/unit/%: $(OBJ)/tests/unit/%.o $(LIB) mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(LDSAN) $(LDHARD) -o $@ $(filter %.o,$^) \
	    $(LIB) $(DAEMON_LIBS) -lcmocka

# jansson's JSON and Open vSwitch's do not meet in one file; they do in all of
# the daemon.
$(OUT)/unit/test-json-clash: $(OBJ)/tests/unit/json-clash-ovs.o $(LIB_OBJ)

# Programs that drive one part of the daemon alone, for the scenarios.
HARNESSES := $(patsubst tests/tools/%.c,$(OUT)/tools/%,\
                 $(wildcard tests/tools/*-harness.c))
$(HARNESSES): $(OUT)/tools/%: $(OBJ)/tests/tools/%.o $(LIB) mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(LDSAN) $(LDHARD) -o $@ $< $(LIB) \
	    $(DAEMON_LIBS)

-include $(wildcard $(OBJ)/tests/*/*.d)

# Programs of the tests, static so that they run inside guests too.
TOOLS := $(addprefix $(OUT)/tools/,dhcp6 dnsq guest-run relay pace tcp wire \
                                    mangle judge)

$(TOOLS): $(OUT)/tools/%: tests/tools/%.c
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) -std=gnu11 $(CFLAGS) -Wall -Wextra -Werror -D_GNU_SOURCE -static \
	    -o $@ $< -lresolv

# Trace tests: the pipeline in a real ovs-vswitchd on its dummy datapath.
TRACE_BIN := $(OUT)/trace/plan-flows $(OUT)/trace/frames

$(OUT)/trace/plan-flows: $(OBJ)/tests/trace/plan-flows.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) $(LDHARD) -o $@ $< $(LIB) $(DAEMON_LIBS)

$(OUT)/trace/frames: tests/trace/frames.c tests/trace/frames-nd.h \
                     tests/tools/frame.c tests/tools/frame.h
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) -std=gnu11 $(CFLAGS) $(WARN) -D_GNU_SOURCE -Itests/tools -static \
	    -o $@ tests/trace/frames.c tests/tools/frame.c

# The plan as text, for tests/golden.
GOLDEN_BIN := $(OUT)/golden/plan-text

golden-update: $(GOLDEN_BIN) ## accept the plans of tests/golden as they are now
	@BUILD=$(abspath $(OUT)) tests/golden/run.sh --update

GUEST := $(OUT)/guest/initrd
$(GUEST): tests/tools/make-guest $(addprefix $(OUT)/tools/,wire pace tcp) \
          tests/tools/lease
	@tests/tools/make-guest $(@D) $(filter-out %/make-guest,$^)

# What a suite runs.
SUITE_unit   = $(UNIT_BIN) $(sort $(wildcard tests/unit/*.sh))
SUITE_golden = $(sort $(wildcard tests/golden/*.sh))
SUITE_trace  = $(sort $(wildcard tests/trace/*.sh))
SUITE_cli    = $(sort $(wildcard tests/cli/*.sh))
SUITE_daemon = $(sort $(wildcard tests/daemon/*.sh))
SUITE_system = $(sort $(wildcard tests/system/*.sh))
SUITES := unit golden trace cli daemon system

# prove's last line counts the tests.  Scenarios that keep time by packets run
# alone; all others two at a time.
PROVE = CMOCKA_MESSAGE_OUTPUT=TAP BUILD=$(abspath $(OUT)) \
        prove -j2 --timer --failures --comments --exec tests/run-test \
        --rules='seq=tests/system/*' --rules='par=**'
TEST_NEEDS = $(PROGRAMS) $(TOOLS) $(HARNESSES) $(TRACE_BIN) $(GOLDEN_BIN)

$(SUITES:%=check-%): check-%:
	@$(PROVE) $(SUITE_$*)

check: ## all tests
	@$(PROVE) $(foreach s,$(SUITES),$(SUITE_$s))

check check-unit: unit-deps $(UNIT_BIN)
check $(filter-out check-unit,$(SUITES:%=check-%)): test-deps $(TEST_NEEDS)
check check-system: $(GUEST)

check-asan: ## unit, CLI and daemon tests with the sanitizers
	@$(MAKE) --no-print-directory ASAN=1 check-unit check-cli check-daemon

check-trixie: ## build and unit tests in a Debian 13 of their own
	@tests/vm/in-suite trixie

demo: test-deps $(TEST_NEEDS) $(GUEST) ## real guests on one switch, and who reaches whom
	@BUILD=$(abspath $(OUT)) tests/demo/demo.sh

check-demo: test-deps $(TEST_NEEDS) $(GUEST) ## Ctrl-C in the demo leaves nothing behind
	@BUILD=$(abspath $(OUT)) tests/demo/interrupt.sh

lint: lint-deps all ## what a machine can check of the code
	@tests/lint/lint
	@tests/lint/self-test.sh

TEST_DEPS := busybox-static dnsmasq-base ethtool iproute2 iputils-ping jq lxc \
             mandoc nftables perl procps qemu-system-x86 strace util-linux
LINT_DEPS := clang clang-format clang-tidy cppcheck git mandoc shellcheck
unit-deps:
	@ovs-scripts/install-deps perl
test-deps:
	@ovs-scripts/install-deps $(TEST_DEPS)
lint-deps:
	@ovs-scripts/install-deps $(LINT_DEPS)

.PHONY: check check-asan check-demo check-trixie demo lint unit-deps test-deps lint-deps \
        golden-update $(SUITES:%=check-%)
