/* SPDX-License-Identifier: Apache-2.0
 *
 * compile-network.c: a network's own flows, its broadcast tree's groups, and
 * its gateway port and device.
 *
 * The gateway is the host's end of the network: its kernel routes, and dnsmasq
 * serves DHCP and DNS there.  It may say more than a guest, and its addresses
 * are nobody else's.  What needs the gateway's port waits until the port has a
 * number; the guests reach each other without it. */
#include <config.h>

#include "core/compile.h"

#include <netinet/icmp6.h>

#include "byte-order.h"
#include "core/flow-build.h"
#include "flow.h"
#include "packets.h"
#include "util.h"

/* fe80::1, the gateway's link-local address on every network. */
static struct in6_addr
gateway_link_local(void)
{
    struct in6_addr ip = in6addr_any;

    ip.s6_addr[0] = 0xfe;
    ip.s6_addr[1] = 0x80;
    ip.s6_addr[15] = 1;
    return ip;
}

/* The gateway's port is the gateway, and it speaks with its MAC.
 *
 *     table=0, priority=100,in_port=1
 *         actions=set_field:0x7->metadata,set_field:64->reg14,goto_table:1
 */
static void
add_gateway_identity(struct flow_build *fb, const struct network_input *in)
{
    fb_begin(fb, T_CLASSIFY, PRIO_ALLOW);
    match_set_in_port(&fb->match, u16_to_ofp(in->ofport));
    fb_set(fb, MFF_METADATA, in->key);
    fb_set(fb, R_INPORT, in->gateway_key);
    fb_next(fb, T_GUARD_L2);

    fb_begin(fb, T_GUARD_L2, PRIO_ALLOW);
    fb_match_sender(fb, in->gateway_key);
    match_set_dl_src(&fb->match, in->mac);
    fb_next(fb, T_GUARD_L3);

    fb_begin(fb, T_DELIVER, PRIO_ALLOW);
    fb_match_receiver(fb, in->gateway_key);
    fb_output(fb, in->ofport);
    fb_end(fb);
}

/* The gateway may say anything above Ethernet, but that a solicitation has its
 * own MAC or none, since ANSWER rewrites those.
 *
 *     table=2, priority=400,reg14=0x40 actions=goto_table:3
 */
static void
add_gateway_guard(struct flow_build *fb, const struct network_input *in)
{
    const struct eth_addr slls[] = { in->mac, eth_addr_zero };

    fb_begin(fb, T_GUARD_L3, PRIO_GATEWAY);
    fb_match_sender(fb, in->gateway_key);
    fb_next(fb, T_TRACK);

    for (size_t i = 0; i < ARRAY_SIZE(slls); i++) {
        fb_begin(fb, T_GUARD_L3, PRIO_GATEWAY + 20);
        fb_match_sender(fb, in->gateway_key);
        fb_match_nd(fb, ND_NEIGHBOR_SOLICIT);
        match_set_arp_sha(&fb->match, slls[i]); /* nd_sll */
        fb_next(fb, T_TRACK);
    }

    fb_begin(fb, T_GUARD_L3, PRIO_GATEWAY + 10);
    fb_match_sender(fb, in->gateway_key);
    match_set_dl_type(&fb->match, htons(ETH_TYPE_IPV6));
    match_set_nw_proto(&fb->match, IPPROTO_ICMPV6);
    match_set_icmp_type(&fb->match, ND_NEIGHBOR_SOLICIT);
    fb_drop(fb, DROP_NOT_ALLOWED);
}

/* What a guest of this network may say beside the kinds of compile-bridge.c
 * and its own flows. */
