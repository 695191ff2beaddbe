/* SPDX-License-Identifier: Apache-2.0
 *
 * request.h: one call of a client, from its parsed message to its reply.
 *
 * server.c makes a request of each message and steps it once a turn until
 * there is a reply; methods*.c are the steps.  A step may look at the daemon
 * as it is in this turn and must keep no pointer into it. */
#ifndef VMOVS_API_REQUEST_H
#define VMOVS_API_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "api/api.h"

struct edits;
struct method;
struct request;

typedef void request_step(struct request *, const struct api_daemon *);

/* What kind of refusal an error is; names in docs/API.md. */
enum error_code {
    ERR_USAGE,                  /* "usage": method or parameters. */
    ERR_DENIED,                 /* "denied": not the caller's to do. */
    ERR_NOT_FOUND,              /* "not-found" */
    ERR_EXISTS,                 /* "exists" */
    ERR_REFUSED,                /* "refused": the config would be faulty. */
    ERR_FAILED,                 /* "failed": it was tried. */
    ERR_TIMEOUT,                /* "timeout": declared, not yet in place. */
    ERR_UNAVAILABLE             /* "unavailable": no valid config yet. */
};

/* Who is at the other end of a connection. */
struct caller {
    uid_t uid;                  /* From SO_PEERCRED at accept. */
    char *user;                 /* Its name; owned; NULL: uid without one. */
    bool admin;                 /* root, or the user vmovsd runs as. */
};

/* Packet counts asked of the switch and not all answered yet. */
struct counting {
    uint32_t *tickets;          /* 0: answered.  Owned. */
    uint64_t *packets;          /* By the index of the ticket.  Owned. */
    size_t n, n_open;           /* Tickets; of them not answered. */
};

struct request {
    const struct caller *caller;    /* The connection's. */
    const struct method *method;
    json_t *message;            /* The whole message.  Owned. */
    json_t *params;             /* Object; borrowed from 'message' or owned by
                                 * 'no_params'. */
    json_t *no_params;          /* Owned; or NULL. */
    char *what;                 /* "add-vm web1", for errors.  Owned. */
    int descriptor;             /* That came with it; owned; -1: none. */

    request_step *step;         /* Next step; not NULL until 'reply' is. */
    json_t *reply;              /* Owned; NULL: not finished. */
    bool edited;                /* The config was edited in this turn: the
                                 * daemon's model is no longer valid. */

    /* Of requests that wait. */
    long long int deadline;     /* time_msec(); LLONG_MAX: none. */
    uint64_t generation;        /* Of the model with this edit. */
    char *name;                 /* Object waited for.  Owned; or NULL. */
    char **gone;                /* Names of ports that must go.  Owned. */
    size_t n_gone;
    struct counting counting;
};

/* Takes over 'message' and 'descriptor'.  Never NULL; a message that is no
 * request gives one that has its reply already. */
struct request *request_create(const struct caller *, json_t *message,
                               int descriptor);
/* Tickets still open are forgotten: see request_may_die(). */
void request_destroy(struct request *);

/* Takes the next step.  'd' must be fresh (no edit since the turn began). */
void request_run(struct request *, const struct api_daemon *d);
/* False while destroying it would leave tickets with the switch that nobody
 * will ever collect. */
bool request_may_die(const struct request *);

/* The reply as a JSON-RPC message, malloc'd by jansson: use free(). */
char *request_reply_text(const struct request *);

/* Finish.  'result', 'why' and 'remedy' (may be NULL) are taken over. */
void request_done(struct request *, json_t *result);
void request_fail(struct request *, enum error_code, char *why, char *remedy);
/* The first fault is the message; the others are listed besides.  'file', if
 * not NULL, is at fault already, whatever was asked. */
void request_fail_faults(struct request *, const struct faults *,
                         const char *file);
const char *error_code_name(enum error_code);
/* A reply to something that never became a request.  malloc'd. */
char *error_reply_text(enum error_code, const char *what, const char *why,
                       const char *remedy);

/* Parameters, whose types are checked before the first step. */
const char *request_string(const struct request *, const char *param);
bool request_flag(const struct request *, const char *param);
json_t *request_param(const struct request *, const char *param);

/* Makes the edits.  True if done: 'generation' and 'edited' are set.  False:
 * the request is finished, either refused or (with "dry-run") with what
 * 'preview' makes of the model that would be in force. */
typedef json_t *request_preview(const struct request *,
                                const struct api_daemon *,
                                const struct model *);
bool request_edit(struct request *, const struct api_daemon *,
                  const struct edits *, request_preview *);

/* Has the deadline passed?  A step that waits asks this itself. */
bool request_is_late(const struct request *);

/* Asks for 'n' counts; counting_run() is true once all are in. */
void counting_start(struct counting *, size_t n);
void counting_ask(struct counting *, const struct api_daemon *, size_t i,
                  uint64_t cookie, uint64_t mask);
bool counting_run(struct counting *, const struct api_daemon *);

#endif
