/* SPDX-License-Identifier: Apache-2.0
 *
 * check.c: checks of the whole model: settings, and each network by itself.
 *
 * Called by the sources between reading and allocation.  Goes on after a
 * fault.  Pure. */
#include <config.h>
#include "core/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/check-parts.h"
#include "core/prefix.h"
#include "openvswitch/shash.h"
#include "packets.h"
#include "util.h"

void
host_facts_init(struct host_facts *facts)
{
    *facts = (struct host_facts){ .routes = NULL };
}

void
host_facts_uninit(struct host_facts *facts)
{
    free(facts->routes);
    host_facts_init(facts);
}

static struct host_route *
add_route(struct host_facts *facts, const char *dev)
{
    size_t n = facts->n_routes;

    if (!n || IS_POW2(n)) {
        facts->routes =
            xrealloc(facts->routes, MAX(1, 2 * n) * sizeof *facts->routes);
    }

    struct host_route *route = &facts->routes[facts->n_routes++];
    *route = (struct host_route){ .v6 = false };
    ovs_strlcpy(route->dev, dev, sizeof route->dev);
    return route;
}

void
host_facts_add4(struct host_facts *facts, struct prefix4 dst, const char *dev)
{
    add_route(facts, dev)->dst4 = dst;
}

void
host_facts_add6(struct host_facts *facts, struct prefix6 dst, const char *dev)
{
    struct host_route *route = add_route(facts, dev);

    route->v6 = true;
    route->dst6 = dst;
}

bool
host_route_is_default(const struct host_route *route)
{
    return (route->v6 ? route->dst6.plen : route->dst4.plen) < 8;
}

void
fault_at(struct faults *faults, struct place place, char *path, char *what,
         char *remedy)
{
    faults_add(faults, place, path, what, remedy);
    free(path);
}

bool
place_is_after(struct place a, struct place b)
{
    return a.line != b.line ? a.line > b.line : a.column > b.column;
}

/* Is 's' a domain that leaves room for NAME.NETWORK. in the 253 bytes of a
 * host name? */
static bool
domain_is_valid(const char *s)
{
    enum { MAX_LEN = 253 - 2 * (63 + 1) };

    if (strlen(s) > MAX_LEN) {
        return false;
    }
    for (;;) {
        size_t n = strcspn(s, ".");
        char label[64];

        if (n >= sizeof label) {
            return false;
        }
        ovs_strlcpy(label, s, n + 1);
        if (!name_is_valid(label)) {
            return false;
        }
        if (!s[n]) {
            return true;
        }
        s += n + 1;
    }
}

static char *
domain_remedy(void)
{
    return xstrdup("write lower-case letters, digits, '-' and dots, at most "
                   "125 bytes in all, such as \"vm.internal\"");
}

/* The kernel refuses less, but then netlink, /proc/sys and Open vSwitch's
 * sockets each have characters of their own that they take differently. */
static bool
bridge_is_valid(const char *s)
{
    static const char *const taken[] = { "all", "default", "lo", "ovs-system",
                                         "ovs-netdev" };
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789_.-");

    if (!n || s[n] || n >= IFNAMSIZ || s[0] == '-' || s[0] == '.') {
        return false;
    }
    for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
        if (!strcmp(s, taken[i])) {
            return false;
        }
    }
    return true;
}

/* Into dnsmasq's files goes nothing that is not a name. */
static void
check_rebind_ok(const struct model *model, struct faults *faults)
{
    struct place nowhere = { 0, 0 };

    for (size_t i = 0; i < model->n_rebind_ok; i++) {
        const char *domain = model->rebind_ok[i];

        if (!domain_is_valid(domain)) {
            fault_at(faults, nowhere, xstrdup("dns.rebind-ok"),
                     xasprintf("\"%s\" is not a domain name", domain),
                     domain_remedy());
        }
    }
}

