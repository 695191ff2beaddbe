/* SPDX-License-Identifier: Apache-2.0
 *
 * test-openflow.c: struct openflow brings a real switch to what is wanted.
 *
 * What a user would lose if one of these failed: a VM's flows after a change
 * or a restart, or everybody's changes because of one bad object.
 */

#include <config.h>
#include "of-switch.h"

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
                "table=0,priority=8,dl_vlan=5,dl_vlan_pcp=3 actions=pop_vlan,"
                "1",
                "table=1,arp,arp_op=1,arp_tpa=10.0.0.1 "
                "actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],"
                "set_field:02:00:00:00:00:01->eth_src,load:2->NXM_OF_ARP_OP[],"
                "move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],"
                "load:0x20000000001->NXM_NX_ARP_SHA[],"
                "move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],"
                "load:0xa000001->NXM_OF_ARP_SPA[],IN_PORT",
                "table=2,icmp6,icmp_type=135,icmp_code=0,"
                "nd_sll=02:00:00:00:00:02,"
                "nd_target=fd00::1 "
                "actions=move:NXM_NX_IPV6_SRC[]->NXM_NX_XXREG0[]"
                ",resubmit(,9),set_field:0x1/0xff->reg7,goto_table:4",
                "table=3,tcp,nw_frag=no,tp_dst=80,ct_state=+trk+est "
                "actions=ct(commit,zone=NXM_NX_REG1[0..15],table=5)",
                "table=4,metadata=0x7,ipv6,ipv6_src=fe80::/64 "
                "actions=set_queue:3,output:7,pop_queue,"
                "write_metadata:0x8/0xff",
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

/* Time our process has had, ms: unlike the wall's, it does not depend on what
 * else the machine does. */
static long long int
cpu_msec(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
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

        long long int start = cpu_msec();
        openflow_run(of);
        longest = MAX(longest, cpu_msec() - start);
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
    const struct CMUnitTest tests[] = {
        T(test_restart_changes_nothing),
        T(test_normal_forms),
        T(test_one_change),
        T(test_changes_during_bundle),
        T(test_refused_at_add),
        T(test_refused_at_commit),
        T(test_refused_bucket),
        T(test_meter_changes),
        T(test_many),
        T(test_count),
    };

    return RUN(tests);
}
