/* SPDX-License-Identifier: Apache-2.0
 *
 * frames-nd.h: the part of frames.c about ICMPv6. */

/* Solicited-node multicast address of 'ip'. */
static const uint8_t *
solicited(const uint8_t ip[16])
{
    static uint8_t group[16] = { 0xff, 2, [11] = 1, 0xff };

    memcpy(group + 13, ip + 13, 3);
    return group;
}

/* Flags of an advertisement. */
#define NA_SO 0x60000000u
#define NA_RSO 0xe0000000u

static void
solicitations(const struct host *g, const struct host *w,
              const struct host *d)
{
#define NS(NAME, OUT, SRC, DST, TARGET, ...)                                 \
    nd((struct nd){ NAME, WEB, OUT, w, d, SRC, DST, 135, .target = TARGET,   \
                    __VA_ARGS__ })
#define SLL(...) .options = { __VA_ARGS__ }
    NS("ns", "=", w->ip6, solicited(d->ip6), d->ip6, SLL({ 1, w->mac }),
       .answerer = d, .answer_flags = NA_SO);
    NS("ns-unicast", "=", w->ip6, d->ip6, d->ip6, SLL({ 1, w->mac }),
       .answerer = d, .answer_flags = NA_SO);
    NS("ns-from-link-local", "=", ll(w), solicited(d->ip6), d->ip6,
       SLL({ 1, w->mac }), .answerer = d, .answer_flags = NA_SO);
    NS("ns-for-gateway", "=", w->ip6, solicited(gateway_ll), gateway_ll,
       SLL({ 1, w->mac }), .answerer = g, .answer_flags = NA_RSO);
    NS("ns-for-gateway-global", "=", w->ip6, solicited(g->ip6), g->ip6,
       SLL({ 1, w->mac }), .answerer = g, .answer_flags = NA_RSO);
    NS("ns-for-link-local", "1,3", ll(w), solicited(ll(d)), ll(d),
       SLL({ 1, w->mac }));
    NS("ns-without-sll", DB, w->ip6, d->ip6, d->ip6, .code = 0);
    NS("dad", "1,3", none, solicited(w->ip6), w->ip6, .code = 0);
    NS("dad-nonce", "1,3", none, solicited(w->ip6), w->ip6,
       SLL({ 14, d->mac }));
    NS("dad-link-local", "1,3", none, solicited(ll(w)), ll(w), .code = 0);
    NS("dad-private", "1,3", none, solicited(private_ll), private_ll,
       .code = 0);
    NS("ns-sll-of-neighbour", "-", w->ip6, solicited(d->ip6), d->ip6,
       SLL({ 1, d->mac }));
    NS("ns-two-slls", "-", w->ip6, d->ip6, d->ip6,
       SLL({ 1, d->mac }, { 1, w->mac }));
    NS("ns-two-slls-own-first", "-", w->ip6, d->ip6, d->ip6,
       SLL({ 1, w->mac }, { 1, d->mac }));
    NS("ns-code", "-", w->ip6, d->ip6, d->ip6, SLL({ 1, w->mac }), .code = 1);
    NS("ns-hop-limit", "-", w->ip6, d->ip6, d->ip6, SLL({ 1, w->mac }),
       .hop_limit = 64);
    NS("ns-src-of-neighbour", "-", d->ip6, g->ip6, g->ip6,
       SLL({ 1, w->mac }));
    NS("ns-src-of-gateway", "-", gateway_ll, d->ip6, d->ip6,
       SLL({ 1, w->mac }));
    NS("ns-anonymous-sll", "-", none, d->ip6, d->ip6, SLL({ 1, w->mac }));
    NS("ns-first-fragment", "-", w->ip6, d->ip6, d->ip6, SLL({ 1, w->mac }),
       .wrap = FIRST);
    NS("ns-spoofed-atomic", "-", d->ip6, g->ip6, g->ip6, SLL({ 1, w->mac }),
       .wrap = ATOMIC);
    NS("dad-for-neighbour", "-", none, solicited(d->ip6), d->ip6, .code = 0);
    NS("dad-for-eui64-of-neighbour", "-", none, solicited(ll(d)), ll(d),
       .code = 0);
    NS("dad-for-gateway", "-", none, solicited(gateway_ll), gateway_ll,
       .code = 0);
#undef NS
}

