/* SPDX-License-Identifier: Apache-2.0
 *
 * test-plan.c: a plan costs what has changed, and answers for its blocks.
 *
 * What a user would lose: a host that computes for seconds at each new VM.
 * That the plan is right is test-memo.c's. */
#include "world.h"
#include <time.h>
#include "byte-order.h"
#include "core/pipeline.h"
#include "core/plan.h"
#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"

static const struct plan_config config = { .host = "here" };

static char *
plan_text(const struct plan *plan)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    plan_format(plan, &s);
    return ds_steal_cstr(&s);
}

static size_t
compute(struct plan *plan, const struct model *model, const struct view *view)
{
    struct block_changes changes;
    size_t n;

    block_changes_init(&changes);
    n = plan_compute(plan, model, view, &changes);
    block_changes_uninit(&changes);
    return n;
}

/* Thousands of VMs. */

static void
add_vm(struct model *model, int i)
{
    char name[16];

    snprintf(name, sizeof name, "vm%05d", i);
    world_nic(world_vm(model, name, HV_KVM), "default", i + 10);
}

static struct model *
big_model(int n)
{
    struct model *model = model_create();

    world_network(model, "default", 0);
    for (int i = 0; i < n; i++) {
        add_vm(model, i);
    }
    model_sort(model);
    return model;
}

/* Puts the ports of all of 'model' into 'view', as if made by 'plan'. */
static void
big_view(struct view *view, const struct model *model,
         const struct plan *plan)
{
    for (size_t i = 0; i < model->n_vms; i++) {
        char name[32];

        snprintf(name, sizeof name, "nic %s", model->vms[i].name);
        world_apply_port(view, plan_find(plan, name)->port, i + 1);
    }
}

static void
test_one_new_vm_is_one_block(void **state)
{
    struct plan *plan = plan_create(&config);
    struct model *model = big_model(2000);
    struct view view;

    view_init(&view);
    view.ovsdb_ready = true;
    assert_int_equal(compute(plan, model, &view), 2002);
    big_view(&view, model, plan);
    assert_int_equal(compute(plan, model, &view), 2000);
    assert_int_equal(compute(plan, model, &view), 0);

    /* The gateway and 2,000 NICs leave room in their last chunk. */
    add_vm(model, 2000);
    model_sort(model);
    assert_int_equal(compute(plan, model, &view), 1);
    assert_int_equal(compute(plan, model, &view), 0);

    /* Its port without a number is no news, its number is. */
    world_apply_port(&view, plan_find(plan, "nic vm02000")->port, 0);
    assert_int_equal(compute(plan, model, &view), 0);
    world_apply_port(&view, plan_find(plan, "nic vm02000")->port, 9999);
    assert_int_equal(compute(plan, model, &view), 1);

    plan_destroy(plan);
    model_destroy(model);
    view_uninit(&view);
}

static double
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void
test_unchanged_is_cheap(void **state)
{
    struct plan *plan = plan_create(&config);
    struct model *model = big_model(1000);
    struct block_changes changes;
    double best = 1e9;
    struct view view;

    view_init(&view);
    view.ovsdb_ready = true;
    compute(plan, model, &view);
    big_view(&view, model, plan);
    compute(plan, model, &view);
    block_changes_init(&changes);
    for (int i = 0; i < 50; i++) {
        double start = now_ms();

        assert_int_equal(plan_compute(plan, model, &view, &changes), 0);
        best = MIN(best, now_ms() - start);
    }
    assert_int_equal(changes.n, 0);
    print_message("1,000 NICs unchanged: %.3f ms\n", best);
    assert_true(best < 20);
    block_changes_uninit(&changes);
    plan_destroy(plan);
    model_destroy(model);
    view_uninit(&view);
}

/* What the switch gives back of a flow is the flow: else every restart would
 * write all of them anew. */

