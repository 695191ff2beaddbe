/* SPDX-License-Identifier: Apache-2.0
 *
 * nat-forward.c: writes /proc/sys/net and remembers what was there.  See
 * nat-forward.h.
 *
 * The file has a line with the boot's id, and then a line a setting: its path
 * under /proc/sys/net, the value it had and the one it was given. */
#include <config.h>
#include "apply/nat-forward.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(nat_forward);

#define IP4 "ipv4/ip_forward"
#define IP6 "ipv6/conf/all/forwarding"

struct setting {
    char *path;   /* Under /proc/sys/net.  Owned. */
    int old, new; /* From 0 to 9. */
};

struct nat_forward {
    char *file;              /* Owned. */
    struct setting *changed; /* By us, in that order.  Owned. */
    size_t n, allocated;
};

/* Reads a file of one line into 'line', without its end. */
static int
read_line(const char *path, char *line, size_t size)
{
    FILE *stream = fopen(path, "re");
    int error = 0;

    if (!stream) {
        return errno;
    }
    if (!fgets(line, size, stream)) {
        error = EIO;
    } else {
        line[strcspn(line, "\n")] = '\0';
    }
    fclose(stream);
    return error;
}

/* The value of a setting; -1 if there is none of one digit. */
static int
read_setting(const char *path)
{
    char *full = xasprintf("/proc/sys/net/%s", path);
    char line[16] = "";
    int value = -1;

    if (!read_line(full, line, sizeof line) && line[0] >= '0' && line[0] <= '9'
        && !line[1]) {
        value = line[0] - '0';
    }
    free(full);
    return value;
}

static int
write_setting(const char *path, int value)
{
    char *full = xasprintf("/proc/sys/net/%s", path);
    char digit = '0' + value;
    int fd = open(full, O_WRONLY | O_CLOEXEC);
    int error = 0;

    free(full);
    if (fd < 0) {
        return errno;
    }
    if (write(fd, &digit, 1) != 1) {
        error = errno;
    }
    close(fd);
    return error;
}

/* What was there before. */

static struct setting *
find(struct nat_forward *f, const char *path)
{
    for (size_t i = 0; i < f->n; i++) {
        if (!strcmp(f->changed[i].path, path)) {
            return &f->changed[i];
        }
    }
    return NULL;
}

static void
add(struct nat_forward *f, const char *path, int old, int new)
{
    if (f->n == f->allocated) {
        f->changed = x2nrealloc(f->changed, &f->allocated, sizeof *f->changed);
    }
    f->changed[f->n++] = (struct setting){ xstrdup(path), old, new };
}

static void
drop(struct nat_forward *f, size_t i)
{
    free(f->changed[i].path);
    f->n--;
    memmove(&f->changed[i], &f->changed[i + 1],
            (f->n - i) * sizeof *f->changed);
}

static void
boot_id(char *id, size_t size)
{
    if (read_line("/proc/sys/kernel/random/boot_id", id, size)) {
        ovs_strlcpy(id, "?", size);
    }
}

/* Only what we write ourselves: the file must not name other files. */
static bool
path_is_ours(const char *path)
{
    return (!strcmp(path, IP4) || !strncmp(path, "ipv6/conf/", 10))
           && !strstr(path, "..");
}

static void
load(struct nat_forward *f)
{
    FILE *stream = fopen(f->file, "re");
    char line[256], now[64], path[200];
    int old, new;

    if (!stream) {
        return;
    }
    boot_id(now, sizeof now);
    if (fgets(line, sizeof line, stream) && !strncmp(line, now, strlen(now))) {
        while (fgets(line, sizeof line, stream)) {
            if (ovs_scan(line, "%199s %d %d", path, &old, &new) && old >= 0
                && old <= 9 && new >= 0 && new <= 9 && path_is_ours(path)) {
                add(f, path, old, new);
            }
        }
    }
    fclose(stream);
}

