/* SPDX-License-Identifier: Apache-2.0
 *
 * nat.h: the host's nftables table "inet vmovs" and forwarding: masquerade for
 * networks of mode nat, no way between networks, and of the host's services
 * only DHCP, DNS and ping for guests.
 *
 * The table is replaced in one transaction (libnftables); others' tables are
 * never touched.  Somebody's "nft flush ruleset" is noticed and repaired.
 * ip_forward is set where a network needs it, and put back. */
#ifndef VMOVS_APPLY_NAT_H
#define VMOVS_APPLY_NAT_H

#include <stdbool.h>
#include "core/block.h"
#include "core/status.h"

struct nat;

struct nat *nat_create(const char *state_dir);  /* Copied; remembers what to
                                                 * put back. */
void nat_destroy(struct nat *);         /* The rules stay. */

void nat_update(struct nat *, const struct block_changes *);
void nat_run(struct nat *);
void nat_wait(struct nat *);

bool nat_is_applied(const struct nat *);
/* Also names foreign rules that drop what guests forward (Docker, ufw,
 * firewalld), and what to allow. */
void nat_problems(const struct nat *, struct problems *);
/* Takes the table away and puts forwarding back: "vmovs stop". */
void nat_stop(struct nat *);

#endif
