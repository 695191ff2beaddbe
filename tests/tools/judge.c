/* SPDX-License-Identifier: Apache-2.0
 *
 * judge.c: listens on a device, and says which frames claim to be somebody
 * whom their sender is not.
 *
 *     judge DEVICE SENDER OTHER...
 *
 * SENDER and OTHERs, each MAC,IP,IP6, are all who are there.  SENDER is under
 * suspicion: every frame with its MAC, or with wire.c's mark, has to speak for
 * SENDER alone; and no frame may have a MAC that is nobody's.
 *
 * Reads frames by itself, with nothing of the switch's code and nothing of
 * frame.c's, and takes the worse of what a frame may be: a claim that some
 * receiver might believe counts.  Prints "listening", a line "foreign WHY HEX"
 * for each such frame, and when it is ended by SIGTERM "heard N foreign M
 * missed K", K being what did not fit the socket's buffer. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char mark[] = "vmovs-wire:";

struct who {
    uint8_t mac[6], ip[4], ip6[16], ll[16];
};

static struct who all[16]; /* all[0] is the suspect. */
static int n_all;
static volatile sig_atomic_t ended;

static void
end(int signal)
{
    ended = signal;
}

static bool
zero(const uint8_t *p, size_t n)
{
    while (n && !*p) {
        p++;
        n--;
    }
    return !n;
}

static struct who
parse_who(const char *s)
{
    struct who w;
    char ip[16], ip6[46];
    uint8_t *m = w.mac;

    if (sscanf(s, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx,%15[^,],%45s", &m[0], &m[1],
               &m[2], &m[3], &m[4], &m[5], ip, ip6)
            != 8
        || inet_pton(AF_INET, ip, w.ip) != 1
        || inet_pton(AF_INET6, ip6, w.ip6) != 1) {
        fprintf(stderr, "judge: %s: not MAC,IP,IP6\n", s);
        exit(2);
    }
    uint8_t ll[16] = { 0xfe, 0x80, [8] = m[0] ^ 2, m[1], m[2],
                       0xff, 0xfe, m[3],           m[4], m[5] };
    memcpy(w.ll, ll, 16);
    return w;
}

static bool
own_mac(const uint8_t *mac)
{
    return !memcmp(mac, all[0].mac, 6);
}

/* May the suspect use this IPv6 address?  Its own, or a link-local one that
 * is not another's or the gateway's fe80::1. */
static bool
own_ip6(const uint8_t *ip)
{
    static const uint8_t gateway[16] = { 0xfe, 0x80, [15] = 1 };

    if (!memcmp(ip, all[0].ip6, 16)) {
        return true;
    }
    if (ip[0] != 0xfe || (ip[1] & 0xc0) != 0x80 || !memcmp(ip, gateway, 16)) {
        return false;
    }
    for (int i = 1; i < n_all; i++) {
        if (!memcmp(ip, all[i].ll, 16)) {
            return false;
        }
    }
    return true;
}

static const char *
judge_arp(const uint8_t *p, size_t n)
{
    if (n < 28) {
        return NULL;
    }
    const uint8_t *sha = p + 8, *spa = p + 14, *tpa = p + 24;

    if (memcmp(p, "\0\1\10\0\6\4", 6)) {
        return NULL; /* Nobody reads it as Ethernet and IPv4. */
    }
    return !own_mac(sha)                                ? "arp-sha"
           : zero(spa, 4) && !memcmp(tpa, all[0].ip, 4) ? NULL
           : memcmp(spa, all[0].ip, 4)                  ? "arp-spa"
                                                        : NULL;
}

static const char *
judge_rarp(const uint8_t *p, size_t n)
{
    return n < 28 ? NULL : !own_mac(p + 8) || !own_mac(p + 18) ? "rarp" : NULL;
}

static uint16_t
get16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static const char *
judge_ip4(const uint8_t *p, size_t n)
{
    size_t ihl = n ? (p[0] & 15) * 4 : 0;

    if (n < 20 || p[0] >> 4 != 4 || ihl < 20 || ihl > n) {
        return NULL; /* No stack takes it. */
    }
    bool udp = p[9] == 17 && !(get16(p + 6) & 0x1fff) && n >= ihl + 4;
    if (zero(p + 12, 4)) {
        return udp && get16(p + ihl) == 68 && get16(p + ihl + 2) == 67
                   ? NULL
                   : "ip4-of-nobody";
    }
    return memcmp(p + 12, all[0].ip, 4)      ? "ip4-src"
           : udp && get16(p + ihl + 2) == 68 ? "dhcp-answer"
                                             : NULL;
}

/* Link-layer addresses in the options of 'type', which on Ethernet are 8 bytes
 * long.  00:00:00:00:00:00 is nobody's, and the switch cannot tell it from no
 * address at all. */
static const char *
judge_options(const uint8_t *p, size_t n, uint8_t type)
{
    while (n >= 8 && p[1]) {
        size_t len = p[1] * 8;

        if (len > n) {
            break;
        }
        if (p[0] == type && p[1] == 1 && !own_mac(p + 2) && !zero(p + 2, 6)) {
            return "nd-option";
        }
        p += len;
        n -= len;
    }
    return NULL;
}

/* 'src' is the header's.  A router solicitation says of no address but its
 * source where it is, and goes to the gateway alone: its options, of which the
 * switch sees nothing, are no claim to be another.  What lacks hop limit 255
 * or has another code is judged too: not all receivers look. */
