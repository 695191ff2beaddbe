/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-harness.c: drives apply/ovsdb.h alone, against a real database.
 *
 *     ovsdb-harness REMOTE < commands > answers
 *
 * Every answer ends with a line "."; blanks separate words.  What is wanted is
 * collected and handed over by "update".
 *
 *     bridge NAME kernel|userspace
 *     want NAME [KEY=VALUE]...    type vm nic network key mac iface-id mtu
 *                                 foreign
 *     unwant NAME
 *     many PREFIX N               N dummy ports PREFIX1...
 *     update
 *     replug NAME
 *     show                        the state, a fact a line
 *     await SECONDS PATTERN       until a line of the state matches (glob);
 *                                 otherwise answers "timeout" and the state */
#include <config.h>
#include "apply/ovsdb.h"
#include <fnmatch.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "coverage.h"
#include "fatal-signal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

struct harness {
    struct ovsdb *ovsdb;
    struct view view;
    struct shash blocks;          /* Wanted, by port name; owned. */
    struct block_changes changes; /* Since the last update. */
};

static void
turn(struct harness *h)
{
    ovsdb_run(h->ovsdb, &h->view);
    ovsdb_wait(h->ovsdb);
}

static char *
text(const char *s)
{
    return s ? xasprintf(" %s", s) : xstrdup(" -");
}

static void
show_port(const struct view_port *port, struct svec *state)
{
    char *words[] = { text(port->mark_vm), text(port->mark_network),
                      text(port->bound), text(port->iface_id) };
    svec_add_nocopy(
        state, xasprintf("port %s type=%s ofport=%s link=%s key=%u "
                         "mtu=%u marks%s%s bound%s id%s%s%s",
                         port->name, port->type, port->ofport ? "yes" : "no",
                         port->link_up ? "up" : "down", port->key,
                         port->mtu_request, words[0], words[1], words[2],
                         words[3], port->error ? " error " : "",
                         port->error ? port->error : ""));
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        free(words[i]);
    }
}

static void
get_state(struct harness *h, bool ports, struct svec *state)
{
    const struct view *view = &h->view;
    const struct view_port *port;
    struct problems problems;

    svec_add(state,
             ovsdb_is_connected(h->ovsdb) ? "connected" : "disconnected");
    svec_add(state, ovsdb_is_applied(h->ovsdb) ? "applied" : "pending");
    svec_add_nocopy(state, xasprintf("bridge%s%s%s%s%s",
                                     view->bridge_exists ? " exists" : "",
                                     view->bridge_ours ? " ours" : "",
                                     view->fail_mode_secure ? " secure" : "",
                                     view->has_controller ? " controller" : "",
                                     view->userspace ? " userspace" : ""));
    svec_add_nocopy(
        state,
        xasprintf("dpid %s", view->datapath_id ? view->datapath_id : "-"));
    svec_add_nocopy(state,
                    xasprintf("ports %" PRIuSIZE, hmap_count(&view->ports)));
    svec_add_nocopy(state, xasprintf("seqno %" PRIu64, view->seqno));
    problems_init(&problems);
    ovsdb_problems(h->ovsdb, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        const struct problem *p = &problems.list[i];
        svec_add_nocopy(state, xasprintf("problem %s: %s; %s", p->object,
                                         p->what, p->remedy ? p->remedy : ""));
    }
    problems_uninit(&problems);
    if (ports) {
        HMAP_FOR_EACH (port, name_node, &view->ports) {
            show_port(port, state);
        }
    }
}

