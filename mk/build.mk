# vmovsd and vmovs.  A folder under controller/ is a layer (see lint).
#
# rename.h is forced into every file but those that include <jansson.h>;
# nothing is exported from our programs (vmovs.map).

# Where all but libopenvswitch goes: with ASAN=1 it is a tree of its own, so
# that the tests take everything from there.
OUT      := $(BUILD)$(if $(ASAN),/asan)
OBJ      := $(OUT)/obj
PROGRAMS := $(OUT)/vmovsd $(OUT)/vmovs $(OUT)/libnss_vmovs.so.2

DAEMON_SRC := $(sort $(wildcard controller/*.c controller/core/*.c \
                controller/source/*.c controller/apply/*.c controller/api/*.c))
CLI_SRC    := $(sort $(wildcard controller/cli/*.c)) controller/core/suggest.c
DAEMON_OBJ := $(DAEMON_SRC:%.c=$(OBJ)/%.o)
CLI_OBJ    := $(CLI_SRC:%.c=$(OBJ)/%.o)
LIB_OBJ    := $(filter-out %/vmovsd.o,$(DAEMON_OBJ))   # for unit tests

WARN := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes \
        -Wpointer-arith -Wcast-qual -Wundef -Wswitch-enum -Wvla \
        -Wno-unused-parameter -Wno-sign-compare -Wno-cast-qual \
        -Wno-undef -Wno-missing-field-initializers
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
ifneq ($(ASAN),)
LDSAN  := -fsanitize=address,undefined -fno-sanitize-recover=undefined
HARDEN := $(LDSAN) -fno-omit-frame-pointer -fPIE
endif

# Open vSwitch's headers are not held to our warnings (-isystem).
OVS_INC := -isystem $(OVS)/include -isystem $(OVS)/lib -isystem $(OVS)
ALL_CFLAGS := -std=gnu11 $(CFLAGS) $(HARDEN) $(WARN) -D_GNU_SOURCE \
              -DVMOVS_VERSION='"$(VERSION)"' -Icontroller
RENAME := -include controller/rename.h
LDHARD := -pie -Wl,-z,relro,-z,now -Wl,--version-script=mk/vmovs.map
# libopenvswitchavx512.a exists on x86-64 only.
DAEMON_LIBS = $(OVS_LIB) $(wildcard $(OVS)/lib/.libs/libopenvswitchavx512.a) \
              $(OVS_LIB) -lnftables -ljansson -latomic -lm -lpthread -lrt

JANSSON_SRC := $(shell grep -ls '^.include <jansson.h>' controller/*/*.c)

$(OBJ)/%.o: %.c $(OVS)/.stamp
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(ALL_CFLAGS) $(if $(filter $<,$(JANSSON_SRC)),,$(RENAME)) \
	    $(OVS_INC) -MMD -MP -c -o $@ $<

$(OUT)/vmovsd: $(DAEMON_OBJ) mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(LDSAN) $(LDHARD) -o $@ $(DAEMON_OBJ) \
	    $(DAEMON_LIBS)

$(OUT)/vmovs: $(CLI_OBJ) mk/vmovs.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(LDSAN) $(LDHARD) -o $@ $(CLI_OBJ) -ljansson

# The host's resolver loads it into any program: libc only.
NSS_CFLAGS := -std=gnu11 $(CFLAGS) $(WARN) -D_GNU_SOURCE -fPIC \
              -fvisibility=hidden -fstack-protector-strong

$(OUT)/libnss_vmovs.so.2: controller/nss/nss_vmovs.c mk/nss.map
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(NSS_CFLAGS) -shared -Wl,-soname,$(@F) -Wl,-z,relro,-z,now,-z,defs \
	    -Wl,--version-script=mk/nss.map $(LDFLAGS) -o $@ $<

-include $(DAEMON_OBJ:.o=.d) $(CLI_OBJ:.o=.d)
