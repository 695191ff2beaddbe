/* SPDX-License-Identifier: Apache-2.0
 *
 * of-installed.c: see of-installed.h.
 *
 * A block that changes goes through three steps, so that a flow which stays is
 * never copied and one that moves to another block is never deleted: first
 * nobody wants the old block's flows, then the new blocks want theirs, and
 * last what the switch still has of the old block is copied before the block
 * goes.
 *
 * Keys and actions are compared by the bytes that go over the wire where they
 * differ in memory: the same match or action has several forms there (an
 * explicit packet type of Ethernet, the opcode an action was decoded from),
 * and the switch gives back only one of them. */

#include <config.h>
#include "apply/of-installed.h"

#include <string.h>
#include "apply/of-groups.h"
#include "core/pipeline.h"
#include "hash.h"
#include "nx-match.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "util.h"

void
of_installed_init(struct of_installed *inst)
{
    hmap_init(&inst->blocks);
    hmap_init(&inst->flows);
    ovs_list_init(&inst->dirty_flows);
    ovs_list_init(&inst->foreign_flows);
    inst->n_foreign = 0;
    hmap_init(&inst->groups);
    ovs_list_init(&inst->dirty_groups);
    hmap_init(&inst->meters);
    ovs_list_init(&inst->dirty_meters);
}

/* Comparing. */

static void
put_match(struct ofpbuf *b, const struct minimatch *minimatch)
{
    struct match match;

    minimatch_expand(minimatch, &match);
    oxm_put_match(b, &match, OFP15_VERSION);
}

static uint32_t
key_hash(uint8_t table, uint16_t priority, const struct match *match)
{
    uint64_t stub[512 / 8];
    struct ofpbuf b = OFPBUF_STUB_INITIALIZER(stub);

    oxm_put_match(&b, match, OFP15_VERSION);
    uint32_t hash = hash_bytes(b.data, b.size, hash_2words(table, priority));
    ofpbuf_uninit(&b);
    return hash;
}

static bool
minimatch_same(const struct minimatch *a, const struct minimatch *b)
{
    if (minimatch_equal(a, b)) {
        return true;
    }

    uint64_t a_stub[512 / 8], b_stub[512 / 8];
    struct ofpbuf x = OFPBUF_STUB_INITIALIZER(a_stub);
    struct ofpbuf y = OFPBUF_STUB_INITIALIZER(b_stub);

    put_match(&x, a);
    put_match(&y, b);
    bool equal = ofpbuf_equal(&x, &y);
    ofpbuf_uninit(&x);
    ofpbuf_uninit(&y);
    return equal;
}

static bool
actions_equal(const struct flow_rule *a, const struct flow_rule *b)
{
    if (ofpacts_equal(a->ofpacts, a->ofpacts_len, b->ofpacts,
                      b->ofpacts_len)) {
        return true;
    }

    uint64_t a_stub[1024 / 8], b_stub[1024 / 8];
    struct ofpbuf x = OFPBUF_STUB_INITIALIZER(a_stub);
    struct ofpbuf y = OFPBUF_STUB_INITIALIZER(b_stub);

    ofpacts_put_openflow_instructions(a->ofpacts, a->ofpacts_len, &x,
                                      OFP15_VERSION);
    ofpacts_put_openflow_instructions(b->ofpacts, b->ofpacts_len, &y,
                                      OFP15_VERSION);
    bool equal = ofpbuf_equal(&x, &y);
    ofpbuf_uninit(&x);
    ofpbuf_uninit(&y);
    return equal;
}

static bool
body_equal(const struct flow_rule *a, const struct flow_rule *b)
{
    return a->cookie == b->cookie && actions_equal(a, b);
}

/* Flows. */

static void
rule_free(const struct flow_rule *rule_)
{
    struct flow_rule *rule = CONST_CAST(struct flow_rule *, rule_);

    flow_rule_uninit(rule);
    free(rule);
}

static struct flow_rule *
rule_clone(const struct flow_rule *src)
{
    struct flow_rule *rule = xmalloc(sizeof *rule);
    struct match match;

    minimatch_expand(&src->match, &match);
    flow_rule_init(rule, src->table, src->priority, src->cookie, &match,
                   src->ofpacts, src->ofpacts_len);
    return rule;
}

/* An entry's key is that of whichever rule it has; NULL for one that waits to
 * be purged. */
static const struct flow_rule *
flow_key(const struct of_flow *f)
{
    return f->want ? f->want : f->have;
}

static struct of_flow *
flow_find(const struct of_installed *inst, const struct flow_rule *rule,
          uint32_t hash)
{
    struct of_flow *f;

    HMAP_FOR_EACH_WITH_HASH (f, node, hash, &inst->flows) {
        const struct flow_rule *key = flow_key(f);

        if (key && key->table == rule->table && key->priority == rule->priority
            && minimatch_same(&key->match, &rule->match)) {
            return f;
        }
    }
    return NULL;
}

