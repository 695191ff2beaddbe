/* SPDX-License-Identifier: Apache-2.0
 *
 * service-text-dns.c: what dnsmasq and the host's resolver read.
 *
 * A network's dnsmasq serves that network's device and nothing else, gives
 * addresses to the MACs of the model only, and learns no name from a client
 * or from the host's files. */
#include <config.h>

#include "core/service-text.h"

#include <arpa/inet.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

/* How long a lease lasts: a guest asks again after half of it. */
#define LEASE_TIME "1h"

/* Nothing but letters, digits, '-' and '.', so that a name is one token. */
static bool
is_name(const char *s)
{
    return s[0]
           && s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")]
                  == '\0';
}

static void
put_name(struct ds *s, const char *name)
{
    ovs_assert(is_name(name));
    ds_put_cstr(s, name);
}

/* A path or a device: of our own making, so one token too. */
static void
put_path(struct ds *s, const char *key, const char *path, const char *rest)
{
    ovs_assert(!path[strcspn(path, "\n\r,")]);
    ds_put_format(s, "%s=%s%s\n", key, path, rest);
}

/* "vm.internal" of "lab.vm.internal". */
static const char *
zone_domain(const char *zone)
{
    const char *dot = strchr(zone, '.');

    return dot && dot[1] ? dot + 1 : zone;
}

/* Whom it serves, and what it does not learn. */
static void
put_identity(const struct service_want *want,
             const struct dnsmasq_paths *paths, struct ds *s)
{
    put_path(s, "pid-file", paths->run_dir, "/pid");
    put_path(s, "user", paths->user, "");
    put_path(s, "interface", want->device, "");
    ds_put_cstr(s, "except-interface=lo\n"
                   "bind-dynamic\n"
                   "no-hosts\n"
                   "dhcp-ignore-names\n");
    put_path(s, "hostsdir", paths->hosts_dir, "");
    put_path(s, "dhcp-hostsdir", paths->run_dir, "/dhcp");
    put_path(s, "dhcp-leasefile", paths->lease_file, "");
}

/* Names.  Ports of questions to the host's servers stay clear of tunnels' and
 * the database's. */
static void
put_dns(const struct service_want *want, const char *const *rebind_ok,
        size_t n, struct ds *s)
{
    ds_put_cstr(s, "local=/");
    put_name(s, zone_domain(want->zone));
    ds_put_cstr(s, "/\ndomain=");
    put_name(s, want->zone);
    ds_put_cstr(s, "\ndomain-needed\n"
                   "bogus-priv\n"
                   "stop-dns-rebind\n");
    for (size_t i = 0; i < n; i++) {
        ds_put_cstr(s, "rebind-domain-ok=/");
        put_name(s, rebind_ok[i]);
        ds_put_cstr(s, "/\n");
    }
    ds_put_cstr(s, "cache-size=1000\n"
                   "min-port=10000\n");
}

static void
put_search(const struct service_want *want, const char *option, struct ds *s)
{
    const char *domain = zone_domain(want->zone);

    ds_put_format(s, "dhcp-option=%s,", option);
    put_name(s, want->zone);
    if (domain != want->zone) {
        ds_put_char(s, ',');
        put_name(s, domain);
    }
    ds_put_char(s, '\n');
}

static void
put_dhcp4(const struct service_want *want, struct ds *s)
{
    ovs_be32 mask = be32_prefix_mask(want->gateway4.plen);

    ds_put_format(s,
                  "dhcp-range=" IP_FMT ",static," IP_FMT "," LEASE_TIME "\n",
                  IP_ARGS(want->gateway4.addr & mask), IP_ARGS(mask));
    if (want->mode == NET_ISOLATED) {
        /* No way out: a guest's other network has the default route. */
        ds_put_cstr(s, "dhcp-option=option:router\n");
    } else {
        ds_put_format(s, "dhcp-option=option:router," IP_FMT "\n",
                      IP_ARGS(want->gateway4.addr));
    }
    ds_put_format(s, "dhcp-option=option:dns-server," IP_FMT "\n",
                  IP_ARGS(want->gateway4.addr));
    /* Many clients obey it and do not ask for it. */
    ds_put_format(s, "dhcp-option-force=option:mtu,%" PRIu32 "\n", want->mtu);
    put_search(want, "option:domain-search", s);
}

