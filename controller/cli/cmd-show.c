/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd-show.c: list, show, status, sync: answers as aligned text. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Prints one list of objects, a row each. */
static void
print_objects(const json_t *list, const char *const *keys,
              const char *const *headings, int n)
{
    struct table table = { .n_columns = n };
    const char *row[8];
    size_t i;
    json_t *object;

    table_add(&table, headings);
    json_array_foreach (list, i, object) {
        for (int j = 0; j < n; j++) {
            row[j] = field(object, keys[j]);
        }
        table_add(&table, row);
    }
    table_print(&table);
    table_uninit(&table);
}

/* A row for each NIC; further NICs of a VM leave its columns blank. */
static void
print_vms(const json_t *vms)
{
    static const char *const headings[] = { "VM",      "HYPERVISOR", "OWNER",
                                            "NETWORK", "ADDRESS",    "DEVICE",
                                            "STATE" };
    struct table table = { .n_columns = 7 };
    size_t i;
    json_t *vm;

    table_add(&table, headings);
    json_array_foreach (vms, i, vm) {
        json_t *nics = json_object_get(vm, "nics");
        for (size_t j = 0; j < json_array_size(nics) || !j; j++) {
            json_t *nic = json_array_get(nics, j);
            const char *ip = json_is_null(json_object_get(nic, "ip"))
                                 ? field(nic, "ip6")
                                 : field(nic, "ip");
            table_add(&table,
                      (const char *[]){ j ? "" : field(vm, "name"),
                                        j ? "" : field(vm, "hypervisor"),
                                        j ? "" : field(vm, "owner"),
                                        field(nic, "network"), ip,
                                        field(nic, "device"),
                                        field(nic ? nic : vm, "state") });
        }
    }
    table_print(&table);
    table_uninit(&table);
}

static void
print_list(const char *what, const json_t *result)
{
    static const char *const net_keys[] = { "name",    "mode",    "subnet",
                                            "subnet6", "members", "state" };
    static const char *const net_heads[] = { "NETWORK", "MODE",    "SUBNET",
                                             "SUBNET6", "MEMBERS", "STATE" };
    static const char *const host_keys[] = { "name", "vms" };
    static const char *const host_heads[] = { "HOST", "VMS" };
    static const char *const port_keys[] = { "name",  "type", "ofport", "link",
                                             "bound", "how",  "error" };
    static const char *const port_heads[] = { "PORT", "TYPE",     "OFPORT",
                                              "LINK", "BOUND TO", "HOW",
                                              "ERROR" };
    if (!strcmp(what, "vms")) {
        print_vms(json_object_get(result, "vms"));
    } else if (!strcmp(what, "nets")) {
        print_objects(json_object_get(result, "networks"), net_keys, net_heads,
                      6);
    } else if (!strcmp(what, "hosts")) {
        print_objects(json_object_get(result, "hosts"), host_keys, host_heads,
                      2);
    } else {
        print_objects(json_object_get(result, "ports"), port_keys, port_heads,
                      7);
    }
}

static int
list_one(struct call *call, const char *what)
{
    json_t *result;
    int status =
        rpc_call(call, "list", json_pack("{s:s}", "what", what), -1, &result);
    if (status == EXIT_DONE && call->json) {
        print_json(result);
    } else if (status == EXIT_DONE) {
        print_list(what, result);
    }
    json_decref(result);
    return status;
}

int
cmd_list(struct call *call)
{
    static const char *const known[] = { "vms", "nets", "hosts", "ports" };
    const char *what = call->n_args ? call->args[0] : "vms";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!strcmp(what, known[i])) {
            return list_one(call, what);
        }
    }
    return refuse_word("there is no such list", what, "", known,
                       sizeof known / sizeof *known, "vmovs list --help");
}

