/* SPDX-License-Identifier: Apache-2.0
 *
 * mangle.c: sends frames that something has happened to.
 *
 *     mangle DEVICE COUNT PER_SECOND SEED < FRAMES
 *
 * FRAMES has a line a frame, "NAME ... HEX" (see frames.c).  Each of COUNT
 * frames is one of them, taken by chance, with bits turned over, bytes and
 * runs of bytes set, cut out or doubled, or cut short.  Most keep their
 * addresses of Ethernet, since a switch that drops them for these never looks
 * at the rest.  The same SEED gives the same frames.
 *
 * Behind each stands wire.c's mark, which tells judge(1) where a frame came
 * from whatever it claims; but for those cut short, which end where they end.
 * Prints "sent N". */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MAX_FRAMES = 512, MAX_LEN = 1400 };

static const char mark[] = "vmovs-wire:mangled";

static struct {
    unsigned char data[MAX_LEN];
    size_t len;
} seeds[MAX_FRAMES];
static size_t n_seeds;

static uint64_t state;

/* Below 'n'; xorshift64*. */
static uint32_t
chance(uint32_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return ((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

static void
read_seeds(void)
{
    static char text[16384], hex[8192];

    while (n_seeds < MAX_FRAMES && fgets(text, sizeof text, stdin)) {
        unsigned int byte;
        size_t n = 0;

        if (sscanf(text, "%*s %*s %*s %8191s", hex) != 1) {
            continue;
        }
        for (const char *p = hex; n < MAX_LEN && sscanf(p, "%2x", &byte) == 1;
             p += 2) {
            seeds[n_seeds].data[n++] = byte;
        }
        if (n >= 14) {
            seeds[n_seeds++].len = n;
        }
    }
}

/* One change to 'data' from byte 'from' on; returns the new length. */
static size_t
change(unsigned char *data, size_t len, size_t from)
{
    static const unsigned char telling[] = { 0,   1,   2,   0x7f, 0x80, 0xff,
                                             6,   17,  44,  58,   60,   133,
                                             134, 135, 136, 137,  0x81, 0x88 };
    size_t at = from + chance(len - from);
    size_t n = 1 + chance(8);

    switch (chance(6)) {
    case 0:
        data[at] ^= 1 << chance(8);
        break;
    case 1:
        data[at] = chance(256);
        break;
    case 2:
        data[at] = telling[chance(sizeof telling)];
        break;
    case 3: /* A run of bytes of another place. */
        n = n > len - at ? len - at : n;
        memmove(data + at, data + chance(len - n + 1), n);
        break;
    case 4: /* Cut out. */
        n = n > len - at ? len - at : n;
        memmove(data + at, data + at + n, len - at - n);
        return len - n > 14 ? len - n : len;
    case 5: /* Doubled. */
        n = n > len - at ? len - at : n;
        memmove(data + at + n, data + at, len - at);
        return len + n;
    }
    return len;
}

/* Returns the length of the frame in 'data'. */
static size_t
make_frame(unsigned char data[MAX_LEN + 256])
{
    size_t i = chance(n_seeds), len = seeds[i].len;
    size_t from = chance(8) ? 12 : 0;

    memcpy(data, seeds[i].data, len);
    for (uint32_t n = chance(5); n > 0; n--) {
        len = change(data, len, from);
    }
    if (from && !chance(8)) { /* Cut short. */
        return 14 + chance(len - 13);
    }
    if (len < 60) {
        memset(data + len, 0, 60 - len);
        len = 60;
    }
    memcpy(data + len, mark, sizeof mark);
    return len + sizeof mark;
}

static int
open_device(const char *name)
{
    struct sockaddr_ll sll = { .sll_family = AF_PACKET,
                               .sll_ifindex = if_nametoindex(name) };
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

    if (!sll.sll_ifindex || fd < 0
        || bind(fd, (struct sockaddr *) &sll, sizeof sll)) {
        fprintf(stderr, "mangle: %s: %s\n", name, strerror(errno));
        exit(1);
    }
    return fd;
}

int
main(int argc, char *argv[])
{
    unsigned char data[MAX_LEN + 256];
    struct timespec next;

    if (argc != 5) {
        fprintf(stderr, "usage: mangle DEVICE COUNT PER_SECOND SEED"
                        " < FRAMES\n");
        return 2;
    }
    int fd = open_device(argv[1]);
    long count = atol(argv[2]), rate = atol(argv[3]), sent = 0;
    state = strtoull(argv[4], NULL, 0) * 2 + 1;
    read_seeds();
    if (!n_seeds || rate <= 0) {
        fprintf(stderr, "mangle: no frames to start from\n");
        return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (long i = 0; i < count; i++) {
        size_t len = make_frame(data);

        /* The kernel itself refuses a few, such as those of no type. */
        sent += send(fd, data, len, 0) == (ssize_t) len;
        next.tv_nsec += 1000000000 / rate;
        next.tv_sec += next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    printf("sent %ld\n", sent);
    return 0;
}
