/* SPDX-License-Identifier: Apache-2.0
 *
 * model.h: what should exist, as a plain value.
 *
 * A source (the file, later the cluster's database) makes a model; check.h
 * finds its faults; alloc.h fills in what its author left out.  From then on
 * it is const.  Nothing in it points outside it: no JSON, no database row, no
 * socket.
 *
 * All arrays are sorted by name, so that whatever is computed from a model
 * does not depend on the order in the file. */
#ifndef VMOVS_CORE_MODEL_H
#define VMOVS_CORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <net/if.h>
#include <netinet/in.h>
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"
#include "core/fault.h"

struct ds;

/* How a guest is attached; names as in the config and on the command line. */
enum hypervisor {
    HV_KVM,                     /* "kvm", the default. */
    HV_LIBVIRT,
    HV_VIRTUALBOX,
    HV_VMWARE,
    HV_LXC,
    HV_INCUS,
    HV_DOCKER,
    HV_PODMAN,
    HV_NSPAWN,
    HV_NETNS,
    HV_FIRECRACKER,
    HV_CLOUD_HYPERVISOR,
    HV_XEN,
    HV_EXTERNAL,
    HV_N
};

/* "kvm" for HV_KVM, and so on; never NULL. */
const char *hypervisor_name(enum hypervisor);
bool hypervisor_from_name(const char *, enum hypervisor *);

/* What the host has to make for a NIC: pipeline.md, "Ports per hypervisor". */
enum nic_device {
    DEV_TAP,                    /* Persistent tap owned by the VM's owner. */
    DEV_INTERNAL,               /* OVS internal port (userspace datapath). */
    DEV_VETH,                   /* veth; the far end goes to a namespace, or
                                 * to VirtualBox on the kernel datapath. */
    DEV_FOREIGN,                /* The hypervisor adds its own port. */
    DEV_DUMMY                   /* --nic-type=dummy: OVS dummy interface. */
};

/* The device of a NIC of kind 'hv'.  'userspace': the bridge runs on OVS's
 * userspace datapath. */
enum nic_device hypervisor_device(enum hypervisor hv, bool userspace);

enum net_mode { NET_NAT, NET_ROUTED, NET_ISOLATED, NET_BRIDGED };
const char *net_mode_name(enum net_mode);
bool net_mode_from_name(const char *, enum net_mode *);

enum datapath { DATAPATH_AUTO, DATAPATH_KERNEL, DATAPATH_USERSPACE };
const char *datapath_name(enum datapath);   /* "auto" "kernel" "userspace" */
bool datapath_from_name(const char *, enum datapath *);

/* What the author wrote about an address that vmovs can choose. */
enum choice {
    CHOICE_NONE,                /* There is to be none. */
    CHOICE_AUTO,                /* Left out or "auto": alloc.h fills it in and
                                 * the source writes it back. */
    CHOICE_GIVEN                /* Written down, or filled in since. */
};

struct prefix4 {
    ovs_be32 addr;              /* Network address, host bits zero. */
    uint8_t plen;               /* 8 to 30. */
};

struct prefix6 {
    struct in6_addr addr;       /* Host bits zero. */
    uint8_t plen;               /* 48 to 120. */
};

struct network {
    char *name;                 /* DNS label.  Owned. */
    struct place place;         /* Of its key in the config. */

    enum choice choice4;        /* Whether 'subnet' is known. */
    struct prefix4 subnet;      /* IPv4; valid if choice4 is CHOICE_GIVEN. */
    enum choice choice6;
    struct prefix6 subnet6;     /* IPv6; valid if choice6 is CHOICE_GIVEN. */

    enum net_mode mode;
    bool isolate;               /* Guests reach only the gateway port. */
    uint16_t mtu;               /* 0: computed (1500 with one host). */
    char *domain;               /* Owned; NULL: the model's. */
};

struct nic {
    char *name;                 /* "0", "1"...: position when not given; DNS
                                 * label, unique in its VM.  Owned. */
    bool name_given;            /* Written in the config. */
    struct place place;         /* Of its object in the config. */
    char *network;              /* Name of its network.  Owned. */

