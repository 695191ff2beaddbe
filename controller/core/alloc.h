/* SPDX-License-Identifier: Apache-2.0
 *
 * alloc.h: fills in what the author of a config left to us.
 *
 * Deterministic: the choice for an object is a hash of its names, probed
 * onward past what is taken, in the order of names.  So the same file gives
 * the same addresses on every host, and a VM deleted and added again gets its
 * address back.  Pure. */
#ifndef VMOVS_CORE_ALLOC_H
#define VMOVS_CORE_ALLOC_H

#include "core/check.h"

/* One value that was chosen, for the source to write back. */
struct allocated {
    char *path[6];              /* Keys from the root, owned: "networks",
                                 * "lab", "subnet", NULL; an index of an array
                                 * is its decimal digits. */
    char *value;                /* As the config writes it.  Owned. */
};

struct allocations {
    struct allocated *list;     /* Owned. */
    size_t n, allocated;
};

void allocations_init(struct allocations *);
void allocations_uninit(struct allocations *);

/* Turns every CHOICE_AUTO of 'model', which has passed model_check(), into
 * CHOICE_GIVEN (CHOICE_NONE for a NIC whose network has no such subnet) and
 * lists what it chose in 'chosen'.  Adds a fault where nothing is left to
 * choose from, or where a given address is not in a subnet chosen now; then
 * some choices stay open. */
void model_allocate(struct model *, const struct host_facts *,
                    struct allocations *chosen, struct faults *);

#endif