static uint32_t
rule_hash(const struct flow_rule *rule)
{
    struct match match;

    minimatch_expand(&rule->match, &match);
    return key_hash(rule->table, rule->priority, &match);
}

static void
flow_unlist(struct of_installed *inst, struct of_flow *f)
{
    if (f->list != OF_SETTLED) {
        ovs_list_remove(&f->list_node);
        inst->n_foreign -= f->list == OF_FOREIGN;
        f->list = OF_SETTLED;
    }
}

/* Puts 'f' in the list where it belongs. */
static void
flow_list(struct of_installed *inst, struct of_flow *f)
{
    flow_unlist(inst, f);
    if (!f->want && f->have && !cookie_is_ours(f->have->cookie)) {
        ovs_list_push_back(&inst->foreign_flows, &f->list_node);
        inst->n_foreign++;
        f->list = OF_FOREIGN;
    } else if (!f->want || f->want != f->have) {
        ovs_list_push_back(&inst->dirty_flows, &f->list_node);
        f->list = OF_DIRTY;
    }
}

/* All changes of an entry go through here: 'have' becomes the entry's if
 * 'have_owned', and is dropped for 'want' where the two are the same. */
static void
flow_set(struct of_installed *inst, struct of_flow *f,
         const struct flow_rule *want, struct of_block *owner,
         const struct flow_rule *have, bool have_owned)
{
    const struct flow_rule *garbage =
        f->have_owned && f->have != have ? f->have : NULL;

    of_block_miss(f->owner, f->want != f->have, -1);
    f->want = want;
    f->owner = owner;
    f->have = have;
    f->have_owned = have_owned;
    if (want && have && want != have && body_equal(want, have)) {
        f->have = want;
        f->have_owned = false;
        if (have_owned) {
            rule_free(have);
        }
    }
    of_block_miss(f->owner, f->want != f->have, +1);
    flow_list(inst, f);
    if (garbage) {
        rule_free(garbage);
    }
}

static struct of_flow *
flow_insert(struct of_installed *inst, uint32_t hash)
{
    struct of_flow *f = xzalloc(sizeof *f);

    hmap_insert(&inst->flows, &f->node, hash);
    return f;
}

static void
flow_destroy(struct of_installed *inst, struct of_flow *f)
{
    flow_unlist(inst, f);
    hmap_remove(&inst->flows, &f->node);
    if (f->have_owned) {
        rule_free(f->have);
    }
    free(f);
}

/* What is wanted. */

struct of_block *
of_installed_find(const struct of_installed *inst, const char *name)
{
    struct of_block *ob;

    HMAP_FOR_EACH_WITH_HASH (ob, node, hash_string(name, 0), &inst->blocks) {
        if (!strcmp(ob->block->name, name)) {
            return ob;
        }
    }
    return NULL;
}

/* Nobody wants the flows of 'ob' any more.  What the switch has of them stays
 * in the memory of its block. */
static void
block_unwant(struct of_installed *inst, struct of_block *ob)
{
    for (size_t i = 0; i < ob->block->n_flows; i++) {
        const struct flow_rule *rule = &ob->block->flows[i];
        struct of_flow *f = flow_find(inst, rule, rule_hash(rule));

        if (f && f->owner == ob) {
            flow_set(inst, f, NULL, NULL, f->have, f->have_owned);
        }
    }
    of_groups_unwant(inst, ob);
}

/* Copies what the switch still has of 'block', which is about to go. */
static void
block_settle(struct of_installed *inst, const struct block *block)
{
    for (size_t i = 0; i < block->n_flows; i++) {
        const struct flow_rule *rule = &block->flows[i];
        struct of_flow *f = flow_find(inst, rule, rule_hash(rule));

        if (f && f->have == rule) {
            flow_set(inst, f, f->want, f->owner, rule_clone(rule), true);
        }
    }
    of_groups_settle(inst, block);
}

/* Returns the block that wants one of the same flows, else NULL. */
static const struct of_block *
flows_want(struct of_installed *inst, struct of_block *ob)
{
    for (size_t i = 0; i < ob->block->n_flows; i++) {
        const struct flow_rule *rule = &ob->block->flows[i];
        uint32_t hash = rule_hash(rule);
        struct of_flow *f = flow_find(inst, rule, hash);

        if (!f) {
            f = flow_insert(inst, hash);
        } else if (f->owner) {
            return f->owner;
        }
        flow_set(inst, f, rule, ob, f->have, f->have_owned);
    }
    return NULL;
}

