/* SPDX-License-Identifier: Apache-2.0
 *
 * of-machine.c: see of-machine.h.  What happens between a session's start and
 * its end: every message of the switch and every message to it goes through
 * here, and all state is in struct openflow. */

#include <config.h>
#include "apply/of-machine.h"

#include <inttypes.h>
#include <string.h>
#include "apply/of-dump.h"
#include "apply/of-groups.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/rconn.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(openflow);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);

enum {
    BACKOFF_MIN_MS = 100,
    BACKOFF_MAX_MS = 5000,
    RECV_SLICE = 50,   /* Messages taken in a run. */
    SEND_SLICE = 1000, /* Edits sent in a run... */
    MAX_QUEUED = 100   /* ...while no more wait for the socket. */
};

static void
send_msg(struct openflow *of, struct ofpbuf *msg)
{
    rconn_send(of->rconn, msg, NULL);
}

bool
of_machine_is_busy(const struct openflow *of)
{
    return of->state == S_ADDING || of->state == S_COMMIT_SENT;
}

static void
merge_pending(struct openflow *of)
{
    struct batch *batch;

    LIST_FOR_EACH_SAFE (batch, node, &of->pending) {
        openflow_merge(of, &batch->changes, batch->generation);
        openflow_batch_destroy(batch);
    }
}

/* Leaves the state 'of' is in for 'state'.  What is wanted may move on again
 * where no bundle is under way any more. */
static void
enter(struct openflow *of, enum of_state state)
{
    of->state = state;
    if (!of_machine_is_busy(of)) {
        of_edits_clear(&of->edits);
        merge_pending(of);
    }
}

/* Takes over 'trouble'. */
static void
back_off(struct openflow *of, char *trouble)
{
    of->backoff_ms =
        MIN(MAX(2 * of->backoff_ms, BACKOFF_MIN_MS), BACKOFF_MAX_MS);
    of->retry_at = time_msec() + of->backoff_ms;
    VLOG_WARN_RL(&rl, "%s; trying again in %d ms", trouble, of->backoff_ms);
    free(of->trouble);
    of->trouble = trouble;
    enter(of, S_BACKOFF);
}

static void
request_groups(struct openflow *of)
{
    of_groups_forget(&of->inst);
    of->groups_stale = false;
    send_msg(of, of_dump_request_groups(of->groups_xid = ++of->xid));
    send_msg(of, of_dump_request_meters(of->meters_xid = ++of->xid));
    enter(of, S_DUMPING);
}

static void
request_all(struct openflow *of)
{
    of_installed_forget_flows(&of->inst);
    of->flows_xid = ++of->xid;
    send_msg(of, of_dump_request_flows(of->flows_xid, of->monitoring));
    of->monitoring = true;
    request_groups(of);
    of->stats.dumps++;
}

static void
session_start(struct openflow *of)
{
    VLOG_INFO_RL(&rl, "%s: connected", of->target);
    of->session = rconn_get_connection_seqno(of->rconn);
    of->monitoring = false;
    of->backoff_ms = 0;
    of->n_commit_failures = 0;
    of_installed_release(&of->inst);
    send_msg(of, of_dump_set_async(++of->xid));
    send_msg(of, of_dump_set_config(++of->xid));
    request_all(of);
}

void
of_machine_lost(struct openflow *of)
{
    struct count *c;

    if (of->state == S_CONNECTING) {
        return;
    }
    VLOG_INFO_RL(&rl, "connection lost in state %s", openflow_state(of));
    LIST_FOR_EACH (c, node, &of->counts) {
        c->answered = true;
    }
    of->flows_xid = of->groups_xid = of->meters_xid = 0;
    of->applied = 0;
    free(of->trouble);
    of->trouble = NULL;
    enter(of, S_CONNECTING);
}

/* READY, ADDING, COMMIT_SENT. */

static void
send_bundle_control(struct openflow *of, uint32_t xid, uint16_t type)
{
    struct ofputil_bundle_ctrl_msg ctrl = {
        .bundle_id = of->bundle_id,
        .type = type,
        .flags = OFPBF_ATOMIC | OFPBF_ORDERED,
    };
    struct ofpbuf *msg =
        ofputil_encode_bundle_ctrl_request(OFP15_VERSION, &ctrl);
    struct ofp_header *oh = msg->data;

    oh->xid = htonl(xid);
    send_msg(of, msg);
}

