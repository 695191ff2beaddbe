/* SPDX-License-Identifier: Apache-2.0
 *
 * status.c: the list of problems that the parts fill in each turn.
 *
 * Each part adds what stands in its way; the API prints the list.  Nothing is
 * judged or sorted here.  Pure. */
#include <config.h>
#include "core/status.h"
#include <stdlib.h>
#include "openvswitch/util.h"
#include "util.h"

void
problems_init(struct problems *problems)
{
    *problems = (struct problems){ NULL, 0, 0 };
}

void
problems_clear(struct problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        struct problem *p = &problems->list[i];

        free(p->object);
        free(p->what);
        free(p->remedy);
    }
    problems->n = 0;
}

void
problems_uninit(struct problems *problems)
{
    problems_clear(problems);
    free(problems->list);
    problems_init(problems);
}

void
problems_add(struct problems *problems, const char *object, char *what,
             char *remedy)
{
    if (problems->n == problems->allocated) {
        problems->list = x2nrealloc(problems->list, &problems->allocated,
                                    sizeof *problems->list);
    }
    problems->list[problems->n++] = (struct problem){
        .object = xstrdup(object),
        .what = what,
        .remedy = remedy,
    };
}
