/* SPDX-License-Identifier: Apache-2.0
 *
 * block.h: what one object of the model wants on this host.
 *
 * A block is the compiled form of one NIC, one network, or of the bridge as
 * such: its flows, group buckets, meters, its port and its device.  It is
 * immutable once finished, reference-counted (plan and appliers share it) and
 * a pure function of the bytes in 'input', which is what makes memoising it
 * safe (architecture.md, invariant 4).
 *
 * A flow key (table, priority, match) belongs to one block. */
#ifndef VMOVS_CORE_BLOCK_H
#define VMOVS_CORE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <net/if.h>
#include "openvswitch/hmap.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"
#include "core/model.h"

struct ds;

/* One OpenFlow flow. */
struct flow_rule {
    uint8_t table;
    uint16_t priority;
    uint64_t cookie;            /* cookie_make() of pipeline.h. */
    struct minimatch match;     /* Owned. */
    struct ofpact *ofpacts;     /* Owned. */
    size_t ofpacts_len;
    uint32_t hash;              /* Of (table, priority, match). */
};

/* For rules that are not a block's (what a switch is found to hold, say):
 * 'match' and 'ofpacts' are copied, 'hash' is computed. */
void flow_rule_init(struct flow_rule *, uint8_t table, uint16_t priority,
                    uint64_t cookie, const struct match *match,
                    const struct ofpact *ofpacts, size_t ofpacts_len);
void flow_rule_uninit(struct flow_rule *);

/* Same key: table, priority, match. */
bool flow_rule_key_equal(const struct flow_rule *, const struct flow_rule *);
/* Same cookie and actions. */
bool flow_rule_body_equal(const struct flow_rule *, const struct flow_rule *);
/* As "ovs-ofctl --no-stats dump-flows" prints it, which leaves out table 0:
 * "cookie=0x766d..., table=1, priority=100,reg14=0x40 actions=...". */
void flow_rule_format(const struct flow_rule *, struct ds *);

/* An OpenFlow group of type 'all': one chunk of a broadcast tree. */
struct group_want {
    uint32_t id;
};

/* A bucket in a group that some block declares. */
struct bucket_want {
    uint32_t group_id;
    uint32_t bucket_id;         /* The port key: unique in the group. */
    struct ofpact *ofpacts;     /* Owned. */
    size_t ofpacts_len;
};

/* A meter that drops above 'rate' packets a second. */
struct meter_want {
    uint32_t id;                /* From 1. */
    uint32_t rate;              /* packets/s */
    uint32_t burst;             /* packets */
};

/* The port on the bridge.  Its external_ids are all of interface.md's, and
 * "vmovs-key". */
struct port_want {
    char name[IFNAMSIZ];
    char type[12];              /* "" (system), "internal" or "dummy". */
    bool foreign;               /* Somebody else's port: never created, changed
                                 * or deleted by us, but for two labels of
                                 * ours, "vmovs-key" and "vmovs-bound" (the
                                 * NIC's full name), which go again when the
                                 * binding ends. */
    char *iface_id;             /* Owned; NULL for a gateway port. */
    struct eth_addr attached_mac;
    char *vm_id;                /* The VM's name.  Owned; or NULL. */
    char *vm, *nic, *network;   /* vmovs-vm, vmovs-nic, vmovs-network.  Owned;
                                 * 'vm' and 'nic' NULL for a gateway port. */
    uint32_t key;               /* vmovs-key */
    uint32_t mtu;               /* mtu_request of an internal port, bytes. */
};

/* The device in the host's kernel. */
struct device_want {
    enum nic_device kind;       /* DEV_INTERNAL also for a gateway port. */
    char name[IFNAMSIZ];
    char *owner;                /* DEV_TAP: user name of the owner.  Owned. */
    bool gateway;               /* Carries 'mac' and the addresses below; all
                                 * others carry none and are shielded from the
                                 * host's own stack. */
    struct eth_addr mac;        /* Gateway: the device's; veth: the far end's,
                                 * that is, the guest's. */
    uint32_t mtu;
    bool userspace;             /* Userspace datapath: veths with tx off. */
    bool far_tx_off;            /* veth: switch checksum offload off at the
                                 * guest's end (userspace datapath). */
    bool near_tx_off;           /* veth: likewise at OVS's end (VirtualBox,
                                 * VMware on the kernel datapath). */
    struct prefix4 ip4;         /* Gateway address with the subnet's plen;
                                 * plen 0: none. */
    struct prefix6 ip6;         /* Likewise (not masked to the prefix). */
};

