/* SPDX-License-Identifier: Apache-2.0
 *
 * tcp.c: does TCP work between two guests, with segments of all sizes?
 *
 *     tcp serve PORT              in the background, IPv4 and IPv6
 *     tcp fetch ADDRESS PORT
 *     tcp get ADDRESS PORT PATH   by HTTP; prints the body
 *
 * The server sends back what it gets.  "fetch" sends 64 KiB, expects the same
 * 64 KiB within 5 seconds and exits with 0 if they came.  Ping cannot replace
 * it: unfinished checksums and lost offloads break TCP alone. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { SIZE = 65536, SECONDS = 5 };

static void
limit(int fd)
{
    struct timeval tv = { .tv_sec = SECONDS };

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
}

static int
serve(int port)
{
    struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
                                 .sin6_port = htons(port) };
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    int off = 0, on = 1;

    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *) &sin6, sizeof sin6) || listen(fd, 16)) {
        perror("tcp: listen");
        return 1;
    }
    signal(SIGCHLD, SIG_IGN);
    if (daemon(0, 0)) {
        return 1;
    }
    for (;;) {
        int conn = accept(fd, NULL, NULL);

        if (conn >= 0 && !fork()) {
            static char data[SIZE];
            ssize_t n;

            limit(conn);
            while ((n = read(conn, data, sizeof data)) > 0) {
                for (ssize_t i = 0, w; i < n; i += w) {
                    w = write(conn, data + i, n - i);
                    if (w <= 0) {
                        _exit(1);
                    }
                }
            }
            _exit(0);
        }
        close(conn);
    }
}

static int
fail(const char *what)
{
    fprintf(stderr, "tcp: %s: %s\n", what, strerror(errno));
    return 1;
}

/* Returns a socket, or -1 after saying why. */
static int
dial(const char *address, int port)
{
    struct sockaddr_in sin = { .sin_family = AF_INET,
                               .sin_port = htons(port) };
    struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
                                 .sin6_port = htons(port) };
    bool v4 = inet_pton(AF_INET, address, &sin.sin_addr) == 1;
    if (!v4 && inet_pton(AF_INET6, address, &sin6.sin6_addr) != 1) {
        fprintf(stderr, "tcp: %s: not an address\n", address);
        return -1;
    }

    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
    limit(fd);
    if (connect(fd, v4 ? (struct sockaddr *) &sin : (struct sockaddr *) &sin6,
                v4 ? sizeof sin : sizeof sin6)) {
        fail("connect");
        return -1;
    }
    return fd;
}

/* Busybox's wget cannot be used: linked statically, it crashes where the
 * host's libc is of another build. */
static int
get(const char *address, int port, const char *path)
{
    static char text[4 << 20];
    size_t n = 0;
    ssize_t got;

    int fd = dial(address, port);
    if (fd < 0) {
        return 1;
    }
    dprintf(fd, "GET /%s HTTP/1.0\r\n\r\n", path);
    while ((got = read(fd, text + n, sizeof text - 1 - n)) > 0) {
        n += got;
    }
    if (got) {
        return fail("receive");
    }
    char *body = strstr(text, "\r\n\r\n");
    if (strncmp(text, "HTTP/1.", 7) || strncmp(text + 8, " 200", 4) || !body) {
        fprintf(stderr, "tcp: no: %.40s\n", text);
        return 1;
    }
    body += 4;
    n -= body - text;
    return fwrite(body, 1, n, stdout) != n;
}

static int
fetch(const char *address, int port)
{
    int fd = dial(address, port);
    if (fd < 0) {
        return 1;
    }

    static char sent[SIZE], got[SIZE];
    for (size_t i = 0; i < SIZE; i++) {
        sent[i] = i * 2654435761u >> 13;
    }
    size_t n_sent = 0, n_got = 0;
    while (n_got < SIZE) {
        /* 8 KiB at a time, so that neither side's buffers fill up. */
        while (n_sent < SIZE && n_sent < n_got + 8192) {
            ssize_t n = write(fd, sent + n_sent, 8192 - (n_sent - n_got));
            if (n <= 0) {
                return fail("send");
            }
            n_sent += n;
        }
        ssize_t n = read(fd, got + n_got, SIZE - n_got);
        if (n <= 0) {
            return fail("receive");
        }
        n_got += n;
    }
    return memcmp(sent, got, SIZE) ? fail("other bytes came back") : 0;
}

int
main(int argc, char *argv[])
{
    if (argc == 3 && !strcmp(argv[1], "serve")) {
        return serve(atoi(argv[2]));
    } else if (argc == 4 && !strcmp(argv[1], "fetch")) {
        return fetch(argv[2], atoi(argv[3]));
    }
    if (argc == 5 && !strcmp(argv[1], "get")) {
        return get(argv[2], atoi(argv[3]), argv[4]);
    }
    fprintf(stderr, "usage: tcp serve PORT\n       tcp fetch ADDRESS PORT\n"
                    "       tcp get ADDRESS PORT PATH\n");
    return 2;
}
