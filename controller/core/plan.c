/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.c: walks model and view, and compiles what is not compiled yet.
 *
 * For each object it writes down all that its compiler looks at, in one zeroed
 * struct.  The block of that name is still right if it was made from the same
 * bytes; otherwise a new one is compiled.  There is nothing else that decides
 * whether to compile: no dirty flag, no dependency.
 *
 * The loop calls it, and hands the changes to the appliers.  Pure. */
#include <config.h>
#include "core/plan.h"
#include <stdlib.h>
#include <string.h>
#include "core/compile.h"
#include "core/pipeline.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

struct plan {
    char *host;        /* Owned. */
    bool dummy_nics;   /* See struct plan_config. */
    bool stopped;      /* plan_set_stopped() */
    struct keys *keys; /* Owned. */
    struct bindings bindings;
    struct hmap blocks;       /* struct block, through 'node'; each holds a
                               * reference. */
    struct hmap by_key;       /* The same, through 'key_node'. */
    bool mark;                /* 'seen' of a block seen in this turn; the
                               * other value next turn. */
    struct problems problems; /* Of the last plan_compute(). */
};

/* One plan_compute(). */
struct turn {
    struct plan *plan;
    const struct model *model;
    const struct view *view;
    struct network_facts *networks; /* Parallel to model->networks.  Owned. */
    struct block_changes fresh;     /* New and different blocks. */
    size_t n_seen;                  /* Objects walked that have a block. */
    size_t n_compiled;
};

/* What the NICs of a network have to know about it. */
struct network_facts {
    uint32_t key;         /* Network key. */
    uint32_t gateway_key; /* 0: no gateway. */
    uint32_t mtu;
    bool keyless; /* It has no key: neither have its NICs. */
};

/* Block names are "network " or "nic " and the object's. */
enum { BLOCK_NAME_SIZE = 8 + NIC_NAME_SIZE };

struct plan *
plan_create(const struct plan_config *config)
{
    struct plan *plan = xzalloc(sizeof *plan);

    plan->host = xstrdup(config->host);
    plan->dummy_nics = config->dummy_nics;
    plan->keys = keys_create();
    bindings_init(&plan->bindings);
    hmap_init(&plan->blocks);
    hmap_init(&plan->by_key);
    problems_init(&plan->problems);
    return plan;
}

void
plan_destroy(struct plan *plan)
{
    struct block *block;

    if (!plan) {
        return;
    }
    hmap_destroy(&plan->by_key);
    HMAP_FOR_EACH_POP (block, node, &plan->blocks) {
        block_unref(block);
    }
    hmap_destroy(&plan->blocks);
    keys_destroy(plan->keys);
    bindings_uninit(&plan->bindings);
    problems_uninit(&plan->problems);
    free(plan->host);
    free(plan);
}

void
plan_set_stopped(struct plan *plan, bool stopped)
{
    plan->stopped = stopped;
}

/* Blocks. */

static struct block *
find_block(const struct plan *plan, const char *name, uint32_t hash)
{
    struct block *block;

    HMAP_FOR_EACH_WITH_HASH (block, node, hash, &plan->blocks) {
        if (!strcmp(block->name, name)) {
            return block;
        }
    }
    return NULL;
}

static uint32_t
hash_key(enum block_kind kind, uint32_t key)
{
    return hash_2words(kind, key);
}

static void
remove_block(struct plan *plan, struct block *block)
{
    hmap_remove(&plan->blocks, &block->node);
    hmap_remove(&plan->by_key, &block->key_node);
}

/* Takes over the references to 'old' and 'new'. */
static void
add_change(struct block_changes *changes, struct block *old, struct block *new)
{
    if (changes->n == changes->allocated) {
        changes->list = x2nrealloc(changes->list, &changes->allocated,
                                   sizeof *changes->list);
    }
    changes->list[changes->n++] = (struct block_change){ old, new };
}

static struct block *
compile(enum block_kind kind, const void *input)
{
    switch (kind) {
    case BLOCK_BRIDGE:
        return compile_bridge();
    case BLOCK_NETWORK:
        return compile_network(input);
    case BLOCK_NIC:
        return compile_nic(input);
    }
    OVS_NOT_REACHED();
}

