/* SPDX-License-Identifier: Apache-2.0
 *
 * service-text.h: what a network's services want, as the text that dnsmasq,
 * nftables and the host's resolver read.
 *
 * Every token comes from a checked model (names are DNS labels) or is made
 * here; no other text of a user's gets into these files, not even into a
 * comment.  Pure. */
#ifndef VMOVS_CORE_SERVICE_TEXT_H
#define VMOVS_CORE_SERVICE_TEXT_H

#include "core/block.h"

/* Where a network's dnsmasq keeps things. */
struct dnsmasq_paths {
    const char *run_dir;        /* "/run/vmovs/dnsmasq/lab": pid file, and
                                 * "dhcp", its NICs' leases, a file a NIC. */
    const char *hosts_dir;      /* "/run/vmovs/hosts": the names of the NICs of
                                 * all networks, a file a NIC. */
    const char *lease_file;     /* "/var/lib/vmovs/lab.leases" */
    const char *user;           /* Whom dnsmasq runs as. */
};

/* A network's whole dnsmasq.conf.  'rebind_ok' are 'n' domains that may
 * resolve to private addresses. */
void dnsmasq_conf(const struct service_want *, const struct dnsmasq_paths *,
                  const char *const *rebind_ok, size_t n, struct ds *);
/* A NIC's line for the directories dhcp-hostsdir and hostsdir. */
void dnsmasq_dhcp_host(const struct lease_want *, struct ds *);
void dnsmasq_hosts(const struct lease_want *, struct ds *);

/* The whole of our nftables table, as one transaction for "nft -f".
 * 'services' are sorted by network. */
void nat_ruleset(const struct service_want *const *services, size_t n,
                 struct ds *);

/* A NIC's lines for the file that libnss_vmovs reads:
 * "ADDRESS FQDN ALIAS...". */
void names_lines(const struct lease_want *, struct ds *);
/* A network's lines at the head of that file, "domain vm.internal" and
 * "subnet 10.77.1.0/24": of no other name or address is there anything in
 * it. */
void names_head(const struct service_want *, struct ds *);

#endif
