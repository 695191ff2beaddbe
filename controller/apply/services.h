/* SPDX-License-Identifier: Apache-2.0
 *
 * services.h: what guests find on their network: lease, name, way out.
 *
 * dnsmasq, NAT and the host's names behind one door, so that the loop tells
 * them together what changed.  Runs after the flows: an address is worth
 * nothing before the frames that it needs may pass. */
#ifndef VMOVS_APPLY_SERVICES_H
#define VMOVS_APPLY_SERVICES_H

#include <stdbool.h>
#include "core/block.h"
#include "core/status.h"
#include "core/view.h"

struct services;

/* Strings are copied.  All functions take NULL as services that nobody wants
 * (--no-services): they do nothing, and leave alone what runs. */
struct services *services_create(const char *run_dir, const char *state_dir);
void services_destroy(struct services *);       /* All goes on running. */

void services_update(struct services *, const struct block_changes *);
/* Domains that may resolve to private addresses; copied. */
void services_set_rebind_ok(struct services *, char *const *, size_t n);

/* To be called once there is a plan. */
void services_run(struct services *, const struct view *);
void services_wait(struct services *);

bool services_are_applied(const struct services *);
void services_problems(const struct services *, struct problems *);

#endif
