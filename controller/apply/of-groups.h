/* SPDX-License-Identifier: Apache-2.0
 *
 * of-groups.h: the groups, buckets and meters of struct of_installed.
 *
 * Groups and meters carry no cookie: on our bridge they are all ours.  A
 * bucket belongs to the block of its NIC, the group to that of the network; a
 * bucket waits until its group is declared. */
#ifndef VMOVS_APPLY_OF_GROUPS_H
#define VMOVS_APPLY_OF_GROUPS_H

#include "apply/of-installed.h"

struct ofputil_bucket;

/* What is wanted: steps of of_installed_update(), see there. */
void of_groups_unwant(struct of_installed *, struct of_block *);
/* Returns the owner of something that 'ob' wants too, else NULL. */
const struct of_block *of_groups_want(struct of_installed *,
                                      struct of_block *);
void of_groups_settle(struct of_installed *, const struct block *);

/* What there is. */
void of_groups_forget(struct of_installed *);
void of_groups_set_group(struct of_installed *, uint32_t id, bool type_all);
void of_groups_set_bucket(struct of_installed *, uint32_t group_id,
                          const struct ofputil_bucket *);
void of_groups_set_meter(struct of_installed *, uint32_t id, uint32_t rate,
                         uint32_t burst);

/* An edit of the entry has become a fact. */
void of_group_done(struct of_installed *, struct of_group *);
void of_bucket_done(struct of_installed *, struct of_bucket *);
void of_meter_done(struct of_installed *, struct of_meter *);

void of_groups_purge(struct of_installed *);
void of_groups_uninit(struct of_installed *);

#endif
