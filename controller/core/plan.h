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
#include "core/view.h"

struct plan;

/* What does not change while the daemon runs. */
struct plan_config {
    const char *host;           /* This host's name. */
    bool dummy_nics;            /* --nic-type=dummy */
};

struct plan *plan_create(const struct plan_config *);
void plan_destroy(struct plan *);

/* Brings the plan in line with 'model' and 'view', and appends what changed to
 * 'changes' (which takes references).  Returns the number of blocks compiled
 * in this call. */
size_t plan_compute(struct plan *, const struct model *, const struct view *,
                    struct block_changes *changes);

/* The block of that name ("nic web1"), or NULL. */
const struct block *plan_find(const struct plan *, const char *name);
/* The block whose object has that cookie's kind and key, or NULL. */
const struct block *plan_find_cookie(const struct plan *, uint64_t cookie);
/* Which port each NIC is bound to, as of the last plan_compute(). */
const struct bindings *plan_bindings(const struct plan *);

/* All blocks, sorted by name. */
void plan_format(const struct plan *, struct ds *);

#endif
