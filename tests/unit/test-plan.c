/* SPDX-License-Identifier: Apache-2.0
 *
 * test-plan.c: the memoised plan is the plan, and it is cheap.
 *
 * What a user would lose: flows that belong to yesterday's config, or a host
 * that computes for seconds at each new VM. */
#include "world.h"
#include <time.h>
#include "core/pipeline.h"
#include "core/plan.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "random.h"
#include "uuid.h"

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

/* Fails with the first line in which the two differ. */
static void
assert_same_text(unsigned int step, const char *a, const char *b)
{
    while (*a || *b) {
        size_t na = strcspn(a, "\n"), nb = strcspn(b, "\n");

        if (na != nb || memcmp(a, b, na)) {
            fail_msg("step %u: \"%.*s\" is not \"%.*s\"", step, (int) na, a,
                     (int) nb, b);
        }
        a += na + (a[na] == '\n');
        b += nb + (b[nb] == '\n');
    }
}

/* What the appliers would have made of the plan's blocks, in the view. */

static uint32_t
ofport_of(const struct view *view, const char *name)
{
    const struct view_port *port = view_find_port(view, name);

    return port ? port->ofport : 0;
}

static void
apply_own_port(struct view *view, const struct port_want *want,
               uint32_t ofport)
{
    struct view_port port = world_port(want->name, ofport);

    port.mark_vm = nullable_xstrdup(want->vm);
    port.mark_nic = nullable_xstrdup(want->nic);
    port.mark_network = nullable_xstrdup(want->network);
    port.iface_id = nullable_xstrdup(want->iface_id);
    port.attached_mac = want->attached_mac;
    port.key = want->key;
    view_set_port(view, &port);
}

/* Labels or, with 'bound' NULL, unlabels somebody else's port. */
static void
label_foreign_port(struct view *view, const char *name, const char *bound,
                   uint32_t key)
{
    const struct view_port *old = view_find_port(view, name);
    struct view_port port = *old;

    port.name = xstrdup(old->name);
    port.type = xstrdup(old->type);
    port.iface_id = nullable_xstrdup(old->iface_id);
    port.bound = nullable_xstrdup(bound);
    port.key = key;
    view_set_port(view, &port);
}

/* The blocks as the appliers see them, by their changes alone. */
struct mirror {
    struct shash blocks;        /* name -> struct block *, a reference. */
    uint32_t next_ofport;
};

static void
mirror_change(struct mirror *mirror, const struct block_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        struct block *old = changes->list[i].old;
        struct block *new = changes->list[i].new;

        assert_true(old || new);
        if (old) {
            assert_ptr_equal(shash_find_and_delete(&mirror->blocks,
                                                   old->name), old);
            block_unref(old);
        }
        if (new) {
            assert_true(shash_add_once(&mirror->blocks, new->name,
                                       block_ref(new)));
        }
    }
}

static char *
mirror_text(const struct mirror *mirror)
{
    const struct shash_node **nodes = shash_sort(&mirror->blocks);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < shash_count(&mirror->blocks); i++) {
        ds_put_format(&s, "# %s\n", nodes[i]->name);
        block_format(nodes[i]->data, &s);
    }
    free(nodes);
    return ds_steal_cstr(&s);
}

static void
mirror_destroy(struct mirror *mirror)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &mirror->blocks) {
        block_unref(node->data);
    }
    shash_destroy(&mirror->blocks);
}

static bool
is_wanted(const struct mirror *mirror, const char *port, bool foreign)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &mirror->blocks) {
        const struct block *block = node->data;

        if (block->port && !strcmp(block->port->name, port)
            && block->port->foreign == foreign) {
            return true;
        }
    }
    return false;
}

static void
apply_mirror(struct mirror *mirror, struct view *view)
{
    struct shash_node *node;
    struct view_port *port;

    HMAP_FOR_EACH_SAFE (port, name_node, &view->ports) {
        bool foreign = !port->mark_vm && !port->mark_network;

        if (is_wanted(mirror, port->name, foreign)) {
            continue;
        } else if (foreign) {
            label_foreign_port(view, port->name, NULL, 0);
        } else {
            view_remove_port(view, port->name);
        }
    }
    SHASH_FOR_EACH (node, &mirror->blocks) {
        const struct port_want *want = ((struct block *) node->data)->port;

        if (want && want->foreign) {
            label_foreign_port(view, want->name,
                               ((struct block *) node->data)->name + 4,
                               want->key);
        } else if (want) {
            uint32_t ofport = ofport_of(view, want->name);

            apply_own_port(view, want,
                           ofport ? ofport
                           : random_range(4) ? ++mirror->next_ofport : 0);
        }
    }
}

