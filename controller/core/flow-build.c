/* SPDX-License-Identifier: Apache-2.0
 *
 * flow-build.c: see flow-build.h. */
#include <config.h>

#include "core/flow-build.h"

#include <netinet/icmp6.h>

#include "byte-order.h"
#include "flow.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-port.h"
#include "packets.h"
#include "util.h"

/* Flags of a neighbour advertisement (RFC 4861, section 4.4). */
#define NA_ROUTER 0x80000000u
#define NA_SOLICITED 0x40000000u
#define NA_OVERRIDE 0x20000000u

void
fb_init(struct flow_build *fb, struct block *block)
{
    fb->block = block;
    ofpbuf_init(&fb->ofpacts, 256);
}

void
fb_uninit(struct flow_build *fb)
{
    ofpbuf_uninit(&fb->ofpacts);
}

void
fb_begin(struct flow_build *fb, enum table_id table, uint16_t priority)
{
    fb->table = table;
    fb->priority = priority;
    match_init_catchall(&fb->match);
    ofpbuf_clear(&fb->ofpacts);
}

static void
add(struct flow_build *fb, enum drop_reason reason)
{
    static const enum cookie_kind kinds[] = {
        [BLOCK_BRIDGE] = COOKIE_BRIDGE,
        [BLOCK_NETWORK] = COOKIE_NETWORK,
        [BLOCK_NIC] = COOKIE_NIC,
    };

    block_add_flow(fb->block, fb->table, fb->priority,
                   cookie_make(kinds[fb->block->kind], reason, fb->block->key),
                   &fb->match, &fb->ofpacts);
}

void
fb_next(struct flow_build *fb, enum table_id to)
{
    pipeline_next(&fb->ofpacts, fb->table, to);
    fb_end(fb);
}

void
fb_drop(struct flow_build *fb, enum drop_reason reason)
{
    ovs_assert(!fb->ofpacts.size && reason != DROP_NONE);
    add(fb, reason);
}

void
fb_end(struct flow_build *fb)
{
    add(fb, DROP_NONE);
}

void
fb_match_network(struct flow_build *fb, uint32_t network_key)
{
    match_set_metadata(&fb->match, htonll(network_key));
}

static void
match_register(struct flow_build *fb, enum mf_field_id reg, uint32_t value)
{
    match_set_reg(&fb->match, reg - MFF_REG0, value);
}

void
fb_match_sender(struct flow_build *fb, uint32_t port_key)
{
    match_register(fb, R_INPORT, port_key);
}

void
fb_match_receiver(struct flow_build *fb, uint32_t port_key)
{
    match_register(fb, R_OUTPORT, port_key);
}

void
fb_match_step(struct flow_build *fb, uint32_t step, uint32_t mask)
{
    match_set_reg_masked(&fb->match, R_STEP - MFF_REG0, step, mask);
}

void
fb_match_claim(struct flow_build *fb, const struct in6_addr *ip,
               unsigned int plen)
{
    const union mf_value value = { .ipv6 = *ip };
    const union mf_value mask = { .ipv6 = ipv6_create_mask(plen) };

    mf_set(mf_from_id(R_CLAIM), &value, &mask, &fb->match, NULL);
}

void
fb_match_arp(struct flow_build *fb, uint8_t op)
{
    match_set_dl_type(&fb->match, htons(ETH_TYPE_ARP));
    if (op) {
        match_set_nw_proto(&fb->match, op);
    }
}

void
fb_match_udp(struct flow_build *fb, uint16_t dl_type, uint16_t tp_dst)
{
    match_set_dl_type(&fb->match, htons(dl_type));
    match_set_nw_proto(&fb->match, IPPROTO_UDP);
    match_set_tp_dst(&fb->match, htons(tp_dst));
}

void
fb_match_icmp6(struct flow_build *fb, uint8_t type)
{
    match_set_dl_type(&fb->match, htons(ETH_TYPE_IPV6));
    match_set_nw_proto(&fb->match, IPPROTO_ICMPV6);
    match_set_nw_frag(&fb->match, 0);
    match_set_icmp_type(&fb->match, type);
}

void
fb_match_nd(struct flow_build *fb, uint8_t type)
{
    fb_match_icmp6(fb, type);
    match_set_icmp_code(&fb->match, 0);
}

/* Zeros first: with a value, ofpact_put_set_field() leaves the padding as it
 * found it, and actions are compared byte by byte. */
