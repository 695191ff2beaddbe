/* SPDX-License-Identifier: Apache-2.0
 *
 * of-bundle.h: the edits that bring the switch to what is wanted, as a list
 * that can be printed, and each edit as an OpenFlow message.
 *
 * The list is in the order the switch has to see it: meters that flows will
 * use (never in a bundle), groups, buckets, flows deleted, flows added, groups
 * deleted (all in one bundle), meters that no flow uses any more (after the
 * bundle).  Does no I/O. */
#ifndef VMOVS_APPLY_OF_BUNDLE_H
#define VMOVS_APPLY_OF_BUNDLE_H

#include "openvswitch/ofp-errors.h"
#include "apply/of-installed.h"

struct ds;
struct ofpbuf;

enum of_edit_kind {
    EDIT_METER_SET,             /* Add or modify. */
    EDIT_GROUP_SET,             /* Add, or make it of type 'all' again, with
                                 * the buckets marked with_group. */
    EDIT_BUCKET_DEL,
    EDIT_BUCKET_ADD,
    EDIT_FLOW_DEL,
    EDIT_FLOW_ADD,              /* Also replaces. */
    EDIT_GROUP_DEL,
    EDIT_METER_DEL
};

struct of_edit {
    enum of_edit_kind kind;
    enum ofperr error;          /* The switch's refusal; 0: none so far. */
    union {                     /* Borrowed: no of_installed_purge() while the
                                 * list is in use. */
        struct of_flow *flow;
        struct of_group *group;
        struct of_bucket *bucket;
        struct of_meter *meter;
    };
};

struct of_edits {
    struct of_edit *list;       /* Owned. */
    size_t n, allocated;
    size_t bundle;              /* Index of the first edit of the bundle. */
    size_t after;               /* Index of the first edit after it. */
};

void of_edits_init(struct of_edits *);
void of_edits_uninit(struct of_edits *);
void of_edits_clear(struct of_edits *);

/* Purges 'inst' and lists all that differs. */
void of_edits_compute(struct of_edits *, struct of_installed *inst);

/* The message for an edit, with the transaction id 'xid', for bundle
 * 'bundle_id' if the edit goes into one. */
struct ofpbuf *of_edit_encode(const struct of_edit *, uint32_t xid,
                              uint32_t bundle_id);
/* "add flow table=1,...". */
void of_edit_format(const struct of_edit *, struct ds *);
/* Whose it is; NULL: nobody's (what it is about is not wanted). */
struct of_block *of_edit_owner(const struct of_edit *);
/* The edit has become a fact. */
void of_edit_done(const struct of_edit *, struct of_installed *);

#endif
