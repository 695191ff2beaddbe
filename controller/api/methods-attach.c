/* SPDX-License-Identifier: Apache-2.0
 *
 * methods-attach.c: attach and detach.
 *
 * What the hypervisor has to be told, the CLI tells it as the calling user;
 * the daemon's part is to say what there is to attach to, and to move a
 * device into a namespace that the caller has opened. */
#include <config.h>
#include <jansson.h>
#include "api/methods.h"
#include <stdlib.h>
#include "api/netns.h"
#include "api/to-json.h"
#include "util.h"

/* The block of a NIC, or NULL. */
static const struct block *
find_block(const struct api_daemon *d, const struct vm *vm,
           const struct nic *nic)
{
    char *full = nic_full_name(vm, nic);
    char *name = xasprintf("nic %s", full);
    const struct block *block = plan_find(d->plan, name);
    free(name);
    free(full);
    return block;
}

/* Is the far end of this NIC's veth for a namespace? */
static bool
goes_to_netns(const struct vm *vm, const struct block *block)
{
    return block && block->device && block->device->kind == DEV_VETH
           && vm->hypervisor != HV_VIRTUALBOX && vm->hypervisor != HV_VMWARE;
}

/* The result of both: the VM, and what a hypervisor on this host needs to
 * know besides.  "peer" is the device to give to the hypervisor where that is
 * not the port's own. */
static json_t *
attachment_to_json(const struct api_daemon *d, const struct vm *vm)
{
    json_t *json = vm_to_json(d, d->model, vm);
    json_object_set_new(json, "bridge", text_to_json(d->model->bridge));
    json_object_set_new(
        json, "datapath",
        json_string(d->view->userspace ? "userspace" : "kernel"));
    for (size_t i = 0; i < vm->n_nics; i++) {
        json_t *nic = json_array_get(json_object_get(json, "nics"), i);
        const struct block *block = find_block(d, vm, &vm->nics[i]);
        const struct view_device *dev =
            block && block->device
                ? view_find_device(d->view, block->device->name)
                : NULL;
        json_object_set_new(
            nic, "peer", text_to_json(dev && dev->peer[0] ? dev->peer : NULL));
        json_object_set_new(nic, "netns",
                            json_boolean(goes_to_netns(vm, block)));
    }
    return json;
}

static bool
check_here(struct request *r, const struct api_daemon *d, const struct vm *vm)
{
    if (!vm_is_here(d, vm)) {
        request_fail(r, ERR_REFUSED, xasprintf("it is on host %s", vm->host),
                     xstrdup("do this there"));
        return false;
    }
    return true;
}

/* Moves the far ends of all NICs into the caller's namespace. */
static bool
move_into_netns(struct request *r, const struct api_daemon *d,
                const struct vm *vm)
{
    char *error = netns_check(r->descriptor, r->caller->uid, r->caller->admin);
    if (error) {
        request_fail(r, ERR_DENIED, error,
                     xstrdup("give one that you have made, or use sudo"));
        return false;
    }
    for (size_t i = 0; i < vm->n_nics; i++) {
        const struct block *block = find_block(d, vm, &vm->nics[i]);
        if (!goes_to_netns(vm, block)) {
            request_fail(
                r, ERR_REFUSED,
                xasprintf("a NIC of kind %s has no end for a namespace",
                          hypervisor_name(vm->hypervisor)),
                xasprintf("set the kind: vmovs set-vm %s hypervisor=netns",
                          vm->name));
            return false;
        }
        char ifname[IFNAMSIZ];
        snprintf(ifname, sizeof ifname, "eth%d", (int) i);
        error = d->attach(d, block->device->name, r->descriptor, ifname);
        if (error) {
            request_fail(
                r, ERR_FAILED, error,
                xasprintf("take it back with: vmovs detach %s", vm->name));
            return false;
        }
    }
    return true;
}

void
attach_vm(struct request *r, const struct api_daemon *d)
{
    const struct vm *vm = model_find_vm(d->model, request_string(r, "name"));
    if (check_here(r, d, vm)
        && (r->descriptor < 0 || move_into_netns(r, d, vm))) {
        request_done(r, attachment_to_json(d, vm));
    }
}

void
detach_vm(struct request *r, const struct api_daemon *d)
{
    const struct vm *vm = model_find_vm(d->model, request_string(r, "name"));
    if (!check_here(r, d, vm)) {
        return;
    }
    for (size_t i = 0; i < vm->n_nics; i++) {
        const struct block *block = find_block(d, vm, &vm->nics[i]);
        if (goes_to_netns(vm, block)) {
            char *error = d->detach(d, block->device->name);
            if (error) {
                request_fail(r, ERR_FAILED, error,
                             xstrdup("see vmovs status"));
                return;
            }
        }
    }
    request_done(r, attachment_to_json(d, vm));
}
