/* SPDX-License-Identifier: Apache-2.0
 *
 * frames: prints the frames of the guard tests, a line each:
 *
 *     NAME IN-PORT OUT-PORTS FRAME [ANSWER]
 *
 * OUT-PORTS is where topology.h's networks have to deliver FRAME (in hex): "-"
 * nowhere, "3", "1,3"; "=" back where it came from, as ANSWER.  A hostile
 * frame stands next to its legitimate twin.  "sentinel" lines are frames that
 * always arrive, to tell that what was sent before has been dealt with.
 *
 *     frames [GATEWAY WEB DB]
 *
 * Where these are given, as MAC,IP,IP6, they stand for topology.h's gateway 1,
 * web1 2 and db1 3, and only what web1 sends is printed: for guests that
 * exist. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

/* Ports of topology.h. */
#define GW "1"
#define WEB "2"
#define DB "3"

static const uint8_t none[16];
static const uint8_t bcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t bcast4[4] = { 255, 255, 255, 255 };
static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };
static const uint8_t all_routers[16] = { 0xff, 2, [15] = 2 };
static const uint8_t all_dhcp[16] = { 0xff, 2, [13] = 1, 0, 2 };
static const uint8_t gateway_ll[16] = { 0xfe, 0x80, [15] = 1 };
static const uint8_t private_ll[16] = { 0xfe, 0x80, [8] = 0x11, [15] = 0x77 };

static struct host
host(int net, int n)
{
    return (struct host){
        .mac = { 2, 0, 0, 0, net, n },
        .ip = { 10, 77, net, n },
        .ip6 = { 0xfd, 0, 0, 0x77, 0, net, [15] = n },
    };
}

/* EUI-64 link-local address of 'h'. */
static const uint8_t *
ll(const struct host *h)
{
    static uint8_t ips[4][16];
    static int next;
    uint8_t *ip = ips[next++ % 4];
    const uint8_t *m = h->mac;

    memcpy(ip,
           (uint8_t[16]){ 0xfe, 0x80, [8] = m[0] ^ 2, m[1], m[2], 0xff, 0xfe,
                          m[3], m[4], m[5] },
           16);
    return ip;
}

/* Only frames of web1, whose neighbours exist. */
static bool live;

static struct host
parse_host(const char *s)
{
    char ip[16], ip6[46];
    struct host h;
    uint8_t *m = h.mac;

    if (sscanf(s, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx,%15[0-9.],%45[0-9a-f:]",
               &m[0], &m[1], &m[2], &m[3], &m[4], &m[5], ip, ip6)
            != 8
        || inet_pton(AF_INET, ip, h.ip) != 1
        || inet_pton(AF_INET6, ip6, h.ip6) != 1) {
        fprintf(stderr, "frames: %s: not MAC,IP,IP6\n", s);
        exit(2);
    }
    return h;
}

static void
put_hex(const struct frame *f)
{
    for (size_t i = 0; i < f->len; i++) {
        printf("%02x", f->data[i]);
    }
}

static void
line(const char *name, const char *in, const char *out, const struct frame *f,
     const struct frame *answer)
{
    if (live && strcmp(in, WEB)) {
        return;
    }
    printf("%s %s %s ", name, in, out);
    put_hex(f);
    if (answer) {
        putchar(' ');
        put_hex(answer);
    }
    putchar('\n');
}

/* MAC address for an IPv6 destination: multicast's own, else 'h's. */
static void
mac_for(uint8_t mac[6], const uint8_t dst[16], const struct host *h)
{
    if (dst[0] == 0xff) {
        memcpy(mac,
               (uint8_t[6]){ 0x33, 0x33, dst[12], dst[13], dst[14], dst[15] },
               6);
    } else {
        memcpy(mac, h->mac, 6);
    }
}

static void
udp4(const char *name, const char *in, const char *out, const struct host *s,
     const struct host *d, const uint8_t src[4], uint16_t dport)
{
    struct frame f;

    frame_eth(&f, d->mac, s->mac, 0x0800);
    frame_ip4(&f, src, d->ip, 17, 0);
    frame_udp(&f, 4000, dport, 32);
    frame_finish_ip4(&f);
    line(name, in, out, &f, NULL);
}

