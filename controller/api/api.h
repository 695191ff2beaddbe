/* SPDX-License-Identifier: Apache-2.0
 *
 * api.h: the unix socket that the CLI and other programs use.
 *
 * JSON-RPC 1.0 (jsonrpc.org, specification of 2005) as RFC 7047 section 4 uses
 * it.  Own framing with limits (1 MiB a message, depth 32); the caller is who
 * SO_PEERCRED says at accept; descriptors come by SCM_RIGHTS.  A request may
 * wait (for its generation to be applied) without holding up others.
 *
 * The API changes the config through source.h only; devices are reached
 * through 'struct api_daemon'.  A member of the loop. */
#ifndef VMOVS_API_API_H
#define VMOVS_API_API_H

#include <stdbool.h>
#include <stdint.h>
#include "core/model.h"
#include "core/plan.h"
#include "core/status.h"
#include "core/view.h"
#include "source/source.h"

struct api;

/* What the loop lends the API.  All borrowed; pointers are valid during one
 * api_run(); 'model' may be NULL (nothing valid yet). */
struct api_daemon {
    struct source *source;
    const struct model *model;
    const struct view *view;
    const struct plan *plan;
    const struct status *status;
    const char *host;
    const char *version;

    /* What a person should know about, as of this turn.  Collected when first
     * asked for. */
    const struct problems *(*problems)(const struct api_daemon *);
    /* Is everything of this block ("nic web1") in place? */
    bool (*block_is_applied)(const struct api_daemon *, const char *block);
    /* See devices_attach() and devices_detach(). */
    char *(*attach)(const struct api_daemon *, const char *device,
                    int netns_fd, const char *name);
    char *(*detach)(const struct api_daemon *, const char *device);
    /* Stops the network, or starts it again.  Returns NULL or why it cannot be
     * done, malloc'd. */
    char *(*set_stopped)(const struct api_daemon *, bool stopped);
    /* See openflow_count() and openflow_counted(). */
    uint32_t (*count)(const struct api_daemon *, uint64_t cookie,
                      uint64_t mask);
    bool (*counted)(const struct api_daemon *, uint32_t ticket,
                    uint64_t *packets);
};

/* Listens on 'path' (made anew, mode 0660, group 'group' if not NULL and if it
 * exists).  Returns 0 or a positive errno. */
int api_create(const char *path, const char *group, struct api **);
void api_destroy(struct api *);

/* Serves what can be served.  'daemon->model' and the rest may be newer after
 * an edit: the loop calls this once a turn, after it has refreshed them. */
void api_run(struct api *, const struct api_daemon *);
void api_wait(struct api *);

size_t api_count_connections(const struct api *);

#endif
