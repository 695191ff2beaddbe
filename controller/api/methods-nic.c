/* SPDX-License-Identifier: Apache-2.0
 *
 * methods-nic.c: add-nic and del-nic.
 *
 * A NIC without a name in the config is called by its position.  Its device
 * and its id follow from that name, so deleting one writes down the names of
 * those behind it: they keep device, id and address. */
#include <config.h>
#include <jansson.h>
#include "api/methods.h"
#include <stdio.h>
#include <string.h>
#include "api/edits.h"
#include "api/to-json.h"
#include "util.h"

/* Names the new 'nic' of 'vm' where another has its position for a name, as
 * after del_nic(): with the next number that is free. */
static void
name_nic(const struct vm *vm, json_t *nic)
{
    char name[24];
    size_t i = vm->n_nics;

    do {
        snprintf(name, sizeof name, "%" PRIuSIZE, i);
    } while (vm_find_nic(vm, name) && ++i);
    if (i != vm->n_nics) {
        json_object_set_new(nic, "name", json_string(name));
    }
}

void
add_nic(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    const char *nic_name = request_string(r, "nic");
    const struct vm *vm = model_find_vm(d->model, name);

    if (nic_name && vm_find_nic(vm, nic_name)) {
        if (request_flag(r, "may-exist")) {
            wait_for_vm(r, d, name);
        } else {
            request_fail(r, ERR_EXISTS,
                         xasprintf("NIC %s exists already", nic_name),
                         xasprintf("see it with: vmovs show %s", name));
        }
        return;
    }

    const char *network = choose_network(r, d);
    if (!network || (nic_name && !check_name(r, nic_name))) {
        return;
    }
    json_t *nic = make_nic(r, network);
    if (nic_name) {
        json_object_set_new(nic, "name", json_string(nic_name));
    } else {
        name_nic(vm, nic);
    }

    struct edits edits = EDITS_INITIALIZER;
    if (vm->n_nics) {
        edits_add(&edits, nic,
                  (const char *[]){ "vms", name, "nics", "-", NULL });
    } else {
        edits_add(&edits, json_pack("[o]", nic),
                  (const char *[]){ "vms", name, "nics", NULL });
    }
    if (request_edit(r, d, &edits, preview_vm)) {
        wait_for_vm(r, d, name);
    }
    edits_uninit(&edits);
}

void
del_nic(struct request *r, const struct api_daemon *d)
{
    const char *name = request_string(r, "name");
    const char *nic_name = request_string(r, "nic");
    const struct vm *vm = model_find_vm(d->model, name);
    const struct nic *nic = vm_find_nic(vm, nic_name);
    if (!nic && request_flag(r, "if-exists")) {
        request_done(r, json_pack("{s:b}", "deleted", 0));
        return;
    } else if (!nic) {
        request_fail(r, ERR_NOT_FOUND,
                     xasprintf("it has no NIC \"%s\"", nic_name),
                     xasprintf("see them with: vmovs show %s", name));
        return;
    }

    struct edits edits = EDITS_INITIALIZER;
    char position[24];
    for (size_t i = nic - vm->nics + 1; i < vm->n_nics; i++) {
        if (!vm->nics[i].name_given) {
            snprintf(position, sizeof position, "%" PRIuSIZE, i);
            edits_add(&edits, json_string(vm->nics[i].name),
                      (const char *[]){ "vms", name, "nics", position, "name",
                                        NULL });
        }
    }
    snprintf(position, sizeof position, "%d", (int) (nic - vm->nics));
    edits_add(&edits, NULL,
              (const char *[]){ "vms", name, "nics", position, NULL });
    if (nic->device[0] && vm_is_here(d, vm)) {
        request_add_gone(r, nic->device);
    }
    if (request_edit(r, d, &edits, preview_deleted)) {
        wait_for_gone(r);
    }
    edits_uninit(&edits);
}