static void
check_on_the_wire(const struct flow_rule *rule)
{
    struct ofputil_flow_mod fm = {
        .command = OFPFC_ADD,
        .new_cookie = htonll(rule->cookie),
        .table_id = rule->table,
        .priority = rule->priority,
        .buffer_id = UINT32_MAX,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .ofpacts = rule->ofpacts,
        .ofpacts_len = rule->ofpacts_len,
    };
    struct ofpbuf *msg, ofpacts;
    struct flow_rule again;
    struct match match;

    minimatch_clone(&fm.match, &rule->match);
    msg = ofputil_encode_flow_mod(&fm, OFPUTIL_P_OF15_OXM);
    minimatch_destroy(&fm.match);
    ofpbuf_init(&ofpacts, 0);
    assert_int_equal(ofputil_decode_flow_mod(&fm, msg->data,
                                             OFPUTIL_P_OF15_OXM, NULL, NULL,
                                             &ofpacts, OFPP_MAX, 255), 0);
    minimatch_expand(&fm.match, &match);
    flow_rule_init(&again, fm.table_id, fm.priority, ntohll(fm.new_cookie),
                   &match, fm.ofpacts, fm.ofpacts_len);
    if (!flow_rule_key_equal(&again, rule)
        || !ofpacts_equal_stringwise(again.ofpacts, again.ofpacts_len,
                                     rule->ofpacts, rule->ofpacts_len)) {
        struct ds s = DS_EMPTY_INITIALIZER;

        flow_rule_format(rule, &s);
        ds_put_cstr(&s, " came back as ");
        flow_rule_format(&again, &s);
        fail_msg("%s", ds_cstr(&s));
    }
    flow_rule_uninit(&again);
    minimatch_destroy(&fm.match);
    ofpbuf_uninit(&ofpacts);
    ofpbuf_delete(msg);
}

static void
test_flows_survive_the_wire(void **state)
{
    static const char *const names[] = { "bridge", "network default",
                                         "nic vm00000" };
    struct plan *plan = plan_create(&config);
    struct model *model = big_model(1);
    struct view view;

    view_init(&view);
    view.ovsdb_ready = true;
    world_own(&view, "vm-vm00000", 7, "vm00000", "0", "default", 65);
    world_own(&view, "vmovs-default", 8, NULL, NULL, "default", 64);
    compute(plan, model, &view);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct block *block = plan_find(plan, names[i]);

        assert_true(block->n_flows > 5);
        for (size_t j = 0; j < block->n_flows; j++) {
            check_on_the_wire(&block->flows[j]);
        }
    }
    plan_destroy(plan);
    model_destroy(model);
    view_uninit(&view);
}

/* All that a block depends on gets to it. */

static void
change_one(int i, struct model *model, struct view *view)
{
    struct network *network = &model->networks[0];
    struct vm *vm = &model->vms[0];
    struct nic *nic = &vm->nics[0];

    switch (i) {
    case 0: network->isolate = true; break;
    case 1: network->mtu = 1400; break;
    case 2: network->subnet.plen = 25; break;
    case 3: network->subnet6.plen = 80; break;
    case 4: network->choice4 = CHOICE_NONE; break;
    case 5: network->choice6 = CHOICE_NONE; break;
    case 6: vm->owner = xstrdup("alice"); break;
    case 7: vm->hypervisor = HV_DOCKER; break;
    case 8: nic->mac.ea[3]++; break;
    case 9: nic->ip = htonl(0x0a4d0099); break;
    case 10: nic->ip6.s6_addr[15]++; break;
    case 11: nic->choice4 = CHOICE_NONE; break;
    case 12: nic->choice6 = CHOICE_NONE; break;
    case 13: nic->id.parts[3]++; break;
    case 14: strcpy(nic->device, "vm-other"); break;
    case 15: view->userspace = true; break;
    case 16: view_remove_port(view, "vmovs-default"); break;
    case 17: view_remove_port(view, "vm-vm00000"); break;
    case 18: world_foreign(view, "tap0", 9, "vm00000");
             view_remove_port(view, "vm-vm00000"); break;
    }
}

/* The first two are the network's and count for its NICs too. */
static void
test_every_input_counts(void **state)
{
    for (int i = 0; i <= 18; i++) {
        struct plan *plan = plan_create(&config);
        struct model *model = big_model(1);
        char *before, *after;
        struct view view;
        size_t n;

        view_init(&view);
        view.ovsdb_ready = true;
        world_own(&view, "vm-vm00000", 7, "vm00000", "0", "default", 65);
        world_own(&view, "vmovs-default", 8, NULL, NULL, "default", 64);
        compute(plan, model, &view);
        before = plan_text(plan);
        change_one(i, model, &view);
        n = compute(plan, model, &view);
        after = plan_text(plan);
        if (!n || !strcmp(before, after) || (i < 2 && n != 2)) {
            fail_msg("change %d: %d blocks compiled", i, (int) n);
        }
        free(before);
        free(after);
        plan_destroy(plan);
        model_destroy(model);
        view_uninit(&view);
    }
}

