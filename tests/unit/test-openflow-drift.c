/* SPDX-License-Identifier: Apache-2.0
 *
 * test-openflow-drift.c: struct openflow and those who touch the switch.
 *
 * What a user would lose if one of these failed: the isolation of networks
 * because of somebody's ovs-ofctl, or all VMs' traffic after a crash of
 * ovs-vswitchd.
 */

#include <config.h>
#include "of-switch.h"

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
        "ovs-ofctl -O OpenFlow15 add-flow %s "
        "table=0,priority=0,actions=NORMAL",
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_drift),   T(test_foreign_flow),    T(test_left_over),
        T(test_no_plan), T(test_switch_restarts),
    };

    return RUN(tests);
}
