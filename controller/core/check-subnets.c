/* SPDX-License-Identifier: Apache-2.0
 *
 * check-subnets.c: do subnets overlap each other, or what the host already
 * reaches another way, and are they wide enough?
 *
 * Part of check.h.  Prefixes either nest or do not touch, so one pass over all
 * of them in order, with what is open at each point on a stack, finds every
 * overlap.  Pure. */
#include <config.h>
#include "core/check-parts.h"

#include <stdlib.h>
#include <string.h>

#include "core/prefix.h"
#include "packets.h"
#include "util.h"

/* A prefix that somebody uses. */
struct span {
    struct range range;
    const struct network *network; /* NULL: it is 'route'. */
    const struct host_route *route;
    bool v6;
    bool may_overlap_route; /* In force before the route came, or already
                             * told. */
};

/* Spans that contain the present one, outermost first. */
struct stack {
    struct span **spans; /* Owned; the spans are not. */
    size_t n;
};

static int
compare_spans(const void *a_, const void *b_)
{
    const struct span *a = a_;
    const struct span *b = b_;
    int cmp = in6_compare(&a->range.first, &b->range.first);

    return cmp ? cmp : in6_compare(&b->range.last, &a->range.last);
}

static char *
span_to_string(const struct span *span)
{
    if (span->network) {
        return (span->v6 ? prefix6_to_string(span->network->subnet6)
                         : prefix4_to_string(span->network->subnet));
    }
    return (span->v6 ? prefix6_to_string(span->route->dst6)
                     : prefix4_to_string(span->route->dst4));
}

static void
fault_overlap(const struct span *span, const char *with, struct faults *faults)
{
    char *subnet = span_to_string(span);

    fault_at(faults, span->network->place,
             xasprintf("networks.%s.%s", span->network->name,
                       span->v6 ? "subnet6" : "subnet"),
             xasprintf("%s overlaps %s", subnet, with),
             xstrdup("write another subnet, or \"auto\""));
    free(subnet);
}

static void
fault_networks(const struct span *a, const struct span *b,
               struct faults *faults)
{
    if (place_is_after(a->network->place, b->network->place)) {
        const struct span *tmp = a;
        a = b;
        b = tmp;
    }

    char *subnet = span_to_string(a);
    char *with = xasprintf("%s of network %s", subnet, a->network->name);

    fault_overlap(b, with, faults);
    free(with);
    free(subnet);
}

static void
fault_route(struct span *network, const struct span *route,
            struct faults *faults)
{
    if (network->may_overlap_route) {
        return;
    }
    network->may_overlap_route = true;

    char *dst = span_to_string(route);
    char *with =
        xasprintf("the host's route to %s by %s", dst, route->route->dev);

    fault_overlap(network, with, faults);
    free(with);
    free(dst);
}

/* Is the subnet in force already?  Then a route that has come since is not the
 * config's fault. */
static bool
is_running(const struct model *running, const struct network *network, bool v6)
{
    const struct network *old =
        running ? model_find_network(running, network->name) : NULL;

    if (!old) {
        return false;
    }
    return (v6 ? (old->choice6 == CHOICE_GIVEN
                  && old->subnet6.plen == network->subnet6.plen
                  && !in6_compare(&old->subnet6.addr, &network->subnet6.addr))
               : (old->choice4 == CHOICE_GIVEN
                  && old->subnet.plen == network->subnet.plen
                  && old->subnet.addr == network->subnet.addr));
}

