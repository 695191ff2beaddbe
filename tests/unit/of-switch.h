/* SPDX-License-Identifier: Apache-2.0
 *
 * of-switch.h: a real ovs-vswitchd (its dummy datapath, in a directory of its
 * own; neither root nor a kernel module), a loop and some blocks, for the
 * tests of struct openflow. */
#ifndef VMOVS_TESTS_OF_SWITCH_H
#define VMOVS_TESTS_OF_SWITCH_H

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <inttypes.h>
#include <cmocka.h>
#include "apply/openflow.h"
#include "core/compile.h"
#include "core/keys.h"
#include "core/pipeline.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

static char dir[] = "/tmp/vmovs-of.XXXXXX";
static char target[64];

/* The switch. */

/* Runs a shell command; returns its exit status. */
static inline int OVS_PRINTF_FORMAT(1, 2) sh(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *command = xvasprintf(format, args);
    va_end(args);
    int status = system(command);
    if (status) {
        print_message("%s: status %d\n", command, status);
    }
    free(command);
    return status;
}

static inline void
start_vswitchd(void)
{
    assert_int_equal(
        sh("cd %s && ovs-vswitchd unix:db.sock --enable-dummy=override "
           "--disable-system --pidfile --detach --no-chdir "
           "--log-file=vswitchd.log -vconsole:off 2> err",
           dir),
        0);
}

static inline void
stop_daemon(const char *name, int sig)
{
    char *path = xasprintf("%s/%s.pid", dir, name);
    FILE *f = fopen(path, "r");
    int pid = 0;

    if (f && fscanf(f, "%d", &pid) == 1) {
        kill(pid, sig);
        while (!kill(pid, 0)) {
            sched_yield();
        }
    }
    if (f) {
        fclose(f);
    }
    free(path);
}

static inline int
switch_up(void **state)
{
    if (sh("command -v ovs-vswitchd ovsdb-server ovs-ofctl > /dev/null")) {
        print_message("no Open vSwitch here\n");
        return -1;
    }
    assert_non_null(mkdtemp(dir));
    setenv("OVS_RUNDIR", dir, 1);
    snprintf(target, sizeof target, "unix:%s/br0.mgmt", dir);
    assert_int_equal(
        sh("cd %s && ovsdb-tool create conf.db "
           "/usr/share/openvswitch/vswitch.ovsschema && "
           "ovsdb-server conf.db --remote=punix:db.sock --pidfile --detach "
           "--no-chdir --log-file=ovsdb.log -vconsole:off && "
           "ovs-vsctl --db=unix:db.sock --no-wait init",
           dir),
        0);
    start_vswitchd();
    return sh("ovs-vsctl --db=unix:%s/db.sock add-br br0 -- "
              "set bridge br0 datapath_type=dummy fail_mode=secure",
              dir);
}

static inline int
switch_down(void **state)
{
    stop_daemon("ovs-vswitchd", SIGTERM);
    stop_daemon("ovsdb-server", SIGTERM);
    return sh("rm -rf %s", dir);
}

/* Each test starts with an empty switch. */
static inline int
switch_clean(void **state)
{
    return sh("cd %s && for c in flows groups meters; do ovs-ofctl -O "
              "OpenFlow15 del-$c %s || exit 1; done",
              dir, target);
}

/* The flows, groups and meters as text, sorted, without statistics. */
static inline char *
dump(void)
{
    char *command = xasprintf(
        "for c in 'dump-flows --no-stats' dump-groups dump-meters; do "
        "ovs-ofctl -O OpenFlow15 $c %s | grep -v 'reply\\|REPLY'; done "
        "| sort",
        target);
    FILE *f = popen(command, "r");
    struct ds s = DS_EMPTY_INITIALIZER;
    char buf[4096];

    while (fgets(buf, sizeof buf, f)) {
        ds_put_cstr(&s, buf);
    }
    assert_int_equal(pclose(f), 0);
    free(command);
    return ds_steal_cstr(&s);
}

/* The loop. */

static inline void
turn(struct openflow *of)
{
    openflow_run(of);
    openflow_wait(of);
    poll_timer_wait(10);
    poll_block();
}

static inline bool
wait_applied(struct openflow *of, uint64_t generation)
{
    long long int end = time_msec() + 10000;

    while (openflow_applied(of) < generation && time_msec() < end) {
        turn(of);
    }
    return openflow_applied(of) >= generation;
}

/* Turns the loop until the switch holds 'wanted' again; false if it takes more
 * than the five seconds that are promised. */
static inline bool
wait_dump(struct openflow *of, const char *wanted)
{
    long long int end = time_msec() + 5000;
    bool equal;

    do {
        for (int i = 0; i < 10; i++) {
            turn(of);
        }
        char *now = dump();
        equal = !strcmp(now, wanted);
        if (!equal && time_msec() >= end) {
            assert_string_equal(now, wanted);
        }
        free(now);
    } while (!equal);
    return equal;
}

/* Blocks. */

