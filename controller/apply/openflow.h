/* SPDX-License-Identifier: Apache-2.0
 *
 * openflow.h: brings the switch's flows, groups and meters to what the blocks
 * want, by the state machine of architecture.md (CONNECTING, DUMPING, READY,
 * ADDING, COMMIT_SENT).
 *
 * One struct per bridge, no file statics.  Nothing is written before a
 * complete dump of the switch; nothing is cleared on reconnect; only flows
 * under our cookie are touched; groups and meters are all ours (the bridge
 * is).  Drift (somebody's del-flows, set-controller) is noticed by a flow
 * monitor and repaired.  Knows neither model nor database. */
#ifndef VMOVS_APPLY_OPENFLOW_H
#define VMOVS_APPLY_OPENFLOW_H

#include <stdbool.h>
#include <stdint.h>
#include "core/block.h"
#include "core/status.h"

struct openflow;

struct openflow *openflow_create(void);
void openflow_destroy(struct openflow *);   /* The switch keeps its flows. */

/* The bridge's management socket, as a vconn name
 * ("unix:/run/openvswitch/vmovs0.mgmt").  NULL: the bridge does not exist, so
 * stay disconnected.  Calling it again with the same name changes nothing. */
void openflow_set_target(struct openflow *, const char *target);

/* The desired state moves on by 'changes' and then is that of 'generation'. */
void openflow_update(struct openflow *, const struct block_changes *changes,
                     uint64_t generation);

void openflow_run(struct openflow *);
void openflow_wait(struct openflow *);

bool openflow_is_connected(const struct openflow *);
const char *openflow_state(const struct openflow *);
/* The newest generation that the switch is known to have, all but the objects
 * in quarantine; 0: none yet. */
uint64_t openflow_applied(const struct openflow *);
/* Are all of this block's flows known to be on the switch? */
bool openflow_has_block(const struct openflow *, const char *block_name);
/* Adds a problem for each object the switch refused. */
void openflow_problems(const struct openflow *, struct problems *);

/* Asks for the sum of packets over flows whose cookie matches; the answer is
 * there some turns later.  Returns a ticket; openflow_counted() returns false
 * until the answer is in, and then forgets the ticket.  A lost session answers
 * with 0 packets. */
uint32_t openflow_count(struct openflow *, uint64_t cookie, uint64_t mask);
bool openflow_counted(struct openflow *, uint32_t ticket, uint64_t *packets);

/* For tests and the log: numbers since creation. */
struct openflow_stats {
    uint64_t flow_edits;        /* flow_mods committed. */
    uint64_t group_edits;
    uint64_t meter_edits;
    uint64_t bundles;           /* Committed. */
    uint64_t dumps;
    uint64_t repairs;           /* Dumps or edits because of drift. */
};
void openflow_get_stats(const struct openflow *, struct openflow_stats *);

#endif
