/* SPDX-License-Identifier: Apache-2.0
 *
 * attach-netns.c: network namespaces, opened and entered as the caller. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
is_pid(const char *s)
{
    return *s && strlen(s) < 10 && strspn(s, "0123456789") == strlen(s);
}

int
open_netns(const char *what, const char *netns)
{
    char *path =
        is_pid(netns) ? format("/proc/%s/ns/net", netns) : format("%s", netns);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        char *why = format("%s: %s", path, strerror(errno));
        complain(what, why,
                 "give the id of a process of yours, or a file under "
                 "/run/netns");
        free(why);
    }
    free(path);
    return fd;
}

/* Brings up eth0 and so on; in a process of its own, which enters the
 * namespace and ends there. */
static bool
bring_up_inside(const char *netns, int fd, size_t n)
{
    if (is_pid(netns)) {
        /* An unprivileged caller has rights in its own user namespace only.
         * That it is ours already is no error that matters. */
        char *path = format("/proc/%s/ns/user", netns);
        int user = open(path, O_RDONLY | O_CLOEXEC);
        if (user >= 0) {
            (void) !setns(user, CLONE_NEWUSER);
            close(user);
        }
        free(path);
    }
    if (setns(fd, CLONE_NEWNET)) {
        return false;
    }

    int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = sock >= 0;
    for (size_t i = 0; i < n && ok; i++) {
        struct ifreq ifr;
        memset(&ifr, 0, sizeof ifr);
        snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "eth%d", (int) i);
        ok = !ioctl(sock, SIOCGIFFLAGS, &ifr);
        ifr.ifr_flags |= IFF_UP;
        ok = ok && !ioctl(sock, SIOCSIFFLAGS, &ifr);
    }
    return ok;
}

void
bring_up(const char *netns, int fd, size_t n)
{
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        _exit(bring_up_inside(netns, fd, n) ? 0 : 1);
    }

    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    if (pid < 0 || status) {
        for (size_t i = 0; i < n; i++) {
            printf("Next, in the namespace: ip link set eth%zu up\n", i);
        }
    }
}
