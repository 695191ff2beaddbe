/* SPDX-License-Identifier: Apache-2.0
 *
 * of-dump.c: see of-dump.h. */

#include <config.h>
#include "apply/of-dump.h"

#include "apply/of-groups.h"
#include "apply/of-installed.h"
#include "byte-order.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-connection.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-switch.h"
#include "openvswitch/ofpbuf.h"

/* Requests. */

static struct ofpbuf *
with_xid(struct ofpbuf *msg, uint32_t xid)
{
    struct ofp_header *oh = msg->data;

    oh->xid = htonl(xid);
    return msg;
}

/* The flow monitor is the dump, and goes on telling what changes.  To ask
 * 'again' modifies it: Open vSwitch then tells all flows once more.  (It
 * cannot decode the message by which its own library cancels a monitor.) */
struct ofpbuf *
of_dump_request_flows(uint32_t xid, bool again)
{
    struct ofputil_flow_monitor_request rq = {
        .id = 1,
        .command = OFPFMC_ADD,
        .flags = OFPFMF_INITIAL | OFPFMF_ADD | OFPFMF_REMOVED | OFPFMF_MODIFY
                 | OFPFMF_INSTRUCTIONS,
        .out_port = OFPP_NONE,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
        .match = MATCH_CATCHALL_INITIALIZER,
    };
    struct ofpbuf *msg = ofpbuf_new(0);

    ofputil_append_flow_monitor_request(&rq, msg, OFPUTIL_P_OF15_OXM);
    if (again) {
        /* The library always writes OFPFMC_ADD.  The request stands behind
         * the header of a multipart message (OpenFlow 1.5.1, 7.3.5). */
        struct ofp14_flow_monitor_request *ofmr =
            ofpbuf_at_assert(msg, sizeof(struct ofp_header) + 8, sizeof *ofmr);
        ofmr->command = OFPFMC_MODIFY;
    }
    return with_xid(msg, xid);
}

struct ofpbuf *
of_dump_request_groups(uint32_t xid)
{
    return with_xid(ofputil_encode_group_desc_request(OFP15_VERSION, OFPG_ALL),
                    xid);
}

struct ofpbuf *
of_dump_request_meters(uint32_t xid)
{
    return with_xid(ofputil_encode_meter_request(
                        OFP15_VERSION, OFPUTIL_METER_CONFIG, OFPM13_ALL),
                    xid);
}

struct ofpbuf *
of_dump_set_async(uint32_t xid)
{
    struct ofputil_async_cfg cfg = OFPUTIL_ASYNC_CFG_INIT;

    cfg.primary[OAM_REQUESTFORWARD] =
        1u << OFPRFR_GROUP_MOD | 1u << OFPRFR_METER_MOD;
    return with_xid(ofputil_encode_set_async_config(
                        &cfg, (1u << OAM_N_TYPES) - 1, OFP15_VERSION),
                    xid);
}

/* The switch sends no asynchronous message on a management socket before its
 * client has asked for a miss_send_len other than 0. */
struct ofpbuf *
of_dump_set_config(uint32_t xid)
{
    const struct ofputil_switch_config config = {
        .frag = OFPUTIL_FRAG_NX_MATCH, /* First fragments show ports. */
        .invalid_ttl_to_controller = -1,
        .miss_send_len = OFP_DEFAULT_MISS_SEND_LEN,
    };

    return with_xid(ofputil_encode_set_config(&config, OFP15_VERSION), xid);
}

struct ofpbuf *
of_dump_request_count(uint32_t xid, uint64_t cookie, uint64_t mask)
{
    const struct ofputil_flow_stats_request rq = {
        .aggregate = true,
        .match = MATCH_CATCHALL_INITIALIZER,
        .cookie = htonll(cookie),
        .cookie_mask = htonll(mask),
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
    };

    return with_xid(ofputil_encode_flow_stats_request(&rq, OFPUTIL_P_OF15_OXM),
                    xid);
}

/* Answers. */

/* Takes in one flow of a monitor's message; returns false if the flow is now
 * not as wanted. */
static bool
take_flow(struct of_installed *inst, const struct ofputil_flow_update *fu)
{
    switch (fu->event) {
    case OFPFME_INITIAL:
    case OFPFME_ADDED:
    case OFPFME_MODIFIED:
        return of_installed_set_flow(inst, fu->table_id, fu->priority,
                                     ntohll(fu->cookie), &fu->match,
                                     fu->ofpacts, fu->ofpacts_len);
    case OFPFME_REMOVED:
        return of_installed_clear_flow(inst, fu->table_id, fu->priority,
                                       &fu->match);
    case OFPFME_PAUSED: /* What we miss meanwhile comes after it. */
    case OFPFME_RESUMED:
    case OFPFME_ABBREV: /* Our own change. */
        return true;
    }
    return true;
}

enum ofperr
of_dump_flows(struct of_installed *inst, const struct ofp_header *oh,
              size_t *n_drift)
{
    struct ofpbuf b = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_flow_update fu;
    uint64_t stub[1024 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(stub);
    int retval;

    while (!(retval = ofputil_decode_flow_update(&fu, &b, &ofpacts))) {
        *n_drift += !take_flow(inst, &fu);
    }
    ofpbuf_uninit(&ofpacts);
    return retval == EOF ? 0 : retval;
}

enum ofperr
of_dump_groups(struct of_installed *inst, const struct ofp_header *oh)
{
    struct ofpbuf b = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_group_desc gd;
    int retval;

    while (
        !(retval = ofputil_decode_group_desc_reply(&gd, &b, OFP15_VERSION))) {
        const struct ofputil_bucket *bucket;

        of_groups_set_group(inst, gd.group_id, gd.type == OFPGT11_ALL);
        LIST_FOR_EACH (bucket, list_node, &gd.buckets) {
            of_groups_set_bucket(inst, gd.group_id, bucket);
        }
        ofputil_uninit_group_desc(&gd);
    }
    return retval == EOF ? 0 : retval;
}

/* A meter of ours has one band, which drops above so many packets a second;
 * of any other one only the id matters. */
enum ofperr
of_dump_meters(struct of_installed *inst, const struct ofp_header *oh)
{
    struct ofpbuf b = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_meter_config mc;
    uint64_t stub[256 / 8];
    struct ofpbuf bands = OFPBUF_STUB_INITIALIZER(stub);
    int retval;

    while (!(retval = ofputil_decode_meter_config(&b, &mc, &bands))) {
        bool ours = mc.flags & OFPMF13_PKTPS && mc.n_bands == 1
                    && mc.bands[0].type == OFPMBT13_DROP;

        of_groups_set_meter(inst, mc.meter_id, ours ? mc.bands[0].rate : 0,
                            ours ? mc.bands[0].burst_size : 0);
    }
    ofpbuf_uninit(&bands);
    return retval == EOF ? 0 : retval;
}

uint64_t
of_dump_count(const struct ofp_header *oh)
{
    struct ofputil_aggregate_stats stats;

    if (ofputil_decode_aggregate_stats_reply(&stats, oh)
        || stats.packet_count == UINT64_MAX) {
        return 0;
    }
    return stats.packet_count;
}
