/* SPDX-License-Identifier: Apache-2.0
 *
 * nat-foreign.h: others' rules that drop what guests send to the world, or
 * what comes back.
 *
 * An "accept" of ours is no answer to a "drop" of Docker's, ufw's or
 * firewalld's: each base chain of the forward hook has its say.  They are
 * theirs, so we never touch them, but say what is in the way and what to
 * allow. */
#ifndef VMOVS_APPLY_NAT_FOREIGN_H
#define VMOVS_APPLY_NAT_FOREIGN_H

#include "core/status.h"

struct nft_ctx;

/* Adds a problem for each table that would drop a guest's new connection by
 * the gateway port 'device' to the world, or the answers. */
void nat_foreign_look(struct nft_ctx *, const char *device,
                      struct problems *);

#endif
