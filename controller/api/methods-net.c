/* SPDX-License-Identifier: Apache-2.0
 *
 * methods-net.c: add-net, del-net and set-net. */
#include <config.h>
#include <jansson.h>
#include "api/methods.h"
#include <stdlib.h>
#include <string.h>
#include "api/edits.h"
#include "api/to-json.h"
#include "core/suggest.h"
#include "util.h"

static const char *const net_keys[] = { "subnet",  "subnet6", "mode",
                                        "isolate", "domain",  "mtu" };

static void
fail_no_network(struct request *r, const struct model *model, const char *name)
{
    const char **names = xcalloc(model->n_networks + 1, sizeof *names);
    for (size_t i = 0; i < model->n_networks; i++) {
        names[i] = model->networks[i].name;
    }
    const char *near = suggest(name, names, model->n_networks);
    request_fail(r, ERR_NOT_FOUND, xstrdup("there is no network of that name"),
                 near ? xasprintf("did you mean %s?", near)
                      : xstrdup("see them with: vmovs list nets"));
    free(names);
}

static json_t *
net_to_json(const struct api_daemon *d, const struct model *model,
            const struct network *net)
{
    size_t n = 0;
    for (size_t i = 0; i < model->n_vms; i++) {
        for (size_t j = 0; j < model->vms[i].n_nics; j++) {
            n += !strcmp(model->vms[i].nics[j].network, net->name);
        }
    }
    return network_to_json(d, model, net, n);
}

static json_t *
preview_net(const struct request *r, const struct api_daemon *d OVS_UNUSED,
            const struct model *model)
{
    const struct network *net =
        model_find_network(model, request_string(r, "name"));
    return net ? net_to_json(NULL, model, net) : json_null();
}

/* Finishes 'r' if its network is in place.  One without members on this host
 * has nothing to put there. */
static void
step_net(struct request *r, const struct api_daemon *d)
{
    if (d->status->generation < r->generation) {
        return;
    }
    const struct network *net = model_find_network(d->model, r->name);
    if (!net) {
        request_fail(r, ERR_NOT_FOUND,
                     xstrdup("it was deleted in the meantime"), NULL);
        return;
    }

    char *block = xasprintf("network %s", r->name);
    if (!plan_find(d->plan, block) || d->block_is_applied(d, block)) {
        request_done(r, net_to_json(d, d->model, net));
    } else if (request_is_late(r)) {
        request_fail(r, ERR_TIMEOUT,
                     xstrdup("its gateway or flows are not in place"),
                     xasprintf("%s stays declared; see why with: vmovs status",
                               r->name));
    }
    free(block);
}

static void
wait_for_net(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    if (request_flag(r, "no-wait")) {
        /* 'd->model' is gone if there was an edit; the source's is not. */
        const struct model *model = source_model(d->source);
        const struct network *net = model_find_network(model, name);
        request_done(r, net ? net_to_json(d, model, net) : json_null());
        return;
    }
    r->name = xstrdup(name);
    request_set_deadline(r, WAIT_DEFAULT_S);
    r->step = step_net;
}

void
add_net(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    if (model_find_network(d->model, name)) {
        if (request_flag(r, "may-exist")) {
            wait_for_net(r, d);
        } else {
            request_fail(r, ERR_EXISTS, xstrdup("it exists already"),
                         xasprintf("see it with: vmovs show %s", name));
        }
        return;
    } else if (!check_name(r, name)) {
        return;
    }

    json_t *net = json_object();
    for (size_t i = 0; i < ARRAY_SIZE(net_keys); i++) {
        json_t *value = request_param(r, net_keys[i]);
        if (value) {
            json_object_set(net, net_keys[i], value);
        }
    }
    struct edits edits = EDITS_INITIALIZER;
    edits_add(&edits, net, (const char *[]){ "networks", name, NULL });
    if (request_edit(r, d, &edits, preview_net)) {
        wait_for_net(r, d);
    }
    edits_uninit(&edits);
}

