/* SPDX-License-Identifier: Apache-2.0
 *
 * pace.c: a steady stream of datagrams, and how many of them arrive.
 *
 *     pace send ADDRESS PORT COUNT PER_SECOND
 *     pace receive PORT COUNT SECONDS
 *
 * "send" numbers the datagrams and keeps the pace by the clock, which ping
 * does not.  "receive" (IPv4 and IPv6) ends when the last number is in or
 * SECONDS are over, and prints "received N lost M longest K", K being the
 * longest run of missing numbers; it exits with 0 if none is missing. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

static int64_t
now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int
do_send(const char *address, const char *port, uint32_t count, int per_second)
{
    struct sockaddr_in sin = { .sin_family = AF_INET,
                               .sin_port = htons(atoi(port)) };
    struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
                                 .sin6_port = htons(atoi(port)) };
    bool v4 = inet_pton(AF_INET, address, &sin.sin_addr) == 1;
    if (!v4 && inet_pton(AF_INET6, address, &sin6.sin6_addr) != 1) {
        fprintf(stderr, "pace: %s: not an address\n", address);
        return 2;
    }
    const void *to = v4 ? (void *) &sin : (void *) &sin6;
    socklen_t to_len = v4 ? sizeof sin : sizeof sin6;
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
    int64_t next = now_ns();

    for (uint32_t i = 0; i < count; i++) {
        uint32_t message[2] = { i, count };
        struct timespec ts = { next / 1000000000, next % 1000000000 };

        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
        /* An error of the moment is a lost datagram, and shows as one. */
        if (sendto(fd, message, sizeof message, 0, to, to_len) < 0
            && errno == EBADF) {
            return 1;
        }
        next += INT64_C(1000000000) / per_second;
    }
    return 0;
}

static int
report(const char *seen, uint32_t count)
{
    uint32_t received = 0, run = 0, longest = 0;

    for (uint32_t i = 0; i < count; i++) {
        received += seen[i];
        run = seen[i] ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    printf("received %u lost %u longest %u\n", received, count - received,
           longest);
    return received != count;
}

static int
do_receive(int port, uint32_t count, int seconds)
{
    struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
                                 .sin6_port = htons(port) };
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    int off = 0;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, (struct sockaddr *) &sin6, sizeof sin6)) {
        perror("pace: bind");
        return 2;
    }
    printf("ready\n");
    fflush(stdout);

    char *seen = calloc(count, 1);
    int64_t deadline = now_ns() + seconds * INT64_C(1000000000);
    for (;;) {
        struct pollfd pfd = { .fd = fd, .events = POLLIN };
        int64_t left = (deadline - now_ns()) / 1000000;
        uint32_t message[2];

        if (left <= 0 || poll(&pfd, 1, left) <= 0) {
            break;
        }
        if (recv(fd, message, sizeof message, 0) == sizeof message
            && message[0] < count) {
            seen[message[0]] = 1;
            if (message[0] == count - 1) {
                break;
            }
        }
    }
    int status = report(seen, count);
    free(seen);
    return status;
}

int
main(int argc, char *argv[])
{
    if (argc == 6 && !strcmp(argv[1], "send")) {
        return do_send(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
    } else if (argc == 5 && !strcmp(argv[1], "receive")) {
        return do_receive(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
    }
    fprintf(stderr, "usage: pace send ADDRESS PORT COUNT PER_SECOND\n"
            "       pace receive PORT COUNT SECONDS\n");
    return 2;
}
