/* SPDX-License-Identifier: Apache-2.0
 *
 * rpc.c: one question to vmovsd and its answer. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    PATIENCE_S = 15,   /* vmovsd answers within 10 s, or is not well;
                        * more only if asked to wait longer. */
    PROGRESS_MS = 1000 /* After this long, say that we wait. */
};

static long long int
now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Returns a socket, or -1 after saying why. */
static int
connect_daemon(const char *path, bool quiet)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    /* A vmovsd that is stopped takes neither connections nor requests. */
    struct timeval patience = { .tv_sec = PATIENCE_S };
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);

    errno = strlen(path) < sizeof sun.sun_path ? 0 : ENAMETOOLONG;
    if (!errno) {
        strcpy(sun.sun_path, path);
    }
    if (fd < 0 || errno || connect(fd, (struct sockaddr *) &sun, sizeof sun)) {
        const char *remedy =
            errno == EACCES
                ? "join the group of the socket (adduser USER vmovs) and log "
                  "in again"
            : errno == ENOENT || errno == ECONNREFUSED
                ? "start it with: systemctl start vmovs"
            : errno == EAGAIN ? "see: systemctl status vmovs"
                              : NULL;
        char *what = format("cannot reach vmovsd at %s", path);
        if (!quiet) {
            complain(what, strerror(errno), remedy);
        }
        free(what);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

/* Sends all of 'text', and 'fd' with its first byte. */
static bool
send_all(int sock, const char *text, int fd)
{
    size_t left = strlen(text);
    union {
        char buf[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;

    while (left) {
        struct iovec iov = { (char *) text, left };
        struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
        if (fd >= 0) {
            memset(&control, 0, sizeof control);
            msg.msg_control = control.buf;
            msg.msg_controllen = sizeof control.buf;
            struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
            cmsg->cmsg_level = SOL_SOCKET;
            cmsg->cmsg_type = SCM_RIGHTS;
            cmsg->cmsg_len = CMSG_LEN(sizeof fd);
            memcpy(CMSG_DATA(cmsg), &fd, sizeof fd);
        }
        ssize_t n = sendmsg(sock, &msg, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            return false;
        } else if (n > 0) {
            text += n;
            left -= n;
            fd = -1;
        }
    }
    return true;
}

static void
show_progress(bool on)
{
    if (isatty(STDERR_FILENO)) {
        fputs(on ? "waiting for vmovsd..." : "\r\033[K", stderr);
    }
}

/* Waits until 'sock' has something to read.  False: it is too late. */
static bool
wait_readable(int sock, long long int deadline, bool *waiting)
{
    for (;;) {
        long long int left = deadline - now_ms();
        int timeout = left < 0 ? 0 : left;
        if (!*waiting && timeout > PROGRESS_MS) {
            timeout = PROGRESS_MS;
        }
        struct pollfd pfd = { sock, POLLIN, 0 };
        int n = poll(&pfd, 1, timeout);
        if (n > 0 || (n < 0 && errno != EINTR)) {
            return true;
        } else if (now_ms() >= deadline) {
            return false;
        } else if (!n && !*waiting) {
            *waiting = true;
            show_progress(true);
        }
    }
}

/* Reads until vmovsd closes: we have said that we ask nothing more.  Returns
 * the text, or NULL with '*why' set. */
static char *
receive(int sock, long long int deadline, const char **why)
{
    size_t n = 0, size = 65536;
    char *text = must(malloc(size));
    bool waiting = false;

    *why = NULL;
    for (;;) {
        if (!wait_readable(sock, deadline, &waiting)) {
            *why = "it does not answer";
            break;
        }
        if (size - n < 2) {
            size *= 2;
            text = must(realloc(text, size));
        }
        ssize_t got = recv(sock, text + n, size - n - 1, 0);
        if (got > 0) {
            n += got;
        } else if (!got) {
            *why = n ? NULL : "it closed the connection";
            break;
        } else if (errno != EINTR) {
            *why = n ? NULL : strerror(errno);
            break;
        }
    }
    if (waiting) {
        show_progress(false);
    }
    text[n] = '\0';
    if (*why) {
        free(text);
        return NULL;
    }
    return text;
}

/* Takes 'reply' apart. */
static int
use_reply(const struct call *call, json_t *reply, json_t **result)
{
    json_t *error = json_object_get(reply, "error");
    if (json_is_object(error)) {
        json_t *remedy = json_object_get(error, "try");
        const char *what = json_string_value(json_object_get(error, "what"));
        const char *why = json_string_value(json_object_get(error, "why"));
        if (call->json) {
            print_json(json_object_get(reply, "error"));
        }
        complain(what ? what : call->command->name,
                 why ? why : "refused without a reason",
                 json_string_value(remedy));
        return EXIT_FAILED;
    }
    *result = json_incref(json_object_get(reply, "result"));
    return *result ? EXIT_DONE : EXIT_FAILED;
}

int
rpc_call(const struct call *call, const char *method, json_t *params, int fd,
         json_t **result)
{
    long long int wait =
        json_integer_value(json_object_get(params, "timeout"));
    json_t *request = json_pack("{s:s,s:[o],s:i}", "method", method, "params",
                                params, "id", 1);
    char *text = must(json_dumps(must(request), JSON_COMPACT));
    json_decref(request);

    *result = NULL;
    int sock = connect_daemon(call->socket, call->quiet);
    if (sock < 0) {
        free(text);
        return EXIT_UNREACHABLE;
    }

    /* A refusal may be there to read even if sending failed. */
    send_all(sock, text, fd);
    free(text);
    shutdown(sock, SHUT_WR);

    const char *why;
    char *answer = receive(sock, now_ms() + 1000 * (wait + PATIENCE_S), &why);
    close(sock);
    json_t *reply = answer ? json_loads(answer, 0, NULL) : NULL;
    free(answer);
    if (!reply) {
        if (!call->quiet) {
            complain("cannot talk to vmovsd",
                     why ? why : "its answer is no JSON",
                     "see: systemctl status vmovs");
        }
        return EXIT_UNREACHABLE;
    }
    int status = use_reply(call, reply, result);
    json_decref(reply);
    return status;
}