/* Sees to it that the block 'name' is the one that follows from 'input'. */
static void
visit(struct turn *turn, enum block_kind kind, const char *name,
      const void *input, size_t size)
{
    struct plan *plan = turn->plan;
    uint32_t hash = hash_string(name, 0);
    struct block *old = find_block(plan, name, hash);
    struct block *new;

    turn->n_seen++;
    if (old && old->input.size == size
        && (!size || !memcmp(old->input.data, input, size))) {
        old->seen = plan->mark;
        return;
    }

    new = compile(kind, input);
    ovs_assert(!strcmp(new->name, name));
    ofpbuf_put(&new->input, input, size);
    new->seen = plan->mark;
    turn->n_compiled++;
    if (old) {
        remove_block(plan, old);
    }
    hmap_insert(&plan->blocks, &new->node, hash);
    hmap_insert(&plan->by_key, &new->key_node, hash_key(kind, new->key));
    add_change(&turn->fresh, old, block_ref(new));
}

static void
report_keyless(struct turn *turn, const char *object)
{
    problems_add(&turn->plan->problems, object,
                 xasprintf("has no port key, since all %d are in use on this "
                           "host",
                           KEY_MAX - KEY_MIN + 1),
                 xstrdup("remove networks or VMs, or move some to another "
                         "host"));
}

/* Networks. */

/* The port number of the gateway; 0: not there yet, or somebody else's. */
static uint32_t
gateway_ofport(const struct view *view, const char *device,
               const char *network)
{
    const struct view_port *port = view_find_port(view, device);

    return port && !port->mark_vm && port->mark_network
                   && !strcmp(port->mark_network, network)
               ? port->ofport
               : 0;
}

static void
fill_gateway(struct network_input *in, const struct network *network,
             const struct view *view)
{
    network_device_name(network->name, in->device);
    in->ofport = gateway_ofport(view, in->device, network->name);
    in->mac = network_gateway_mac(network);
    if (network->choice4 == CHOICE_GIVEN) {
        in->has4 = true;
        in->gateway4.addr = network_gateway4(network);
        in->gateway4.plen = network->subnet.plen;
    }
    if (network->choice6 == CHOICE_GIVEN) {
        in->has6 = true;
        in->gateway6.addr = network_gateway6(network);
        in->gateway6.plen = network->subnet6.plen;
    }
}

static void
visit_network(struct turn *turn, const struct network *network,
              struct network_facts *facts)
{
    const struct keys *keys = turn->plan->keys;
    char name[BLOCK_NAME_SIZE] = "network ";
    struct network_input in;
    const uint16_t *chunks;
    size_t n_chunks;

    ovs_strlcpy(name + 8, network->name, sizeof name - 8);
    facts->key = keys_network(keys, network->name);
    facts->gateway_key = keys_gateway(keys, network->name);
    facts->mtu = network_mtu(network);
    facts->keyless = network_has_gateway(network) && !facts->gateway_key;
    if (facts->keyless) {
        report_keyless(turn, name);
        return;
    }

    memset(&in, 0, sizeof in);
    ovs_strlcpy(in.name, network->name, sizeof in.name);
    in.key = facts->key;
    in.gateway_key = facts->gateway_key;
    if (in.gateway_key) {
        fill_gateway(&in, network, turn->view);
    }
    in.isolate = network->isolate;
    in.dummy = turn->plan->dummy_nics;
    in.stopped = turn->plan->stopped;
    in.userspace = turn->view->userspace;
    in.mtu = facts->mtu;
    in.mode = network->mode;
    ovs_strlcpy(in.domain, network_domain(turn->model, network),
                sizeof in.domain);
    chunks = keys_chunks(keys, network->name, &n_chunks);
    in.n_chunks = n_chunks;
    if (n_chunks) {
        memcpy(in.chunks, chunks, n_chunks * sizeof *chunks);
    }
    visit(turn, BLOCK_NETWORK, name, &in, sizeof in);
}

/* NICs. */

