/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.h: builds Ethernet frames byte by byte, wrong ones too.
 *
 * A frame grows at its end; lengths and checksums are filled in by
 * frame_finish_*() when all is there, so that a header may also be left
 * wrong.  Needs nothing but libc: the trace tests print frames, others send
 * them through a packet socket. */
#ifndef VMOVS_TESTS_FRAME_H
#define VMOVS_TESTS_FRAME_H

#include <stddef.h>
#include <stdint.h>

struct frame {
    uint8_t data[2048];
    size_t len;
    size_t l3;                  /* Where the network header starts. */
    size_t l4;                  /* Where the part that frame_finish_icmp6() or
                                 * _udp6() sums starts. */
};

/* Someone on the wire. */
struct host {
    uint8_t mac[6];
    uint8_t ip[4];
    uint8_t ip6[16];
};

void frame_put(struct frame *, const void *, size_t);
void frame_put8(struct frame *, uint8_t);
void frame_put16(struct frame *, uint16_t);
void frame_put32(struct frame *, uint32_t);

/* Starts a frame. */
void frame_eth(struct frame *, const uint8_t dst[6], const uint8_t src[6],
               uint16_t type);
/* An 802.1Q header after the MAC addresses of a finished frame. */
void frame_push_vlan(struct frame *, uint16_t tpid, uint16_t tci);

/* ARP or RARP after the Ethernet header. */
void frame_arp(struct frame *, uint16_t op, const uint8_t sha[6],
               const uint8_t spa[4], const uint8_t tha[6],
               const uint8_t tpa[4]);

/* IPv4 header with fragment offset field 'frag' (flags included), then
 * UDP with 'len' bytes of payload. */
void frame_ip4(struct frame *, const uint8_t src[4], const uint8_t dst[4],
               uint8_t proto, uint16_t frag);
void frame_udp(struct frame *, uint16_t sport, uint16_t dport, size_t len);
void frame_finish_ip4(struct frame *);

/* IPv6 header; extension headers follow; then frame_l4(). */
void frame_ip6(struct frame *, const uint8_t src[16], const uint8_t dst[16],
               uint8_t next, uint8_t hop_limit);
/* Hop-by-hop or destination options of 8 bytes, all padding. */
void frame_options(struct frame *, uint8_t next);
/* A fragment header; 'offset' in bytes. */
void frame_fragment(struct frame *, uint8_t next, uint16_t offset, int more);
/* What follows is the upper layer. */
void frame_l4(struct frame *);
/* Length, and the checksum of ICMPv6 (58) or UDP (17); 0: no checksum. */
void frame_finish_ip6(struct frame *, uint8_t proto);

#endif
