/* SPDX-License-Identifier: Apache-2.0
 *
 * pipeline.h: the tables, registers and cookies of the flow pipeline, as data.
 *
 * Everything a compiler or a reader of flows has to know about numbers is
 * here and in pipeline.c, and docs/PIPELINE.md is checked against it.  A goto
 * or resubmit that 'next' does not allow is a bug and asserts. */
#ifndef VMOVS_CORE_PIPELINE_H
#define VMOVS_CORE_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/meta-flow.h"

struct ofpbuf;

enum table_id {
    T_CLASSIFY,                 /* 0: in_port -> network key, port key. */
    T_GUARD_L2,                 /* 1: source MAC is the NIC's own. */
    T_GUARD_L3,                 /* 2: which kinds of frames a NIC may send. */
    T_TRACK,                    /* 3: conntrack (passes through for now). */
    T_POLICY_OUT,               /* 4: what the sender may start. */
    T_ANSWER,                   /* 5: ARP, ND, DHCP. */
    T_FORWARD,                  /* 6: destination MAC -> port key. */
    T_POLICY_IN,                /* 7: what the receiver accepts. */
    T_DELIVER,                  /* 8: port key -> output. */
    T_OWNER,                    /* 9: subroutine of GUARD_L3: is the IPv6
                                 * address in R_CLAIM this NIC's to use? */
    T_OWNED,                    /* 10: one claim proven; check the next. */
    T_ND_REPLY,                 /* 11: subroutine of ANSWER: finish an NA. */
    N_TABLES
};

struct table {
    const char *name;           /* "CLASSIFY" */
    const char *does;           /* A clause for PIPELINE.md. */
    uint16_t next;              /* Bit I: may go on to table I. */
    const char *miss;           /* What happens by default. */
};
extern const struct table tables[N_TABLES];

/* Registers.  metadata holds the network key. */
#define R_INPORT  MFF_REG14     /* Port key of the sender. */
#define R_OUTPORT MFF_REG15     /* Port key of the receiver. */
#define R_CLAIM   MFF_XXREG0    /* IPv6 address that a frame speaks for. */
#define R_STEP    MFF_REG7      /* What T_OWNED has to check next. */

/* Cookie: 16 bits prefix, 8 bits kind, 8 bits reason, 32 bits key of the
 * object (port or network key). */
#define COOKIE_PREFIX UINT64_C(0x766d)              /* "vm" */
#define COOKIE_MASK   UINT64_C(0xffff000000000000)

enum cookie_kind { COOKIE_BRIDGE, COOKIE_NETWORK, COOKIE_NIC };

/* Why a flow drops; DROP_NONE for a flow that does not. */
enum drop_reason {
    DROP_NONE,
    DROP_UNKNOWN_PORT,          /* From a port that no NIC is bound to. */
    DROP_VLAN,                  /* VLAN header from an access port. */
    DROP_CONTROL,               /* 01:80:c2:*: STP, LLDP, LACP, pause... */
    DROP_SPOOFED_MAC,           /* Source MAC is not the NIC's. */
    DROP_NOT_ALLOWED,           /* A kind, or an address, not in the list. */
    DROP_SPOOFED_IP6,           /* An IPv6 address of somebody else's. */
    DROP_DHCP_SERVER,           /* A guest answering DHCP. */
    DROP_UNKNOWN_DST,           /* Unicast to a MAC nobody has. */
    DROP_NO_PORT,               /* The receiver has no port. */
    N_DROP_REASONS
};
/* "spoofed-mac" and so on. */
const char *drop_reason_name(enum drop_reason);

uint64_t cookie_make(enum cookie_kind, enum drop_reason, uint32_t key);
bool cookie_is_ours(uint64_t);
enum cookie_kind cookie_kind(uint64_t);
enum drop_reason cookie_reason(uint64_t);
uint32_t cookie_key(uint64_t);

/* Group of broadcast tree 'local' for a chunk of port keys. */
uint32_t group_local(uint16_t chunk);

/* Appends to 'ofpacts' the step from table 'from' to table 'to' (goto where
 * 'to' is higher, else resubmit); asserts that tables[from].next allows it. */
void pipeline_next(struct ofpbuf *ofpacts, enum table_id from,
                   enum table_id to);

#endif