/* No two blocks may own one flow key, and every flow is under the cookie of
 * its block. */
static void
check_flows(const struct plan *plan, const struct mirror *mirror)
{
    struct flow_node {
        struct hmap_node node;
        const struct flow_rule *rule;
    };
    struct hmap seen = HMAP_INITIALIZER(&seen);
    struct shash_node *node;
    struct flow_node *f;

    SHASH_FOR_EACH (node, &mirror->blocks) {
        const struct block *block = node->data;

        for (size_t i = 0; i < block->n_flows; i++) {
            const struct flow_rule *rule = &block->flows[i];

            assert_ptr_equal(plan_find_cookie(plan, rule->cookie), block);
            HMAP_FOR_EACH_WITH_HASH (f, node, rule->hash, &seen) {
                if (flow_rule_key_equal(f->rule, rule)) {
                    struct ds s = DS_EMPTY_INITIALIZER;
                    flow_rule_format(rule, &s);
                    fail_msg("two of: %s", ds_cstr(&s));
                }
            }
            f = xmalloc(sizeof *f);
            f->rule = rule;
            hmap_insert(&seen, &f->node, rule->hash);
        }
    }
    HMAP_FOR_EACH_POP (f, node, &seen) {
        free(f);
    }
    hmap_destroy(&seen);
}

/* A random world.  Its parts are switched on and off one at a time. */

enum { WORLD_VMS = 10, WORLD_NETS = 3 };

struct random_world {
    struct {
        bool there, elsewhere;
        enum hypervisor hv;
        int net[2];             /* -1: no such NIC. */
    } vms[WORLD_VMS];
    struct {
        bool address, isolate;
    } nets[WORLD_NETS];
    bool third_net;             /* Is the last network there? */
};

static const char *const net_names[WORLD_NETS] = { "blue", "green", "red" };

/* The model, its objects added in an order that 'shuffle' decides. */
static struct model *
random_model(const struct random_world *w, unsigned int shuffle)
{
    struct model *model = model_create();
    size_t n_nets = WORLD_NETS - !w->third_net;

    for (size_t k = 0; k < n_nets; k++) {
        size_t i = (k + shuffle) % n_nets;

        world_network(model, net_names[i], i + 1);
        struct network *network = &model->networks[model->n_networks - 1];
        network->isolate = w->nets[i].isolate;
        if (!w->nets[i].address) {
            network->choice4 = network->choice6 = CHOICE_NONE;
        }
    }
    for (size_t k = 0; k < WORLD_VMS; k++) {
        size_t i = (k * 7 + shuffle) % WORLD_VMS;
        char name[8];

        if (!w->vms[i].there) {
            continue;
        }
        snprintf(name, sizeof name, "vm%d", (int) i);
        struct vm *vm = world_vm(model, name, w->vms[i].hv);
        vm->host = w->vms[i].elsewhere ? xstrdup("there") : NULL;
        for (size_t j = 0; j < 2; j++) {
            if (w->vms[i].net[j] >= 0 && w->vms[i].net[j] < n_nets) {
                struct nic *nic = world_nic(vm, net_names[w->vms[i].net[j]],
                                            i * 2 + j + 10);
                if (!w->nets[w->vms[i].net[j]].address) {
                    nic->choice4 = nic->choice6 = CHOICE_NONE;
                }
            }
        }
    }
    model_sort(model);
    return model;
}

static void
random_vm_change(struct random_world *w)
{
    static const enum hypervisor kinds[] = { HV_KVM, HV_VIRTUALBOX, HV_INCUS,
                                             HV_LIBVIRT, HV_DOCKER };
    size_t i = random_range(WORLD_VMS);

    switch (random_range(4)) {
    case 0:
    case 1:
        w->vms[i].there = !w->vms[i].there;
        w->vms[i].hv = kinds[random_range(ARRAY_SIZE(kinds))];
        w->vms[i].net[0] = random_range(WORLD_NETS);
        w->vms[i].net[1] = (int) random_range(WORLD_NETS + 1) - 1;
        break;
    case 2:
        w->vms[i].elsewhere = !w->vms[i].elsewhere;
        break;
    case 3:
        w->vms[i].hv = kinds[random_range(ARRAY_SIZE(kinds))];
        break;
    }
}