/* A solicitation for 'd' with an option 14 (a nonce, RFC 7527) that says it is
 * 'len' * 8 bytes long and is 8, cut to 'size' bytes behind the target; with
 * 'sll' a link-layer address stands behind it. */
static void
odd_option(const char *name, const char *out, const struct host *w,
           const struct host *d, uint8_t len, size_t size, bool sll)
{
    struct frame f;

    frame_eth(&f, d->mac, w->mac, 0x86dd);
    ip6_headers(&f, w->ip6, d->ip6, 58, 255, PLAIN);
    frame_put32(&f, 0x87000000);
    frame_put32(&f, 0);
    frame_put(&f, d->ip6, 16);

    size_t end = f.len + size;
    frame_put8(&f, 14);
    frame_put8(&f, len);
    frame_put(&f, d->mac, 6);
    if (sll) {
        frame_put16(&f, 0x0101);
        frame_put(&f, w->mac, 6);
    } else {
        f.len = end;
    }
    frame_finish_ip6(&f, 58);
    line(name, WEB, out, &f, NULL);
}

/* The switch must not rewrite a solicitation in which it saw no link-layer
 * address: some of Open vSwitch's releases walk past the frame's end.  It
 * takes what stands behind an option of a wrong length for nothing, and so
 * must who receives it (RFC 4861, 4.6). */
static void
odd_options(const struct host *w, const struct host *d)
{
    odd_option("nd-option-len-0", DB, w, d, 0, 8, false);
    odd_option("nd-option-len-1", DB, w, d, 1, 8, false);
    odd_option("nd-option-len-2", DB, w, d, 2, 8, false);
    odd_option("nd-option-len-4", DB, w, d, 4, 8, false);
    odd_option("nd-option-len-255", DB, w, d, 255, 8, false);
    odd_option("nd-option-cut-1", DB, w, d, 1, 1, false);
    odd_option("nd-option-cut-2", DB, w, d, 1, 2, false);
    odd_option("nd-option-cut-7", DB, w, d, 1, 7, false);
    odd_option("nd-option-len-255-cut-2", DB, w, d, 255, 2, false);
    odd_option("nd-option-len-0-sll", DB, w, d, 0, 8, true);
    odd_option("nd-option-len-2-sll", DB, w, d, 2, 8, true);
    odd_option("nd-option-len-4-sll", DB, w, d, 4, 8, true);
}

static void
advertisements(const struct host *g, const struct host *w,
               const struct host *d)
{
#define NA(NAME, OUT, SRC, DST, TARGET, ...)                                 \
    nd((struct nd){ NAME, WEB, OUT, w, d, SRC, DST, 136, .flags = NA_SO,     \
                    .target = TARGET, __VA_ARGS__ })
#define TLL(...) .options = { __VA_ARGS__ }
    NA("na", DB, w->ip6, d->ip6, w->ip6, TLL({ 2, w->mac }));
    NA("na-without-tll", DB, w->ip6, d->ip6, w->ip6, .code = 0);
    NA("na-all-nodes", "1,3", w->ip6, all_nodes, w->ip6, TLL({ 2, w->mac }));
    NA("na-from-link-local", DB, ll(w), d->ip6, w->ip6, TLL({ 2, w->mac }));
    NA("na-of-link-local", DB, ll(w), d->ip6, ll(w), TLL({ 2, w->mac }));
    NA("na-target-of-neighbour", "-", w->ip6, g->ip6, d->ip6,
       TLL({ 2, w->mac }));
    NA("na-target-of-neighbour-without-tll", "-", w->ip6, g->ip6, d->ip6,
       .code = 0);
    NA("na-target-of-gateway", "-", w->ip6, all_nodes, gateway_ll,
       TLL({ 2, w->mac }));
    NA("na-target-of-gateway-global", "-", w->ip6, all_nodes, g->ip6,
       TLL({ 2, w->mac }));
    NA("na-target-eui64-of-neighbour", "-", w->ip6, all_nodes, ll(d),
       TLL({ 2, w->mac }));
    NA("na-src-of-neighbour", "-", d->ip6, g->ip6, w->ip6,
       TLL({ 2, w->mac }));
    NA("na-tll-of-neighbour", "-", w->ip6, all_nodes, w->ip6,
       TLL({ 2, d->mac }));
    NA("na-two-tlls", "-", w->ip6, d->ip6, w->ip6,
       TLL({ 2, d->mac }, { 2, w->mac }));
    NA("na-code", "-", w->ip6, d->ip6, d->ip6, TLL({ 2, w->mac }), .code = 1);
    NA("na-hop-limit", "-", w->ip6, d->ip6, w->ip6, TLL({ 2, w->mac }),
       .hop_limit = 254);
    NA("na-spoofed-hop-by-hop", "-", w->ip6, g->ip6, d->ip6,
       TLL({ 2, w->mac }), .wrap = HOP_BY_HOP);
    NA("na-spoofed-atomic", "-", w->ip6, g->ip6, d->ip6, TLL({ 2, w->mac }),
       .wrap = ATOMIC);
    NA("na-first-fragment", "-", w->ip6, d->ip6, w->ip6, TLL({ 2, w->mac }),
       .wrap = FIRST);
    NA("na-hidden", "-", w->ip6, d->ip6, w->ip6, .wrap = FIRST_BARE);
#undef NA
}

