/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-former.c: bridges of ours that are no longer wanted.  See
 * ovsdb-former.h. */
#include <config.h>
#include "apply/ovsdb-former.h"
#include <string.h>
#include "apply/ovsdb-bridge.h"
#include "apply/ovsdb-ports.h"
#include "openvswitch/vlog.h"
#include "util.h"
#include "vswitch-idl.h"

VLOG_DEFINE_THIS_MODULE(ovsdb_former);

static bool
is_former(const struct ovsrec_bridge *row, const char *name)
{
    return bridge_is_ours(row) && strcmp(row->name, name);
}

static bool
is_local(const struct ovsrec_bridge *row, const struct ovsrec_port *port)
{
    return !strcmp(port->name, row->name);
}

static bool
is_ours(const struct ovsrec_port *port)
{
    return port->n_interfaces == 1
           && port_is_ours(&(struct port_actual){
               .ids = &port->interfaces[0]->external_ids });
}

/* Somebody else's port on 'row', or NULL. */
static const struct ovsrec_port *
find_foreign(const struct ovsrec_bridge *row)
{
    for (size_t i = 0; i < row->n_ports; i++) {
        const struct ovsrec_port *port = row->ports[i];

        if (!is_local(row, port) && !is_ours(port)) {
            return port;
        }
    }
    return NULL;
}

static bool
has_our_ports(const struct ovsrec_bridge *row)
{
    for (size_t i = 0; i < row->n_ports; i++) {
        if (!is_local(row, row->ports[i]) && is_ours(row->ports[i])) {
            return true;
        }
    }
    return false;
}

const struct ovsrec_bridge *
former_find(const struct ovsdb_idl *idl, const char *name)
{
    const struct ovsrec_bridge *row;

    OVSREC_BRIDGE_FOR_EACH (row, idl) {
        if (is_former(row, name)
            && (has_our_ports(row) || !find_foreign(row))) {
            return row;
        }
    }
    return NULL;
}

void
former_clear(const struct ovsrec_bridge *row,
             const struct ovsrec_open_vswitch *ovs, struct sset *removed)
{
    bool whole = ovs && !find_foreign(row);

    VLOG_INFO("bridge %s was ours before: removing %s", row->name,
              whole ? "it" : "our ports from it");
    for (size_t i = 0; i < row->n_ports; i++) {
        const struct ovsrec_port *port = row->ports[i];

        if (!is_local(row, port) && is_ours(port)) {
            sset_add(removed, port->interfaces[0]->name);
            if (!whole) {
                ovsrec_bridge_update_ports_delvalue(row, port);
            }
        }
    }
    if (whole) {
        ovsrec_open_vswitch_update_bridges_delvalue(ovs, row);
    }
}

void
former_problems(const struct ovsdb_idl *idl, const char *name,
                struct problems *problems)
{
    const struct ovsrec_bridge *row;

    OVSREC_BRIDGE_FOR_EACH (row, idl) {
        const struct ovsrec_port *port;

        if (is_former(row, name) && (port = find_foreign(row))) {
            char *object = xasprintf("bridge %s", row->name);

            problems_add(problems, object,
                         xasprintf("it was ours before, and stays for the "
                                   "port %s, which is not ours",
                                   port->name),
                         xasprintf("move that to %s (ovs-vsctl del-port %s, "
                                   "add-port)",
                                   name, port->name));
            free(object);
        }
    }
}