static void
send_edit(struct openflow *of, size_t i)
{
    send_msg(of, of_edit_encode(&of->edits.list[i], of->edits_xid + i,
                                of->bundle_id));
}

static bool
may_send(const struct openflow *of)
{
    return of->n_sent < of->edits.after
           && rconn_count_txqlen(of->rconn) < MAX_QUEUED;
}

static void
send_edits(struct openflow *of)
{
    for (int i = 0; i < SEND_SLICE && may_send(of); i++) {
        send_edit(of, of->n_sent++);
    }
    if (of->n_sent == of->edits.after && !of->barrier_xid) {
        struct ofpbuf *msg = ofputil_encode_barrier_request(OFP15_VERSION);
        struct ofp_header *oh = msg->data;

        of->barrier_xid = ++of->xid;
        oh->xid = htonl(of->barrier_xid);
        send_msg(of, msg);
    }
}

static bool
something_differs(const struct openflow *of)
{
    const struct of_installed *inst = &of->inst;

    return !ovs_list_is_empty(&inst->dirty_flows)
           || !ovs_list_is_empty(&inst->dirty_groups)
           || !ovs_list_is_empty(&inst->dirty_meters);
}

/* What was in place no longer is, or may no longer be. */
static void
unsettle(struct openflow *of)
{
    if (of->applied == of->generation) {
        of->applied = 0;
    }
}

static void
run_ready(struct openflow *of)
{
    if (!of->generation) {
        return;
    }
    if (of->groups_stale) {
        unsettle(of);
        request_groups(of);
        return;
    }
    if (something_differs(of)) {
        of_edits_compute(&of->edits, &of->inst);
    }
    if (!of->edits.n) {
        of->applied = of->generation;
        return;
    }
    unsettle(of);
    of->edits_xid = of->xid + 1;
    of->xid += of->edits.n;
    of->n_sent = 0;
    of->barrier_xid = 0;
    of->bundle_error = 0;
    of->bundle_id++;
    send_bundle_control(of, of->open_xid = ++of->xid, OFPBCT_OPEN_REQUEST);
    enter(of, S_ADDING);
    send_edits(of);
}

/* The refusal of an edit, in words. */
static char *
describe(const struct of_edit *e)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "the switch refuses to ");
    of_edit_format(e, &s);
    ds_put_format(&s, ": %s", ofperr_to_string(e->error));
    return ds_steal_cstr(&s);
}

/* An edit that adds something is some block's, unless that block has gone into
 * quarantine since the edit was made. */
static bool
adds_something(const struct of_edit *e)
{
    return e->kind == EDIT_FLOW_ADD || e->kind == EDIT_BUCKET_ADD
           || e->kind == EDIT_METER_SET || e->kind == EDIT_GROUP_SET;
}

/* Puts the owner of an edit that the switch refused in quarantine.  Returns
 * true if the next attempt will do without the edit. */
static bool
refuse(struct openflow *of, const struct of_edit *e)
{
    struct of_block *ob = of_edit_owner(e);

    if (!ob) {
        return adds_something(e);
    }
    if (e->kind == EDIT_GROUP_SET && !e->group->one_by_one
        && !hmap_is_empty(&e->group->buckets)) {
        e->group->one_by_one = true;
        return true;
    }

    char *why = describe(e);
    VLOG_WARN_RL(&rl, "%s: %s; leaving it out", ob->block->name, why);
    of_installed_refuse(&of->inst, ob, why);
    return true;
}

/* Refuses all that the switch refused.  Returns NULL if the rest has nothing
 * more in its way, else what there is. */
static char *
refuse_all(struct openflow *of)
{
    char *trouble = NULL;

    if (of->bundle_error) {
        return xasprintf("the switch refuses a bundle: %s",
                         ofperr_to_string(of->bundle_error));
    }
    for (size_t i = 0; i < of->edits.n; i++) {
        const struct of_edit *e = &of->edits.list[i];

        if (e->error && !refuse(of, e) && !trouble) {
            trouble = describe(e);
        }
    }
    return trouble;
}

static bool
any_error(const struct openflow *of)
{
    for (size_t i = 0; i < of->edits.n; i++) {
        if (of->edits.list[i].error) {
            return true;
        }
    }
    return of->bundle_error != 0;
}

