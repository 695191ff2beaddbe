/* SPDX-License-Identifier: Apache-2.0
 *
 * json-valid.h: what the scanner leaves open: whether strings and numbers are
 * valid, what a string says, and whether a key is there twice.
 *
 * Most strings of a config are plain, and read off the text.  Only the others,
 * and numbers, go through libjansson, one at a time: to have it parse the
 * whole text a second time would be a third of the cost of an edit. */
#ifndef VMOVS_SOURCE_JSON_VALID_H
#define VMOVS_SOURCE_JSON_VALID_H

#include <stdbool.h>
#include "core/fault.h"
#include "source/json-scan.h"

struct ds;

/* Is all of the unedited 'doc' valid JSON?  Adds a fault for each value and
 * key that is not, and for each key that is there twice. */
bool jdoc_check(const struct jdoc *doc, struct faults *);

/* Make '*s' the key of 'id', the string that 'id' is, without quotes and
 * escapes.  'doc' has passed jdoc_check(). */
void jdoc_key(const struct jdoc *doc, jdoc_id id, struct ds *s);
void jdoc_string(const struct jdoc *doc, jdoc_id id, struct ds *s);

#endif
