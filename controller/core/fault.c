/* SPDX-License-Identifier: Apache-2.0
 *
 * fault.c: the list of what is wrong with a config.
 *
 * Sources and checks fill it, the daemon and the API show it.  Pure; must not
 * let a config's text reach a terminal or a log as anything but text. */
#include <config.h>
#include "core/fault.h"

#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

void
faults_init(struct faults *faults)
{
    *faults = (struct faults) FAULTS_INITIALIZER;
}

void
faults_uninit(struct faults *faults)
{
    for (size_t i = 0; i < faults->n; i++) {
        struct fault *f = &faults->list[i];

        free(f->path);
        free(f->what);
        free(f->remedy);
    }
    free(faults->list);
    faults_init(faults);
}

void
faults_add(struct faults *faults, struct place place, const char *path,
           char *what, char *remedy)
{
    if (faults->n >= faults->allocated) {
        faults->list =
            x2nrealloc(faults->list, &faults->allocated, sizeof *faults->list);
    }
    faults->list[faults->n++] = (struct fault){
        .place = place,
        .path = xstrdup(path),
        .what = what,
        .remedy = remedy,
    };
}

/* By place; what has the same place stays in the order it was found. */
static int
compare_faults(const void *a_, const void *b_)
{
    const struct fault *a = *(const struct fault *const *) a_;
    const struct fault *b = *(const struct fault *const *) b_;

    if (a->place.line != b->place.line) {
        return a->place.line < b->place.line ? -1 : 1;
    }
    if (a->place.column != b->place.column) {
        return a->place.column < b->place.column ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

/* The length in bytes of a UTF-8 sequence at 's' that could command a
 * terminal or turn the direction of writing; 0 if it is harmless. */
static int
unsafe_len(const unsigned char *s)
{
    if (s[0] < 0x20 || s[0] == 0x7f) {
        return 1; /* C0 and delete. */
    }
    if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f) {
        return 2; /* C1. */
    }
    if (s[0] == 0xe2
        && ((s[1] == 0x80 && s[2] >= 0xa8 && s[2] <= 0xae)
            || (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9))) {
        return 3; /* Line separators, bidirectional controls. */
    }
    return 0;
}

/* Appends 's', which may hold what somebody wrote into a config. */
static void
put_text(struct ds *out, const char *s)
{
    const unsigned char *p = (const unsigned char *) s;

    while (*p) {
        int n = unsafe_len(p);

        if (!n) {
            ds_put_char(out, *p++);
        }
        for (; n > 0; n--) {
            ds_put_format(out, "\\x%02x", *p++);
        }
    }
}

void
faults_format(const struct faults *faults, const char *file, struct ds *out)
{
    const struct fault **sorted = xmalloc(faults->n * sizeof *sorted);

    for (size_t i = 0; i < faults->n; i++) {
        sorted[i] = &faults->list[i];
    }
    qsort(sorted, faults->n, sizeof *sorted, compare_faults);

    for (size_t i = 0; i < faults->n; i++) {
        const struct fault *f = sorted[i];

        if (file) {
            ds_put_format(out, "%s:", file);
            if (f->place.line) {
                ds_put_format(out, "%u:%u:", f->place.line, f->place.column);
            }
            ds_put_char(out, ' ');
        }
        if (f->path[0]) {
            put_text(out, f->path);
            ds_put_cstr(out, ": ");
        }
        put_text(out, f->what);
        if (f->remedy) {
            ds_put_cstr(out, "; ");
            put_text(out, f->remedy);
        }
        ds_put_char(out, '\n');
    }
    free(sorted);
}
