/* SPDX-License-Identifier: Apache-2.0
 *
 * compile-bridge.c: the flows that belong to no object: what is true of every
 * port of every network, and what happens to a frame that no flow of a NIC or
 * a network took.  Computed once. */
#include <config.h>

#include "core/compile.h"

#include <netinet/icmp6.h>

#include "byte-order.h"
#include "core/flow-build.h"
#include "packets.h"
#include "util.h"

/* What a miss in a table does where it does something.  A miss elsewhere
 * drops, and only a bug of ours leads there.
 *
 *     table=0, priority=0 actions=drop
 */
static void
add_misses(struct flow_build *fb)
{
    static const struct {
        enum table_id table;
        enum drop_reason reason;
    } misses[] = {
        { T_CLASSIFY, DROP_UNKNOWN_PORT }, { T_GUARD_L2, DROP_SPOOFED_MAC },
        { T_GUARD_L3, DROP_NOT_ALLOWED },  { T_FORWARD, DROP_UNKNOWN_DST },
        { T_DELIVER, DROP_NO_PORT },       { T_OWNER, DROP_SPOOFED_IP6 },
        { T_OWNED, DROP_NOT_ALLOWED },
    };
    static const struct {
        enum table_id from, to;
    } passes[] = {
        { T_TRACK, T_POLICY_OUT },
        { T_POLICY_OUT, T_ANSWER },
        { T_ANSWER, T_FORWARD },
        { T_POLICY_IN, T_DELIVER },
    };

    for (size_t i = 0; i < ARRAY_SIZE(misses); i++) {
        fb_begin(fb, misses[i].table, PRIO_MISS);
        fb_drop(fb, misses[i].reason);
    }
    for (size_t i = 0; i < ARRAY_SIZE(passes); i++) {
        fb_begin(fb, passes[i].from, PRIO_MISS);
        fb_next(fb, passes[i].to);
    }
}

/* No access port speaks 802.1Q (a header with VLAN 0 hides what follows from
 * simpler guards), nor to the switch itself (STP, LACP, LLDP, 802.1X, pause).
 *
 *     table=0, priority=310,vlan_tci=0x1000/0x1000 actions=drop
 */
static void
add_classify(struct flow_build *fb)
{
    static const struct eth_addr control = ETH_ADDR_C(01, 80, c2, 00, 00, 00);
    static const struct eth_addr mask = ETH_ADDR_C(ff, ff, ff, 00, 00, 00);

    fb_begin(fb, T_CLASSIFY, PRIO_DENY + 10);
    match_set_dl_tci_masked(&fb->match, htons(VLAN_CFI), htons(VLAN_CFI));
    fb_drop(fb, DROP_VLAN);

    fb_begin(fb, T_CLASSIFY, PRIO_DENY);
    match_set_dl_dst_masked(&fb->match, control, mask);
    fb_drop(fb, DROP_CONTROL);
}

static void
match_later_fragment(struct flow_build *fb)
{
    match_set_dl_type(&fb->match, htons(ETH_TYPE_IPV6));
    match_set_nw_proto(&fb->match, IPPROTO_FRAGMENT);
    match_set_nw_frag(&fb->match, FLOW_NW_FRAG_ANY | FLOW_NW_FRAG_LATER);
}

/* Frames that a kind allowed below would let through.
 *
 *     table=2, priority=300,udp,tp_dst=68 actions=drop
 */
