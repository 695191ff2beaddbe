/* SPDX-License-Identifier: Apache-2.0
 *
 * atomic-file.c: see atomic-file.h.
 *
 * The new text is written to a file beside the old one and synced; then the
 * two change places in one step (RENAME_EXCHANGE), and what came out tells
 * whether it is what the caller had read.  If it is not, somebody edited the
 * file meanwhile: both change places again and the caller is told.
 *
 *     path   old --exchange--> new ------------------------> keep
 *     beside new --exchange--> old = expected? yes: unlink
 *                                              no: exchange back
 */
#include <config.h>
#include "source/atomic-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "util.h"

void
file_text_uninit(struct file_text *text)
{
    free(text->s);
    *text = (struct file_text){ .s = NULL };
}

bool
file_text_equal(const struct file_text *a, const struct file_text *b)
{
    if (!a->s || !b->s) {
        return !a->s && !b->s;
    }
    return a->n == b->n && !memcmp(a->s, b->s, a->n);
}

/* A link is not followed and a FIFO not waited for. */
static int
open_to_read(const char *path)
{
    return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* Reads all of 'fd', a file of about 'size' bytes. */
static int
read_all(int fd, size_t size, size_t max, struct file_text *text)
{
    size_t allocated = size + 2; /* Room to see the end, and for a null. */
    char *s = xmalloc(allocated);
    size_t n = 0;

    for (;;) {
        ssize_t got = read(fd, s + n, allocated - 1 - n);

        if (got < 0 && errno == EINTR) {
            continue;
        } else if (got < 0 || n + got > max) {
            int error = got < 0 ? errno : EFBIG;

            free(s);
            return error;
        } else if (!got) {
            break;
        }
        n += got;
        if (n + 1 >= allocated) {
            allocated *= 2;
            s = xrealloc(s, allocated);
        }
    }
    s[n] = '\0';
    *text = (struct file_text){ .s = s, .n = n };
    return 0;
}

int
file_read(const char *path, size_t max, struct file_text *text)
{
    int fd = open_to_read(path);
    struct stat st;
    int error;

    *text = (struct file_text){ .s = NULL };
    if (fd < 0) {
        return errno;
    } else if (fstat(fd, &st)) {
        error = errno;
    } else if (!S_ISREG(st.st_mode)) {
        error = S_ISDIR(st.st_mode) ? EISDIR : EMEDIUMTYPE;
    } else if (st.st_size > max) {
        error = EFBIG;
    } else {
        error = read_all(fd, st.st_size, max, text);
    }
    close(fd);
    return error;
}

/* The directory of 'path', with its slash; "" if it names none.  malloc'd. */
static char *
directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? xmemdup0(path, slash + 1 - path) : xstrdup("");
}

/* The name of the file beside 'path'.  malloc'd. */
static char *
name_beside(const char *path)
{
    char *dir = directory_of(path);
    char *name = xasprintf("%s.%s.vmovs-new", dir, path + strlen(dir));

    free(dir);
    return name;
}

char *
file_clean_up(const char *path, const struct file_text *known)
{
    char *beside = name_beside(path);
    char *kept = NULL;
    struct file_text left, text;
    bool has_left = !file_read(beside, SIZE_MAX, &left);
    bool has_text = !file_read(path, SIZE_MAX, &text);

    if (has_left && left.n && known && !file_text_equal(&left, known)
        && !(has_text
             && (file_text_equal(&text, known)
                 || file_text_equal(&text, &left)))) {
        kept = xasprintf("%s.vmovs-kept", path);
        if (rename(beside, kept)) {
            free(kept);
            kept = NULL;
        }
    }
    if (!kept) {
        unlink(beside);
    }
    file_text_uninit(&left);
    file_text_uninit(&text);
    free(beside);
    return kept;
}

static int
write_all(int fd, const struct file_text *text)
{
    for (size_t n = 0; n < text->n;) {
        ssize_t wrote = write(fd, text->s + n, text->n - n);

        if (wrote < 0 && errno != EINTR) {
            return errno;
        }
        n += MAX(wrote, 0);
    }
    return fsync(fd) ? errno : 0;
}

/* Creates 'beside' with 'text' and owner, group and mode of 'path', if that is
 * there.  Returns 0 or an errno; then there is no such file. */
static int
write_beside(const char *beside, const char *path,
             const struct file_text *text)
{
    struct stat st;
    bool exists = !lstat(path, &st);
    int error = 0;
    int fd;

    unlink(beside);
    fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
              0600);
    if (fd < 0) {
        return errno;
    }
    if (exists
        && (fchown(fd, st.st_uid, st.st_gid)
            || fchmod(fd, st.st_mode & 07777))) {
        error = errno;
    }
    if (!error) {
        error = write_all(fd, text);
    }
    if (close(fd) && !error) {
        error = errno;
    }
    if (error) {
        unlink(beside);
    }
    return error;
}

