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

$(BUILD)/unit/%: $(OBJ)/tests/unit/%.o $(LIB_OBJ) mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) $(LDHARD) -o $@ $< $(LIB_OBJ) $(DAEMON_LIBS) \
	    -lcmocka -lnftables

-include $(UNIT_SRC:%.c=$(OBJ)/%.d)
.PRECIOUS: $(OBJ)/tests/unit/%.o

# Programs of the tests, static so that they run inside guests too.
TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,\
             $(addprefix tests/tools/,guest-run.c relay.c pace.c tcp.c wire.c))

$(BUILD)/tools/%: tests/tools/%.c
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) -std=gnu11 $(CFLAGS) -Wall -Wextra -Werror -D_GNU_SOURCE -static \
	    -o $@ $<

# Trace tests: the pipeline in a real ovs-vswitchd on its dummy datapath.
TRACE_BIN := $(BUILD)/trace/plan-flows $(BUILD)/trace/frames

$(BUILD)/trace/plan-flows: $(OBJ)/tests/trace/plan-flows.o $(CORE_OBJ)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) $(LDHARD) -o $@ $^ $(DAEMON_LIBS)

$(BUILD)/trace/frames: tests/trace/frames.c tests/trace/frames-nd.h \
                       tests/tools/frame.c tests/tools/frame.h
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) -std=gnu11 $(CFLAGS) $(WARN) -D_GNU_SOURCE -Itests/tools -static -o $@ \
	    tests/trace/frames.c tests/tools/frame.c

# The plan as text, for tests/golden, and what a turn costs, for tests/bench.
GOLDEN_BIN := $(BUILD)/golden/plan-text
BENCH_BIN  := $(BUILD)/bench/bench-plan $(BUILD)/bench/bench-source

$(GOLDEN_BIN) $(BENCH_BIN): $(BUILD)/%: $(OBJ)/tests/%.o $(LIB_OBJ) \
                                        mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) $(LDHARD) -o $@ $< $(LIB_OBJ) $(DAEMON_LIBS)
-include $(patsubst $(BUILD)/%,$(OBJ)/tests/%.d,$(GOLDEN_BIN) $(BENCH_BIN))

golden-update: $(GOLDEN_BIN) ## accept the plans of tests/golden as they are now
	@BUILD=$(abspath $(BUILD)) tests/golden/run.sh --update

bench-plan bench-source: bench-%: $(BUILD)/bench/bench-% ## CPU time of a turn, of an edit
	@$<

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
TEST_NEEDS = $(PROGRAMS) $(TOOLS) $(TRACE_BIN) $(GOLDEN_BIN)

$(SUITES:%=check-%): check-%: test-deps $(TEST_NEEDS) $(GUEST) $(UNIT_BIN)
	@$(PROVE) $(SUITE_$*)

check: test-deps $(TEST_NEEDS) $(GUEST) $(UNIT_BIN) ## all tests
	@$(PROVE) $(foreach s,$(SUITES),$(SUITE_$s))

# Fuzzing, by clang: "make fuzz SECONDS=60" runs each target that long.  What
# breaks one is left as build/fuzz/TARGET/crash-*.
FUZZ    := config frame
FUZZ_CC ?= clang
SECONDS ?= 60

$(BUILD)/fuzz/fuzz-%: $(OBJ)/tests/fuzz/fuzz-%.o $(LIB_OBJ)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) -pie -o $@ $^ $(DAEMON_LIBS)
.PRECIOUS: $(OBJ)/tests/fuzz/fuzz-%.o

$(FUZZ:%=fuzz-%): fuzz-%: $(OVS)/.stamp
	@$(MAKE) --no-print-directory OBJ=$(BUILD)/obj-fuzz CC=$(FUZZ_CC) \
	    HARDEN='-fsanitize=fuzzer-no-link,address,undefined -fPIE' \
	    LDSAN=-fsanitize=fuzzer,address,undefined $(BUILD)/fuzz/$@
	@mkdir -p $(BUILD)/fuzz/$*
	@cd $(BUILD)/fuzz/$* && ../$@ -max_total_time=$(SECONDS) -timeout=10 \
	    -print_final_stats=1 . $(abspath tests/fuzz/corpus-$*)

fuzz: lint-deps $(FUZZ:%=fuzz-%) ## fuzz the config and the API's framing

demo: test-deps $(TEST_NEEDS) $(GUEST) ## real guests on one switch, and who reaches whom
	@BUILD=$(abspath $(BUILD)) tests/demo/demo.sh

lint: lint-deps all ## what a machine can check of the code
	@tests/lint/lint
	@tests/lint/self-test.sh

TEST_DEPS := busybox-static ethtool iproute2 iputils-ping jq lxc perl \
             procps qemu-system-x86 util-linux
LINT_DEPS := clang clang-format clang-tidy cppcheck git mandoc shellcheck
test-deps:
	@ovs-scripts/install-deps $(TEST_DEPS)
lint-deps:
	@ovs-scripts/install-deps $(LINT_DEPS)

.PHONY: golden-update bench-plan bench-source fuzz $(FUZZ:%=fuzz-%)
.PHONY: check demo lint test-deps lint-deps $(SUITES:%=check-%)

# The API over a switch that obeys at once, for tests/cli.
HARNESS := $(BUILD)/tools/api-harness
$(HARNESS): $(OBJ)/tests/tools/api-harness.o $(LIB_OBJ) mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) $(LDHARD) -o $@ $< $(LIB_OBJ) $(DAEMON_LIBS)
-include $(OBJ)/tests/tools/api-harness.d

check check-cli: $(HARNESS)
