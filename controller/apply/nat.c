/* SPDX-License-Identifier: Apache-2.0
 *
 * nat.c: keeps the table "inet vmovs" and forwarding as the networks want.
 *
 * There is no diff: the table is small (sets with an element a network), and
 * to replace it whole is one transaction that interrupts no connection, since
 * conntrack is not in it.  So whatever somebody did to it is mended by doing
 * it again.  That is done at the start, too. */
#include <config.h>
#include "apply/nat.h"
#include <string.h>
#include <nftables/libnftables.h>
#include "apply/nat-foreign.h"
#include "apply/nat-forward.h"
#include "apply/nat-watch.h"
#include "core/service-text.h"
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nat);

COVERAGE_DEFINE(nat_replaced);
COVERAGE_DEFINE(nat_repaired);

enum {
    RETRY_MS = 2000,  /* Between tries of what failed. */
    REPAIR_MS = 200,  /* Between repairs. */
    FOREIGN_MS = 2000 /* Between looks at others' tables. */
};

struct nat {
    struct shash networks; /* Block's name -> struct block *, a reference;
                            * those with services. */
    bool active;           /* There is a plan, and nat_stop() was not called
                            * after it. */

    struct nft_ctx *nft;         /* Owned; NULL: not yet. */
    struct nat_watch *watch;     /* Owned; NULL: not yet. */
    struct nat_forward *forward; /* Owned. */

    bool stale;             /* Our table is to be replaced. */
    bool forward_stale;     /* Forwarding is to be looked at. */
    bool foreign_stale;     /* Others' tables are to be looked at. */
    long long next_replace; /* None of these before that time. */
    long long next_forward;
    long long next_look;

    char *error;              /* Why there is no table.  Owned; NULL: none. */
    char *forward_error;      /* Why there is no forwarding.  Likewise. */
    struct problems problems; /* Others' rules in the way. */
};

struct nat *
nat_create(const char *state_dir)
{
    struct nat *nat = xzalloc(sizeof *nat);

    shash_init(&nat->networks);
    nat->forward = nat_forward_create(state_dir);
    problems_init(&nat->problems);
    return nat;
}

void
nat_destroy(struct nat *nat)
{
    struct shash_node *node;

    if (nat) {
        SHASH_FOR_EACH (node, &nat->networks) {
            block_unref(node->data);
        }
        shash_destroy(&nat->networks);
        if (nat->nft) {
            nft_ctx_free(nat->nft);
        }
        nat_watch_destroy(nat->watch);
        nat_forward_destroy(nat->forward);
        free(nat->error);
        free(nat->forward_error);
        problems_uninit(&nat->problems);
        free(nat);
    }
}

static void
mark_all(struct nat *nat)
{
    nat->stale = nat->forward_stale = nat->foreign_stale = true;
    nat->next_replace = nat->next_forward = nat->next_look = 0;
}

void
nat_update(struct nat *nat, const struct block_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct block_change *change = &changes->list[i];
        struct block *old = change->old, *new = change->new;

        if (old && old->service
            && shash_find_data(&nat->networks, old->name) == old) {
            shash_find_and_delete(&nat->networks, old->name);
            block_unref(old);
            mark_all(nat);
        }
        if (new &&new->service) {
            block_unref(shash_replace(&nat->networks, new->name, new));
            block_ref(new);
            mark_all(nat);
        }
    }
    if (!nat->active) {
        nat->active = true;
        mark_all(nat);
    }
}

/* The networks' services, in the order of their names; free() it. */
static const struct service_want **
get_services(const struct nat *nat)
{
    size_t n = shash_count(&nat->networks);
    const struct service_want **services = xmalloc((n + 1) * sizeof *services);
    const struct shash_node **nodes = shash_sort(&nat->networks);

    for (size_t i = 0; i < n; i++) {
        const struct block *block = nodes[i]->data;

        services[i] = block->service;
    }
    free(nodes);
    return services;
}

/* Takes in what has changed; '*ours' is how many did so to our table. */
static void
take_news(struct nat *nat, unsigned int *ours, bool *lost)
{
    struct nat_news news;

    nat_watch_run(nat->watch, &news);
    nat->forward_stale |= news.forwarding;
    nat->foreign_stale |= news.others || news.lost;
    *ours = news.ours;
    *lost = news.lost;
}

/* Takes over 'message' (NULL: all is well). */
static void
set_error(char **error, char *message)
{
    if (message && (!*error || strcmp(message, *error))) {
        VLOG_WARN("%s", message);
    }
    free(*error);
    *error = message;
}

/* Opens what it takes to talk to nftables.  nft_ctx_new() ends the process if
 * there is no nfnetlink, so nat_watch_create() comes first. */
static bool
is_open(struct nat *nat)
{
    if (!nat->watch) {
        int error = nat_watch_create(&nat->watch);

        if (error) {
            set_error(&nat->error, xasprintf("nftables cannot be reached: %s",
                                             ovs_strerror(error)));
            return false;
        }
    }
    if (!nat->nft) {
        nat->nft = nft_ctx_new(NFT_CTX_DEFAULT);
        nft_ctx_buffer_output(nat->nft);
        nft_ctx_buffer_error(nat->nft);
    }
    return true;
}

