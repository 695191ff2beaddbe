/* SPDX-License-Identifier: Apache-2.0
 *
 * listen.c: see listen.h. */
#include <config.h>
#include "api/listen.h"
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(api_listen);

enum { BACKLOG = 64 };

/* Makes way for our socket, unless somebody serves there. */
static int
remove_stale_socket(const struct sockaddr_un *sun)
{
    struct stat st;
    if (lstat(sun->sun_path, &st)) {
        return errno == ENOENT ? 0 : errno;
    } else if (!S_ISSOCK(st.st_mode)) {
        return EEXIST;
    }

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return errno;
    }
    int error =
        connect(fd, (const struct sockaddr *) sun, sizeof *sun) ? errno : 0;
    close(fd);
    if (!error || error == EAGAIN) {
        return EADDRINUSE;
    }
    return unlink(sun->sun_path) ? errno : 0;
}

/* Opens the socket to its group.  A group that does not exist leaves it
 * root's. */
static int
give_to_group(const char *path, const char *group)
{
    const struct group *gr = group ? getgrnam(group) : NULL;
    if (group && !gr) {
        VLOG_WARN("no group \"%s\": only root can use %s", group, path);
    }
    if (gr && lchown(path, -1, gr->gr_gid)) {
        return errno;
    }
    return chmod(path, 0660) ? errno : 0;
}

int
listen_at(const char *path, const char *group, int *fdp)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof sun.sun_path) {
        return ENAMETOOLONG;
    }
    ovs_strlcpy(sun.sun_path, path, sizeof sun.sun_path);

    int error = remove_stale_socket(&sun);
    if (error) {
        return error;
    }

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* Nobody gets in between bind() and give_to_group(). */
    if (fd < 0 || fchmod(fd, 0600)
        || bind(fd, (struct sockaddr *) &sun, sizeof sun)) {
        error = errno;
    } else {
        error = give_to_group(path, group);
        if (!error && listen(fd, BACKLOG)) {
            error = errno;
        }
    }
    if (error && fd >= 0) {
        close(fd);
    }
    *fdp = fd;
    return error;
}
