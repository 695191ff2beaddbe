/* SPDX-License-Identifier: Apache-2.0
 *
 * status.h: what is applied and what stands in the way, as a plain value that
 * the loop fills in each turn and the API shows.  Pure. */
#ifndef VMOVS_CORE_STATUS_H
#define VMOVS_CORE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Something a person should know about. */
struct problem {
    char *object;               /* "nic web1", "port tap3", "config"...
                                 * Owned. */
    char *what;                 /* Owned. */
    char *remedy;               /* Owned; may be NULL. */
};

struct problems {
    struct problem *list;       /* Owned. */
    size_t n, allocated;
};

void problems_init(struct problems *);
void problems_clear(struct problems *);
void problems_uninit(struct problems *);
/* Takes over 'what' and 'remedy' (NULL: none), copies 'object'. */
void problems_add(struct problems *, const char *object, char *what,
                  char *remedy);

struct status {
    uint64_t generation;        /* Of the model in force. */
    uint64_t applied;           /* Newest generation whose ports, devices and
                                 * flows are all in place.  0: none, since
                                 * some are missing that were there. */
    bool flows_applied;         /* The switch has the flows of 'generation',
                                 * of the ports that have a number, and no
                                 * others of ours. */
    bool stopped;               /* "vmovs stop": nothing passes. */
    bool services;              /* Not --no-services. */
    bool ovsdb_connected;
    bool openflow_connected;
    const char *openflow_state; /* "READY"...  Static string. */
};

#endif
