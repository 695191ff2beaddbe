/* SPDX-License-Identifier: Apache-2.0
 *
 * server.c: connections of the API: accept, framing, limits, descriptors,
 * write-out.  What a request means is none of its business (methods.h).
 *
 * A connection has at most one request and one reply at a time: the next
 * message is not looked at before the reply to the last one has been taken.
 * So a client that does not read holds one reply and no more, and a client
 * that writes without end fills its own socket.
 *
 * An edit makes the daemon's model stale, so it ends api_run(); connections
 * take turns, and the next run begins with the one after. */
#include <config.h>
#include <jansson.h>
#include "api/server.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "api/frame.h"
#include "api/listen.h"
#include "api/netns.h"
#include "api/request.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(api);

enum {
    MAX_DESCRIPTORS = 4, /* Of one connection, not yet used. */
    READ_BYTES = 65536,  /* Read at once. */
    TURN_MESSAGES = 64,  /* Of one connection in one turn. */
    TURN_ACCEPTS = 64,
    ACCEPT_PAUSE_MS = 1000 /* After running out of descriptors. */
};

const struct api_limits api_default_limits = {
    .conns_per_uid = 64,
    .half_ms = 10 * 1000,
    .unread_ms = 10 * 1000,
};

struct conn {
    struct ovs_list node; /* In struct api's 'conns'. */
    int fd;               /* -1: lost, but 'request' must not die yet. */
    struct caller caller;

    char *in;                 /* Received, from the start of a message.
                               * Owned. */
    size_t in_start, in_end;  /* Bytes in use. */
    size_t in_size;           /* Allocated. */
    struct frame frame;       /* Of the message at 'in_start'. */
    long long int half_since; /* That message is incomplete since then. */
    bool eof;                 /* The client sends no more. */
    int fds[MAX_DESCRIPTORS]; /* Received descriptors.  Owned. */
    size_t n_fds;

    struct request *request; /* Owned; NULL: none. */

    char *out; /* Reply to be sent.  Owned; NULL: none. */
    size_t out_len, out_sent;
    long long int unread_since; /* When the client last took some of it. */
    bool closing;               /* Close when 'out' is sent. */
};

struct api {
    int fd;     /* Listens. */
    char *path; /* Of the socket.  Owned. */
    struct api_limits limits;
    struct ovs_list conns; /* struct conn, through 'node'. */
    size_t n_conns;
    long long int accept_after; /* No accept before then. */
    bool again;                 /* There is more to do right now. */
};

int
api_create_limited(const char *path, const char *group,
                   const struct api_limits *limits, struct api **apip)
{
    int fd;
    int error = listen_at(path, group, &fd);
    if (error) {
        *apip = NULL;
        return error;
    }

    struct api *api = xzalloc(sizeof *api);
    api->fd = fd;
    api->path = xstrdup(path);
    api->limits = *limits;
    ovs_list_init(&api->conns);
    *apip = api;
    return 0;
}

int
api_create(const char *path, const char *group, struct api **apip)
{
    return api_create_limited(path, group, &api_default_limits, apip);
}

static void
conn_drop_fds(struct conn *conn)
{
    for (size_t i = 0; i < conn->n_fds; i++) {
        netns_close(conn->fds[i]);
    }
    conn->n_fds = 0;
}

/* Ends the connection; 'conn' itself stays until conn_is_done(). */
static void
conn_close(struct conn *conn)
{
    if (conn->fd >= 0) {
        close(conn->fd);
        conn->fd = -1;
    }
    conn_drop_fds(conn);
}

static bool
conn_is_done(const struct conn *conn)
{
    return conn->fd < 0 && (!conn->request || request_may_die(conn->request));
}

static void
conn_destroy(struct api *api, struct conn *conn)
{
    conn_close(conn);
    request_destroy(conn->request);
    free(conn->caller.user);
    free(conn->in);
    free(conn->out);
    ovs_list_remove(&conn->node);
    api->n_conns--;
    free(conn);
}

