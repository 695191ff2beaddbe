/* SPDX-License-Identifier: Apache-2.0
 *
 * methods.c: see methods.h. */
#include <config.h>
#include <jansson.h>
#include "api/methods.h"
#include <string.h>
#include "core/suggest.h"
#include "util.h"

#define EDIT_PARAMS                                                           \
    { "dry-run", PARAM_FLAG, false }, { "no-wait", PARAM_FLAG, false },       \
    {                                                                         \
        "timeout", PARAM_NUMBER, false                                        \
    }
#define NIC_PARAMS                                                            \
    { "network", PARAM_STRING, false }, { "ip", PARAM_STRING, false },        \
        { "ip6", PARAM_STRING, false },                                       \
    {                                                                         \
        "mac", PARAM_STRING, false                                            \
    }
#define NAME                                                                  \
    {                                                                         \
        "name", PARAM_STRING, true                                            \
    }
#define END                                                                   \
    {                                                                         \
        NULL, PARAM_STRING, false                                             \
    }

static const struct param add_vm_params[] = {
    NAME,
    { "hypervisor", PARAM_STRING, false },
    { "hypervisor-name", PARAM_STRING, false },
    NIC_PARAMS,
    { "owner", PARAM_STRING, false },
    { "groups", PARAM_STRINGS, false },
    { "may-exist", PARAM_FLAG, false },
    EDIT_PARAMS,
    END,
};
static const struct param del_params[] = {
    NAME,
    { "if-exists", PARAM_FLAG, false },
    EDIT_PARAMS,
    END,
};
static const struct param set_params[] = {
    NAME,
    { "set", PARAM_SETTINGS, true },
    EDIT_PARAMS,
    END,
};
static const struct param add_nic_params[] = {
    NAME,        { "nic", PARAM_STRING, false },
    NIC_PARAMS,  { "may-exist", PARAM_FLAG, false },
    EDIT_PARAMS, END,
};
static const struct param del_nic_params[] = {
    NAME,
    { "nic", PARAM_STRING, true },
    { "if-exists", PARAM_FLAG, false },
    EDIT_PARAMS,
    END,
};
static const struct param add_net_params[] = {
    NAME,
    { "subnet", PARAM_STRING, false },
    { "subnet6", PARAM_STRING, false },
    { "mode", PARAM_STRING, false },
    { "isolate", PARAM_FLAG, false },
    { "domain", PARAM_STRING, false },
    { "mtu", PARAM_NUMBER, false },
    { "may-exist", PARAM_FLAG, false },
    EDIT_PARAMS,
    END,
};
static const struct param list_params[] = {
    { "what", PARAM_STRING, false },
    END,
};
static const struct param show_params[] = { NAME, END };
static const struct param status_params[] = { END };
static const struct param sync_params[] = {
    { "timeout", PARAM_NUMBER, false },
    END,
};
static const struct param host_params[] = {
    { "no-wait", PARAM_FLAG, false },
    { "timeout", PARAM_NUMBER, false },
    END,
};
static const struct param attach_params[] = { NAME, END };

const struct method methods[] = {
    { "add-vm", WHO_MEMBER, add_vm, false, add_vm_params },
    { "del-vm", WHO_OWNER, del_vm, false, del_params },
    { "set-vm", WHO_OWNER, set_vm, false, set_params },
    { "add-nic", WHO_OWNER, add_nic, false, add_nic_params },
    { "del-nic", WHO_OWNER, del_nic, false, del_nic_params },
    { "add-net", WHO_ADMIN, add_net, false, add_net_params },
    { "del-net", WHO_ADMIN, del_net, false, del_params },
    { "set-net", WHO_ADMIN, set_net, false, set_params },
    { "list", WHO_MEMBER, list_objects, false, list_params },
    { "show", WHO_MEMBER, show_object, false, show_params },
    { "attach", WHO_OWNER, attach_vm, false, attach_params },
    { "detach", WHO_OWNER, detach_vm, false, attach_params },
    { "status", WHO_MEMBER, show_status, true, status_params },
    { "sync", WHO_MEMBER, sync_applied, false, sync_params },
    { "start", WHO_ADMIN, start_network, true, host_params },
    { "stop", WHO_ADMIN, stop_network, true, host_params },
    { "reload", WHO_ADMIN, reload_config, true, host_params },
    { NULL, WHO_ADMIN, NULL, false, NULL },
};

const char *
who_name(enum who who)
{
    switch (who) {
    case WHO_MEMBER:
        return "member";
    case WHO_OWNER:
        return "owner";
    case WHO_ADMIN:
        return "administrator";
    }
    OVS_NOT_REACHED();
}

const char *
param_type_name(enum param_type type)
{
    switch (type) {
    case PARAM_STRING:
        return "string";
    case PARAM_FLAG:
        return "true or false";
    case PARAM_NUMBER:
        return "number";
    case PARAM_STRINGS:
        return "array of strings";
    case PARAM_SETTINGS:
        return "object of strings";
    }
    OVS_NOT_REACHED();
}

const struct method *
method_find(const char *name)
{
    for (const struct method *m = methods; m->name; m++) {
        if (!strcmp(m->name, name)) {
            return m;
        }
    }
    return NULL;
}