/* Everything in short: networks, then VMs. */
static int
show_all(struct call *call)
{
    json_t *nets, *vms = NULL;
    int status =
        rpc_call(call, "list", json_pack("{s:s}", "what", "nets"), -1, &nets);
    if (status == EXIT_DONE) {
        status = rpc_call(call, "list", json_pack("{s:s}", "what", "vms"), -1,
                          &vms);
    }
    if (status == EXIT_DONE && call->json) {
        json_object_update(nets, vms);
        print_json(nets);
    } else if (status == EXIT_DONE) {
        print_list("nets", nets);
        putchar('\n');
        print_list("vms", vms);
    }
    json_decref(nets);
    json_decref(vms);
    return status;
}

int
cmd_show(struct call *call)
{
    if (!call->n_args) {
        return show_all(call);
    }
    json_t *object;
    int status = rpc_call(
        call, "show", json_pack("{s:s}", "name", call->args[0]), -1, &object);
    if (status == EXIT_DONE && call->json) {
        print_json(object);
    } else if (status == EXIT_DONE) {
        if (json_object_get(object, "nics")) {
            print_vm(object);
        } else {
            print_net(object);
        }
    }
    json_decref(object);
    return status;
}

static void
print_drops(const json_t *drops)
{
    const char *reason;
    json_t *packets;
    bool any = false;

    json_object_foreach ((json_t *) drops, reason, packets) {
        if (json_integer_value(packets)) {
            printf("%-12s %" JSON_INTEGER_FORMAT " %s\n", any ? "" : "dropped",
                   json_integer_value(packets), reason);
            any = true;
        }
    }
    if (!any) {
        printf("%-12s %s\n", "dropped",
               json_is_object(drops) ? "nothing" : "not known");
    }
}

static void
print_problems(const json_t *problems)
{
    size_t i;
    json_t *problem;

    json_array_foreach (problems, i, problem) {
        printf("problem: %s: %s", field(problem, "object"),
               field(problem, "what"));
        if (!json_is_null(json_object_get(problem, "try"))) {
            printf("; %s", field(problem, "try"));
        }
        putchar('\n');
    }
}

static void
print_status(const json_t *status)
{
    json_t *faults = json_object_get(status, "config-faults");
    bool last_good = json_is_true(json_object_get(status, "last-good"));

    printf("%-12s vmovs %s on %s\n", "version", field(status, "version"),
           field(status, "host"));
    printf("%-12s %s (%s datapath)\n", "bridge", field(status, "bridge"),
           field(status, "datapath"));
    printf("%-12s database %s, switch %s (%s)\n", "connected",
           field(status, "ovsdb-connected"),
           field(status, "openflow-connected"),
           field(status, "openflow-state"));
    printf("%-12s wanted %s, in place %s\n", "generation",
           field(status, "generation"), field(status, "applied"));
    printf("%-12s %s VMs, %s networks\n", "declared", field(status, "vms"),
           field(status, "networks"));
    if (json_is_true(json_object_get(status, "stopped"))) {
        printf("%-12s nothing passes; let it pass with: vmovs start\n",
               "STOPPED");
    }
    printf("%-12s %s: %s\n", "config", field(status, "config"),
           !json_array_size(faults) ? "in force"
           : last_good              ? "FAULTY; the last good one of the state "
                                      "directory is in force"
                                    : "FAULTY; what was valid before stays in "
                                      "force");
    print_drops(json_object_get(status, "drops"));

    size_t i;
    json_t *fault;
    json_array_foreach (faults, i, fault) {
        json_t *line = json_pack("{s:O}", "line", fault);
        printf("%s\n", field(line, "line"));
        json_decref(line);
    }
    print_problems(json_object_get(status, "problems"));
}

int
cmd_status(struct call *call)
{
    json_t *result;
    int status = rpc_call(call, "status", json_object(), -1, &result);
    if (status == EXIT_DONE && call->json) {
        print_json(result);
    } else if (status == EXIT_DONE) {
        print_status(result);
    }
    json_decref(result);
    return status;
}

int
cmd_sync(struct call *call)
{
    json_t *params = json_deep_copy(call->params);
    if (!json_object_get(params, "timeout")) {
        json_object_set_new(params, "timeout", json_integer(60));
    }
    json_t *result;
    int status = rpc_call(call, "sync", params, -1, &result);
    if (status == EXIT_DONE && call->json) {
        print_json(result);
    }
    json_decref(result);
    return status;
}
