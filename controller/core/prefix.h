/* SPDX-License-Identifier: Apache-2.0
 *
 * prefix.h: arithmetic of addresses and subnets for checks and allocation.
 * Pure. */
#ifndef VMOVS_CORE_PREFIX_H
#define VMOVS_CORE_PREFIX_H

#include <stdbool.h>
#include <stdint.h>
#include "core/model.h"

/* All addresses of a prefix, both ends included; IPv4 as ::ffff:A.B.C.D, so
 * that both families compare by the bytes. */
struct range {
    struct in6_addr first, last;
};

struct range prefix4_range(struct prefix4);
struct range prefix6_range(struct prefix6);
/* Less than, equal to or greater than 0, as memcmp(). */
int in6_compare(const struct in6_addr *, const struct in6_addr *);
bool range_overlaps(const struct range *, const struct range *);

bool prefix4_contains(struct prefix4, ovs_be32);
bool prefix6_contains(struct prefix6, const struct in6_addr *);
ovs_be32 prefix4_broadcast(struct prefix4);

/* How many addresses of a subnet NICs can have.  IPv4: all but the network's,
 * the broadcast and the gateway's.  IPv6: what alloc.c chooses from. */
uint64_t prefix4_capacity(unsigned int plen);
uint64_t prefix6_capacity(unsigned int plen);

/* As the config writes them; malloc'd. */
char *prefix4_to_string(struct prefix4);
char *prefix6_to_string(struct prefix6);
char *ip4_to_string(ovs_be32);
char *ip6_to_string(const struct in6_addr *);
char *mac_to_string(struct eth_addr);

/* The host part of the first IPv6 address that alloc.c chooses in a subnet of
 * that length. */
uint32_t prefix6_first_offset(unsigned int plen);

#endif
