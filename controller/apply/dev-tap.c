/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-tap.c: makes persistent taps and gives them away.
 *
 * Whoever has a tap open may end its persistence, change its owner and its
 * MAC; nothing else may trust these, and devices.c sets them right again. */
#include <config.h>
#include "apply/dev-tap.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include "apply/dev-netlink.h"
#include "util.h"

/* Opens the queue of tap 'name'; returns a descriptor or a negative errno. */
static int
tap_open(const char *name, int flags)
{
    struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | flags };
    int fd;

    fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    ovs_strlcpy(ifr.ifr_name, name, sizeof ifr.ifr_name);
    if (ioctl(fd, TUNSETIFF, &ifr)) {
        int error = errno;

        close(fd);
        return -error;
    }
    return fd;
}

/* The kernel takes the arguments of these by value. */
static int
tap_give(int fd, uint32_t uid)
{
    return ioctl(fd, TUNSETOWNER, (unsigned long) uid)
                   || ioctl(fd, TUNSETPERSIST, 1UL)
               ? errno
               : 0;
}

int
dev_tap_create(const char *name, uint32_t uid, const char *alias)
{
    struct dev_link link;
    int fd, error;

    fd = tap_open(name, IFF_TUN_EXCL);
    if (fd < 0) {
        return -fd;
    }
    error = dev_link_query(0, name, &link);
    if (!error) {
        error = dev_link_set_alias(link.ifindex, alias);
    }
    if (!error) {
        error = tap_give(fd, uid);
    }
    close(fd);
    return error;
}

int
dev_tap_set_owner(const char *name, uint32_t uid)
{
    int fd, error;

    fd = tap_open(name, 0);
    if (fd < 0) {
        return -fd;
    }
    error = tap_give(fd, uid);
    close(fd);
    return error;
}
