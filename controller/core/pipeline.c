/* SPDX-License-Identifier: Apache-2.0
 *
 * pipeline.c: the tables as data, cookies, and the one way to go from table to
 * table.  docs/PIPELINE.md shows the same table to people, and a unit test
 * compares the two. */
#include <config.h>

#include "core/pipeline.h"

#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "util.h"

#define TO(TABLE) (1u << (TABLE))

const struct table tables[N_TABLES] = {
    [T_CLASSIFY] = { "CLASSIFY",
                     "in_port -> network key (metadata), port key (reg14)",
                     TO(T_GUARD_L2), "drop unknown-port" },
    [T_GUARD_L2] = { "GUARD_L2", "the source MAC is the sender's own",
                     TO(T_GUARD_L3), "drop spoofed-mac" },
    [T_GUARD_L3] = { "GUARD_L3",
                     "the kinds of frames a sender may send, all spelled out",
                     TO(T_TRACK) | TO(T_OWNER), "drop not-allowed" },
    [T_TRACK] = { "TRACK", "connection tracking (so far, passes on)",
                  TO(T_POLICY_OUT), "drop" },
    [T_POLICY_OUT] = { "POLICY_OUT", "what the sender may start (so far, all)",
                       TO(T_ANSWER), "drop" },
    [T_ANSWER] = { "ANSWER",
                   "ARP and ND answered here; DHCP and RS to the gateway",
                   TO(T_FORWARD) | TO(T_POLICY_IN) | TO(T_ND_REPLY),
                   "to FORWARD" },
    [T_FORWARD] = { "FORWARD",
                    "destination MAC -> port key (reg15), or the tree",
                    TO(T_POLICY_IN), "drop unknown-dst" },
    [T_POLICY_IN] = { "POLICY_IN", "what the receiver accepts (so far, all)",
                      TO(T_DELIVER), "drop" },
    [T_DELIVER] = { "DELIVER", "port key -> output", 0, "drop no-port" },
    [T_OWNER] = { "OWNER", "may the sender use the IPv6 address in xxreg0?",
                  TO(T_OWNED), "drop spoofed-ip6" },
    [T_OWNED] = { "OWNED", "it may; check the hop limit, or another address",
                  TO(T_TRACK) | TO(T_OWNER), "drop not-allowed" },
    [T_ND_REPLY] = { "ND_REPLY",
                     "completes a neighbour advertisement, sends it back", 0,
                     "drop" },
};

static const char *const reason_names[N_DROP_REASONS] = {
    [DROP_NONE] = "none",
    [DROP_UNKNOWN_PORT] = "unknown-port",
    [DROP_VLAN] = "vlan",
    [DROP_CONTROL] = "control",
    [DROP_SPOOFED_MAC] = "spoofed-mac",
    [DROP_NOT_ALLOWED] = "not-allowed",
    [DROP_SPOOFED_IP6] = "spoofed-ip6",
    [DROP_DHCP_SERVER] = "dhcp-server",
    [DROP_UNKNOWN_DST] = "unknown-dst",
    [DROP_NO_PORT] = "no-port",
};

const char *
drop_reason_name(enum drop_reason reason)
{
    ovs_assert(reason < N_DROP_REASONS);
    return reason_names[reason];
}

uint64_t
cookie_make(enum cookie_kind kind, enum drop_reason reason, uint32_t key)
{
    return (COOKIE_PREFIX << 48 | (uint64_t) kind << 40
            | (uint64_t) reason << 32 | key);
}

bool
cookie_is_ours(uint64_t cookie)
{
    return (cookie & COOKIE_MASK) == COOKIE_PREFIX << 48;
}

enum cookie_kind
cookie_kind(uint64_t cookie)
{
    return (cookie >> 40) & 0xff;
}

enum drop_reason
cookie_reason(uint64_t cookie)
{
    return (cookie >> 32) & 0xff;
}

uint32_t
cookie_key(uint64_t cookie)
{
    return cookie;
}

/* Small numbers: they are what a person sees in a dump. */
uint32_t
group_local(uint16_t chunk)
{
    return 1u + chunk;
}

void
pipeline_next(struct ofpbuf *ofpacts, enum table_id from, enum table_id to)
{
    ovs_assert(from < N_TABLES && to < N_TABLES);
    ovs_assert(tables[from].next & TO(to));

    if (to > from) {
        ofpact_put_GOTO_TABLE(ofpacts)->table_id = to;
    } else {
        struct ofpact_resubmit *resubmit = ofpact_put_RESUBMIT(ofpacts);

        resubmit->in_port = OFPP_IN_PORT;
        resubmit->table_id = to;
    }
}
