/* SPDX-License-Identifier: Apache-2.0
 *
 * names.c: one file of all names, written anew when one changes: a hundred
 * bytes a NIC, in memory. */
#include <config.h>
#include "apply/names.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "apply/run-file.h"
#include "core/service-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

struct names {
    char *run_dir;       /* Owned. */
    char *path;          /* Owned. */
    struct shash blocks; /* Those with a service or a lease, by name;
                          * references. */
    bool known;          /* What is wanted is known. */
    bool stale;          /* The file is to be written. */
    long long int next;  /* Not before, after an error, in ms. */
    int error;           /* Positive errno of the last attempt, or 0. */
};

struct names *
names_create(const char *run_dir)
{
    struct names *names = xzalloc(sizeof *names);

    names->run_dir = xstrdup(run_dir);
    names->path = xasprintf("%s/names", run_dir);
    names->stale = true;
    shash_init(&names->blocks);
    return names;
}

void
names_destroy(struct names *names)
{
    struct shash_node *node;

    if (names) {
        SHASH_FOR_EACH (node, &names->blocks) {
            block_unref(node->data);
        }
        shash_destroy(&names->blocks);
        free(names->run_dir);
        free(names->path);
        free(names);
    }
}

static void
put_block(const struct block *block, struct ds *s)
{
    if (block && block->lease) {
        names_lines(block->lease, s);
    }
    if (block && block->service) {
        names_head(block->service, s);
    }
}

static bool
says_the_same(const struct block *a, const struct block *b)
{
    struct ds texts[2] = { DS_EMPTY_INITIALIZER, DS_EMPTY_INITIALIZER };
    bool same;

    put_block(a, &texts[0]);
    put_block(b, &texts[1]);
    same = !strcmp(ds_cstr(&texts[0]), ds_cstr(&texts[1]));
    ds_destroy(&texts[0]);
    ds_destroy(&texts[1]);
    return same;
}

void
names_update(struct names *names, const struct block_changes *changes)
{
    names->known = true;
    for (size_t i = 0; i < changes->n; i++) {
        const struct block_change *change = &changes->list[i];
        struct block *new = change->new;
        const char *name = (new ? new : change->old)->name;
        struct block *old = shash_find_and_delete(&names->blocks, name);

        if (new && (new->lease || new->service)) {
            shash_add(&names->blocks, name, block_ref(new));
        }
        if (!says_the_same(old, new)) {
            names->stale = true;
            names->next = 0;
        }
        block_unref(old);
    }
}

/* Heads before lines, each sorted. */
static void
format_all(const struct names *names, struct ds *s)
{
    struct svec heads = SVEC_EMPTY_INITIALIZER;
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    struct shash_node *node;

    SHASH_FOR_EACH (node, &names->blocks) {
        const struct block *block = node->data;
        struct ds text = DS_EMPTY_INITIALIZER;

        put_block(block, &text);
        svec_add_nocopy(block->service ? &heads : &lines,
                        ds_steal_cstr(&text));
    }
    svec_sort_unique(&heads);
    svec_sort(&lines);
    for (size_t i = 0; i < heads.n; i++) {
        ds_put_cstr(s, heads.names[i]);
    }
    for (size_t i = 0; i < lines.n; i++) {
        ds_put_cstr(s, lines.names[i]);
    }
    svec_destroy(&heads);
    svec_destroy(&lines);
}

void
names_run(struct names *names)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    if (!names->known || !names->stale || time_msec() < names->next) {
        return;
    }
    format_all(names, &text);
    names->error = run_file_mkdir(names->run_dir);
    if (!names->error
        && run_file_put(names->path, ds_cstr(&text)) == RUN_FILE_FAILED) {
        names->error = errno;
    }
    names->stale = names->error != 0;
    names->next = time_msec() + 1000;
    ds_destroy(&text);
}

void
names_wait(struct names *names)
{
    if (names->known && names->stale) {
        poll_timer_wait_until(names->next);
    }
}

bool
names_is_applied(const struct names *names)
{
    return names->known && !names->stale;
}

void
names_problems(const struct names *names, struct problems *problems)
{
    if (names->error) {
        problems_add(
            problems, "names",
            xasprintf("cannot write %s: %s", names->path,
                      ovs_strerror(names->error)),
            xasprintf("make room or let root write in %s", names->run_dir));
    }
}