static void
fill_binding(struct nic_input *in, const struct binding *binding)
{
    if (binding) {
        in->ofport = binding->ofport;
        in->foreign = binding->how != BOUND_OWN;
        if (in->foreign) {
            ovs_strlcpy(in->port, binding->port, sizeof in->port);
        }
    }
}

static enum nic_device
device_kind(const struct turn *turn, const struct vm *vm)
{
    enum nic_device kind =
        hypervisor_device(vm->hypervisor, turn->view->userspace);

    return turn->plan->dummy_nics && kind != DEV_FOREIGN ? DEV_DUMMY : kind;
}

static void
fill_nic(struct turn *turn, struct nic_input *in, const struct vm *vm,
         const struct nic *nic)
{
    ovs_strlcpy(in->vm, vm->name, sizeof in->vm);
    ovs_strlcpy(in->nic, nic->name, sizeof in->nic);
    ovs_strlcpy(in->network, nic->network, sizeof in->network);
    if (vm->owner) {
        ovs_strlcpy(in->owner, vm->owner, sizeof in->owner);
    }
    ovs_strlcpy(in->device, nic->device, sizeof in->device);
    in->mac = nic->mac;
    in->has4 = nic->choice4 == CHOICE_GIVEN;
    if (in->has4) {
        in->ip = nic->ip;
    }
    in->has6 = nic->choice6 == CHOICE_GIVEN;
    if (in->has6) {
        in->ip6 = nic->ip6;
    }
    in->id = nic->id;
    in->hypervisor = vm->hypervisor;
    in->kind = device_kind(turn, vm);
    in->userspace = turn->view->userspace;
}

static void
visit_nic(struct turn *turn, const struct vm *vm, const struct nic *nic)
{
    const struct plan *plan = turn->plan;
    const struct network_facts *facts;
    const struct binding *binding;
    const struct network *network;
    char name[BLOCK_NAME_SIZE] = "nic ";
    char *full_name = name + 4;
    struct nic_input in;

    nic_put_full_name(vm, nic, full_name);
    network = model_find_network(turn->model, nic->network);
    ovs_assert(network);
    facts = &turn->networks[network - turn->model->networks];
    binding = bindings_of_nic(&plan->bindings, full_name);

    memset(&in, 0, sizeof in);
    in.key = keys_nic(plan->keys, full_name);
    if (facts->keyless
        || (!in.key && (binding || device_kind(turn, vm) != DEV_FOREIGN))) {
        report_keyless(turn, name);
        return;
    }
    ovs_strlcpy(in.full_name, full_name, sizeof in.full_name);
    in.network_key = facts->key;
    in.gateway_key = facts->gateway_key;
    in.isolate = network->isolate;
    in.mtu = facts->mtu;
    in.alone = vm->n_nics == 1;
    in.stopped = plan->stopped;
    ovs_strlcpy(in.domain, network_domain(turn->model, network),
                sizeof in.domain);
    fill_nic(turn, &in, vm, nic);
    fill_binding(&in, binding);
    visit(turn, BLOCK_NIC, name, &in, sizeof in);
}

/* The turn. */

static void
report_conflicts(struct plan *plan)
{
    const struct shash_node **nodes = shash_sort(&plan->bindings.conflicts);
    size_t n = shash_count(&plan->bindings.conflicts);

    for (size_t i = 0; i < n; i++) {
        const char *nic = nodes[i]->data;
        const struct binding *binding = bindings_of_nic(&plan->bindings, nic);
        char *object = xasprintf("port %s", nodes[i]->name);

        problems_add(&plan->problems, object,
                     xasprintf("bears the iface-id of nic %s, which has port "
                               "%s",
                               nic, binding->port),
                     xasprintf("remove one of the two, or set its "
                               "external_ids:iface-status to inactive"));
        free(object);
    }
    free(nodes);
}

static int
compare_changes_by_old_name(const void *a_, const void *b_)
{
    const struct block_change *a = a_, *b = b_;

    return strcmp(a->old->name, b->old->name);
}

