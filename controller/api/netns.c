/* SPDX-License-Identifier: Apache-2.0
 *
 * netns.c: see netns.h.
 *
 * close() of a file on a user's own FUSE file system waits for that user's
 * program (flush), and so do fstat() and most ioctls.  Only what is known to
 * be the kernel's namespace file system is touched or closed by the main
 * thread. */
#include <config.h>
#include "api/netns.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "util.h"

enum { MAX_HANGING = 16 }; /* Threads that may wait in close(). */
static atomic_int n_hanging;

/* Fills in the device and inode of 'fd' from what the kernel has in memory. */
static bool
stat_fd(int fd, struct statx *stx)
{
    return !statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, stx);
}

static bool
same_fs(const struct statx *a, const struct statx *b)
{
    return a->stx_dev_major == b->stx_dev_major
           && a->stx_dev_minor == b->stx_dev_minor;
}

/* Our own network namespace, and with it the file system of namespaces. */
static bool
stat_own(struct statx *stx)
{
    return !statx(AT_FDCWD, "/proc/self/ns/net", 0, STATX_INO, stx);
}

static bool
is_namespace(int fd, struct statx *stx, struct statx *own)
{
    return stat_fd(fd, stx) && stat_own(own) && same_fs(stx, own);
}

char *
netns_check(int fd, uid_t uid, bool admin)
{
    struct statx stx, own;
    if (!is_namespace(fd, &stx, &own)
        || ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
        return xstrdup("the descriptor is not a network namespace");
    }
    if (stx.stx_ino == own.stx_ino) {
        return xstrdup("that is the host's own network namespace");
    }
    if (admin) {
        return NULL;
    }

    uid_t owner;
    int userns = ioctl(fd, NS_GET_USERNS);
    bool known = userns >= 0 && !ioctl(userns, NS_GET_OWNER_UID, &owner);
    if (userns >= 0) {
        close(userns);
    }
    if (!known) {
        return xstrdup("cannot tell whose that network namespace is");
    } else if (owner != uid) {
        return xasprintf("that network namespace belongs to uid %u, not to "
                         "you (uid %u)",
                         (unsigned int) owner, (unsigned int) uid);
    }
    return NULL;
}

static void *
close_thread(void *fd)
{
    close((intptr_t) fd);
    atomic_fetch_sub(&n_hanging, 1);
    return NULL;
}

void
netns_close(int fd)
{
    struct statx stx, own;
    if (is_namespace(fd, &stx, &own)) {
        close(fd);
        return;
    }

    pthread_t thread;
    atomic_fetch_add(&n_hanging, 1);
    if (pthread_create(&thread, NULL, close_thread, (void *) (intptr_t) fd)) {
        atomic_fetch_sub(&n_hanging, 1);
        close(fd);
    } else {
        pthread_detach(thread);
    }
}

bool
netns_may_receive(void)
{
    return atomic_load(&n_hanging) < MAX_HANGING;
}
