# vmovs: build, check and install.  "make help" lists the targets.
#
# Everything built is under build/.  libopenvswitch comes from Debian's package
# openvswitch-source and is built once (build/ovs, by "make deps" or at need).

CC      ?= gcc
BUILD   ?= build
ASAN    ?=
CFLAGS  ?= -g -O2
VERSION := $(shell sed -n '1s/^vmovs \([^ ]*\).*/\1/p' NEWS)

include mk/ovs.mk
include mk/build.mk
include mk/check.mk
include mk/bench.mk

.DEFAULT_GOAL := all
all: $(PROGRAMS)
	@:

help:
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile mk/*.mk | expand -t 16

clean: ## remove what was built, but not libopenvswitch
	rm -rf $(filter-out $(OVS) $(OVS).log,$(wildcard $(BUILD)/*))

distclean: ## remove build/ altogether
	rm -rf $(BUILD)

.PHONY: all help clean distclean
