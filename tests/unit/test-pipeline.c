/* SPDX-License-Identifier: Apache-2.0
 *
 * test-pipeline.c: properties that every flow of every block has to have, on
 * the networks of topology.h.  What the flows do to frames is tests/trace's.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "../trace/topology.h"
#include "byte-order.h"
#include "core/flow-build.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "packets.h"

static struct block *blocks[N_TOPOLOGY];

static int
setup(void **state)
{
    topology_compile(blocks);
    return 0;
}

static int
teardown(void **state)
{
    for (size_t i = 0; i < N_TOPOLOGY; i++) {
        block_unref(blocks[i]);
    }
    return 0;
}

/* Every flow of every block, with its block. */
#define FOR_EACH_FLOW(RULE, BLOCK)                                            \
    for (size_t i_ = 0; i_ < N_TOPOLOGY; i_++)                                \
        for (struct block *BLOCK = blocks[i_]; BLOCK; BLOCK = NULL)           \
            for (struct flow_rule *RULE = BLOCK->flows;                       \
                 RULE < BLOCK->flows + BLOCK->n_flows; RULE++)

/* "which is in docs/PIPELINE.md": a row of the table for each of tables[]. */
static void
test_document(void **state)
{
    char line[512];
    size_t row = 0;
    FILE *file = fopen("docs/PIPELINE.md", "r");

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        struct ds want = DS_EMPTY_INITIALIZER;
        const char *sep = "";
        unsigned int id;

        if (sscanf(line, "| %u |", &id) != 1) {
            continue;
        }
        assert_int_equal(id, row);
        assert_true(row < N_TABLES);
        ds_put_format(&want, "| %u | %s | %s | ", id, tables[id].name,
                      tables[id].does);
        for (unsigned int to = 0; to < N_TABLES; to++) {
            if (tables[id].next & 1u << to) {
                ds_put_format(&want, "%s%u", sep, to);
                sep = ", ";
            }
        }
        ds_put_format(&want, " | %s |\n", tables[id].miss);
        assert_string_equal(line, ds_cstr(&want));
        ds_destroy(&want);
        row++;
    }
    fclose(file);
    assert_int_equal(row, N_TABLES);
}

static void
test_cookies(void **state)
{
    uint64_t cookie = cookie_make(COOKIE_NIC, DROP_SPOOFED_IP6, 0xfedcba98);

    assert_true(cookie_is_ours(cookie));
    assert_false(cookie_is_ours(cookie ^ UINT64_C(1) << 63));
    assert_false(cookie_is_ours(0));
    assert_int_equal(cookie_kind(cookie), COOKIE_NIC);
    assert_int_equal(cookie_reason(cookie), DROP_SPOOFED_IP6);
    assert_int_equal(cookie_key(cookie), 0xfedcba98);
    for (int i = 0; i < N_DROP_REASONS; i++) {
        assert_non_null(drop_reason_name(i));
    }
}

/* A flow goes only where tables[] allows it, says why it drops if it drops,
 * and sends nothing to a controller. */
static void
test_steps(void **state)
{
    FOR_EACH_FLOW(rule, block)
    {
        const struct ofpact *a;
        enum drop_reason reason = cookie_reason(rule->cookie);

        assert_true(cookie_is_ours(rule->cookie));
        assert_int_equal(cookie_key(rule->cookie), block->key);
        assert_int_equal(reason != DROP_NONE, !rule->ofpacts_len);
        OFPACT_FOR_EACH(a, rule->ofpacts, rule->ofpacts_len)
        {
            int to = -1;

            assert_int_not_equal(a->type, OFPACT_CONTROLLER);
            if (a->type == OFPACT_GOTO_TABLE) {
                to = ofpact_get_GOTO_TABLE(a)->table_id;
            } else if (a->type == OFPACT_RESUBMIT) {
                to = ofpact_get_RESUBMIT(a)->table_id;
            }
            assert_true(to < 0 || tables[rule->table].next & 1u << to);
        }
    }
}

/* ovs-ofctl reads a flow as what it was printed from: its match has all
 * prerequisites and its actions are valid for it. */
