/* SPDX-License-Identifier: Apache-2.0
 *
 * methods-host.c: start, stop and reload: the whole network on this host.
 *
 * "stop" leaves the config, ports and devices, so that guests keep what they
 * are attached to; flows, leases, names and NAT go, and nothing passes until
 * "start" or the host's next boot. */
#include <config.h>
#include <jansson.h>
#include "api/methods.h"
#include "util.h"

enum { HOST_DEFAULT_S = 30 };

static void
finish(struct request *r, const struct api_daemon *d)
{
    request_done(r, json_pack("{s:b,s:I}", "stopped", d->status->stopped,
                              "applied", (json_int_t) d->status->applied));
}

/* Without a config there is nothing to be put in place. */
static void
step_host(struct request *r, const struct api_daemon *d)
{
    uint64_t generation = source_generation(d->source);

    if (!generation || d->status->applied >= generation
        || request_flag(r, "no-wait")) {
        finish(r, d);
    } else if (request_is_late(r)) {
        request_fail(r, ERR_TIMEOUT,
                     xstrdup("not everything has followed in time"),
                     xstrdup("see why with: vmovs status"));
    }
}

/* The status of this turn is from before the change. */
static void
step_next_turn(struct request *r, const struct api_daemon *d OVS_UNUSED)
{
    r->step = step_host;
}

static void
set_stopped(struct request *r, const struct api_daemon *d, bool stopped)
{
    char *error = d->set_stopped(d, stopped);

    if (error) {
        request_fail(r, ERR_FAILED, error, NULL);
        return;
    }
    request_set_deadline(r, HOST_DEFAULT_S);
    r->step = step_next_turn;
}

void
start_network(struct request *r, const struct api_daemon *d)
{
    set_stopped(r, d, false);
}

void
stop_network(struct request *r, const struct api_daemon *d)
{
    set_stopped(r, d, true);
}

static void
step_reloaded(struct request *r, const struct api_daemon *d)
{
    const struct faults *faults = source_faults(d->source);

    if (faults->n) {
        request_fail_faults(r, faults, source_name(d->source));
        return;
    }
    r->step = step_host;
    step_host(r, d);
}

void
reload_config(struct request *r, const struct api_daemon *d)
{
    source_reload(d->source);
    request_set_deadline(r, HOST_DEFAULT_S);
    r->step = step_reloaded;
}
