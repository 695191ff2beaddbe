/* SPDX-License-Identifier: Apache-2.0
 *
 * compile.h: one object's inputs in, one block out.
 *
 * Each compiler is a pure function of its input struct and of nothing else.
 * The structs are plain bytes, zeroed before they are filled in (padding too),
 * so that plan.c can compare them with memcmp() to tell whether a block is
 * still right.  To give a compiler something new to look at, add a member
 * here and fill it in in plan.c. */
#ifndef VMOVS_CORE_COMPILE_H
#define VMOVS_CORE_COMPILE_H

#include "core/block.h"
#include "core/model.h"

enum {
    NAME_SIZE = 64,             /* A DNS label with its null. */
    NETWORK_MAX_CHUNKS = 64     /* Chunks of port keys a network may own. */
};

struct nic_input {
    char full_name[2 * NAME_SIZE];      /* nic_full_name() */
    char vm[NAME_SIZE];
    char nic[NAME_SIZE];
    char network[NAME_SIZE];
    char owner[NAME_SIZE];      /* User name; "": root. */
    char device[IFNAMSIZ];      /* What we make; "" for DEV_FOREIGN. */
    bool foreign;               /* Somebody else's port is bound to it... */
    char port[IFNAMSIZ];        /* ...of this name; "" if !foreign. */
    uint32_t ofport;            /* 0: not known yet, so no flows. */
    uint32_t key;               /* Port key. */
    uint32_t network_key;
    uint32_t gateway_key;       /* Port key of the network's gateway. */
    struct eth_addr mac;
    bool has4, has6;
    ovs_be32 ip;
    struct in6_addr ip6;
    struct uuid id;
    enum hypervisor hypervisor;
    enum nic_device kind;
    bool userspace;             /* Userspace datapath. */
    bool isolate;               /* The network's. */
    uint32_t mtu;
    char domain[256];           /* The network's; "": no names. */
    bool alone;                 /* Its VM's only NIC. */
    bool stopped;               /* "vmovs stop": as network_input's. */
};

struct network_input {
    char name[NAME_SIZE];
    char device[IFNAMSIZ];      /* Gateway port. */
    uint32_t ofport;            /* Of the gateway port; 0: not known yet. */
    uint32_t key;               /* Network key. */
    uint32_t gateway_key;       /* Port key of the gateway. */
    struct eth_addr mac;        /* Of the gateway. */
    bool has4, has6;
    struct prefix4 gateway4;    /* Gateway's address, subnet's plen. */
    struct prefix6 gateway6;
    bool isolate;
    bool userspace;
    bool dummy;                 /* No device: the datapath is a dummy. */
    uint32_t mtu;
    enum net_mode mode;
    bool stopped;               /* "vmovs stop": port and device stay, and
                                 * there is no flow, name or lease. */
    char domain[256];           /* "vm.internal" */
    uint32_t n_chunks;          /* Chunks of port keys in use, ascending. */
    uint16_t chunks[NETWORK_MAX_CHUNKS];
};

/* Each returns a finished block with one reference.  A NIC or gateway whose
 * ofport is 0 gets its port and device, and no flows, bucket or meter. */
struct block *compile_bridge(void);
struct block *compile_network(const struct network_input *);
struct block *compile_nic(const struct nic_input *);

#endif
