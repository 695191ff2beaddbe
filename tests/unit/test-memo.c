/* SPDX-License-Identifier: Apache-2.0
 *
 * test-memo.c: whatever came before, the memoised plan is the plan.
 *
 * What a user would lose: flows that belong to yesterday's config. */
#include "world.h"
#include "core/plan.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "random.h"

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

            world_apply_port(view, want,
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memoised_is_from_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
