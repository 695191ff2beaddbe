/* SPDX-License-Identifier: Apache-2.0
 *
 * server.h: what tests of the server need besides api.h. */
#ifndef VMOVS_API_SERVER_H
#define VMOVS_API_SERVER_H

#include "api/api.h"

/* What one client may take of us. */
struct api_limits {
    size_t conns_per_uid;       /* Connections at once; root has no limit. */
    long long int half_ms;      /* A message begun must be complete by then. */
    long long int unread_ms;    /* A reply of which nothing was read for so
                                 * long ends the connection. */
};
extern const struct api_limits api_default_limits;

int api_create_limited(const char *path, const char *group,
                       const struct api_limits *, struct api **);

#endif