static void
test_reparse(void **state)
{
    FOR_EACH_FLOW(rule, block)
    {
        struct ds text = DS_EMPTY_INITIALIZER;
        enum ofputil_protocol usable;
        struct ofputil_flow_mod fm;
        char *error;

        flow_rule_format(rule, &text);
        error =
            parse_ofp_str(&fm, OFPFC_ADD, ds_cstr(&text), NULL, NULL, &usable);
        if (error) {
            fail_msg("%s: %s: %s", block->name, ds_cstr(&text), error);
        }
        /* Table 0 is not printed, and read as "any". */
        if (fm.table_id != (rule->table ? rule->table : 0xff)
            || fm.priority != rule->priority
            || ntohll(fm.new_cookie) != rule->cookie
            || !minimatch_equal(&fm.match, &rule->match)
            || !ofpacts_equal_stringwise(fm.ofpacts, fm.ofpacts_len,
                                         rule->ofpacts, rule->ofpacts_len)) {
            fail_msg("%s: %s: read as something else", block->name,
                     ds_cstr(&text));
        }
        assert_true(usable & OFPUTIL_P_OF15_OXM);
        minimatch_destroy(&fm.match);
        free(CONST_CAST(struct ofpact *, fm.ofpacts));
        ds_destroy(&text);
    }
}

static bool
overlap(const struct flow_rule *a, const struct flow_rule *b)
{
    struct match ma, mb;
    const uint64_t *fa = (const uint64_t *) &ma.flow;
    const uint64_t *fb = (const uint64_t *) &mb.flow;
    const uint64_t *wa = (const uint64_t *) &ma.wc.masks;
    const uint64_t *wb = (const uint64_t *) &mb.wc.masks;

    if (a->table != b->table || a->priority != b->priority) {
        return false;
    }
    minimatch_expand(&a->match, &ma);
    minimatch_expand(&b->match, &mb);
    for (size_t i = 0; i < FLOW_U64S; i++) {
        if ((fa[i] ^ fb[i]) & wa[i] & wb[i]) {
            return false;
        }
    }
    return true;
}

/* No frame finds two flows of one priority in a table, so that no key belongs
 * to two blocks and nothing depends on the order of installation. */
static void
test_no_overlap(void **state)
{
    FOR_EACH_FLOW(a, block)
    {
        FOR_EACH_FLOW(b, other)
        {
            if (a < b && overlap(a, b)) {
                struct ds text = DS_EMPTY_INITIALIZER;

                flow_rule_format(a, &text);
                ds_put_cstr(&text, "\noverlaps ");
                flow_rule_format(b, &text);
                fail_msg("%s", ds_cstr(&text));
            }
        }
    }
}

/* A frame without a link-layer address option must never be rewritten (the
 * switch's option walk runs past it), so ANSWER lets it go on before. */
static void
test_nd_guard(void **state)
{
    int n_rewriting = 0, n_guards = 0;

    FOR_EACH_FLOW(rule, block)
    {
        struct match match;
        const struct ofpact *a;

        minimatch_expand(&rule->match, &match);
        if (rule->table == T_ANSWER && rule->priority == PRIO_DENY
            && eth_addr_is_zero(match.flow.arp_sha)
            && eth_mask_is_exact(match.wc.masks.arp_sha)) {
            n_guards++;
        }
        OFPACT_FOR_EACH(a, rule->ofpacts, rule->ofpacts_len)
        {
            if (a->type == OFPACT_SET_FIELD
                && (ofpact_get_SET_FIELD(a)->field->id == MFF_ND_OPTIONS_TYPE
                    || ofpact_get_SET_FIELD(a)->field->id == MFF_ND_TLL)) {
                assert_int_equal(rule->table, T_ANSWER);
                assert_true(rule->priority < PRIO_DENY);
                n_rewriting++;
            }
        }
    }
    assert_int_equal(n_guards, 1);
    /* lab: 2 NICs, 2 addresses of the gateway; cells: likewise. */
    assert_int_equal(n_rewriting, 8);
}

