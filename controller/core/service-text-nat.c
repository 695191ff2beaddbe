/* SPDX-License-Identifier: Apache-2.0
 *
 * service-text-nat.c: the nftables table "inet vmovs" as text.
 *
 * All that comes in by a gateway port is a guest's, so the rules go by the
 * prefix of those ports' names and forbid what no network's set allows: a
 * port that is there before or after its network is in the sets has no way
 * anywhere.  A "drop" here is final, an "accept" is for our table only: others
 * may still refuse the packet. */
#include <config.h>

#include "core/service-text.h"

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

/* One element of a set for a network; nothing if it has none there. */
typedef void element_func(const struct service_want *, struct ds *);

static void
put_nat(const struct service_want *s, struct ds *out)
{
    if (s->mode == NET_NAT) {
        ds_put_format(out, "\"%s\"", s->device);
    }
}

static void
put_routed(const struct service_want *s, struct ds *out)
{
    if (s->mode == NET_ROUTED) {
        ds_put_format(out, "\"%s\"", s->device);
    }
}

static void
put_subnet4(const struct service_want *s, struct ds *out)
{
    const struct prefix4 *p = &s->gateway4;

    if (p->plen) {
        ovs_be32 subnet = p->addr & be32_prefix_mask(p->plen);

        ds_put_format(out, "\"%s\" . " IP_FMT "/%u", s->device,
                      IP_ARGS(subnet), p->plen);
    }
}

static void
put_subnet6(const struct service_want *s, struct ds *out)
{
    const struct prefix6 *p = &s->gateway6;

    if (p->plen) {
        struct in6_addr mask = ipv6_create_mask(p->plen);
        struct in6_addr subnet = ipv6_addr_bitand(&p->addr, &mask);

        ds_put_format(out, "\"%s\" . ", s->device);
        ipv6_format_addr(&subnet, out);
        ds_put_format(out, "/%u", p->plen);
    }
}

static void
put_address4(const struct service_want *s, struct ds *out)
{
    if (s->gateway4.plen) {
        ds_put_format(out, IP_FMT, IP_ARGS(s->gateway4.addr));
    }
}

static void
put_address6(const struct service_want *s, struct ds *out)
{
    if (s->gateway6.plen) {
        ipv6_format_addr(&s->gateway6.addr, out);
    }
}

static void
put_gateway4(const struct service_want *s, struct ds *out)
{
    if (s->gateway4.plen) {
        ds_put_format(out, "\"%s\" . ", s->device);
        put_address4(s, out);
    }
}

static void
put_gateway6(const struct service_want *s, struct ds *out)
{
    if (s->gateway6.plen) {
        ds_put_format(out, "\"%s\" . ", s->device);
        put_address6(s, out);
    }
}

static const struct {
    const char *name;
    const char *type; /* And flags. */
    element_func *put;
} sets[] = {
    { "nat", "type ifname", put_nat },
    { "routed", "type ifname", put_routed },
    { "subnets4", "type ifname . ipv4_addr; flags interval", put_subnet4 },
    { "subnets6", "type ifname . ipv6_addr; flags interval", put_subnet6 },
    { "gateways4", "type ifname . ipv4_addr", put_gateway4 },
    { "gateways6", "type ifname . ipv6_addr", put_gateway6 },
    { "addresses4", "type ipv4_addr", put_address4 },
    { "addresses6", "type ipv6_addr", put_address6 },
};

/* What a guest sends carries an address of its own network, and none of the
 * host's.  The switch sees to that for each NIC; here it is the last line. */
static const char sources[] =
    "\tchain prerouting {\n"
    "\t\ttype filter hook prerouting priority raw; policy accept;\n"
    "\t\tiifname \"vmovs-*\" jump source\n"
    "\t}\n"
    "\n"
    "\tchain source {\n"
    "\t\tip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68"
    " udp dport 67 return\n"
    "\t\tip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit,"
    " mld2-listener-report } return\n"
    "\t\tip saddr @addresses4 counter drop\n"
    "\t\tip6 saddr @addresses6 counter drop\n"
    "\t\tiifname . ip saddr @subnets4 return\n"
    "\t\tiifname . ip6 saddr @subnets6 return\n"
    "\t\tip6 saddr fe80::/64 return\n"
    "\t\tcounter drop\n"
    "\t}\n"
    "\n";

/* Of the host, guests have DHCP, DNS and ping at their own network's gateway,
 * and the answers to what the host asks them: no service of the host's, no
 * tunnel's port, no other network's gateway.  "direction reply": what a guest
 * began before it was forbidden ends.  DNS and DHCP are for guests and for the
 * host itself, so nobody else may ask. */
