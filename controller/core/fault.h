/* SPDX-License-Identifier: Apache-2.0
 *
 * fault.h: what is wrong with a config, all of it at once.
 *
 * A reader or a check that finds something wrong adds a fault and goes on, so
 * that a person sees every mistake of a file in one go.  A fault is printed as
 *
 *     FILE:LINE:COLUMN: PATH: WHAT; REMEDY
 *
 * Pure: knows neither files nor JSON. */
#ifndef VMOVS_CORE_FAULT_H
#define VMOVS_CORE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

struct ds;

/* Where something stands in the config text, from 1.  line 0: nowhere (the
 * object came from elsewhere or was made up). */
struct place {
    unsigned int line;
    unsigned int column;
};

struct fault {
    struct place place;
    char *path;                 /* "vms.web1.nics[0].ip".  Owned. */
    char *what;                 /* What is wrong, no full stop.  Owned. */
    char *remedy;               /* What to write instead.  Owned. */
};

struct faults {
    struct fault *list;         /* Owned, in the order found. */
    size_t n, allocated;
};

#define FAULTS_INITIALIZER { NULL, 0, 0 }

void faults_init(struct faults *);
void faults_uninit(struct faults *);

/* Adds a fault.  'path' is copied; 'what' and 'remedy' become the list's. */
void faults_add(struct faults *, struct place, const char *path,
                char *what, char *remedy);

/* Appends every fault of 'faults' to 'out', a line each, in order of place.
 * 'file' may be NULL; then FILE:LINE:COLUMN is left out. */
void faults_format(const struct faults *, const char *file, struct ds *out);

#endif
