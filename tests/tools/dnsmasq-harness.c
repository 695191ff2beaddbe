/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq-harness.c: drives apply/dnsmasq.h and apply/names.h alone, in the
 * network namespace it is started in.
 *
 *     dnsmasq-harness RUN_DIR STATE_DIR < commands > answers
 *
 * Every answer ends with a line "."; blanks separate words.  What is wanted is
 * handed over by "update".
 *
 *     net NAME DEVICE MODE MTU A/N [A6/N]     in domain vm.internal
 *     unnet NAME
 *     nic NET HOST MAC A [A6]
 *     unnic HOST
 *     rebind DOMAIN...
 *     update
 *     stop
 *     await SECONDS PATTERN       until a line of the state matches (glob);
 *                                 otherwise answers "timeout" and the state */
#include <config.h>
#include "apply/dnsmasq.h"
#include "apply/names.h"
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

struct harness {
    struct dnsmasqs *dnsmasqs;
    struct names *names;
    struct view view;
    struct shash blocks;          /* Wanted, by name; references. */
    struct block_changes changes; /* Since the last update. */
};

/* The gateways' devices, as they are. */
static void
look(struct harness *h)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &h->blocks) {
        const struct block *block = node->data;
        struct view_device dev = { .up = true };

        if (!block->service) {
            continue;
        }
        ovs_strlcpy(dev.name, block->service->device, sizeof dev.name);
        dev.ifindex = if_nametoindex(dev.name);
        if (dev.ifindex) {
            view_set_device(&h->view, &dev);
        } else {
            view_remove_device(&h->view, dev.name);
        }
    }
}

static void
turn(struct harness *h)
{
    look(h);
    dnsmasqs_run(h->dnsmasqs, &h->view);
    names_run(h->names);
    dnsmasqs_wait(h->dnsmasqs);
    names_wait(h->names);
}

static bool
state_matches(const struct harness *h, const char *pattern, bool print)
{
    bool applied =
        dnsmasqs_is_applied(h->dnsmasqs) && names_is_applied(h->names);
    struct svec state = SVEC_EMPTY_INITIALIZER;
    struct problems problems;
    bool found = false;

    svec_add(&state, applied ? "applied" : "pending");
    problems_init(&problems);
    dnsmasqs_problems(h->dnsmasqs, &problems);
    names_problems(h->names, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        const struct problem *p = &problems.list[i];

        svec_add_nocopy(&state, xasprintf("problem %s: %s; %s", p->object,
                                          p->what, p->remedy));
    }
    problems_uninit(&problems);
    for (size_t i = 0; i < state.n; i++) {
        found |= !fnmatch(pattern, state.names[i], 0);
        if (print) {
            puts(state.names[i]);
        }
    }
    svec_destroy(&state);
    return found;
}

static void
await(struct harness *h, int seconds, const char *pattern)
{
    long long int deadline = time_msec() + seconds * 1000LL;

    for (;;) {
        turn(h);
        if (state_matches(h, pattern, false) || time_msec() >= deadline) {
            poll_immediate_wake();
            poll_block();
            break;
        }
        poll_timer_wait_until(MIN(deadline, time_msec() + 50));
        poll_block();
    }
    if (!state_matches(h, pattern, false)) {
        puts("timeout");
        state_matches(h, "", true);
    }
}

static void
change(struct harness *h, const char *name, struct block *new)
{
    struct block_changes *changes = &h->changes;
    struct block *old = shash_find_and_delete(&h->blocks, name);

    if (changes->n == changes->allocated) {
        changes->list = x2nrealloc(changes->list, &changes->allocated,
                                   sizeof *changes->list);
    }
    changes->list[changes->n++] = (struct block_change){ old, new };
    if (new) {
        shash_add(&h->blocks, name, block_ref(new));
    }
}

