/* SPDX-License-Identifier: Apache-2.0
 *
 * wire.c: puts frames on a device and tells which of them come out elsewhere.
 *
 *     wire send DEVICE < FRAMES
 *     wire repeat DEVICE COUNT PER_SECOND < FRAMES
 *     wire listen DEVICE
 *
 * FRAMES has a line a frame, "NAME ... HEX" with the frame last but for what
 * stands after it (see frames.c); NAME is sent along in a trailer behind the
 * frame's own end, padded to the least length of Ethernet, so that a frame is
 * known again whatever it pretends to be.  Each frame goes out three times
 * (the first may take another way through the switch than the rest), and after
 * the last of all the names "last".  "repeat" goes round FRAMES until it has
 * sent COUNT of them, also where the device refuses some.
 *
 * "listen" prints "listening", then the name of each frame it hears, until it
 * is ended. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static const char magic[] = "vmovs-wire:";

static int
open_device(const char *name)
{
    struct sockaddr_ll sll = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = if_nametoindex(name),
    };
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

    if (!sll.sll_ifindex || fd < 0
        || bind(fd, (struct sockaddr *) &sll, sizeof sll)) {
        fprintf(stderr, "wire: %s: %s\n", name, strerror(errno));
        exit(1);
    }
    return fd;
}

static size_t
from_hex(const char *hex, unsigned char *data, size_t size)
{
    size_t n = 0;
    unsigned int byte;

    while (n < size && isxdigit((unsigned char) hex[0])
           && sscanf(hex, "%2x", &byte) == 1) {
        data[n++] = byte;
        hex += 2;
    }
    return n;
}

enum { MAX_FRAME = ETH_FRAME_LEN + 64 };

/* Puts frame and trailer together; returns the length. */
static size_t
put_name(unsigned char frame[MAX_FRAME], const unsigned char *data, size_t n,
         const char *name)
{
    size_t len = n < 60 ? 60 : n;

    memset(frame, 0, MAX_FRAME);
    memcpy(frame, data, n);
    return len + snprintf((char *) frame + len, 64, "%s%.40s", magic, name);
}

static void
send_named(int fd, const unsigned char *data, size_t n, const char *name)
{
    unsigned char frame[MAX_FRAME];
    size_t len = put_name(frame, data, n, name);
    struct timespec pause = { .tv_nsec = 2000000 };

    for (int i = 0; i < 3; i++) {
        if (send(fd, frame, len, 0) < 0) {
            fprintf(stderr, "wire: %s: %s\n", name, strerror(errno));
        }
        /* A pace that no buffer on the way overflows at. */
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    }
}

static int
do_send(int fd)
{
    char line[16384], name[64], out[64], hex[8192];
    unsigned char data[ETH_FRAME_LEN], last[ETH_FRAME_LEN];
    size_t n_last = 0;

    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%63s %*s %63s %8191s", name, out, hex) == 3) {
            size_t n = from_hex(hex, data, sizeof data);

            send_named(fd, data, n, name);
            if (!strcmp(name, "sentinel")) {
                memcpy(last, data, n);
                n_last = n;
            }
        }
    }
    send_named(fd, last, n_last, "last");
    return 0;
}

static int
do_repeat(int fd, long count, long per_second)
{
    static unsigned char frames[512][MAX_FRAME];
    static size_t lens[512];
    char line[16384], name[64], hex[8192];
    unsigned char data[ETH_FRAME_LEN];
    struct timespec next;
    size_t n = 0;

    while (n < 512 && fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%63s %*s %*s %8191s", name, hex) == 2) {
            lens[n] = put_name(frames[n], data,
                               from_hex(hex, data, sizeof data), name);
            n++;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (long i = 0; n && i < count; i++) {
        if (send(fd, frames[i % n], lens[i % n], 0) < 0 && errno == ENXIO) {
            return 1; /* The device has gone. */
        }
        next.tv_nsec += 1000000000 / per_second;
        next.tv_sec += next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    return 0;
}

static int
do_listen(int fd)
{
    static char frame[65536];

    int size = 64 * 1024 * 1024;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    printf("listening\n");
    for (;;) {
        struct sockaddr_ll sll;
        socklen_t sll_len = sizeof sll;

        fflush(stdout);
        ssize_t n = recvfrom(fd, frame, sizeof frame - 1, 0,
                             (struct sockaddr *) &sll, &sll_len);
        if (n < 0 && errno != EINTR) {
            return 1;
        }
        if (n <= 0 || sll.sll_pkttype == PACKET_OUTGOING) {
            continue;
        }
        frame[n] = '\0';
        char *at = memmem(frame, n, magic, strlen(magic));
        if (at) {
            printf("%s\n", at + strlen(magic));
        }
    }
}

int
main(int argc, char *argv[])
{
    if (argc == 3 && !strcmp(argv[1], "send")) {
        return do_send(open_device(argv[2]));
    } else if (argc == 5 && !strcmp(argv[1], "repeat") && atol(argv[4]) > 0) {
        return do_repeat(open_device(argv[2]), atol(argv[3]), atol(argv[4]));
    } else if (argc == 3 && !strcmp(argv[1], "listen")) {
        return do_listen(open_device(argv[2]));
    }
    fprintf(stderr, "usage: wire send DEVICE < FRAMES\n"
                    "       wire repeat DEVICE COUNT PER_SECOND < FRAMES\n"
                    "       wire listen DEVICE\n");
    return 2;
}
