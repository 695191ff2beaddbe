/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-trouble.h: which objects of the database are not as wanted, and why.
 * A plain value that the session keeps and ovsdb_problems() shows. */
#ifndef VMOVS_APPLY_OVSDB_TROUBLE_H
#define VMOVS_APPLY_OVSDB_TROUBLE_H

#include <stdbool.h>
#include "openvswitch/shash.h"
#include "sset.h"
#include "core/status.h"

struct troubles {
    struct shash by_name;       /* Name -> struct trouble *, owned. */
    const char *kind;           /* "port" or "bridge".  Static string. */
};

void troubles_init(struct troubles *, const char *kind);
void troubles_uninit(struct troubles *);

/* Takes over 'what' and 'remedy' (NULL: none).  'refused': by the database
 * itself, so that it makes sense to try again. */
void troubles_set(struct troubles *, const char *name, bool refused,
                  char *what, char *remedy);
void troubles_clear(struct troubles *, const char *name);

/* Adds the names of those refused to 'names'; returns whether any were. */
bool troubles_refused(const struct troubles *, struct sset *names);
/* Adds all of them to 'problems', in the order of names. */
void troubles_report(const struct troubles *, struct problems *problems);

#endif
