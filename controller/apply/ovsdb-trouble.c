/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-trouble.c: what is not as wanted, by name.  See ovsdb-trouble.h. */
#include <config.h>
#include "apply/ovsdb-trouble.h"
#include "util.h"

struct trouble {
    char *what;   /* Owned. */
    char *remedy; /* Owned; or NULL. */
    bool refused; /* By the database. */
};

void
troubles_init(struct troubles *troubles, const char *kind)
{
    shash_init(&troubles->by_name);
    troubles->kind = kind;
}

static void
trouble_destroy(struct trouble *trouble)
{
    free(trouble->what);
    free(trouble->remedy);
    free(trouble);
}

void
troubles_uninit(struct troubles *troubles)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &troubles->by_name) {
        trouble_destroy(node->data);
    }
    shash_destroy(&troubles->by_name);
}

void
troubles_clear(struct troubles *troubles, const char *name)
{
    struct trouble *trouble = shash_find_and_delete(&troubles->by_name, name);

    if (trouble) {
        trouble_destroy(trouble);
    }
}

void
troubles_set(struct troubles *troubles, const char *name, bool refused,
             char *what, char *remedy)
{
    struct trouble *trouble = xmalloc(sizeof *trouble);

    *trouble = (struct trouble){ what, remedy, refused };
    troubles_clear(troubles, name);
    shash_add(&troubles->by_name, name, trouble);
}

bool
troubles_refused(const struct troubles *troubles, struct sset *names)
{
    const struct shash_node *node;
    bool any = false;

    SHASH_FOR_EACH (node, &troubles->by_name) {
        const struct trouble *trouble = node->data;
        if (trouble->refused) {
            sset_add(names, node->name);
            any = true;
        }
    }
    return any;
}

void
troubles_report(const struct troubles *troubles, struct problems *problems)
{
    const struct shash_node **nodes = shash_sort(&troubles->by_name);

    for (size_t i = 0; i < shash_count(&troubles->by_name); i++) {
        const struct trouble *trouble = nodes[i]->data;
        char *object = xasprintf("%s %s", troubles->kind, nodes[i]->name);
        problems_add(problems, object, xstrdup(trouble->what),
                     nullable_xstrdup(trouble->remedy));
        free(object);
    }
    free(nodes);
}
