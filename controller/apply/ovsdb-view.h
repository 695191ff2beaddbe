/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-view.h: database rows to view entries.
 *
 * Registers the columns in use and copies what changed since the last turn:
 * one changed interface costs one entry, a port that comes or goes costs a
 * walk over the bridge's set of ports as well.  Reads only. */
#ifndef VMOVS_APPLY_OVSDB_VIEW_H
#define VMOVS_APPLY_OVSDB_VIEW_H

#include <stdbool.h>
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"
#include "sset.h"
#include "core/view.h"

struct ovsdb_idl;
struct ovsdb_idl_index;
struct ovsrec_bridge;
struct ovsrec_interface;
struct ovsrec_port;

struct ovsdb_view {
    struct ovsdb_idl *idl;      /* Borrowed. */
    struct ovsdb_idl_index *by_name;    /* Interface by name.  The IDL's. */
    struct hmap rows;           /* Contains struct port_row, through 'node',
                                 * by Interface UUID: those on our bridge but
                                 * for its local port. */
    struct uuid bridge;         /* The Bridge that 'rows' are of; 0: none. */
};

/* Registers columns; to be called before the first ovsdb_idl_run(). */
void ovsdb_view_init(struct ovsdb_view *, struct ovsdb_idl *);
void ovsdb_view_uninit(struct ovsdb_view *);

/* Brings 'view' in line with the database.  'bridge' is the bridge of our
 * name, or NULL; its ports are copied only if it bears our mark.  Adds to
 * 'touched' the name of each interface that came, went or changed, whatever
 * its bridge.  To be called once a turn after ovsdb_idl_run(): it uses up the
 * IDL's tracked changes. */
void ovsdb_view_refresh(struct ovsdb_view *,
                        const struct ovsrec_bridge *bridge, struct view *,
                        struct sset *touched);

/* The rows of interface 'name' on any bridge; '*port' is NULL if it is not on
 * ours, '*shared' says whether its Port has other interfaces.  Returns false
 * if there is no such interface. */
bool ovsdb_view_find(const struct ovsdb_view *, const char *name,
                     const struct ovsrec_interface **iface,
                     const struct ovsrec_port **port, bool *shared);

#endif
