/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-want.c: the ports that are wanted.  See ovsdb-want.h. */
#include <config.h>
#include "apply/ovsdb-want.h"
#include <string.h>
#include "util.h"

void
wants_init(struct wants *wants)
{
    shash_init(&wants->by_name);
}

static void
want_destroy(struct want *want)
{
    block_unref(want->block);
    free(want);
}

void
wants_uninit(struct wants *wants)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &wants->by_name) {
        want_destroy(node->data);
    }
    shash_destroy(&wants->by_name);
}

static void
add(struct wants *wants, struct block *new)
{
    struct want *want = wants_find(wants, new->port->name);

    if (want) {
        block_unref(want->block);
    } else {
        want = xzalloc(sizeof *want);
        shash_add(&wants->by_name, new->port->name, want);
    }
    want->block = block_ref(new);
}

/* 'old' wants its port no longer, unless another block took it over. */
static void
forget(struct wants *wants, const struct block *old)
{
    struct shash_node *node = shash_find(&wants->by_name, old->port->name);
    struct want *want = node ? node->data : NULL;

    if (want && want->block == old) {
        shash_delete(&wants->by_name, node);
        want_destroy(want);
    }
}

void
wants_update(struct wants *wants, const struct block_changes *changes,
             struct sset *dirty)
{
    /* Additions first: a port that only changed keeps its want, and a name
     * that moved from one object to another is never unwanted. */
    for (size_t i = 0; i < changes->n; i++) {
        struct block *new = changes->list[i].new;
        if (new &&new->port) {
            add(wants, new);
            sset_add(dirty, new->port->name);
        }
    }
    for (size_t i = 0; i < changes->n; i++) {
        const struct block *old = changes->list[i].old;
        if (old && old->port) {
            forget(wants, old);
            sset_add(dirty, old->port->name);
        }
    }
}

struct want *
wants_find(const struct wants *wants, const char *name)
{
    return shash_find_data(&wants->by_name, name);
}

const char *
want_owner(const struct want *want)
{
    /* The block is called "nic web1.1". */
    const char *space = strchr(want->block->name, ' ');
    return space ? space + 1 : want->block->name;
}

void
wants_names(const struct wants *wants, struct sset *names)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &wants->by_name) {
        sset_add(names, node->name);
    }
}
