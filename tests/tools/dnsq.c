/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsq.c: asks one DNS server one question.
 *
 *     dnsq [-t] SERVER NAME A|AAAA|ANY
 *     dnsq [-t] SERVER ADDRESS PTR
 *
 * -t asks by TCP.  Prints each address or name of the answer on a line, or
 * the response code ("NXDOMAIN", "REFUSED"), or "none" for an answer without
 * one.  Fails without a reply within two seconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { T_A_ = 1, T_PTR_ = 12, T_AAAA_ = 28, T_ANY_ = 255 };

static void
fail(const char *what)
{
    fprintf(stderr, "dnsq: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int
type_of(const char *s)
{
    return !strcmp(s, "A")      ? T_A_
           : !strcmp(s, "AAAA") ? T_AAAA_
           : !strcmp(s, "PTR")  ? T_PTR_
                                : T_ANY_;
}

/* "10.1.77.10.in-addr.arpa". */
static void
reverse_name(const char *address, char *name, size_t size)
{
    unsigned char a[16];
    size_t n = 0;

    if (inet_pton(AF_INET, address, a) == 1) {
        snprintf(name, size, "%d.%d.%d.%d.in-addr.arpa", a[3], a[2], a[1],
                 a[0]);
    } else if (inet_pton(AF_INET6, address, a) == 1) {
        for (int i = 15; i >= 0; i--) {
            n += (size_t) snprintf(name + n, size - n, "%x.%x.", a[i] & 15,
                                   a[i] >> 4);
        }
        snprintf(name + n, size - n, "ip6.arpa");
    } else {
        fail(address);
    }
}

static size_t
make_query(unsigned char *q, const char *name, int type)
{
    static const unsigned char head[12] = { 0x12, 0x34, 1, 0, 0, 1 };
    unsigned char *p = q + sizeof head;

    memcpy(q, head, sizeof head);
    while (*name) {
        size_t n = strcspn(name, ".");

        *p++ = (unsigned char) n;
        memcpy(p, name, n);
        p += n;
        name += n + (name[n] == '.');
    }
    *p++ = 0;
    *p++ = 0;
    *p++ = (unsigned char) type;
    *p++ = 0;
    *p++ = 1;
    return (size_t) (p - q);
}

static int
open_server(const char *server, bool tcp)
{
    struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(53) };
    struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
                                 .sin6_port = htons(53) };
    const struct timeval limit = { .tv_sec = 2 };
    bool v4 = inet_pton(AF_INET, server, &sin.sin_addr) == 1;
    int fd = socket(v4 ? AF_INET : AF_INET6, tcp ? SOCK_STREAM : SOCK_DGRAM,
                    0);

    if (!v4 && inet_pton(AF_INET6, server, &sin6.sin6_addr) != 1) {
        fail(server);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (fd < 0
        || (v4 ? connect(fd, (struct sockaddr *) &sin, sizeof sin)
               : connect(fd, (struct sockaddr *) &sin6, sizeof sin6))) {
        fail(server);
    }
    return fd;
}

static size_t
ask(int fd, bool tcp, unsigned char *msg, size_t n, size_t max)
{
    unsigned char len[2] = { (unsigned char) (n >> 8), (unsigned char) n };
    ssize_t got;

    if ((tcp && write(fd, len, 2) != 2) || write(fd, msg, n) != (ssize_t) n) {
        fail("write");
    }
    if (!tcp) {
        got = recv(fd, msg, max, 0);
    } else {
        got = recv(fd, len, 2, MSG_WAITALL);
        n = (size_t) (len[0] << 8 | len[1]);
        if (got == 2 && n <= max) {
            got = recv(fd, msg, n, MSG_WAITALL);
        }
    }
    if (got < 12) {
        fail("no reply");
    }
    return (size_t) got;
}

static int
print_answers(const unsigned char *msg, size_t n)
{
    static const char *const codes[] = { "NOERROR", "FORMERR", "SERVFAIL",
                                         "NXDOMAIN", "NOTIMP", "REFUSED" };
    ns_msg handle;
    ns_rr rr;
    int code = msg[3] & 15, n_answers;
    char text[1025];

    if (code) {
        puts(code < 6 ? codes[code] : "error");
        return 0;
    }
    if (ns_initparse(msg, (int) n, &handle)) {
        fail("reply");
    }
    n_answers = ns_msg_count(handle, ns_s_an);
    for (int i = 0; i < n_answers; i++) {
        if (ns_parserr(&handle, ns_s_an, i, &rr)) {
            fail("reply");
        }
        if (ns_rr_type(rr) == ns_t_a || ns_rr_type(rr) == ns_t_aaaa) {
            puts(inet_ntop(ns_rr_type(rr) == ns_t_a ? AF_INET : AF_INET6,
                           ns_rr_rdata(rr), text, sizeof text));
        } else if (ns_name_uncompress(msg, msg + n, ns_rr_rdata(rr), text,
                                      sizeof text)
                   >= 0) {
            puts(text);
        }
    }
    if (!n_answers) {
        puts("none");
    }
    return 0;
}

int
main(int argc, char *argv[])
{
    bool tcp = argc > 1 && !strcmp(argv[1], "-t");
    unsigned char msg[65536];
    char name[254];
    int type, fd;

    argv += tcp;
    if (argc - tcp != 4 || strlen(argv[2]) > 253) {
        fprintf(stderr, "usage: dnsq [-t] SERVER NAME|ADDRESS TYPE\n");
        return 2;
    }
    type = type_of(argv[3]);
    if (type == T_PTR_) {
        reverse_name(argv[2], name, sizeof name);
    } else {
        snprintf(name, sizeof name, "%s", argv[2]);
    }
    fd = open_server(argv[1], tcp);
    return print_answers(
        msg, ask(fd, tcp, msg, make_query(msg, name, type), sizeof msg));
}
