/* SPDX-License-Identifier: Apache-2.0
 *
 * plan-flows DIR: writes what the compilers make of topology.h into DIR, as
 * ovs-ofctl reads it: "flows", "groups" and "meters" (a line each). */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "topology.h"

static FILE *
create(const char *dir, const char *name)
{
    char *path = xasprintf("%s/%s", dir, name);
    FILE *file = fopen(path, "w");

    if (!file) {
        ovs_fatal(errno, "%s", path);
    }
    free(path);
    return file;
}

static void
put_group(struct block *blocks[], uint32_t id, struct ds *out)
{
    ds_put_format(out, "group_id=%" PRIu32 ",type=all", id);
    for (size_t i = 0; i < N_TOPOLOGY; i++) {
        for (size_t j = 0; j < blocks[i]->n_buckets; j++) {
            const struct bucket_want *b = &blocks[i]->buckets[j];

            if (b->group_id == id) {
                struct ofpact_format_params fp = { .s = out };

                ds_put_format(out, ",bucket=bucket_id:%" PRIu32 ",actions=",
                              b->bucket_id);
                ofpacts_format(b->ofpacts, b->ofpacts_len, &fp);
            }
        }
    }
    ds_put_char(out, '\n');
}

int
main(int argc, char *argv[])
{
    struct ds flows = DS_EMPTY_INITIALIZER, groups = DS_EMPTY_INITIALIZER;
    struct block *blocks[N_TOPOLOGY];
    FILE *file;

    if (argc != 2) {
        ovs_fatal(0, "usage: plan-flows DIR");
    }
    topology_compile(blocks);
    file = create(argv[1], "meters");
    for (size_t i = 0; i < N_TOPOLOGY; i++) {
        for (size_t j = 0; j < blocks[i]->n_flows; j++) {
            flow_rule_format(&blocks[i]->flows[j], &flows);
            ds_put_char(&flows, '\n');
        }
        for (size_t j = 0; j < blocks[i]->n_groups; j++) {
            put_group(blocks, blocks[i]->groups[j].id, &groups);
        }
        for (size_t j = 0; j < blocks[i]->n_meters; j++) {
            const struct meter_want *m = &blocks[i]->meters[j];

            fprintf(file,
                    "meter=%" PRIu32 ",pktps,burst,band=type=drop"
                    ",rate=%" PRIu32 ",burst_size=%" PRIu32 "\n",
                    m->id, m->rate, m->burst);
        }
    }
    fclose(file);

    file = create(argv[1], "flows");
    fputs(ds_cstr(&flows), file);
    fclose(file);
    file = create(argv[1], "groups");
    fputs(ds_cstr_ro(&groups), file);
    fclose(file);

    for (size_t i = 0; i < N_TOPOLOGY; i++) {
        block_unref(blocks[i]);
    }
    ds_destroy(&flows);
    ds_destroy(&groups);
    return 0;
}
