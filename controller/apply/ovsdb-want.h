/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-want.h: the ports that the blocks want, by name.  A plain value that
 * the session keeps; knows no database. */
#ifndef VMOVS_APPLY_OVSDB_WANT_H
#define VMOVS_APPLY_OVSDB_WANT_H

#include <stdbool.h>
#include "openvswitch/shash.h"
#include "sset.h"
#include "core/block.h"

struct want {
    struct block *block;        /* Holds a reference; its 'port' is wanted. */
    bool replug;                /* The port as it is has to go first. */
};

struct wants {
    struct shash by_name;       /* Port name -> struct want *, owned. */
};

void wants_init(struct wants *);
void wants_uninit(struct wants *);

/* Moves on by 'changes', and adds the names they are about to 'dirty'. */
void wants_update(struct wants *, const struct block_changes *changes,
                  struct sset *dirty);
/* NULL if nobody wants it. */
struct want *wants_find(const struct wants *, const char *name);
/* Full name of the NIC whose port it is: "web1.1". */
const char *want_owner(const struct want *);
/* Adds the names of all to 'names'. */
void wants_names(const struct wants *, struct sset *names);

#endif