    enum choice choice_mac;
    struct eth_addr mac;        /* Valid if choice_mac is CHOICE_GIVEN. */
    enum choice choice4;        /* CHOICE_NONE where the network has none. */
    ovs_be32 ip;
    enum choice choice6;
    struct in6_addr ip6;

    struct uuid id;             /* iface-id: never changes.  From the names of
                                 * VM and NIC (RFC 4122 version 5) unless the
                                 * config gives "id". */
    bool id_given;
    char device[IFNAMSIZ];      /* Host-side device; "" for DEV_FOREIGN until
                                 * bound.  See model_device_name(). */
};

struct vm {
    char *name;                 /* DNS label.  Owned. */
    struct place place;
    enum hypervisor hypervisor;
    char *hypervisor_name;      /* What the hypervisor calls it; owned; NULL:
                                 * 'name'. */
    char *owner;                /* User name; owned; NULL: root. */
    char *host;                 /* Owned; NULL: this host. */
    char **groups;              /* Sorted; owned. */
    size_t n_groups;
    struct nic *nics;           /* In the config's order; owned. */
    size_t n_nics;
};

struct model {
    char *bridge;               /* "vmovs0".  Owned. */
    enum datapath datapath;
    char *domain;               /* "vm.internal".  Owned. */
    char **rebind_ok;           /* Domains of the world that may resolve to
                                 * private addresses.  Sorted; owned. */
    size_t n_rebind_ok;
    struct network *networks;   /* Sorted by name; owned. */
    size_t n_networks;
    struct vm *vms;             /* Sorted by name; owned. */
    size_t n_vms;
};

/* An empty model with the defaults of interface.md. */
struct model *model_create(void);
void model_destroy(struct model *);         /* NULL is fine. */
struct model *model_clone(const struct model *);
/* Places do not count. */
bool model_equal(const struct model *, const struct model *);
void model_format(const struct model *, struct ds *);   /* For logs, tests. */

/* Add an object with 'name' and defaults at the array's end; the caller fills
 * it in and at last calls model_sort().  Pointers into the same array from
 * before the call are not valid after it. */
struct network *model_add_network(struct model *, const char *name);
struct vm *model_add_vm(struct model *, const char *name);
struct nic *vm_add_nic(struct vm *, const char *network);

/* Sorts, gives NICs without a name their position, and derives ids and device
 * names.  To be called once after the last add. */
void model_sort(struct model *);

/* Look-ups by name in a sorted model; NULL if absent. */
const struct network *model_find_network(const struct model *, const char *);
const struct vm *model_find_vm(const struct model *, const char *);
const struct nic *vm_find_nic(const struct vm *, const char *);

/* Is 's' a name as interface.md wants it: a DNS label of lower case? */
bool name_is_valid(const char *s);

/* Writes the device name for a NIC: "vm-NAME", for a NIC not named "0"
 * "vm-NAME.NIC"; what does not fit IFNAMSIZ - 1 bytes is shortened and ends in
 * '-' and six hex digits of a hash of the whole. */
void model_device_name(const char *vm, const char *nic, char dev[IFNAMSIZ]);
/* Likewise "vmovs-NET" for a network's gateway port. */
void network_device_name(const char *network, char dev[IFNAMSIZ]);

/* "web1" for NIC "0", "web1.1" for NIC "1": how a NIC is called in messages,
 * in flows' owners and in external_ids:vmovs-nic's neighbour.  malloc'd. */
char *nic_full_name(const struct vm *, const struct nic *);

/* The FQDN "NAME.NETWORK.DOMAIN" of a NIC.  malloc'd. */
char *nic_fqdn(const struct model *, const struct vm *, const struct nic *);

/* The domain of a network's names: its own, or the model's. */
const char *network_domain(const struct model *, const struct network *);

/* The gateway's addresses: the first host address of the subnet; its MAC is
 * the same on every host, 0e:76 and a hash of the network's name; its IPv6
 * link-local address is fe80::1. */
ovs_be32 network_gateway4(const struct network *);
struct in6_addr network_gateway6(const struct network *);
struct eth_addr network_gateway_mac(const struct network *);
/* The MTU guests and devices get, in bytes. */
uint16_t network_mtu(const struct network *);

/* EUI-64 link-local address of 'mac' (RFC 4291, appendix A). */
struct in6_addr eui64_link_local(struct eth_addr mac);

#endif