static void
fail_unknown_method(struct request *r)
{
    const char *names[ARRAY_SIZE(methods)];
    size_t n = 0;
    for (const struct method *m = methods; m->name; m++) {
        names[n++] = m->name;
    }

    const char *method =
        json_string_value(json_object_get(r->message, "method"));
    const char *near = suggest(method, names, n);
    request_fail(r, ERR_USAGE, xstrdup("there is no such method"),
                 near ? xasprintf("did you mean %s?", near)
                      : xstrdup("see API.md"));
}

static bool
all_strings(const json_t *array)
{
    size_t i;
    json_t *value;
    json_array_foreach (array, i, value) {
        if (!json_is_string(value)) {
            return false;
        }
    }
    return true;
}

static bool
all_settings(json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach (object, key, value) {
        if (!json_is_string(value)) {
            return false;
        }
    }
    return json_object_size(object) > 0;
}

static bool
has_type(json_t *value, enum param_type type)
{
    switch (type) {
    case PARAM_STRING:
        return json_is_string(value) && json_string_length(value);
    case PARAM_FLAG:
        return json_is_boolean(value);
    case PARAM_NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case PARAM_STRINGS:
        return json_is_array(value) && all_strings(value);
    case PARAM_SETTINGS:
        return json_is_object(value) && all_settings(value);
    }
    OVS_NOT_REACHED();
}

static const struct param *
find_param(const struct param *params, const char *name)
{
    for (const struct param *p = params; p->name; p++) {
        if (!strcmp(p->name, name)) {
            return p;
        }
    }
    return NULL;
}

static void
fail_unknown_param(struct request *r, const char *param)
{
    const char *names[32];
    size_t n = 0;
    for (const struct param *p = r->method->params; p->name; p++) {
        ovs_assert(n < ARRAY_SIZE(names));
        names[n++] = p->name;
    }
    const char *near = suggest(param, names, n);
    request_fail(r, ERR_USAGE, xasprintf("unknown parameter \"%s\"", param),
                 near ? xasprintf("did you mean \"%s\"?", near) : NULL);
}

static void
fail_type(struct request *r, const struct param *p, const json_t *value)
{
    bool empty = p->type == PARAM_STRING && json_is_string(value);
    const char *remedy = empty && !p->required ? "leave it out" : NULL;
    request_fail(r, ERR_USAGE,
                 empty ? xasprintf("parameter \"%s\" is empty", p->name)
                       : xasprintf("parameter \"%s\" is not a proper %s",
                                   p->name, param_type_name(p->type)),
                 nullable_xstrdup(remedy));
}

static bool
check_params(struct request *r)
{
    const char *key;
    json_t *value;
    json_object_foreach (r->params, key, value) {
        const struct param *p = find_param(r->method->params, key);
        if (!p) {
            fail_unknown_param(r, key);
            return false;
        } else if (!has_type(value, p->type)) {
            fail_type(r, p, value);
            return false;
        }
    }
    for (const struct param *p = r->method->params; p->name; p++) {
        if (p->required && !request_param(r, p->name)) {
            request_fail(r, ERR_USAGE,
                         xasprintf("parameter \"%s\" is missing", p->name),
                         NULL);
            return false;
        }
    }
    return true;
}

/* Fails 'r': there is no VM 'name'. */
static void
fail_no_vm(struct request *r, const struct model *model, const char *name)
{
    const char **names = xcalloc(model->n_vms + 1, sizeof *names);
    for (size_t i = 0; i < model->n_vms; i++) {
        names[i] = model->vms[i].name;
    }
    const char *near = suggest(name, names, model->n_vms);
    request_fail(r, ERR_NOT_FOUND, xstrdup("there is no VM of that name"),
                 near ? xasprintf("did you mean %s?", near)
                      : xstrdup("see them with: vmovs list"));
    free(names);
}

bool
check_vm_rights(struct request *r, const struct vm *vm)
{
    if (r->caller->admin
        || (vm->owner && r->caller->user
            && !strcmp(vm->owner, r->caller->user))) {
        return true;
    }
    request_fail(r, ERR_DENIED,
                 xasprintf("%s belongs to %s", vm->name,
                           vm->owner ? vm->owner : "root"),
                 xstrdup("ask the owner, or use sudo"));
    return false;
}

static bool
check_rights(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    const struct vm *vm;

    switch (r->method->who) {
    case WHO_MEMBER:
        return true;

    case WHO_OWNER:
        vm = model_find_vm(d->model, name);
        if (!vm && request_flag(r, "if-exists")) {
            request_done(r, json_pack("{s:b}", "deleted", 0));
            return false;
        } else if (!vm) {
            fail_no_vm(r, d->model, name);
            return false;
        }
        return check_vm_rights(r, vm);

    case WHO_ADMIN:
        if (!r->caller->admin) {
            request_fail(r, ERR_DENIED,
                         xstrdup("only an administrator may do that"),
                         xstrdup("use sudo"));
        }
        return r->caller->admin;
    }
    OVS_NOT_REACHED();
}

void
method_start(struct request *r, const struct api_daemon *d)
{
    if (!r->method) {
        fail_unknown_method(r);
    } else if (check_params(r)) {
        if (!d->model && !r->method->without_model) {
            request_fail(
                r, ERR_UNAVAILABLE,
                xasprintf("there is no valid %s yet", source_name(d->source)),
                xstrdup("see what is wrong: vmovs status"));
        } else if (check_rights(r, d)) {
            r->method->start(r, d);
        }
    }
}
