/* SPDX-License-Identifier: Apache-2.0
 *
 * view.c: keeps the view's entries and their indexes.
 *
 * The appliers put in what they see, an entry at a time; binding.c, keys.c and
 * plan.c read.  An entry put in again unchanged does not count as a change, so
 * that a row somebody rewrote with the same values costs nothing further on.
 * Pure. */
#include <config.h>
#include "core/view.h"
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "packets.h"
#include "util.h"

static uint32_t
mac_hash(struct eth_addr mac)
{
    return hash_bytes(&mac, sizeof mac, 0);
}

void
view_init(struct view *view)
{
    memset(view, 0, sizeof *view);
    hmap_init(&view->ports);
    hmap_init(&view->by_iface_id);
    hmap_init(&view->by_mac);
    hmap_init(&view->devices);
}

static void
port_free_strings(const struct view_port *port)
{
    free(port->name);
    free(port->type);
    free(port->error);
    free(port->iface_id);
    free(port->mark_vm);
    free(port->mark_nic);
    free(port->mark_network);
    free(port->bound);
}

void
view_uninit(struct view *view)
{
    struct view_device *device;
    struct view_port *port;

    HMAP_FOR_EACH_POP (port, name_node, &view->ports) {
        port_free_strings(port);
        free(port);
    }
    HMAP_FOR_EACH_POP (device, node, &view->devices) {
        free(device);
    }
    hmap_destroy(&view->ports);
    hmap_destroy(&view->by_iface_id);
    hmap_destroy(&view->by_mac);
    hmap_destroy(&view->devices);
    free(view->datapath_id);
}

/* Ports. */

static struct view_port *
find_port(const struct view *view, const char *name)
{
    struct view_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, name_node, hash_string(name, 0),
                             &view->ports) {
        if (!strcmp(port->name, name)) {
            return port;
        }
    }
    return NULL;
}

const struct view_port *
view_find_port(const struct view *view, const char *name)
{
    return find_port(view, name);
}

static bool
port_equal(const struct view_port *a, const struct view_port *b)
{
    return !strcmp(a->name, b->name) && !strcmp(a->type, b->type)
           && a->ofport == b->ofport
           && nullable_string_is_equal(a->error, b->error)
           && a->link_up == b->link_up
           && nullable_string_is_equal(a->iface_id, b->iface_id)
           && eth_addr_equals(a->attached_mac, b->attached_mac)
           && a->inactive == b->inactive
           && nullable_string_is_equal(a->mark_vm, b->mark_vm)
           && nullable_string_is_equal(a->mark_nic, b->mark_nic)
           && nullable_string_is_equal(a->mark_network, b->mark_network)
           && nullable_string_is_equal(a->bound, b->bound) && a->key == b->key
           && a->mtu_request == b->mtu_request
           && !memcmp(&a->row, &b->row, sizeof a->row);
}

static void
index_port(struct view *view, struct view_port *port)
{
    if (port->iface_id) {
        hmap_insert(&view->by_iface_id, &port->id_node,
                    hash_string(port->iface_id, 0));
    }
    if (!eth_addr_is_zero(port->attached_mac)) {
        hmap_insert(&view->by_mac, &port->mac_node,
                    mac_hash(port->attached_mac));
    }
}

static void
unindex_port(struct view *view, struct view_port *port)
{
    if (port->iface_id) {
        hmap_remove(&view->by_iface_id, &port->id_node);
    }
    if (!eth_addr_is_zero(port->attached_mac)) {
        hmap_remove(&view->by_mac, &port->mac_node);
    }
}

void
view_set_port(struct view *view, const struct view_port *port)
{
    struct view_port *old = find_port(view, port->name);

    if (!old) {
        old = xmalloc(sizeof *old);
        *old = *port;
        hmap_insert(&view->ports, &old->name_node, hash_string(old->name, 0));
    } else if (port_equal(old, port)) {
        port_free_strings(port);
        return;
    } else {
        struct view_port before = *old;

        unindex_port(view, old);
        *old = *port;
        old->name_node = before.name_node;
        port_free_strings(&before);
    }
    index_port(view, old);
    view->seqno++;
}

void
view_remove_port(struct view *view, const char *name)
{
    struct view_port *port = find_port(view, name);

    if (port) {
        unindex_port(view, port);
        hmap_remove(&view->ports, &port->name_node);
        port_free_strings(port);
        free(port);
        view->seqno++;
    }
}

const struct view_port *
view_next_by_iface_id(const struct view *view, const char *iface_id,
                      const struct view_port *prev)
{
    const struct hmap_node *node;

    node = prev ? hmap_next_with_hash(&prev->id_node)
                : hmap_first_with_hash(&view->by_iface_id,
                                       hash_string(iface_id, 0));
    for (; node; node = hmap_next_with_hash(node)) {
        const struct view_port *port;

        port = CONTAINER_OF(node, struct view_port, id_node);
        if (!strcmp(port->iface_id, iface_id)) {
            return port;
        }
    }
    return NULL;
}

const struct view_port *
view_next_by_mac(const struct view *view, struct eth_addr mac,
                 const struct view_port *prev)
{
    const struct hmap_node *node;

    node = prev ? hmap_next_with_hash(&prev->mac_node)
                : hmap_first_with_hash(&view->by_mac, mac_hash(mac));
    for (; node; node = hmap_next_with_hash(node)) {
        const struct view_port *port;

        port = CONTAINER_OF(node, struct view_port, mac_node);
        if (eth_addr_equals(port->attached_mac, mac)) {
            return port;
        }
    }
    return NULL;
}

/* Devices. */

static struct view_device *
find_device(const struct view *view, const char *name)
{
    struct view_device *device;

    HMAP_FOR_EACH_WITH_HASH (device, node, hash_string(name, 0),
                             &view->devices) {
        if (!strcmp(device->name, name)) {
            return device;
        }
    }
    return NULL;
}

const struct view_device *
view_find_device(const struct view *view, const char *name)
{
    return find_device(view, name);
}

static bool
device_equal(const struct view_device *a, const struct view_device *b)
{
    return !strcmp(a->name, b->name) && a->ifindex == b->ifindex
           && !strcmp(a->kind, b->kind) && a->owner == b->owner
           && eth_addr_equals(a->mac, b->mac) && a->mtu == b->mtu
           && a->up == b->up && a->carrier == b->carrier
           && !strcmp(a->peer, b->peer);
}

void
view_set_device(struct view *view, const struct view_device *device)
{
    struct view_device *old = find_device(view, device->name);

    if (!old) {
        old = xmalloc(sizeof *old);
        *old = *device;
        hmap_insert(&view->devices, &old->node, hash_string(old->name, 0));
    } else if (device_equal(old, device)) {
        return;
    } else {
        struct hmap_node node = old->node;

        *old = *device;
        old->node = node;
    }
    view->seqno++;
}

void
view_remove_device(struct view *view, const char *name)
{
    struct view_device *device = find_device(view, name);

    if (device) {
        hmap_remove(&view->devices, &device->node);
        free(device);
        view->seqno++;
    }
}