/* Makes renames in the directory of 'path' last.  A failure is not reported:
 * the new file is in place, and only a power cut now could undo that. */
static void
sync_directory(const char *path)
{
    char *dir = directory_of(path);
    int fd = open(dir[0] ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(dir);
}

/* A message for 'error', met while 'path' was to be written. */
static char *
write_error(const char *path, int error)
{
    const char *try = "try again";

    if (error == ENOSPC || error == EDQUOT) {
        try = "free some space there and try again";
    } else if (error == EROFS) {
        try = "make its file system writable and try again";
    } else if (error == EACCES || error == EPERM) {
        try = "let vmovsd write its directory and try again";
    }
    return xasprintf("%s: cannot be written, and is unchanged: %s; %s", path,
                     ovs_strerror(error), try);
}

static int
exchange(const char *a, const char *b)
{
    return (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) ? errno : 0);
}

/* Has the file 'beside', just taken out of its place, 'expected' in it for
 * good?  One that somebody still has open for writing has not, whatever it
 * holds now: a read lease is refused for such a file.  (Where leases do not
 * exist, the content alone must do.) */
static bool
is_settled(const char *beside, const struct file_text *expected)
{
    struct file_text text;
    bool settled;
    int fd = open_to_read(beside);

    if (fd < 0) {
        return false;
    }
    settled = !fcntl(fd, F_SETLEASE, F_RDLCK) || errno != EAGAIN;
    fcntl(fd, F_SETLEASE, F_UNLCK);
    close(fd);

    settled &= (!file_read(beside, SIZE_MAX, &text)
                && file_text_equal(&text, expected));
    file_text_uninit(&text);
    return settled;
}

/* Puts the file 'beside', somebody else's newer one, back in the place of
 * 'path', where 'text' is.  Should 'path' have been edited once more, what
 * comes out is newer still and goes in again; each turn is microseconds, so a
 * few are enough. */
static void
put_back(const char *beside, const char *path, const struct file_text *text)
{
    struct file_text inside = { .s = xmemdup0(text->s, text->n),
                                .n = text->n };
    bool newest = false;

    for (int i = 0; i < 8 && !newest; i++) {
        struct file_text held, out;

        /* What is no file counts as no text. */
        file_read(beside, SIZE_MAX, &held);
        if (exchange(beside, path)) {
            file_text_uninit(&held);
            break; /* It was removed: nothing to keep. */
        }
        file_read(beside, SIZE_MAX, &out);
        newest = file_text_equal(&out, &inside);
        file_text_uninit(&out);
        file_text_uninit(&inside);
        inside = held;
    }
    file_text_uninit(&inside);
}

/* Where the file system cannot exchange: compares and then renames, which
 * leaves some microseconds for somebody's edit to be lost. */
static int
replace_plainly(const char *beside, const char *path,
                const struct file_text *expected, bool *changed)
{
    struct file_text text;
    int error = file_read(path, SIZE_MAX, &text);

    *changed = error || !file_text_equal(&text, expected);
    file_text_uninit(&text);
    return !*changed && rename(beside, path) ? errno : 0;
}

enum replace_result
file_replace(const char *path, const struct file_text *expected,
             const struct file_text *text, char **errorp)
{
    char *beside = name_beside(path);
    int error = write_beside(beside, path, text);
    bool changed = false;

    *errorp = NULL;
    if (!error) {
        if (file_replace_test_hook) {
            file_replace_test_hook();
        }
        error = exchange(beside, path);
        if (!error) {
            changed = !is_settled(beside, expected);
            if (changed) {
                put_back(beside, path, text);
            }
        } else if (error == EINVAL || error == ENOSYS) {
            error = replace_plainly(beside, path, expected, &changed);
        } else if (error == ENOENT) {
            error = 0;
            changed = true;
        }
        unlink(beside);
        sync_directory(path);
    }
    free(beside);
    if (error) {
        *errorp = write_error(path, error);
        return REPLACE_FAILED;
    }
    return changed ? REPLACE_CHANGED : REPLACE_DONE;
}

char *
file_put(const char *path, const struct file_text *text)
{
    char *beside = name_beside(path);
    int error = write_beside(beside, path, text);

    if (!error && rename(beside, path)) {
        error = errno;
        unlink(beside);
    }
    sync_directory(path);
    free(beside);
    return error ? write_error(path, error) : NULL;
}
