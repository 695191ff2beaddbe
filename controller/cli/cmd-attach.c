/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd-attach.c: attach and detach: vmovsd's part, then the hypervisor's. */
#include <config.h>
#include <jansson.h>
#include "cli/attach.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int
call_attach(struct call *call, int fd, json_t **vm)
{
    return rpc_call(call, call->command->name,
                    json_pack("{s:s}", "name", call->args[0]), fd, vm);
}

/* Prints for programs the VM, with the lines for people under "print". */
static void
print_text(const struct call *call, json_t *vm, char *text)
{
    if (call->json) {
        json_object_set_new(vm, "print", json_string(text));
        print_json(vm);
    } else {
        fputs(text, stdout);
    }
    free(text);
}

static int
attach_netns(struct call *call, const char *netns)
{
    int fd = open_netns("attach", netns);
    if (fd < 0) {
        return EXIT_FAILED;
    }

    json_t *vm;
    int status = call_attach(call, fd, &vm);
    if (status == EXIT_DONE) {
        json_t *nics = json_object_get(vm, "nics");
        if (call->json) {
            print_json(vm);
        }
        for (size_t i = 0; !call->json && i < json_array_size(nics); i++) {
            json_t *nic = json_array_get(nics, i);
            printf("eth%zu  %s  %s  (DHCP gives the address)\n", i,
                   field(nic, "mac"), field(nic, "ip"));
        }
        bring_up(netns, fd, json_array_size(nics));
    }
    json_decref(vm);
    close(fd);
    return status;
}

int
cmd_attach(struct call *call)
{
    const char *netns = call_local(call, "netns");
    if (netns) {
        return attach_netns(call, netns);
    }

    json_t *vm;
    int status = call_attach(call, -1, &vm);
    if (status != EXIT_DONE) {
        return status;
    }
    json_t *nic = json_array_get(json_object_get(vm, "nics"), 0);
    if (call_has(call, "print")) {
        print_text(call, vm, attach_text(vm));
    } else if (is_kind(vm, "virtualbox")) {
        status = attach_virtualbox(vm, true);
    } else if (json_is_true(json_object_get(nic, "netns"))) {
        complain("attach", "it goes into a network namespace",
                 "say which, with --netns=PID or --netns=PATH");
        status = EXIT_USAGE;
    } else {
        print_text(call, vm, attach_text(vm));
    }
    json_decref(vm);
    return status;
}

int
cmd_detach(struct call *call)
{
    json_t *vm;
    bool print = call_has(call, "print");
    int status = rpc_call(call, print ? "attach" : "detach",
                          json_pack("{s:s}", "name", call->args[0]), -1, &vm);
    if (status == EXIT_DONE) {
        if (!print && is_kind(vm, "virtualbox")) {
            status = attach_virtualbox(vm, false);
        } else {
            print_text(call, vm, detach_text(vm));
        }
    }
    json_decref(vm);
    return status;
}