static inline struct block *
network_block(uint32_t n)
{
    struct network_input in;

    memset(&in, 0, sizeof in);
    snprintf(in.name, sizeof in.name, "net%u", n);
    snprintf(in.device, sizeof in.device, "vmovs-net%u", n);
    in.ofport = 1000 + n;
    in.key = n;
    in.gateway_key = n * KEY_CHUNK;
    in.mac = (struct eth_addr) ETH_ADDR_C(02, 00, 00, 00, 00, 01);
    in.has4 = in.has6 = true;
    in.gateway4.addr = htonl(0x0a000001);
    in.gateway4.plen = 24;
    in.gateway6.addr.s6_addr[0] = 0xfd;
    in.gateway6.addr.s6_addr[15] = 1;
    in.gateway6.plen = 64;
    in.mtu = 1500;
    in.n_chunks = 1;
    in.chunks[0] = n;
    return compile_network(&in);
}

/* NIC 'i' (1 to 63) of network 'n', on OpenFlow port 'ofport'. */
static inline struct block *
nic_block(uint32_t n, uint32_t i, uint32_t ofport)
{
    struct nic_input in;

    memset(&in, 0, sizeof in);
    snprintf(in.vm, sizeof in.vm, "web%u-%u", n, i);
    snprintf(in.full_name, sizeof in.full_name, "web%u-%u", n, i);
    snprintf(in.network, sizeof in.network, "net%u", n);
    snprintf(in.device, sizeof in.device, "vm%u-%u", n, i);
    snprintf(in.port, sizeof in.port, "vm%u-%u", n, i);
    in.ofport = ofport;
    in.network_key = n;
    in.gateway_key = n * KEY_CHUNK;
    in.key = n * KEY_CHUNK + i;
    in.mac = (struct eth_addr) ETH_ADDR_C(02, 00, 00, 01, 00, 00);
    in.mac.ea[4] = n;
    in.mac.ea[5] = i;
    in.has4 = in.has6 = true;
    in.ip = htonl(0x0a000000 + 256 * (n - 1) + i + 1);
    in.ip6.s6_addr[0] = 0xfd;
    in.ip6.s6_addr[14] = i;
    in.ip6.s6_addr[15] = 2;
    in.mtu = 1500;
    return compile_nic(&in);
}

/* A block of flows as ovs-ofctl reads them, NULL after the last. */
static inline struct block *
text_block(const char *name, const char *flow, ...)
{
    struct block *block = block_create(BLOCK_NIC, name, 1);
    va_list args;

    va_start(args, flow);
    for (; flow; flow = va_arg(args, const char *)) {
        enum ofputil_protocol protocols;
        struct ofputil_flow_mod fm;
        struct match match;
        char *error = parse_ofp_flow_mod_str(&fm, flow, NULL, NULL, OFPFC_ADD,
                                             &protocols);

        if (error) {
            fail_msg("%s: %s", flow, error);
        }
        minimatch_expand(&fm.match, &match);
        const struct ofpbuf ofpacts =
            ofpbuf_const_initializer(fm.ofpacts, fm.ofpacts_len);
        block_add_flow(block, fm.table_id, fm.priority,
                       cookie_make(COOKIE_NIC, DROP_NONE, 1), &match,
                       &ofpacts);
        minimatch_destroy(&fm.match);
        free(fm.ofpacts);
    }
    va_end(args);
    return block;
}

/* The block 'old' becomes 'new'; takes over both. */
static inline void
change(struct openflow *of, struct block *old, struct block *new,
       uint64_t generation)
{
    struct block_change c = { old, new };
    const struct block_changes changes = { &c, 1, 1 };

    openflow_update(of, &changes, generation);
    block_unref(old);
    block_unref(new);
}

/* A bridge, a network and three NICs, as generation 1. */
static inline void
small_plan(struct openflow *of)
{
    struct block_change c[] = {
        { NULL, nic_block(1, 3, 13) }, { NULL, nic_block(1, 1, 11) },
        { NULL, network_block(1) },    { NULL, compile_bridge() },
        { NULL, nic_block(1, 2, 12) },
    };
    const struct block_changes changes = { c, ARRAY_SIZE(c), ARRAY_SIZE(c) };

    openflow_update(of, &changes, 1);
    for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
        block_unref(c[i].new);
    }
}

static inline struct openflow *
connected(void)
{
    struct openflow *of = openflow_create();

    openflow_set_target(of, target);
    return of;
}

static inline struct openflow *
with_small_plan(void)
{
    struct openflow *of = connected();

    small_plan(of);
    assert_true(wait_applied(of, 1));
    return of;
}

static inline struct openflow_stats
stats(const struct openflow *of)
{
    struct openflow_stats s;

    openflow_get_stats(of, &s);
    return s;
}

/* Is there a problem of 'object' that says 'what'? */
static inline bool
has_problem(const struct openflow *of, const char *object, const char *what)
{
    struct problems problems;
    bool found = false;

    problems_init(&problems);
    openflow_problems(of, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        found = found
                || (!strcmp(problems.list[i].object, object)
                    && strstr(problems.list[i].what, what));
    }
    for (size_t i = 0; i < problems.n && !found; i++) {
        print_message("%s: %s\n", problems.list[i].object,
                      problems.list[i].what);
    }
    problems_uninit(&problems);
    return found;
}

/* Runs 'tests', each on an empty switch. */
#define T(NAME) cmocka_unit_test_setup(NAME, switch_clean)
#define RUN(TESTS)                                                            \
    (vlog_set_levels(NULL, VLF_ANY_DESTINATION,                               \
                     getenv("VERBOSE") ? VLL_INFO : VLL_OFF),                 \
     cmocka_run_group_tests(TESTS, switch_up, switch_down))

#endif
