/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-ports.c: desired port against actual port.  See ovsdb-ports.h. */
#include <config.h>
#include "apply/ovsdb-ports.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"
#include "vswitch-idl.h"

/* All we ever write in external_ids.  What of these a port bears and should
 * not is removed; every other key is somebody else's. */
static const char *const own_keys[] = {
    "iface-id",  "attached-mac", "vm-id",         "iface-status", "vmovs-vm",
    "vmovs-nic", "vmovs-key",    "vmovs-network", "vmovs-bound",
};
/* Likewise on a port that somebody else made. */
static const char *const label_keys[] = { "vmovs-key", "vmovs-bound" };

static void
port_edit_init(struct port_edit *edit, enum port_edit_kind kind,
               const char *name)
{
    memset(edit, 0, sizeof *edit);
    edit->kind = kind;
    edit->name = xstrdup(name);
    smap_init(&edit->set);
    sset_init(&edit->unset);
}

void
port_edit_delete(struct port_edit *edit, const char *name)
{
    port_edit_init(edit, PORT_DELETE, name);
}

void
port_edit_uninit(struct port_edit *edit)
{
    free(edit->name);
    smap_destroy(&edit->set);
    sset_destroy(&edit->unset);
}

static void
format_ids(const struct smap *ids, struct ds *s)
{
    const struct smap_node **nodes = smap_sort(ids);
    for (size_t i = 0; i < smap_count(ids); i++) {
        ds_put_format(s, " external_ids:%s=", nodes[i]->key);
        ds_put_printable(s, nodes[i]->value, strlen(nodes[i]->value));
    }
    free(nodes);
}

static void
format_change(const struct port_edit *edit, struct ds *s)
{
    ds_put_format(s, "set interface %s", edit->name);
    if (edit->mtu) {
        ds_put_format(s, " mtu_request=%" PRIu32, edit->mtu);
    }
    format_ids(&edit->set, s);
    if (!sset_is_empty(&edit->unset)) {
        ds_put_format(s, " -- remove interface %s external_ids", edit->name);
        const char **keys = sset_sort(&edit->unset);
        for (size_t i = 0; i < sset_count(&edit->unset); i++) {
            ds_put_format(s, " %s", keys[i]);
        }
        free(keys);
    }
}

void
port_edit_format(const struct port_edit *edit, struct ds *s)
{
    switch (edit->kind) {
    case PORT_ADD:
        ds_put_format(s, "add-port %s", edit->name);
        if (edit->type[0]) {
            ds_put_format(s, " type=%s", edit->type);
        }
        if (edit->mtu) {
            ds_put_format(s, " mtu_request=%" PRIu32, edit->mtu);
        }
        format_ids(&edit->set, s);
        break;
    case PORT_CHANGE:
        format_change(edit, s);
        break;
    case PORT_DELETE:
        ds_put_format(s, "del-port %s", edit->name);
        break;
    }
}

bool
port_is_ours(const struct port_actual *actual)
{
    return !actual->shared
           && (smap_get(actual->ids, "vmovs-vm")
               || smap_get(actual->ids, "vmovs-network"));
}

static void
add_id(struct smap *ids, const char *key, const char *value)
{
    if (value) {
        smap_add(ids, key, value);
    }
}

/* The external_ids that 'want' asks for. */
static void
wanted_ids(const struct port_want *want, const char *owner, struct smap *ids)
{
    smap_init(ids);
    smap_add_format(ids, "vmovs-key", "%" PRIu32, want->key);
    if (want->foreign) {
        smap_add(ids, "vmovs-bound", owner);
        return;
    }
    add_id(ids, "vmovs-vm", want->vm);
    add_id(ids, "vmovs-nic", want->nic);
    add_id(ids, "vmovs-network", want->network);
    add_id(ids, "vm-id", want->vm_id);
    if (want->iface_id) {
        smap_add(ids, "iface-id", want->iface_id);
        smap_add(ids, "iface-status", "active");
    }
    if (!eth_addr_is_zero(want->attached_mac)) {
        smap_add_format(ids, "attached-mac", ETH_ADDR_FMT,
                        ETH_ADDR_ARGS(want->attached_mac));
    }
}

/* Compares external_ids and fills in 'edit->set' and 'edit->unset'.  Of the
 * keys that are not wanted, only those in 'ours' are removed. */
static void
diff_ids(const struct smap *wanted, const struct smap *actual,
         const char *const ours[], size_t n_ours, struct port_edit *edit)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, wanted) {
        if (strcmp(smap_get_def(actual, node->key, ""), node->value)) {
            smap_add(&edit->set, node->key, node->value);
        }
    }
    for (size_t i = 0; i < n_ours; i++) {
        if (smap_get(actual, ours[i]) && !smap_get(wanted, ours[i])) {
            sset_add(&edit->unset, ours[i]);
        }
    }
}

