/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-links.h: what the kernel has, kept up to date: every link of our network
 * namespace with its addresses, and, on demand, the routes.
 *
 * News from the kernel are signs to look again, not facts: by the time one is
 * read it may be history.  Changes nothing. */
#ifndef VMOVS_APPLY_DEV_LINKS_H
#define VMOVS_APPLY_DEV_LINKS_H

#include "apply/dev-netlink.h"
#include "core/check.h"
#include "sset.h"

struct nl_sock;

struct dev_links {
    struct hmap by_index;       /* struct dev_link, owned. */
    struct hmap by_name;        /* The same. */
    struct ovs_list stale;      /* Those to be asked for again. */
    struct nl_sock *news;       /* Owned. */
    bool resync;                /* News were lost: dump everything. */

    /* For whoever reads the table, who empties them. */
    struct sset touched;        /* Names of links that may have changed. */
    struct sset gone;           /* Names of links that ceased, even if there is
                                 * another of that name now. */
    bool routes_changed;        /* The routes are worth a new dump. */
};

/* Returns 0 or a positive errno. */
int dev_links_init(struct dev_links *);
void dev_links_uninit(struct dev_links *);

/* Takes in news.  Returns 0 or a positive errno. */
int dev_links_run(struct dev_links *);
void dev_links_wait(struct dev_links *);

const struct dev_link *dev_links_find(const struct dev_links *,
                                      const char *name);
const struct dev_link *dev_links_by_index(const struct dev_links *,
                                          int ifindex);

/* Asks the kernel for 'name' now: after a change of our own. */
void dev_links_refresh(struct dev_links *, const char *name);

/* Takes note of an address that we have added or deleted.  The kernel's news
 * of it may be late. */
void dev_links_note_addr(struct dev_links *, int ifindex,
                         const struct dev_addr *, bool add);

/* Is this the name of a device that only we should have: "vm-...", "vp-..." or
 * "vmovs-..."? */
bool dev_name_is_ours(const char *name);

/* Sets 'facts' to the routes that are not by devices of ours, and '*changed'
 * to whether they differ from what was there.  Returns 0 or a positive
 * errno. */
int dev_links_routes(struct dev_links *, struct host_facts *facts,
                     bool *changed);

#endif
