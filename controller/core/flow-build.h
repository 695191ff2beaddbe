/* SPDX-License-Identifier: Apache-2.0
 *
 * flow-build.h: writes one flow after the other into a block, so that the
 * compilers read like a list of flows.
 *
 *     fb_begin(&fb, T_CLASSIFY, 100);          table=0, priority=100
 *     match_set_in_port(&fb.match, port);      in_port=3
 *     fb_set(&fb, R_INPORT, key);              actions=set_field:64->reg14
 *     fb_next(&fb, T_GUARD_L2);                goto_table:1, and it is done
 *
 * Each fb_begin() needs one of fb_next(), fb_drop() and fb_end() to end it.
 * Pure; only the compilers of core/ use it. */
#ifndef VMOVS_CORE_FLOW_BUILD_H
#define VMOVS_CORE_FLOW_BUILD_H

#include "core/block.h"
#include "core/pipeline.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"

/* Priorities, the same in every table.  Within one table, flows of the same
 * priority never overlap. */
enum {
    PRIO_MISS = 0,
    PRIO_OTHERS = 1,            /* What of a sender nothing else took. */
    PRIO_ALLOW = 100,           /* The ordinary. */
    PRIO_SPECIAL = 200,         /* What goes before it. */
    PRIO_DENY = 300,            /* What nobody may do... */
    PRIO_GATEWAY = 400          /* ...but the gateway. */
};

/* Ports of DHCP (RFC 2131, RFC 8415). */
enum {
    PORT_DHCP_SERVER = 67,
    PORT_DHCP_CLIENT = 68,
    PORT_DHCP6_CLIENT = 546,
    PORT_DHCP6_SERVER = 547
};

/* Value of R_STEP: what T_OWNED asks of the frame when the claim is proven.
 * Hop limits are looked at there, not in GUARD_L3, so that they are not in the
 * datapath flows of ordinary traffic. */
enum {
    STEP_PASS = 0,              /* Nothing. */
    STEP_NEIGHBOUR = 1,         /* Hop limit 255. */
    STEP_ADVERT = 2,            /* Hop limit 255; then claim ipv6_src. */
    STEP_ANONYMOUS = 0x10,      /* Bit: the claim may be "::". */
    STEP_ROUTER = STEP_ANONYMOUS | 1,   /* Hop limit 255. */
    STEP_MULTICAST = STEP_ANONYMOUS | 2 /* Hop limit 1. */
};

struct flow_build {
    struct block *block;        /* Where flows go.  Not owned. */
    struct match match;         /* Of the flow being written. */
    struct ofpbuf ofpacts;      /* Its actions.  Owned. */
    enum table_id table;
    uint16_t priority;
};

void fb_init(struct flow_build *, struct block *);
void fb_uninit(struct flow_build *);

/* Starts a flow that matches everything and does nothing. */
void fb_begin(struct flow_build *, enum table_id, uint16_t priority);

/* Ends the flow. */
void fb_next(struct flow_build *, enum table_id to);    /* On to table 'to'. */
void fb_drop(struct flow_build *, enum drop_reason);
void fb_end(struct flow_build *);                       /* As it is. */

/* Matches beyond match.h's. */
void fb_match_network(struct flow_build *, uint32_t network_key);
void fb_match_sender(struct flow_build *, uint32_t port_key);
void fb_match_receiver(struct flow_build *, uint32_t port_key);
void fb_match_step(struct flow_build *, uint32_t step, uint32_t mask);
void fb_match_claim(struct flow_build *, const struct in6_addr *,
                    unsigned int plen);
void fb_match_arp(struct flow_build *, uint8_t op);     /* 0: any. */
void fb_match_udp(struct flow_build *, uint16_t dl_type, uint16_t tp_dst);
/* ICMPv6 of that type, in no fragment. */
void fb_match_icmp6(struct flow_build *, uint8_t type);
/* A neighbour solicitation (135) or advertisement (136), code 0. */
void fb_match_nd(struct flow_build *, uint8_t type);

/* Actions. */
void fb_set(struct flow_build *, enum mf_field_id, uint64_t value);
void fb_set_mac(struct flow_build *, enum mf_field_id, struct eth_addr);
void fb_set_ip6(struct flow_build *, enum mf_field_id,
                const struct in6_addr *);
void fb_move(struct flow_build *, enum mf_field_id src, enum mf_field_id dst);
void fb_output(struct flow_build *, uint32_t ofport);
void fb_output_in_port(struct flow_build *);
void fb_group(struct flow_build *, uint32_t group_id);
void fb_meter(struct flow_build *, uint32_t meter_id);

/* Several actions with one intent, which end the flow. */

/* The sender of the frame speaks for the IPv6 address in 'from': lets T_OWNER
 * find out whether it may. */
void fb_claim(struct flow_build *, enum mf_field_id from, uint32_t step);

/* Turns the ARP request at hand into the answer "'ip' is at 'mac'" and sends
 * it back. */
void fb_answer_arp(struct flow_build *, ovs_be32 ip, struct eth_addr mac);
/* Turns the neighbour solicitation at hand into the advertisement "'ip' is at
 * 'mac'", by way of T_ND_REPLY.  'router' is the advertisement's R flag. */
void fb_answer_nd(struct flow_build *, const struct in6_addr *ip,
                  struct eth_addr mac, bool router);

#endif