static bool
type_is(const char *type, const char *wanted)
{
    return !strcmp(strcmp(type, "system") ? type : "", wanted);
}

/* Our own port: 'want' is neither NULL nor foreign, 'actual' is ours. */
static void
diff_own(const char *name, const struct port_want *want,
         const struct port_actual *actual, struct port_edit *edit)
{
    if (!type_is(actual->type, want->type)) {
        port_edit_delete(edit, name);
        return;
    }

    struct smap ids;
    wanted_ids(want, NULL, &ids);
    port_edit_init(edit, PORT_CHANGE, name);
    diff_ids(&ids, actual->ids, own_keys, ARRAY_SIZE(own_keys), edit);
    smap_destroy(&ids);
    if (want->mtu && actual->mtu_request != want->mtu) {
        edit->mtu = want->mtu;
    }
}

/* Somebody else's port: only our two labels, which 'want' (may be NULL) says
 * are to be there or not. */
static void
diff_labels(const char *name, const struct port_want *want, const char *owner,
            const struct port_actual *actual, struct port_edit *edit)
{
    struct smap ids;

    smap_init(&ids);
    if (want && want->foreign) {
        smap_destroy(&ids);
        wanted_ids(want, owner, &ids);
    }
    port_edit_init(edit, PORT_CHANGE, name);
    diff_ids(&ids, actual->ids, label_keys, ARRAY_SIZE(label_keys), edit);
    smap_destroy(&ids);
}

bool
port_diff(const char *name, const struct port_want *want, const char *owner,
          const struct port_actual *actual, struct port_edit *edit)
{
    if (!actual) {
        if (!want || want->foreign) {
            return false;
        }
        port_edit_init(edit, PORT_ADD, name);
        ovs_strlcpy(edit->type, want->type, sizeof edit->type);
        edit->mtu = want->mtu;
        smap_destroy(&edit->set);
        wanted_ids(want, owner, &edit->set);
        return true;
    }

    if (!port_is_ours(actual)) {
        diff_labels(name, want, owner, actual, edit);
    } else if (!want || want->foreign) {
        port_edit_delete(edit, name);
    } else {
        diff_own(name, want, actual, edit);
    }
    if (edit->kind == PORT_CHANGE && !edit->mtu && smap_is_empty(&edit->set)
        && sset_is_empty(&edit->unset)) {
        port_edit_uninit(edit);
        return false;
    }
    return true;
}

static void
execute_add(const struct port_edit *edit, struct ovsdb_idl_txn *txn,
            const struct ovsrec_bridge *bridge)
{
    struct ovsrec_interface *iface = ovsrec_interface_insert(txn);
    ovsrec_interface_set_name(iface, edit->name);
    ovsrec_interface_set_type(iface, edit->type);
    ovsrec_interface_set_external_ids(iface, &edit->set);
    if (edit->mtu) {
        int64_t mtu = edit->mtu;
        ovsrec_interface_set_mtu_request(iface, &mtu, 1);
    }

    struct ovsrec_port *port = ovsrec_port_insert(txn);
    ovsrec_port_set_name(port, edit->name);
    ovsrec_port_set_interfaces(port, &iface, 1);
    ovsrec_bridge_update_ports_addvalue(bridge, port);
}

static void
execute_change(const struct port_edit *edit,
               const struct ovsrec_interface *iface)
{
    const struct smap_node *node;
    const char *key;

    SMAP_FOR_EACH (node, &edit->set) {
        ovsrec_interface_update_external_ids_setkey(iface, node->key,
                                                    node->value);
    }
    SSET_FOR_EACH (key, &edit->unset) {
        ovsrec_interface_update_external_ids_delkey(iface, key);
    }
    if (edit->mtu) {
        int64_t mtu = edit->mtu;
        ovsrec_interface_set_mtu_request(iface, &mtu, 1);
    }
}

void
port_edit_execute(const struct port_edit *edit, struct ovsdb_idl_txn *txn,
                  const struct ovsrec_bridge *bridge,
                  const struct ovsrec_port *port,
                  const struct ovsrec_interface *iface)
{
    switch (edit->kind) {
    case PORT_ADD:
        execute_add(edit, txn, bridge);
        break;
    case PORT_CHANGE:
        execute_change(edit, iface);
        break;
    case PORT_DELETE:
        /* Port and Interface are no root tables: the server collects them. */
        ovsrec_bridge_update_ports_delvalue(bridge, port);
        break;
    }
}