static void
add_guards(struct flow_build *fb, const struct network_input *in)
{
    const struct in6_addr link_local = gateway_link_local();
    const struct in6_addr gateways[] = {
        link_local,
        eui64_link_local(in->mac),
        in->gateway6.addr,
    };

    /* Ask for an address.  Whatever the destination, only the gateway gets
     * it (add_services()).
     *     table=2, priority=100,udp,metadata=0x7,nw_src=0.0.0.0,nw_frag=no,
     *         tp_src=68,tp_dst=67 actions=goto_table:3 */
    if (in->has4) {
        fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
        fb_match_network(fb, in->key);
        fb_match_udp(fb, ETH_TYPE_IP, PORT_DHCP_SERVER);
        match_set_tp_src(&fb->match, htons(PORT_DHCP_CLIENT));
        match_set_nw_src(&fb->match, htonl(INADDR_ANY));
        match_set_nw_frag(&fb->match, 0);
        fb_next(fb, T_TRACK);
    }
    if (!in->has6) {
        return;
    }

    /* Use any link-local address that is no neighbour's EUI-64 one.
     *     table=9, priority=100,xxreg0=0xfe80.../64,metadata=0x7
     *         actions=goto_table:10 */
    fb_begin(fb, T_OWNER, PRIO_ALLOW);
    fb_match_network(fb, in->key);
    fb_match_claim(fb, &link_local, 64);
    fb_next(fb, T_OWNED);

    /* Say some things before it has an address. */
    fb_begin(fb, T_OWNER, PRIO_ALLOW);
    fb_match_network(fb, in->key);
    fb_match_claim(fb, &in6addr_any, 128);
    fb_match_step(fb, STEP_ANONYMOUS, STEP_ANONYMOUS);
    fb_next(fb, T_OWNED);

    /* But it is not the gateway. */
    for (size_t i = 0; i < ARRAY_SIZE(gateways); i++) {
        fb_begin(fb, T_OWNER, PRIO_DENY);
        fb_match_network(fb, in->key);
        fb_match_claim(fb, &gateways[i], 128);
        fb_drop(fb, DROP_SPOOFED_IP6);
    }
}

/* Only the gateway hears what clients say to servers.
 *
 *     table=5, priority=200,udp,metadata=0x7,tp_dst=67
 *         actions=set_field:64->reg15,goto_table:7
 */
static void
add_services(struct flow_build *fb, const struct network_input *in)
{
    if (in->has4) {
        fb_begin(fb, T_ANSWER, PRIO_SPECIAL);
        fb_match_network(fb, in->key);
        fb_match_udp(fb, ETH_TYPE_IP, PORT_DHCP_SERVER);
        fb_set(fb, R_OUTPORT, in->gateway_key);
        fb_next(fb, T_POLICY_IN);
    }
    if (in->has6) {
        fb_begin(fb, T_ANSWER, PRIO_SPECIAL);
        fb_match_network(fb, in->key);
        fb_match_udp(fb, ETH_TYPE_IPV6, PORT_DHCP6_SERVER);
        fb_set(fb, R_OUTPORT, in->gateway_key);
        fb_next(fb, T_POLICY_IN);

        fb_begin(fb, T_ANSWER, PRIO_SPECIAL);
        fb_match_network(fb, in->key);
        fb_match_icmp6(fb, ND_ROUTER_SOLICIT);
        fb_set(fb, R_OUTPORT, in->gateway_key);
        fb_next(fb, T_POLICY_IN);
    }
}

/* "Who has the gateway's address?"
 *
 *     table=5, priority=100,arp,metadata=0x7,arp_op=1,arp_tpa=10.77.1.1
 *         actions=...,IN_PORT
 */
static void
add_answers(struct flow_build *fb, const struct network_input *in)
{
    const struct in6_addr targets[] = {
        gateway_link_local(),
        in->gateway6.addr,
    };

    if (in->has4) {
        fb_begin(fb, T_ANSWER, PRIO_ALLOW);
        fb_match_network(fb, in->key);
        fb_match_arp(fb, ARP_OP_REQUEST);
        match_set_nw_dst(&fb->match, in->gateway4.addr);
        fb_answer_arp(fb, in->gateway4.addr, in->mac);

        /* The gateway's own announcement is for everybody. */
        fb_begin(fb, T_ANSWER, PRIO_SPECIAL);
        fb_match_sender(fb, in->gateway_key);
        fb_match_arp(fb, 0);
        match_set_nw_dst(&fb->match, in->gateway4.addr);
        fb_next(fb, T_FORWARD);
    }
    for (size_t i = 0; in->has6 && i < ARRAY_SIZE(targets); i++) {
        fb_begin(fb, T_ANSWER, PRIO_ALLOW);
        fb_match_network(fb, in->key);
        fb_match_nd(fb, ND_NEIGHBOR_SOLICIT);
        match_set_nd_target(&fb->match, &targets[i]);
        fb_answer_nd(fb, &targets[i], in->mac, true);
    }
}

