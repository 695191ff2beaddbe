/* SPDX-License-Identifier: Apache-2.0
 *
 * test-openflow.c: struct openflow against a real ovs-vswitchd (its dummy
 * datapath, in a directory of its own; neither root nor a kernel module).
 *
 * What a user would lose if one of these failed: a VM's flows after a restart,
 * everybody's changes because of one bad object, or the isolation of networks
 * because somebody touched the switch. */

#include <config.h>
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
static int OVS_PRINTF_FORMAT(1, 2) sh(const char *format, ...)
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

static void
start_vswitchd(void)
{
    assert_int_equal(
        sh("cd %s && ovs-vswitchd unix:db.sock --enable-dummy=override "
           "--disable-system --pidfile --detach --no-chdir "
           "--log-file=vswitchd.log -vconsole:off 2> err",
           dir),
        0);
}

static void
stop_daemon(const char *name, int sig)
{
    char *path = xasprintf("%s/%s.pid", dir, name);
    FILE *f = fopen(path, "r");
    int pid = 0;

    if (f && fscanf(f, "%d", &pid) == 1) {
        kill(pid, sig);
        while (!kill(pid, 0)) {
            usleep(1000);
        }
    }
    if (f) {
        fclose(f);
    }
    free(path);
}

static int
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

static int
switch_down(void **state)
{
    stop_daemon("ovs-vswitchd", SIGTERM);
    stop_daemon("ovsdb-server", SIGTERM);
    return sh("rm -rf %s", dir);
}

/* Each test starts with an empty switch. */
static int
switch_clean(void **state)
{
    return sh("cd %s && for c in flows groups meters; do ovs-ofctl -O "
              "OpenFlow15 del-$c %s || exit 1; done",
              dir, target);
}

/* The flows, groups and meters as text, sorted, without statistics. */
static char *
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

static void
turn(struct openflow *of)
{
    openflow_run(of);
    openflow_wait(of);
    poll_timer_wait(10);
    poll_block();
}

static bool
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
static bool
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

static struct block *
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
static struct block *
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
static struct block *
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
static void
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
static void
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

static struct openflow *
connected(void)
{
    struct openflow *of = openflow_create();

    openflow_set_target(of, target);
    return of;
}

static struct openflow *
with_small_plan(void)
{
    struct openflow *of = connected();

    small_plan(of);
    assert_true(wait_applied(of, 1));
    return of;
}

static struct openflow_stats
stats(const struct openflow *of)
{
    struct openflow_stats s;

    openflow_get_stats(of, &s);
    return s;
}

/* Is there a problem of 'object' that says 'what'? */
static bool
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

/* The tests. */

/* A restarted daemon finds all as it was and changes nothing. */
static void
test_restart_changes_nothing(void **state)
{
    struct openflow *of = with_small_plan();
    assert_true(stats(of).flow_edits > 50);
    assert_true(stats(of).group_edits > 0);
    assert_true(stats(of).meter_edits > 0);
    assert_true(openflow_has_block(of, "nic web1-1"));
    openflow_destroy(of);
    char *before = dump();

    of = with_small_plan();
    assert_int_equal(stats(of).flow_edits, 0);
    assert_int_equal(stats(of).group_edits, 0);
    assert_int_equal(stats(of).meter_edits, 0);
    assert_int_equal(stats(of).bundles, 0);
    assert_true(openflow_has_block(of, "nic web1-3"));
    openflow_destroy(of);

    char *after = dump();
    assert_string_equal(before, after);
    free(before);
    free(after);
}

