/* SPDX-License-Identifier: Apache-2.0
 *
 * of-groups.c: see of-groups.h.  The same idea as of-installed.c's for flows:
 * each entry knows what is wanted and what there is, all changes of an entry
 * go through one function, and those that differ are on a list. */

#include <config.h>
#include "apply/of-groups.h"

#include "hash.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-group.h"
#include "util.h"

/* Comparing. */

static bool
actions_equal(const struct bucket_want *a, const struct bucket_want *b)
{
    if (ofpacts_equal(a->ofpacts, a->ofpacts_len, b->ofpacts,
                      b->ofpacts_len)) {
        return true;
    }

    uint64_t a_stub[256 / 8], b_stub[256 / 8];
    struct ofpbuf x = OFPBUF_STUB_INITIALIZER(a_stub);
    struct ofpbuf y = OFPBUF_STUB_INITIALIZER(b_stub);

    ofpacts_put_openflow_actions(a->ofpacts, a->ofpacts_len, &x,
                                 OFP15_VERSION);
    ofpacts_put_openflow_actions(b->ofpacts, b->ofpacts_len, &y,
                                 OFP15_VERSION);
    bool equal = ofpbuf_equal(&x, &y);
    ofpbuf_uninit(&x);
    ofpbuf_uninit(&y);
    return equal;
}

/* Groups. */

static struct of_group *
group_find(const struct of_installed *inst, uint32_t id)
{
    struct of_group *g;

    HMAP_FOR_EACH_WITH_HASH (g, node, hash_int(id, 0), &inst->groups) {
        if (g->id == id) {
            return g;
        }
    }
    return NULL;
}

static struct of_group *
group_get(struct of_installed *inst, uint32_t id)
{
    struct of_group *g = group_find(inst, id);

    if (!g) {
        g = xzalloc(sizeof *g);
        g->id = id;
        hmap_init(&g->buckets);
        ovs_list_init(&g->dirty_buckets);
        hmap_insert(&inst->groups, &g->node, hash_int(id, 0));
    }
    return g;
}

static bool
group_differs(const struct of_group *g)
{
    return g->owner ? (g->have != OF_GROUP_ALL
                       || !ovs_list_is_empty(&g->dirty_buckets))
                    : g->have != OF_GROUP_NONE;
}

static void
group_list(struct of_installed *inst, struct of_group *g)
{
    bool dirty = group_differs(g);

    if (dirty && g->list == OF_SETTLED) {
        ovs_list_push_back(&inst->dirty_groups, &g->list_node);
        g->list = OF_DIRTY;
    } else if (!dirty && g->list == OF_DIRTY) {
        ovs_list_remove(&g->list_node);
        g->list = OF_SETTLED;
    }
}

static void
group_set(struct of_installed *inst, struct of_group *g,
          struct of_block *owner, enum of_group_have have)
{
    of_block_miss(g->owner, g->have != OF_GROUP_ALL, -1);
    g->owner = owner;
    g->have = have;
    of_block_miss(g->owner, g->have != OF_GROUP_ALL, +1);
    group_list(inst, g);
}

/* Buckets. */

static void
bucket_free(const struct bucket_want *b)
{
    free(b->ofpacts);
    free(CONST_CAST(struct bucket_want *, b));
}

static struct bucket_want *
bucket_clone(const struct bucket_want *src)
{
    struct bucket_want *b = xmemdup(src, sizeof *src);

    b->ofpacts = xmemdup(src->ofpacts, src->ofpacts_len);
    return b;
}

static struct of_bucket *
bucket_find(const struct of_group *g, uint32_t id)
{
    struct of_bucket *b;

    HMAP_FOR_EACH_WITH_HASH (b, node, hash_int(id, 0), &g->buckets) {
        if (b->id == id) {
            return b;
        }
    }
    return NULL;
}

static struct of_bucket *
bucket_get(struct of_group *g, uint32_t id)
{
    struct of_bucket *b = bucket_find(g, id);

    if (!b) {
        b = xzalloc(sizeof *b);
        b->group = g;
        b->id = id;
        hmap_insert(&g->buckets, &b->node, hash_int(id, 0));
    }
    return b;
}

static void
bucket_list(struct of_installed *inst, struct of_bucket *b)
{
    bool dirty = !b->want || b->want != b->have;

    if (dirty && b->list == OF_SETTLED) {
        ovs_list_push_back(&b->group->dirty_buckets, &b->list_node);
        b->list = OF_DIRTY;
    } else if (!dirty && b->list == OF_DIRTY) {
        ovs_list_remove(&b->list_node);
        b->list = OF_SETTLED;
    }
    group_list(inst, b->group);
}

