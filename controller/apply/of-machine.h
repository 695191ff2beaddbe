/* SPDX-License-Identifier: Apache-2.0
 *
 * of-machine.h: the states of the session with the switch.  Private to
 * openflow.c and of-machine.c.
 *
 * Events: C the session is up, L it is lost, D the last part of a dump came,
 * B the barrier's reply, K the commit's reply, E the commit's refusal, S the
 * switch told of somebody's change.
 *
 *     CONNECTING ---C---> DUMPING ---D---> READY ---something differs---+
 *         ^                  ^  ^            | ^                        |
 *         |                  |  +-----S------+ |                        v
 *         |               BACKOFF              +--B: refusals named-- ADDING
 *     L, from any state      ^  ^              +--K--+                  |
 *                            |  +--B: not named------|------------------+
 *                            +------------E---- COMMIT_SENT <--B: clean-+
 *
 * In READY what is installed is a fact, and if it is what is wanted, the
 * generation is applied.  What is wanted moves on only outside ADDING and
 * COMMIT_SENT, so that a commit's reply says what has become of it.  A block
 * refused at ADD goes into quarantine at once.  A refusal at COMMIT may come
 * of somebody else's change, so it counts only if it comes twice in a row,
 * with a fresh dump in between. */
#ifndef VMOVS_APPLY_OF_MACHINE_H
#define VMOVS_APPLY_OF_MACHINE_H

#include <sys/stat.h>
#include "apply/of-bundle.h"
#include "apply/of-installed.h"
#include "apply/openflow.h"

#define OF_STATES                                                             \
    OF_STATE(CONNECTING)                                                      \
    OF_STATE(DUMPING)                                                         \
    OF_STATE(BACKOFF)                                                         \
    OF_STATE(READY)                                                           \
    OF_STATE(ADDING)                                                          \
    OF_STATE(COMMIT_SENT)

enum of_state {
#define OF_STATE(NAME) S_##NAME,
    OF_STATES
#undef OF_STATE
};

/* A question by openflow_count(). */
struct count {
    struct ovs_list node;       /* In struct openflow's 'counts', oldest
                                 * first. */
    uint32_t ticket;            /* Also the request's xid. */
    bool answered;
    uint64_t packets;
};

/* One call of openflow_update(). */
struct batch {
    struct ovs_list node;       /* In struct openflow's 'pending'. */
    struct block_changes changes;
    uint64_t generation;
};

struct openflow {
    struct rconn *rconn;
    char *target;               /* Owned; NULL: stay disconnected. */
    unsigned int session;       /* rconn's connection number of the session
                                 * that 'state' is about. */
    struct stat socket;         /* The socket last tried; st_ino 0: none. */
    long long int look_at;      /* When to look for a new one, msec. */

    enum of_state state;
    struct of_installed inst;
    struct ovs_list pending;    /* struct batch: came during a bundle. */
    uint64_t generation;        /* Of what 'inst' wants; 0: nothing yet. */
    uint64_t applied;

    uint32_t xid;               /* The last transaction id used. */
    bool monitoring;            /* The session has a flow monitor. */
    uint32_t flows_xid;         /* Of dump requests that are not yet */
    uint32_t groups_xid;        /* answered in full; 0: none. */
    uint32_t meters_xid;
    bool groups_stale;          /* Somebody changed groups, meters or flows:
                                 * look at the groups and meters again. */

    size_t n_drift;             /* Our flows changed by others, to be logged
                                 * once for all that came together. */

    struct of_edits edits;      /* Under way in ADDING and COMMIT_SENT,
                                 * else empty. */
    size_t n_sent;              /* How many of 'edits' are. */
    uint32_t edits_xid;         /* xid of edit 0; edit I has this plus I. */
    uint32_t bundle_id;
    uint32_t open_xid;          /* Of the bundle's control messages; the */
    uint32_t barrier_xid;       /* barrier's is 0 until all edits are sent. */
    uint32_t commit_xid;
    enum ofperr bundle_error;   /* Not about one edit; 0: none. */

    int n_commit_failures;      /* In a row. */
    int backoff_ms;             /* The last one; 0: none since a success. */
    long long int retry_at;     /* End of BACKOFF, msec. */
    char *trouble;              /* Why it backs off; owned; or NULL. */

    struct ovs_list counts;     /* struct count. */
    size_t n_counts;
    struct openflow_stats stats;
};

/* Takes in what the switch says and takes the next steps.  The rconn has
 * run. */
void of_machine_run(struct openflow *);
void of_machine_wait(struct openflow *);
/* The session is lost, or given up. */
void of_machine_lost(struct openflow *);

/* Is a bundle under way, so that what is wanted must not move? */
bool of_machine_is_busy(const struct openflow *);

/* Of openflow.c. */
void openflow_merge(struct openflow *, const struct block_changes *,
                    uint64_t generation);
void openflow_batch_destroy(struct batch *);
void openflow_take_count(struct openflow *, uint32_t ticket,
                         uint64_t packets);

#endif
