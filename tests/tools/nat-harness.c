/* SPDX-License-Identifier: Apache-2.0
 *
 * nat-harness.c: drives apply/nat.h alone, in the network namespace it is
 * started in.
 *
 *     nat-harness STATE-DIR < commands > answers
 *
 * Every answer ends with a line "."; blanks separate words.
 *
 *     want NETWORK MODE [ip=A/N] [ip6=A/N]   its gateway is vmovs-NETWORK
 *     unwant NETWORK
 *     update                      hands over what has changed
 *     stop
 *     show                        the state, a fact a line
 *     await SECONDS PATTERN       until a line of the state matches (glob);
 *                                 otherwise answers "timeout" and the state */
#include <config.h>
#include "apply/nat.h"
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

struct harness {
    struct nat *nat;
    struct shash blocks; /* Wanted, by network; references. */
    struct block_changes changes;
    int input; /* Standard input again: to the poll loop, 0 is none. */
};

static bool
state_matches(const struct harness *h, const char *pattern, bool print)
{
    struct svec state = SVEC_EMPTY_INITIALIZER;
    struct problems problems;
    bool found = false;

    svec_add(&state, nat_is_applied(h->nat) ? "applied" : "pending");
    problems_init(&problems);
    nat_problems(h->nat, &problems);
    if (!problems.n) {
        svec_add(&state, "no problem");
    }
    for (size_t i = 0; i < problems.n; i++) {
        const struct problem *p = &problems.list[i];

        svec_add_nocopy(&state,
                        xasprintf("problem %s: %s; %s", p->object, p->what,
                                  p->remedy ? p->remedy : ""));
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
turn(struct harness *h)
{
    nat_run(h->nat);
    nat_wait(h->nat);
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
        poll_timer_wait_until(deadline);
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
want(struct harness *h, char *words[], size_t n)
{
    char *name = xasprintf("network %s", words[1]);
    struct block *block = block_create(BLOCK_NETWORK, name, 1);
    struct service_want *s = block->service = xzalloc(sizeof *s);

    s->network = xstrdup(words[1]);
    snprintf(s->device, sizeof s->device, "vmovs-%s", words[1]);
    s->zone = xasprintf("%s.vm.internal", words[1]);
    if (!net_mode_from_name(words[2], &s->mode)) {
        ovs_fatal(0, "%s: not a mode", words[2]);
    }
    for (size_t i = 3; i < n; i++) {
        unsigned int plen;

        if (!strncmp(words[i], "ip=", 3)) {
            free(ip_parse_cidr(words[i] + 3, &s->gateway4.addr, &plen));
            s->gateway4.plen = plen;
        } else if (!strncmp(words[i], "ip6=", 4)) {
            free(ipv6_parse_cidr(words[i] + 4, &s->gateway6.addr, &plen));
            s->gateway6.plen = plen;
        }
    }
    change(h, words[1], block);
    free(name);
}

static void
run_command(struct harness *h, char *words[], size_t n)
{
    if (!strcmp(words[0], "want") && n >= 3) {
        want(h, words, n);
    } else if (!strcmp(words[0], "unwant") && n == 2) {
        change(h, words[1], NULL);
    } else if (!strcmp(words[0], "update")) {
        nat_update(h->nat, &h->changes);
        block_changes_clear(&h->changes);
    } else if (!strcmp(words[0], "stop")) {
        nat_stop(h->nat);
    } else if (!strcmp(words[0], "show")) {
        state_matches(h, "", true);
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

/* Runs until a command comes, as vmovsd would all the time. */
static void
run_until_input(struct harness *h)
{
    for (;;) {
        struct pollfd input = { .fd = h->input, .events = POLLIN };

        turn(h);
        poll_fd_wait(h->input, POLLIN);
        poll_block();
        if (poll(&input, 1, 0) > 0) {
            return;
        }
    }
}

int
main(int argc, char *argv[])
{
    struct shash_node *node;
    struct harness h;
    char line[1024];

    ovs_set_program_name(argv[0], VMOVS_VERSION);
    if (argc != 2) {
        ovs_fatal(0, "usage: nat-harness STATE-DIR");
    }
    setvbuf(stdin, NULL, _IONBF, 0);
    h.input = dup(STDIN_FILENO);
    h.nat = nat_create(argv[1]);
    shash_init(&h.blocks);
    block_changes_init(&h.changes);

    for (run_until_input(&h); fgets(line, sizeof line, stdin);
         run_until_input(&h)) {
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

    nat_destroy(h.nat);
    SHASH_FOR_EACH (node, &h.blocks) {
        block_unref(node->data);
    }
    shash_destroy(&h.blocks);
    block_changes_uninit(&h.changes);
    return 0;
}
