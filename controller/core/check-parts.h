/* SPDX-License-Identifier: Apache-2.0
 *
 * check-parts.h: what the files behind check.h and alloc.h share.
 *
 * check.c looks at settings and each network by itself, check-subnets.c at
 * subnets against each other and the host's routes, check-vms.c at each VM and
 * NIC by itself, check-unique.c at NICs against each other. */
#ifndef VMOVS_CORE_CHECK_PARTS_H
#define VMOVS_CORE_CHECK_PARTS_H

#include "core/check.h"

/* faults_add(), but takes over 'path' too. */
void fault_at(struct faults *, struct place, char *path, char *what,
              char *remedy);

/* Does 'a' stand behind 'b' in the config?  Of two objects that do not go
 * together, the later one is at fault: it is likely what was changed. */
bool place_is_after(struct place a, struct place b);

/* Does this route cover so much that it is a default route, whole or in parts
 * (VPNs like 0.0.0.0/1 and 128.0.0.0/1)?  Such routes do not count. */
bool host_route_is_default(const struct host_route *);

void check_subnets(const struct model *, const struct model *running,
                   const struct host_facts *, struct faults *);
void check_vm(const struct model *, const struct vm *, struct faults *);
void check_unique(const struct model *, struct faults *);

/* Adds a fault for each given address of the NIC at 'index' of 'vm' that the
 * known subnets of its network do not allow. */
void check_nic_addresses(const struct vm *vm, size_t index,
                         const struct network *, struct faults *);

/* Have the network's known subnets room for 'n4' NICs with an IPv4 address and
 * 'n6' with an IPv6 address, given ones included?  If not, adds a fault. */
bool check_network_room(const struct network *, size_t n4, size_t n6,
                        struct faults *);

/* "vms.VM.nics[INDEX]KEY", malloc'd. */
char *nic_path(const struct vm *, size_t index, const char *key);

#endif
