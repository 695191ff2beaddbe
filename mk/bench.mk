# What is not part of "make check": fuzzing, and what things cost.

BENCH_BIN := $(OUT)/bench/bench-plan $(OUT)/bench/bench-source

$(GOLDEN_BIN) $(BENCH_BIN): $(OUT)/%: $(OBJ)/tests/%.o $(LIB) mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) $(LDHARD) -o $@ $< $(LIB) $(DAEMON_LIBS)

bench-plan bench-source: bench-%: $(OUT)/bench/bench-% ## CPU time of a turn, of an edit
	@$<

# By clang: "make fuzz SECONDS=60" runs each target that long.  What breaks one
# is left as build/fuzz/TARGET/crash-*.
FUZZ    := config frame
FUZZ_CC ?= clang
SECONDS ?= 60

$(OUT)/fuzz/fuzz-%: $(OBJ)/tests/fuzz/fuzz-%.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDSAN) -pie -o $@ $^ $(DAEMON_LIBS)

$(FUZZ:%=fuzz-%): fuzz-%: $(OVS)/.stamp
	@$(MAKE) --no-print-directory OBJ=$(BUILD)/obj-fuzz CC=$(FUZZ_CC) \
	    HARDEN='-fsanitize=fuzzer-no-link,address,undefined -fPIE' \
	    LDSAN=-fsanitize=fuzzer,address,undefined $(OUT)/fuzz/$@
	@mkdir -p $(BUILD)/fuzz/$*
	@cd $(BUILD)/fuzz/$* && ../$@ -max_total_time=$(SECONDS) -timeout=10 \
	    -print_final_stats=1 . $(abspath tests/fuzz/corpus-$*)

fuzz: lint-deps $(FUZZ:%=fuzz-%) ## fuzz the config and the API's framing

.PHONY: bench-plan bench-source fuzz $(FUZZ:%=fuzz-%)
