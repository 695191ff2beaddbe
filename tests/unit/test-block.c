/* SPDX-License-Identifier: Apache-2.0
 *
 * test-block.c: blocks hold copies, are compared rightly, and are printed in
 * the words of ovs-ofctl. */
#include "world.h"
#include "core/block.h"
#include "core/status.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "byte-order.h"
#include "flow.h"

static void
add_flow(struct block *block, uint8_t table, uint16_t priority,
         ovs_be32 nw_src, uint32_t group)
{
    struct ofpbuf ofpacts;
    struct match match;

    ofpbuf_init(&ofpacts, 0);
    if (group) {
        ofpact_put_GROUP(&ofpacts)->group_id = group;
    }
    match_init_catchall(&match);
    match_set_reg(&match, 14, 0x40);
    match_set_dl_type(&match, htons(0x0800));
    match_set_nw_src(&match, nw_src);
    block_add_flow(block, table, priority, UINT64_C(0x766d000000000040),
                   &match, &ofpacts);
    memset(&match, 0xff, sizeof match);
    ofpbuf_uninit(&ofpacts);
}

static void
assert_formatted(const struct block *block, const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    block_format(block, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
}

static void
test_format_is_sorted(void **state)
{
    struct block *block = block_create(BLOCK_NIC, "nic web1", 64);
    struct ofpbuf ofpacts;

    add_flow(block, 2, 100, htonl(0x0a000002), 0);
    add_flow(block, 1, 100, htonl(0x0a000002), 0);
    add_flow(block, 1, 100, htonl(0x0a000001), 5);
    add_flow(block, 1, 200, htonl(0x0a000009), 0);
    add_flow(block, 0, 10, htonl(0x0a000001), 0);
    ofpbuf_init(&ofpacts, 0);
    ofpact_put_OUTPUT(&ofpacts)->port = u16_to_ofp(7);
    block_add_bucket(block, 2, 65, &ofpacts);
    block_add_bucket(block, 2, 64, &ofpacts);
    block_add_group(block, 2);
    block_add_group(block, 1);
    block_add_meter(block, 64, 100, 200);
    ofpbuf_uninit(&ofpacts);

    assert_formatted(
        block,
        "meter=64 pktps burst bands=type=drop rate=100 burst_size=200\n"
        "group_id=1,type=all\n"
        "group_id=2,type=all\n"
        "group_id=2,bucket=bucket_id:64,actions=output:7\n"
        "group_id=2,bucket=bucket_id:65,actions=output:7\n"
        "cookie=0x766d000000000040, priority=10,ip,reg14=0x40,"
        "nw_src=10.0.0.1 actions=drop\n"
        "cookie=0x766d000000000040, table=1, priority=200,ip,reg14=0x40,"
        "nw_src=10.0.0.9 actions=drop\n"
        "cookie=0x766d000000000040, table=1, priority=100,ip,reg14=0x40,"
        "nw_src=10.0.0.1 actions=group:5\n"
        "cookie=0x766d000000000040, table=1, priority=100,ip,reg14=0x40,"
        "nw_src=10.0.0.2 actions=drop\n"
        "cookie=0x766d000000000040, table=2, priority=100,ip,reg14=0x40,"
        "nw_src=10.0.0.2 actions=drop\n");
    block_unref(block);
}

/* What is printed can be given back to ovs-ofctl and is the same flow. */
static void
test_format_parses_back(void **state)
{
    struct block *block = block_create(BLOCK_NIC, "nic web1", 64);
    enum ofputil_protocol usable;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct ofputil_flow_mod fm;
    struct flow_rule again;
    struct match match;
    char *error;

    add_flow(block, 3, 100, htonl(0x0a000002), 9);
    flow_rule_format(&block->flows[0], &s);
    error = parse_ofp_str(&fm, OFPFC_ADD, ds_cstr(&s), NULL, NULL, &usable);
    assert_null(error);
    minimatch_expand(&fm.match, &match);
    flow_rule_init(&again, fm.table_id, fm.priority, ntohll(fm.new_cookie),
                   &match, fm.ofpacts, fm.ofpacts_len);
    assert_true(flow_rule_key_equal(&again, &block->flows[0]));
    assert_true(flow_rule_body_equal(&again, &block->flows[0]));
    flow_rule_uninit(&again);
    minimatch_destroy(&fm.match);
    free(fm.ofpacts);
    ds_destroy(&s);
    block_unref(block);
}

static void
test_flow_equality(void **state)
{
    struct block *block = block_create(BLOCK_NIC, "nic web1", 64);
    const struct flow_rule *f;

    add_flow(block, 1, 100, htonl(0x0a000001), 0);
    add_flow(block, 1, 100, htonl(0x0a000001), 5);
    add_flow(block, 1, 101, htonl(0x0a000001), 0);
    add_flow(block, 2, 100, htonl(0x0a000001), 0);
    add_flow(block, 1, 100, htonl(0x0a000002), 0);
    f = block->flows;
    assert_true(flow_rule_key_equal(&f[0], &f[1]));
    assert_false(flow_rule_body_equal(&f[0], &f[1]));
    assert_int_equal(f[0].hash, f[1].hash);
    for (int i = 2; i < 5; i++) {
        assert_false(flow_rule_key_equal(&f[0], &f[i]));
        assert_true(flow_rule_body_equal(&f[0], &f[i]));
    }
    block->flows[2].cookie++;
    assert_false(flow_rule_body_equal(&f[0], &f[2]));
    block_unref(block);
}

static void
test_format_port_and_device(void **state)
{
    struct block *block = block_create(BLOCK_NIC, "nic web1", 64);

    block->port = xzalloc(sizeof *block->port);
    strcpy(block->port->name, "vm-web1");
    block->port->iface_id = xstrdup("6f1e");
    block->port->attached_mac
        = (struct eth_addr) ETH_ADDR_C(08, 00, 27, 00, 00, 01);
    block->port->vm_id = xstrdup("web1");
    block->port->vm = xstrdup("web1");
    block->port->nic = xstrdup("0");
    block->port->network = xstrdup("lab");
    block->port->key = 64;
    block->port->mtu = 1442;
    block->device = xzalloc(sizeof *block->device);
    block->device->kind = DEV_TAP;
    strcpy(block->device->name, "vm-web1");
    block->device->owner = xstrdup("alice");
    block->device->mtu = 1442;
    block->device->ip4.addr = htonl(0x0a4d0101);
    block->device->ip4.plen = 24;
    block->device->ip6.addr.s6_addr[0] = 0xfd;
    block->device->ip6.addr.s6_addr[15] = 1;
    block->device->ip6.plen = 64;
    block->device->userspace = true;
    assert_formatted(
        block,
        "port vm-web1 type=\"\" mtu_request=1442"
        " external_ids:attached-mac=08:00:27:00:00:01"
        " external_ids:iface-id=6f1e external_ids:vm-id=web1"
        " external_ids:vmovs-key=64 external_ids:vmovs-network=lab"
        " external_ids:vmovs-nic=0 external_ids:vmovs-vm=web1\n"
        "device vm-web1 kind=tap mtu=1442 owner=alice ip=10.77.1.1/24"
        " ip6=fd00::1/64 userspace\n");
    block_unref(block);
}

/* A reference that the changes hold keeps a block alive. */
static void
test_changes_hold_references(void **state)
{
    struct block *block = block_create(BLOCK_BRIDGE, "bridge", 0);
    struct block_changes changes;

    block_changes_init(&changes);
    changes.list = xmalloc(sizeof *changes.list);
    changes.allocated = changes.n = 1;
    changes.list[0] = (struct block_change) { NULL, block_ref(block) };
    block_unref(block);
    assert_string_equal(changes.list[0].new->name, "bridge");
    assert_int_equal(block->refs, 1);
    block_changes_uninit(&changes);
    block_unref(NULL);
}

static void
test_problems(void **state)
{
    struct problems problems;

    problems_init(&problems);
    for (int i = 0; i < 20; i++) {
        problems_add(&problems, "nic web1", xasprintf("fault %d", i), NULL);
    }
    assert_int_equal(problems.n, 20);
    assert_string_equal(problems.list[19].what, "fault 19");
    problems_clear(&problems);
    assert_int_equal(problems.n, 0);
    problems_add(&problems, "config", xstrdup("a"), xstrdup("b"));
    assert_string_equal(problems.list[0].remedy, "b");
    problems_uninit(&problems);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_is_sorted),
        cmocka_unit_test(test_format_parses_back),
        cmocka_unit_test(test_flow_equality),
        cmocka_unit_test(test_format_port_and_device),
        cmocka_unit_test(test_changes_hold_references),
        cmocka_unit_test(test_problems),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
