/* SPDX-License-Identifier: Apache-2.0
 *
 * guest-run.c: runs one shell line in a test guest.
 *
 *     guest-run SOCKET SECONDS COMMAND...
 *
 * SOCKET is QEMU's end of the guest's second serial port (see make-guest).
 * Prints what the command prints and exits with its status; 124 if the guest
 * has not answered within SECONDS. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int
connect_to(const char *path)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *) &sun, sizeof sun)) {
        perror(path);
        exit(125);
    }
    return fd;
}

static long
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Looks for "#rc=N" at the start of a line of 'text'.  Prints what stands
 * before it and exits if it is there. */
static void
finish_if_done(const char *text)
{
    const char *mark = text;

    while ((mark = strstr(mark, "#rc="))) {
        if ((mark == text || mark[-1] == '\n') && strchr(mark, '\n')) {
            fwrite(text, 1, mark - text, stdout);
            exit(atoi(mark + 4));
        }
        mark++;
    }
}

int
main(int argc, char *argv[])
{
    static char text[1 << 20];
    size_t n = 0;

    if (argc < 4) {
        fprintf(stderr, "usage: guest-run SOCKET SECONDS COMMAND...\n");
        return 2;
    }
    int fd = connect_to(argv[1]);
    long deadline = now_ms() + atol(argv[2]) * 1000;
    for (int i = 3; i < argc; i++) {
        if (write(fd, argv[i], strlen(argv[i])) < 0
            || write(fd, i + 1 < argc ? " " : "\n", 1) < 0) {
            perror(argv[1]);
            return 125;
        }
    }

    for (;;) {
        struct pollfd pfd = { .fd = fd, .events = POLLIN };
        long left = deadline - now_ms();

        if (left <= 0 || poll(&pfd, 1, left) <= 0) {
            fwrite(text, 1, n, stdout);
            fprintf(stderr, "guest-run: no answer within %s s\n", argv[2]);
            return 124;
        }
        char buf[4096];
        ssize_t got = read(fd, buf, sizeof buf);
        if (got <= 0) {
            fprintf(stderr, "guest-run: the guest is gone\n");
            return 125;
        }
        for (ssize_t i = 0; i < got && n < sizeof text - 1; i++) {
            if (buf[i] != '\r') {
                text[n++] = buf[i];
            }
        }
        text[n] = '\0';
        finish_if_done(text);
    }
}
