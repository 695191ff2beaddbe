/* SPDX-License-Identifier: Apache-2.0
 *
 * prefix.c: arithmetic of addresses and subnets.
 *
 * Below check.c and alloc.c, so that both mean the same by "in the subnet" and
 * "full".  Pure. */
#include <config.h>
#include "core/prefix.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

static struct range
make_range(struct in6_addr addr, unsigned int plen)
{
    struct in6_addr mask = ipv6_create_mask(plen);
    struct range range = { .first = addr, .last = addr };

    for (size_t i = 0; i < sizeof addr.s6_addr; i++) {
        range.first.s6_addr[i] &= mask.s6_addr[i];
        range.last.s6_addr[i] |= ~mask.s6_addr[i];
    }
    return range;
}

struct range
prefix4_range(struct prefix4 prefix)
{
    struct in6_addr mapped;

    in6_addr_set_mapped_ipv4(&mapped, prefix.addr);
    return make_range(mapped, 96 + prefix.plen);
}

struct range
prefix6_range(struct prefix6 prefix)
{
    return make_range(prefix.addr, prefix.plen);
}

int
in6_compare(const struct in6_addr *a, const struct in6_addr *b)
{
    return memcmp(a, b, sizeof *a);
}

bool
range_overlaps(const struct range *a, const struct range *b)
{
    return (in6_compare(&a->first, &b->last) <= 0
            && in6_compare(&b->first, &a->last) <= 0);
}

bool
prefix4_contains(struct prefix4 prefix, ovs_be32 ip)
{
    return !((ip ^ prefix.addr) & be32_prefix_mask(prefix.plen));
}

bool
prefix6_contains(struct prefix6 prefix, const struct in6_addr *ip)
{
    struct range range = prefix6_range(prefix);

    return (in6_compare(ip, &range.first) >= 0
            && in6_compare(ip, &range.last) <= 0);
}

ovs_be32
prefix4_broadcast(struct prefix4 prefix)
{
    return prefix.addr | ~be32_prefix_mask(prefix.plen);
}

uint64_t
prefix4_capacity(unsigned int plen)
{
    return plen > 30 ? 0 : (UINT64_C(1) << (32 - plen)) - 3;
}

/* Wide subnets get addresses that read well, PREFIX::1:XXXX.  In narrow ones
 * everything serves but the gateway's, the one below it, and the highest 128,
 * which RFC 2526 reserves for anycast. */
enum { WIDE_PLEN = 110 };

uint64_t
prefix6_capacity(unsigned int plen)
{
    if (plen <= WIDE_PLEN) {
        return 0x10000;
    }
    return plen > 120 ? 0 : (UINT64_C(1) << (128 - plen)) - 2 - 128;
}

uint32_t
prefix6_first_offset(unsigned int plen)
{
    return plen <= WIDE_PLEN ? 0x10000 : 2;
}

char *
prefix4_to_string(struct prefix4 prefix)
{
    return xasprintf(IP_FMT "/%u", IP_ARGS(prefix.addr), prefix.plen);
}

char *
prefix6_to_string(struct prefix6 prefix)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ipv6_format_addr(&prefix.addr, &s);
    ds_put_format(&s, "/%u", prefix.plen);
    return ds_steal_cstr(&s);
}

char *
ip4_to_string(ovs_be32 ip)
{
    return xasprintf(IP_FMT, IP_ARGS(ip));
}

char *
ip6_to_string(const struct in6_addr *ip)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ipv6_format_addr(ip, &s);
    return ds_steal_cstr(&s);
}

char *
mac_to_string(struct eth_addr mac)
{
    return xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
}