/* A range without "slaac" is announced with M=1 and A=0.  dnsmasq takes no
 * shorter prefix than /64. */
static void
put_dhcp6(const struct service_want *want, struct ds *s)
{
    unsigned int plen = MAX(want->gateway6.plen, 64);
    struct in6_addr mask = ipv6_create_mask(plen);
    struct in6_addr subnet = ipv6_addr_bitand(&want->gateway6.addr, &mask);

    ds_put_cstr(s, "dhcp-range=");
    ipv6_format_addr(&subnet, s);
    ds_put_format(s, ",static,%u," LEASE_TIME "\n", plen);
    ds_put_format(s, "enable-ra\nra-param=%s,mtu:%" PRIu32 ",60,%u\n",
                  want->device, want->mtu,
                  want->mode == NET_ISOLATED ? 0 : 1800);
    ds_put_cstr(s, "dhcp-option=option6:dns-server,[");
    ipv6_format_addr(&want->gateway6.addr, s);
    ds_put_cstr(s, "]\n");
    put_search(want, "option6:domain-search", s);
}

void
dnsmasq_conf(const struct service_want *want,
             const struct dnsmasq_paths *paths, const char *const *rebind_ok,
             size_t n, struct ds *s)
{
    ds_put_cstr(s, "# Written by vmovsd, which takes no change made here.\n");
    put_identity(want, paths, s);
    put_dns(want, rebind_ok, n, s);
    /* Of a guest that comes from elsewhere a renewal is not refused; one that
     * speaks BOOTP would hold its lease for ever. */
    ds_put_cstr(s, "dhcp-authoritative\n"
                   "dhcp-ignore=tag:bootp\n"
                   "dhcp-lease-max=10000\n"
                   "no-ping\n"
                   "quiet-dhcp\n"
                   "quiet-dhcp6\n"
                   "quiet-ra\n");
    if (want->gateway4.plen) {
        put_dhcp4(want, s);
    }
    if (want->gateway6.plen) {
        put_dhcp6(want, s);
    }
}

/* "id:*": by MAC alone, so that a guest's boot loader and its systems have one
 * lease. */
void
dnsmasq_dhcp_host(const struct lease_want *want, struct ds *s)
{
    ds_put_format(s, ETH_ADDR_FMT ",id:*", ETH_ADDR_ARGS(want->mac));
    if (want->ip) {
        ds_put_format(s, "," IP_FMT, IP_ARGS(want->ip));
    }
    if (ipv6_addr_is_set(&want->ip6)) {
        ds_put_cstr(s, ",[");
        ipv6_format_addr(&want->ip6, s);
        ds_put_char(s, ']');
    }
    ds_put_char(s, '\n');
}

static void
put_names(const struct lease_want *want, struct ds *s)
{
    ds_put_char(s, ' ');
    put_name(s, want->fqdn);
    if (want->alias) {
        ds_put_char(s, ' ');
        put_name(s, want->alias);
    }
    ds_put_char(s, '\n');
}

void
names_lines(const struct lease_want *want, struct ds *s)
{
    if (want->ip) {
        ds_put_format(s, IP_FMT, IP_ARGS(want->ip));
        put_names(want, s);
    }
    if (ipv6_addr_is_set(&want->ip6)) {
        ipv6_format_addr(&want->ip6, s);
        put_names(want, s);
    }
}

/* The same form: that of /etc/hosts. */
void
dnsmasq_hosts(const struct lease_want *want, struct ds *s)
{
    names_lines(want, s);
}

void
names_head(const struct service_want *want, struct ds *s)
{
    ds_put_cstr(s, "domain ");
    put_name(s, zone_domain(want->zone));
    ds_put_char(s, '\n');
    if (want->gateway4.plen) {
        ovs_be32 mask = be32_prefix_mask(want->gateway4.plen);

        ds_put_format(s, "subnet " IP_FMT "/%u\n",
                      IP_ARGS(want->gateway4.addr & mask),
                      want->gateway4.plen);
    }
    if (want->gateway6.plen) {
        struct in6_addr mask = ipv6_create_mask(want->gateway6.plen);
        struct in6_addr subnet = ipv6_addr_bitand(&want->gateway6.addr, &mask);

        ds_put_cstr(s, "subnet ");
        ipv6_format_addr(&subnet, s);
        ds_put_format(s, "/%u\n", want->gateway6.plen);
    }
}
