/* SPDX-License-Identifier: Apache-2.0
 *
 * dhcp6.c: a guest's side of IPv6, once.
 *
 *     dhcp6 ra DEVICE         asks for a router advertisement; prints its
 *                             flags, lifetime, prefix, MTU
 *     dhcp6 lease DEVICE N    SOLICIT and REQUEST with a DUID made of N;
 *                             prints the address, or "status CODE"
 *
 * Fails without an answer within three seconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { SOLICIT = 1, ADVERTISE = 2, REQUEST = 3, REPLY = 7 };
enum { CLIENT_ID = 1, SERVER_ID = 2, IA_NA = 3, IA_ADDR = 5, STATUS = 13 };

static const char *device;

static void
fail(const char *what)
{
    fprintf(stderr, "dhcp6: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int
open_socket(int type, int proto, int port)
{
    const struct timeval limit = { .tv_sec = 3 };
    struct sockaddr_in6 local = { .sin6_family = AF_INET6,
                                  .sin6_port = htons(port) };
    int fd = socket(AF_INET6, type, proto);

    if (fd < 0
        || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device,
                      strlen(device))
        || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit)
        || (port && bind(fd, (struct sockaddr *) &local, sizeof local))) {
        fail("socket");
    }
    return fd;
}

static void
send_to(int fd, const char *address, int port, const void *data, size_t n)
{
    struct sockaddr_in6 to = { .sin6_family = AF_INET6,
                               .sin6_port = htons(port),
                               .sin6_scope_id = if_nametoindex(device) };

    inet_pton(AF_INET6, address, &to.sin6_addr);
    if (sendto(fd, data, n, 0, (struct sockaddr *) &to, sizeof to) < 0) {
        fail("send");
    }
}

static void
print_ra(const uint8_t *p, size_t n)
{
    char text[INET6_ADDRSTRLEN];

    printf("M=%d O=%d lifetime=%d\n", p[5] >> 7, p[5] >> 6 & 1,
           p[6] << 8 | p[7]);
    for (size_t i = 16; i + 8 <= n && p[i + 1]; i += p[i + 1] * 8u) {
        const uint8_t *o = p + i;

        if (o[0] == 3) {
            printf("prefix=%s/%d L=%d A=%d\n",
                   inet_ntop(AF_INET6, o + 16, text, sizeof text), o[2],
                   o[3] >> 7, o[3] >> 6 & 1);
        } else if (o[0] == 5) {
            printf("mtu=%u\n", (unsigned) (o[4] << 24 | o[5] << 16 | o[6] << 8
                                           | o[7]));
        } else if (o[0] == 25) {
            printf("rdnss=%s\n",
                   inet_ntop(AF_INET6, o + 8, text, sizeof text));
        }
    }
}

static int
ask_router(void)
{
    static const uint8_t solicitation[8] = { 133 };
    int fd = open_socket(SOCK_RAW, IPPROTO_ICMPV6, 0);
    const int hops = 255;
    uint8_t packet[1500];
    ssize_t n;

    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops);
    send_to(fd, "ff02::2", 0, solicitation, sizeof solicitation);
    do {
        n = recv(fd, packet, sizeof packet, 0);
    } while (n > 0 && packet[0] != ND_ROUTER_ADVERT);
    if (n < 16) {
        fail("no advertisement");
    }
    print_ra(packet, (size_t) n);
    return 0;
}

/* Option 'code' among 'n' bytes of options; NULL: none. */
static const uint8_t *
find_option(const uint8_t *p, size_t n, int code, size_t *len)
{
    for (size_t i = 0; i + 4 <= n; i += 4 + *len) {
        *len = (size_t) (p[i + 2] << 8 | p[i + 3]);
        if (i + 4 + *len <= n && (p[i] << 8 | p[i + 1]) == code) {
            return p + i + 4;
        }
    }
    return NULL;
}

static size_t
put_option(uint8_t *p, int code, const void *data, size_t len)
{
    p[0] = 0;
    p[1] = (uint8_t) code;
    p[2] = 0;
    p[3] = (uint8_t) len;
    memcpy(p + 4, data, len);
    return 4 + len;
}

/* Sends a message and gets its answer, of 'wanted' type, into 'reply'. */
static size_t
exchange(int fd, int type, int number, const uint8_t *server, size_t len,
         uint8_t *reply, size_t max)
{
    const uint8_t duid[] = { 0, 4, 0, 0, 0, (uint8_t) number };
    static const uint8_t ia[12] = { 0, 0, 0, 7 };
    uint8_t message[512] = { (uint8_t) type, 1, 2, (uint8_t) type };
    size_t n = 4;
    ssize_t got;

    n += put_option(message + n, CLIENT_ID, duid, sizeof duid);
    if (server) {
        n += put_option(message + n, SERVER_ID, server, len);
    }
    n += put_option(message + n, IA_NA, ia, sizeof ia);
    send_to(fd, "ff02::1:2", 547, message, n);
    got = recv(fd, reply, max, 0);
    if (got < 4 || reply[0] != (type == SOLICIT ? ADVERTISE : REPLY)) {
        fail("no answer");
    }
    return (size_t) got;
}

static int
print_lease(const uint8_t *reply, size_t n)
{
    const uint8_t *address = NULL, *ia, *status;
    char text[INET6_ADDRSTRLEN];
    size_t len, sub;

    ia = find_option(reply + 4, n - 4, IA_NA, &len);
    if (ia && len > 12) {
        address = find_option(ia + 12, len - 12, IA_ADDR, &sub);
    }
    if (address) {
        puts(inet_ntop(AF_INET6, address, text, sizeof text));
        return 0;
    }
    status = ia && len > 12 ? find_option(ia + 12, len - 12, STATUS, &sub)
                            : find_option(reply + 4, n - 4, STATUS, &sub);
    printf("status %d\n", status ? status[0] << 8 | status[1] : -1);
    return 1;
}

static int
ask_lease(int number)
{
    int fd = open_socket(SOCK_DGRAM, 0, 546);
    uint8_t reply[1500], id[128];
    const uint8_t *server;
    size_t n, len;

    n = exchange(fd, SOLICIT, number, NULL, 0, reply, sizeof reply);
    server = find_option(reply + 4, n - 4, SERVER_ID, &len);
    if (!server || len > sizeof id) {
        fail("no server");
    }
    memcpy(id, server, len);
    n = exchange(fd, REQUEST, number, id, len, reply, sizeof reply);
    return print_lease(reply, n);
}

int
main(int argc, char *argv[])
{
    if (argc == 3 && !strcmp(argv[1], "ra")) {
        device = argv[2];
        return ask_router();
    } else if (argc == 4 && !strcmp(argv[1], "lease")) {
        device = argv[2];
        return ask_lease(atoi(argv[3]));
    }
    fprintf(stderr, "usage: dhcp6 ra DEVICE | dhcp6 lease DEVICE N\n");
    return 2;
}