static void
net(struct harness *h, char *words[], size_t n)
{
    char *name = xasprintf("network %s", words[1]);
    struct block *block = block_create(BLOCK_NETWORK, name, 1);
    struct service_want *want = block->service = xzalloc(sizeof *want);
    unsigned int plen;
    ovs_be32 mask;

    want->network = xstrdup(words[1]);
    ovs_strlcpy(want->device, words[2], sizeof want->device);
    want->zone = xasprintf("%s.vm.internal", words[1]);
    if (!net_mode_from_name(words[3], &want->mode)) {
        ovs_fatal(0, "%s: not a mode", words[3]);
    }
    want->mtu = atoi(words[4]);
    free(ip_parse_masked(words[5], &want->gateway4.addr, &mask));
    want->gateway4.plen = ip_count_cidr_bits(mask);
    if (n > 6) {
        free(ipv6_parse_cidr(words[6], &want->gateway6.addr, &plen));
        want->gateway6.plen = plen;
    }
    change(h, name, block);
    free(name);
}

static void
nic(struct harness *h, char *words[], size_t n)
{
    char *name = xasprintf("nic %s", words[2]);
    struct block *block = block_create(BLOCK_NIC, name, 1);
    struct lease_want *want = block->lease = xzalloc(sizeof *want);

    want->network = xstrdup(words[1]);
    want->host = xstrdup(words[2]);
    want->fqdn = xasprintf("%s.%s.vm.internal", words[2], words[1]);
    want->alias = xasprintf("%s.vm.internal", words[2]);
    if (!eth_addr_from_string(words[3], &want->mac)
        || !ip_parse(words[4], &want->ip)
        || (n > 5 && !ipv6_parse(words[5], &want->ip6))) {
        ovs_fatal(0, "%s: not a MAC or an address", words[2]);
    }
    change(h, name, block);
    free(name);
}

static void
gone(struct harness *h, const char *kind, const char *object)
{
    char *name = xasprintf("%s %s", kind, object);

    change(h, name, NULL);
    free(name);
}

static void
run_command(struct harness *h, char *words[], size_t n)
{
    if (!strcmp(words[0], "net") && n >= 6) {
        net(h, words, n);
    } else if (!strcmp(words[0], "nic") && n >= 5) {
        nic(h, words, n);
    } else if (!strcmp(words[0], "unnet") && n == 2) {
        gone(h, "network", words[1]);
    } else if (!strcmp(words[0], "unnic") && n == 2) {
        gone(h, "nic", words[1]);
    } else if (!strcmp(words[0], "rebind")) {
        dnsmasqs_set_rebind_ok(h->dnsmasqs, words + 1, n - 1);
    } else if (!strcmp(words[0], "stop")) {
        dnsmasqs_stop(h->dnsmasqs);
    } else if (!strcmp(words[0], "update")) {
        dnsmasqs_update(h->dnsmasqs, &h->changes);
        names_update(h->names, &h->changes);
        block_changes_clear(&h->changes);
    } else if (!strcmp(words[0], "await") && n >= 3) {
        /* The pattern may have blanks. */
        for (size_t i = 3; i < n; i++) {
            words[i][-1] = ' ';
        }
        await(h, atoi(words[1]), words[2]);
    } else {
        ovs_fatal(0, "what is \"%s\" with %" PRIuSIZE " words?", words[0], n);
    }
    puts(".");
    fflush(stdout);
}

int
main(int argc, char *argv[])
{
    struct shash_node *node;
    struct harness h;
    char line[1024];

    ovs_set_program_name(argv[0], VMOVS_VERSION);
    if (argc < 3) {
        ovs_fatal(0, "usage: dnsmasq-harness RUN_DIR STATE_DIR [VLOG]");
    }
    if (argc > 3) {
        vlog_set_levels_from_string_assert(argv[3]);
    }
    h.dnsmasqs = dnsmasqs_create(argv[1], argv[2]);
    h.names = names_create(argv[1]);
    view_init(&h.view);
    shash_init(&h.blocks);
    block_changes_init(&h.changes);

    while (fgets(line, sizeof line, stdin)) {
        char *words[32], *save = NULL;
        size_t n = 0;

        for (char *word = strtok_r(line, " \n", &save);
             word && n < ARRAY_SIZE(words);
             word = strtok_r(NULL, " \n", &save)) {
            words[n++] = word;
        }
        if (n) {
            run_command(&h, words, n);
        }
    }

    dnsmasqs_destroy(h.dnsmasqs);
    names_destroy(h.names);
    view_uninit(&h.view);
    SHASH_FOR_EACH (node, &h.blocks) {
        block_unref(node->data);
    }
    shash_destroy(&h.blocks);
    block_changes_uninit(&h.changes);
    return 0;
}