/* All edits are sent, and the switch has looked at each of them alone. */
static void
handle_barrier(struct openflow *of)
{
    if (!any_error(of)) {
        of->commit_xid = ++of->xid;
        send_bundle_control(of, of->commit_xid, OFPBCT_COMMIT_REQUEST);
        enter(of, S_COMMIT_SENT);
        return;
    }

    send_bundle_control(of, ++of->xid, OFPBCT_DISCARD_REQUEST);
    for (size_t i = 0; i < of->edits.bundle; i++) {
        if (!of->edits.list[i].error) {
            of_edit_done(&of->edits.list[i], &of->inst);
        }
    }

    char *trouble = refuse_all(of);
    if (trouble) {
        back_off(of, trouble);
    } else {
        enter(of, S_READY);
    }
}

static void
count_edits(struct openflow *of)
{
    for (size_t i = 0; i < of->edits.n; i++) {
        switch (of->edits.list[i].kind) {
        case EDIT_METER_SET:
        case EDIT_METER_DEL:
            of->stats.meter_edits++;
            break;
        case EDIT_GROUP_SET:
        case EDIT_GROUP_DEL:
        case EDIT_BUCKET_DEL:
        case EDIT_BUCKET_ADD:
            of->stats.group_edits++;
            break;
        case EDIT_FLOW_DEL:
        case EDIT_FLOW_ADD:
            of->stats.flow_edits++;
            break;
        }
    }
    of->stats.bundles++;
}

static void
handle_commit_reply(struct openflow *of)
{
    while (of->n_sent < of->edits.n) {
        send_edit(of, of->n_sent++);
    }
    for (size_t i = 0; i < of->edits.n; i++) {
        of_edit_done(&of->edits.list[i], &of->inst);
    }
    count_edits(of);
    VLOG_INFO_RL(&rl, "committed %" PRIuSIZE " edits", of->edits.n);
    of->n_commit_failures = 0;
    of->backoff_ms = 0;
    free(of->trouble);
    of->trouble = NULL;
    enter(of, S_READY);
}

/* Nothing of the bundle was applied. */
static void
handle_commit_refusal(struct openflow *of, enum ofperr error)
{
    char *trouble = NULL;

    for (size_t i = 0; i < of->edits.n && !trouble; i++) {
        if (of->edits.list[i].error) {
            trouble = describe(&of->edits.list[i]);
        }
    }
    if (!trouble) {
        trouble = xasprintf("the switch refuses a commit: %s",
                            ofperr_to_string(error));
    } else if (of->n_commit_failures) {
        char *other = refuse_all(of);

        of->backoff_ms = other ? of->backoff_ms : 0;
        free(other);
    }
    of->n_commit_failures++;
    back_off(of, trouble);
}

/* Messages. */

static void
dump_part_done(struct openflow *of, uint32_t *xid, const struct ofp_header *oh)
{
    if (*xid != ntohl(oh->xid) || ofpmp_more(oh)) {
        return;
    }
    *xid = 0;
    if (of->state == S_DUMPING && !of->flows_xid && !of->groups_xid
        && !of->meters_xid) {
        enter(of, S_READY);
    }
}

static void
handle_flows(struct openflow *of, const struct ofp_header *oh)
{
    size_t n_foreign = of->inst.n_foreign;
    size_t n_drift = 0;
    enum ofperr error = of_dump_flows(&of->inst, oh, &n_drift);

    if (error) {
        back_off(of, xasprintf("the switch's flows cannot be read: %s",
                               ofperr_to_string(error)));
        return;
    }
    if (n_drift && !of->flows_xid) {
        of->n_drift += n_drift;
        of->groups_stale = true;
        of->stats.repairs++;
    }
    if (of->inst.n_foreign > n_foreign) {
        VLOG_WARN_RL(&rl, "%" PRIuSIZE " flows on the bridge are not ours",
                     of->inst.n_foreign);
    }
    dump_part_done(of, &of->flows_xid, oh);
}

static void
handle_groups(struct openflow *of, const struct ofp_header *oh, uint32_t *xid,
              enum ofperr error)
{
    if (error) {
        back_off(of, xasprintf("the switch's groups and meters cannot be "
                               "read: %s",
                               ofperr_to_string(error)));
    } else {
        dump_part_done(of, xid, oh);
    }
}