/* Does a line of the state match 'pattern'?  With 'print' prints the state. */
static bool
state_matches(struct harness *h, const char *pattern, bool print)
{
    struct svec state = SVEC_EMPTY_INITIALIZER;
    bool found = false;
    const char *line;
    size_t i;

    get_state(h, print || !strncmp(pattern, "port ", 5), &state);
    svec_sort(&state);
    SVEC_FOR_EACH (i, line, &state) {
        found = found || !fnmatch(pattern, line, 0);
        if (print) {
            puts(line);
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
        if (state_matches(h, pattern, false)) {
            poll_immediate_wake();
            poll_block();
            return;
        }
        if (time_msec() >= deadline) {
            puts("timeout");
            state_matches(h, "", true);
            poll_immediate_wake();
            poll_block();
            return;
        }
        poll_timer_wait_until(deadline);
        poll_block();
    }
}

static void
change(struct harness *h, const char *name, struct block *new)
{
    struct block_changes *c = &h->changes;

    if (c->n == c->allocated) {
        c->list = x2nrealloc(c->list, &c->allocated, sizeof *c->list);
    }
    c->list[c->n++] = (struct block_change){
        .old = shash_find_and_delete(&h->blocks, name),
        .new = new,
    };
    if (new) {
        shash_add(&h->blocks, name, block_ref(new));
    }
}

static void
want_key(struct port_want *port, const char *key, const char *value)
{
    if (!strcmp(key, "type")) {
        ovs_strlcpy(port->type, value, sizeof port->type);
    } else if (!strcmp(key, "vm")) {
        port->vm = xstrdup(value);
        port->vm_id = xstrdup(value);
    } else if (!strcmp(key, "nic")) {
        port->nic = xstrdup(value);
    } else if (!strcmp(key, "network")) {
        port->network = xstrdup(value);
    } else if (!strcmp(key, "iface-id")) {
        port->iface_id = xstrdup(value);
    } else if (!strcmp(key, "mac")) {
        eth_addr_from_string(value, &port->attached_mac);
    } else if (!strcmp(key, "key")) {
        port->key = atoi(value);
    } else if (!strcmp(key, "mtu")) {
        port->mtu = atoi(value);
    } else if (!strcmp(key, "foreign")) {
        port->foreign = true;
    } else {
        ovs_fatal(0, "want: no key %s", key);
    }
}

static void
want(struct harness *h, char *name, char *rest)
{
    struct port_want *port = xzalloc(sizeof *port);
    char *word;

    ovs_strlcpy(port->name, name, sizeof port->name);
    port->key = 1;
    while ((word = strsep(&rest, " ")) != NULL) {
        char *key = strsep(&word, "=");
        want_key(port, key, word ? word : "");
    }

    char *object = xasprintf("nic %s", port->vm ? port->vm : name);
    struct block *block = block_create(BLOCK_NIC, object, port->key);
    block->port = port;
    change(h, name, block);
    free(object);
}

static void
many(struct harness *h, const char *prefix, int n)
{
    for (int i = 1; i <= n; i++) {
        char *name = xasprintf("%s%d", prefix, i);
        char *words = xasprintf("type=dummy vm=%s network=lab iface-id=%s "
                                "key=%d",
                                name, name, i);
        want(h, name, words);
        free(words);
        free(name);
    }
}

static void
command(struct harness *h, char *line)
{
    char *verb = strsep(&line, " ");
    char *first = strsep(&line, " ");

    if (!strcmp(verb, "bridge")) {
        ovsdb_set_bridge(h->ovsdb, first,
                         !strcmp(line, "userspace") ? DATAPATH_USERSPACE
                                                    : DATAPATH_KERNEL);
    } else if (!strcmp(verb, "want")) {
        want(h, first, line);
    } else if (!strcmp(verb, "unwant")) {
        change(h, first, NULL);
    } else if (!strcmp(verb, "many")) {
        many(h, first, atoi(line));
    } else if (!strcmp(verb, "update")) {
        ovsdb_update(h->ovsdb, &h->changes);
        block_changes_clear(&h->changes);
    } else if (!strcmp(verb, "replug")) {
        ovsdb_replug(h->ovsdb, first);
    } else if (!strcmp(verb, "show")) {
        state_matches(h, "", true);
    } else if (!strcmp(verb, "await")) {
        await(h, atoi(first), line);
    } else {
        ovs_fatal(0, "no command %s", verb);
    }
}

/* Reads what there is on 'fd'; returns false at its end. */
static bool
read_commands(struct harness *h, int fd, struct ds *input)
{
    char buffer[4096];
    ssize_t n = read(fd, buffer, sizeof buffer);

    if (!n) {
        return false;
    }
    if (n > 0) {
        ds_put_buffer(input, buffer, n);
    }
    char *end;
    while (input->length
           && (end = memchr(input->string, '\n', input->length)) != NULL) {
        *end = '\0';
        char *line = xstrdup(input->string);
        size_t used = end - input->string + 1;
        memmove(input->string, end + 1, input->length - used);
        ds_truncate(input, input->length - used);
        command(h, line);
        free(line);
        puts(".");
        fflush(stdout);
    }
    return true;
}

int
main(int argc, char *argv[])
{
    struct ds input = DS_EMPTY_INITIALIZER;
    struct shash_node *node;
    struct harness h;

    set_program_name(argv[0]);
    if (argc != 2) {
        ovs_fatal(0, "usage: ovsdb-harness REMOTE");
    }
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_OFF);
    vlog_set_log_file(getenv("HARNESS_LOG"));
    /* The poll loop does not take descriptor 0. */
    int fd = dup(STDIN_FILENO);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    h.ovsdb = ovsdb_create(argv[1], "host1", "1.0");
    view_init(&h.view);
    shash_init(&h.blocks);
    block_changes_init(&h.changes);

    while (read_commands(&h, fd, &input)) {
        turn(&h);
        poll_fd_wait(fd, POLLIN);
        poll_block();
    }

    ovsdb_destroy(h.ovsdb);
    view_uninit(&h.view);
    SHASH_FOR_EACH (node, &h.blocks) {
        block_unref(node->data);
    }
    shash_destroy(&h.blocks);
    block_changes_uninit(&h.changes);
    ds_destroy(&input);
    return 0;
}
