/* SPDX-License-Identifier: Apache-2.0
 *
 * devices-harness.c: drives apply/devices.h alone, in the network namespace it
 * is started in.
 *
 *     devices-harness < commands > answers
 *
 * Every answer ends with a line "."; blanks separate words.  What is wanted is
 * handed over by "update".
 *
 *     want KIND NAME MAC [WORD]...    KIND tap, veth, internal, gateway; WORD
 *                                     owner=USER mtu=N ip=A/N ip6=A/N
 *                                     userspace bridged
 *     unwant NAME
 *     update
 *     port NAME present|pending|absent    as the database would say
 *     attach NAME PATH AS         PATH: a network namespace
 *     detach NAME
 *     show                        the state, a fact a line
 *     await SECONDS PATTERN       until a line of the state matches (glob);
 *                                 otherwise answers "timeout" and the state */
#include <config.h>
#include "apply/devices.h"
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

struct harness {
    struct devices *devices;
    struct view view;
    struct shash blocks;          /* Wanted, by device name; references. */
    struct block_changes changes; /* Since the last update. */
    struct svec recreated;        /* Names that were reported. */
};

static void
turn(struct harness *h)
{
    char name[IFNAMSIZ];

    devices_run(h->devices, &h->view);
    while (devices_take_recreated(h->devices, name)) {
        svec_add(&h->recreated, name);
    }
    devices_wait(h->devices);
}

static void
get_state(const struct harness *h, struct svec *state)
{
    const struct host_facts *facts = devices_facts(h->devices);
    const struct view_device *dev;
    struct problems problems;

    svec_add(state, devices_is_applied(h->devices) ? "applied" : "pending");
    svec_add_nocopy(
        state, xasprintf("facts %" PRIu64, devices_facts_seqno(h->devices)));
    for (size_t i = 0; i < facts->n_routes; i++) {
        const struct host_route *route = &facts->routes[i];
        struct ds line = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&line, "route ");
        if (route->v6) {
            ipv6_format_addr(&route->dst6.addr, &line);
            ds_put_format(&line, "/%u", route->dst6.plen);
        } else {
            ds_put_format(&line, IP_FMT "/%u", IP_ARGS(route->dst4.addr),
                          route->dst4.plen);
        }
        ds_put_format(&line, " dev %s", route->dev);
        svec_add_nocopy(state, ds_steal_cstr(&line));
    }
    HMAP_FOR_EACH (dev, node, &h->view.devices) {
        svec_add_nocopy(state,
                        xasprintf("device %s kind=%s owner=%" PRId32
                                  " mac=" ETH_ADDR_FMT " mtu=%" PRIu32
                                  " %s carrier=%s peer=%s",
                                  dev->name, dev->kind, (int32_t) dev->owner,
                                  ETH_ADDR_ARGS(dev->mac), dev->mtu,
                                  dev->up ? "up" : "down",
                                  dev->carrier ? "yes" : "no", dev->peer));
    }
    for (size_t i = 0; i < h->recreated.n; i++) {
        svec_add_nocopy(state,
                        xasprintf("recreated %s", h->recreated.names[i]));
    }
    problems_init(&problems);
    devices_problems(h->devices, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        const struct problem *p = &problems.list[i];

        svec_add_nocopy(state, xasprintf("problem %s: %s; %s", p->object,
                                         p->what, p->remedy ? p->remedy : ""));
    }
    problems_uninit(&problems);
}