void
api_destroy(struct api *api)
{
    if (api) {
        struct conn *conn, *next;
        LIST_FOR_EACH_SAFE (conn, next, node, &api->conns) {
            conn_destroy(api, conn);
        }
        close(api->fd);
        unlink(api->path);
        free(api->path);
        free(api);
    }
}

/* Takes over 'text'. */
static void
conn_send(struct conn *conn, char *text)
{
    conn->out = text;
    conn->out_len = strlen(text);
    conn->out_sent = 0;
    conn->unread_since = time_msec();
}

/* Says what is wrong and ends the connection: where the next message begins
 * is no longer known. */
static void
conn_refuse(struct conn *conn, const char *why, const char *remedy)
{
    conn_send(conn, error_reply_text(ERR_USAGE, "connection", why, remedy));
    conn->closing = true;
}

size_t
api_count_connections(const struct api *api)
{
    return api->n_conns;
}

static size_t
count_conns(const struct api *api, uid_t uid)
{
    const struct conn *conn;
    size_t n = 0;

    LIST_FOR_EACH (conn, node, &api->conns) {
        n += conn->caller.uid == uid;
    }
    return n;
}

static void
api_add_conn(struct api *api, int fd)
{
    struct ucred cred;
    socklen_t len = sizeof cred;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len)) {
        close(fd);
        return;
    }

    struct conn *conn = xzalloc(sizeof *conn);
    conn->fd = fd;
    conn->caller.uid = cred.uid;
    conn->caller.admin = !cred.uid || cred.uid == geteuid();
    bool full =
        cred.uid && count_conns(api, cred.uid) >= api->limits.conns_per_uid;
    ovs_list_push_back(&api->conns, &conn->node);
    api->n_conns++;
    if (full) {
        conn_refuse(conn, "you have too many connections open",
                    "close one of them");
    } else {
        const struct passwd *pw = getpwuid(cred.uid);
        conn->caller.user = pw ? xstrdup(pw->pw_name) : NULL;
    }
}

static void
api_accept(struct api *api)
{
    if (time_msec() < api->accept_after) {
        return;
    }
    for (int i = 0; i < TURN_ACCEPTS; i++) {
        int fd = accept4(api->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            api_add_conn(api, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM
                   || errno == ENOBUFS) {
            VLOG_WARN("cannot accept connections: %s", ovs_strerror(errno));
            api->accept_after = time_msec() + ACCEPT_PAUSE_MS;
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
    api->again = true;
}

/* Keeps descriptors that came with 'msg'. */
static void
conn_take_fds(struct conn *conn, struct msghdr *msg)
{
    for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg;
         cmsg = CMSG_NXTHDR(msg, cmsg)) {
        if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof fd, sizeof fd);
            if (conn->n_fds < MAX_DESCRIPTORS) {
                conn->fds[conn->n_fds++] = fd;
            } else {
                netns_close(fd);
            }
        }
    }
}

/* Makes room for READ_BYTES at the end of 'in'. */
static void
conn_make_room(struct conn *conn)
{
    if (conn->in_start == conn->in_end) {
        conn->in_start = conn->in_end = 0;
    }
    if (conn->in_size - conn->in_end >= READ_BYTES) {
        return;
    }
    size_t n = conn->in_end - conn->in_start;
    if (conn->in_start && n <= conn->in_size / 2) {
        memmove(conn->in, conn->in + conn->in_start, n);
        conn->in_start = 0;
        conn->in_end = n;
    }
    while (conn->in_size - conn->in_end < READ_BYTES) {
        conn->in_size = conn->in_size ? 2 * conn->in_size : READ_BYTES;
        conn->in = xrealloc(conn->in, conn->in_size);
    }
}