/* Replaces our table by that of 'n' networks. */
static void
replace(struct nat *nat, const struct service_want *const *services, size_t n)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *message = NULL;
    unsigned int ours;
    bool lost;

    nat_ruleset(services, n, &text);
    take_news(nat, &ours, &lost); /* What was before does not matter. */
    if (nft_run_cmd_from_buffer(nat->nft, ds_cstr(&text))) {
        const char *said = nft_ctx_get_error_buffer(nat->nft);

        message = xasprintf("nftables refuses the table inet vmovs: %.*s",
                            (int) strcspn(said, "\n"), said);
    }
    COVERAGE_INC(nat_replaced);
    /* Our own news; a second author came right after us. */
    take_news(nat, &ours, &lost);
    nat->stale = message || ours > 1;
    nat->next_replace = time_msec() + (message ? RETRY_MS : REPAIR_MS);
    set_error(&nat->error, message);
    ds_destroy(&text);
}

/* Forwarding for the networks that have a way out. */
static void
set_forwarding(struct nat *nat, const struct service_want *const *services,
               size_t n)
{
    bool ip4 = false, ip6 = false;

    for (size_t i = 0; i < n; i++) {
        const struct service_want *s = services[i];

        if (s->mode == NET_NAT || s->mode == NET_ROUTED) {
            ip4 |= s->gateway4.plen;
            ip6 |= s->gateway6.plen;
        }
    }
    set_error(&nat->forward_error, nat_forward_set(nat->forward, ip4, ip6));
    nat->forward_stale = nat->forward_error != NULL;
    nat->next_forward =
        time_msec() + (nat->forward_error ? RETRY_MS : REPAIR_MS);
}

/* Looks whether others' rules drop what guests send and get. */
static void
look_at_others(struct nat *nat, const struct service_want *const *services,
               size_t n)
{
    const char *device = NULL;
    struct problems now;
    long long start = time_msec();

    for (size_t i = 0; i < n && !device; i++) {
        if (services[i]->mode == NET_NAT || services[i]->mode == NET_ROUTED) {
            device = services[i]->device;
        }
    }
    problems_init(&now);
    if (device) {
        nat_foreign_look(nat->nft, device, &now);
    }
    for (size_t i = 0; i < now.n; i++) {
        if (i >= nat->problems.n
            || strcmp(now.list[i].what, nat->problems.list[i].what)) {
            VLOG_WARN("%s", now.list[i].what);
        }
    }
    problems_uninit(&nat->problems);
    nat->problems = now;
    nat->foreign_stale = false;
    /* A host with very many rules is not to be read all the time. */
    nat->next_look = time_msec() + FOREIGN_MS + 20 * (time_msec() - start);
}

void
nat_run(struct nat *nat)
{
    const struct service_want **services;
    size_t n = shash_count(&nat->networks);
    unsigned int ours;
    bool lost;

    if (!nat->active
        || (!nat->watch && nat->error && time_msec() < nat->next_replace)) {
        return;
    }
    if (!is_open(nat)) {
        nat->next_replace = time_msec() + RETRY_MS;
        return;
    }
    take_news(nat, &ours, &lost);
    if (ours || lost) {
        if (ours && !nat->stale) {
            VLOG_INFO("somebody changed the table inet vmovs; mending it");
            COVERAGE_INC(nat_repaired);
        }
        nat->stale = true;
    }

    services = get_services(nat);
    if (nat->stale && time_msec() >= nat->next_replace) {
        replace(nat, services, n);
    }
    /* Not before the rules that say who may. */
    if (nat->forward_stale && !nat->stale
        && time_msec() >= nat->next_forward) {
        set_forwarding(nat, services, n);
    }
    if (nat->foreign_stale && time_msec() >= nat->next_look) {
        look_at_others(nat, services, n);
    }
    free(services);
}

void
nat_wait(struct nat *nat)
{
    if (!nat->active) {
        return;
    }
    if (nat->watch) {
        nat_watch_wait(nat->watch);
    }
    if (nat->stale) {
        poll_timer_wait_until(nat->next_replace);
    } else if (nat->forward_stale) {
        poll_timer_wait_until(nat->next_forward);
    }
    if (nat->foreign_stale) {
        poll_timer_wait_until(nat->next_look);
    }
}

bool
nat_is_applied(const struct nat *nat)
{
    return nat->active && !nat->stale && !nat->forward_stale;
}

void
nat_problems(const struct nat *nat, struct problems *problems)
{
    if (nat->error) {
        problems_add(problems, "nat", xstrdup(nat->error),
                     xstrdup("guests have no way out; see that the kernel has "
                             "nf_tables, nft_ct, nft_masq and nft_chain_nat "
                             "(modprobe nft_masq)"));
    }
    if (nat->forward_error) {
        problems_add(problems, "nat", xstrdup(nat->forward_error),
                     xstrdup("guests have no way out; let vmovsd write "
                             "net.ipv4.ip_forward and net.ipv6.conf"));
    }
    for (size_t i = 0; i < nat->problems.n; i++) {
        const struct problem *p = &nat->problems.list[i];

        problems_add(problems, p->object, xstrdup(p->what),
                     nullable_xstrdup(p->remedy));
    }
}

void
nat_stop(struct nat *nat)
{
    if (is_open(nat)) {
        replace(nat, NULL, 0);
    }
    free(nat_forward_set(nat->forward, false, false));
    problems_clear(&nat->problems);
    nat->active = false;
}
