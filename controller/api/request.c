/* SPDX-License-Identifier: Apache-2.0
 *
 * request.c: see request.h. */
#include <config.h>
#include <jansson.h>
#include "api/request.h"
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include "api/edits.h"
#include "api/methods.h"
#include "api/netns.h"
#include "api/to-json.h"
#include "core/fault.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(api_request);

enum { MAX_FAULTS = 100 }; /* Listed in one error. */

const char *
error_code_name(enum error_code code)
{
    switch (code) {
    case ERR_USAGE:
        return "usage";
    case ERR_DENIED:
        return "denied";
    case ERR_NOT_FOUND:
        return "not-found";
    case ERR_EXISTS:
        return "exists";
    case ERR_REFUSED:
        return "refused";
    case ERR_FAILED:
        return "failed";
    case ERR_TIMEOUT:
        return "timeout";
    case ERR_UNAVAILABLE:
        return "unavailable";
    }
    OVS_NOT_REACHED();
}

static json_t *
error_to_json(enum error_code code, const char *what, const char *why,
              const char *remedy)
{
    char *message = remedy ? xasprintf("%s: %s; %s", what, why, remedy)
                           : xasprintf("%s: %s", what, why);
    json_t *error = json_object();
    json_object_set_new(error, "message", text_to_json(message));
    json_object_set_new(error, "what", text_to_json(what));
    json_object_set_new(error, "why", text_to_json(why));
    json_object_set_new(error, "try", text_to_json(remedy));
    json_object_set_new(error, "code", json_string(error_code_name(code)));
    free(message);
    return error;
}

static json_t *
make_reply(json_t *result, json_t *error, json_t *id)
{
    json_t *reply = json_object();
    json_object_set_new(reply, "result", result ? result : json_null());
    json_object_set_new(reply, "error", error ? error : json_null());
    if (id) {
        json_object_set(reply, "id", id);
    } else {
        json_object_set_new(reply, "id", json_null());
    }
    return reply;
}

static char *
reply_to_text(const json_t *reply)
{
    return json_dumps(reply, JSON_COMPACT);
}

char *
error_reply_text(enum error_code code, const char *what, const char *why,
                 const char *remedy)
{
    json_t *reply =
        make_reply(NULL, error_to_json(code, what, why, remedy), NULL);
    char *text = reply_to_text(reply);
    json_decref(reply);
    return text;
}

char *
request_reply_text(const struct request *r)
{
    return reply_to_text(r->reply);
}

void
request_done(struct request *r, json_t *result)
{
    ovs_assert(!r->reply);
    r->reply = make_reply(result, NULL, json_object_get(r->message, "id"));
}

void
request_fail(struct request *r, enum error_code code, char *why, char *remedy)
{
    ovs_assert(!r->reply);
    r->reply = make_reply(NULL, error_to_json(code, r->what, why, remedy),
                          json_object_get(r->message, "id"));
    free(why);
    free(remedy);
}

void
request_fail_faults(struct request *r, const struct faults *faults,
                    const char *file)
{
    if (!faults->n) {
        request_fail(r, ERR_REFUSED, xstrdup("the result would be faulty"),
                     NULL);
        return;
    }

    const struct fault *first = &faults->list[0];
    struct ds why = DS_EMPTY_INITIALIZER;
    if (file) {
        ds_put_format(&why, "%s has to be mended first: ", file);
        if (first->place.line) {
            ds_put_format(&why, "%u:%u: ", first->place.line,
                          first->place.column);
        }
    }
    ds_put_format(&why, "%s%s%s", first->path, first->path[0] ? ": " : "",
                  first->what);
    if (faults->n > 1) {
        ds_put_format(&why, " (and %" PRIuSIZE " more)", faults->n - 1);
    }
    request_fail(r, ERR_REFUSED, ds_steal_cstr(&why),
                 nullable_xstrdup(first->remedy));

    json_t *list = json_array();
    for (size_t i = 0; i < MIN(faults->n, MAX_FAULTS); i++) {
        const struct fault *f = &faults->list[i];
        json_t *fault = json_object();
        json_object_set_new(fault, "path", text_to_json(f->path));
        json_object_set_new(fault, "what", text_to_json(f->what));
        json_object_set_new(fault, "try", text_to_json(f->remedy));
        json_array_append_new(list, fault);
    }
    json_object_set_new(json_object_get(r->reply, "error"), "faults", list);
}

/* Is 'message' a request as JSON-RPC 1.0 wants it?  Returns NULL or what is
 * wrong with it. */
