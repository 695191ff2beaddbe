/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-view.c: database rows to view entries.  See ovsdb-view.h. */
#include <config.h>
#include "apply/ovsdb-view.h"
#include "apply/ovsdb-bridge.h"
#include "packets.h"
#include "util.h"
#include "vswitch-idl.h"

/* An interface on our bridge. */
struct port_row {
    struct hmap_node node; /* In 'rows', by 'iface'. */
    struct uuid iface;
    struct uuid port; /* Its Port. */
    bool shared;      /* Its Port has other interfaces too. */
    bool seen;        /* In the present walk over the bridge. */
    char *name;       /* Of the interface.  Owned. */
};

static void
register_columns(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *const tracked[] = {
        &ovsrec_bridge_col_name,
        &ovsrec_bridge_col_ports,
        &ovsrec_bridge_col_fail_mode,
        &ovsrec_bridge_col_controller,
        &ovsrec_bridge_col_datapath_type,
        &ovsrec_bridge_col_datapath_id,
        &ovsrec_bridge_col_protocols,
        &ovsrec_bridge_col_external_ids,
        &ovsrec_bridge_col_other_config,
        &ovsrec_port_col_name,
        &ovsrec_port_col_interfaces,
        &ovsrec_interface_col_name,
        &ovsrec_interface_col_type,
        &ovsrec_interface_col_ofport,
        &ovsrec_interface_col_error,
        &ovsrec_interface_col_link_state,
        &ovsrec_interface_col_external_ids,
        &ovsrec_interface_col_mtu_request,
    };
    for (size_t i = 0; i < ARRAY_SIZE(tracked); i++) {
        ovsdb_idl_track_add_column(idl, tracked[i]);
    }
    ovsdb_idl_add_column(idl, &ovsrec_controller_col_target);
    ovsdb_idl_add_column(idl, &ovsrec_open_vswitch_col_cur_cfg);
    /* A bridge that comes or goes is news by its own row; next_cfg is
     * interesting to ovs-vswitchd only. */
    ovsdb_idl_add_column(idl, &ovsrec_open_vswitch_col_bridges);
    ovsdb_idl_omit_alert(idl, &ovsrec_open_vswitch_col_bridges);
    ovsdb_idl_add_column(idl, &ovsrec_open_vswitch_col_next_cfg);
    ovsdb_idl_omit_alert(idl, &ovsrec_open_vswitch_col_next_cfg);
}

void
ovsdb_view_init(struct ovsdb_view *ov, struct ovsdb_idl *idl)
{
    register_columns(idl);
    ov->idl = idl;
    ov->by_name = ovsdb_idl_index_create1(idl, &ovsrec_interface_col_name);
    hmap_init(&ov->rows);
    uuid_zero(&ov->bridge);
}

static void
port_row_destroy(struct ovsdb_view *ov, struct port_row *row)
{
    hmap_remove(&ov->rows, &row->node);
    free(row->name);
    free(row);
}

void
ovsdb_view_uninit(struct ovsdb_view *ov)
{
    struct port_row *row;

    HMAP_FOR_EACH_SAFE (row, node, &ov->rows) {
        port_row_destroy(ov, row);
    }
    hmap_destroy(&ov->rows);
}

static struct port_row *
port_row_find(const struct ovsdb_view *ov, const struct uuid *iface)
{
    struct port_row *row;

    HMAP_FOR_EACH_WITH_HASH (row, node, uuid_hash(iface), &ov->rows) {
        if (uuid_equals(&row->iface, iface)) {
            return row;
        }
    }
    return NULL;
}

bool
ovsdb_view_find(const struct ovsdb_view *ov, const char *name,
                const struct ovsrec_interface **iface,
                const struct ovsrec_port **port, bool *shared)
{
    struct ovsrec_interface *key =
        ovsrec_interface_index_init_row(ov->by_name);
    ovsrec_interface_index_set_name(key, name);
    *iface = ovsrec_interface_index_find(ov->by_name, key);
    ovsrec_interface_index_destroy_row(key);
    if (!*iface) {
        return false;
    }

    const struct port_row *row = port_row_find(ov, &(*iface)->header_.uuid);
    *port = row ? ovsrec_port_get_for_uuid(ov->idl, &row->port) : NULL;
    *shared = row && row->shared;
    return true;
}