/* As flow_set() of of-installed.c. */
static void
bucket_set(struct of_installed *inst, struct of_bucket *b,
           const struct bucket_want *want, struct of_block *owner,
           const struct bucket_want *have, bool have_owned)
{
    const struct bucket_want *garbage =
        b->have_owned && b->have != have ? b->have : NULL;

    of_block_miss(b->owner, b->want != b->have, -1);
    b->want = want;
    b->owner = owner;
    b->have = have;
    b->have_owned = have_owned;
    if (want && have && want != have && actions_equal(want, have)) {
        b->have = want;
        b->have_owned = false;
        if (have_owned) {
            bucket_free(have);
        }
    }
    of_block_miss(b->owner, b->want != b->have, +1);
    bucket_list(inst, b);
    if (garbage) {
        bucket_free(garbage);
    }
}

static void
bucket_destroy(struct of_installed *inst, struct of_bucket *b)
{
    if (b->list == OF_DIRTY) {
        ovs_list_remove(&b->list_node);
    }
    hmap_remove(&b->group->buckets, &b->node);
    group_list(inst, b->group);
    if (b->have_owned) {
        bucket_free(b->have);
    }
    free(b);
}

/* Meters. */

static struct of_meter *
meter_find(const struct of_installed *inst, uint32_t id)
{
    struct of_meter *m;

    HMAP_FOR_EACH_WITH_HASH (m, node, hash_int(id, 0), &inst->meters) {
        if (m->id == id) {
            return m;
        }
    }
    return NULL;
}

static struct of_meter *
meter_get(struct of_installed *inst, uint32_t id)
{
    struct of_meter *m = meter_find(inst, id);

    if (!m) {
        m = xzalloc(sizeof *m);
        m->id = id;
        hmap_insert(&inst->meters, &m->node, hash_int(id, 0));
    }
    return m;
}

/* The userspace datapath answers with the rate where no burst was given. */
static bool
meter_differs(const struct of_meter *m)
{
    return !m->want || !m->installed || m->have_rate != m->want->rate
           || (m->have_burst != m->want->burst
               && (m->want->burst || m->have_burst != m->have_rate));
}

static void
meter_set(struct of_installed *inst, struct of_meter *m,
          const struct meter_want *want, struct of_block *owner,
          bool installed, uint32_t rate, uint32_t burst)
{
    of_block_miss(m->owner, meter_differs(m), -1);
    m->want = want;
    m->owner = owner;
    m->installed = installed;
    m->have_rate = rate;
    m->have_burst = burst;

    bool dirty = meter_differs(m);
    of_block_miss(m->owner, dirty, +1);
    if (dirty && m->list == OF_SETTLED) {
        ovs_list_push_back(&inst->dirty_meters, &m->list_node);
        m->list = OF_DIRTY;
    } else if (!dirty && m->list == OF_DIRTY) {
        ovs_list_remove(&m->list_node);
        m->list = OF_SETTLED;
    }
}

static void
meter_destroy(struct of_installed *inst, struct of_meter *m)
{
    if (m->list == OF_DIRTY) {
        ovs_list_remove(&m->list_node);
    }
    hmap_remove(&inst->meters, &m->node);
    free(m);
}

/* What is wanted. */

void
of_groups_unwant(struct of_installed *inst, struct of_block *ob)
{
    const struct block *block = ob->block;

    for (size_t i = 0; i < block->n_groups; i++) {
        struct of_group *g = group_find(inst, block->groups[i].id);

        if (g && g->owner == ob) {
            group_set(inst, g, NULL, g->have);
        }
    }
    for (size_t i = 0; i < block->n_buckets; i++) {
        const struct bucket_want *want = &block->buckets[i];
        struct of_group *g = group_find(inst, want->group_id);
        struct of_bucket *b = g ? bucket_find(g, want->bucket_id) : NULL;

        if (b && b->owner == ob) {
            bucket_set(inst, b, NULL, NULL, b->have, b->have_owned);
        }
    }
    for (size_t i = 0; i < block->n_meters; i++) {
        struct of_meter *m = meter_find(inst, block->meters[i].id);

        if (m && m->owner == ob) {
            meter_set(inst, m, NULL, NULL, m->installed, m->have_rate,
                      m->have_burst);
        }
    }
}

const struct of_block *
of_groups_want(struct of_installed *inst, struct of_block *ob)
{
    const struct block *block = ob->block;

    for (size_t i = 0; i < block->n_groups; i++) {
        struct of_group *g = group_get(inst, block->groups[i].id);

        if (g->owner) {
            return g->owner;
        }
        g->one_by_one = false;
        group_set(inst, g, ob, g->have);
    }
    for (size_t i = 0; i < block->n_buckets; i++) {
        const struct bucket_want *want = &block->buckets[i];
        struct of_group *g = group_get(inst, want->group_id);
        struct of_bucket *b = bucket_get(g, want->bucket_id);

        if (b->owner) {
            return b->owner;
        }
        bucket_set(inst, b, want, ob, b->have, b->have_owned);
    }
    for (size_t i = 0; i < block->n_meters; i++) {
        const struct meter_want *want = &block->meters[i];
        struct of_meter *m = meter_get(inst, want->id);

        if (m->owner) {
            return m->owner;
        }
        meter_set(inst, m, want, ob, m->installed, m->have_rate,
                  m->have_burst);
    }
    return NULL;
}