static void
match_multicast(struct flow_build *fb, const struct network_input *in)
{
    static const struct eth_addr bit = ETH_ADDR_C(01, 00, 00, 00, 00, 00);

    fb_match_network(fb, in->key);
    match_set_dl_dst_masked(&fb->match, bit, bit);
}

/* To the gateway's MAC, and to everybody: the tree 'local', a group a chunk of
 * port keys, whose buckets are the NICs' (compile-nic.c).  A frame never goes
 * back to where it came from.  In an isolated network guests' frames go to the
 * gateway alone.
 *
 *     table=6, priority=100,metadata=0x7,dl_dst=01:00:00:00:00:00/
 *         01:00:00:00:00:00 actions=output:1,group:2,group:3
 */
static void
add_forward(struct flow_build *fb, const struct network_input *in)
{
    if (in->ofport) {
        fb_begin(fb, T_FORWARD, PRIO_ALLOW);
        fb_match_network(fb, in->key);
        match_set_dl_dst(&fb->match, in->mac);
        fb_set(fb, R_OUTPORT, in->gateway_key);
        fb_next(fb, T_POLICY_IN);
    }

    fb_begin(fb, T_FORWARD, PRIO_ALLOW);
    match_multicast(fb, in);
    if (in->isolate) {
        fb_match_sender(fb, in->gateway_key);
    } else if (in->ofport) {
        fb_output(fb, in->ofport);
    }
    for (size_t i = 0; i < in->n_chunks; i++) {
        fb_group(fb, group_local(in->chunks[i]));
        block_add_group(fb->block, group_local(in->chunks[i]));
    }
    fb_end(fb);

    if (in->isolate && in->ofport) {
        fb_begin(fb, T_FORWARD, PRIO_ALLOW - 10);
        match_multicast(fb, in);
        fb_output(fb, in->ofport);
        fb_end(fb);
    }
}

static void
add_port(struct block *block, const struct network_input *in)
{
    struct port_want *port = block->port = xzalloc(sizeof *port);

    ovs_strlcpy(port->name, in->device, sizeof port->name);
    ovs_strlcpy(port->type, "internal", sizeof port->type);
    port->attached_mac = in->mac;
    port->network = xstrdup(in->name);
    port->key = in->gateway_key;
    port->mtu = in->mtu;
}

static void
add_device(struct block *block, const struct network_input *in)
{
    struct device_want *device = block->device = xzalloc(sizeof *device);

    device->kind = DEV_INTERNAL;
    ovs_strlcpy(device->name, in->device, sizeof device->name);
    device->gateway = true;
    device->mac = in->mac;
    device->mtu = in->mtu;
    device->userspace = in->userspace;
    if (in->has4) {
        device->ip4 = in->gateway4;
    }
    if (in->has6) {
        device->ip6 = in->gateway6;
    }
}

static void
add_service(struct block *block, const struct network_input *in)
{
    struct service_want *service = block->service = xzalloc(sizeof *service);

    service->network = xstrdup(in->name);
    ovs_strlcpy(service->device, in->device, sizeof service->device);
    service->zone = xasprintf("%s.%s", in->name, in->domain);
    service->mode = in->mode;
    if (in->has4) {
        service->gateway4 = in->gateway4;
    }
    if (in->has6) {
        service->gateway6 = in->gateway6;
    }
    service->mtu = in->mtu;
}

static void
add_flows(struct block *block, const struct network_input *in)
{
    struct flow_build fb;

    fb_init(&fb, block);
    if (in->ofport) {
        add_gateway_identity(&fb, in);
        add_gateway_guard(&fb, in);
        add_answers(&fb, in);
    }
    add_guards(&fb, in);
    add_services(&fb, in);
    add_forward(&fb, in);
    fb_uninit(&fb);
}

struct block *
compile_network(const struct network_input *in)
{
    char *name = xasprintf("network %s", in->name);
    struct block *block = block_create(BLOCK_NETWORK, name, in->key);

    if (!in->stopped) {
        add_flows(block, in);
    }
    if (in->has4 || in->has6) {
        add_port(block, in);
        if (!in->dummy) {
            add_device(block, in);
        }
        if (!in->dummy && !in->stopped) {
            add_service(block, in);
        }
    }
    free(name);
    return block;
}
