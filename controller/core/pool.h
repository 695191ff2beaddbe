/* SPDX-License-Identifier: Apache-2.0
 *
 * pool.h: the subnets that alloc.c chooses from for a network without one.
 *
 * 10.77.X.0/24; where the host reaches all of 10.0.0.0/8 by a route, as with
 * some VPNs, 172.27.X.0/24.  IPv6: fd00:77:X::/64.  X is a hash of the
 * network's name, and 0 is kept for the network "default".  Pure. */
#ifndef VMOVS_CORE_POOL_H
#define VMOVS_CORE_POOL_H

#include "core/check.h"

struct pools;

/* All pools, without what 'model' and the host's routes use already. */
struct pools *pools_create(const struct model *, const struct host_facts *);
void pools_destroy(struct pools *);

/* Takes the subnet that the address is in.  False if that is in no pool or not
 * free. */
bool pools_take4(struct pools *, ovs_be32, struct prefix4 *);
bool pools_take6(struct pools *, const struct in6_addr *, struct prefix6 *);

/* Chooses a subnet for the network 'name'.  False if there is none left. */
bool pools_choose4(struct pools *, const char *name, struct prefix4 *);
bool pools_choose6(struct pools *, const char *name, struct prefix6 *);

#endif