static void
random_port_change(struct view *view, struct mirror *mirror)
{
    char name[16], id[16];

    snprintf(name, sizeof name, "tap%d", (int) random_range(6));
    if (view_find_port(view, name)) {
        view_remove_port(view, name);
        return;
    }
    snprintf(id, sizeof id, "vm%d%s", (int) random_range(WORLD_VMS),
             random_range(2) ? "" : ".1");
    world_foreign(view, name, ++mirror->next_ofport, id);
}

static void
random_change(struct random_world *w, struct view *view,
              struct mirror *mirror)
{
    size_t net = random_range(WORLD_NETS);

    switch (random_range(10)) {
    case 0:
        w->nets[net].isolate = !w->nets[net].isolate;
        break;
    case 1:
        w->nets[net].address = !w->nets[net].address;
        break;
    case 2:
        w->third_net = !w->third_net;
        break;
    case 3:
        view->userspace = !view->userspace;
        break;
    case 4:
    case 5:
    case 6:
        random_port_change(view, mirror);
        break;
    default:
        random_vm_change(w);
        break;
    }
}

/* The plan from nothing, of the same view and a model in another order. */
static char *
text_from_nothing(const struct random_world *w, const struct view *view,
                  unsigned int shuffle)
{
    struct model *model = random_model(w, shuffle);
    struct plan *plan = plan_create(&config);
    char *text;

    compute(plan, model, view);
    text = plan_text(plan);
    plan_destroy(plan);
    model_destroy(model);
    return text;
}

/* Computes, keeps the mirror up to date, and checks it against the plan. */
static size_t
compute_mirrored(struct plan *plan, const struct random_world *w,
                 unsigned int step, const struct view *view,
                 struct mirror *mirror)
{
    struct model *model = random_model(w, step);
    struct block_changes changes;
    size_t n;

    block_changes_init(&changes);
    n = plan_compute(plan, model, view, &changes);
    mirror_change(mirror, &changes);
    block_changes_uninit(&changes);
    model_destroy(model);
    check_flows(plan, mirror);
    return n;
}

/* Between a change and the comparison the ports are applied: a key that is not
 * stored yet need not be the same after a restart. */
static void
test_memoised_is_from_nothing(void **state)
{
    struct mirror mirror = { SHASH_INITIALIZER(&mirror.blocks), 0 };
    struct random_world w = { .third_net = true };
    struct plan *plan = plan_create(&config);
    size_t n_compiled = 0;
    struct view view;

    random_set_seed(20261122);
    view_init(&view);
    view.ovsdb_ready = true;
    for (unsigned int step = 0; step < 2000; step++) {
        char *memoised, *mirrored, *scratch;

        random_change(&w, &view, &mirror);
        n_compiled += compute_mirrored(plan, &w, step, &view, &mirror);
        apply_mirror(&mirror, &view);
        n_compiled += compute_mirrored(plan, &w, step + 1, &view, &mirror);

        memoised = plan_text(plan);
        mirrored = mirror_text(&mirror);
        scratch = text_from_nothing(&w, &view, step + 2);
        assert_same_text(step, memoised, scratch);
        assert_same_text(step, mirrored, scratch);
        free(mirrored);
        free(memoised);
        free(scratch);
    }
    assert_true(n_compiled > 2000);
    mirror_destroy(&mirror);
    plan_destroy(plan);
    view_uninit(&view);
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
    struct mirror mirror = { SHASH_INITIALIZER(&mirror.blocks), 0 };

    for (size_t i = 0; i < model->n_vms; i++) {
        char name[32];

        snprintf(name, sizeof name, "nic %s", model->vms[i].name);
        apply_own_port(view, plan_find(plan, name)->port,
                       ++mirror.next_ofport);
    }
    mirror_destroy(&mirror);
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
    apply_own_port(&view, plan_find(plan, "nic vm02000")->port, 0);
    assert_int_equal(compute(plan, model, &view), 0);
    apply_own_port(&view, plan_find(plan, "nic vm02000")->port, 9999);
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
        cmocka_unit_test(test_memoised_is_from_nothing),
        cmocka_unit_test(test_one_new_vm_is_one_block),
        cmocka_unit_test(test_unchanged_is_cheap),
        cmocka_unit_test(test_nothing_before_the_snapshot),
        cmocka_unit_test(test_changes_are_ordered),
        cmocka_unit_test(test_dummy_nics),
        cmocka_unit_test(test_cookies_lead_to_blocks),
        cmocka_unit_test(test_conflicts_are_problems),
        cmocka_unit_test(test_no_key_left_is_a_problem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
