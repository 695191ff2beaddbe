/* SPDX-License-Identifier: Apache-2.0
 *
 * fake-daemon.h: a daemon around the real source, plan and API whose switch
 * does at once what the plan wants.
 *
 * "Frozen", the switch does nothing, so that waiting can be tested.  Ports
 * get numbers from 1; every NIC has dropped 7 spoofed frames.  A veth's far
 * end is called "far" until it is attached. */
#ifndef VMOVS_TESTS_FAKE_DAEMON_H
#define VMOVS_TESTS_FAKE_DAEMON_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "api/server.h"
#include "core/pipeline.h"
#include "core/plan.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

struct fake {
    struct api_daemon lent;     /* First, so that a callback finds the rest. */
    struct api *api;
    struct source *source;
    struct host_facts facts;
    struct view view;
    struct plan *plan;
    struct status status;
    struct problems problems;   /* None. */
    bool frozen;
    uint32_t last_ofport;
    struct block_changes todo;  /* Not yet done by the switch. */
    uint32_t tickets_open;      /* Asked and not collected. */
};

static bool
fake_is_applied(const struct api_daemon *d, const char *name)
{
    const struct fake *fake = (const struct fake *) d;
    const struct block *block = plan_find(fake->plan, name);
    return block && !fake->frozen
           && (!block->port || block->n_flows || fake->status.stopped);
}

static char *
fake_attach(const struct api_daemon *d, const char *device, int netns_fd,
            const char *name)
{
    struct fake *fake = (struct fake *) d;
    struct view_device dev = *view_find_device(&fake->view, device);
    dev.peer[0] = '\0';         /* It is elsewhere now. */
    view_set_device(&fake->view, &dev);
    return netns_fd < 0 || strncmp(name, "eth", 3) ? xstrdup("no") : NULL;
}

static char *
fake_detach(const struct api_daemon *d OVS_UNUSED,
            const char *device OVS_UNUSED)
{
    return NULL;
}

static char *
fake_set_stopped(const struct api_daemon *d, bool stopped)
{
    struct fake *fake = (struct fake *) d;
    fake->status.stopped = stopped;
    plan_set_stopped(fake->plan, stopped);
    return NULL;
}

static uint32_t
fake_count(const struct api_daemon *d, uint64_t cookie, uint64_t mask)
{
    (void) mask;
    ((struct fake *) d)->tickets_open++;
    return cookie_reason(cookie) == DROP_SPOOFED_MAC ? 2 : 1;
}

static bool
fake_counted(const struct api_daemon *d, uint32_t ticket, uint64_t *packets)
{
    struct fake *fake = (struct fake *) d;
    if (fake->frozen) {
        return false;
    }
    fake->tickets_open--;
    *packets = ticket == 2 ? 7 : 0;
    return true;
}

static void
fake_make_device(struct fake *fake, const struct device_want *want)
{
    struct view_device dev = { .up = true,
                               .carrier = want->kind != DEV_TAP };
    ovs_strlcpy(dev.name, want->name, sizeof dev.name);
    if (want->kind == DEV_VETH) {
        ovs_strlcpy(dev.peer, "far", sizeof dev.peer);
    }
    view_set_device(&fake->view, &dev);
}

/* The switch follows one change of the plan. */
static void
fake_do(struct fake *fake, const struct block_change *change)
{
    const struct block *old = change->old, *new = change->new;
    if (old && old->port && (!new || !new->port)) {
        view_remove_port(&fake->view, old->port->name);
    }
    if (new && new->device
        && !view_find_device(&fake->view, new->device->name)) {
        fake_make_device(fake, new->device);
    }
    if (new && new->port
        && !view_find_port(&fake->view, new->port->name)) {
        struct view_port port = {
            .name = xstrdup(new->port->name),
            .type = xstrdup(new->port->type),
            .ofport = ++fake->last_ofport,
            .link_up = true,
            .mark_vm = nullable_xstrdup(new->port->vm),
            .mark_nic = nullable_xstrdup(new->port->nic),
            .mark_network = nullable_xstrdup(new->port->network),
            .key = new->key,
        };
        view_set_port(&fake->view, &port);
    }
}

static void
fake_compile(struct fake *fake)
{
    if (fake->lent.model) {
        plan_compute(fake->plan, fake->lent.model, &fake->view, &fake->todo);
    }
    fake->status.generation = source_generation(fake->source);
    if (!fake->frozen) {
        for (size_t i = 0; i < fake->todo.n; i++) {
            fake_do(fake, &fake->todo.list[i]);
        }
        if (!fake->todo.n) {
            fake->status.applied = fake->status.generation;
        }
        block_changes_clear(&fake->todo);
    }
    fake->status.flows_applied =
        fake->status.applied == fake->status.generation;
}

/* One turn. */
static void
fake_run(struct fake *fake)
{
    source_run(fake->source);
    fake->lent.model = source_model(fake->source);
    fake_compile(fake);         /* Ports. */
    fake_compile(fake);         /* Flows, now that ports have numbers. */
    api_run(fake->api, &fake->lent);
}

static void
fake_wait(struct fake *fake)
{
    source_wait(fake->source);
    api_wait(fake->api);
    if (source_generation(fake->source) != fake->status.applied
        && !fake->frozen) {
        poll_immediate_wake();
    }
}

static const struct problems *
fake_problems(const struct api_daemon *lent)
{
    return &((const struct fake *) lent)->problems;
}

static int
fake_init(struct fake *fake, const char *socket, const char *config,
          const char *last_good, const struct api_limits *limits)
{
    static const struct plan_config plan_config = { "host1", false };

    memset(fake, 0, sizeof *fake);
    int error = api_create_limited(socket, NULL, limits, &fake->api);
    if (error) {
        return error;
    }
    fake->source = source_open_file(config, last_good);
    host_facts_init(&fake->facts);
    source_set_facts(fake->source, &fake->facts);
    fake->plan = plan_create(&plan_config);
    view_init(&fake->view);
    fake->view.ovsdb_ready = fake->view.bridge_exists = true;
    problems_init(&fake->problems);
    block_changes_init(&fake->todo);
    fake->status.ovsdb_connected = fake->status.openflow_connected = true;
    fake->status.openflow_state = "READY";
    fake->lent = (struct api_daemon) {
        .source = fake->source, .view = &fake->view, .plan = fake->plan,
        .status = &fake->status, .host = "host1", .version = VMOVS_VERSION,
        .problems = fake_problems, .block_is_applied = fake_is_applied,
        .attach = fake_attach,
        .detach = fake_detach, .set_stopped = fake_set_stopped,
        .count = fake_count,
        .counted = fake_counted,
    };
    return 0;
}

static OVS_UNUSED void
fake_uninit(struct fake *fake)
{
    api_destroy(fake->api);
    block_changes_uninit(&fake->todo);
    plan_destroy(fake->plan);
    source_close(fake->source);
    host_facts_uninit(&fake->facts);
    view_uninit(&fake->view);
    problems_uninit(&fake->problems);
}

#endif