static const char *
judge_icmp6(const uint8_t *p, size_t n, const uint8_t *src)
{
    switch (n ? p[0] : 0) {
    case 134:
        return "router-advertisement";
    case 137:
        return "redirect";
    case 135:
        return n < 24 ? NULL
               : zero(src, 16) && !own_ip6(p + 8)
                   ? "dad-target"
                   : judge_options(p + 24, n - 24, 1);
    case 136:
        return n < 24            ? NULL
               : !own_ip6(p + 8) ? "na-target"
                                 : judge_options(p + 24, n - 24, 2);
    default:
        return NULL;
    }
}

static const char *
judge_ip6(const uint8_t *p, size_t n)
{
    if (n < 40 || p[0] >> 4 != 6) {
        return NULL;
    }
    const uint8_t *src = p + 8;
    size_t plen = get16(p + 4);
    uint8_t next = p[6];

    if (!zero(src, 16) && !own_ip6(src)) {
        return "ip6-src";
    }
    p += 40;
    n -= 40;
    if (plen && plen < n) { /* The rest is no part of it. */
        n = plen;
    }
    for (int i = 0; i < 16 && n >= 8; i++) {
        size_t len = next == 44   ? 8
                     : next == 51 ? (p[1] + 2) * 4
                                  : (p[1] + 1) * 8;

        if (next == 44 && get16(p + 2) & 0xfff8) {
            return NULL; /* A later fragment. */
        } else if (next != 0 && next != 43 && next != 44 && next != 51
                   && next != 60) {
            break;
        } else if (len > n) {
            return NULL;
        }
        next = p[0];
        p += len;
        n -= len;
    }
    return next == 58 ? judge_icmp6(p, n, src)
           : next == 17 && n >= 4 && get16(p + 2) == 546 ? "dhcp6-answer"
                                                         : NULL;
}

/* Why the frame is not what its sender may send; NULL: it is. */
static const char *
judge(const uint8_t *p, size_t n, bool tagged)
{
    bool known = false;

    for (int i = 0; i < n_all; i++) {
        known = known || !memcmp(p + 6, all[i].mac, 6);
    }
    if (!known) {
        return "mac-of-nobody";
    }
    if (!own_mac(p + 6)) {
        return memmem(p, n, mark, strlen(mark)) ? "mac" : NULL;
    }
    uint16_t type = get16(p + 12);

    p += 14;
    n -= 14;
    if (tagged || type == 0x8100 || type == 0x88a8) {
        return "tag";
    }
    if (type < 0x600 && n >= 8 && !memcmp(p, "\xaa\xaa\3\0\0\0", 6)) {
        type = get16(p + 6);
        p += 8;
        n -= 8;
    }
    return type == 0x0806   ? judge_arp(p, n)
           : type == 0x8035 ? judge_rarp(p, n)
           : type == 0x0800 ? judge_ip4(p, n)
           : type == 0x86dd ? judge_ip6(p, n)
                            : NULL;
}

/* Receives a frame; returns its length, or 0 if there is nothing to judge. */
static size_t
receive(int fd, uint8_t *data, size_t size, bool *tagged)
{
    struct sockaddr_ll sll;
    struct iovec iov = { data, size };
    char control[256];
    struct msghdr msg = {
        &sll, sizeof sll, &iov, 1, control, sizeof control, 0
    };
    ssize_t n = recvmsg(fd, &msg, 0);

    *tagged = false;
    if (n < 14 || sll.sll_pkttype == PACKET_OUTGOING) {
        return 0;
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
         c = CMSG_NXTHDR(&msg, c)) {
        struct tpacket_auxdata aux;

        if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
            memcpy(&aux, CMSG_DATA(c), sizeof aux);
            *tagged = aux.tp_status & TP_STATUS_VLAN_VALID;
        }
    }
    return n;
}

static int
open_device(const char *name)
{
    struct sockaddr_ll sll = { .sll_family = AF_PACKET,
                               .sll_protocol = htons(ETH_P_ALL),
                               .sll_ifindex = if_nametoindex(name) };
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
    int on = 1, size = 64 * 1024 * 1024;

    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (!sll.sll_ifindex || fd < 0
        || bind(fd, (struct sockaddr *) &sll, sizeof sll)) {
        fprintf(stderr, "judge: %s: %s\n", name, strerror(errno));
        exit(1);
    }
    return fd;
}

int
main(int argc, char *argv[])
{
    static uint8_t data[65536];
    struct sigaction action = { .sa_handler = end };
    struct tpacket_stats stats = { 0, 0 };
    socklen_t stats_len = sizeof stats;
    long heard = 0, foreign = 0;

    if (argc < 3 || argc > 18) {
        fprintf(stderr, "usage: judge DEVICE SENDER OTHER...\n");
        return 2;
    }
    while (n_all < argc - 2) {
        all[n_all] = parse_who(argv[n_all + 2]);
        n_all++;
    }
    int fd = open_device(argv[1]);
    sigaction(SIGTERM, &action, NULL);
    printf("listening\n");
    fflush(stdout);
    while (!ended) {
        bool tagged;
        size_t n = receive(fd, data, sizeof data, &tagged);
        const char *why = n ? judge(data, n, tagged) : NULL;

        heard += n != 0;
        if (why) {
            foreign++;
            printf("foreign %s ", why);
            for (size_t i = 0; i < n; i++) {
                printf("%02x", data[i]);
            }
            putchar('\n');
        }
    }
    getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &stats_len);
    printf("heard %ld foreign %ld missed %u\n", heard, foreign,
           stats.tp_drops);
    return 0;
}