/* Stores all prefixes in use in '*spansp', malloc'd, and returns how many. */
static size_t
collect(const struct model *model, const struct model *running,
        const struct host_facts *facts, struct span **spansp)
{
    struct span *spans =
        xmalloc((2 * model->n_networks + facts->n_routes) * sizeof *spans);
    size_t n = 0;

    for (size_t i = 0; i < model->n_networks; i++) {
        const struct network *network = &model->networks[i];

        if (network->choice4 == CHOICE_GIVEN) {
            spans[n++] = (struct span){
                .range = prefix4_range(network->subnet),
                .network = network,
                .may_overlap_route = is_running(running, network, false),
            };
        }
        if (network->choice6 == CHOICE_GIVEN) {
            spans[n++] = (struct span){
                .range = prefix6_range(network->subnet6),
                .network = network,
                .v6 = true,
                .may_overlap_route = is_running(running, network, true),
            };
        }
    }
    for (size_t i = 0; i < facts->n_routes; i++) {
        const struct host_route *route = &facts->routes[i];

        if (!host_route_is_default(route)) {
            spans[n++] = (struct span){
                .range = (route->v6 ? prefix6_range(route->dst6)
                                    : prefix4_range(route->dst4)),
                .route = route,
                .v6 = route->v6,
            };
        }
    }
    *spansp = spans;
    return n;
}

/* Drops from 'stack' what ends before 'span' begins. */
static void
stack_close(struct stack *stack, const struct span *span)
{
    while (stack->n
           && in6_compare(&stack->spans[stack->n - 1]->range.last,
                          &span->range.first)
                  < 0) {
        stack->n--;
    }
}

void
check_subnets(const struct model *model, const struct model *running,
              const struct host_facts *facts, struct faults *faults)
{
    struct span *spans;
    size_t n = collect(model, running, facts, &spans);
    struct stack networks = { xmalloc(n * sizeof *networks.spans), 0 };
    struct stack routes = { xmalloc(n * sizeof *routes.spans), 0 };

    qsort(spans, n, sizeof *spans, compare_spans);
    for (size_t i = 0; i < n; i++) {
        struct span *span = &spans[i];

        stack_close(&networks, span);
        stack_close(&routes, span);
        if (span->network) {
            if (networks.n) {
                fault_networks(networks.spans[networks.n - 1], span, faults);
            }
            if (routes.n) {
                fault_route(span, routes.spans[routes.n - 1], faults);
            }
            networks.spans[networks.n++] = span;
        } else {
            for (size_t j = 0; j < networks.n; j++) {
                fault_route(networks.spans[j], span, faults);
            }
            routes.spans[routes.n++] = span;
        }
    }
    free(routes.spans);
    free(networks.spans);
    free(spans);
}

/* Adds a fault: 'subnet' has fewer than 'n' addresses; takes over 'remedy'. */
static void
fault_room(const struct network *network, const char *key, const char *subnet,
           uint64_t capacity, size_t n, char *remedy, struct faults *faults)
{
    fault_at(faults, network->place,
             xasprintf("networks.%s.%s", network->name, key),
             xasprintf("%s has %" PRIu64
                       " addresses for NICs, and the network "
                       "has %" PRIuSIZE " NICs",
                       subnet, capacity, n),
             remedy);
}

bool
check_network_room(const struct network *network, size_t n4, size_t n6,
                   struct faults *faults)
{
    uint64_t capacity4 = prefix4_capacity(network->subnet.plen);
    uint64_t capacity6 = prefix6_capacity(network->subnet6.plen);
    bool full4 = network->choice4 == CHOICE_GIVEN && n4 > capacity4;
    bool full6 = network->choice6 == CHOICE_GIVEN && n6 > capacity6;

    if (full4) {
        char *subnet = prefix4_to_string(network->subnet);
        struct prefix4 wider = network->subnet;

        while (wider.plen > 8 && prefix4_capacity(wider.plen) < n4) {
            wider.plen--;
        }
        wider.addr &= be32_prefix_mask(wider.plen);

        char *example = prefix4_to_string(wider);
        fault_room(network, "subnet", subnet, capacity4, n4,
                   xasprintf("write a wider one, such as \"%s\"", example),
                   faults);
        free(example);
        free(subnet);
    }
    if (full6) {
        char *subnet = prefix6_to_string(network->subnet6);

        fault_room(network, "subnet6", subnet, capacity6, n6,
                   xstrdup("write a /64"), faults);
        free(subnet);
    }
    return !full4 && !full6;
}
