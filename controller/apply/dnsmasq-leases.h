/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq-leases.h: leases that dnsmasq still holds for guests who are gone.
 *
 * dnsmasq forgets a lease only when its client says so or its time is over,
 * and gives the address to nobody else until then. */
#ifndef VMOVS_APPLY_DNSMASQ_LEASES_H
#define VMOVS_APPLY_DNSMASQ_LEASES_H

#include <stddef.h>
#include "core/block.h"
#include "openvswitch/shash.h"

/* Asks the dnsmasq of 'service' to release each lease in its file that is not
 * in 'wanted' (struct lease_want, by address as text; the MAC counts).  It
 * obeys a moment later.  Returns how many there are.
 *
 * A DUID does not always tell whose it is, so 'gone' has the IPv6 addresses
 * that were another NIC's: the lease found first for one (its DUID is kept
 * there, malloc'd) is released, too. */
size_t leases_release(const char *lease_file, const struct service_want *,
                      const struct shash *wanted, struct shash *gone);
/* Takes them out of the file.  No dnsmasq may use it. */
void leases_prune(const char *lease_file, const struct shash *wanted);

#endif