static void
check_settings(const struct model *model, struct faults *faults)
{
    struct place nowhere = { 0, 0 };

    if (!bridge_is_valid(model->bridge)) {
        fault_at(
            faults, nowhere, xstrdup("bridge"),
            xasprintf("\"%s\" cannot be the name of a bridge", model->bridge),
            xstrdup("write 1 to 15 letters, digits, '_', '.' or '-', "
                    "such as \"vmovs0\""));
    }
    if (!domain_is_valid(model->domain)) {
        fault_at(faults, nowhere, xstrdup("domain"),
                 xasprintf("\"%s\" is not a domain name", model->domain),
                 domain_remedy());
    }
    check_rebind_ok(model, faults);
}

static char *
network_path(const struct network *network, const char *key)
{
    return xasprintf("networks.%s%s", network->name, key);
}

/* Ranges that no subnet may touch: guests' systems treat them as special. */
static const struct {
    struct prefix4 prefix;
    const char *is;
} special4[] = {
    { { CONSTANT_HTONL(0x00000000), 8 }, "means \"this network\"" },
    { { CONSTANT_HTONL(0x7f000000), 8 }, "is loopback" },
    { { CONSTANT_HTONL(0xa9fe0000), 16 }, "is link-local" },
    { { CONSTANT_HTONL(0xe0000000), 4 }, "is multicast" },
    { { CONSTANT_HTONL(0xf0000000), 4 }, "is reserved" },
};

static const struct {
    struct prefix6 prefix;
    const char *is;
} special6[] = {
    { { { .s6_addr = { 0 } }, 8 }, "is reserved" },
    { { { .s6_addr = { 0xfe, 0x80 } }, 10 }, "is link-local" },
    { { { .s6_addr = { 0xff } }, 8 }, "is multicast" },
};

static void
check_subnet4(const struct network *network, struct faults *faults)
{
    struct range range = prefix4_range(network->subnet);

    if (network->subnet.plen < 8 || network->subnet.plen > 30) {
        fault_at(faults, network->place, network_path(network, ".subnet"),
                 xasprintf("a subnet of /%u is too %s", network->subnet.plen,
                           network->subnet.plen < 8 ? "wide" : "small"),
                 xstrdup("write /8 to /30, such as \"10.77.1.0/24\""));
    }
    for (size_t i = 0; i < ARRAY_SIZE(special4); i++) {
        struct range special = prefix4_range(special4[i].prefix);

        if (range_overlaps(&range, &special)) {
            char *subnet = prefix4_to_string(network->subnet);
            char *prefix = prefix4_to_string(special4[i].prefix);

            fault_at(faults, network->place, network_path(network, ".subnet"),
                     xasprintf("%s cannot be a subnet: %s %s", subnet, prefix,
                               special4[i].is),
                     xstrdup("write another, such as \"10.77.1.0/24\", or "
                             "\"auto\""));
            free(prefix);
            free(subnet);
        }
    }
}

static void
check_subnet6(const struct network *network, struct faults *faults)
{
    struct range range = prefix6_range(network->subnet6);

    if (network->subnet6.plen < 48 || network->subnet6.plen > 120) {
        fault_at(faults, network->place, network_path(network, ".subnet6"),
                 xasprintf("a subnet of /%u is too %s", network->subnet6.plen,
                           network->subnet6.plen < 48 ? "wide" : "small"),
                 xstrdup("write /48 to /120, best /64, such as "
                         "\"fd00:77:1::/64\""));
    }
    for (size_t i = 0; i < ARRAY_SIZE(special6); i++) {
        struct range special = prefix6_range(special6[i].prefix);

        if (range_overlaps(&range, &special)) {
            char *subnet = prefix6_to_string(network->subnet6);
            char *prefix = prefix6_to_string(special6[i].prefix);

            fault_at(faults, network->place, network_path(network, ".subnet6"),
                     xasprintf("%s cannot be a subnet: %s %s", subnet, prefix,
                               special6[i].is),
                     xstrdup("write another, such as \"fd00:77:1::/64\", or "
                             "\"auto\""));
            free(prefix);
            free(subnet);
        }
    }
}