static void
routers(const struct host *g, const struct host *w, const struct host *d)
{
    static const char *const ra[] = {
        [PLAIN] = "ra",           [HOP_BY_HOP] = "ra-hop-by-hop",
        [DEST_OPTIONS] = "ra-options", [ATOMIC] = "ra-atomic",
        [FIRST] = "ra-first-fragment", [FIRST_BARE] = "ra-hidden",
        [LATER] = "ra-later-fragment",
    };

    for (enum wrap wrap = PLAIN; wrap <= LATER; wrap++) {
        nd((struct nd){ ra[wrap], WEB, "-", w, d, ll(w), all_nodes, 134,
                        .wrap = wrap, .flags = 0x40000708,
                        .target = none });
    }
    nd((struct nd){ "ra-of-gateway", GW, "2,3", g, d, gateway_ll, all_nodes,
                    134, .flags = 0x40000708, .target = none });
    nd((struct nd){ "rs", WEB, GW, w, g, ll(w), all_routers, 133,
                    SLL({ 1, w->mac }) });
    nd((struct nd){ "rs-anonymous", WEB, GW, w, g, none, all_routers, 133 });
    nd((struct nd){ "rs-src-of-neighbour", WEB, "-", w, g, ll(d), all_routers,
                    133 });
    nd((struct nd){ "redirect", WEB, "-", w, d, ll(w), d->ip6, 137,
                    .target = g->ip6 });
    nd((struct nd){ "mld2-report", WEB, "1,3", w, d, ll(w), all_routers, 143,
                    .hop_limit = 1, .wrap = HOP_BY_HOP });
    nd((struct nd){ "mld2-report-anonymous", WEB, "1,3", w, d, none,
                    all_routers, 143, .hop_limit = 1, .wrap = HOP_BY_HOP });
    nd((struct nd){ "mld-query", WEB, "-", w, d, ll(w), all_nodes, 130,
                    .hop_limit = 1, .wrap = HOP_BY_HOP });
    nd((struct nd){ "mld2-report-hop-limit", WEB, "-", w, d, ll(w),
                    all_routers, 143, .hop_limit = 2, .wrap = HOP_BY_HOP });
    nd((struct nd){ "rs-hop-limit", WEB, "-", w, g, ll(w), all_routers, 133,
                    .hop_limit = 64 });
    nd((struct nd){ "echo", WEB, DB, w, d, w->ip6, d->ip6, 128,
                    .hop_limit = 64 });
    nd((struct nd){ "echo-spoofed", WEB, "-", w, d, g->ip6, d->ip6, 128,
                    .hop_limit = 64 });
    nd((struct nd){ "too-big", WEB, DB, w, d, w->ip6, d->ip6, 2,
                    .hop_limit = 64 });
    nd((struct nd){ "node-information", WEB, "-", w, d, w->ip6, d->ip6, 139,
                    .hop_limit = 64 });
    nd((struct nd){ "gateway-ns", GW, "=", g, w, g->ip6, solicited(w->ip6),
                    135, .target = w->ip6, .options = { { 1, g->mac } },
                    .answerer = w, .answer_flags = NA_SO });
    nd((struct nd){ "gateway-ns-without-sll", GW, WEB, g, w, g->ip6, w->ip6,
                    135, .target = w->ip6 });
    nd((struct nd){ "gateway-ns-sll-of-stranger", GW, "-", g, w, g->ip6,
                    w->ip6, 135, .target = w->ip6,
                    .options = { { 1, d->mac } } });
}