static void
set_field(struct flow_build *fb, enum mf_field_id id, const void *value)
{
    const struct mf_field *field = mf_from_id(id);
    struct ofpact_set_field *sf =
        ofpact_put_set_field(&fb->ofpacts, field, NULL, NULL);

    memcpy(sf->value, value, field->n_bytes);
    memset(ofpact_set_field_mask(sf), 0xff, field->n_bytes);
}

void
fb_set(struct flow_build *fb, enum mf_field_id id, uint64_t value)
{
    ovs_be64 be = htonll(value);
    size_t n_bytes = mf_from_id(id)->n_bytes;

    ovs_assert(n_bytes <= sizeof be);
    set_field(fb, id, (const char *) &be + sizeof be - n_bytes);
}

void
fb_set_mac(struct flow_build *fb, enum mf_field_id id, struct eth_addr mac)
{
    set_field(fb, id, &mac);
}

void
fb_set_ip6(struct flow_build *fb, enum mf_field_id id,
           const struct in6_addr *ip)
{
    set_field(fb, id, ip);
}

void
fb_move(struct flow_build *fb, enum mf_field_id src, enum mf_field_id dst)
{
    struct ofpact_reg_move *move = ofpact_put_REG_MOVE(&fb->ofpacts);

    move->src.field = mf_from_id(src);
    move->src.n_bits = move->src.field->n_bits;
    move->dst.field = mf_from_id(dst);
    move->dst.n_bits = move->dst.field->n_bits;
}

void
fb_output(struct flow_build *fb, uint32_t ofport)
{
    ofpact_put_OUTPUT(&fb->ofpacts)->port = u16_to_ofp(ofport);
}

void
fb_output_in_port(struct flow_build *fb)
{
    ofpact_put_OUTPUT(&fb->ofpacts)->port = OFPP_IN_PORT;
}

void
fb_group(struct flow_build *fb, uint32_t group_id)
{
    ofpact_put_GROUP(&fb->ofpacts)->group_id = group_id;
}

void
fb_meter(struct flow_build *fb, uint32_t meter_id)
{
    struct ofpact_meter *meter = ofpact_put_METER(&fb->ofpacts);

    meter->meter_id = meter_id;
    meter->provider_meter_id = UINT32_MAX;
}

void
fb_claim(struct flow_build *fb, enum mf_field_id from, uint32_t step)
{
    fb_move(fb, from, R_CLAIM);
    fb_set(fb, R_STEP, step);
    fb_next(fb, T_OWNER);
}

void
fb_answer_arp(struct flow_build *fb, ovs_be32 ip, struct eth_addr mac)
{
    fb_move(fb, MFF_ETH_SRC, MFF_ETH_DST);
    fb_set_mac(fb, MFF_ETH_SRC, mac);
    fb_set(fb, MFF_ARP_OP, ARP_OP_REPLY);
    fb_move(fb, MFF_ARP_SHA, MFF_ARP_THA);
    fb_set_mac(fb, MFF_ARP_SHA, mac);
    fb_move(fb, MFF_ARP_SPA, MFF_ARP_TPA);
    fb_set(fb, MFF_ARP_SPA, ntohl(ip));
    fb_output_in_port(fb);
    fb_end(fb);
}

/* The option that held the asker's MAC comes to hold 'mac': it changes its
 * type here and its address in T_ND_REPLY, whose flow can match type 136 and
 * so name nd_tll. */
void
fb_answer_nd(struct flow_build *fb, const struct in6_addr *ip,
             struct eth_addr mac, bool router)
{
    fb_move(fb, MFF_ETH_SRC, MFF_ETH_DST);
    fb_set_mac(fb, MFF_ETH_SRC, mac);
    fb_move(fb, MFF_IPV6_SRC, MFF_IPV6_DST);
    fb_set_ip6(fb, MFF_IPV6_SRC, ip);
    fb_set(fb, MFF_ND_OPTIONS_TYPE, ND_OPT_TARGET_LINKADDR);
    fb_set(fb, MFF_ND_RESERVED,
           NA_SOLICITED | NA_OVERRIDE | (router ? NA_ROUTER : 0));
    fb_set(fb, MFF_ICMPV6_TYPE, ND_NEIGHBOR_ADVERT);
    fb_next(fb, T_ND_REPLY);
}
