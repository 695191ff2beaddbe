/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-bridge.c: the bridge's own row.  See ovsdb-bridge.h.
 *
 * Why each setting:
 *
 *   fail_mode=secure      without a flow, a frame goes nowhere
 *   no controller         somebody's controller would own the flow table
 *   disable-in-band=true  or a controller that somebody sets brings hidden
 *                         flows above ours for as long as it is there
 *   hwaddr                or the bridge's MAC, and with it its datapath id,
 *                         follows the ports that come and go, and each change
 *                         of it cuts our OpenFlow session
 *   protocols             if limited at all, then not below OpenFlow 1.5 */
#include <config.h>
#include "apply/ovsdb-bridge.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"
#include "vswitch-idl.h"

VLOG_DEFINE_THIS_MODULE(ovsdb_bridge);

void
bridge_want_init(struct bridge_want *want, const char *name, bool userspace,
                 const char *host, const char *version)
{
    want->name = xstrdup(name);
    want->datapath_type = userspace ? "netdev" : "system";
    smap_init(&want->ids);
    smap_add(&want->ids, "vmovs-version", version);
    smap_add(&want->ids, "vmovs-host", host);

    /* Locally administered, and another one on each host. */
    uint32_t hash = hash_string(host, hash_string(name, 0));
    smap_init(&want->config);
    smap_add_format(&want->config, "hwaddr", "0e:77:%02x:%02x:%02x:%02x",
                    hash >> 24, hash >> 16 & 0xff, hash >> 8 & 0xff,
                    hash & 0xff);
    smap_add(&want->config, "disable-in-band", "true");
}

void
bridge_want_uninit(struct bridge_want *want)
{
    free(want->name);
    smap_destroy(&want->ids);
    smap_destroy(&want->config);
}

const struct ovsrec_bridge *
bridge_find(const struct ovsdb_idl *idl, const char *name)
{
    const struct ovsrec_bridge *row;

    OVSREC_BRIDGE_FOR_EACH (row, idl) {
        if (!strcmp(row->name, name)) {
            return row;
        }
    }
    return NULL;
}

bool
bridge_is_ours(const struct ovsrec_bridge *row)
{
    return smap_get(&row->external_ids, "vmovs-version") != NULL;
}

void
bridge_read(const struct ovsrec_bridge *row, struct bridge_actual *actual)
{
    actual->fail_mode = row->fail_mode;
    actual->datapath_type = row->datapath_type;
    actual->n_controllers = row->n_controller;
    actual->protocols = row->protocols;
    actual->n_protocols = row->n_protocols;
    actual->ids = &row->external_ids;
    actual->config = &row->other_config;
}

static void
diff_map(const struct smap *wanted, const struct smap *actual,
         struct smap *set)
{
    const struct smap_node *node;

    smap_init(set);
    SMAP_FOR_EACH (node, wanted) {
        if (strcmp(smap_get_def(actual, node->key, ""), node->value)) {
            smap_add(set, node->key, node->value);
        }
    }
}

static bool
allows_openflow15(const struct bridge_actual *actual)
{
    for (size_t i = 0; i < actual->n_protocols; i++) {
        if (!strcmp(actual->protocols[i], "OpenFlow15")) {
            return true;
        }
    }
    return !actual->n_protocols;
}

bool
bridge_diff(const struct bridge_want *want, const struct bridge_actual *actual,
            struct bridge_edit *edit)
{
    const char *type =
        actual->datapath_type[0] ? actual->datapath_type : "system";

    edit->fail_mode =
        strcmp(actual->fail_mode ? actual->fail_mode : "", "secure");
    edit->datapath_type = strcmp(type, want->datapath_type);
    edit->del_controllers = actual->n_controllers > 0;
    edit->allow_openflow15 = !allows_openflow15(actual);
    diff_map(&want->ids, actual->ids, &edit->ids);
    diff_map(&want->config, actual->config, &edit->config);
    return edit->fail_mode || edit->datapath_type || edit->del_controllers
           || edit->allow_openflow15 || !smap_is_empty(&edit->ids)
           || !smap_is_empty(&edit->config);
}

void
bridge_edit_uninit(struct bridge_edit *edit)
{
    smap_destroy(&edit->ids);
    smap_destroy(&edit->config);
}

