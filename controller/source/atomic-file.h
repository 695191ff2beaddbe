/* SPDX-License-Identifier: Apache-2.0
 *
 * atomic-file.h: reads a file that people edit, and replaces it so that at
 * any moment, a crash included, the old or the new one is there in whole, and
 * so that nobody else's change is lost.
 *
 * Knows nothing of what is in the file. */
#ifndef VMOVS_SOURCE_ATOMIC_FILE_H
#define VMOVS_SOURCE_ATOMIC_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of a file. */
struct file_text {
    char *s;                    /* Owned; NULL: there is no file. */
    size_t n;
};

void file_text_uninit(struct file_text *);
bool file_text_equal(const struct file_text *, const struct file_text *);

/* Reads the regular file at 'path', of at most 'max' bytes.  Returns 0 or a
 * positive errno, among others ELOOP for a symbolic link, EFBIG for too large
 * a file, EISDIR for a directory and EMEDIUMTYPE for what else is no file. */
int file_read(const char *path, size_t max, struct file_text *);

enum replace_result {
    REPLACE_DONE,
    REPLACE_CHANGED,            /* The file was not 'expected'; it is as
                                 * somebody else left it. */
    REPLACE_FAILED              /* The file is as it was. */
};

/* Makes 'text' what the file at 'path' holds, on the disk too, if the file
 * holds 'expected'.  Owner, group and mode stay.  For REPLACE_FAILED '*error'
 * is malloc'd. */
enum replace_result file_replace(const char *path,
                                 const struct file_text *expected,
                                 const struct file_text *text, char **error);

/* The same without regard for what the file held, or for whether it was there
 * (then its mode is 0600).  Returns NULL or a malloc'd message. */
char *file_put(const char *path, const struct file_text *text);

/* Removes what a crash during a replacement of 'path' left behind, 'known'
 * (or NULL) being the text that was in force then.  What was left may be
 * somebody's edit that had just come out of its place: if it cannot be told
 * that it is not, it is kept.  Returns NULL or the kept file's name,
 * malloc'd. */
char *file_clean_up(const char *path, const struct file_text *known);

/* A test may define it: called when the new text is on the disk and the old
 * one still in place. */
void file_replace_test_hook(void) __attribute__((weak));

#endif