static bool
same_string(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

/* Copies 'iface' to the view, which counts it only if something differs. */
static void
copy_interface(const struct ovsrec_interface *iface, bool shared,
               struct view *view)
{
    const struct smap *ids = &iface->external_ids;
    /* A member of somebody's bond is not ours, whatever its marks say. */
    const char *vm = shared ? NULL : smap_get(ids, "vmovs-vm");
    const char *network = shared ? NULL : smap_get(ids, "vmovs-network");
    const char *mac = smap_get_def(ids, "attached-mac", "");
    unsigned int key;
    struct view_port new = {
        .name = xstrdup(iface->name),
        .type = xstrdup(iface->type),
        .ofport = iface->n_ofport && *iface->ofport > 0 ? *iface->ofport : 0,
        .error =
            same_string(iface->error, NULL) ? NULL : xstrdup(iface->error),
        .link_up = same_string(iface->link_state, "up"),
        .iface_id = nullable_xstrdup(smap_get(ids, "iface-id")),
        .inactive = same_string(smap_get(ids, "iface-status"), "inactive"),
        .mark_vm = nullable_xstrdup(vm),
        .mark_nic = nullable_xstrdup(smap_get(ids, "vmovs-nic")),
        .mark_network = nullable_xstrdup(network),
        .bound = nullable_xstrdup(smap_get(ids, "vmovs-bound")),
        .mtu_request = iface->n_mtu_request ? *iface->mtu_request : 0,
        .row = iface->header_.uuid,
    };
    if (!eth_addr_from_string(mac, &new.attached_mac)) {
        new.attached_mac = eth_addr_zero;
    }
    if (str_to_uint(smap_get_def(ids, "vmovs-key", ""), 10, &key)) {
        new.key = key;
    }
    view_set_port(view, &new);
}

/* Enters 'iface' of 'port' as being on our bridge. */
static void
see_interface(struct ovsdb_view *ov, const struct ovsrec_port *port,
              const struct ovsrec_interface *iface, struct view *view,
              struct sset *touched)
{
    struct port_row *row = port_row_find(ov, &iface->header_.uuid);
    if (row && strcmp(row->name, iface->name)) {
        /* Restored from a backup: the same UUID for another interface. */
        view_remove_port(view, row->name);
        sset_add(touched, row->name);
        port_row_destroy(ov, row);
        row = NULL;
    }

    bool new = !row;
    bool shared = port->n_interfaces > 1;
    if (new) {
        row = xzalloc(sizeof *row);
        row->iface = iface->header_.uuid;
        row->name = xstrdup(iface->name);
        hmap_insert(&ov->rows, &row->node, uuid_hash(&row->iface));
    }
    row->seen = true;
    row->port = port->header_.uuid;
    if (new || row->shared != shared) {
        row->shared = shared;
        copy_interface(iface, shared, view);
        sset_add(touched, iface->name);
    }
}

/* Finds out anew which interfaces are on 'bridge' (NULL: none). */
static void
walk_bridge(struct ovsdb_view *ov, const struct ovsrec_bridge *bridge,
            struct view *view, struct sset *touched)
{
    struct port_row *row;

    HMAP_FOR_EACH (row, node, &ov->rows) {
        row->seen = false;
    }
    for (size_t i = 0; bridge && i < bridge->n_ports; i++) {
        const struct ovsrec_port *port = bridge->ports[i];
        for (size_t j = 0; j < port->n_interfaces; j++) {
            /* The local port is neither ours nor a stranger: it is the bridge
             * itself. */
            if (strcmp(port->interfaces[j]->name, bridge->name)) {
                see_interface(ov, port, port->interfaces[j], view, touched);
            }
        }
    }
    HMAP_FOR_EACH_SAFE (row, node, &ov->rows) {
        if (!row->seen) {
            const struct view_port *old = view_find_port(view, row->name);
            /* Unless another row has taken over the name. */
            if (old && uuid_equals(&old->row, &row->iface)) {
                view_remove_port(view, row->name);
            }
            sset_add(touched, row->name);
            port_row_destroy(ov, row);
        }
    }
}

/* Did the set of interfaces on 'bridge' change? */
static bool
set_changed(const struct ovsdb_view *ov, const struct ovsrec_bridge *bridge)
{
    struct uuid now = bridge ? bridge->header_.uuid : UUID_ZERO;
    if (!uuid_equals(&now, &ov->bridge)) {
        return true;
    }
    if (bridge
        && (ovsrec_bridge_is_new(bridge)
            || ovsrec_bridge_is_updated(bridge, OVSREC_BRIDGE_COL_PORTS))) {
        return true;
    }

    const struct ovsrec_port *port;
    OVSREC_PORT_FOR_EACH_TRACKED (port, ov->idl) {
        if (!ovsrec_port_is_deleted(port)
            && (ovsrec_port_is_new(port)
                || ovsrec_port_is_updated(port, OVSREC_PORT_COL_INTERFACES))) {
            return true;
        }
    }
    return false;
}

static void
set_flag(bool *flag, bool value, struct view *view)
{
    if (*flag != value) {
        *flag = value;
        view->seqno++;
    }
}

static void
copy_bridge(const struct ovsrec_bridge *row, struct view *view)
{
    const char *dpid = row ? row->datapath_id : NULL;

    set_flag(&view->ovsdb_ready, true, view);
    set_flag(&view->bridge_exists, row != NULL, view);
    set_flag(&view->bridge_ours, row && bridge_is_ours(row), view);
    set_flag(&view->fail_mode_secure,
             row && same_string(row->fail_mode, "secure"), view);
    set_flag(&view->has_controller, row && row->n_controller, view);
    set_flag(&view->userspace, row && !strcmp(row->datapath_type, "netdev"),
             view);
    if (!same_string(view->datapath_id, dpid)) {
        free(view->datapath_id);
        view->datapath_id = nullable_xstrdup(dpid);
        view->seqno++;
    }
}

void
ovsdb_view_refresh(struct ovsdb_view *ov, const struct ovsrec_bridge *bridge,
                   struct view *view, struct sset *touched)
{
    const struct ovsrec_bridge *ours =
        bridge && bridge_is_ours(bridge) ? bridge : NULL;
    const struct ovsrec_interface *iface;

    copy_bridge(bridge, view);
    if (set_changed(ov, ours)) {
        walk_bridge(ov, ours, view, touched);
        ov->bridge = ours ? ours->header_.uuid : UUID_ZERO;
    }
    OVSREC_INTERFACE_FOR_EACH_TRACKED (iface, ov->idl) {
        sset_add(touched, iface->name);
        if (!ovsrec_interface_is_deleted(iface)) {
            const struct port_row *row =
                port_row_find(ov, &iface->header_.uuid);
            if (row) {
                copy_interface(iface, row->shared, view);
            }
        }
    }
    ovsdb_idl_track_clear(ov->idl);
}
