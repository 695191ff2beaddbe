/* SPDX-License-Identifier: Apache-2.0
 *
 * edits.h: a list of config edits that owns its texts. */
#ifndef VMOVS_API_EDITS_H
#define VMOVS_API_EDITS_H

#include <jansson.h>
#include "source/source.h"

struct edits {
    struct config_edit *list;   /* Owned, with paths and values. */
    size_t n, allocated;
};
#define EDITS_INITIALIZER { NULL, 0, 0 }

void edits_uninit(struct edits *);
/* Adds: the value at 'path' (NULL-terminated, copied) becomes 'value', which
 * is taken over; NULL: goes away. */
void edits_add(struct edits *, json_t *value, const char *const path[]);

#endif
