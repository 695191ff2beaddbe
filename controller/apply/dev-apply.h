/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-apply.h: brings one device to what is wanted: reads, compares
 * (dev-diff), carries out, looks again.
 *
 * Keeps no memory of devices; when to look at which is devices.c's. */
#ifndef VMOVS_APPLY_DEV_APPLY_H
#define VMOVS_APPLY_DEV_APPLY_H

#include <stdbool.h>
#include "apply/dev-diff.h"
#include "apply/dev-links.h"
#include "apply/dev-shield.h"

/* What the kernel has. */
struct dev_kernel {
    struct dev_links links;
    struct dev_shield *shield;  /* Owned. */
};

/* Returns 0 or a positive errno; to be uninitialised in either case. */
int dev_kernel_init(struct dev_kernel *);
void dev_kernel_uninit(struct dev_kernel *);

/* Takes in news.  Returns 0 or a positive errno. */
int dev_kernel_run(struct dev_kernel *);
void dev_kernel_wait(struct dev_kernel *);

/* Asks for device 'name' (both ends) now. */
void dev_kernel_refresh(struct dev_kernel *, const char *name);

struct dev_result {
    bool there;                 /* The device exists. */
    bool applied;               /* It is as wanted. */
    bool edited;                /* Something was changed. */
    bool created;               /* The device was made. */
    char *what, *remedy;        /* What stands in the way.  The caller's;
                                 * NULL: nothing. */
};

/* Brings 'name' to 'want' (NULL: away, if it is ours).  'object' is what it
 * belongs to ("web1"), for its alias. */
void dev_apply(struct dev_kernel *, const char *name, const char *object,
               const struct device_want *want, enum dev_port,
               struct dev_result *);

#endif