/* What dnsmasq and NAT have to know of a network. */
struct service_want {
    char *network;              /* Its name.  Owned. */
    char device[IFNAMSIZ];      /* Gateway port. */
    char *zone;                 /* "lab.vm.internal".  Owned. */
    enum net_mode mode;
    struct prefix4 gateway4;    /* Gateway's address, subnet's plen; plen 0:
                                 * none. */
    struct prefix6 gateway6;    /* Likewise. */
    uint32_t mtu;               /* For guests, bytes. */
};

/* The address and the names of a NIC. */
struct lease_want {
    char *network;              /* Name of its network.  Owned. */
    char *host;                 /* Full name of the NIC, "web1" or "web1.1". */
    char *fqdn;                 /* "web1.lab.vm.internal".  Owned. */
    char *alias;                /* "web1.vm.internal", for a VM with one NIC;
                                 * owned; or NULL. */
    struct eth_addr mac;
    ovs_be32 ip;                /* 0: none. */
    struct in6_addr ip6;        /* "::": none. */
};

enum block_kind {
    BLOCK_BRIDGE,               /* Flows no object owns: table defaults... */
    BLOCK_NETWORK,              /* A network with its gateway port. */
    BLOCK_NIC
};

struct block {
    struct hmap_node node;      /* In struct plan's 'blocks', by 'name'. */
    struct hmap_node key_node;  /* In struct plan's 'by_key', by 'kind' and
                                 * 'key'. */
    unsigned int refs;
    enum block_kind kind;
    char *name;                 /* "bridge", "network lab", "nic web1" or
                                 * "nic web1.1": names the object in messages.
                                 * Owned. */
    uint32_t key;               /* Port key or network key; 0: bridge. */
    struct ofpbuf input;        /* All it was computed from. */
    bool seen;                  /* plan_compute()'s mark of this turn. */

    struct flow_rule *flows;    /* Owned. */
    size_t n_flows, allocated_flows;
    struct group_want *groups;  /* Owned. */
    size_t n_groups, allocated_groups;
    struct bucket_want *buckets;    /* Owned. */
    size_t n_buckets, allocated_buckets;
    struct meter_want *meters;  /* Owned. */
    size_t n_meters, allocated_meters;
    struct port_want *port;     /* Owned; NULL: none. */
    struct device_want *device; /* Owned; NULL: none. */
    struct service_want *service;   /* Of a network.  Owned; NULL: none. */
    struct lease_want *lease;       /* Of a NIC.  Owned; NULL: none. */
};

/* 'name' is copied.  The new block is empty and has one reference. */
struct block *block_create(enum block_kind, const char *name, uint32_t key);
struct block *block_ref(struct block *);
void block_unref(struct block *);       /* NULL is fine. */

/* Building, before the block is shared.  'match' and 'ofpacts' are copied. */
void block_add_flow(struct block *, uint8_t table, uint16_t priority,
                    uint64_t cookie, const struct match *match,
                    const struct ofpbuf *ofpacts);
void block_add_group(struct block *, uint32_t id);
void block_add_bucket(struct block *, uint32_t group_id, uint32_t bucket_id,
                      const struct ofpbuf *ofpacts);
void block_add_meter(struct block *, uint32_t id, uint32_t rate,
                     uint32_t burst);

/* Everything it wants, sorted, in the words ovs-ofctl and ovs-vsctl use. */
void block_format(const struct block *, struct ds *);

/* A block that changed since the last turn. */
struct block_change {
    struct block *old;          /* NULL: new object.  Holds a reference. */
    struct block *new;          /* NULL: object is gone.  Holds a reference. */
};

struct block_changes {
    struct block_change *list;  /* Owned. */
    size_t n, allocated;
};

void block_changes_init(struct block_changes *);
void block_changes_clear(struct block_changes *);   /* Drops references. */
void block_changes_uninit(struct block_changes *);

#endif
