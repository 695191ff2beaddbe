/* SPDX-License-Identifier: Apache-2.0
 *
 * view.h: what does exist, as a plain value: our bridge, its ports and the
 * host's network devices that matter.
 *
 * apply/ovsdb-view copies changed database rows into it, apply/devices copies
 * netlink's; the compilers only read it.  It is updated one entry at a time,
 * so that a change of one port among ten thousand costs one entry.  Pure. */
#ifndef VMOVS_CORE_VIEW_H
#define VMOVS_CORE_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <net/if.h>
#include "openvswitch/hmap.h"
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"

/* A port of our bridge (with its only interface). */
struct view_port {
    struct hmap_node name_node; /* In view's 'ports', by 'name'. */
    struct hmap_node id_node;   /* In view's 'by_iface_id' if there is an
                                 * 'iface_id'. */
    struct hmap_node mac_node;  /* In view's 'by_mac'; only if attached_mac is
                                 * not zero. */
    char *name;                 /* Interface name.  Owned. */
    char *type;                 /* Interface type, "" for system.  Owned. */
    uint32_t ofport;            /* OpenFlow port number; 0: not known (yet), or
                                 * the device could not be opened. */
    char *error;                /* Interface.error; owned; NULL: none. */
    bool link_up;               /* Interface.link_state is "up". */
    char *iface_id;             /* external_ids:iface-id; owned; or NULL. */
    struct eth_addr attached_mac;   /* external_ids:attached-mac; 0: none. */
    bool inactive;              /* external_ids:iface-status is "inactive". */

    /* Marks of ours; a port without 'mark_vm' and 'mark_network' is somebody
     * else's and is never deleted. */
    char *mark_vm;              /* external_ids:vmovs-vm; owned; or NULL. */
    char *mark_nic;             /* external_ids:vmovs-nic; owned; or NULL. */
    char *mark_network;         /* external_ids:vmovs-network; owned; or NULL.
                                 * With mark_vm NULL: a gateway port. */
    char *bound;                /* external_ids:vmovs-bound, on somebody else's
                                 * port only: full name of the NIC it was
                                 * bound to.  Owned; or NULL. */
    uint32_t key;               /* external_ids:vmovs-key; 0: none. */
    uint32_t mtu_request;       /* 0: none. */
    struct uuid row;            /* Interface row, tells a re-created port. */
};

/* A network device of the host: on our bridge, or with a name as ours. */
struct view_device {
    struct hmap_node node;      /* In view's 'devices', by 'name'. */
    char name[IFNAMSIZ];
    int ifindex;
    char kind[16];              /* "tun", "veth", "openvswitch" or "". */
    uint32_t owner;             /* uid of a tap, UINT32_MAX: none. */
    struct eth_addr mac;
    uint32_t mtu;
    bool up;                    /* IFF_UP. */
    bool carrier;               /* IFF_LOWER_UP: for a tap, somebody has it
                                 * open. */
    char peer[IFNAMSIZ];        /* veth: far end's name if it is in our
                                 * namespace, else "". */
};

struct view {
    /* The switch. */
    bool ovsdb_ready;           /* The database's first snapshot is in. */
    bool bridge_exists;
    bool bridge_ours;           /* external_ids:vmovs-version is set. */
    bool fail_mode_secure;
    bool has_controller;        /* Somebody set Bridge.controller. */
    bool userspace;             /* datapath_type is "netdev". */
    char *datapath_id;          /* Owned; NULL: bridge not up yet. */

    struct hmap ports;          /* struct view_port, through 'name_node'. */
    struct hmap by_iface_id;    /* through 'id_node'; several may share one. */
    struct hmap by_mac;         /* through 'mac_node'; likewise. */
    struct hmap devices;        /* struct view_device, through 'node'. */

    uint64_t seqno;             /* Counts changes. */
};

void view_init(struct view *);
void view_uninit(struct view *);

/* Adds 'port', or replaces the one of its name.  Takes over the strings that
 * 'port' owns; 'port' itself stays the caller's, and its nodes need not be
 * set.  Nothing has changed if the new one is equal to the old. */
void view_set_port(struct view *, const struct view_port *port);
void view_remove_port(struct view *, const char *name);
const struct view_port *view_find_port(const struct view *, const char *name);
/* The next port with this iface-id after 'prev' (NULL: the first), or NULL. */
const struct view_port *view_next_by_iface_id(const struct view *,
                                              const char *iface_id,
                                              const struct view_port *prev);
const struct view_port *view_next_by_mac(const struct view *, struct eth_addr,
                                         const struct view_port *prev);

void view_set_device(struct view *, const struct view_device *);
void view_remove_device(struct view *, const char *name);
const struct view_device *view_find_device(const struct view *, const char *);

#endif