static void
ip4(const struct host *g, const struct host *w, const struct host *d)
{
    const struct host stranger = host(1, 99), old1 = host(2, 10);
    struct host mcast = *w;
    struct frame f;

    udp4("ip4", WEB, DB, w, d, w->ip, 22);
    udp4("ip4-to-gateway", WEB, GW, w, g, w->ip, 53);
    udp4("ip4-to-other-network", WEB, "-", w, &old1, w->ip, 22);
    udp4("mac-of-neighbour", WEB, "-", d, g, w->ip, 22);
    udp4("mac-of-stranger", WEB, "-", &stranger, d, w->ip, 22);
    mcast.mac[0] = 3;
    udp4("mac-multicast", WEB, "-", &mcast, d, w->ip, 22);
    udp4("ip4-of-neighbour", WEB, "-", w, g, d->ip, 22);
    udp4("ip4-of-gateway", WEB, "-", w, d, g->ip, 22);
    udp4("ip4-of-stranger", WEB, "-", w, d, stranger.ip, 22);
    udp4("ip4-of-nobody", WEB, "-", w, d, none, 22);
    udp4("dhcp-answer", WEB, "-", w, d, w->ip, 68);
    udp4("dhcp-to-guest", WEB, GW, w, d, w->ip, 67);

    for (int spoof = 0; spoof < 2; spoof++) {
        for (int later = 0; later < 2; later++) {
            frame_eth(&f, d->mac, w->mac, 0x0800);
            frame_ip4(&f, spoof ? d->ip : w->ip, d->ip, 17,
                      later ? 4 : 0x2000);
            frame_udp(&f, 4000, 22, 24);
            frame_finish_ip4(&f);
            line(spoof ? "ip4-fragment-spoofed" : "ip4-fragment", WEB,
                 spoof ? "-" : DB, &f, NULL);
        }
    }

    for (int short_ = 0; short_ < 2; short_++) {
        frame_eth(&f, d->mac, w->mac, 0x0800);
        frame_ip4(&f, w->ip, d->ip, 17, 0x2000);
        if (!short_) {
            frame_udp(&f, 67, 68, 24);
        }
        frame_finish_ip4(&f);
        line(short_ ? "ip4-fragment-empty" : "dhcp-answer-fragment", WEB, "-",
             &f, NULL);
    }

    frame_eth(&f, bcast, w->mac, 0x0800);
    frame_ip4(&f, none, bcast4, 17, 0);
    frame_udp(&f, 68, 67, 240);
    frame_finish_ip4(&f);
    line("dhcp-request", WEB, GW, &f, NULL);

    frame_eth(&f, bcast, w->mac, 0x0800);
    frame_ip4(&f, w->ip, bcast4, 17, 0);
    frame_udp(&f, 67, 68, 240);
    frame_finish_ip4(&f);
    line("dhcp-offer", WEB, "-", &f, NULL);

    frame_eth(&f, w->mac, g->mac, 0x0800);
    frame_ip4(&f, g->ip, w->ip, 17, 0);
    frame_udp(&f, 67, 68, 240);
    frame_finish_ip4(&f);
    line("dhcp-offer-of-gateway", GW, WEB, &f, NULL);
}

/* An answer behind what the packet says is its end. */
static void
ip4_beyond_end(const struct host *w, const struct host *d)
{
    struct frame f;

    frame_eth(&f, d->mac, w->mac, 0x0800);
    frame_ip4(&f, w->ip, d->ip, 17, 0);
    frame_finish_ip4(&f);
    frame_udp(&f, 67, 68, 240);
    line("dhcp-answer-beyond-end", WEB, "-", &f, NULL);
}

static void
arp(const char *name, const char *in, const char *out, const struct host *s,
    uint16_t type, uint16_t op, const uint8_t *dst, const uint8_t *sha,
    const uint8_t *spa, const uint8_t *tha, const uint8_t *tpa,
    const struct host *answerer)
{
    struct frame f, answer;

    frame_eth(&f, dst, s->mac, type);
    frame_arp(&f, op, sha, spa, tha, tpa);
    if (answerer) {
        frame_eth(&answer, s->mac, answerer->mac, type);
        frame_arp(&answer, 2, answerer->mac, tpa, sha, spa);
    }
    line(name, in, out, &f, answerer ? &answer : NULL);
}