/* Single questions. */

static void
test_nothing_before_the_snapshot(void **state)
{
    struct plan *plan = plan_create(&config);
    struct model *model = big_model(2);
    struct view view;

    view_init(&view);
    assert_int_equal(compute(plan, model, &view), 0);
    assert_null(plan_find(plan, "bridge"));

    /* The stored key would be lost if one had been given out before. */
    world_own(&view, "vm-vm00001", 7, "vm00001", "0", "default", 640);
    view.ovsdb_ready = true;
    assert_int_equal(compute(plan, model, &view), 4);
    assert_int_equal(plan_find(plan, "nic vm00001")->key, 640);
    plan_destroy(plan);
    model_destroy(model);
    view_uninit(&view);
}

static void
test_changes_are_ordered(void **state)
{
    struct plan *plan = plan_create(&config);
    struct model *model = big_model(3);
    struct block_changes changes;
    struct view view;

    view_init(&view);
    view.ovsdb_ready = true;
    block_changes_init(&changes);
    plan_compute(plan, model, &view, &changes);
    assert_int_equal(changes.n, 5);
    assert_string_equal(changes.list[0].new->name, "bridge");
    assert_string_equal(changes.list[1].new->name, "network default");
    assert_string_equal(changes.list[4].new->name, "nic vm00002");
    model_destroy(model);
    block_changes_clear(&changes);

    /* Two gone, one new, one different. */
    model = big_model(0);
    add_vm(model, 7);
    add_vm(model, 1);
    model->vms[1].nics[0].mac.ea[3] = 0x99;
    model_sort(model);
    plan_compute(plan, model, &view, &changes);
    assert_int_equal(changes.n, 4);
    assert_string_equal(changes.list[0].old->name, "nic vm00000");
    assert_null(changes.list[0].new);
    assert_string_equal(changes.list[1].old->name, "nic vm00002");
    assert_string_equal(changes.list[2].old->name, "nic vm00001");
    assert_string_equal(changes.list[2].new->name, "nic vm00001");
    assert_null(changes.list[3].old);
    assert_string_equal(changes.list[3].new->name, "nic vm00007");
    model_destroy(model);
    block_changes_uninit(&changes);
    plan_destroy(plan);
    view_uninit(&view);
}

static void
test_dummy_nics(void **state)
{
    const struct plan_config dummies = { .host = "here", .dummy_nics = true };
    struct plan *plan = plan_create(&dummies);
    struct model *model = big_model(1);
    struct view view;

    view_init(&view);
    view.ovsdb_ready = true;
    compute(plan, model, &view);
    assert_string_equal(plan_find(plan, "nic vm00000")->port->type, "dummy");
    assert_string_equal(plan_find(plan, "network default")->port->type,
                        "internal");
    plan_destroy(plan);
    model_destroy(model);
    view_uninit(&view);
}

/* "vmovs stop" leaves ports, devices and nothing that lets a frame pass; and
 * back again it is as if it had not been. */
static void
test_stopped(void **state)
{
    struct plan *plan = plan_create(&config);
    struct model *model = big_model(1);
    struct view view;

    view_init(&view);
    view.ovsdb_ready = true;
    compute(plan, model, &view);
    char *before = plan_text(plan);

    plan_set_stopped(plan, true);
    compute(plan, model, &view);
    const struct block *nic = plan_find(plan, "nic vm00000");
    const struct block *net = plan_find(plan, "network default");
    assert_int_equal(nic->n_flows + nic->n_buckets + nic->n_meters, 0);
    assert_int_equal(net->n_flows + net->n_groups, 0);
    assert_true(nic->port && nic->device && net->port && net->device);
    assert_true(!nic->lease && !net->service);
    assert_true(plan_find(plan, "bridge")->n_flows > 0);

    plan_set_stopped(plan, false);
    compute(plan, model, &view);
    char *after = plan_text(plan);
    assert_string_equal(before, after);
    assert_non_null(strstr(after, "\nlease vm00000 "));
    free(before);
    free(after);
    plan_destroy(plan);
    model_destroy(model);
    view_uninit(&view);
}

