/* SPDX-License-Identifier: Apache-2.0
 *
 * edits.c: see edits.h. */
#include <config.h>
#include <jansson.h>
#include "api/edits.h"
#include <stdlib.h>
#include "util.h"

void
edits_uninit(struct edits *edits)
{
    for (size_t i = 0; i < edits->n; i++) {
        struct config_edit *edit = &edits->list[i];
        for (size_t j = 0; edit->path[j]; j++) {
            free(CONST_CAST(char *, edit->path[j]));
        }
        free(CONST_CAST(char *, edit->json));
    }
    free(edits->list);
}

void
edits_add(struct edits *edits, json_t *value, const char *const path[])
{
    if (edits->n >= edits->allocated) {
        edits->list =
            x2nrealloc(edits->list, &edits->allocated, sizeof *edits->list);
    }

    struct config_edit *edit = &edits->list[edits->n++];
    size_t n = 0;
    for (; path[n]; n++) {
        ovs_assert(n + 1 < ARRAY_SIZE(edit->path));
        edit->path[n] = xstrdup(path[n]);
    }
    edit->path[n] = NULL;
    edit->json = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    json_decref(value);
}
