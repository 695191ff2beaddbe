/* SPDX-License-Identifier: Apache-2.0
 *
 * nat-forward.h: the kernel's forwarding, switched on where a network needs
 * it, and put back.
 *
 *     IPv4  net.ipv4.ip_forward
 *     IPv6  net.ipv6.conf.all.forwarding, without which no device forwards.
 *           It makes a router of every device, and a router hears no router
 *           advertisements: the host would lose its own address and default
 *           route.  accept_ra = 2 means "even so"; each device whose
 *           accept_ra is 1, and "default" for those to come, gets that first.
 *
 * What was there before is kept in a file of the state directory, written
 * before the setting is.  A setting that somebody has changed since is not put
 * back; nor is any after a boot, which has done so itself. */
#ifndef VMOVS_APPLY_NAT_FORWARD_H
#define VMOVS_APPLY_NAT_FORWARD_H

#include <stdbool.h>

struct nat_forward;

struct nat_forward *nat_forward_create(const char *state_dir);  /* Copied. */
void nat_forward_destroy(struct nat_forward *);     /* All stays as it is. */

/* Sees to it that the kernel forwards what is wanted; what is not is put back.
 * Returns NULL or a malloc'd message about what failed. */
char *nat_forward_set(struct nat_forward *, bool ip4, bool ip6);

#endif
