/* SPDX-License-Identifier: Apache-2.0
 *
 * run-file.c: a temporary file, and rename(). */
#include <config.h>
#include "apply/run-file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "util.h"

char *
run_file_read(const char *path, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    char *text = NULL;

    if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)
        && st.st_size <= max) {
        size_t n = 0;
        ssize_t got;

        text = xmalloc(st.st_size + 1);
        while (n < st.st_size
               && (got = read(fd, text + n, st.st_size - n)) > 0) {
            n += got;
        }
        text[n] = '\0';
    }
    if (fd >= 0) {
        close(fd);
    }
    return text;
}

static int
write_file(const char *path, const char *text)
{
    size_t left = strlen(text);
    int fd, error = 0;

    unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0) {
        return errno;
    }
    if (fchmod(fd, 0644)) {
        error = errno;
    }
    while (left && !error) {
        ssize_t n = write(fd, text, left);

        if (n < 0) {
            error = errno == EINTR ? 0 : errno;
        } else {
            text += n;
            left -= n;
        }
    }
    close(fd);
    return error;
}

enum run_file_put
run_file_put(const char *path, const char *text)
{
    char *old = run_file_read(path, strlen(text) + 4096);
    const char *slash = strrchr(path, '/');
    enum run_file_put result = RUN_FILE_SAME;
    char *tmp;
    int error;

    if (old && !strcmp(old, text)) {
        free(old);
        return result;
    }
    result = access(path, F_OK) ? RUN_FILE_NEW : RUN_FILE_CHANGED;
    tmp = slash ? xasprintf("%.*s/.%s", (int) (slash - path), path, slash + 1)
                : xasprintf(".%s", path);
    error = write_file(tmp, text);
    if (!error && rename(tmp, path)) {
        error = errno;
    }
    if (error) {
        unlink(tmp);
        result = RUN_FILE_FAILED;
    }
    free(tmp);
    free(old);
    errno = error;
    return result;
}

int
run_file_mkdir(const char *path)
{
    char *copy = xstrdup(path);
    int error = 0;

    for (char *p = copy + 1; !error; p++) {
        if (*p == '/' || !*p) {
            char c = *p;

            *p = '\0';
            if (!mkdir(copy, 0755)) {
                /* Whatever our umask: dnsmasq is no root. */
                error = chmod(copy, 0755) ? errno : 0;
            } else {
                error = errno != EEXIST ? errno : 0;
            }
            *p = c;
            if (!c) {
                break;
            }
        }
    }
    free(copy);
    return error;
}
