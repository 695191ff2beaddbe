/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb.h: one session with the Open vSwitch database: copies what is there
 * into the view, and brings our bridge and its ports to what the blocks want.
 *
 * Registers only the columns in use.  Ports are added and removed by mutation
 * of Bridge.ports.  A port without our marks is never deleted or changed, but
 * for a label on a port bound to a NIC.  Knows neither model nor OpenFlow. */
#ifndef VMOVS_APPLY_OVSDB_H
#define VMOVS_APPLY_OVSDB_H

#include <stdbool.h>
#include "core/block.h"
#include "core/model.h"
#include "core/status.h"
#include "core/view.h"

struct ovsdb;

/* 'remote' as "unix:/run/openvswitch/db.sock"; 'host' goes into the bridge's
 * external_ids:vmovs-host, 'version' into vmovs-version. */
struct ovsdb *ovsdb_create(const char *remote, const char *host,
                           const char *version);
void ovsdb_destroy(struct ovsdb *);     /* The database keeps everything. */

/* The bridge we want, with its datapath; "auto" is resolved by
 * ovsdb_create()'s caller: DATAPATH_KERNEL or DATAPATH_USERSPACE only.  If it
 * was another bridge before, our ports move, and the former one goes. */
void ovsdb_set_bridge(struct ovsdb *, const char *bridge, enum datapath);

/* Desired ports move on by 'changes'. */
void ovsdb_update(struct ovsdb *, const struct block_changes *changes);

/* The device of our port 'port' was made anew: Open vSwitch holds on to the
 * old one until the port is removed and, when ovs-vswitchd has seen that,
 * added again.  Nothing happens if the port is not wanted or not ours. */
void ovsdb_replug(struct ovsdb *, const char *port);

/* Copies what changed in the database into 'view', then writes what differs
 * from what is wanted, one transaction at a time.  Nothing is written before
 * the first complete snapshot and the first ovsdb_update(). */
void ovsdb_run(struct ovsdb *, struct view *);
void ovsdb_wait(struct ovsdb *);

bool ovsdb_is_connected(const struct ovsdb *);
/* Does another vmovsd hold the database's lock?  Then nothing is written, and
 * if it has been so from the start, nothing is copied either. */
bool ovsdb_is_contended(const struct ovsdb *);
/* Does the database hold all that is wanted, with nothing under way?  Ports
 * that ovsdb_problems() names do not count. */
bool ovsdb_is_applied(const struct ovsdb *);
void ovsdb_problems(const struct ovsdb *, struct problems *);

#endif
