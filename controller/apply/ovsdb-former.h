/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-former.h: bridges that were ours before the config's "bridge" was
 * changed.
 *
 * They bear our mark and another name.  Once the new bridge is as it has to
 * be, our ports move there: here they are removed, and ovsdb.c adds them to
 * the new one when ovs-vswitchd has let them go.  A bridge goes with its last
 * port; one that holds somebody else's ports stays, and is a problem to be
 * shown.  One database has one vmovsd (ovsdb.c takes a lock), so no bridge
 * with our mark is another vmovsd's. */
#ifndef VMOVS_APPLY_OVSDB_FORMER_H
#define VMOVS_APPLY_OVSDB_FORMER_H

#include "core/status.h"
#include "sset.h"

struct ovsdb_idl;
struct ovsrec_bridge;
struct ovsrec_open_vswitch;

/* A former bridge that there is something to remove of, or NULL; 'name' is the
 * present one's. */
const struct ovsrec_bridge *former_find(const struct ovsdb_idl *,
                                        const char *name);

/* Adds the removal of our ports, or of the whole bridge, to the transaction
 * under way.  Adds the names of the ports to 'removed'. */
void former_clear(const struct ovsrec_bridge *,
                  const struct ovsrec_open_vswitch *, struct sset *removed);

/* Adds those that cannot be removed. */
void former_problems(const struct ovsdb_idl *, const char *name,
                     struct problems *);

#endif
