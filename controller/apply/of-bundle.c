/* SPDX-License-Identifier: Apache-2.0
 *
 * of-bundle.c: see of-bundle.h. */

#include <config.h>
#include "apply/of-bundle.h"

#include <inttypes.h>
#include "apply/of-groups.h"
#include "byte-order.h"
#include "core/pipeline.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

/* Bytes of actions in one message that adds a group, which with 64 buckets
 * stays far below a message's 64 kB; buckets beyond go alone. */
enum { GROUP_MAX_ACTIONS = 16 * 1024 };

void
of_edits_init(struct of_edits *edits)
{
    *edits = (struct of_edits){ NULL, 0, 0, 0, 0 };
}

void
of_edits_clear(struct of_edits *edits)
{
    edits->n = edits->bundle = edits->after = 0;
}

void
of_edits_uninit(struct of_edits *edits)
{
    free(edits->list);
    of_edits_init(edits);
}

/* Listing. */

static struct of_edit *
edit_add(struct of_edits *edits, enum of_edit_kind kind)
{
    if (edits->n == edits->allocated) {
        edits->list =
            x2nrealloc(edits->list, &edits->allocated, sizeof *edits->list);
    }

    struct of_edit *e = &edits->list[edits->n++];
    *e = (struct of_edit){ .kind = kind };
    return e;
}

/* A group that is new takes along as many of its buckets as fit. */
static void
list_new_group(struct of_edits *edits, struct of_group *g)
{
    size_t room = g->one_by_one ? 0 : GROUP_MAX_ACTIONS;
    struct of_bucket *b;

    edit_add(edits, EDIT_GROUP_SET)->group = g;
    HMAP_FOR_EACH (b, node, &g->buckets) {
        size_t size = b->want ? sizeof *b + b->want->ofpacts_len : 0;

        b->with_group = b->want && size <= room;
        if (b->with_group) {
            room -= size;
        } else if (b->want) {
            edit_add(edits, EDIT_BUCKET_ADD)->bucket = b;
        }
    }
}

static void
list_buckets(struct of_edits *edits, struct of_group *g)
{
    struct of_bucket *b;

    LIST_FOR_EACH (b, list_node, &g->dirty_buckets) {
        if (b->have) {
            edit_add(edits, EDIT_BUCKET_DEL)->bucket = b;
        }
        if (b->want) {
            edit_add(edits, EDIT_BUCKET_ADD)->bucket = b;
        }
    }
}

static void
list_groups(struct of_edits *edits, struct of_installed *inst)
{
    struct of_group *g;

    LIST_FOR_EACH (g, list_node, &inst->dirty_groups) {
        if (g->owner && g->have == OF_GROUP_ALL) {
            list_buckets(edits, g);
        } else if (g->owner) {
            list_new_group(edits, g);
        }
    }
}

static void
list_flows(struct of_edits *edits, struct of_installed *inst)
{
    struct of_flow *f;

    LIST_FOR_EACH (f, list_node, &inst->dirty_flows) {
        if (!f->want) {
            edit_add(edits, EDIT_FLOW_DEL)->flow = f;
        }
    }
    LIST_FOR_EACH (f, list_node, &inst->dirty_flows) {
        if (f->want) {
            edit_add(edits, EDIT_FLOW_ADD)->flow = f;
        }
    }
}

void
of_edits_compute(struct of_edits *edits, struct of_installed *inst)
{
    struct of_group *g;
    struct of_meter *m;

    of_edits_clear(edits);
    of_installed_purge(inst);
    LIST_FOR_EACH (m, list_node, &inst->dirty_meters) {
        if (m->want) {
            edit_add(edits, EDIT_METER_SET)->meter = m;
        }
    }
    edits->bundle = edits->n;
    list_groups(edits, inst);
    list_flows(edits, inst);
    LIST_FOR_EACH (g, list_node, &inst->dirty_groups) {
        if (!g->owner) {
            edit_add(edits, EDIT_GROUP_DEL)->group = g;
        }
    }
    edits->after = edits->n;
    LIST_FOR_EACH (m, list_node, &inst->dirty_meters) {
        if (!m->want) {
            edit_add(edits, EDIT_METER_DEL)->meter = m;
        }
    }
}

/* Encoding. */

