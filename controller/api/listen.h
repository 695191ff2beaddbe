/* SPDX-License-Identifier: Apache-2.0
 *
 * listen.h: the file of the API's socket: made anew, and for whom. */
#ifndef VMOVS_API_LISTEN_H
#define VMOVS_API_LISTEN_H

/* Listens on 'path', mode 0660, group 'group' if not NULL and if it exists.  A
 * socket that nobody serves is replaced; anything else of that name is left
 * alone (EEXIST, EADDRINUSE).  Returns 0 and '*fd', or a positive errno. */
int listen_at(const char *path, const char *group, int *fd);

#endif
