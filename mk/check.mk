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

check-unit: $(UNIT_BIN) ## unit tests only
	@for t in $(UNIT_BIN); do $$t || exit 1; done

.PHONY: check-unit

# Programs of the tests, static so that they run inside guests too.
TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,\
             $(addprefix tests/tools/,guest-run.c relay.c pace.c))

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
	@$(CC) -std=gnu11 $(CFLAGS) $(WARN) -D_GNU_SOURCE -Itests/tools -o $@ \
	    tests/trace/frames.c tests/tools/frame.c

check-trace: $(TRACE_BIN) ## the pipeline, asked frame by frame
	@prove tests/trace/*.sh

.PHONY: check-trace