static void
format_map(const char *column, const struct smap *map, struct ds *s)
{
    const struct smap_node **nodes = smap_sort(map);
    for (size_t i = 0; i < smap_count(map); i++) {
        ds_put_format(s, " %s:%s=%s", column, nodes[i]->key, nodes[i]->value);
    }
    free(nodes);
}

void
bridge_edit_format(const struct bridge_edit *edit,
                   const struct bridge_want *want, struct ds *s)
{
    ds_put_format(s, "set bridge %s", want->name);
    if (edit->fail_mode) {
        ds_put_cstr(s, " fail_mode=secure");
    }
    if (edit->datapath_type) {
        ds_put_format(s, " datapath_type=%s", want->datapath_type);
    }
    if (edit->del_controllers) {
        ds_put_cstr(s, " controller=[]");
    }
    if (edit->allow_openflow15) {
        ds_put_cstr(s, " protocols+=OpenFlow15");
    }
    format_map("external_ids", &edit->ids, s);
    format_map("other_config", &edit->config, s);
}

/* Says in the log what somebody else did.  New marks are our own doing. */
static void
log_repair(const struct bridge_edit *edit, const struct bridge_want *want,
           const struct ovsrec_bridge *row)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    bridge_edit_format(edit, want, &s);
    if (edit->fail_mode || edit->datapath_type || edit->del_controllers
        || edit->allow_openflow15 || !smap_is_empty(&edit->config)) {
        VLOG_WARN("bridge %s is not as it must be, repairing it: %s",
                  row->name, ds_cstr(&s));
    } else {
        VLOG_INFO("%s", ds_cstr(&s));
    }
    for (size_t i = 0; i < row->n_controller; i++) {
        VLOG_WARN("bridge %s: somebody set the controller %s, which does away "
                  "with our flows; removing it",
                  row->name, row->controller[i]->target);
    }
    ds_destroy(&s);
}

void
bridge_repair(const struct bridge_edit *edit, const struct bridge_want *want,
              const struct ovsrec_bridge *row)
{
    const struct smap_node *node;

    log_repair(edit, want, row);
    if (edit->fail_mode) {
        ovsrec_bridge_set_fail_mode(row, "secure");
    }
    if (edit->datapath_type) {
        ovsrec_bridge_set_datapath_type(row, want->datapath_type);
    }
    if (edit->del_controllers) {
        ovsrec_bridge_set_controller(row, NULL, 0);
    }
    if (edit->allow_openflow15) {
        ovsrec_bridge_update_protocols_addvalue(row, "OpenFlow15");
    }
    SMAP_FOR_EACH (node, &edit->ids) {
        ovsrec_bridge_update_external_ids_setkey(row, node->key, node->value);
    }
    SMAP_FOR_EACH (node, &edit->config) {
        ovsrec_bridge_update_other_config_setkey(row, node->key, node->value);
    }
}

void
bridge_create(const struct bridge_want *want, struct ovsdb_idl_txn *txn,
              const struct ovsrec_open_vswitch *ovs)
{
    struct ovsrec_interface *iface = ovsrec_interface_insert(txn);
    ovsrec_interface_set_name(iface, want->name);
    ovsrec_interface_set_type(iface, "internal");

    struct ovsrec_port *port = ovsrec_port_insert(txn);
    ovsrec_port_set_name(port, want->name);
    ovsrec_port_set_interfaces(port, &iface, 1);

    struct ovsrec_bridge *row = ovsrec_bridge_insert(txn);
    ovsrec_bridge_set_name(row, want->name);
    ovsrec_bridge_set_fail_mode(row, "secure");
    ovsrec_bridge_set_datapath_type(row, want->datapath_type);
    ovsrec_bridge_set_external_ids(row, &want->ids);
    ovsrec_bridge_set_other_config(row, &want->config);
    ovsrec_bridge_set_ports(row, &port, 1);

    if (ovs) {
        ovsrec_open_vswitch_update_bridges_addvalue(ovs, row);
    } else {
        ovsrec_open_vswitch_set_bridges(ovsrec_open_vswitch_insert(txn), &row,
                                        1);
    }
}
