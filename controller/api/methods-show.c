/* SPDX-License-Identifier: Apache-2.0
 *
 * methods-show.c: list, show, status and sync: everything that only reads.
 *
 * Packets dropped are counted by the switch under our cookies, by reason; the
 * answer is some turns away, so show and status wait for it. */
#include <config.h>
#include <jansson.h>
#include "api/methods.h"
#include <stdlib.h>
#include <string.h>
#include "api/to-json.h"
#include "core/suggest.h"
#include "util.h"

enum {
    SHOW_MAX_NICS = 8, /* Whose drops one 'show' has counted. */
    SYNC_DEFAULT_S = 60
};

/* The part of a cookie that carries the reason, whatever its kind and key. */
static uint64_t
reason_mask(void)
{
    return COOKIE_MASK | (cookie_make(0, 0xff, 0) ^ cookie_make(0, 0, 0));
}

void
list_objects(struct request *r, const struct api_daemon *d)
{
    static const struct {
        const char *what;
        json_t *(*to_json)(const struct api_daemon *);
    } lists[] = {
        { "vms", vms_to_json },
        { "nets", networks_to_json },
        { "hosts", hosts_to_json },
        { "ports", ports_to_json },
    };
    const char *names[ARRAY_SIZE(lists)];
    const char *what = request_string(r, "what");
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        if (!strcmp(what ? what : "vms", lists[i].what)) {
            request_done(r, lists[i].to_json(d));
            return;
        }
        names[i] = lists[i].what;
    }

    const char *near = suggest(what, names, ARRAY_SIZE(names));
    request_fail(r, ERR_USAGE, xasprintf("cannot list \"%s\"", what),
                 near ? xasprintf("did you mean %s?", near)
                      : xstrdup("list vms, nets, hosts or ports"));
}

/* Asks for the drops of one object, reason by reason, from 'first' on. */
static void
ask_object(struct request *r, const struct api_daemon *d, size_t first,
           enum cookie_kind kind, const char *block_name)
{
    const struct block *block = plan_find(d->plan, block_name);
    for (int i = DROP_NONE + 1; block && i < N_DROP_REASONS; i++) {
        counting_ask(&r->counting, d, first + i,
                     cookie_make(kind, i, block->key), UINT64_MAX);
    }
}

/* Adds "drops" to each NIC, where they were counted. */
static json_t *
vm_with_drops(const struct request *r, const struct api_daemon *d,
              const struct vm *vm)
{
    json_t *json = vm_to_json(d, d->model, vm);
    size_t i;
    json_t *nic;
    json_array_foreach (json_object_get(json, "nics"), i, nic) {
        json_object_set_new(
            nic, "drops",
            (i + 1) * N_DROP_REASONS <= r->counting.n
                ? drops_to_json(&r->counting.packets[i * N_DROP_REASONS])
                : json_null());
    }
    return json;
}

/* The network with its drops and the names of its members. */
static json_t *
network_with_drops(const struct request *r, const struct api_daemon *d,
                   const struct network *net)
{
    json_t *vms = json_array();
    size_t members = 0;
    for (size_t i = 0; i < d->model->n_vms; i++) {
        const struct vm *vm = &d->model->vms[i];
        size_t n = 0;
        for (size_t j = 0; j < vm->n_nics; j++) {
            n += !strcmp(vm->nics[j].network, net->name);
        }
        if (n) {
            json_array_append_new(vms, text_to_json(vm->name));
        }
        members += n;
    }

    json_t *json = network_to_json(d, d->model, net, members);
    json_object_set_new(json, "vms", vms);
    json_object_set_new(json, "drops",
                        r->counting.n ? drops_to_json(r->counting.packets)
                                      : json_null());
    return json;
}

static void
step_show(struct request *r, const struct api_daemon *d)
{
    if (!counting_run(&r->counting, d)) {
        return;
    }

    const char *name = request_string(r, "name");
    const struct vm *vm = model_find_vm(d->model, name);
    const struct network *net = model_find_network(d->model, name);
    if (vm) {
        request_done(r, vm_with_drops(r, d, vm));
    } else if (net) {
        request_done(r, network_with_drops(r, d, net));
    } else {
        request_fail(r, ERR_NOT_FOUND,
                     xstrdup("there is no VM or network of that name"),
                     xstrdup("see them with: vmovs list; vmovs list nets"));
    }
}

void
show_object(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    const struct vm *vm = model_find_vm(d->model, name);

    if (!d->status->openflow_connected) {
        /* Nobody to ask. */
    } else if (vm) {
        size_t n = MIN(vm->n_nics, SHOW_MAX_NICS);
        counting_start(&r->counting, n * N_DROP_REASONS);
        for (size_t i = 0; i < n; i++) {
            char *full = nic_full_name(vm, &vm->nics[i]);
            char *block = xasprintf("nic %s", full);
            ask_object(r, d, i * N_DROP_REASONS, COOKIE_NIC, block);
            free(block);
            free(full);
        }
    } else if (model_find_network(d->model, name)) {
        char *block = xasprintf("network %s", name);
        counting_start(&r->counting, N_DROP_REASONS);
        ask_object(r, d, 0, COOKIE_NETWORK, block);
        free(block);
    }
    r->step = step_show;
    step_show(r, d);
}

static void
step_status(struct request *r, const struct api_daemon *d)
{
    if (counting_run(&r->counting, d)) {
        json_t *json = status_to_json(d);
        json_object_set_new(json, "drops",
                            r->counting.n ? drops_to_json(r->counting.packets)
                                          : json_null());
        request_done(r, json);
    }
}

void
show_status(struct request *r, const struct api_daemon *d)
{
    if (d->status->openflow_connected) {
        counting_start(&r->counting, N_DROP_REASONS);
        for (int i = DROP_NONE + 1; i < N_DROP_REASONS; i++) {
            counting_ask(&r->counting, d, i, cookie_make(0, i, 0),
                         reason_mask());
        }
    }
    r->step = step_status;
    step_status(r, d);
}

static void
step_sync(struct request *r, const struct api_daemon *d)
{
    if (d->status->applied >= r->generation) {
        request_done(
            r, json_pack("{s:I}", "applied", (json_int_t) d->status->applied));
    } else if (request_is_late(r)) {
        request_fail(r, ERR_TIMEOUT,
                     xasprintf("generation %" PRIu64 " is wanted, %" PRIu64
                               " is in place",
                               r->generation, d->status->applied),
                     xstrdup("see why with: vmovs status"));
    }
}

void
sync_applied(struct request *r, const struct api_daemon *d)
{
    r->generation = source_generation(d->source);
    request_set_deadline(r, SYNC_DEFAULT_S);
    r->step = step_sync;
    step_sync(r, d);
}
