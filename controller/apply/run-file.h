/* SPDX-License-Identifier: Apache-2.0
 *
 * run-file.h: small files of ours under /run that other programs read: made
 * anew at every boot, so never synced to a disk; replaced whole, so that
 * nobody reads half of one. */
#ifndef VMOVS_APPLY_RUN_FILE_H
#define VMOVS_APPLY_RUN_FILE_H

#include <stddef.h>

/* What 'path' holds, malloc'd and NUL-terminated; NULL: it cannot be read, or
 * has more than 'max' bytes. */
char *run_file_read(const char *path, size_t max);

enum run_file_put {
    RUN_FILE_SAME,              /* It held 'text' already. */
    RUN_FILE_NEW,               /* It was not there. */
    RUN_FILE_CHANGED,
    RUN_FILE_FAILED             /* errno says why. */
};

/* Makes 'text' what 'path' holds, mode 0644.  In between there is a file
 * ".NAME" beside it (dnsmasq leaves names with a dot alone). */
enum run_file_put run_file_put(const char *path, const char *text);

/* Makes a directory, mode 0755, and those above it.  Returns 0 or a positive
 * errno. */
int run_file_mkdir(const char *path);

#endif
