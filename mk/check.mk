# Tests.  One line a suite; see docs/TESTING.md.
#
# unit    cmocka programs, tests/unit/test-NAME.c, the daemon's objects linked
#         in whole but for main
# others  tests/SUITE/NAME.sh, run by prove; the vocabulary is tests/lib.sh

UNIT_SRC := $(sort $(wildcard tests/unit/test-*.c))
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)

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

$(BUILD)/unit/%: $(OBJ)/tests/unit/%.o $(LIB) mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) $(LDHARD) -o $@ $< $(LIB) $(DAEMON_LIBS) \
	    -lcmocka -lnftables

# Programs that drive one part of the daemon alone, for the scenarios.
HARNESSES := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,\
                 $(wildcard tests/tools/*-harness.c))
$(HARNESSES): $(BUILD)/tools/%: $(OBJ)/tests/tools/%.o $(LIB) mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) $(LDHARD) -o $@ $< $(LIB) $(DAEMON_LIBS)

-include $(wildcard $(OBJ)/tests/*/*.d)
.SECONDARY:

# Programs of the tests, static so that they run inside guests too.
TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,\
             $(addprefix tests/tools/,guest-run.c relay.c pace.c tcp.c wire.c))

$(TOOLS): $(BUILD)/tools/%: tests/tools/%.c
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) -std=gnu11 $(CFLAGS) -Wall -Wextra -Werror -D_GNU_SOURCE -static \
	    -o $@ $<

# Trace tests: the pipeline in a real ovs-vswitchd on its dummy datapath.
TRACE_BIN := $(BUILD)/trace/plan-flows $(BUILD)/trace/frames

$(BUILD)/trace/plan-flows: $(OBJ)/tests/trace/plan-flows.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) $(LDHARD) -o $@ $< $(LIB) $(DAEMON_LIBS)

$(BUILD)/trace/frames: tests/trace/frames.c tests/trace/frames-nd.h \
                       tests/tools/frame.c tests/tools/frame.h
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) -std=gnu11 $(CFLAGS) $(WARN) -D_GNU_SOURCE -Itests/tools -static -o $@ \
	    tests/trace/frames.c tests/tools/frame.c

GUEST := $(BUILD)/guest/initrd
$(GUEST): tests/tools/make-guest $(BUILD)/tools/wire $(BUILD)/tools/pace \
          $(BUILD)/tools/tcp
	@tests/tools/make-guest $(BUILD)/guest $(filter $(BUILD)/%,$^)

# What a suite runs: programs of tests/unit, scripts of the others.
SUITE_unit   = $(UNIT_BIN)
SUITE_golden = $(sort $(wildcard tests/golden/*.sh))
SUITE_trace  = $(sort $(wildcard tests/trace/*.sh))
SUITE_cli    = $(sort $(wildcard tests/cli/*.sh))
SUITE_daemon = $(sort $(wildcard tests/daemon/*.sh))
SUITE_system = $(sort $(wildcard tests/system/*.sh))
SUITES := unit golden trace cli daemon system

# prove's last line counts the tests.  Scenarios that keep time by packets run
# alone; all others two at a time.
PROVE = CMOCKA_MESSAGE_OUTPUT=TAP BUILD=$(abspath $(BUILD)) \
        prove -j2 --timer --exec tests/run-test \
        --rules='seq=tests/system/*' --rules='par=**'
TEST_NEEDS = $(PROGRAMS) $(TOOLS) $(HARNESSES) $(TRACE_BIN)

$(SUITES:%=check-%): check-%: test-deps $(TEST_NEEDS) $(GUEST) $(UNIT_BIN)
	@$(PROVE) $(SUITE_$*)

check: test-deps $(TEST_NEEDS) $(GUEST) $(UNIT_BIN) ## all tests
	@$(PROVE) $(foreach s,$(SUITES),$(SUITE_$s))

demo: test-deps $(TEST_NEEDS) $(GUEST) ## real guests on one switch, and who reaches whom
	@BUILD=$(abspath $(BUILD)) tests/demo/demo.sh

lint: lint-deps all ## what a machine can check of the code
	@tests/lint/lint
	@tests/lint/self-test.sh

TEST_DEPS := busybox-static ethtool iproute2 iputils-ping jq lxc mandoc perl \
             procps qemu-system-x86 util-linux
LINT_DEPS := clang clang-format clang-tidy cppcheck git mandoc shellcheck
test-deps:
	@ovs-scripts/install-deps $(TEST_DEPS)
lint-deps:
	@ovs-scripts/install-deps $(LINT_DEPS)

.PHONY: check demo lint test-deps lint-deps $(SUITES:%=check-%)
