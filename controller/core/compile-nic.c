/* SPDX-License-Identifier: Apache-2.0
 *
 * compile-nic.c: what one NIC wants on its host: at most 18 flows, a bucket in
 * its network's broadcast tree, a meter, its port and its device.
 *
 * Whatever kind of frame a NIC may send beyond the kinds all may send
 * (compile-bridge.c) is spelled out here with the NIC's own addresses in it.
 * There is no flow here that lets through what it does not name. */
#include <config.h>

#include "core/compile.h"

#include <netinet/icmp6.h>

#include "core/flow-build.h"
#include "core/keys.h"
#include "flow.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* ARP and neighbour solicitations a NIC may send, in packets/s and packets:
 * each answer is made by ovs-vswitchd.  A guest asks a few a minute; one that
 * starts and greets 200 neighbours at once stays within the burst. */
enum { METER_RATE = 100, METER_BURST = 200 };

/* Its port is the NIC, and it speaks with its MAC.
 *
 *     table=0, priority=100,in_port=3
 *         actions=set_field:0x7->metadata,set_field:65->reg14,goto_table:1
 */
static void
add_identity(struct flow_build *fb, const struct nic_input *in)
{
    fb_begin(fb, T_CLASSIFY, PRIO_ALLOW);
    match_set_in_port(&fb->match, u16_to_ofp(in->ofport));
    fb_set(fb, MFF_METADATA, in->network_key);
    fb_set(fb, R_INPORT, in->key);
    fb_next(fb, T_GUARD_L2);

    fb_begin(fb, T_GUARD_L2, PRIO_ALLOW);
    fb_match_sender(fb, in->key);
    match_set_dl_src(&fb->match, in->mac);
    fb_next(fb, T_GUARD_L3);

    fb_begin(fb, T_GUARD_L2, PRIO_OTHERS);
    fb_match_sender(fb, in->key);
    fb_drop(fb, DROP_SPOOFED_MAC);
}

/* "I am here" (RARP, as QEMU says it after a migration), and the counter of
 * what nothing took.
 *
 *     table=2, priority=100,rarp,reg14=0x41,arp_op=3,
 *         arp_sha=08:00:27:12:34:56,arp_tha=08:00:27:12:34:56
 *         actions=goto_table:3
 */
static void
add_guards(struct flow_build *fb, const struct nic_input *in)
{
    fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
    fb_match_sender(fb, in->key);
    match_set_dl_type(&fb->match, htons(ETH_TYPE_RARP));
    match_set_nw_proto(&fb->match, 3); /* arp_op */
    match_set_arp_sha(&fb->match, in->mac);
    match_set_arp_tha(&fb->match, in->mac);
    fb_next(fb, T_TRACK);

    fb_begin(fb, T_GUARD_L3, PRIO_OTHERS);
    fb_match_sender(fb, in->key);
    fb_drop(fb, DROP_NOT_ALLOWED);
}

/* IPv4 and ARP with its address.
 *
 *     table=2, priority=100,ip,reg14=0x41,nw_src=10.77.1.10
 *         actions=goto_table:3
 */
static void
add_guards4(struct flow_build *fb, const struct nic_input *in)
{
    fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
    fb_match_sender(fb, in->key);
    match_set_dl_type(&fb->match, htons(ETH_TYPE_IP));
    match_set_nw_src(&fb->match, in->ip);
    fb_next(fb, T_TRACK);

    fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
    fb_match_sender(fb, in->key);
    fb_match_arp(fb, 0);
    match_set_arp_sha(&fb->match, in->mac);
    match_set_nw_src(&fb->match, in->ip); /* arp_spa */
    fb_meter(fb, in->key);
    fb_next(fb, T_TRACK);

    /* Probe for its own address before it uses it (RFC 5227). */
    fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
    fb_match_sender(fb, in->key);
    fb_match_arp(fb, ARP_OP_REQUEST);
    match_set_arp_sha(&fb->match, in->mac);
    match_set_nw_src(&fb->match, htonl(INADDR_ANY));
    match_set_nw_dst(&fb->match, in->ip); /* arp_tpa */
    fb_meter(fb, in->key);
    fb_next(fb, T_TRACK);
}

