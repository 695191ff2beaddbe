/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-ports.h: one port as the blocks want it and as the database has it:
 * the difference, as an edit that can be printed and executed.
 *
 * port_diff() is pure.  Only port_edit_execute() touches rows, and it uses
 * mutations of single elements throughout: the set of ports and other people's
 * external_ids are never rewritten. */
#ifndef VMOVS_APPLY_OVSDB_PORTS_H
#define VMOVS_APPLY_OVSDB_PORTS_H

#include <stdbool.h>
#include "smap.h"
#include "sset.h"
#include "core/block.h"

struct ds;
struct ovsdb_idl_txn;
struct ovsrec_bridge;
struct ovsrec_interface;
struct ovsrec_port;

/* What the database says of a port. */
struct port_actual {
    const char *type;           /* Interface.type.  Borrowed. */
    int64_t mtu_request;        /* 0: none. */
    const struct smap *ids;     /* Interface.external_ids.  Borrowed. */
    bool shared;                /* Its Port has other interfaces too (a bond),
                                 * so it is not ours whatever its marks say. */
};

enum port_edit_kind {
    PORT_ADD,
    PORT_CHANGE,
    PORT_DELETE
};

struct port_edit {
    enum port_edit_kind kind;
    char *name;                 /* Owned. */
    char type[12];              /* PORT_ADD only. */
    uint32_t mtu;               /* mtu_request to set; 0: leave it. */
    struct smap set;            /* external_ids to set. */
    struct sset unset;          /* external_ids to remove: PORT_CHANGE only. */
};

void port_edit_uninit(struct port_edit *);
/* A line in the words of ovs-vsctl, without a line feed. */
void port_edit_format(const struct port_edit *, struct ds *);

/* Is it marked as ours? */
bool port_is_ours(const struct port_actual *);

/* Must 'name' be edited to turn 'actual' (NULL: no such port) into 'want'
 * (NULL: nobody wants it)?  If so, initialises 'edit' and returns true.
 * 'owner' is the full name of the NIC for whom it is wanted; it is used for
 * somebody else's port only.
 *
 * A port of somebody else's in the place of one of ours gives no edit: it is
 * for the caller to complain.  A wrong type gives PORT_DELETE; the port is
 * added again when it is gone. */
bool port_diff(const char *name, const struct port_want *want,
               const char *owner, const struct port_actual *actual,
               struct port_edit *edit);
/* Initialises 'edit' as the removal of 'name'. */
void port_edit_delete(struct port_edit *edit, const char *name);

/* Adds 'edit' to 'txn'.  'port' and 'iface' are the rows it is about, NULL for
 * PORT_ADD. */
void port_edit_execute(const struct port_edit *, struct ovsdb_idl_txn *txn,
                       const struct ovsrec_bridge *bridge,
                       const struct ovsrec_port *port,
                       const struct ovsrec_interface *iface);

#endif
