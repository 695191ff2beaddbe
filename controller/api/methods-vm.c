/* SPDX-License-Identifier: Apache-2.0
 *
 * methods-vm.c: add-vm, del-vm and set-vm, and what they share with
 * methods-nic.c: edit the config, then wait for the switch to follow. */
#include <config.h>
#include <jansson.h>
#include "api/methods.h"
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include "api/edits.h"
#include "api/to-json.h"
#include "core/suggest.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

bool
check_name(struct request *r, const char *name)
{
    if (name_is_valid(name)) {
        return true;
    }
    bool vm = r->method && !strcmp(r->method->name, "add-vm");
    request_fail(r, ERR_USAGE, xasprintf("\"%s\" cannot be a name", name),
                 xasprintf("use a-z, 0-9 and '-' within, at most 63 of them%s",
                           vm ? " (what else its hypervisor calls it is its "
                                "hypervisor-name)"
                              : ""));
    return false;
}

const char *
choose_network(struct request *r, const struct api_daemon *d)
{
    const char *network = request_string(r, "network");
    if (network) {
        return network;
    } else if (model_find_network(d->model, "default")) {
        return "default";
    } else if (d->model->n_networks == 1) {
        return d->model->networks[0].name;
    }
    request_fail(r, ERR_REFUSED, xstrdup("there is no default network"),
                 xstrdup(d->model->n_networks
                             ? "choose one with --network"
                             : "add one first: vmovs add-net default"));
    return NULL;
}

json_t *
make_nic(const struct request *r, const char *network)
{
    static const char *const keys[] = { "mac", "ip", "ip6" };
    json_t *nic = json_pack("{s:s}", "network", network);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        json_t *value = request_param(r, keys[i]);
        if (value) {
            json_object_set(nic, keys[i], value);
        }
    }
    return nic;
}

json_t *
split_list(const char *s)
{
    json_t *list = json_array();
    char *copy = xstrdup(s);
    char *save = NULL;
    for (char *item = strtok_r(copy, ",", &save); item;
         item = strtok_r(NULL, ",", &save)) {
        json_array_append_new(list, json_string(item));
    }
    free(copy);
    return list;
}

json_t *
preview_vm(const struct request *r, const struct api_daemon *d OVS_UNUSED,
           const struct model *model)
{
    const struct vm *vm = model_find_vm(model, request_string(r, "name"));
    return vm ? vm_to_json(NULL, model, vm) : json_null();
}

json_t *
preview_deleted(const struct request *r OVS_UNUSED,
                const struct api_daemon *d OVS_UNUSED,
                const struct model *model OVS_UNUSED)
{
    return json_pack("{s:b}", "deleted", 1);
}

/* Finishes 'r' if all NICs of its VM are in place, or if it is too late. */
static void
step_vm(struct request *r, const struct api_daemon *d)
{
    if (d->status->generation < r->generation) {
        return;
    }
    const struct vm *vm = model_find_vm(d->model, r->name);
    if (!vm) {
        request_fail(r, ERR_NOT_FOUND,
                     xstrdup("it was deleted in the meantime"), NULL);
        return;
    }

    struct ds missing = DS_EMPTY_INITIALIZER;
    for (size_t i = 0; i < vm->n_nics; i++) {
        struct nic_state state;
        nic_state_init(&state, d, vm, &vm->nics[i]);
        if (state.progress == NIC_WAITING || state.progress == NIC_PROBLEM) {
            char *full = nic_full_name(vm, &vm->nics[i]);
            ds_put_format(&missing, "%sNIC %s is not in place (%s)",
                          missing.length ? ", " : "", full, state.text);
            free(full);
        }
        nic_state_uninit(&state);
    }
    if (!missing.length) {
        request_done(r, vm_to_json(d, d->model, vm));
    } else if (request_is_late(r)) {
        request_fail(r, ERR_TIMEOUT, ds_steal_cstr(&missing),
                     xasprintf("%s stays declared; see why with: vmovs status",
                               vm->name));
    }
    ds_destroy(&missing);
}

void
wait_for_vm(struct request *r, const struct api_daemon *d, const char *name)
{
    if (request_flag(r, "no-wait")) {
        /* 'd->model' is gone if there was an edit; the source's is not. */
        const struct model *model = source_model(d->source);
        const struct vm *vm = model_find_vm(model, name);
        request_done(r, vm ? vm_to_json(d, model, vm) : json_null());
        return;
    }
    r->name = xstrdup(name);
    request_set_deadline(r, WAIT_DEFAULT_S);
    r->step = step_vm;
}

