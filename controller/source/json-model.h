/* SPDX-License-Identifier: Apache-2.0
 *
 * json-model.h: the config's JSON to a model.
 *
 * Looks at the form of each value: its type, its length, whether an address is
 * one, whether a key is known.  What only the whole shows, and which names and
 * numbers make sense, is core/check.h's. */
#ifndef VMOVS_SOURCE_JSON_MODEL_H
#define VMOVS_SOURCE_JSON_MODEL_H

#include "core/fault.h"
#include "core/model.h"
#include "source/json-scan.h"

/* The model that an unedited 'doc' describes, sorted, with what is faulty left
 * at its default; NULL if that is all of it.  Adds every fault. */
struct model *config_read(const struct jdoc *doc, struct faults *);

/* Gives faults from number 'from' on, which were found in the model, the place
 * of the value that their path leads to. */
void config_place_faults(struct jdoc *doc, struct faults *, size_t from);

#endif
