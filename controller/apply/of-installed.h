/* SPDX-License-Identifier: Apache-2.0
 *
 * of-installed.h: what is wanted on the switch, what is known to be there,
 * and what differs.
 *
 * One entry for each flow, group, bucket and meter that is wanted or there (or
 * both), so that neither a new block nor somebody's change costs more than the
 * entries it touches: an entry that differs is on a list.  Where the two agree
 * they share the memory of the block.
 *
 * Does no I/O.  openflow.c decides when an edit has become a fact; of-dump.c
 * and the flow monitor say what the switch has. */
#ifndef VMOVS_APPLY_OF_INSTALLED_H
#define VMOVS_APPLY_OF_INSTALLED_H

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "core/block.h"

struct of_installed {
    struct hmap blocks;         /* struct of_block, by name. */

    struct hmap flows;          /* struct of_flow, by key. */
    struct ovs_list dirty_flows;    /* Those that differ. */
    struct ovs_list foreign_flows;  /* Those of others: only looked at. */
    size_t n_foreign;           /* Length of 'foreign_flows'. */

    struct hmap groups;         /* struct of_group, by id. */
    struct ovs_list dirty_groups;   /* Those that differ. */

    struct hmap meters;         /* struct of_meter, by id. */
    struct ovs_list dirty_meters;   /* Those that differ. */
};

/* A block and how far it is on the switch. */
struct of_block {
    struct hmap_node node;      /* In struct of_installed's 'blocks'. */
    struct block *block;        /* Holds a reference. */
    size_t n_missing;           /* Of its flows, groups, buckets and meters,
                                 * those not known to be on the switch. */
    char *refused;              /* Why it is in quarantine, where nothing of it
                                 * is wanted.  Owned; NULL: it is not. */
};

/* In which list of struct of_installed an entry is. */
enum of_list { OF_SETTLED, OF_DIRTY, OF_FOREIGN };

struct of_flow {
    struct hmap_node node;      /* In 'flows'. */
    struct ovs_list list_node;  /* In the list that 'list' tells. */
    enum of_list list;
    bool have_owned;            /* 'have' is our own copy; else it is in a
                                 * block that some struct of_block holds. */
    const struct flow_rule *want;   /* In owner->block; NULL: not wanted. */
    const struct flow_rule *have;   /* What the switch has; NULL: nothing. */
    struct of_block *owner;     /* Whose 'want' is; NULL: nobody's. */
};

enum of_group_have {
    OF_GROUP_NONE,
    OF_GROUP_ALL,               /* As we make them: of type 'all'. */
    OF_GROUP_OTHER              /* Somebody has changed its type. */
};

struct of_group {
    struct hmap_node node;      /* In 'groups'. */
    struct ovs_list list_node;  /* In 'dirty_groups', if 'list' is OF_DIRTY. */
    enum of_list list;
    uint32_t id;
    enum of_group_have have;
    bool one_by_one;            /* The switch refused it with its buckets:
                                 * send each alone to learn whose is wrong. */
    struct of_block *owner;     /* Who declares it; NULL: nobody. */
    struct hmap buckets;        /* struct of_bucket, by bucket id. */
    struct ovs_list dirty_buckets;
};

struct of_bucket {
    struct hmap_node node;      /* In the group's 'buckets'. */
    struct ovs_list list_node;  /* In its 'dirty_buckets', if OF_DIRTY. */
    enum of_list list;
    bool have_owned;            /* As in struct of_flow. */
    bool with_group;            /* Under way in the message that adds the
                                 * group. */
    struct of_group *group;
    uint32_t id;
    const struct bucket_want *want;
    const struct bucket_want *have;
    struct of_block *owner;
};

struct of_meter {
    struct hmap_node node;      /* In 'meters'. */
    struct ovs_list list_node;  /* In 'dirty_meters', if OF_DIRTY. */
    enum of_list list;
    uint32_t id;
    const struct meter_want *want;
    bool installed;
    uint32_t have_rate;         /* packets/s; 0: not of our form. */
    uint32_t have_burst;        /* packets */
    struct of_block *owner;
};

void of_installed_init(struct of_installed *);
void of_installed_uninit(struct of_installed *);

/* What is wanted. */
void of_installed_update(struct of_installed *, const struct block_changes *);
/* Puts the block in quarantine.  Takes over 'why'. */
void of_installed_refuse(struct of_installed *, struct of_block *, char *why);
/* Gives the blocks in quarantine another chance. */
void of_installed_release(struct of_installed *);
struct of_block *of_installed_find(const struct of_installed *,
                                   const char *name);

/* What there is.  The three setters that tell of a flow return true if that is
 * fine, false if the flow is now not as wanted. */
void of_installed_forget_flows(struct of_installed *);
bool of_installed_set_flow(struct of_installed *, uint8_t table,
                           uint16_t priority, uint64_t cookie,
                           const struct match *, const struct ofpact *,
                           size_t ofpacts_len);
bool of_installed_clear_flow(struct of_installed *, uint8_t table,
                             uint16_t priority, const struct match *);

/* An edit of the entry has become a fact: the switch has what is wanted. */
void of_flow_done(struct of_installed *, struct of_flow *);

/* Frees entries that are neither wanted nor there.  Pointers to entries that
 * anyone has kept are invalid afterwards. */
void of_installed_purge(struct of_installed *);

/* Changes the number of things that 'owner' (may be NULL) misses. */
static inline void
of_block_miss(struct of_block *owner, bool missing, int by)
{
    if (owner && missing) {
        owner->n_missing += by;
    }
}

#endif
