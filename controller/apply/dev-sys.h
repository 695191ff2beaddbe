/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-sys.h: settings of a device that netlink does not reach: IPv6 by
 * /proc/sys and checksum offload by ioctl. */
#ifndef VMOVS_APPLY_DEV_SYS_H
#define VMOVS_APPLY_DEV_SYS_H

#include <stdbool.h>

/* Writes 'value' to net.ipv6.conf.DEVICE.KEY.  Returns 0 or a positive
 * errno. */
int dev_sys_ipv6(const char *device, const char *key, int value);

/* Does the kernel leave checksums of what it sends by 'device' to it?  False
 * for a device that is not there. */
bool dev_sys_tx_offload(const char *device);

/* Makes the kernel finish checksums (and so segments, too) of what it sends by
 * 'device' itself.  Returns 0 or a positive errno. */
int dev_sys_tx_off(const char *device);

#endif
