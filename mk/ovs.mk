# libopenvswitch, static, from Debian's openvswitch-source: a tarball on
# Debian 12 (3.1), a tree on Debian 13 (3.5).  Built with rename.h forced, see
# there.  The stamp depends on rename.h and this file, so that a change of
# either builds it anew.

OVS      := $(BUILD)/ovs
OVS_LIB  := $(OVS)/lib/.libs/libopenvswitch.a

DEPS := gcc libc6-dev make pkg-config libjansson-dev libnftables-dev libcmocka-dev \
        openvswitch-source openvswitch-switch python3

deps: ## install what is needed (apt-get) and build libopenvswitch once
	@ovs-scripts/install-deps $(DEPS)
	@$(MAKE) --no-print-directory $(OVS)/.stamp

$(OVS)/.stamp: controller/rename.h mk/ovs.mk ovs-scripts/build-libopenvswitch
	@ovs-scripts/build-libopenvswitch $(OVS) $(abspath controller/rename.h)
	@touch $@

.PHONY: deps