static void
add_denials(struct flow_build *fb)
{
    static const struct {
        uint16_t dl_type, port;
    } clients[] = {
        { ETH_TYPE_IP, PORT_DHCP_CLIENT },
        { ETH_TYPE_IPV6, PORT_DHCP6_CLIENT },
    };
    static const uint8_t frags[] = { 0, FLOW_NW_FRAG_ANY }; /* No, first. */
    static const struct in6_addr link_local = { .s6_addr = { 0xfe, 0x80 } };
    const struct in6_addr mask = ipv6_create_mask(10);

    for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
        /* Only the gateway (at a higher priority) answers DHCP. */
        fb_begin(fb, T_GUARD_L3, PRIO_DENY);
        fb_match_udp(fb, clients[i].dl_type, clients[i].port);
        fb_drop(fb, DROP_DHCP_SERVER);

        /* UDP without its header (port 0 here).  A first fragment would carry
         * the port past the flow above in the second, and a packet whose
         * length ends before the port would carry it behind its end, where
         * not every receiver stops.  Also a first fragment whose port the
         * switch does not tell us, which it does only once it was asked to
         * handle fragments as "nx-match". */
        for (size_t j = 0; j < ARRAY_SIZE(frags); j++) {
            fb_begin(fb, T_GUARD_L3, PRIO_DENY);
            fb_match_udp(fb, clients[i].dl_type, 0);
            match_set_nw_frag_masked(&fb->match, frags[j], FLOW_NW_FRAG_MASK);
            fb_drop(fb, DROP_NOT_ALLOWED);
        }
    }

    /* Later fragments from a link-local address: a router advertisement has
     * one, and a fragment does not tell what it is part of. */
    fb_begin(fb, T_GUARD_L3, PRIO_DENY);
    match_later_fragment(fb);
    match_set_ipv6_src_masked(&fb->match, &link_local, &mask);
    fb_drop(fb, DROP_NOT_ALLOWED);

    /* A solicitation with two link-layer addresses: the switch sees neither
     * them nor the target, and the receiver takes one of them. */
    fb_begin(fb, T_GUARD_L3, PRIO_DENY);
    fb_match_nd(fb, ND_NEIGHBOR_SOLICIT);
    match_set_nd_target(&fb->match, &in6addr_any);
    fb_drop(fb, DROP_NOT_ALLOWED);
}

/* The protocols above IPv6 in which no guest can pretend to be a router or a
 * neighbour.  The source address has to be the sender's.
 *
 *     table=2, priority=100,tcp6 actions=move:NXM_NX_IPV6_SRC[]->
 *         NXM_NX_XXREG0[],set_field:0->reg7,goto_table:9
 */
static void
add_ip6_protocols(struct flow_build *fb)
{
    static const uint8_t protocols[] = {
        4 /* IPv4 in IPv6 */,  IPPROTO_TCP,        IPPROTO_UDP,  33 /* DCCP */,
        41 /* IPv6 in IPv6 */, 47 /* GRE */,       50 /* ESP */, 89 /* OSPF */,
        IPPROTO_SCTP,          136 /* UDP-Lite */,
    };

    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
        match_set_dl_type(&fb->match, htons(ETH_TYPE_IPV6));
        match_set_nw_proto(&fb->match, protocols[i]);
        fb_claim(fb, MFF_IPV6_SRC, STEP_PASS);
    }

    /* Later fragments: what they carry was told by the first one, which had
     * to show one of the protocols above to get here. */
    fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
    match_later_fragment(fb);
    fb_claim(fb, MFF_IPV6_SRC, STEP_PASS);
}

/* ICMPv6 by type, and never in fragments.  What is not here (router
 * advertisements, redirects, MLD queries...) guests do not send.
 *
 *     table=2, priority=100,icmp6,nw_frag=no,icmp_type=128 actions=...
 */
static void
add_icmp6(struct flow_build *fb)
{
    static const struct {
        uint8_t type, step;
    } kinds[] = {
        { ICMP6_DST_UNREACH, STEP_PASS },
        { ICMP6_PACKET_TOO_BIG, STEP_PASS },
        { ICMP6_TIME_EXCEEDED, STEP_PASS },
        { ICMP6_PARAM_PROB, STEP_PASS },
        { ICMP6_ECHO_REQUEST, STEP_PASS },
        { ICMP6_ECHO_REPLY, STEP_PASS },
        { MLD_LISTENER_REPORT, STEP_MULTICAST },
        { MLD_LISTENER_REDUCTION, STEP_MULTICAST },
        { 143 /* MLDv2 report */, STEP_MULTICAST },
        { ND_ROUTER_SOLICIT, STEP_ROUTER },
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
        fb_match_icmp6(fb, kinds[i].type);
        fb_claim(fb, MFF_IPV6_SRC, kinds[i].step);
    }
}