/* Is no VM on network 'name'?  If there is, 'r' has failed. */
static bool
check_no_members(struct request *r, const struct model *model,
                 const char *name)
{
    const struct vm *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < model->n_vms; i++) {
        for (size_t j = 0; j < model->vms[i].n_nics; j++) {
            if (!strcmp(model->vms[i].nics[j].network, name)) {
                first = first ? first : &model->vms[i];
                n++;
            }
        }
    }
    if (first) {
        char *more = n > 1 ? xasprintf(" and %" PRIuSIZE " more NICs", n - 1)
                           : xstrdup("");
        request_fail(r, ERR_REFUSED,
                     xasprintf("%s is on it%s", first->name, more),
                     xasprintf("move or delete them first; see them with: "
                               "vmovs show %s",
                               name));
        free(more);
    }
    return !first;
}

void
del_net(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    const struct network *net = model_find_network(d->model, name);
    if (!net && request_flag(r, "if-exists")) {
        request_done(r, json_pack("{s:b}", "deleted", 0));
        return;
    } else if (!net) {
        fail_no_network(r, d->model, name);
        return;
    }

    if (!check_no_members(r, d->model, name)) {
        return;
    }
    char device[IFNAMSIZ];
    network_device_name(name, device);
    request_add_gone(r, device);
    struct edits edits = EDITS_INITIALIZER;
    edits_add(&edits, NULL, (const char *[]){ "networks", name, NULL });
    if (request_edit(r, d, &edits, preview_deleted)) {
        wait_for_gone(r);
    }
    edits_uninit(&edits);
}

static bool
is_mtu(const char *s)
{
    return strlen(s) <= 5 && strspn(s, "0123456789") == strlen(s);
}

/* Refuses what cannot be written as the config wants it, in the words of who
 * typed it. */
static bool
check_setting(struct request *r, const char *key, const char *value)
{
    const char *remedy = NULL;
    if (!strcmp(key, "isolate") && value[0] && strcmp(value, "true") != 0
        && strcmp(value, "false") != 0) {
        remedy = "write isolate=true or isolate=false";
    } else if (!strcmp(key, "mtu") && !is_mtu(value)) {
        remedy = "write bytes, such as mtu=1442";
    }
    if (remedy) {
        request_fail(r, ERR_USAGE,
                     xasprintf("%s cannot be \"%s\"", key, value),
                     xstrdup(remedy));
    }
    return !remedy;
}

/* The value of a setting that check_setting() allows, as the config writes
 * it. */
static json_t *
setting_to_json(const char *key, const char *value)
{
    if (!value[0]) {
        return NULL;
    } else if (!strcmp(key, "isolate") && !strcmp(value, "true")) {
        return json_true();
    } else if (!strcmp(key, "isolate") && !strcmp(value, "false")) {
        return json_false();
    } else if (!strcmp(key, "mtu")) {
        return json_integer(atoi(value));
    }
    return json_string(value);
}

void
set_net(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    if (!model_find_network(d->model, name)) {
        fail_no_network(r, d->model, name);
        return;
    }

    struct edits edits = EDITS_INITIALIZER;
    const char *key;
    json_t *value;
    json_object_foreach (request_param(r, "set"), key, value) {
        const char *near = suggest(key, net_keys, ARRAY_SIZE(net_keys));
        if (!near || strcmp(near, key) != 0) {
            request_fail(r, ERR_USAGE,
                         xasprintf("a network has no \"%s\"", key),
                         near ? xasprintf("did you mean %s?", near)
                              : xstrdup("keys are subnet, subnet6, mode, "
                                        "isolate, domain, mtu"));
            edits_uninit(&edits);
            return;
        }
        if (!check_setting(r, key, json_string_value(value))) {
            edits_uninit(&edits);
            return;
        }
        edits_add(&edits, setting_to_json(key, json_string_value(value)),
                  (const char *[]){ "networks", name, key, NULL });
    }
    if (request_edit(r, d, &edits, preview_net)) {
        wait_for_net(r, d);
    }
    edits_uninit(&edits);
}
