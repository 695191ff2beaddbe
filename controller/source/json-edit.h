/* SPDX-License-Identifier: Apache-2.0
 *
 * json-edit.h: changes single values of a JSON text and leaves every other
 * byte as its author wrote it.
 *
 * What is new is laid out like its neighbours: on lines of its own with their
 * indentation, or on one line.  What is removed takes its white space and its
 * comma along, so that adding and removing again gives the same text. */
#ifndef VMOVS_SOURCE_JSON_EDIT_H
#define VMOVS_SOURCE_JSON_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include "core/fault.h"
#include "source/json-scan.h"

/* Makes 'json' the value at 'path', or removes that value if 'json' is NULL
 * (see struct config_edit).  Returns false, with a fault added and the text
 * as it was, if that cannot be. */
bool jdoc_edit(struct jdoc *, const char *const *path, const char *json,
               struct faults *);

/* The text with all edits.  malloc'd, null-terminated. */
char *jdoc_text(const struct jdoc *, size_t *len);

#endif
