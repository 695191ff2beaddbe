/* SPDX-License-Identifier: Apache-2.0
 *
 * openflow.c: see openflow.h.  Creating, connecting, what is wanted, and what
 * to tell about it; the states are in of-machine.c. */

#include <config.h>
#include "apply/openflow.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include "apply/of-dump.h"
#include "apply/of-machine.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/rconn.h"
#include "timeval.h"
#include "util.h"

enum {
    PROBE_S = 0,      /* Never probed: the local socket of a switch that has
                       * died closes by itself, and one that is busy with
                       * thousands of ports for seconds is not dead. */
    RECONNECT_S = 1,  /* Longest pause between attempts. */
    LOOK_MS = 100,    /* How often to look for a new socket. */
    MAX_COUNTS = 1024 /* Answers kept for openflow_counted(). */
};

struct openflow *
openflow_create(void)
{
    struct openflow *of = xzalloc(sizeof *of);

    of->rconn = rconn_create(PROBE_S, RECONNECT_S, 0, 1u << OFP15_VERSION);
    of_installed_init(&of->inst);
    ovs_list_init(&of->pending);
    of_edits_init(&of->edits);
    ovs_list_init(&of->counts);
    return of;
}

void
openflow_batch_destroy(struct batch *batch)
{
    ovs_list_remove(&batch->node);
    block_changes_uninit(&batch->changes);
    free(batch);
}

static void
count_forget(struct openflow *of, struct count *c)
{
    ovs_list_remove(&c->node);
    of->n_counts--;
    free(c);
}

void
openflow_destroy(struct openflow *of)
{
    struct batch *batch;
    struct count *c;

    if (!of) {
        return;
    }
    LIST_FOR_EACH_SAFE (c, node, &of->counts) {
        count_forget(of, c);
    }
    LIST_FOR_EACH_SAFE (batch, node, &of->pending) {
        openflow_batch_destroy(batch);
    }
    of_edits_uninit(&of->edits);
    of_installed_uninit(&of->inst);
    rconn_destroy(of->rconn);
    free(of->trouble);
    free(of->target);
    free(of);
}

/* What is wanted. */

/* A group that appears may be what a block in quarantine was waiting for. */
static bool
changes_groups(const struct block_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        if (changes->list[i].new && changes->list[i].new->n_groups) {
            return true;
        }
    }
    return false;
}

void
openflow_merge(struct openflow *of, const struct block_changes *changes,
               uint64_t generation)
{
    of_installed_update(&of->inst, changes);
    if (changes_groups(changes)) {
        of_installed_release(&of->inst);
    }
    of->generation = generation;
}

void
openflow_update(struct openflow *of, const struct block_changes *changes,
                uint64_t generation)
{
    if (!of_machine_is_busy(of)) {
        openflow_merge(of, changes, generation);
        return;
    }

    struct batch *batch = xzalloc(sizeof *batch);
    struct block_changes *copy = &batch->changes;

    copy->list = xcalloc(changes->n, sizeof *copy->list);
    copy->n = copy->allocated = changes->n;
    for (size_t i = 0; i < copy->n; i++) {
        const struct block_change *c = &changes->list[i];

        copy->list[i].old = c->old ? block_ref(c->old) : NULL;
        copy->list[i].new = c->new ? block_ref(c->new) : NULL;
    }
    batch->generation = generation;
    ovs_list_push_back(&of->pending, &batch->node);
}

/* The session. */