/* Returns 0 or a positive errno. */
static int
save(const struct nat_forward *f)
{
    char *next = xasprintf("%s.new", f->file);
    char now[64];
    FILE *stream;
    int error = 0;

    if (!f->n) {
        error = unlink(f->file) && errno != ENOENT ? errno : 0;
        free(next);
        return error;
    }
    stream = fopen(next, "we");
    if (!stream) {
        error = errno;
        free(next);
        return error;
    }
    boot_id(now, sizeof now);
    fprintf(stream, "%s\n", now);
    for (size_t i = 0; i < f->n; i++) {
        fprintf(stream, "%s %d %d\n", f->changed[i].path, f->changed[i].old,
                f->changed[i].new);
    }
    error = fflush(stream) || fsync(fileno(stream)) ? errno : 0;
    fclose(stream);
    if (!error && rename(next, f->file)) {
        error = errno;
    }
    free(next);
    return error;
}

struct nat_forward *
nat_forward_create(const char *state_dir)
{
    struct nat_forward *f = xzalloc(sizeof *f);

    f->file = xasprintf("%s/forwarding", state_dir);
    load(f);
    return f;
}

void
nat_forward_destroy(struct nat_forward *f)
{
    if (f) {
        while (f->n) {
            drop(f, f->n - 1);
        }
        free(f->changed);
        free(f->file);
        free(f);
    }
}

/* Changing. */

/* Sets 'path' to 'value'.  It is remembered before it is done. */
static char *
change(struct nat_forward *f, const char *path, int value)
{
    int old = read_setting(path);
    int error = 0;

    if (old == value) {
        return NULL;
    }
    if (old >= 0 && !find(f, path)) {
        add(f, path, old, value);
        error = save(f);
        if (error) {
            drop(f, f->n - 1);
            return xasprintf("%s: %s", f->file, ovs_strerror(error));
        }
    }
    error = write_setting(path, value);
    if (error) {
        return xasprintf("/proc/sys/net/%s: %s", path, ovs_strerror(error));
    }
    VLOG_INFO("%s was %d and is %d, for networks with a way out", path, old,
              value);
    return NULL;
}

/* May the host itself listen to routers there? */
static bool
is_uplink(const char *device)
{
    return device[0] != '.' && strcmp(device, "all") && strcmp(device, "lo")
           && strncmp(device, "vm-", 3) && strncmp(device, "vp-", 3)
           && strncmp(device, "vmovs-", 6);
}

/* accept_ra from 1 to 2 on all devices, "default" among them. */
static void
keep_listening(struct nat_forward *f)
{
    DIR *dir = opendir("/proc/sys/net/ipv6/conf");
    const struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char *path = xasprintf("ipv6/conf/%s/accept_ra", entry->d_name);

        if (is_uplink(entry->d_name) && read_setting(path) == 1) {
            char *message = change(f, path, 2);

            if (message) {
                VLOG_WARN("%s", message);
                free(message);
            }
        }
        free(path);
    }
    if (dir) {
        closedir(dir);
    }
}

/* Puts back what has a path that begins with 'prefix'. */
static void
put_back(struct nat_forward *f, const char *prefix)
{
    bool any = false;

    for (size_t i = f->n; i-- > 0;) {
        const struct setting *s = &f->changed[i];

        if (strncmp(s->path, prefix, strlen(prefix))) {
            continue;
        }
        if (read_setting(s->path) == s->new) {
            int error = write_setting(s->path, s->old);

            if (error) {
                VLOG_WARN("%s: %s", s->path, ovs_strerror(error));
            } else {
                VLOG_INFO("%s is %d again", s->path, s->old);
            }
        }
        drop(f, i);
        any = true;
    }
    if (any && save(f)) {
        VLOG_WARN("%s: cannot be written", f->file);
    }
}

char *
nat_forward_set(struct nat_forward *f, bool ip4, bool ip6)
{
    char *message = NULL;

    if (ip4) {
        message = change(f, IP4, 1);
    } else {
        put_back(f, IP4);
    }
    if (!ip6) {
        /* In this order: at no time is the host deaf to routers. */
        put_back(f, IP6);
        put_back(f, "ipv6/");
    } else if (!message) {
        /* Devices come and go; what is known of them is renewed only while
         * forwarding is to be switched on, or is ours. */
        if (read_setting(IP6) != 1 || find(f, IP6)) {
            keep_listening(f);
        }
        message = change(f, IP6, 1);
    }
    return message;
}
