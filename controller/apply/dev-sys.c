/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-sys.c: small writes to /proc/sys, and ethtool's "tx off".
 *
 * /proc/sys/net shows the namespace of the task that reads it, so these act on
 * our own, as everything here does.  ETHTOOL_STXCSUM also ends segmentation
 * offload, which depends on checksums. */
#include <config.h>
#include "apply/dev-sys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <net/if.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include "util.h"

int
dev_sys_ipv6(const char *device, const char *key, int value)
{
    char *path = xasprintf("/proc/sys/net/ipv6/conf/%s/%s", device, key);
    char text[16];
    int n = snprintf(text, sizeof text, "%d\n", value);
    int error = 0;
    int fd;

    fd = open(path, O_WRONLY | O_CLOEXEC);
    free(path);
    if (fd < 0) {
        return errno;
    }
    if (write(fd, text, n) != n) {
        error = errno;
    }
    close(fd);
    return error;
}

static int
ethtool(const char *device, struct ethtool_value *value)
{
    struct ifreq ifr = { .ifr_data = (void *) value };
    int error = 0;
    int fd;

    ovs_strlcpy(ifr.ifr_name, device, sizeof ifr.ifr_name);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    if (ioctl(fd, SIOCETHTOOL, &ifr)) {
        error = errno;
    }
    close(fd);
    return error;
}

bool
dev_sys_tx_offload(const char *device)
{
    struct ethtool_value value = { .cmd = ETHTOOL_GTXCSUM };

    return !ethtool(device, &value) && value.data;
}

int
dev_sys_tx_off(const char *device)
{
    struct ethtool_value value = { .cmd = ETHTOOL_STXCSUM, .data = 0 };

    return ethtool(device, &value);
}