/* What comes back from the switch in another form is still the same. */
static void
test_normal_forms(void **state)
{
    for (int i = 0; i < 2; i++) {
        struct openflow *of = connected();

        change(
            of, NULL,
            text_block(
                "nic a",
                "table=0,priority=10,in_port=LOCAL,vlan_tci=0 actions=drop",
                "table=0,priority=9,dl_vlan=0xffff actions=IN_PORT",
                "table=0,priority=8,dl_vlan=5,dl_vlan_pcp=3 actions=pop_vlan,1",
                "table=1,arp,arp_op=1,arp_tpa=10.0.0.1 "
                "actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],"
                "set_field:02:00:00:00:00:01->eth_src,load:2->NXM_OF_ARP_OP[],"
                "move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],"
                "load:0x20000000001->NXM_NX_ARP_SHA[],"
                "move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],"
                "load:0xa000001->NXM_OF_ARP_SPA[],IN_PORT",
                "table=2,icmp6,icmp_type=135,icmp_code=0,nd_sll=02:00:00:00:00:02,"
                "nd_target=fd00::1 actions=move:NXM_NX_IPV6_SRC[]->NXM_NX_XXREG0[]"
                ",resubmit(,9),set_field:0x1/0xff->reg7,goto_table:4",
                "table=3,tcp,nw_frag=no,tp_dst=80,ct_state=+trk+est "
                "actions=ct(commit,zone=NXM_NX_REG1[0..15],table=5)",
                "table=4,metadata=0x7,ipv6,ipv6_src=fe80::/64 "
                "actions=set_queue:3,output:7,pop_queue,write_metadata:0x8/0xff",
                "table=5,reg14=0x40,udp,udp_dst=67 "
                "actions=note:01.02.03.04.05.06,output:NXM_NX_REG15[0..15]",
                "table=6,conj_id=3,ip actions=dec_ttl,clone(output:3),LOCAL",
                NULL),
            1);
        assert_true(wait_applied(of, 1));
        assert_true(openflow_has_block(of, "nic a"));
        assert_int_equal(stats(of).flow_edits, i ? 0 : 9);
        openflow_destroy(of);
    }
}

/* A VM more, or one that goes, costs its own flows only. */
static void
test_one_change(void **state)
{
    struct openflow *of = with_small_plan();
    char *before = dump();
    struct block *nic = nic_block(1, 4, 14);
    uint64_t n = nic->n_flows;
    uint64_t old = stats(of).flow_edits;

    block_ref(nic);
    change(of, NULL, nic, 2);
    assert_false(openflow_has_block(of, "nic web1-4"));
    assert_true(wait_applied(of, 2));
    assert_true(openflow_has_block(of, "nic web1-4"));
    assert_int_equal(stats(of).flow_edits - old, n);

    /* Only what mentions the OpenFlow port is sent when it changes. */
    old = stats(of).flow_edits;
    change(of, nic, nic_block(1, 4, 15), 3);
    assert_true(wait_applied(of, 3));
    assert_true(stats(of).flow_edits > old);
    assert_true(stats(of).flow_edits - old < n);

    change(of, nic_block(1, 4, 15), NULL, 4);
    assert_true(wait_applied(of, 4));
    assert_false(openflow_has_block(of, "nic web1-4"));

    char *after = dump();
    assert_string_equal(before, after);
    free(before);
    free(after);
    openflow_destroy(of);
}

/* Changes that come while a bundle is under way are not lost. */
static void
test_changes_during_bundle(void **state)
{
    struct openflow *of = connected();
    uint64_t generation = 1;

    small_plan(of);
    for (uint32_t i = 10; i < 20; i++) {
        openflow_run(of);
        change(of, NULL, nic_block(1, i, i + 10), ++generation);
        change(of, nic_block(1, i, i + 10), nic_block(1, i, i + 30),
               ++generation);
    }
    assert_true(wait_applied(of, generation));
    for (uint32_t i = 10; i < 20; i++) {
        char *name = xasprintf("nic web1-%u", i);
        assert_true(openflow_has_block(of, name));
        free(name);
    }
    openflow_destroy(of);
}

/* One block that the switch refuses is left out, everybody else's goes in. */
static void
refused(struct block *bad, const char *what)
{
    char *name = xstrdup(bad->name);
    struct openflow *of = connected();

    change(of, NULL, bad, 1);
    small_plan(of);
    change(of, NULL, nic_block(1, 5, 15), 2);
    assert_true(wait_applied(of, 2));
    assert_true(openflow_has_block(of, "nic web1-1"));
    assert_true(openflow_has_block(of, "nic web1-5"));
    assert_false(openflow_has_block(of, name));
    assert_true(has_problem(of, name, what));

    /* Its better version goes in. */
    change(of, block_ref(bad),
           text_block(name,
                      "table=8,priority=7,reg15=1 "
                      "actions=output:1",
                      NULL),
           3);
    assert_true(wait_applied(of, 3));
    assert_true(openflow_has_block(of, name));
    assert_false(has_problem(of, name, ""));
    openflow_destroy(of);
    free(name);
}