void
openflow_set_target(struct openflow *of, const char *target)
{
    if (nullable_string_is_equal(of->target, target)) {
        return;
    }
    free(of->target);
    of->target = nullable_xstrdup(target);
    rconn_disconnect(of->rconn);
    memset(&of->socket, 0, sizeof of->socket);
    of->look_at = LLONG_MIN;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_ctim.tv_sec == b->st_ctim.tv_sec
           && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* rconn waits a second after a failure.  A unix socket need not: the switch
 * makes a new one when it starts, and that one is tried at once. */
static void
connect_if_new(struct openflow *of)
{
    long long int now = time_msec();
    const char *path = of->target;
    struct stat st;

    if (now < of->look_at) {
        return;
    }
    of->look_at = now + LOOK_MS;

    if (!strncmp(path, "unix:", 5)) {
        if (stat(path + 5, &st) || same_file(&st, &of->socket)) {
            return;
        }
        of->socket = st;
    } else if (!strcmp(rconn_get_target(of->rconn), path)) {
        return;
    }
    rconn_connect(of->rconn, of->target, of->target);
    rconn_set_probe_interval(of->rconn, PROBE_S);
}

void
openflow_run(struct openflow *of)
{
    if (!of->target) {
        of_machine_lost(of);
        return;
    }
    if (!rconn_is_connected(of->rconn)) {
        connect_if_new(of);
    }
    rconn_run(of->rconn);
    of_machine_run(of);
}

void
openflow_wait(struct openflow *of)
{
    if (!of->target) {
        return;
    }
    if (!rconn_is_connected(of->rconn)) {
        poll_timer_wait_until(of->look_at);
    }
    rconn_run_wait(of->rconn);
    of_machine_wait(of);
}

/* What to tell. */

bool
openflow_is_connected(const struct openflow *of)
{
    return of->state != S_CONNECTING;
}

const char *
openflow_state(const struct openflow *of)
{
    switch (of->state) {
#define OF_STATE(NAME)                                                        \
    case S_##NAME:                                                            \
        return #NAME;
        OF_STATES
#undef OF_STATE
    }
    OVS_NOT_REACHED();
}

uint64_t
openflow_applied(const struct openflow *of)
{
    return of->applied;
}

/* Does a change of the block wait for the end of a bundle? */
static bool
is_pending(const struct openflow *of, const char *block_name)
{
    const struct batch *batch;

    LIST_FOR_EACH (batch, node, &of->pending) {
        for (size_t i = 0; i < batch->changes.n; i++) {
            const struct block *new = batch->changes.list[i].new;

            if (new && !strcmp(new->name, block_name)) {
                return true;
            }
        }
    }
    return false;
}

bool
openflow_has_block(const struct openflow *of, const char *block_name)
{
    const struct of_block *ob = of_installed_find(&of->inst, block_name);

    return openflow_is_connected(of) && ob && !ob->refused && !ob->n_missing
           && !is_pending(of, block_name);
}

static void
foreign_flows_problem(const struct openflow *of, struct problems *problems)
{
    const struct of_flow *f = CONTAINER_OF(
        ovs_list_front(&of->inst.foreign_flows), struct of_flow, list_node);
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s,
                  "%" PRIuSIZE " flows on it are not ours and may undo "
                  "the isolation of networks: ",
                  of->inst.n_foreign);
    flow_rule_format(f->have, &s);
    if (of->inst.n_foreign > 1) {
        ds_put_cstr(&s, ", ...");
    }
    problems_add(problems, "bridge", ds_steal_cstr(&s),
                 xasprintf("delete them with ovs-ofctl del-flows BRIDGE "
                           "cookie=%#" PRIx64 "/-1",
                           f->have->cookie));
}

static void
orphan_problem(const struct of_group *g, struct problems *problems)
{
    const struct of_bucket *b;

    HMAP_FOR_EACH (b, node, &g->buckets) {
        if (b->owner) {
            problems_add(problems, b->owner->block->name,
                         xasprintf("it waits for group %" PRIu32 " of its "
                                   "network",
                                   g->id),
                         NULL);
        }
    }
}

void
openflow_problems(const struct openflow *of, struct problems *problems)
{
    const struct of_block *ob;
    const struct of_group *g;

    HMAP_FOR_EACH (ob, node, &of->inst.blocks) {
        if (ob->refused) {
            problems_add(problems, ob->block->name, xstrdup(ob->refused),
                         xstrdup("change the object, or restart vmovsd to "
                                 "try again"));
        }
    }
    HMAP_FOR_EACH (g, node, &of->inst.groups) {
        if (!g->owner) {
            orphan_problem(g, problems);
        }
    }
    if (of->inst.n_foreign) {
        foreign_flows_problem(of, problems);
    }
    if (of->trouble) {
        problems_add(problems, "bridge", xstrdup(of->trouble), NULL);
    }
    if (of->target && !rconn_is_connected(of->rconn)) {
        problems_add(problems, "switch",
                     xasprintf("no connection to %s", of->target),
                     xstrdup("is ovs-vswitchd running? "
                             "systemctl restart openvswitch-switch"));
    }
}

void
openflow_get_stats(const struct openflow *of, struct openflow_stats *stats)
{
    *stats = of->stats;
}

/* Counting packets. */

static struct count *
count_find(const struct openflow *of, uint32_t ticket)
{
    struct count *c;

    LIST_FOR_EACH (c, node, &of->counts) {
        if (c->ticket == ticket) {
            return c;
        }
    }
    return NULL;
}

uint32_t
openflow_count(struct openflow *of, uint64_t cookie, uint64_t mask)
{
    struct count *c = xzalloc(sizeof *c);

    if (of->n_counts == MAX_COUNTS) {
        count_forget(
            of, CONTAINER_OF(ovs_list_front(&of->counts), struct count, node));
    }
    c->ticket = ++of->xid;
    c->answered = !openflow_is_connected(of);
    ovs_list_push_back(&of->counts, &c->node);
    of->n_counts++;
    if (!c->answered) {
        rconn_send(of->rconn, of_dump_request_count(c->ticket, cookie, mask),
                   NULL);
    }
    return c->ticket;
}

bool
openflow_counted(struct openflow *of, uint32_t ticket, uint64_t *packets)
{
    struct count *c = count_find(of, ticket);

    *packets = 0;
    if (c) {
        if (!c->answered) {
            return false;
        }
        *packets = c->packets;
        count_forget(of, c);
    }
    return true;
}

void
openflow_take_count(struct openflow *of, uint32_t ticket, uint64_t packets)
{
    struct count *c = count_find(of, ticket);

    if (c) {
        c->answered = true;
        c->packets = packets;
    }
}
