/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd-vm.c: add-vm, del-vm, set-vm, add-nic, del-nic, and the del and set of
 * networks, which differ in nothing but the method's name. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parameters from options with "name", the first argument. */
static json_t *
params_with_name(struct call *call)
{
    json_object_set_new(call->params, "name",
                        must(json_string(call->args[0])));
    return json_incref(call->params);
}

/* A NIC's lines of print_vm(). */
static void
print_nic(const json_t *nic)
{
    static const char *const keys[] = { "network", "ip",  "ip6",
                                        "fqdn",    "mac", "device",
                                        "ofport",  "id",  "state" };
    static const char *const names[] = { "network", "address", "IPv6",
                                         "FQDN",    "MAC",     "device",
                                         "ofport",  "id",      "state" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!json_is_null(json_object_get(nic, keys[i]))) {
            printf("  %-12s %s\n", names[i], field(nic, keys[i]));
        }
    }

    const char *reason;
    json_t *packets;
    json_object_foreach (json_object_get(nic, "drops"), reason, packets) {
        if (json_integer_value(packets)) {
            printf("  dropped      %" JSON_INTEGER_FORMAT " %s\n",
                   json_integer_value(packets), reason);
        }
    }
}

static void
print_groups(const json_t *groups)
{
    size_t n = json_array_size(groups);
    for (size_t i = 0; i < n; i++) {
        json_t *group = json_pack("{s:O}", "group", json_array_get(groups, i));
        printf("%s%s%s", i ? " " : "  groups       ", field(group, "group"),
               i + 1 < n ? "" : "\n");
        json_decref(group);
    }
}

void
print_vm(const json_t *vm)
{
    print_heading(field(vm, "name"));
    printf("  %-12s %s\n", "hypervisor", field(vm, "hypervisor"));
    if (strcmp(field(vm, "hypervisor-name"), field(vm, "name")) != 0) {
        printf("  %-12s %s\n", "known as", field(vm, "hypervisor-name"));
    }
    printf("  %-12s %s\n", "owner", field(vm, "owner"));
    print_groups(json_object_get(vm, "groups"));
    printf("  %-12s %s\n", "host", field(vm, "host"));

    size_t i;
    json_t *nic;
    json_array_foreach (json_object_get(vm, "nics"), i, nic) {
        printf("NIC %s\n", field(nic, "name"));
        print_nic(nic);
    }
}

/* Asks 'method' and prints the VM it answers with. */
static int
edit_vm(struct call *call, json_t *params, bool say_next)
{
    json_t *vm;
    int status = rpc_call(call, call->command->name, params, -1, &vm);
    if (status != EXIT_DONE) {
        return status;
    }
    if (call->json) {
        print_json(vm);
    } else {
        print_vm(vm);
        if (say_next && !json_object_get(call->params, "dry-run")) {
            char *next = next_command(vm);
            printf("\nNext: %s\n", next);
            free(next);
        }
    }
    json_decref(vm);
    return EXIT_DONE;
}

int
cmd_vm(struct call *call)
{
    return edit_vm(call, params_with_name(call), true);
}

int
cmd_nic(struct call *call)
{
    return edit_vm(call, params_with_name(call), false);
}

int
cmd_del(struct call *call)
{
    json_t *params = params_with_name(call);
    if (call->n_args > 1) {
        json_object_set_new(params, "nic", must(json_string(call->args[1])));
    }

    json_t *result;
    int status = rpc_call(call, call->command->name, params, -1, &result);
    if (status == EXIT_DONE && call->json) {
        print_json(result);
    } else if (status == EXIT_DONE
               && json_object_get(call->params, "dry-run")) {
        printf("%s would %sbe deleted\n", call->args[call->n_args - 1],
               json_is_true(json_object_get(result, "deleted")) ? "" : "not ");
    }
    json_decref(result);
    return status;
}

/* The arguments after the first as {"KEY": "VALUE"}; NULL after complaining.
 */
static json_t *
parse_settings(const struct call *call)
{
    json_t *set = must(json_object());
    for (int i = 1; i < call->n_args; i++) {
        const char *equals = strchr(call->args[i], '=');
        json_t *value = equals ? json_string(equals + 1) : NULL;
        char *key =
            equals ? strndup(call->args[i], equals - call->args[i]) : NULL;
        bool twice = key && json_object_get(set, key);
        bool ok = value && key && *key && !twice
                  && !json_object_set(set, key, value);
        json_decref(value);
        free(key);
        if (!ok) {
            complain(call->args[i],
                     twice ? "its key is given twice"
                           : "this is not KEY=VALUE",
                     twice ? "give it once"
                           : "write for example ip=10.77.0.20");
            json_decref(set);
            return NULL;
        }
    }
    return set;
}

int
cmd_set(struct call *call)
{
    json_t *set = parse_settings(call);
    if (!set) {
        return EXIT_USAGE;
    }
    json_object_set_new(call->params, "set", set);
    return !strcmp(call->command->name, "set-net")
               ? cmd_net(call)
               : edit_vm(call, params_with_name(call), false);
}