static void
test_nic_budget(void **state)
{
    for (size_t i = 0; i < N_TOPOLOGY; i++) {
        if (blocks[i]->kind == BLOCK_NIC) {
            assert_true(blocks[i]->n_flows <= 18);
            assert_int_equal(blocks[i]->n_buckets, 1);
            assert_int_equal(blocks[i]->n_meters, 1);
        }
    }
}

static struct nic_input
some_nic(void)
{
    struct network_input net = topology_network(1, "lab", true, false);

    return topology_nic(&net, "web1", 0);
}

/* Until the port has a number there is a port to make, and nothing else. */
static void
test_no_ofport(void **state)
{
    struct network_input net = topology_network(1, "lab", true, false);
    struct nic_input nic = some_nic();
    struct block *block;
    size_t n_answer = 0;

    nic.ofport = 0;
    block = compile_nic(&nic);
    assert_int_equal(block->n_flows + block->n_buckets + block->n_meters, 0);
    assert_non_null(block->port);
    assert_non_null(block->device);
    block_unref(block);

    /* Guests reach each other before the gateway is there; what they say to
     * servers is for nobody else even then. */
    net.ofport = 0;
    block = compile_network(&net);
    assert_int_equal(block->n_groups, 1);
    assert_non_null(block->port);
    for (size_t i = 0; i < block->n_flows; i++) {
        struct match match;

        minimatch_expand(&block->flows[i].match, &match);
        assert_int_equal(match.wc.masks.in_port.ofp_port, 0);
        n_answer += block->flows[i].table == T_ANSWER;
    }
    assert_int_equal(n_answer, 3);      /* DHCP, DHCPv6, RS. */
    block_unref(block);
}

/* A NIC without an IPv6 address has no flow that lets IPv6 through, and
 * likewise IPv4 and ARP. */
static void
test_families(void **state)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct nic_input nic = some_nic();
        struct block *block;

        nic.has4 = v6;
        nic.has6 = !v6;
        block = compile_nic(&nic);
        for (size_t i = 0; i < block->n_flows; i++) {
            struct match match;
            uint16_t type;

            minimatch_expand(&block->flows[i].match, &match);
            type = ntohs(match.flow.dl_type);
            assert_int_not_equal(block->flows[i].table, v6 ? T_OWNER : -1);
            assert_true(v6 ? type != ETH_TYPE_IPV6
                           : type != ETH_TYPE_IP && type != ETH_TYPE_ARP);
        }
        block_unref(block);
    }
}

static void
test_devices(void **state)
{
    struct nic_input nic = some_nic();
    struct block *block;

    nic.kind = DEV_VETH;
    nic.hypervisor = HV_VIRTUALBOX;
    block = compile_nic(&nic);
    assert_string_equal(block->port->name, "vm-web1");
    assert_string_equal(block->port->type, "");
    assert_true(block->device->near_tx_off);
    assert_false(block->device->far_tx_off);
    block_unref(block);

    nic.hypervisor = HV_LXC;
    nic.userspace = true;
    block = compile_nic(&nic);
    assert_false(block->device->near_tx_off);
    assert_true(block->device->far_tx_off);
    block_unref(block);

    nic.kind = DEV_TAP;
    block = compile_nic(&nic);
    assert_string_equal(block->device->owner, "root");
    block_unref(block);

    /* Somebody else's port: labels only, no device. */
    nic.foreign = true;
    ovs_strlcpy(nic.port, "vnet3", sizeof nic.port);
    block = compile_nic(&nic);
    assert_true(block->port->foreign);
    assert_string_equal(block->port->name, "vnet3");
    assert_null(block->device);
    block_unref(block);

    nic.port[0] = '\0';
    block = compile_nic(&nic);
    assert_null(block->port);
    block_unref(block);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document),   cmocka_unit_test(test_cookies),
        cmocka_unit_test(test_steps),      cmocka_unit_test(test_reparse),
        cmocka_unit_test(test_no_overlap), cmocka_unit_test(test_nd_guard),
        cmocka_unit_test(test_nic_budget), cmocka_unit_test(test_no_ofport),
        cmocka_unit_test(test_families),   cmocka_unit_test(test_devices),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