static struct ofpbuf *
encode_flow(const struct flow_rule *rule, uint16_t command)
{
    bool add = command == OFPFC_ADD;
    const struct ofputil_flow_mod fm = {
        .match = rule->match,
        .priority = rule->priority,
        .cookie = add ? 0 : htonll(COOKIE_PREFIX << 48),
        .cookie_mask = add ? 0 : htonll(COOKIE_MASK),
        .new_cookie = add ? htonll(rule->cookie) : OVS_BE64_MAX,
        .table_id = rule->table,
        .command = command,
        .buffer_id = UINT32_MAX,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .ofpacts = add ? rule->ofpacts : NULL,
        .ofpacts_len = add ? rule->ofpacts_len : 0,
    };

    return ofputil_encode_flow_mod(&fm, OFPUTIL_P_OF15_OXM);
}

static void
put_bucket(struct ofputil_group_mod *gm, struct ofputil_bucket *bucket,
           const struct bucket_want *want)
{
    *bucket = (struct ofputil_bucket){
        .watch_port = OFPP_ANY,
        .watch_group = OFPG_ANY,
        .bucket_id = want->bucket_id,
        .ofpacts = want->ofpacts,
        .ofpacts_len = want->ofpacts_len,
    };
    ovs_list_push_back(&gm->buckets, &bucket->list_node);
}

static void
group_mod_init(struct ofputil_group_mod *gm, const struct of_group *g,
               uint16_t command, uint32_t command_bucket_id)
{
    *gm = (struct ofputil_group_mod){
        .command = command,
        .type = OFPGT11_ALL,
        .group_id = g->id,
        .command_bucket_id = command_bucket_id,
    };
    ovs_list_init(&gm->buckets);
}

static struct ofpbuf *
encode_group_mod(const struct ofputil_group_mod *gm)
{
    return ofputil_encode_group_mod(OFP15_VERSION, gm, NULL, -1);
}

static struct ofpbuf *
encode_group_set(const struct of_group *g)
{
    struct ofputil_bucket *buckets =
        xcalloc(hmap_count(&g->buckets) + 1, sizeof *buckets);
    struct ofputil_group_mod gm;
    const struct of_bucket *b;
    size_t n = 0;

    group_mod_init(&gm, g,
                   g->have == OF_GROUP_NONE ? OFPGC15_ADD : OFPGC15_MODIFY,
                   OFPG15_BUCKET_ALL);
    HMAP_FOR_EACH (b, node, &g->buckets) {
        if (b->with_group) {
            put_bucket(&gm, &buckets[n++], b->want);
        }
    }

    struct ofpbuf *msg = encode_group_mod(&gm);
    free(buckets);
    return msg;
}

static struct ofpbuf *
encode_bucket(const struct of_bucket *b, uint16_t command)
{
    struct ofputil_group_mod gm;
    struct ofputil_bucket bucket;

    if (command == OFPGC15_INSERT_BUCKET) {
        group_mod_init(&gm, b->group, command, OFPG15_BUCKET_LAST);
        put_bucket(&gm, &bucket, b->want);
    } else {
        group_mod_init(&gm, b->group, command, b->id);
    }
    return encode_group_mod(&gm);
}

static struct ofpbuf *
encode_meter(const struct of_meter *m, uint16_t command)
{
    struct ofputil_meter_band band = { .type = OFPMBT13_DROP };
    struct ofputil_meter_mod mm = {
        .command = command,
        .meter = { .meter_id = m->id },
    };

    if (command != OFPMC13_DELETE) {
        band.rate = m->want->rate;
        band.burst_size = m->want->burst;
        mm.meter.flags = OFPMF13_PKTPS | (band.burst_size ? OFPMF13_BURST : 0);
        mm.meter.n_bands = 1;
        mm.meter.bands = &band;
    }
    return ofputil_encode_meter_mod(OFP15_VERSION, &mm);
}

/* Wraps 'inner', which it frees, for a bundle. */
static struct ofpbuf *
into_bundle(struct ofpbuf *inner, uint32_t bundle_id)
{
    struct ofputil_bundle_add_msg add = {
        .bundle_id = bundle_id,
        .flags = OFPBF_ATOMIC | OFPBF_ORDERED,
        .msg = inner->data,
    };
    struct ofpbuf *msg = ofputil_encode_bundle_add(OFP15_VERSION, &add);

    ofpbuf_delete(inner);
    return msg;
}

