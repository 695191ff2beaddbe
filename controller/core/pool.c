/* SPDX-License-Identifier: Apache-2.0
 *
 * pool.c: subnets of one size, side by side, to choose from.
 *
 * Part of alloc.h.  What is in use is marked once, so that a choice does not
 * walk networks and routes again.  Pure. */
#include <config.h>
#include "core/pool.h"

#include <stdlib.h>
#include <string.h>

#include "core/check-parts.h"
#include "core/names.h"
#include "core/prefix.h"
#include "packets.h"
#include "util.h"

/* One subnet is a slot. */
struct pool {
    struct range range;   /* All of it. */
    size_t byte, n_bytes; /* The bytes of an address that hold its slot's
                           * number. */
    size_t n;             /* Slots. */
    bool *busy;           /* Of each slot.  Owned. */
};

enum { POOL_10, POOL_172, POOL_FD00, N_POOLS };

struct pools {
    struct pool pools[N_POOLS];
};

static void
pool_init(struct pool *pool, struct range range, size_t byte, size_t n_bytes)
{
    *pool = (struct pool){ .range = range, .byte = byte, .n_bytes = n_bytes };
    pool->n = (size_t) 1 << (8 * n_bytes);
    pool->busy = xcalloc(pool->n, sizeof *pool->busy);
}

/* The slot of 'addr', which is in the pool. */
static size_t
pool_slot(const struct pool *pool, const struct in6_addr *addr)
{
    size_t slot = 0;

    for (size_t i = 0; i < pool->n_bytes; i++) {
        slot = slot << 8 | addr->s6_addr[pool->byte + i];
    }
    return slot;
}

/* The first address of 'slot'. */
static struct in6_addr
pool_address(const struct pool *pool, size_t slot)
{
    struct in6_addr addr = pool->range.first;

    for (size_t i = pool->n_bytes; i-- > 0; slot >>= 8) {
        addr.s6_addr[pool->byte + i] = slot;
    }
    return addr;
}

/* Nothing that touches 'range' can be chosen any more. */
static void
pools_mark(struct pools *pools, struct range range)
{
    for (size_t i = 0; i < N_POOLS; i++) {
        struct pool *pool = &pools->pools[i];

        if (range_overlaps(&pool->range, &range)) {
            bool before = in6_compare(&range.first, &pool->range.first) < 0;
            bool beyond = in6_compare(&range.last, &pool->range.last) > 0;
            size_t first = before ? 0 : pool_slot(pool, &range.first);
            size_t last = beyond ? pool->n - 1 : pool_slot(pool, &range.last);

            memset(&pool->busy[first], true, last - first + 1);
        }
    }
}

struct pools *
pools_create(const struct model *model, const struct host_facts *facts)
{
    const struct prefix4 ten = { htonl(0x0a4d0000), 16 };
    const struct prefix4 other = { htonl(0xac1b0000), 16 };
    const struct prefix6 ula = { { .s6_addr = { 0xfd, 0, 0, 0x77 } }, 32 };
    struct pools *pools = xmalloc(sizeof *pools);

    pool_init(&pools->pools[POOL_10], prefix4_range(ten), 14, 1);
    pool_init(&pools->pools[POOL_172], prefix4_range(other), 14, 1);
    pool_init(&pools->pools[POOL_FD00], prefix6_range(ula), 4, 2);

    for (size_t i = 0; i < facts->n_routes; i++) {
        const struct host_route *route = &facts->routes[i];

        if (!host_route_is_default(route)) {
            pools_mark(pools, route->v6 ? prefix6_range(route->dst6)
                                        : prefix4_range(route->dst4));
        }
    }
    for (size_t i = 0; i < model->n_networks; i++) {
        const struct network *network = &model->networks[i];

        if (network->choice4 == CHOICE_GIVEN) {
            pools_mark(pools, prefix4_range(network->subnet));
        }
        if (network->choice6 == CHOICE_GIVEN) {
            pools_mark(pools, prefix6_range(network->subnet6));
        }
    }
    return pools;
}

void
pools_destroy(struct pools *pools)
{
    if (pools) {
        for (size_t i = 0; i < N_POOLS; i++) {
            free(pools->pools[i].busy);
        }
        free(pools);
    }
}

/* Takes 'slot' and stores its first address. */
static void
pool_take(struct pool *pool, size_t slot, struct in6_addr *addr)
{
    pool->busy[slot] = true;
    *addr = pool_address(pool, slot);
}

static bool
pool_take_near(struct pool *pool, const struct in6_addr *near,
               struct in6_addr *addr)
{
    struct range point = { *near, *near };

    if (!range_overlaps(&point, &pool->range)
        || pool->busy[pool_slot(pool, near)]) {
        return false;
    }
    pool_take(pool, pool_slot(pool, near), addr);
    return true;
}

static bool
pool_choose(struct pool *pool, const char *name, struct in6_addr *addr)
{
    size_t n = pool->n - 1; /* All but slot 0. */
    size_t start = name_hash(name) % n;
    size_t slot = 0;

    if (strcmp(name, "default") || pool->busy[0]) {
        for (size_t i = 0; i < n; i++) {
            size_t candidate = 1 + (start + i) % n;

            if (!pool->busy[candidate]) {
                slot = candidate;
                break;
            }
        }
    }
    if (pool->busy[slot]) {
        return false;
    }
    pool_take(pool, slot, addr);
    return true;
}

bool
pools_take4(struct pools *pools, ovs_be32 near, struct prefix4 *subnet)
{
    struct in6_addr near6, addr;

    in6_addr_set_mapped_ipv4(&near6, near);
    if (!pool_take_near(&pools->pools[POOL_10], &near6, &addr)
        && !pool_take_near(&pools->pools[POOL_172], &near6, &addr)) {
        return false;
    }
    *subnet = (struct prefix4){ in6_addr_get_mapped_ipv4(&addr), 24 };
    return true;
}

bool
pools_take6(struct pools *pools, const struct in6_addr *near,
            struct prefix6 *subnet)
{
    subnet->plen = 64;
    return pool_take_near(&pools->pools[POOL_FD00], near, &subnet->addr);
}

bool
pools_choose4(struct pools *pools, const char *name, struct prefix4 *subnet)
{
    struct in6_addr addr;

    if (!pool_choose(&pools->pools[POOL_10], name, &addr)
        && !pool_choose(&pools->pools[POOL_172], name, &addr)) {
        return false;
    }
    *subnet = (struct prefix4){ in6_addr_get_mapped_ipv4(&addr), 24 };
    return true;
}

bool
pools_choose6(struct pools *pools, const char *name, struct prefix6 *subnet)
{
    subnet->plen = 64;
    return pool_choose(&pools->pools[POOL_FD00], name, &subnet->addr);
}