static void
test_cookies_lead_to_blocks(void **state)
{
    struct plan *plan = plan_create(&config);
    struct model *model = big_model(1);
    const struct block *nic;
    struct view view;

    view_init(&view);
    view.ovsdb_ready = true;
    compute(plan, model, &view);
    nic = plan_find(plan, "nic vm00000");
    assert_ptr_equal(plan_find_cookie(plan, cookie_make(COOKIE_NIC, DROP_VLAN,
                                                        nic->key)), nic);
    assert_null(plan_find_cookie(plan, cookie_make(COOKIE_NIC, DROP_NONE,
                                                   nic->key + 1)));
    assert_string_equal(
        plan_find_cookie(plan, cookie_make(COOKIE_BRIDGE, DROP_NONE, 0))->name,
        "bridge");
    assert_null(plan_find_cookie(plan, nic->key));
    assert_null(plan_find_cookie(plan, cookie_make(99, DROP_NONE, 0)));
    plan_destroy(plan);
    model_destroy(model);
    view_uninit(&view);
}

static void
test_conflicts_are_problems(void **state)
{
    struct plan *plan = plan_create(&config);
    struct model *model = model_create();
    struct problems problems;
    struct view view;

    world_network(model, "default", 0);
    world_nic(world_vm(model, "web", HV_LIBVIRT), "default", 10);
    model_sort(model);
    view_init(&view);
    view.ovsdb_ready = true;
    world_foreign(&view, "vnet1", 1, "web");
    world_foreign(&view, "vnet0", 2, "web");
    compute(plan, model, &view);
    problems_init(&problems);
    plan_problems(plan, &problems);
    assert_int_equal(problems.n, 1);
    assert_string_equal(problems.list[0].object, "port vnet1");
    assert_non_null(strstr(problems.list[0].what, "nic web"));
    assert_non_null(strstr(problems.list[0].what, "vnet0"));
    problems_clear(&problems);

    view_remove_port(&view, "vnet1");
    compute(plan, model, &view);
    plan_problems(plan, &problems);
    assert_int_equal(problems.n, 0);
    problems_uninit(&problems);
    plan_destroy(plan);
    model_destroy(model);
    view_uninit(&view);
}

/* Each network has a chunk of its own, and there are 1,023. */
static void
test_no_key_left_is_a_problem(void **state)
{
    struct plan *plan = plan_create(&config);
    struct model *model = model_create();
    struct problems problems;
    struct view view;

    for (int i = 0; i < 1024; i++) {
        char name[8];

        snprintf(name, sizeof name, "n%04d", i);
        world_network(model, name, 0);
    }
    world_nic(world_vm(model, "web", HV_KVM), "n1023", 10);
    model_sort(model);
    view_init(&view);
    view.ovsdb_ready = true;
    compute(plan, model, &view);
    assert_non_null(plan_find(plan, "network n1022"));
    assert_null(plan_find(plan, "network n1023"));
    assert_null(plan_find(plan, "nic web"));
    problems_init(&problems);
    plan_problems(plan, &problems);
    assert_int_equal(problems.n, 2);
    assert_string_equal(problems.list[0].object, "network n1023");
    assert_string_equal(problems.list[1].object, "nic web");
    problems_uninit(&problems);
    plan_destroy(plan);
    model_destroy(model);
    view_uninit(&view);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_new_vm_is_one_block),
        cmocka_unit_test(test_unchanged_is_cheap),
        cmocka_unit_test(test_every_input_counts),
        cmocka_unit_test(test_flows_survive_the_wire),
        cmocka_unit_test(test_nothing_before_the_snapshot),
        cmocka_unit_test(test_changes_are_ordered),
        cmocka_unit_test(test_dummy_nics),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_cookies_lead_to_blocks),
        cmocka_unit_test(test_conflicts_are_problems),
        cmocka_unit_test(test_no_key_left_is_a_problem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
