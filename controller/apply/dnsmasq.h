/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq.h: one dnsmasq a network, for DHCP, DNS and router advertisements:
 * writes its files, starts it, watches it, adopts one that runs already.
 *
 * Names and leases follow a change at once: a file a NIC in directories that
 * dnsmasq watches, and a SIGHUP when one goes.  Only a change of the network
 * itself starts it anew.  It outlives vmovsd.  Knows neither model nor
 * switch. */
#ifndef VMOVS_APPLY_DNSMASQ_H
#define VMOVS_APPLY_DNSMASQ_H

#include <stdbool.h>
#include "core/block.h"
#include "core/status.h"
#include "core/view.h"

struct dnsmasqs;

/* Strings are copied. */
struct dnsmasqs *dnsmasqs_create(const char *run_dir, const char *state_dir);
void dnsmasqs_destroy(struct dnsmasqs *);       /* They go on running. */

void dnsmasqs_update(struct dnsmasqs *, const struct block_changes *);
/* Domains that may resolve to private addresses; copied. */
void dnsmasqs_set_rebind_ok(struct dnsmasqs *, char *const *, size_t n);

/* Does what is missing.  A network's dnsmasq starts when its gateway's device
 * is there, up and with its addresses. */
void dnsmasqs_run(struct dnsmasqs *, const struct view *);
void dnsmasqs_wait(struct dnsmasqs *);

bool dnsmasqs_is_applied(const struct dnsmasqs *);
void dnsmasqs_problems(const struct dnsmasqs *, struct problems *);
/* Ends them all: "vmovs stop". */
void dnsmasqs_stop(struct dnsmasqs *);

#endif
