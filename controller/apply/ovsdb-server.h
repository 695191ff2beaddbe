/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-server.h: the database's server: whether it is there, and whether we
 * are the vmovsd that writes.
 *
 * That is who holds a lock of the server's.  A second vmovsd with another
 * configuration would otherwise undo what the first does, for ever. */
#ifndef VMOVS_APPLY_OVSDB_SERVER_H
#define VMOVS_APPLY_OVSDB_SERVER_H

#include <stdbool.h>
#include "core/status.h"

struct ovsdb_idl;

/* Has 'idl' ask for the lock. */
void ovsdb_server_init(struct ovsdb_idl *idl);

/* To be called once a turn while 'idl' is not connected to 'remote'.  'at' says
 * when to look next, in msec. */
void ovsdb_server_find(struct ovsdb_idl *idl, const char *remote,
                       long long int *at);

bool ovsdb_server_is_connected(const struct ovsdb_idl *);
/* Connected, and the lock is ours? */
bool ovsdb_server_may_write(const struct ovsdb_idl *);
void ovsdb_server_problems(const struct ovsdb_idl *, const char *remote,
                           struct problems *);

#endif