static bool
state_matches(const struct harness *h, const char *pattern, bool print)
{
    struct svec state = SVEC_EMPTY_INITIALIZER;
    bool found = false;

    get_state(h, &state);
    svec_sort(&state);
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
want_word(struct device_want *want, char *word)
{
    char *value = strchr(word, '=');
    ovs_be32 mask;
    unsigned int plen;

    if (value) {
        *value++ = '\0';
    }
    if (!strcmp(word, "userspace")) {
        want->userspace = true;
        want->far_tx_off = want->kind == DEV_VETH;
    } else if (!strcmp(word, "bridged")) {
        want->near_tx_off = true;
    } else if (!strcmp(word, "owner")) {
        want->owner = xstrdup(value);
    } else if (!strcmp(word, "mtu")) {
        want->mtu = atoi(value);
    } else if (!strcmp(word, "ip")) {
        free(ip_parse_masked(value, &want->ip4.addr, &mask));
        want->ip4.plen = ip_count_cidr_bits(mask);
    } else if (!strcmp(word, "ip6")) {
        free(ipv6_parse_cidr(value, &want->ip6.addr, &plen));
        want->ip6.plen = plen;
    } else {
        ovs_fatal(0, "what is \"%s\"?", word);
    }
}

static void
want(struct harness *h, char *words[], size_t n)
{
    const char *kind = words[1], *name = words[2];
    bool gateway = !strcmp(kind, "gateway");
    char *block_name =
        xasprintf("%s %s", gateway ? "network" : "nic", strchr(name, '-') + 1);
    struct block *block =
        block_create(gateway ? BLOCK_NETWORK : BLOCK_NIC, block_name, 1);
    struct device_want *device = block->device = xzalloc(sizeof *device);

    device->kind = !strcmp(kind, "tap")    ? DEV_TAP
                   : !strcmp(kind, "veth") ? DEV_VETH
                                           : DEV_INTERNAL;
    device->gateway = gateway;
    device->mtu = 1500;
    ovs_strlcpy(device->name, name, sizeof device->name);
    if (!eth_addr_from_string(words[3], &device->mac)) {
        ovs_fatal(0, "%s: not a MAC", words[3]);
    }
    for (size_t i = 4; i < n; i++) {
        want_word(device, words[i]);
    }
    change(h, name, block);
    free(block_name);
}

static void
set_port(struct harness *h, const char *name, const char *state)
{
    struct view_port port = {
        .name = xstrdup(name),
        .type = xstrdup(""),
        .ofport = !strcmp(state, "present"),
    };

    if (!strcmp(state, "absent")) {
        free(port.name);
        free(port.type);
        view_remove_port(&h->view, name);
    } else {
        view_set_port(&h->view, &port);
    }
}

static void
attach(struct harness *h, const char *name, const char *path, const char *as)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *message = devices_attach(h->devices, name, fd, as);

    puts(message ? message : "attached");
    free(message);
    close(fd);
}

static void
run_command(struct harness *h, char *words[], size_t n)
{
    if (!strcmp(words[0], "want") && n >= 4) {
        want(h, words, n);
    } else if (!strcmp(words[0], "unwant") && n == 2) {
        change(h, words[1], NULL);
    } else if (!strcmp(words[0], "update")) {
        devices_update(h->devices, &h->changes);
        block_changes_clear(&h->changes);
    } else if (!strcmp(words[0], "port") && n == 3) {
        set_port(h, words[1], words[2]);
    } else if (!strcmp(words[0], "attach") && n == 4) {
        attach(h, words[1], words[2], words[3]);
    } else if (!strcmp(words[0], "detach") && n == 2) {
        char *message = devices_detach(h->devices, words[1]);

        puts(message ? message : "detached");
        free(message);
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

int
main(int argc, char *argv[])
{
    struct shash_node *node;
    struct harness h;
    char line[1024];

    ovs_set_program_name(argv[0], VMOVS_VERSION);
    if (argc > 1) {
        vlog_set_levels_from_string_assert(argv[1]);
    }
    h.devices = devices_create();
    view_init(&h.view);
    h.view.ovsdb_ready = true;
    shash_init(&h.blocks);
    block_changes_init(&h.changes);
    svec_init(&h.recreated);

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

    devices_destroy(h.devices);
    view_uninit(&h.view);
    SHASH_FOR_EACH (node, &h.blocks) {
        block_unref(node->data);
    }
    shash_destroy(&h.blocks);
    block_changes_uninit(&h.changes);
    svec_destroy(&h.recreated);
    return 0;
}
