/* SPDX-License-Identifier: Apache-2.0
 *
 * source.h: where the model comes from.  One implementation so far, the JSON
 * file (file.c); a shared database will be another behind these functions.
 *
 * A source reads, checks and allocates, keeps the last valid model, and writes
 * back what was allocated or edited.  It never sees a plan, a view or a
 * switch.  A member of the loop: source_run() then source_wait(). */
#ifndef VMOVS_SOURCE_SOURCE_H
#define VMOVS_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include "core/check.h"
#include "core/fault.h"
#include "core/model.h"

struct source;

/* One change of the config: the value at 'path' becomes 'json'. */
struct config_edit {
    const char *path[8];        /* Keys from the root, NULL-terminated; an
                                 * index of an array is its decimal digits,
                                 * "-" appends.  Missing objects on the way are
                                 * made. */
    const char *json;           /* JSON text of the value; NULL: remove it. */
};

enum edit_result {
    EDIT_DONE,                  /* In force and on the disk. */
    EDIT_REFUSED,               /* The result would be faulty: see 'faults'. */
    EDIT_FAILED                 /* It could not be written: see 'error'. */
};

/* The file at 'path'; the last valid text is kept at 'last_good'.  With NULL
 * for that it only looks: it writes and logs nothing, and source_edit() is not
 * to be called.  Reads nothing before the first source_run(). */
struct source *source_open_file(const char *path, const char *last_good);
void source_close(struct source *);

/* What the host already uses, for checks and allocation; copied.  To be called
 * before the first source_run() and whenever it changes. */
void source_set_facts(struct source *, const struct host_facts *);

/* Look at the text in the next source_run(), whatever has been noticed. */
void source_reload(struct source *);
void source_run(struct source *);
void source_wait(struct source *);

/* The model in force; NULL before the first valid one.  Valid until the next
 * call that takes a non-const source.  'generation' grows with each model put
 * in force, from 1. */
const struct model *source_model(const struct source *);
uint64_t source_generation(const struct source *);

/* Why the source's present text is not in force; empty if it is. */
const struct faults *source_faults(const struct source *);
/* The model in force is the last good one, read at start because the text
 * itself is faulty. */
bool source_is_last_good(const struct source *);
/* Its name for messages: the file's path. */
const char *source_name(const struct source *);

/* Makes all of 'edits' or none: applies them to the present text, checks the
 * result, and puts it in force and on the disk (atomically, with fsync).  With
 * 'dry_run' stops before that; '*result_model' (may be NULL) then gets the
 * model that would be in force, which the caller destroys.  An edit somebody
 * made by hand meanwhile is merged, not lost.  '*error' is malloc'd. */
enum edit_result source_edit(struct source *, const struct config_edit *edits,
                             size_t n, bool dry_run,
                             struct model **result_model,
                             struct faults *faults, char **error);

#endif