static const char *
message_fault(const json_t *message)
{
    const json_t *id = json_object_get(message, "id");
    const json_t *params = json_object_get(message, "params");

    if (!json_is_string(json_object_get(message, "method"))) {
        return "\"method\" is missing or no string";
    } else if (!json_is_number(id) && !json_is_string(id)) {
        return "\"id\" is missing or no number or string";
    } else if (!json_is_array(params) || json_array_size(params) > 1
               || (json_array_size(params)
                   && !json_is_object(json_array_get(params, 0)))) {
        return "\"params\" is not an array with at most one object";
    }
    return NULL;
}

struct request *
request_create(const struct caller *caller, json_t *message, int descriptor)
{
    struct request *r = xzalloc(sizeof *r);
    r->caller = caller;
    r->message = message;
    r->descriptor = descriptor;
    r->deadline = LLONG_MAX;

    const char *fault = message_fault(message);
    if (fault) {
        r->what = xstrdup("request");
        request_fail(r, ERR_USAGE, xstrdup(fault),
                     xstrdup("send {\"method\": NAME, \"params\": [{...}], "
                             "\"id\": NUMBER}"));
        return r;
    }

    json_t *params = json_object_get(message, "params");
    r->params = json_array_get(params, 0);
    if (!r->params) {
        r->params = r->no_params = json_object();
    }
    const char *method = json_string_value(json_object_get(message, "method"));
    const char *name = json_string_value(json_object_get(r->params, "name"));
    r->method = method_find(method);
    r->what = name ? xasprintf("%s %s", method, name) : xstrdup(method);
    r->step = method_start;
    return r;
}

void
request_destroy(struct request *r)
{
    if (r) {
        json_decref(r->message);
        json_decref(r->no_params);
        json_decref(r->reply);
        free(r->what);
        free(r->name);
        for (size_t i = 0; i < r->n_gone; i++) {
            free(r->gone[i]);
        }
        free(r->gone);
        free(r->counting.tickets);
        free(r->counting.packets);
        if (r->descriptor >= 0) {
            netns_close(r->descriptor);
        }
        free(r);
    }
}

void
request_run(struct request *r, const struct api_daemon *d)
{
    if (!r->reply) {
        r->step(r, d);
    }
}

bool
request_may_die(const struct request *r)
{
    return !r->counting.n_open;
}

json_t *
request_param(const struct request *r, const char *param)
{
    return json_object_get(r->params, param);
}

const char *
request_string(const struct request *r, const char *param)
{
    return json_string_value(request_param(r, param));
}

bool
request_flag(const struct request *r, const char *param)
{
    return json_is_true(request_param(r, param));
}

bool
request_edit(struct request *r, const struct api_daemon *d,
             const struct edits *edits, request_preview *preview)
{
    struct faults faults = FAULTS_INITIALIZER;
    struct model *model = NULL;
    char *error = NULL;
    bool dry_run = request_flag(r, "dry-run");
    bool done = false;

    enum edit_result result = source_edit(d->source, edits->list, edits->n,
                                          dry_run, &model, &faults, &error);
    switch (result) {
    case EDIT_DONE:
        if (dry_run) {
            request_done(r, preview(r, d, model));
        } else {
            VLOG_INFO("%s, for %s", r->what,
                      r->caller->user ? r->caller->user : "an unnamed user");
            r->generation = source_generation(d->source);
            r->edited = done = true;
        }
        break;
    case EDIT_REFUSED:
        request_fail_faults(
            r, &faults,
            source_faults(d->source)->n ? source_name(d->source) : NULL);
        break;
    case EDIT_FAILED:
        request_fail(r, ERR_FAILED,
                     xasprintf("%s could not be written: %s",
                               source_name(d->source),
                               error ? error : "unknown error"),
                     xstrdup("nothing was changed; mend that and try again"));
        break;
    }
    model_destroy(model);
    faults_uninit(&faults);
    free(error);
    return done;
}

bool
request_is_late(const struct request *r)
{
    return time_msec() >= r->deadline;
}

void
request_set_deadline(struct request *r, long long int default_s)
{
    const json_t *timeout = request_param(r, "timeout");
    long long int s = timeout ? json_integer_value(timeout) : default_s;

    r->deadline = time_msec() + 1000 * MIN(s, WAIT_MAX_S);
}

void
counting_start(struct counting *c, size_t n)
{
    c->tickets = xcalloc(n, sizeof *c->tickets);
    c->packets = xcalloc(n, sizeof *c->packets);
    c->n = n;
}

void
counting_ask(struct counting *c, const struct api_daemon *d, size_t i,
             uint64_t cookie, uint64_t mask)
{
    c->tickets[i] = d->count(d, cookie, mask);
    c->n_open += c->tickets[i] != 0;
}

bool
counting_run(struct counting *c, const struct api_daemon *d)
{
    for (size_t i = 0; i < c->n && c->n_open; i++) {
        if (c->tickets[i] && d->counted(d, c->tickets[i], &c->packets[i])) {
            c->tickets[i] = 0;
            c->n_open--;
        }
    }
    return !c->n_open;
}