static void
arps(const struct host *g, const struct host *w, const struct host *d)
{
    const uint8_t unknown[4] = { 10, 77, 1, 200 };
#define ARP(NAME, OUT, OP, DST, SHA, SPA, THA, TPA, ANSWERER)                 \
    arp(NAME, WEB, OUT, w, 0x0806, OP, DST, SHA, SPA, THA, TPA, ANSWERER)
    ARP("arp-request", "=", 1, bcast, w->mac, w->ip, none, d->ip, d);
    ARP("arp-request-unicast", "=", 1, d->mac, w->mac, w->ip, none, d->ip, d);
    ARP("arp-for-gateway", "=", 1, bcast, w->mac, w->ip, none, g->ip, g);
    ARP("arp-for-unknown", "1,3", 1, bcast, w->mac, w->ip, none, unknown,
        NULL);
    ARP("arp-probe", "1,3", 1, bcast, w->mac, none, none, w->ip, NULL);
    ARP("arp-announce", "1,3", 1, bcast, w->mac, w->ip, none, w->ip, NULL);
    ARP("arp-announce-reply", "1,3", 2, bcast, w->mac, w->ip, bcast, w->ip,
        NULL);
    ARP("arp-reply", DB, 2, d->mac, w->mac, w->ip, d->mac, d->ip, NULL);
    ARP("arp-sha-of-neighbour", "-", 1, bcast, d->mac, w->ip, none, d->ip,
        NULL);
    ARP("arp-spa-of-neighbour", "-", 1, bcast, w->mac, d->ip, none, g->ip,
        NULL);
    ARP("arp-reply-spa-of-gateway", "-", 2, d->mac, w->mac, g->ip, d->mac,
        d->ip, NULL);
    ARP("arp-announce-spoofed", "-", 1, bcast, w->mac, d->ip, none, d->ip,
        NULL);
    ARP("arp-probe-of-neighbour", "-", 1, bcast, w->mac, none, none, d->ip,
        NULL);
    ARP("arp-odd-operation", "-", 257, bcast, w->mac, d->ip, none, g->ip,
        NULL);
#undef ARP
    arp("rarp", WEB, "1,3", w, 0x8035, 3, bcast, w->mac, none, w->mac, none,
        NULL);
    arp("rarp-sha-of-neighbour", WEB, "-", w, 0x8035, 3, bcast, d->mac, none,
        w->mac, none, NULL);
    arp("rarp-tha-of-neighbour", WEB, "-", w, 0x8035, 3, bcast, w->mac, none,
        d->mac, none, NULL);
    arp("gateway-arp", GW, "=", g, 0x0806, 1, bcast, g->mac, g->ip, none,
        w->ip, w);
    arp("gateway-arp-announce", GW, "2,3", g, 0x0806, 1, bcast, g->mac, g->ip,
        none, g->ip, NULL);
}

/* How an ICMPv6 message is wrapped. */
enum wrap {
    PLAIN,
    HOP_BY_HOP,
    DEST_OPTIONS,
    ATOMIC,     /* Fragment header, not fragmented. */
    FIRST,      /* First fragment. */
    FIRST_BARE, /* First fragment that ends before it. */
    LATER       /* Later fragment. */
};

static void
ip6_headers(struct frame *f, const uint8_t src[16], const uint8_t dst[16],
            uint8_t proto, uint8_t hop_limit, enum wrap wrap)
{
    frame_ip6(f, src, dst,
              wrap == PLAIN          ? proto
              : wrap == HOP_BY_HOP   ? 0
              : wrap == DEST_OPTIONS ? 60
                                     : 44,
              hop_limit);
    if (wrap == FIRST_BARE) {
        frame_fragment(f, 60, 0, 1);
        frame_options(f, proto);
    } else if (wrap >= ATOMIC) {
        frame_fragment(f, proto, wrap == LATER ? 8 : 0, wrap == FIRST);
    } else if (wrap != PLAIN) {
        frame_options(f, proto);
    }
    frame_l4(f);
}

