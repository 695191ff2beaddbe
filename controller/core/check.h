/* SPDX-License-Identifier: Apache-2.0
 *
 * check.h: faults that show only when the whole model is seen.
 *
 * Duplicate or out-of-subnet addresses, subnets that overlap each other or the
 * host's own routes, names, MACs a hypervisor refuses, device names that
 * collide, too many members.  A reader has already checked each value's form.
 * Pure: the host's routes are an argument. */
#ifndef VMOVS_CORE_CHECK_H
#define VMOVS_CORE_CHECK_H

#include "core/model.h"

/* A route of the host's that is not ours. */
struct host_route {
    bool v6;
    struct prefix4 dst4;        /* Valid if !v6. */
    struct prefix6 dst6;        /* Valid if v6. */
    char dev[IFNAMSIZ];
};

/* What the host already uses.  Routes by our own devices are left out by who
 * fills this in. */
struct host_facts {
    struct host_route *routes;  /* Owned. */
    size_t n_routes;
};

void host_facts_init(struct host_facts *);
void host_facts_uninit(struct host_facts *);
void host_facts_add4(struct host_facts *, struct prefix4, const char *dev);
void host_facts_add6(struct host_facts *, struct prefix6, const char *dev);

/* At most this many members of one network on one host: broadcast trees and
 * OVS's limit of 4,096 resubmits a packet set it (pipeline.md). */
enum { NETWORK_MAX_MEMBERS = 1000 };

/* Adds every fault of 'model' to 'faults' with the place of the object, path
 * and remedy.  'running' (may be NULL) is the model in force: a network that
 * is in it with the same subnet is not refused for a route that appeared
 * later.  Addresses still CHOICE_AUTO are no fault. */
void model_check(const struct model *, const struct model *running,
                 const struct host_facts *, struct faults *);

#endif
