/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.h: the memoised compiler: model and view in, changed blocks out.
 *
 * Each turn walks the objects of the model, writes down the inputs of each and
 * recompiles only the blocks whose inputs differ from last time.  There is no
 * other way to compute: a plan made from nothing must have the same text
 * (plan_format), and the tests compare the two.  Pure. */
#ifndef VMOVS_CORE_PLAN_H
#define VMOVS_CORE_PLAN_H

#include "core/binding.h"
#include "core/block.h"
#include "core/keys.h"
#include "core/model.h"
#include "core/status.h"
#include "core/view.h"

struct plan;

/* What does not change while the daemon runs. */
struct plan_config {
    const char *host;           /* This host's name; copied. */
    bool dummy_nics;            /* --nic-type=dummy */
};

struct plan *plan_create(const struct plan_config *);
void plan_destroy(struct plan *);

/* From the next plan_compute() on: "vmovs stop", with which ports and devices
 * stay and nothing passes them; or no longer. */
void plan_set_stopped(struct plan *, bool stopped);

/* Brings the plan in line with 'model' and 'view', and appends what changed to
 * 'changes' (which takes references): first blocks that are gone, by name,
 * then the bridge, networks and NICs that are new or different, in the model's
 * order.  Returns the number of blocks compiled in this call.
 *
 * Does nothing before view->ovsdb_ready: the keys stored in the database come
 * before any that could be given out. */
size_t plan_compute(struct plan *, const struct model *, const struct view *,
                    struct block_changes *changes);

/* The block of that name ("nic web1"), or NULL. */
const struct block *plan_find(const struct plan *, const char *name);
/* The block whose object has that cookie's kind and key, or NULL. */
const struct block *plan_find_cookie(const struct plan *, uint64_t cookie);
/* Which port each NIC is bound to, as of the last plan_compute(). */
const struct bindings *plan_bindings(const struct plan *);

/* Adds a problem for each object that has no block because no key is left, and
 * for each port that bears the iface-id of a NIC that another port has. */
void plan_problems(const struct plan *, struct problems *);

/* All blocks, sorted by name, each after a line "# NAME". */
void plan_format(const struct plan *, struct ds *);

#endif