/* An ICMPv6 message; options are pairs of type and MAC, ended by type 0. */
struct nd {
    const char *name, *in, *out;
    const struct host *from; /* Source MAC. */
    const struct host *to;   /* Destination MAC, if 'dst' is unicast. */
    const uint8_t *src, *dst;
    uint8_t type, code, hop_limit;
    enum wrap wrap;
    uint32_t flags;
    const uint8_t *target; /* NULL: none. */
    struct {
        uint8_t type;
        const uint8_t *mac;
    } options[3];
    const struct host *answerer;
    uint32_t answer_flags;
};

static void
build_nd(struct frame *f, const struct nd *n)
{
    uint8_t mac[6];

    mac_for(mac, n->dst, n->to);
    frame_eth(f, mac, n->from->mac, 0x86dd);
    ip6_headers(f, n->src, n->dst, 58, n->hop_limit ? n->hop_limit : 255,
                n->wrap);
    if (n->wrap != FIRST_BARE) {
        frame_put8(f, n->type);
        frame_put8(f, n->code);
        frame_put16(f, 0);
        frame_put32(f, n->flags);
        if (n->target) {
            frame_put(f, n->target, 16);
        }
        for (int i = 0; i < 3 && n->options[i].type; i++) {
            frame_put8(f, n->options[i].type);
            frame_put8(f, 1);
            frame_put(f, n->options[i].mac, 6);
        }
    }
    frame_finish_ip6(f, n->wrap == FIRST_BARE ? 0 : 58);
}

static void
nd(struct nd n)
{
    struct frame f, answer;

    build_nd(&f, &n);
    if (n.answerer) {
        struct nd a = { .from = n.answerer,
                        .to = n.from,
                        .src = n.target,
                        .dst = n.src,
                        .type = 136,
                        .flags = n.answer_flags,
                        .target = n.target,
                        .options = { { 2, n.answerer->mac } } };

        build_nd(&answer, &a);
    }
    line(n.name, n.in, n.out, &f, n.answerer ? &answer : NULL);
}

#include "frames-nd.h"

static void
udp6(const char *name, const char *in, const char *out, const struct host *s,
     const struct host *d, const uint8_t *src, const uint8_t *dst,
     uint16_t dport, enum wrap wrap)
{
    struct frame f;
    uint8_t mac[6];

    mac_for(mac, dst, d);
    frame_eth(&f, mac, s->mac, 0x86dd);
    ip6_headers(&f, src, dst, 17, 64, wrap);
    if (wrap != FIRST_BARE) {
        frame_udp(&f, 546, dport, 24);
    }
    frame_finish_ip6(&f, wrap == FIRST_BARE ? 0 : 17);
    line(name, in, out, &f, NULL);
}

static void
ip6(const struct host *g, const struct host *w, const struct host *d)
{
    const struct host stranger = host(1, 99);
    struct frame f;

#define UDP6(NAME, OUT, SRC, DPORT, WRAP)                                     \
    udp6(NAME, WEB, OUT, w, d, SRC, d->ip6, DPORT, WRAP)
    UDP6("ip6", DB, w->ip6, 22, PLAIN);
    UDP6("ip6-link-local", DB, ll(w), 22, PLAIN);
    UDP6("ip6-link-local-private", DB, private_ll, 22, PLAIN);
    UDP6("ip6-options", DB, w->ip6, 22, DEST_OPTIONS);
    UDP6("ip6-first-fragment", DB, w->ip6, 22, FIRST);
    UDP6("ip6-later-fragment", DB, w->ip6, 22, LATER);
    UDP6("ip6-of-neighbour", "-", d->ip6, 22, PLAIN);
    UDP6("ip6-of-stranger", "-", stranger.ip6, 22, PLAIN);
    UDP6("ip6-of-gateway", "-", g->ip6, 22, PLAIN);
    UDP6("ip6-link-local-of-gateway", "-", gateway_ll, 22, PLAIN);
    UDP6("ip6-eui64-of-gateway", "-", ll(g), 22, PLAIN);
    UDP6("ip6-eui64-of-neighbour", "-", ll(d), 22, PLAIN);
    UDP6("ip6-of-nobody", "-", none, 22, PLAIN);
    UDP6("ip6-spoofed-options", "-", d->ip6, 22, DEST_OPTIONS);
    UDP6("ip6-spoofed-first-fragment", "-", d->ip6, 22, FIRST);
    UDP6("ip6-spoofed-later-fragment", "-", d->ip6, 22, LATER);
    UDP6("dhcp6-answer", "-", ll(w), 546, PLAIN);
    UDP6("dhcp6-answer-options", "-", ll(w), 546, HOP_BY_HOP);
    UDP6("dhcp6-answer-first-fragment", "-", ll(w), 546, FIRST);
    UDP6("dhcp6-answer-hidden-port", "-", w->ip6, 546, FIRST_BARE);
#undef UDP6
    frame_eth(&f, d->mac, w->mac, 0x86dd);
    ip6_headers(&f, ll(w), d->ip6, 17, 64, PLAIN);
    frame_finish_ip6(&f, 0);
    frame_udp(&f, 547, 546, 24);
    line("dhcp6-answer-beyond-end", WEB, "-", &f, NULL);
    udp6("dhcp6-request", WEB, GW, w, g, ll(w), all_dhcp, 547, PLAIN);
    udp6("dhcp6-answer-of-gateway", GW, WEB, g, w, gateway_ll, ll(w), 546,
         PLAIN);
}

