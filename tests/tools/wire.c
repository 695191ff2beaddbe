/* SPDX-License-Identifier: Apache-2.0
 *
 * wire.c: puts frames on a device and tells which of them come out elsewhere.
 *
 *     wire send DEVICE < FRAMES
 *     wire listen DEVICE
 *
 * FRAMES has a line a frame, "NAME ... HEX" with the frame last but for what
 * stands after it (see frames.c); NAME is sent along in a trailer behind the
 * frame's own end, padded to the least length of Ethernet, so that a frame is
 * known again whatever it pretends to be.  Each frame goes out three times
 * (the first may take another way through the switch than the rest), and after
 * the last of all the names "last".
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

static void
send_named(int fd, const unsigned char *data, size_t n, const char *name)
{
    unsigned char frame[ETH_FRAME_LEN + 64] = { 0 };
    size_t len = n < 60 ? 60 : n;
    struct timespec pause = { .tv_nsec = 2000000 };

    memcpy(frame, data, n);
    len += snprintf((char *) frame + len, 64, "%s%.40s", magic, name);
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
do_listen(int fd)
{
    static char frame[65536];

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
    } else if (argc == 3 && !strcmp(argv[1], "listen")) {
        return do_listen(open_device(argv[2]));
    }
    fprintf(stderr, "usage: wire send DEVICE < FRAMES\n"
            "       wire listen DEVICE\n");
    return 2;
}