/* The owner of a new VM: the caller, but for root, whose VMs have none.
 * Returns false if the request has failed. */
static bool
choose_owner(struct request *r, const char **owner)
{
    *owner = request_string(r, "owner");
    if (*owner) {
        return true;
    } else if (r->caller->uid && !r->caller->user) {
        request_fail(r, ERR_DENIED,
                     xasprintf("uid %u has no user name on this host",
                               (unsigned int) r->caller->uid),
                     xstrdup("ask an administrator to add the user"));
        return false;
    }
    *owner = r->caller->uid ? r->caller->user : NULL;
    return true;
}

/* May the caller make 'owner' the owner of a VM?  If not, 'r' has failed. */
static bool
check_owner(struct request *r, const char *owner)
{
    if (!r->caller->admin
        && (!r->caller->user || strcmp(owner, r->caller->user) != 0)) {
        request_fail(r, ERR_DENIED,
                     xasprintf("you cannot make %s the owner", owner),
                     xstrdup("leave the owner out, or use sudo"));
        return false;
    } else if (!getpwnam(owner)) {
        request_fail(r, ERR_REFUSED,
                     xasprintf("there is no user \"%s\" on this host", owner),
                     xstrdup("see the users with: getent passwd"));
        return false;
    }
    return true;
}

void
add_vm(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    const struct vm *old = model_find_vm(d->model, name);
    if (old) {
        if (!request_flag(r, "may-exist")) {
            request_fail(r, ERR_EXISTS, xstrdup("it exists already"),
                         xasprintf("see it with: vmovs show %s", name));
        } else if (check_vm_rights(r, old)) {
            wait_for_vm(r, d, name);
        }
        return;
    }

    const char *owner = NULL;
    const char *network;
    if (!check_name(r, name) || !choose_owner(r, &owner)
        || (owner && !check_owner(r, owner))
        || !(network = choose_network(r, d))) {
        return;
    }

    json_t *vm = json_object();
    static const char *const keys[] = { "hypervisor", "hypervisor-name" };
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (request_param(r, keys[i])) {
            json_object_set(vm, keys[i], request_param(r, keys[i]));
        }
    }
    if (owner) {
        json_object_set_new(vm, "owner", json_string(owner));
    }
    if (request_param(r, "groups")) {
        json_object_set(vm, "groups", request_param(r, "groups"));
    }
    json_object_set_new(vm, "nics", json_pack("[o]", make_nic(r, network)));

    struct edits edits = EDITS_INITIALIZER;
    edits_add(&edits, vm, (const char *[]){ "vms", name, NULL });
    if (request_edit(r, d, &edits, preview_vm)) {
        wait_for_vm(r, d, name);
    }
    edits_uninit(&edits);
}

void
request_add_gone(struct request *r, const char *port)
{
    r->gone = xrealloc(r->gone, (r->n_gone + 1) * sizeof *r->gone);
    r->gone[r->n_gone++] = xstrdup(port);
}

/* Finishes 'r' if no port of 'gone' is on the bridge any more, but for those
 * that somebody else put there, and no flow speaks of their numbers: whose
 * port gets one next must not be taken for the former guest. */
static void
step_gone(struct request *r, const struct api_daemon *d)
{
    if (d->status->generation < r->generation) {
        return;
    }
    const struct view_port *left = NULL;
    for (size_t i = 0; i < r->n_gone && !left; i++) {
        left = view_find_port(d->view, r->gone[i]);
        if (left && !left->mark_vm && !left->mark_network) {
            left = NULL;
        }
    }
    if (!left
        && (d->status->flows_applied || !d->status->openflow_connected)) {
        request_done(r, json_pack("{s:b}", "deleted", 1));
    } else if (request_is_late(r)) {
        request_fail(
            r, ERR_TIMEOUT,
            left ? xasprintf("port %s is still on the bridge", left->name)
                 : xstrdup("its flows are still on the switch"),
            xstrdup("it is no longer declared; see why with: "
                    "vmovs status"));
    }
}

void
wait_for_gone(struct request *r)
{
    if (request_flag(r, "no-wait")) {
        request_done(r, json_pack("{s:b}", "deleted", 1));
        return;
    }
    request_set_deadline(r, WAIT_DEFAULT_S);
    r->step = step_gone;
}

