/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-diff.h: what is to be done for one device: wanted and found in, edits
 * out.
 *
 * A device is one link (tap, internal port) or two: of a veth the near end is
 * OVS's, the far end the guest's until it is moved into a namespace.  Pure: it
 * asks nobody and changes nothing. */
#ifndef VMOVS_APPLY_DEV_DIFF_H
#define VMOVS_APPLY_DEV_DIFF_H

#include <stdbool.h>
#include <stdint.h>
#include "apply/dev-netlink.h"
#include "core/block.h"

struct ds;

/* The device's port on our bridge, as the database has it. */
enum dev_port {
    DEV_PORT_UNKNOWN,           /* No snapshot of the database yet. */
    DEV_PORT_ABSENT,
    DEV_PORT_PENDING,           /* ovs-vswitchd has not opened it (yet). */
    DEV_PORT_PRESENT
};

/* What was found. */
struct dev_facts {
    const struct dev_link *near;    /* NULL: no link of that name. */
    const struct dev_link *far;     /* The link called dev_far_name(); or
                                     * NULL. */
    bool near_shielded, far_shielded;
    bool near_offload, far_offload; /* dev_sys_tx_offload(). */
    uint32_t owner;                 /* DEV_TAP: uid of the wanted owner. */
    enum dev_port port;
};

/* In the order in which they are carried out: nothing is up before all else is
 * right. */
enum dev_edit_kind {
    DEV_EDIT_DELETE,
    DEV_EDIT_DOWN,
    DEV_EDIT_CREATE_TAP,
    DEV_EDIT_CREATE_VETH,
    DEV_EDIT_SHIELD,
    DEV_EDIT_UNSHIELD,
    DEV_EDIT_ALIAS,
    DEV_EDIT_OWNER,
    DEV_EDIT_DEAF,              /* dev_link_set_deaf() */
    DEV_EDIT_NO_AUTOADDR,       /* dev_link_set_no_autoaddr() */
    DEV_EDIT_IPV6_OFF,
    DEV_EDIT_IPV6_ON,
    DEV_EDIT_NO_RA,             /* Router advertisements are not for us. */
    DEV_EDIT_MAC,
    DEV_EDIT_MTU,
    DEV_EDIT_TX_OFF,
    DEV_EDIT_DELETE_ADDR,
    DEV_EDIT_ADD_ADDR,
    DEV_EDIT_UP
};

struct dev_edit {
    enum dev_edit_kind kind;
    bool far;                   /* Of the far end. */
    struct eth_addr mac;        /* DEV_EDIT_MAC */
    struct dev_addr addr;       /* DEV_EDIT_ADD_ADDR, DEV_EDIT_DELETE_ADDR */
};

/* More than one device ever needs at once, but for foreign addresses of
 * which what does not fit is left for another round. */
enum { DEV_MAX_EDITS = 32 };

struct dev_diff {
    struct dev_edit edits[DEV_MAX_EDITS];
    size_t n;
    bool waiting;               /* Something is missing that others do. */
    char *what, *remedy;        /* Why nothing can be done; the caller's.
                                 * NULL: nothing stands in the way. */
};

/* 'want' NULL: nobody wants the device 'name'; it goes if it is ours and its
 * port is gone. */
void dev_diff_init(struct dev_diff *, const char *name,
                   const struct device_want *want, const struct dev_facts *);

/* "set MAC", "create tap"... */
const char *dev_edit_name(enum dev_edit_kind);
/* "vm-web1: set MAC fe:54:00:00:00:01". */
void dev_edit_format(const struct dev_edit *, const char *name, struct ds *);

/* Name of the far end of the veth "vm-...": "vp-...".  Empty for a device that
 * is not named so, which has no far end. */
void dev_far_name(const char *name, char far[IFNAMSIZ]);

/* The MAC for the near end of a NIC's device, and with 'far' for a far end
 * that the hypervisor bridges to: the guest's with another first byte, since
 * hypervisors and OVS must not take the device for the guest. */
struct eth_addr dev_host_mac(struct eth_addr guest, bool far);

#endif
