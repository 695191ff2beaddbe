/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.c: see frame.h. */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

void
frame_put(struct frame *f, const void *data, size_t len)
{
    if (len > sizeof f->data - f->len) {
        abort();
    }
    memcpy(f->data + f->len, data, len);
    f->len += len;
}

void
frame_put8(struct frame *f, uint8_t x)
{
    frame_put(f, &x, 1);
}

void
frame_put16(struct frame *f, uint16_t x)
{
    frame_put8(f, x >> 8);
    frame_put8(f, x);
}

void
frame_put32(struct frame *f, uint32_t x)
{
    frame_put16(f, x >> 16);
    frame_put16(f, x);
}

static void
poke16(struct frame *f, size_t at, uint16_t x)
{
    f->data[at] = x >> 8;
    f->data[at + 1] = x;
}

void
frame_eth(struct frame *f, const uint8_t dst[6], const uint8_t src[6],
          uint16_t type)
{
    f->len = 0;
    frame_put(f, dst, 6);
    frame_put(f, src, 6);
    frame_put16(f, type);
    f->l3 = f->len;
}

void
frame_push_vlan(struct frame *f, uint16_t tpid, uint16_t tci)
{
    frame_put32(f, 0);
    memmove(f->data + 16, f->data + 12, f->len - 16);
    poke16(f, 12, tpid);
    poke16(f, 14, tci);
}

void
frame_arp(struct frame *f, uint16_t op, const uint8_t sha[6],
          const uint8_t spa[4], const uint8_t tha[6], const uint8_t tpa[4])
{
    frame_put16(f, 1);
    frame_put16(f, 0x0800);
    frame_put16(f, 0x0604);
    frame_put16(f, op);
    frame_put(f, sha, 6);
    frame_put(f, spa, 4);
    frame_put(f, tha, 6);
    frame_put(f, tpa, 4);
}

void
frame_ip4(struct frame *f, const uint8_t src[4], const uint8_t dst[4],
          uint8_t proto, uint16_t frag)
{
    f->l3 = f->len;
    frame_put16(f, 0x4500);
    frame_put16(f, 0);
    frame_put16(f, 1);
    frame_put16(f, frag);
    frame_put8(f, 64);
    frame_put8(f, proto);
    frame_put16(f, 0);
    frame_put(f, src, 4);
    frame_put(f, dst, 4);
}

void
frame_udp(struct frame *f, uint16_t sport, uint16_t dport, size_t len)
{
    frame_put16(f, sport);
    frame_put16(f, dport);
    frame_put16(f, 8 + len);
    frame_put16(f, 0);
    for (size_t i = 0; i < len; i++) {
        frame_put8(f, i);
    }
}

/* The Internet checksum of RFC 1071, without the last complement. */
static uint32_t
sum(const uint8_t *p, size_t len, uint32_t acc)
{
    for (size_t i = 0; i < len; i++) {
        acc += i & 1 ? p[i] : p[i] << 8;
    }
    return acc;
}

static uint16_t
fold(uint32_t acc)
{
    while (acc >> 16) {
        acc = (acc & 0xffff) + (acc >> 16);
    }
    return ~acc;
}

void
frame_finish_ip4(struct frame *f)
{
    poke16(f, f->l3 + 2, f->len - f->l3);
    poke16(f, f->l3 + 10, fold(sum(f->data + f->l3, 20, 0)));
}

void
frame_ip6(struct frame *f, const uint8_t src[16], const uint8_t dst[16],
          uint8_t next, uint8_t hop_limit)
{
    f->l3 = f->len;
    frame_put32(f, 0x60000000);
    frame_put16(f, 0);
    frame_put8(f, next);
    frame_put8(f, hop_limit);
    frame_put(f, src, 16);
    frame_put(f, dst, 16);
}

void
frame_options(struct frame *f, uint8_t next)
{
    frame_put8(f, next);
    frame_put8(f, 0);
    frame_put16(f, 0x0104);             /* PadN, 4 bytes. */
    frame_put32(f, 0);
}

void
frame_fragment(struct frame *f, uint8_t next, uint16_t offset, int more)
{
    frame_put8(f, next);
    frame_put8(f, 0);
    frame_put16(f, offset | (more ? 1 : 0));
    frame_put32(f, 0x12345678);
}

void
frame_l4(struct frame *f)
{
    f->l4 = f->len;
}

void
frame_finish_ip6(struct frame *f, uint8_t proto)
{
    size_t len = f->len - f->l4;

    poke16(f, f->l3 + 4, f->len - f->l3 - 40);
    if (proto) {
        size_t at = f->l4 + (proto == 58 ? 2 : 6);

        poke16(f, at, 0);
        poke16(f, at,
               fold(sum(f->data + f->l4, len,
                        sum(f->data + f->l3 + 8, 32, len + proto))));
    }
}