/* Is it about the bundle as such, not about what is in the message? */
static bool
is_bundle_error(enum ofperr error)
{
    return !strncmp(ofperr_get_name(error), "OFPBFC_", 7);
}

static void
handle_error(struct openflow *of, const struct ofp_header *oh)
{
    uint32_t xid = ntohl(oh->xid);
    enum ofperr error = ofperr_decode_msg(oh, NULL);
    uint32_t i = xid - of->edits_xid;

    if (of_machine_is_busy(of) && i < of->edits.n) {
        if (is_bundle_error(error)) {
            of->bundle_error = error;
        } else {
            of->edits.list[i].error = error;
        }
    } else if (of->state == S_COMMIT_SENT && xid == of->commit_xid) {
        handle_commit_refusal(of, error);
    } else if (xid == of->flows_xid || xid == of->groups_xid
               || xid == of->meters_xid) {
        back_off(of, xasprintf("the switch cannot be read: %s",
                               ofperr_to_string(error)));
    } else if (of->state == S_ADDING && xid == of->open_xid) {
        of->bundle_error = error;
    }
}

/* Others ask the switch to change a group or a meter. */
static void
handle_request_forward(struct openflow *of)
{
    VLOG_WARN_RL(&rl, "somebody changes groups or meters; looking");
    of->groups_stale = true;
    of->stats.repairs++;
}

static void
handle_bundle_control(struct openflow *of, const struct ofp_header *oh)
{
    if (of->state == S_COMMIT_SENT && ntohl(oh->xid) == of->commit_xid) {
        handle_commit_reply(of);
    }
}

/* Messages that are not listed tell nothing that matters here. */
static void
handle_msg(struct openflow *of, const struct ofp_header *oh)
{
    enum ofptype type;

    if (ofptype_decode(&type, oh)) {
        return;
    }
    if (type == OFPTYPE_ERROR) {
        handle_error(of, oh);
    } else if (type == OFPTYPE_FLOW_MONITOR_STATS_REPLY) {
        handle_flows(of, oh);
    } else if (type == OFPTYPE_GROUP_DESC_STATS_REPLY) {
        handle_groups(of, oh, &of->groups_xid, of_dump_groups(&of->inst, oh));
    } else if (type == OFPTYPE_METER_CONFIG_STATS_REPLY) {
        handle_groups(of, oh, &of->meters_xid, of_dump_meters(&of->inst, oh));
    } else if (type == OFPTYPE_REQUESTFORWARD) {
        handle_request_forward(of);
    } else if (type == OFPTYPE_BARRIER_REPLY && of->state == S_ADDING
               && ntohl(oh->xid) == of->barrier_xid) {
        handle_barrier(of);
    } else if (type == OFPTYPE_BUNDLE_CONTROL) {
        handle_bundle_control(of, oh);
    } else if (type == OFPTYPE_AGGREGATE_STATS_REPLY) {
        openflow_take_count(of, ntohl(oh->xid), of_dump_count(oh));
    }
}

/* The loop. */

void
of_machine_run(struct openflow *of)
{
    if (of->state != S_CONNECTING
        && (!rconn_is_connected(of->rconn)
            || rconn_get_connection_seqno(of->rconn) != of->session)) {
        of_machine_lost(of);
    }
    if (of->state == S_CONNECTING && rconn_is_connected(of->rconn)) {
        session_start(of);
    }

    struct ofpbuf *msg;
    for (int i = 0; i < RECV_SLICE && (msg = rconn_recv(of->rconn)); i++) {
        handle_msg(of, msg->data);
        ofpbuf_delete(msg);
    }
    if (of->n_drift) {
        VLOG_WARN("somebody changed %" PRIuSIZE " of our flows; repairing",
                  of->n_drift);
        of->n_drift = 0;
    }

    if (of->state == S_BACKOFF && time_msec() >= of->retry_at) {
        request_all(of);
    } else if (of->state == S_READY) {
        run_ready(of);
    } else if (of->state == S_ADDING) {
        send_edits(of);
    }
}

void
of_machine_wait(struct openflow *of)
{
    rconn_recv_wait(of->rconn);
    if (of->state == S_BACKOFF) {
        poll_timer_wait_until(of->retry_at);
    } else if ((of->state == S_READY && of->generation
                && (of->groups_stale || something_differs(of)
                    || of->applied != of->generation))
               || (of->state == S_ADDING && may_send(of))) {
        poll_immediate_wake();
    }
}