/* Drops the blocks that this turn did not see. */
static void
drop_unseen(struct plan *plan, struct block_changes *changes)
{
    size_t start = changes->n;
    struct block *block;

    HMAP_FOR_EACH_SAFE (block, node, &plan->blocks) {
        if (block->seen != plan->mark) {
            remove_block(plan, block);
            add_change(changes, block, NULL);
        }
    }
    qsort(changes->list + start, changes->n - start, sizeof *changes->list,
          compare_changes_by_old_name);
}

static void
walk(struct turn *turn)
{
    const struct model *model = turn->model;

    visit(turn, BLOCK_BRIDGE, "bridge", NULL, 0);
    for (size_t i = 0; i < model->n_networks; i++) {
        visit_network(turn, &model->networks[i], &turn->networks[i]);
    }
    for (size_t i = 0; i < model->n_vms; i++) {
        const struct vm *vm = &model->vms[i];

        if (vm_is_local(vm, turn->plan->host)) {
            for (size_t j = 0; j < vm->n_nics; j++) {
                visit_nic(turn, vm, &vm->nics[j]);
            }
        }
    }
}

size_t
plan_compute(struct plan *plan, const struct model *model,
             const struct view *view, struct block_changes *changes)
{
    struct turn turn = { .plan = plan, .model = model, .view = view };

    if (!view->ovsdb_ready) {
        return 0;
    }
    plan->mark = !plan->mark;
    problems_clear(&plan->problems);
    bindings_compute(&plan->bindings, model, view, plan->host);
    keys_update(plan->keys, model, view, &plan->bindings, plan->host);
    report_conflicts(plan);

    block_changes_init(&turn.fresh);
    turn.networks = xcalloc(model->n_networks, sizeof *turn.networks);
    walk(&turn);
    free(turn.networks);

    if (turn.n_seen < hmap_count(&plan->blocks)) {
        drop_unseen(plan, changes);
    }
    for (size_t i = 0; i < turn.fresh.n; i++) {
        add_change(changes, turn.fresh.list[i].old, turn.fresh.list[i].new);
    }
    free(turn.fresh.list);
    return turn.n_compiled;
}

/* Questions. */

const struct block *
plan_find(const struct plan *plan, const char *name)
{
    return find_block(plan, name, hash_string(name, 0));
}

static const struct block *
find_by_key(const struct plan *plan, enum block_kind kind, uint32_t key)
{
    const struct block *block;

    HMAP_FOR_EACH_WITH_HASH (block, key_node, hash_key(kind, key),
                             &plan->by_key) {
        if (block->kind == kind && block->key == key) {
            return block;
        }
    }
    return NULL;
}

const struct block *
plan_find_cookie(const struct plan *plan, uint64_t cookie)
{
    uint32_t key = cookie_key(cookie);

    if (!cookie_is_ours(cookie)) {
        return NULL;
    }
    switch (cookie_kind(cookie)) {
    case COOKIE_BRIDGE:
        return find_by_key(plan, BLOCK_BRIDGE, key);
    case COOKIE_NETWORK:
        return find_by_key(plan, BLOCK_NETWORK, key);
    case COOKIE_NIC:
        return find_by_key(plan, BLOCK_NIC, key);
    }
    return NULL; /* Our prefix, and none of our kinds. */
}

const struct bindings *
plan_bindings(const struct plan *plan)
{
    return &plan->bindings;
}

void
plan_problems(const struct plan *plan, struct problems *problems)
{
    for (size_t i = 0; i < plan->problems.n; i++) {
        const struct problem *p = &plan->problems.list[i];

        problems_add(problems, p->object, xstrdup(p->what),
                     nullable_xstrdup(p->remedy));
    }
}

static int
compare_blocks(const void *a_, const void *b_)
{
    const struct block *const *a = a_, *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

void
plan_format(const struct plan *plan, struct ds *out)
{
    size_t n = hmap_count(&plan->blocks), i = 0;
    const struct block **sorted = xmalloc(n * sizeof *sorted);
    const struct block *block;

    HMAP_FOR_EACH (block, node, &plan->blocks) {
        sorted[i++] = block;
    }
    qsort(sorted, n, sizeof *sorted, compare_blocks);
    for (i = 0; i < n; i++) {
        ds_put_format(out, "# %s\n", sorted[i]->name);
        block_format(sorted[i], out);
    }
    free(sorted);
}
