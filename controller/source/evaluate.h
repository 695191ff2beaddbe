/* SPDX-License-Identifier: Apache-2.0
 *
 * evaluate.h: a config's text in, a checked and complete model out, with the
 * text that has in it what was allocated.  Reads and writes no file. */
#ifndef VMOVS_SOURCE_EVALUATE_H
#define VMOVS_SOURCE_EVALUATE_H

#include <stdbool.h>
#include "core/check.h"
#include "core/fault.h"
#include "core/model.h"
#include "source/atomic-file.h"

struct evaluated {
    struct model *model;        /* Owned. */
    struct file_text text;      /* Owned. */
};

/* The model in force, for model_check(): 'model' or, if 'itself', the one that
 * the text describes, which was in force before a restart. */
struct running {
    const struct model *model;
    bool itself;
};

/* Returns true and fills in '*result', which becomes the caller's, or adds
 * every fault of 'text' and returns false. */
bool evaluate(const struct file_text *text, struct running,
              const struct host_facts *, struct evaluated *result,
              struct faults *);

#endif