/* Neighbour discovery with its MAC in it, and its IPv6 addresses, the
 * link-local one made from its MAC included, which no neighbour may use.
 *
 *     table=9, priority=100,reg14=0x41,xxreg0=0xfd00... actions=goto_table:10
 */
static void
add_guards6(struct flow_build *fb, const struct nic_input *in)
{
    const struct in6_addr link_local = eui64_link_local(in->mac);

    fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
    fb_match_sender(fb, in->key);
    fb_match_nd(fb, ND_NEIGHBOR_SOLICIT);
    match_set_arp_sha(&fb->match, in->mac); /* nd_sll */
    fb_meter(fb, in->key);
    fb_claim(fb, MFF_IPV6_SRC, STEP_NEIGHBOUR);

    fb_begin(fb, T_GUARD_L3, PRIO_ALLOW);
    fb_match_sender(fb, in->key);
    fb_match_nd(fb, ND_NEIGHBOR_ADVERT);
    match_set_arp_tha(&fb->match, in->mac); /* nd_tll */
    fb_claim(fb, MFF_ND_TARGET, STEP_ADVERT);

    fb_begin(fb, T_OWNER, PRIO_SPECIAL + 10);
    fb_match_sender(fb, in->key);
    fb_match_claim(fb, &in->ip6, 128);
    fb_next(fb, T_OWNED);

    fb_begin(fb, T_OWNER, PRIO_SPECIAL + 10);
    fb_match_sender(fb, in->key);
    fb_match_claim(fb, &link_local, 128);
    fb_next(fb, T_OWNED);

    fb_begin(fb, T_OWNER, PRIO_SPECIAL);
    fb_match_network(fb, in->network_key);
    fb_match_claim(fb, &link_local, 128);
    fb_drop(fb, DROP_SPOOFED_IP6);
}

/* "Who has the NIC's address?", asked by a neighbour; in an isolated network
 * only by the gateway.
 *
 *     table=5, priority=100,arp,metadata=0x7,arp_op=1,arp_tpa=10.77.1.10
 *         actions=...,IN_PORT
 */
static void
add_answers(struct flow_build *fb, const struct nic_input *in)
{
    if (in->has4) {
        /* Its own probe or announcement must not be answered: a guest that
         * hears an answer gives its address up. */
        fb_begin(fb, T_ANSWER, PRIO_SPECIAL);
        fb_match_sender(fb, in->key);
        fb_match_arp(fb, 0);
        match_set_nw_dst(&fb->match, in->ip);
        fb_next(fb, T_FORWARD);

        fb_begin(fb, T_ANSWER, PRIO_ALLOW);
        fb_match_network(fb, in->network_key);
        if (in->isolate) {
            fb_match_sender(fb, in->gateway_key);
        }
        fb_match_arp(fb, ARP_OP_REQUEST);
        match_set_nw_dst(&fb->match, in->ip);
        fb_answer_arp(fb, in->ip, in->mac);
    }
    if (in->has6) {
        /* Its own duplicate address detection has no nd_sll and does not get
         * here (compile-bridge.c). */
        fb_begin(fb, T_ANSWER, PRIO_ALLOW);
        fb_match_network(fb, in->network_key);
        if (in->isolate) {
            fb_match_sender(fb, in->gateway_key);
        }
        fb_match_nd(fb, ND_NEIGHBOR_SOLICIT);
        match_set_nd_target(&fb->match, &in->ip6);
        fb_answer_nd(fb, &in->ip6, in->mac, false);
    }
}

/* Frames to it, and its bucket in the tree.
 *
 *     table=6, priority=100,metadata=0x7,dl_dst=08:00:27:12:34:56
 *         actions=set_field:65->reg15,goto_table:7
 */