/* Returns true if there are new bytes. */
static bool
conn_read(struct conn *conn)
{
    if (conn->eof) {
        return false;
    }
    conn_make_room(conn);

    union {
        char buf[CMSG_SPACE(MAX_DESCRIPTORS * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = { conn->in + conn->in_end, READ_BYTES };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (netns_may_receive()) {
        msg.msg_control = control.buf;
        msg.msg_controllen = sizeof control.buf;
    }

    ssize_t n = recvmsg(conn->fd, &msg, MSG_CMSG_CLOEXEC);
    if (n > 0) {
        if (conn->in_start == conn->in_end) {
            conn->half_since = time_msec();
        }
        conn->in_end += n;
        conn_take_fds(conn, &msg);
        return true;
    } else if (!n) {
        conn->eof = true;
    } else if (errno != EAGAIN && errno != EINTR) {
        conn_close(conn);
    }
    return false;
}

/* Sends what can be sent of the reply. */
static void
conn_write(struct conn *conn)
{
    while (conn->out) {
        ssize_t n =
            send(conn->fd, conn->out + conn->out_sent,
                 conn->out_len - conn->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                conn_close(conn);
            }
            return;
        }
        conn->out_sent += n;
        conn->unread_since = time_msec();
        if (conn->out_sent == conn->out_len) {
            free(conn->out);
            conn->out = NULL;
        }
    }
    if (conn->closing) {
        conn_close(conn);
    }
}

/* Makes a request of the 'len' bytes of a complete message.  Of descriptors
 * that came so far it gets the first; a client sends one with the message and
 * nothing after it until the reply. */
static void
conn_start_request(struct conn *conn, const char *data, size_t len)
{
    json_error_t error;
    json_t *message = json_loadb(data, len, JSON_REJECT_DUPLICATES, &error);
    if (!message) {
        conn_refuse(conn, error.text, "send JSON");
        return;
    }

    int fd = -1;
    if (conn->n_fds) {
        fd = conn->fds[0];
        conn->fds[0] = conn->fds[--conn->n_fds];
        conn_drop_fds(conn);
    }
    conn->request = request_create(&conn->caller, message, fd);
}

/* Starts the request of the next message, if that is complete.  Returns true
 * if there is something to go on with. */
static bool
conn_next_message(struct conn *conn)
{
    const char *data = conn->in + conn->in_start;
    size_t n = conn->in_end - conn->in_start;

    switch (n ? frame_scan(&conn->frame, data, n) : FRAME_MORE) {
    case FRAME_MORE:
        if (!conn->frame.depth) {
            /* Nothing but white space so far. */
            conn->in_start += conn->frame.scanned;
            conn->frame.scanned = 0;
        }
        return conn_read(conn);

    case FRAME_DONE:
        conn_start_request(conn, data, conn->frame.scanned);
        conn->in_start += conn->frame.scanned;
        memset(&conn->frame, 0, sizeof conn->frame);
        conn->half_since = time_msec();
        return true;

    case FRAME_NOT_JSON:
        conn_refuse(conn, "a message does not begin with '{'",
                    "send JSON-RPC requests and nothing else");
        return true;

    case FRAME_TOO_DEEP:
        conn_refuse(conn, "a message nests deeper than 32",
                    "send a flatter one");
        return true;

    case FRAME_TOO_LONG:
        conn_refuse(conn, "a message is longer than 1 MiB",
                    "send it in parts");
        return true;
    }
    OVS_NOT_REACHED();
}

/* Has the client hung up altogether?  (A client that only ended its own side
 * still gets its reply.) */
static bool
conn_hung_up(const struct conn *conn)
{
    struct pollfd pfd = { .fd = conn->fd };
    return poll(&pfd, 1, 0) == 1 && pfd.revents & (POLLHUP | POLLERR);
}

/* Steps the request.  Returns true if it is finished. */
static bool
conn_run_request(struct conn *conn, const struct api_daemon *d, bool *edited)
{
    request_step *step;
    do {
        /* The next step may have nothing to wait for. */
        step = conn->request->step;
        request_run(conn->request, d);
        *edited = conn->request->edited;
        conn->request->edited = false;
    } while (!conn->request->reply && !*edited && conn->request->step != step);
    if (!conn->request->reply) {
        return false;
    }
    if (conn->fd >= 0) {
        conn_send(conn, request_reply_text(conn->request));
    }
    request_destroy(conn->request);
    conn->request = NULL;
    conn->half_since = time_msec();
    return true;
}

/* Does what can be done for 'conn'.  Returns true if the config was edited. */
static bool
conn_run(struct api *api, struct conn *conn, const struct api_daemon *d)
{
    bool edited = false;

    for (int i = 0; i < TURN_MESSAGES; i++) {
        if (conn->request) {
            if (conn->fd >= 0 && conn_hung_up(conn)) {
                conn_close(conn);
            }
            if (conn_is_done(conn) || !conn_run_request(conn, d, &edited)) {
                return edited;
            }
        }
        if (conn->fd >= 0) {
            conn_write(conn);
        }
        if (edited || conn->fd < 0 || conn->out) {
            return edited;
        }
        if (!conn_next_message(conn)) {
            if (conn->eof) {
                conn_close(conn);
            }
            return false;
        }
    }
    api->again = true;
    return false;
}

static bool
conn_has_half(const struct conn *conn)
{
    return !conn->request && !conn->out && conn->in_start < conn->in_end;
}

/* Ends a connection that overstays. */
static void
conn_check_time(const struct api *api, struct conn *conn)
{
    long long int now = time_msec();
    if (conn->fd < 0) {
        return;
    }
    if (conn->out && now >= conn->unread_since + api->limits.unread_ms) {
        VLOG_INFO("uid %u does not read its reply: dropped",
                  (unsigned int) conn->caller.uid);
        conn_close(conn);
    } else if (conn_has_half(conn)
               && now >= conn->half_since + api->limits.half_ms) {
        conn_refuse(conn, "half a message and no more", "send messages whole");
        conn_write(conn);
        conn_close(conn);
    }
}

void
api_run(struct api *api, const struct api_daemon *d)
{
    api->again = false;
    api_accept(api);

    for (size_t n = api->n_conns; n > 0; n--) {
        struct conn *conn =
            CONTAINER_OF(ovs_list_pop_front(&api->conns), struct conn, node);
        ovs_list_push_back(&api->conns, &conn->node);

        bool edited = conn_run(api, conn, d);
        conn_check_time(api, conn);
        if (conn_is_done(conn)) {
            conn_destroy(api, conn);
        }
        if (edited) {
            api->again = true;
            return;
        }
    }
}

static void
conn_wait(const struct api *api, const struct conn *conn)
{
    if (conn->request && conn->request->deadline != LLONG_MAX) {
        poll_timer_wait_until(conn->request->deadline);
    }
    if (conn->fd < 0) {
        return;
    }
    if (conn->out) {
        poll_fd_wait(conn->fd, POLLOUT);
        poll_timer_wait_until(conn->unread_since + api->limits.unread_ms);
    } else if (conn->request) {
        poll_fd_wait(conn->fd, 0); /* Hanging up wakes us. */
    } else {
        poll_fd_wait(conn->fd, POLLIN);
        if (conn_has_half(conn)) {
            poll_timer_wait_until(conn->half_since + api->limits.half_ms);
        }
    }
}

void
api_wait(struct api *api)
{
    const struct conn *conn;
    LIST_FOR_EACH (conn, node, &api->conns) {
        conn_wait(api, conn);
    }
    if (api->again) {
        poll_immediate_wake();
    }
    if (time_msec() < api->accept_after) {
        poll_timer_wait_until(api->accept_after);
    } else {
        poll_fd_wait(api->fd, POLLIN);
    }
}
