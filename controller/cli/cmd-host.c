/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd-host.c: start, stop, reload: the whole network on this host. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <stdio.h>
#include <string.h>

/* The command's name is the method's. */
int
cmd_host(struct call *call)
{
    const char *name = call->command->name;
    json_t *params = json_deep_copy(call->params);
    if (!json_object_get(params, "timeout")) {
        json_object_set_new(params, "timeout", json_integer(30));
    }

    json_t *result;
    int status = rpc_call(call, name, params, -1, &result);
    bool stopped = json_is_true(json_object_get(result, "stopped"));
    if (status == EXIT_DONE && call->json) {
        print_json(result);
    } else if (status == EXIT_DONE && stopped && strcmp(name, "stop")) {
        puts("The network is stopped; let it pass with: vmovs start");
    } else if (status == EXIT_DONE && stopped) {
        puts("Stopped: guests keep their devices, and nothing passes until "
             "vmovs start or the next boot.");
    }
    json_decref(result);
    return status;
}