static void
test_refused_at_add(void **state)
{
    struct block *bad = text_block(
        "nic bad", "table=8,priority=7,reg15=1 actions=output:1", NULL);
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(stub);

    ofpact_put_OUTPUT(&ofpacts)->port = OFP_PORT_C(65300);
    block_add_flow(bad, 8, 8, cookie_make(COOKIE_NIC, DROP_NONE, 1), &match,
                   &ofpacts);
    ofpbuf_uninit(&ofpacts);
    refused(block_ref(bad), "OFPBAC_BAD_OUT_PORT");
    block_unref(bad);
}

static void
test_refused_at_commit(void **state)
{
    struct block *bad =
        text_block("nic bad", "table=8,priority=7,reg15=1 actions=output:1",
                   "table=8,priority=8,reg15=1 actions=group:4000", NULL);

    refused(block_ref(bad), "group:4000");
    block_unref(bad);
}

/* The bucket of one NIC spoils neither the group nor the others' buckets. */
static void
test_refused_bucket(void **state)
{
    struct block *bad = block_create(BLOCK_NIC, "nic bad", 99);
    uint64_t stub[64 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(stub);

    ofpact_put_OUTPUT(&ofpacts)->port = OFP_PORT_C(65300);
    block_add_bucket(bad, group_local(1), 99, &ofpacts);
    ofpbuf_uninit(&ofpacts);
    refused(block_ref(bad), "bucket_id=99");
    block_unref(bad);
}

/* A meter gets another rate, and one without a burst stays as it is. */
static void
test_meter_changes(void **state)
{
    struct openflow *of = connected();
    struct block *a = text_block("nic a", NULL),
                 *b = text_block("nic a", NULL);

    block_add_meter(a, 7, 100, 10);
    block_add_meter(b, 7, 200, 0);
    change(of, NULL, block_ref(a), 1);
    assert_true(wait_applied(of, 1));
    char *text = dump();
    assert_non_null(strstr(text, "rate=100"));
    free(text);
    change(of, a, b, 2);
    assert_true(wait_applied(of, 2));
    text = dump();
    assert_non_null(strstr(text, "rate=200"));
    free(text);
    openflow_destroy(of);
}

/* Whatever somebody does to the switch is undone. */
static void
test_drift(void **state)
{
    static const char *const harm[] = {
        "ovs-ofctl -O OpenFlow15 del-flows %s",
        "ovs-ofctl -O OpenFlow15 del-flows %s table=2",
        "ovs-ofctl -O OpenFlow15 mod-flows %s table=1,actions=NORMAL",
        "ovs-ofctl -O OpenFlow15 add-flow %s "
        "cookie=0x766d000000000001,table=0,priority=9,actions=NORMAL",
        "ovs-ofctl -O OpenFlow15 add-flow %s table=0,priority=0,actions=NORMAL",
        "ovs-ofctl -O OpenFlow15 del-groups %s",
        "ovs-ofctl -O OpenFlow15 mod-group %s "
        "group_id=2,type=select,bucket=output:1",
        "ovs-ofctl -O OpenFlow15 remove-buckets %s "
        "group_id=2,command_bucket_id=all",
        "ovs-ofctl -O OpenFlow15 add-group %s "
        "group_id=77,type=all,bucket=output:1",
        "ovs-ofctl -O OpenFlow15 del-meters %s",
        "ovs-ofctl -O OpenFlow15 mod-meter %s "
        "meter=65,pktps,band=type=drop,rate=9",
        "ovs-vsctl --db=unix:${1%%/*}/db.sock set-controller br0 "
        "tcp:127.0.0.1:1 # %s",
        "ovs-vsctl --db=unix:${1%%/*}/db.sock del-controller br0 # %s",
        "ovs-vsctl --db=unix:${1%%/*}/db.sock set-fail-mode br0 standalone "
        "-- set-fail-mode br0 secure # %s",
    };
    struct openflow *of = with_small_plan();
    char *wanted = dump();

    for (size_t i = 0; i < ARRAY_SIZE(harm); i++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_format(&s, "set -- %s; ", target + strlen("unix:"));
        ds_put_format(&s, harm[i], target);
        ds_put_cstr(&s, "\n");
        print_message("%s", ds_cstr(&s) + 5);
        assert_int_equal(system(ds_cstr(&s)), 0);
        ds_destroy(&s);
        assert_true(wait_dump(of, wanted));
    }
    assert_true(stats(of).repairs > 0);
    free(wanted);
    openflow_destroy(of);
}

/* Flows of others are told of, and left alone. */
static void
test_foreign_flow(void **state)
{
    struct openflow *of = with_small_plan();
    const char *flow = "cookie=0x1,table=0,priority=99,actions=NORMAL";
    long long int end = time_msec() + 5000;

    sh("ovs-ofctl -O OpenFlow15 add-flow %s %s", target, flow);
    while (!has_problem(of, "bridge", "1 flows") && time_msec() < end) {
        turn(of);
    }
    assert_true(has_problem(of, "bridge", "priority=99"));
    change(of, NULL, nic_block(1, 9, 19), 2);
    assert_true(wait_applied(of, 2));

    /* After a restart of ours as well. */
    openflow_destroy(of);
    of = with_small_plan();
    assert_true(has_problem(of, "bridge", "priority=99"));
    char *text = dump();
    assert_non_null(strstr(text, "cookie=0x1,"));
    free(text);

    sh("ovs-ofctl -O OpenFlow15 del-flows %s cookie=1/-1", target);
    while (has_problem(of, "bridge", "") && time_msec() < end) {
        turn(of);
    }
    assert_false(has_problem(of, "bridge", ""));
    openflow_destroy(of);
}

/* A flow of ours that nobody wants any more goes. */
static void
test_left_over(void **state)
{
    struct openflow *of = connected();

    change(of, NULL, nic_block(2, 1, 21), 1);
    small_plan(of);
    assert_true(wait_applied(of, 1));
    assert_true(has_problem(of, "nic web2-1", "waits for group"));
    openflow_destroy(of);

    of = with_small_plan();
    char *before = dump();
    openflow_destroy(of);
    switch_clean(NULL);
    of = with_small_plan();
    char *after = dump();
    assert_string_equal(before, after);
    free(before);
    free(after);
    openflow_destroy(of);
}

/* Nothing is touched before there is a plan. */
static void
test_no_plan(void **state)
{
    openflow_destroy(with_small_plan());

    char *before = dump();
    struct openflow *of = connected();
    long long int end = time_msec() + 5000;
    while (strcmp(openflow_state(of), "READY") && time_msec() < end) {
        turn(of);
    }
    assert_string_equal(openflow_state(of), "READY");
    for (int i = 0; i < 20; i++) {
        turn(of);
    }
    openflow_destroy(of);
    char *after = dump();
    assert_string_equal(before, after);
    free(before);
    free(after);
}

/* ovs-vswitchd dies and comes back: so do the flows. */
static void
test_switch_restarts(void **state)
{
    struct openflow *of = with_small_plan();
    char *before = dump();

    stop_daemon("ovs-vswitchd", SIGKILL);
    long long int end = time_msec() + 5000;
    while (openflow_is_connected(of) && time_msec() < end) {
        turn(of);
    }
    assert_false(openflow_is_connected(of));
    assert_false(openflow_has_block(of, "nic web1-1"));
    assert_int_equal(openflow_applied(of), 0);

    start_vswitchd();
    long long int start = time_msec();
    assert_true(wait_applied(of, 1));
    print_message("flows back after %lld ms\n", time_msec() - start);
    char *after = dump();
    assert_string_equal(before, after);
    free(before);
    free(after);
    openflow_destroy(of);
}

/* Memory of ours, kB. */
static long int
rss_kb(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long int size, pages = 0;

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld", &size, &pages), 2);
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Waits for 'generation' and returns the longest openflow_run(), in ms. */
static long long int
longest_run(struct openflow *of, uint64_t generation)
{
    long long int longest = 0, end = time_msec() + 30000;

    while (openflow_applied(of) < generation && time_msec() < end) {
        openflow_wait(of);
        poll_timer_wait(10);
        poll_block();

        long long int start = time_msec();
        openflow_run(of);
        longest = MAX(longest, time_msec() - start);
    }
    assert_true(openflow_applied(of) >= generation);
    return longest;
}

/* A host full of VMs is set up and read back without holding up the loop. */
static void
test_many(void **state)
{
    enum { NETWORKS = 20, NICS = 60, N = NETWORKS * (NICS + 1) + 1 };
    struct block_change *c = xcalloc(N, sizeof *c);
    const struct block_changes changes = { c, N, N };
    size_t n = 0;

    c[n++].new = compile_bridge();
    for (uint32_t i = 1; i <= NETWORKS; i++) {
        c[n++].new = network_block(i);
        for (uint32_t j = 1; j <= NICS; j++) {
            c[n++].new = nic_block(i, j, i * 100 + j);
        }
    }
    for (int round = 0; round < 2; round++) {
        struct openflow *of = connected();
        long int before = rss_kb();
        long long int start = time_msec();

        openflow_update(of, &changes, 1);
        long long int update = time_msec() - start;
        long long int longest = longest_run(of, 1);
        print_message("%s: update %lld ms, all %lld ms, longest run %lld ms, "
                      "%ld kB, %" PRIu64 " flows\n",
                      round ? "read back" : "set up", update,
                      time_msec() - start, longest, rss_kb() - before,
                      stats(of).flow_edits);
        assert_true(longest < 500);
        assert_true(round ? !stats(of).flow_edits
                          : stats(of).flow_edits > NETWORKS * NICS * 10);

        /* One VM less costs no walk of all. */
        start = time_msec();
        change(of, block_ref(c[n - 1].new), NULL, 2);
        assert_true(longest_run(of, 2) < 100);
        change(of, NULL, block_ref(c[n - 1].new), 3);
        assert_true(longest_run(of, 3) < 100);
        openflow_destroy(of);
    }
    for (size_t i = 0; i < n; i++) {
        block_unref(c[i].new);
    }
    free(c);
}

/* Packets are summed over flows by cookie. */
static void
test_count(void **state)
{
    struct openflow *of = connected();
    uint64_t packets;

    uint32_t lost = openflow_count(of, 0, 0);
    assert_true(openflow_counted(of, lost, &packets));
    assert_int_equal(packets, 0);

    change(of, NULL,
           text_block("nic a", "table=0,in_port=1 actions=drop",
                      "table=0,in_port=2 actions=drop", NULL),
           1);
    assert_true(wait_applied(of, 1));
    for (int i = 0; i < 3; i++) {
        sh("ovs-ofctl -O OpenFlow15 packet-out %s 'in_port=%d "
           "packet=ffffffffffff02000000000108000000 actions=table'",
           target, i % 2 + 1);
    }

    uint32_t ticket =
        openflow_count(of, cookie_make(COOKIE_NIC, DROP_NONE, 1), UINT64_MAX);
    long long int end = time_msec() + 5000;
    while (!openflow_counted(of, ticket, &packets) && time_msec() < end) {
        turn(of);
    }
    assert_int_equal(packets, 3);

    /* A lost session answers too. */
    ticket = openflow_count(of, 0, 0);
    openflow_set_target(of, NULL);
    openflow_run(of);
    assert_true(openflow_counted(of, ticket, &packets));
    openflow_destroy(of);
}

int
main(void)
{
#define T(NAME) cmocka_unit_test_setup(NAME, switch_clean)
    const struct CMUnitTest tests[] = {
        T(test_restart_changes_nothing),
        T(test_normal_forms),
        T(test_one_change),
        T(test_changes_during_bundle),
        T(test_refused_at_add),
        T(test_refused_at_commit),
        T(test_refused_bucket),
        T(test_meter_changes),
        T(test_foreign_flow),
        T(test_left_over),
        T(test_no_plan),
        T(test_count),
        T(test_many),
        T(test_switch_restarts),
        T(test_drift),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION,
                    getenv("VERBOSE") ? VLL_INFO : VLL_OFF);
    return cmocka_run_group_tests(tests, switch_up, switch_down);
}