void
del_vm(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    const struct vm *vm = model_find_vm(d->model, name);
    for (size_t i = 0; i < vm->n_nics; i++) {
        if (vm->nics[i].device[0] && vm_is_here(d, vm)) {
            request_add_gone(r, vm->nics[i].device);
        }
    }

    struct edits edits = EDITS_INITIALIZER;
    edits_add(&edits, NULL, (const char *[]){ "vms", name, NULL });
    if (request_edit(r, d, &edits, preview_deleted)) {
        wait_for_gone(r);
    }
    edits_uninit(&edits);
}

/* Finds the NIC that the setting 'key' ("ip", "NIC.ip") is of.  Returns its
 * index in the config's array, or -1 with the request failed; '*member' is
 * the part behind the dot. */
static int
find_set_nic(struct request *r, const struct vm *vm, const char *key,
             const char **member)
{
    const char *dot = strchr(key, '.');
    *member = dot ? dot + 1 : key;
    for (size_t i = 0; i < vm->n_nics; i++) {
        const char *nic = vm->nics[i].name;
        if (!dot
            || (strlen(nic) == dot - key && !strncmp(nic, key, dot - key))) {
            return i;
        }
    }
    request_fail(r, ERR_NOT_FOUND,
                 dot ? xasprintf("%s has no NIC \"%.*s\"", vm->name,
                                 (int) (dot - key), key)
                     : xasprintf("%s has no NIC", vm->name),
                 xasprintf("see them with: vmovs show %s", vm->name));
    return -1;
}

static const char *const vm_keys[] = { "hypervisor", "hypervisor-name",
                                       "owner", "groups" };
static const char *const nic_keys[] = { "network", "ip", "ip6", "mac" };

static bool
is_among(const char *s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(s, list[i])) {
            return true;
        }
    }
    return false;
}

static void
fail_unknown_key(struct request *r, const char *key)
{
    const char *keys[ARRAY_SIZE(vm_keys) + ARRAY_SIZE(nic_keys)];
    memcpy(keys, vm_keys, sizeof vm_keys);
    memcpy(keys + ARRAY_SIZE(vm_keys), nic_keys, sizeof nic_keys);
    const char *near = suggest(key, keys, ARRAY_SIZE(keys));
    request_fail(r, ERR_USAGE, xasprintf("a VM has no \"%s\"", key),
                 near ? xasprintf("did you mean %s?", near)
                      : xstrdup("keys are owner, hypervisor, hypervisor-name, "
                                "groups, and of a NIC network, ip, ip6, mac"));
}

/* Adds the edit for one setting.  An empty value removes the key. */
static bool
add_vm_setting(struct request *r, const struct vm *vm, const char *key,
               const char *value, struct edits *edits)
{
    bool empty = !value[0];
    if (is_among(key, vm_keys, ARRAY_SIZE(vm_keys))) {
        bool groups = !strcmp(key, "groups");
        if (!strcmp(key, "owner") && !check_owner(r, empty ? "root" : value)) {
            return false;
        }
        edits_add(edits,
                  empty    ? NULL
                  : groups ? split_list(value)
                           : json_string(value),
                  (const char *[]){ "vms", vm->name, key, NULL });
        return true;
    }

    const char *dot = strchr(key, '.');
    if (!is_among(dot ? dot + 1 : key, nic_keys, ARRAY_SIZE(nic_keys))) {
        fail_unknown_key(r, dot ? dot + 1 : key);
        return false;
    }
    const char *member;
    int index = find_set_nic(r, vm, key, &member);
    if (index < 0) {
        return false;
    }
    char position[16];
    snprintf(position, sizeof position, "%d", index);
    edits_add(
        edits, empty ? NULL : json_string(value),
        (const char *[]){ "vms", vm->name, "nics", position, member, NULL });
    return true;
}

void
set_vm(struct request *r, const struct api_daemon *d)
{
    const struct vm *vm = model_find_vm(d->model, request_string(r, "name"));
    struct edits edits = EDITS_INITIALIZER;
    const char *key;
    json_t *value;
    json_object_foreach (request_param(r, "set"), key, value) {
        if (!add_vm_setting(r, vm, key, json_string_value(value), &edits)) {
            edits_uninit(&edits);
            return;
        }
    }
    if (request_edit(r, d, &edits, preview_vm)) {
        wait_for_vm(r, d, request_string(r, "name"));
    }
    edits_uninit(&edits);
}