struct ofpbuf *
of_edit_encode(const struct of_edit *e, uint32_t xid, uint32_t bundle_id)
{
    struct ofpbuf *msg = NULL;
    bool in_bundle = true;

    switch (e->kind) {
    case EDIT_METER_SET:
        msg = encode_meter(e->meter,
                           e->meter->installed ? OFPMC13_MODIFY : OFPMC13_ADD);
        in_bundle = false;
        break;
    case EDIT_METER_DEL:
        msg = encode_meter(e->meter, OFPMC13_DELETE);
        in_bundle = false;
        break;
    case EDIT_GROUP_SET:
        msg = encode_group_set(e->group);
        break;
    case EDIT_GROUP_DEL: {
        struct ofputil_group_mod gm;

        group_mod_init(&gm, e->group, OFPGC15_DELETE, OFPG15_BUCKET_ALL);
        msg = encode_group_mod(&gm);
        break;
    }
    case EDIT_BUCKET_DEL:
        msg = encode_bucket(e->bucket, OFPGC15_REMOVE_BUCKET);
        break;
    case EDIT_BUCKET_ADD:
        msg = encode_bucket(e->bucket, OFPGC15_INSERT_BUCKET);
        break;
    case EDIT_FLOW_DEL:
        msg = encode_flow(e->flow->have, OFPFC_DELETE_STRICT);
        break;
    case EDIT_FLOW_ADD:
        msg = encode_flow(e->flow->want, OFPFC_ADD);
        break;
    }

    struct ofp_header *oh = msg->data;
    oh->xid = htonl(xid);
    return in_bundle ? into_bundle(msg, bundle_id) : msg;
}

/* Printing and finishing. */

void
of_edit_format(const struct of_edit *e, struct ds *s)
{
    switch (e->kind) {
    case EDIT_METER_SET:
        ds_put_format(
            s, "set meter=%" PRIu32 " rate=%" PRIu32 " burst=%" PRIu32,
            e->meter->id, e->meter->want->rate, e->meter->want->burst);
        break;
    case EDIT_METER_DEL:
        ds_put_format(s, "delete meter=%" PRIu32, e->meter->id);
        break;
    case EDIT_GROUP_SET:
        ds_put_format(s, "set group_id=%" PRIu32, e->group->id);
        break;
    case EDIT_GROUP_DEL:
        ds_put_format(s, "delete group_id=%" PRIu32, e->group->id);
        break;
    case EDIT_BUCKET_DEL:
        ds_put_format(s, "delete bucket_id=%" PRIu32 " group_id=%" PRIu32,
                      e->bucket->id, e->bucket->group->id);
        break;
    case EDIT_BUCKET_ADD:
        ds_put_format(s, "add bucket_id=%" PRIu32 " group_id=%" PRIu32,
                      e->bucket->id, e->bucket->group->id);
        break;
    case EDIT_FLOW_DEL:
        ds_put_cstr(s, "delete flow ");
        if (e->flow->have) {
            flow_rule_format(e->flow->have, s);
        }
        break;
    case EDIT_FLOW_ADD:
        ds_put_cstr(s, "add flow ");
        flow_rule_format(e->flow->want, s);
        break;
    }
}

struct of_block *
of_edit_owner(const struct of_edit *e)
{
    switch (e->kind) {
    case EDIT_METER_SET:
    case EDIT_METER_DEL:
        return e->meter->owner;
    case EDIT_GROUP_SET:
    case EDIT_GROUP_DEL:
        return e->group->owner;
    case EDIT_BUCKET_DEL:
    case EDIT_BUCKET_ADD:
        return e->bucket->owner;
    case EDIT_FLOW_DEL:
    case EDIT_FLOW_ADD:
        return e->flow->owner;
    }
    OVS_NOT_REACHED();
}

void
of_edit_done(const struct of_edit *e, struct of_installed *inst)
{
    switch (e->kind) {
    case EDIT_METER_SET:
    case EDIT_METER_DEL:
        of_meter_done(inst, e->meter);
        break;
    case EDIT_GROUP_SET:
    case EDIT_GROUP_DEL:
        of_group_done(inst, e->group);
        break;
    case EDIT_BUCKET_DEL:
    case EDIT_BUCKET_ADD:
        of_bucket_done(inst, e->bucket);
        break;
    case EDIT_FLOW_DEL:
    case EDIT_FLOW_ADD:
        of_flow_done(inst, e->flow);
        break;
    }
}