/* Neighbour discovery without a link-layer address option (those with one are
 * the NICs' own flows, which match the address). */
static void
add_nd(struct flow_build *fb)
{
    /* Unicast probe of a neighbour known already. */
    fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
    fb_match_nd(fb, ND_NEIGHBOR_SOLICIT);
    match_set_arp_sha(&fb->match, eth_addr_zero); /* nd_sll */
    fb_claim(fb, MFF_IPV6_SRC, STEP_NEIGHBOUR);

    /* Duplicate address detection: about the target. */
    fb_begin(fb, T_GUARD_L3, PRIO_SPECIAL);
    fb_match_nd(fb, ND_NEIGHBOR_SOLICIT);
    match_set_ipv6_src(&fb->match, &in6addr_any);
    match_set_arp_sha(&fb->match, eth_addr_zero);
    fb_claim(fb, MFF_ND_TARGET, STEP_NEIGHBOUR);

    fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
    fb_match_nd(fb, ND_NEIGHBOR_ADVERT);
    match_set_arp_tha(&fb->match, eth_addr_zero); /* nd_tll */
    fb_claim(fb, MFF_ND_TARGET, STEP_ADVERT);

    /* ANSWER must not rewrite a frame without the option. */
    fb_begin(fb, T_ANSWER, PRIO_DENY);
    fb_match_nd(fb, ND_NEIGHBOR_SOLICIT);
    match_set_arp_sha(&fb->match, eth_addr_zero);
    fb_next(fb, T_FORWARD);

    /*  table=11, priority=100,icmp6,icmp_type=136,icmp_code=0
     *      actions=move:NXM_OF_ETH_SRC[]->NXM_NX_ND_TLL[],IN_PORT */
    fb_begin(fb, T_ND_REPLY, PRIO_ALLOW);
    fb_match_nd(fb, ND_NEIGHBOR_ADVERT);
    fb_move(fb, MFF_ETH_SRC, MFF_ND_TLL);
    fb_output_in_port(fb);
    fb_end(fb);
}

/* The address in R_CLAIM was the sender's.
 *
 *     table=10, priority=100,ipv6,reg7=0x1,nw_ttl=255
 *         actions=resubmit(,3)
 */
static void
add_owned(struct flow_build *fb)
{
    static const struct {
        uint8_t step, hop_limit;
    } wants[] = {
        { STEP_NEIGHBOUR, 255 },
        { STEP_ROUTER, 255 },
        { STEP_MULTICAST, 1 },
    };

    fb_begin(fb, T_OWNED, PRIO_ALLOW);
    fb_match_step(fb, STEP_PASS, UINT32_MAX);
    fb_next(fb, T_TRACK);

    for (size_t i = 0; i < ARRAY_SIZE(wants); i++) {
        fb_begin(fb, T_OWNED, PRIO_ALLOW);
        match_set_dl_type(&fb->match, htons(ETH_TYPE_IPV6));
        match_set_nw_ttl(&fb->match, wants[i].hop_limit);
        fb_match_step(fb, wants[i].step, UINT32_MAX);
        fb_next(fb, T_TRACK);
    }

    /* An advertisement's target was; now its source. */
    fb_begin(fb, T_OWNED, PRIO_ALLOW);
    match_set_dl_type(&fb->match, htons(ETH_TYPE_IPV6));
    match_set_nw_ttl(&fb->match, 255);
    fb_match_step(fb, STEP_ADVERT, UINT32_MAX);
    fb_claim(fb, MFF_IPV6_SRC, STEP_PASS);
}

struct block *
compile_bridge(void)
{
    struct block *block = block_create(BLOCK_BRIDGE, "bridge", 0);
    struct flow_build fb;

    fb_init(&fb, block);
    add_misses(&fb);
    add_classify(&fb);
    add_denials(&fb);
    add_ip6_protocols(&fb);
    add_icmp6(&fb);
    add_nd(&fb);
    add_owned(&fb);
    fb_uninit(&fb);
    return block;
}