static const char input[] =
    "\tchain input {\n"
    "\t\ttype filter hook input priority filter; policy accept;\n"
    "\t\tiifname \"vmovs-*\" jump from_guest_to_host\n"
    "\t\tiifname \"lo\" accept\n"
    "\t\tip daddr @addresses4 meta l4proto { tcp, udp } th dport { 53, 67 }"
    " counter drop\n"
    "\t\tip6 daddr @addresses6 meta l4proto { tcp, udp } th dport { 53, 547 }"
    " counter drop\n"
    "\t}\n"
    "\n"
    "\tchain from_guest_to_host {\n"
    "\t\tct state established,related ct direction reply accept\n"
    "\t\tudp sport 68 udp dport 67 ip daddr 255.255.255.255 accept\n"
    "\t\tudp sport 546 udp dport 547 ip6 daddr ff02::1:2 accept\n"
    "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert,"
    " nd-router-solicit } ip6 hoplimit 255 accept\n"
    "\t\tiifname . ip daddr @gateways4 jump service\n"
    "\t\tiifname . ip6 daddr @gateways6 jump service\n"
    "\t\tip6 daddr fe80::/64 jump service\n"
    "\t\tcounter drop\n"
    "\t}\n"
    "\n"
    "\tchain service {\n"
    "\t\tmeta l4proto { tcp, udp } th dport 53 accept\n"
    "\t\tmeta nfproto ipv4 udp sport 68 udp dport 67 accept\n"
    "\t\tmeta nfproto ipv6 udp sport 546 udp dport 547 accept\n"
    "\t\ticmp type echo-request accept\n"
    "\t\ticmpv6 type echo-request accept\n"
    "\t}\n"
    "\n";

/* Networks do not route to each other, nor a network to itself past its
 * policies.  With masquerade a guest's packet carries the host's address,
 * which other hosts' tunnels trust: 4789 and 6081 (VXLAN, Geneve) are no
 * guest's to send to anybody.  169.254.0.0/16 is not to be forwarded (RFC
 * 3927), and is where clouds keep their hosts' secrets.  An invalid packet
 * would leave with the guest's own address, since it is not translated. */
static const char forward[] =
    "\tchain forward {\n"
    "\t\ttype filter hook forward priority filter; policy accept;\n"
    "\t\tiifname \"vmovs-*\" oifname \"vmovs-*\" counter drop\n"
    "\t\tiifname \"vmovs-*\" jump from_guest\n"
    "\t\toifname \"vmovs-*\" jump to_guest\n"
    "\t}\n"
    "\n"
    "\tchain from_guest {\n"
    "\t\tudp dport { 4789, 6081 } counter drop\n"
    "\t\tip daddr 169.254.0.0/16 counter drop\n"
    "\t\ttcp flags syn / syn,rst tcp option maxseg size set rt mtu\n"
    "\t\tiifname @nat ct state != invalid accept\n"
    "\t\tiifname @routed accept\n"
    "\t\tcounter drop\n"
    "\t}\n"
    "\n"
    "\tchain to_guest {\n"
    "\t\ttcp flags syn / syn,rst tcp option maxseg size set rt mtu\n"
    "\t\toifname @nat ct state established,related ct direction reply accept\n"
    "\t\toifname @routed accept\n"
    "\t\tcounter drop\n"
    "\t}\n"
    "\n";

static const char postrouting[] =
    "\tchain postrouting {\n"
    "\t\ttype nat hook postrouting priority srcnat; policy accept;\n"
    "\t\tiifname @nat masquerade\n"
    "\t}\n";

/*     set subnets4 {
 *         type ifname . ipv4_addr; flags interval
 *         elements = {
 *             "vmovs-lab" . 10.77.1.0/24,
 *         }
 *     }
 */
static void
put_set(const struct service_want *const *services, size_t n, size_t set,
        struct ds *out)
{
    struct ds element = DS_EMPTY_INITIALIZER;
    bool any = false;

    ds_put_format(out, "\tset %s {\n\t\t%s\n", sets[set].name, sets[set].type);
    for (size_t i = 0; i < n; i++) {
        ds_clear(&element);
        sets[set].put(services[i], &element);
        if (element.length) {
            ds_put_format(out, "%s\t\t\t%s,\n",
                          any ? "" : "\t\telements = {\n", ds_cstr(&element));
            any = true;
        }
    }
    ds_put_format(out, "%s\t}\n\n", any ? "\t\t}\n" : "");
    ds_destroy(&element);
}

void
nat_ruleset(const struct service_want *const *services, size_t n,
            struct ds *out)
{
    /* Deleting what is not there is an error, adding what is there is not. */
    ds_put_cstr(out, "add table inet vmovs\ndelete table inet vmovs\n");
    if (!n) {
        return;
    }
    ds_put_cstr(out, "table inet vmovs {\n");
    for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
        put_set(services, n, i, out);
    }
    ds_put_cstr(out, sources);
    ds_put_cstr(out, input);
    ds_put_cstr(out, forward);
    ds_put_cstr(out, postrouting);
    ds_put_cstr(out, "}\n");
}