static void
block_want(struct of_installed *inst, struct of_block *ob)
{
    const struct of_block *other = flows_want(inst, ob);

    if (!other) {
        other = of_groups_want(inst, ob);
    }
    if (other) {
        of_installed_refuse(inst, ob,
                            xasprintf("%s wants the same flow, "
                                      "group or meter",
                                      other->block->name));
    }
}

void
of_installed_refuse(struct of_installed *inst, struct of_block *ob, char *why)
{
    block_unwant(inst, ob);
    free(ob->refused);
    ob->refused = why;
}

void
of_installed_release(struct of_installed *inst)
{
    struct of_block *ob;

    HMAP_FOR_EACH (ob, node, &inst->blocks) {
        if (ob->refused) {
            free(ob->refused);
            ob->refused = NULL;
            block_want(inst, ob);
        }
    }
}

static void
of_block_destroy(struct of_installed *inst, struct of_block *ob)
{
    hmap_remove(&inst->blocks, &ob->node);
    block_unref(ob->block);
    free(ob->refused);
    free(ob);
}

/* The blocks that change wait, unwanted, until all new ones are in. */
static void
retire(struct of_installed *inst, struct of_block *ob)
{
    if (!ob->refused) {
        block_unwant(inst, ob);
    }
    free(ob->refused);
    ob->refused = NULL;
}

void
of_installed_update(struct of_installed *inst,
                    const struct block_changes *changes)
{
    struct block **olds = xcalloc(changes->n, sizeof *olds);

    for (size_t i = 0; i < changes->n; i++) {
        const struct block_change *c = &changes->list[i];
        const char *name = c->old ? c->old->name : c->new->name;
        struct of_block *ob = of_installed_find(inst, name);

        if (ob) {
            retire(inst, ob);
            olds[i] = block_ref(ob->block);
            of_block_destroy(inst, ob);
        }
    }
    for (size_t i = 0; i < changes->n; i++) {
        struct block *new = changes->list[i].new;

        if (new) {
            struct of_block *ob = xzalloc(sizeof *ob);

            ob->block = block_ref(new);
            hmap_insert(&inst->blocks, &ob->node, hash_string(new->name, 0));
            block_want(inst, ob);
        }
    }
    for (size_t i = 0; i < changes->n; i++) {
        if (olds[i]) {
            block_settle(inst, olds[i]);
            block_unref(olds[i]);
        }
    }
    free(olds);
}

/* What there is. */

void
of_installed_forget_flows(struct of_installed *inst)
{
    struct of_flow *f;

    HMAP_FOR_EACH (f, node, &inst->flows) {
        flow_set(inst, f, f->want, f->owner, NULL, false);
    }
}

bool
of_installed_set_flow(struct of_installed *inst, uint8_t table,
                      uint16_t priority, uint64_t cookie,
                      const struct match *match, const struct ofpact *ofpacts,
                      size_t ofpacts_len)
{
    uint32_t hash = key_hash(table, priority, match);
    struct flow_rule *rule = xmalloc(sizeof *rule);

    flow_rule_init(rule, table, priority, cookie, match, ofpacts, ofpacts_len);

    struct of_flow *f = flow_find(inst, rule, hash);
    if (!f) {
        f = flow_insert(inst, hash);
    }
    flow_set(inst, f, f->want, f->owner, rule, true);
    return f->list != OF_DIRTY;
}

bool
of_installed_clear_flow(struct of_installed *inst, uint8_t table,
                        uint16_t priority, const struct match *match)
{
    struct flow_rule rule;

    flow_rule_init(&rule, table, priority, 0, match, NULL, 0);

    struct of_flow *f =
        flow_find(inst, &rule, key_hash(table, priority, match));
    flow_rule_uninit(&rule);
    if (f) {
        flow_set(inst, f, f->want, f->owner, NULL, false);
    }
    return !f || !f->want;
}

void
of_flow_done(struct of_installed *inst, struct of_flow *f)
{
    flow_set(inst, f, f->want, f->owner, f->want, false);
}

void
of_installed_purge(struct of_installed *inst)
{
    struct of_flow *f;

    LIST_FOR_EACH_SAFE (f, list_node, &inst->dirty_flows) {
        if (!f->want && !f->have) {
            flow_destroy(inst, f);
        }
    }
    of_groups_purge(inst);
}

void
of_installed_uninit(struct of_installed *inst)
{
    struct of_flow *f;
    struct of_block *ob;

    HMAP_FOR_EACH_SAFE (f, node, &inst->flows) {
        flow_destroy(inst, f);
    }
    hmap_destroy(&inst->flows);
    of_groups_uninit(inst);
    HMAP_FOR_EACH_SAFE (ob, node, &inst->blocks) {
        of_block_destroy(inst, ob);
    }
    hmap_destroy(&inst->blocks);
}
