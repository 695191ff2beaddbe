/* SPDX-License-Identifier: Apache-2.0
 *
 * nat-watch.h: who changed what that NAT stands on.
 *
 * Tells of changes to our nftables table, to others' tables, and to the
 * kernel's forwarding.  Says only that one has to look again. */
#ifndef VMOVS_APPLY_NAT_WATCH_H
#define VMOVS_APPLY_NAT_WATCH_H

#include <stdbool.h>

struct nat_watch;

/* Returns 0 or a positive errno. */
int nat_watch_create(struct nat_watch **);
void nat_watch_destroy(struct nat_watch *);

/* What has changed since it was asked last. */
struct nat_news {
    unsigned int ours;          /* By how many programs our table was: 0, 1,
                                 * 2 for more. */
    bool lost;                  /* News were lost: any of it may have. */
    bool others;                /* Others' IP tables. */
    bool forwarding;            /* Settings of forwarding, or devices. */
};

/* The kernel tells of a change before it returns to who made it: if we have
 * just replaced our table, and 'ours' is 1, it was us. */
void nat_watch_run(struct nat_watch *, struct nat_news *);
void nat_watch_wait(struct nat_watch *);

#endif
