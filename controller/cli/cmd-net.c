/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd-net.c: add-net and set-net. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <stdio.h>

void
print_net(const json_t *net)
{
    static const char *const keys[] = { "mode",    "subnet",   "gateway",
                                        "subnet6", "gateway6", "mtu",
                                        "isolate", "domain",   "device",
                                        "members", "state" };
    print_heading(field(net, "name"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!json_is_null(json_object_get(net, keys[i]))) {
            printf("  %-12s %s\n", keys[i], field(net, keys[i]));
        }
    }

    const char *reason;
    json_t *packets;
    json_object_foreach (json_object_get(net, "drops"), reason, packets) {
        if (json_integer_value(packets)) {
            printf("  dropped      %" JSON_INTEGER_FORMAT " %s\n",
                   json_integer_value(packets), reason);
        }
    }

    json_t *vms = json_object_get(net, "vms");
    for (size_t i = 0; i < json_array_size(vms); i++) {
        const char *name = json_string_value(json_array_get(vms, i));
        printf("  %-12s %s\n", i ? "" : "vms", name ? name : "-");
    }
}

int
cmd_net(struct call *call)
{
    json_object_set_new(call->params, "name",
                        must(json_string(call->args[0])));
    json_t *net;
    int status = rpc_call(call, call->command->name, json_incref(call->params),
                          -1, &net);
    if (status == EXIT_DONE && call->json) {
        print_json(net);
    } else if (status == EXIT_DONE) {
        print_net(net);
    }
    json_decref(net);
    return status;
}
