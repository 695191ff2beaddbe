/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-bridge.h: our bridge as it has to be, and what is done when it is not
 * (somebody deleted it, set a controller, changed fail_mode).
 *
 * bridge_diff() is pure.  A bridge without our mark is never written. */
#ifndef VMOVS_APPLY_OVSDB_BRIDGE_H
#define VMOVS_APPLY_OVSDB_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include "smap.h"

struct ds;
struct ovsdb_idl;
struct ovsdb_idl_txn;
struct ovsrec_bridge;
struct ovsrec_open_vswitch;

struct bridge_want {
    char *name;                 /* Owned. */
    const char *datapath_type;  /* "system" or "netdev".  Static string. */
    struct smap ids;            /* external_ids. */
    struct smap config;         /* other_config. */
};

/* 'host' and 'version' go into external_ids. */
void bridge_want_init(struct bridge_want *, const char *name, bool userspace,
                      const char *host, const char *version);
void bridge_want_uninit(struct bridge_want *);

/* What the database says of it; all borrowed. */
struct bridge_actual {
    const char *fail_mode;      /* NULL: not set. */
    const char *datapath_type;
    size_t n_controllers;
    char *const *protocols;     /* OpenFlow versions allowed. */
    size_t n_protocols;         /* 0: all. */
    const struct smap *ids;
    const struct smap *config;
};

struct bridge_edit {
    bool fail_mode;             /* Set fail_mode to secure. */
    bool datapath_type;         /* Set datapath_type as wanted. */
    bool del_controllers;       /* Remove all controllers. */
    bool allow_openflow15;      /* Add OpenFlow15 to protocols. */
    struct smap ids;            /* external_ids to set. */
    struct smap config;         /* other_config to set. */
};

/* NULL if there is no bridge 'name'. */
const struct ovsrec_bridge *bridge_find(const struct ovsdb_idl *,
                                        const char *name);
/* Does the bridge bear our mark? */
bool bridge_is_ours(const struct ovsrec_bridge *);
void bridge_read(const struct ovsrec_bridge *, struct bridge_actual *);

/* Initialises 'edit'; returns true if it would change something. */
bool bridge_diff(const struct bridge_want *, const struct bridge_actual *,
                 struct bridge_edit *edit);
void bridge_edit_uninit(struct bridge_edit *);
/* In the words of ovs-vsctl, without a line feed. */
void bridge_edit_format(const struct bridge_edit *,
                        const struct bridge_want *, struct ds *);
/* Adds 'edit' to the transaction under way, and says so in the log. */
void bridge_repair(const struct bridge_edit *, const struct bridge_want *,
                   const struct ovsrec_bridge *);

/* Adds the whole bridge to 'txn': fail_mode is secure from its first moment.
 * 'ovs' is the database's root row, NULL if it has none yet. */
void bridge_create(const struct bridge_want *, struct ovsdb_idl_txn *txn,
                   const struct ovsrec_open_vswitch *ovs);

#endif