void
of_groups_settle(struct of_installed *inst, const struct block *block)
{
    for (size_t i = 0; i < block->n_buckets; i++) {
        const struct bucket_want *want = &block->buckets[i];
        struct of_group *g = group_find(inst, want->group_id);
        struct of_bucket *b = g ? bucket_find(g, want->bucket_id) : NULL;

        if (b && b->have == want) {
            bucket_set(inst, b, b->want, b->owner, bucket_clone(want), true);
        }
    }
}

/* What there is. */

/* The switch has lost the group 'g' with its buckets. */
static void
group_forget(struct of_installed *inst, struct of_group *g)
{
    struct of_bucket *b;

    HMAP_FOR_EACH (b, node, &g->buckets) {
        bucket_set(inst, b, b->want, b->owner, NULL, false);
    }
    group_set(inst, g, g->owner, OF_GROUP_NONE);
}

void
of_groups_forget(struct of_installed *inst)
{
    struct of_group *g;
    struct of_meter *m;

    HMAP_FOR_EACH (g, node, &inst->groups) {
        group_forget(inst, g);
    }
    HMAP_FOR_EACH (m, node, &inst->meters) {
        meter_set(inst, m, m->want, m->owner, false, 0, 0);
    }
}

void
of_groups_set_group(struct of_installed *inst, uint32_t id, bool type_all)
{
    struct of_group *g = group_get(inst, id);

    group_set(inst, g, g->owner, type_all ? OF_GROUP_ALL : OF_GROUP_OTHER);
}

void
of_groups_set_bucket(struct of_installed *inst, uint32_t group_id,
                     const struct ofputil_bucket *bucket)
{
    struct of_bucket *b =
        bucket_get(group_get(inst, group_id), bucket->bucket_id);
    const struct bucket_want have = {
        .group_id = group_id,
        .bucket_id = bucket->bucket_id,
        .ofpacts = bucket->ofpacts,
        .ofpacts_len = bucket->ofpacts_len,
    };

    bucket_set(inst, b, b->want, b->owner, bucket_clone(&have), true);
}

void
of_groups_set_meter(struct of_installed *inst, uint32_t id, uint32_t rate,
                    uint32_t burst)
{
    struct of_meter *m = meter_get(inst, id);

    meter_set(inst, m, m->want, m->owner, true, rate, burst);
}

void
of_group_done(struct of_installed *inst, struct of_group *g)
{
    if (!g->owner) {
        group_forget(inst, g);
        return;
    }

    struct of_bucket *b;

    /* A message that adds a group, or gives it back its type, replaces all
     * its buckets. */
    HMAP_FOR_EACH (b, node, &g->buckets) {
        bucket_set(inst, b, b->want, b->owner, b->with_group ? b->want : NULL,
                   false);
        b->with_group = false;
    }
    group_set(inst, g, g->owner, OF_GROUP_ALL);
}

void
of_bucket_done(struct of_installed *inst, struct of_bucket *b)
{
    bucket_set(inst, b, b->want, b->owner, b->want, false);
}

void
of_meter_done(struct of_installed *inst, struct of_meter *m)
{
    meter_set(inst, m, m->want, m->owner, m->want != NULL,
              m->want ? m->want->rate : 0, m->want ? m->want->burst : 0);
}

void
of_groups_purge(struct of_installed *inst)
{
    struct of_group *g;
    struct of_meter *m;

    HMAP_FOR_EACH_SAFE (g, node, &inst->groups) {
        struct of_bucket *b;

        LIST_FOR_EACH_SAFE (b, list_node, &g->dirty_buckets) {
            if (!b->want && !b->have) {
                bucket_destroy(inst, b);
            }
        }
        if (!g->owner && g->have == OF_GROUP_NONE
            && hmap_is_empty(&g->buckets)) {
            if (g->list == OF_DIRTY) {
                ovs_list_remove(&g->list_node);
            }
            hmap_remove(&inst->groups, &g->node);
            hmap_destroy(&g->buckets);
            free(g);
        }
    }
    LIST_FOR_EACH_SAFE (m, list_node, &inst->dirty_meters) {
        if (!m->want && !m->installed) {
            meter_destroy(inst, m);
        }
    }
}

void
of_groups_uninit(struct of_installed *inst)
{
    struct of_group *g;
    struct of_meter *m;

    HMAP_FOR_EACH_SAFE (g, node, &inst->groups) {
        struct of_bucket *b;

        HMAP_FOR_EACH_SAFE (b, node, &g->buckets) {
            bucket_destroy(inst, b);
        }
        hmap_remove(&inst->groups, &g->node);
        hmap_destroy(&g->buckets);
        free(g);
    }
    hmap_destroy(&inst->groups);
    HMAP_FOR_EACH_SAFE (m, node, &inst->meters) {
        meter_destroy(inst, m);
    }
    hmap_destroy(&inst->meters);
}