static void
tags(const struct host *w, const struct host *d)
{
    static const struct {
        const char *name;
        uint16_t outer, inner; /* TPIDs; inner 0: one tag. */
        uint16_t vid;
    } tagged[] = {
        { "vlan-0", 0x8100, 0, 0 },        { "vlan-100", 0x8100, 0, 100 },
        { "vlan-0-0", 0x8100, 0x8100, 0 }, { "qinq", 0x88a8, 0x8100, 7 },
        { "qinq-single", 0x88a8, 0, 0 },
    };
    struct frame f;

    for (size_t i = 0; i < sizeof tagged / sizeof *tagged; i++) {
        for (int is_arp = 0; is_arp < 2; is_arp++) {
            if (is_arp) {
                frame_eth(&f, bcast, w->mac, 0x0806);
                frame_arp(&f, 1, w->mac, w->ip, none, d->ip);
            } else {
                frame_eth(&f, d->mac, w->mac, 0x0800);
                frame_ip4(&f, w->ip, d->ip, 17, 0);
                frame_udp(&f, 1, 2, 8);
                frame_finish_ip4(&f);
            }
            if (tagged[i].inner) {
                frame_push_vlan(&f, tagged[i].inner, tagged[i].vid);
            }
            frame_push_vlan(&f, tagged[i].outer, tagged[i].vid);
            line(tagged[i].name, WEB, "-", &f, NULL);
        }
    }
}

/* What is no IP at all, or dressed as none. */
static void
ethernet(const struct host *w, const struct host *d)
{
    static const uint8_t snap[8] = { 0xaa, 0xaa, 3, 0, 0, 0, 8, 6 };
    static const uint8_t cdp[8] = { 0xaa, 0xaa, 3, 0, 0, 0xc, 0x20, 0 };
    static const uint8_t cdp_mac[6] = { 1, 0, 0xc, 0xcc, 0xcc, 0xcc };
    static const struct {
        const char *name;
        uint8_t last; /* 01:80:c2:00:00:LAST */
        uint16_t type;
    } control[] = {
        { "stp", 0, 38 },       { "pause", 1, 0x8808 },
        { "lacp", 2, 0x8809 },  { "802.1x", 3, 0x888e },
        { "lldp", 14, 0x88cc }, { "cfm", 0x30, 0x8902 },
    };
    struct frame f;

    for (size_t i = 0; i < sizeof control / sizeof *control; i++) {
        uint8_t mac[6] = { 1, 0x80, 0xc2, 0, 0, control[i].last };

        frame_eth(&f, mac, w->mac, control[i].type);
        for (int j = 0; j < 48; j++) {
            frame_put8(&f, 0x42);
        }
        line(control[i].name, WEB, "-", &f, NULL);
    }
    for (int spoof = 0; spoof < 2; spoof++) {
        frame_eth(&f, bcast, w->mac, 36);
        frame_put(&f, snap, 8);
        frame_arp(&f, 1, w->mac, spoof ? d->ip : w->ip, none,
                  (uint8_t[4]){ 10, 77, 1, 200 });
        line(spoof ? "snap-arp-spoofed" : "snap-arp", WEB, spoof ? "-" : "1,3",
             &f, NULL);
    }
    frame_eth(&f, cdp_mac, w->mac, 36);
    frame_put(&f, cdp, 8);
    frame_put(&f, none, 16);
    line("cdp", WEB, "-", &f, NULL);
    frame_eth(&f, d->mac, w->mac, 0x888e);
    frame_put(&f, none, 16);
    line("802.1x-unicast", WEB, "-", &f, NULL);
    frame_eth(&f, d->mac, w->mac, 0x88b5);
    frame_put(&f, none, 16);
    line("ethertype-unknown", WEB, "-", &f, NULL);
}