static void
add_forward(struct flow_build *fb, const struct nic_input *in)
{
    struct ofpbuf ofpacts;

    fb_begin(fb, T_FORWARD, PRIO_ALLOW);
    fb_match_network(fb, in->network_key);
    if (in->isolate) {
        fb_match_sender(fb, in->gateway_key);
    }
    match_set_dl_dst(&fb->match, in->mac);
    fb_set(fb, R_OUTPORT, in->key);
    fb_next(fb, T_POLICY_IN);

    fb_begin(fb, T_DELIVER, PRIO_ALLOW);
    fb_match_receiver(fb, in->key);
    fb_output(fb, in->ofport);
    ofpbuf_init(&ofpacts, 0);
    ofpbuf_put(&ofpacts, fb->ofpacts.data, fb->ofpacts.size);
    fb_end(fb);

    block_add_bucket(fb->block, group_local(in->key / KEY_CHUNK), in->key,
                     &ofpacts);
    ofpbuf_uninit(&ofpacts);
}

static const char *
port_type(enum nic_device kind)
{
    switch (kind) {
    case DEV_INTERNAL:
        return "internal";
    case DEV_DUMMY:
        return "dummy";
    case DEV_TAP:
    case DEV_VETH:
    case DEV_FOREIGN:
        return "";
    }
    OVS_NOT_REACHED();
}

/* The port, if it is ours to make or bound already. */
static void
add_port(struct block *block, const struct nic_input *in, bool foreign)
{
    const char *name = foreign ? in->port : in->device;
    struct port_want *port;

    if (!name[0]) {
        return;
    }
    port = block->port = xzalloc(sizeof *port);
    ovs_strlcpy(port->name, name, sizeof port->name);
    ovs_strlcpy(port->type, foreign ? "" : port_type(in->kind),
                sizeof port->type);
    port->foreign = foreign;
    port->iface_id = xasprintf(UUID_FMT, UUID_ARGS(&in->id));
    port->attached_mac = in->mac;
    port->vm_id = xstrdup(in->vm);
    port->vm = xstrdup(in->vm);
    port->nic = xstrdup(in->nic);
    port->network = xstrdup(in->network);
    port->key = in->key;
    port->mtu = in->mtu;
}

static void
add_device(struct block *block, const struct nic_input *in)
{
    bool veth = in->kind == DEV_VETH;
    struct device_want *device = block->device = xzalloc(sizeof *device);

    device->kind = in->kind;
    ovs_strlcpy(device->name, in->device, sizeof device->name);
    if (in->kind == DEV_TAP) {
        device->owner = xstrdup(in->owner[0] ? in->owner : "root");
    }
    device->mac = in->mac;
    device->mtu = in->mtu;
    device->userspace = in->userspace;
    device->far_tx_off = veth && in->userspace;
    device->near_tx_off =
        veth && !in->userspace
        && (in->hypervisor == HV_VIRTUALBOX || in->hypervisor == HV_VMWARE);
}

static void
add_lease(struct block *block, const struct nic_input *in)
{
    struct lease_want *lease = block->lease = xzalloc(sizeof *lease);

    lease->network = xstrdup(in->network);
    lease->host = xstrdup(in->full_name);
    lease->fqdn = xasprintf("%s.%s.%s", in->vm, in->network, in->domain);
    if (in->alone) {
        lease->alias = xasprintf("%s.%s", in->vm, in->domain);
    }
    lease->mac = in->mac;
    if (in->has4) {
        lease->ip = in->ip;
    }
    if (in->has6) {
        lease->ip6 = in->ip6;
    }
}

struct block *
compile_nic(const struct nic_input *in)
{
    char *name = xasprintf("nic %s", in->full_name);
    struct block *block = block_create(BLOCK_NIC, name, in->key);
    bool foreign = in->foreign || in->kind == DEV_FOREIGN;

    if (in->ofport && !in->stopped) {
        struct flow_build fb;

        fb_init(&fb, block);
        add_identity(&fb, in);
        add_guards(&fb, in);
        if (in->has4) {
            add_guards4(&fb, in);
        }
        if (in->has6) {
            add_guards6(&fb, in);
        }
        add_answers(&fb, in);
        add_forward(&fb, in);
        fb_uninit(&fb);
        block_add_meter(block, in->key, METER_RATE, METER_BURST);
    }
    add_port(block, in, foreign);
    if ((in->has4 || in->has6) && in->domain[0] && !in->stopped) {
        add_lease(block, in);
    }
    if (!foreign && in->kind != DEV_DUMMY) {
        add_device(block, in);
    }
    free(name);
    return block;
}
