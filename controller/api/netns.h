/* SPDX-License-Identifier: Apache-2.0
 *
 * netns.h: may this descriptor's namespace get a device of ours?
 *
 * A caller can pass a descriptor of anything, also of a file system of his own
 * that never answers, so it is identified without asking the file system
 * behind it, and closed where waiting hurts nobody. */
#ifndef VMOVS_API_NETNS_H
#define VMOVS_API_NETNS_H

#include <stdbool.h>
#include <sys/types.h>

/* NULL if 'fd' is a network namespace, not our own, that belongs to 'uid'
 * (any, if 'admin'): the owner of a namespace is who made its user namespace.
 * Otherwise a malloc'd message. */
char *netns_check(int fd, uid_t uid, bool admin);

/* Closes a descriptor that came from a caller. */
void netns_close(int fd);
/* False while so many such closes hang that no descriptor should be taken. */
bool netns_may_receive(void);

#endif