/* A network without IPv6 carries none; an isolated one carries nothing from
 * guest to guest. */
static void
other_networks(void)
{
    const struct host p = host(2, 1), o1 = host(2, 10), o2 = host(2, 11);
    const struct host c = host(3, 1), c1 = host(3, 10), c2 = host(3, 11);

    udp4("plain-ip4", "5", "6", &o1, &o2, o1.ip, 22);
    udp6("plain-ip6", "5", "-", &o1, &o2, o1.ip6, o2.ip6, 22, PLAIN);
    udp6("plain-ip6-link-local", "5", "-", &o1, &o2, ll(&o1), ll(&o2), 22,
         PLAIN);
    udp6("plain-dhcp6", "5", "-", &o1, &p, ll(&o1), all_dhcp, 547, PLAIN);
    nd((struct nd){ "plain-rs", "5", "-", &o1, &p, none, all_routers, 133 });
    nd((struct nd){ "plain-dad", "5", "-", &o1, &p, none, all_nodes, 135,
                    .target = ll(&o1) });
    nd((struct nd){ "plain-mld", "5", "-", &o1, &p, none, all_nodes, 143, 0,
                    1 });

    udp4("cells-to-guest", "8", "-", &c1, &c2, c1.ip, 22);
    udp4("cells-to-gateway", "8", "7", &c1, &c, c1.ip, 22);
    udp4("cells-from-gateway", "7", "8", &c, &c1, c.ip, 22);
    arp("cells-arp", "8", "7", &c1, 0x0806, 1, bcast, c1.mac, c1.ip, none,
        c2.ip, NULL);
    arp("cells-arp-for-gateway", "8", "=", &c1, 0x0806, 1, bcast, c1.mac,
        c1.ip, none, c.ip, &c);
    arp("cells-arp-of-gateway", "7", "=", &c, 0x0806, 1, bcast, c.mac, c.ip,
        none, c1.ip, &c1);
    arp("cells-announce-of-gateway", "7", "8,9", &c, 0x0806, 1, bcast, c.mac,
        c.ip, none, c.ip, NULL);
    nd((struct nd){ "cells-ns", "8", "7", &c1, &c2, c1.ip6, all_nodes, 135,
                    .target = c2.ip6, .options = { { 1, c1.mac } } });
}

int
main(int argc, char *argv[])
{
    static const char *const ports[10] = { NULL, "1", "2", "3", "4",
                                           "5",  "6", "7", "8", "9" };
    struct host g = host(1, 1), w = host(1, 10), d = host(1, 11);

    if (argc == 4) {
        live = true;
        g = parse_host(argv[1]);
        w = parse_host(argv[2]);
        d = parse_host(argv[3]);
        udp4("sentinel", WEB, DB, &w, &d, w.ip, 9);
    }
    for (int port = 1; port <= 9 && !live; port++) {
        int net = (port + 2) / 3, i = (port - 1) % 3;
        struct host s = host(net, i ? 9 + i : 1), t = host(net, i ? 1 : 10);

        udp4("sentinel", ports[port],
             i ? ports[3 * net - 2] : ports[3 * net - 1], &s, &t, s.ip, 9);
    }
    ip4(&g, &w, &d);
    ip4_beyond_end(&w, &d);
    arps(&g, &w, &d);
    ip6(&g, &w, &d);
    solicitations(&g, &w, &d);
    odd_options(&w, &d);
    advertisements(&g, &w, &d);
    routers(&g, &w, &d);
    tags(&w, &d);
    ethernet(&w, &d);
    if (!live) {
        other_networks();
    }
    return 0;
}
