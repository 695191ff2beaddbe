/* SPDX-License-Identifier: Apache-2.0
 *
 * names.h: keeps the file that libnss_vmovs reads, so that the host itself
 * resolves its guests' names: RUN_DIR/names, mode 0644, replaced
 * atomically. */
#ifndef VMOVS_APPLY_NAMES_H
#define VMOVS_APPLY_NAMES_H

#include <stdbool.h>
#include "core/block.h"
#include "core/status.h"

struct names;

struct names *names_create(const char *run_dir);        /* Copied. */
void names_destroy(struct names *);     /* The file stays. */
void names_update(struct names *, const struct block_changes *);
void names_run(struct names *);
void names_wait(struct names *);
bool names_is_applied(const struct names *);
void names_problems(const struct names *, struct problems *);

#endif