static void
check_network(const struct network *network, struct faults *faults)
{
    if (!name_is_valid(network->name)) {
        fault_at(faults, network->place, network_path(network, ""),
                 xasprintf("\"%s\" cannot be a network's name", network->name),
                 xstrdup("write 1 to 63 lower-case letters, digits and '-', "
                         "with no '-' at either end"));
    }
    if (network->mtu && network->mtu < 68) {
        fault_at(faults, network->place, network_path(network, ".mtu"),
                 xasprintf("IPv4 does not work below 68 bytes, and this is %u",
                           network->mtu),
                 xstrdup("write 68 to 65535, or leave it out"));
    } else if (network->mtu && network->mtu < 1280
               && network->choice6 != CHOICE_NONE) {
        fault_at(faults, network->place, network_path(network, ".mtu"),
                 xasprintf("IPv6 does not work below 1280 bytes, and this is "
                           "%u",
                           network->mtu),
                 xstrdup("write 1280 to 65535, or leave out subnet6"));
    }
    if (network->choice4 == CHOICE_GIVEN) {
        check_subnet4(network, faults);
    }
    if (network->choice6 == CHOICE_GIVEN) {
        check_subnet6(network, faults);
    }
    if (network->domain && !domain_is_valid(network->domain)) {
        fault_at(faults, network->place, network_path(network, ".domain"),
                 xasprintf("\"%s\" is not a domain name", network->domain),
                 domain_remedy());
    }
}

/* Adds a fault if 'domain' is the zone of a network: web1's short name in the
 * one, web1.DOMAIN, would be its full name in the other. */
static void
check_domain_is_no_zone(const struct shash *zones, const char *domain,
                        struct place place, const char *path,
                        struct faults *faults)
{
    const struct network *other = shash_find_data(zones, domain);

    if (other) {
        faults_add(faults, place, path,
                   xasprintf("%s is where the names of network %s are, so "
                             "that names would mix",
                             domain, other->name),
                   xstrdup("write another domain"));
    }
}

/* A VM may be called as a network is: NAME.DOMAIN is then the VM, and the
 * network's zone of the same name has no address of its own. */
static void
check_zones(const struct model *model, struct faults *faults)
{
    struct shash zones = SHASH_INITIALIZER(&zones);

    for (size_t i = 0; i < model->n_networks; i++) {
        const struct network *network = &model->networks[i];
        const char *domain = network->domain ? network->domain : model->domain;

        shash_add_nocopy(&zones, xasprintf("%s.%s", network->name, domain),
                         network);
    }
    check_domain_is_no_zone(&zones, model->domain, (struct place){ 0, 0 },
                            "domain", faults);
    for (size_t i = 0; i < model->n_networks; i++) {
        const struct network *network = &model->networks[i];

        if (network->domain) {
            char *path = network_path(network, ".domain");

            check_domain_is_no_zone(&zones, network->domain, network->place,
                                    path, faults);
            free(path);
        }
    }
    shash_destroy(&zones);
}

void
model_check(const struct model *model, const struct model *running,
            const struct host_facts *facts, struct faults *faults)
{
    check_settings(model, faults);
    for (size_t i = 0; i < model->n_networks; i++) {
        const struct network *network = &model->networks[i];

        check_network(network, faults);
        if (i && !strcmp(network->name, network[-1].name)) {
            fault_at(faults, network->place, network_path(network, ""),
                     xstrdup("there are two networks of this name"),
                     xstrdup("rename or remove one"));
        }
    }
    check_zones(model, faults);
    check_subnets(model, running, facts, faults);
    for (size_t i = 0; i < model->n_vms; i++) {
        const struct vm *vm = &model->vms[i];

        check_vm(model, vm, faults);
        if (i && !strcmp(vm->name, vm[-1].name)) {
            fault_at(faults, vm->place, xasprintf("vms.%s", vm->name),
                     xstrdup("there are two VMs of this name"),
                     xstrdup("rename or remove one"));
        }
    }
    check_unique(model, faults);
}
