/* SPDX-License-Identifier: Apache-2.0
 *
 * to-json.c: see to-json.h. */
#include <config.h>
#include <jansson.h>
#include "api/to-json.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "core/fault.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

json_t *
text_to_json(const char *s)
{
    json_t *json = s ? json_string(s) : json_null();
    return json ? json : json_string("(not UTF-8)");
}

/* Takes over 's'. */
static json_t *
text_to_json_free(char *s)
{
    json_t *json = text_to_json(s);
    free(s);
    return json;
}

static void
set_text(json_t *object, const char *key, const char *s)
{
    json_object_set_new(object, key, text_to_json(s));
}

static json_t *
ip4_to_json(ovs_be32 ip)
{
    char s[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &ip, s, sizeof s);
    return json_string(s);
}

static json_t *
ip6_to_json(const struct in6_addr *ip)
{
    char s[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, ip, s, sizeof s);
    return json_string(s);
}

static json_t *
choice_to_json(enum choice choice)
{
    return choice == CHOICE_AUTO ? json_string("auto") : json_null();
}

bool
vm_is_here(const struct api_daemon *d, const struct vm *vm)
{
    return !vm->host || !strcmp(vm->host, d->host);
}

/* The problem of 'object', or NULL.  Who asks for many objects has 'index'
 * (object -> struct problem); otherwise it is NULL. */
static const struct problem *
find_problem(const struct api_daemon *d, const struct shash *index,
             const char *object)
{
    if (index) {
        return shash_find_data(index, object);
    }
    const struct problems *problems = d->problems(d);
    for (size_t i = 0; i < problems->n; i++) {
        if (!strcmp(problems->list[i].object, object)) {
            return &problems->list[i];
        }
    }
    return NULL;
}

static void
index_problems(const struct api_daemon *d, struct shash *index)
{
    shash_init(index);
    const struct problems *problems = d->problems(d);
    for (size_t i = 0; i < problems->n; i++) {
        shash_add_once(index, problems->list[i].object, &problems->list[i]);
    }
}

/* Is a guest attached to the NIC whose port is 'port'? */
static bool
is_running(const struct api_daemon *d, const struct block *block,
           const struct view_port *port)
{
    if (!block->device) {
        /* Somebody else's port; a dummy never has a guest. */
        return block->port->foreign && port->link_up;
    }

    const struct view_device *dev =
        view_find_device(d->view, block->device->name);
    switch (block->device->kind) {
    case DEV_TAP:
        return dev && dev->carrier; /* Somebody has it open. */
    case DEV_VETH:
        return dev && dev->carrier && !dev->peer[0]; /* It has moved. */
    case DEV_INTERNAL: /* Its link is always up. */
    case DEV_FOREIGN:
    case DEV_DUMMY:
        return false;
    }
    OVS_NOT_REACHED();
}

/* Finds out how far 'block' has got.  Returns the text. */
static char *
block_progress(const struct api_daemon *d, const struct shash *problems,
               const struct block *block, const struct vm *vm,
               struct nic_state *state)
{
    state->progress = NIC_WAITING;
    if (!block) {
        return xstrdup("waiting: being compiled");
    }

    const struct problem *problem = find_problem(d, problems, block->name);
    if (problem) {
        state->progress = NIC_PROBLEM;
        return xasprintf("problem: %s", problem->what);
    }
    if (!block->port || !block->port->name[0]) {
        state->progress = NIC_EXPECTED;
        return xasprintf("waiting: for %s to add its port",
                         hypervisor_name(vm->hypervisor));
    }
    state->device = block->port->name;
    if (block->device && block->device->kind != DEV_INTERNAL
        && !view_find_device(d->view, block->device->name)) {
        return xstrdup("waiting: device");
    }

    const struct view_port *port = view_find_port(d->view, block->port->name);
    if (!port) {
        return xstrdup("waiting: port");
    } else if (port->error) {
        state->progress = NIC_PROBLEM;
        return xasprintf("problem: %s", port->error);
    } else if (!port->ofport) {
        return xstrdup("waiting: port number");
    }
    state->ofport = port->ofport;
    if (!d->block_is_applied(d, block->name)) {
        return xstrdup("waiting: flows");
    }
    if (d->status->stopped) {
        state->progress = NIC_READY;
        return xstrdup("stopped");
    }
    bool running = is_running(d, block, port);
    state->progress = running ? NIC_RUNNING : NIC_READY;
    return xstrdup(running ? "running" : "ready");
}

static void
nic_state_init__(struct nic_state *state, const struct api_daemon *d,
                 const struct shash *problems, const struct vm *vm,
                 const struct nic *nic)
{
    memset(state, 0, sizeof *state);
    state->device = nic->device[0] ? nic->device : NULL;
    if (!d) {
        state->progress = NIC_WAITING;
        state->text = xstrdup("planned");
    } else if (!vm_is_here(d, vm)) {
        state->progress = NIC_ELSEWHERE;
        state->text = xasprintf("on host %s", vm->host);
    } else {
        char *full = nic_full_name(vm, nic);
        char *name = xasprintf("nic %s", full);
        state->text =
            block_progress(d, problems, plan_find(d->plan, name), vm, state);
        free(name);
        free(full);
    }
}

void
nic_state_init(struct nic_state *state, const struct api_daemon *d,
               const struct vm *vm, const struct nic *nic)
{
    nic_state_init__(state, d, NULL, vm, nic);
}

void
nic_state_uninit(struct nic_state *state)
{
    free(state->text);
}

static json_t *
nic_to_json(const struct model *model, const struct vm *vm,
            const struct nic *nic, const struct nic_state *state)
{
    json_t *json = json_object();
    set_text(json, "name", nic->name);
    set_text(json, "network", nic->network);
    json_object_set_new(json, "mac",
                        nic->choice_mac == CHOICE_GIVEN
                            ? text_to_json_free(xasprintf(
                                ETH_ADDR_FMT, ETH_ADDR_ARGS(nic->mac)))
                            : choice_to_json(nic->choice_mac));
    json_object_set_new(
        json, "id",
        text_to_json_free(xasprintf(UUID_FMT, UUID_ARGS(&nic->id))));
    json_object_set_new(json, "ip",
                        nic->choice4 == CHOICE_GIVEN
                            ? ip4_to_json(nic->ip)
                            : choice_to_json(nic->choice4));
    json_object_set_new(json, "ip6",
                        nic->choice6 == CHOICE_GIVEN
                            ? ip6_to_json(&nic->ip6)
                            : choice_to_json(nic->choice6));
    json_object_set_new(json, "fqdn",
                        text_to_json_free(nic_fqdn(model, vm, nic)));
    set_text(json, "device", state->device);
    json_object_set_new(json, "ofport",
                        state->ofport ? json_integer(state->ofport)
                                      : json_null());
    set_text(json, "state", state->text);
    return json;
}

/* Which of two NICs' states tells more about their VM: what is wrong or
 * missing counts before what works. */
static int
progress_rank(enum nic_progress progress)
{
    switch (progress) {
    case NIC_PROBLEM:
        return 5;
    case NIC_WAITING:
        return 4;
    case NIC_EXPECTED:
        return 3;
    case NIC_RUNNING:
        return 2;
    case NIC_READY:
        return 1;
    case NIC_ELSEWHERE:
        return 0;
    }
    OVS_NOT_REACHED();
}

static json_t *
vm_to_json__(const struct api_daemon *d, const struct shash *problems,
             const struct model *model, const struct vm *vm)
{
    json_t *nics = json_array();
    char *text = NULL;
    int rank = -1;
    for (size_t i = 0; i < vm->n_nics; i++) {
        struct nic_state state;
        nic_state_init__(&state, d, problems, vm, &vm->nics[i]);
        json_array_append_new(nics,
                              nic_to_json(model, vm, &vm->nics[i], &state));
        if (progress_rank(state.progress) > rank) {
            rank = progress_rank(state.progress);
            free(text);
            text = xstrdup(state.text);
        }
        nic_state_uninit(&state);
    }

    json_t *json = json_object();
    set_text(json, "name", vm->name);
    set_text(json, "hypervisor", hypervisor_name(vm->hypervisor));
    set_text(json, "hypervisor-name",
             vm->hypervisor_name ? vm->hypervisor_name : vm->name);
    set_text(json, "owner", vm->owner);
    set_text(json, "host", vm->host ? vm->host : d ? d->host : NULL);
    set_text(json, "state", text ? text : "no NIC");
    json_t *groups = json_array();
    for (size_t i = 0; i < vm->n_groups; i++) {
        json_array_append_new(groups, text_to_json(vm->groups[i]));
    }
    json_object_set_new(json, "groups", groups);
    json_object_set_new(json, "nics", nics);
    free(text);
    return json;
}

json_t *
vm_to_json(const struct api_daemon *d, const struct model *model,
           const struct vm *vm)
{
    return vm_to_json__(d, NULL, model, vm);
}

static json_t *
prefix4_to_json(const struct prefix4 *prefix)
{
    char s[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &prefix->addr, s, sizeof s);
    return text_to_json_free(xasprintf("%s/%d", s, prefix->plen));
}

static json_t *
prefix6_to_json(const struct prefix6 *prefix)
{
    char s[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, &prefix->addr, s, sizeof s);
    return text_to_json_free(xasprintf("%s/%d", s, prefix->plen));
}

static const char *
network_state(const struct api_daemon *d, const struct network *net)
{
    if (!d) {
        return "planned";
    }
    char *name = xasprintf("network %s", net->name);
    const char *state = !plan_find(d->plan, name)       ? "not used here"
                        : find_problem(d, NULL, name)   ? "problem"
                        : !d->block_is_applied(d, name) ? "waiting"
                        : d->status->stopped            ? "stopped"
                                                        : "ready";
    free(name);
    return state;
}

json_t *
network_to_json(const struct api_daemon *d, const struct model *model,
                const struct network *net, size_t n_members)
{
    bool has4 = net->choice4 == CHOICE_GIVEN;
    bool has6 = net->choice6 == CHOICE_GIVEN;
    char device[IFNAMSIZ];
    network_device_name(net->name, device);
    struct in6_addr gateway6 = network_gateway6(net);

    json_t *json = json_object();
    set_text(json, "name", net->name);
    set_text(json, "mode", net_mode_name(net->mode));
    json_object_set_new(json, "subnet",
                        has4 ? prefix4_to_json(&net->subnet)
                             : choice_to_json(net->choice4));
    json_object_set_new(json, "gateway",
                        has4 ? ip4_to_json(network_gateway4(net))
                             : json_null());
    json_object_set_new(json, "subnet6",
                        has6 ? prefix6_to_json(&net->subnet6)
                             : choice_to_json(net->choice6));
    json_object_set_new(json, "gateway6",
                        has6 ? ip6_to_json(&gateway6) : json_null());
    json_object_set_new(json, "isolate", json_boolean(net->isolate));
    json_object_set_new(json, "mtu", json_integer(network_mtu(net)));
    set_text(json, "domain", net->domain ? net->domain : model->domain);
    set_text(json, "device", device);
    json_object_set_new(json, "members", json_integer(n_members));
    set_text(json, "state", network_state(d, net));
    return json;
}

json_t *
vms_to_json(const struct api_daemon *d)
{
    struct shash problems;
    index_problems(d, &problems);
    json_t *list = json_array();
    for (size_t i = 0; i < d->model->n_vms; i++) {
        json_array_append_new(
            list, vm_to_json__(d, &problems, d->model, &d->model->vms[i]));
    }
    shash_destroy(&problems);
    return json_pack("{s:o}", "vms", list);
}

json_t *
networks_to_json(const struct api_daemon *d)
{
    const struct model *model = d->model;
    size_t *members = xcalloc(model->n_networks + 1, sizeof *members);
    for (size_t i = 0; i < model->n_vms; i++) {
        for (size_t j = 0; j < model->vms[i].n_nics; j++) {
            const struct network *net =
                model_find_network(model, model->vms[i].nics[j].network);
            if (net) {
                members[net - model->networks]++;
            }
        }
    }

    json_t *list = json_array();
    for (size_t i = 0; i < model->n_networks; i++) {
        json_array_append_new(
            list, network_to_json(d, model, &model->networks[i], members[i]));
    }
    free(members);
    return json_pack("{s:o}", "networks", list);
}

json_t *
hosts_to_json(const struct api_daemon *d)
{
    size_t n_vms = 0;
    for (size_t i = 0; i < d->model->n_vms; i++) {
        n_vms += vm_is_here(d, &d->model->vms[i]);
    }

    json_t *host = json_object();
    set_text(host, "name", d->host);
    json_object_set_new(host, "local", json_true());
    json_object_set_new(host, "vms", json_integer(n_vms));
    return json_pack("{s:[o]}", "hosts", host);
}

static json_t *
port_to_json(const struct api_daemon *d, const struct view_port *port)
{
    const struct binding *binding =
        bindings_of_port(plan_bindings(d->plan), port->name);
    const char *how = "stranger, no flows";
    char *bound = NULL;

    if (binding) {
        how = binding_how_name(binding->how);
        bound = xasprintf("nic %s", binding->nic);
    } else if (!strcmp(port->name, d->model->bridge)) {
        how = "bridge";
    } else if (port->mark_network && !port->mark_vm) {
        how = "gateway";
        bound = xasprintf("network %s", port->mark_network);
    } else if (port->mark_vm) {
        how = "leaving"; /* Ours, and no longer wanted. */
    }

    json_t *json = json_object();
    set_text(json, "name", port->name);
    set_text(json, "type", port->type[0] ? port->type : "system");
    json_object_set_new(json, "ofport",
                        port->ofport ? json_integer(port->ofport)
                                     : json_null());
    set_text(json, "link", port->link_up ? "up" : "down");
    json_object_set_new(json, "bound", text_to_json_free(bound));
    set_text(json, "how", how);
    set_text(json, "error", port->error);
    return json;
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct view_port *const *a = a_;
    const struct view_port *const *b = b_;
    return strcmp((*a)->name, (*b)->name);
}

json_t *
ports_to_json(const struct api_daemon *d)
{
    size_t n = 0;
    const struct view_port **ports =
        xcalloc(hmap_count(&d->view->ports) + 1, sizeof *ports);
    const struct view_port *port;
    HMAP_FOR_EACH (port, name_node, &d->view->ports) {
        ports[n++] = port;
    }
    qsort(ports, n, sizeof *ports, compare_ports);

    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, port_to_json(d, ports[i]));
    }
    free(ports);
    return json_pack("{s:o}", "ports", list);
}

static json_t *
problems_to_json(const struct problems *problems)
{
    json_t *list = json_array();
    for (size_t i = 0; i < problems->n; i++) {
        json_t *problem = json_object();
        set_text(problem, "object", problems->list[i].object);
        set_text(problem, "what", problems->list[i].what);
        set_text(problem, "try", problems->list[i].remedy);
        json_array_append_new(list, problem);
    }
    return list;
}

/* A line a fault, as faults_format() puts it. */
static json_t *
faults_to_json(const struct source *source)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    faults_format(source_faults(source), source_name(source), &text);

    json_t *list = json_array();
    char *save = NULL;
    for (char *line = strtok_r(ds_cstr(&text), "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        json_array_append_new(list, text_to_json(line));
    }
    ds_destroy(&text);
    return list;
}

json_t *
drops_to_json(const uint64_t packets[N_DROP_REASONS])
{
    json_t *json = json_object();
    for (int i = DROP_NONE + 1; i < N_DROP_REASONS; i++) {
        json_object_set_new(json, drop_reason_name(i),
                            json_integer(packets[i]));
    }
    return json;
}

json_t *
status_to_json(const struct api_daemon *d)
{
    const struct status *s = d->status;
    json_t *json = json_object();

    set_text(json, "version", d->version);
    set_text(json, "host", d->host);
    set_text(json, "bridge", d->model ? d->model->bridge : NULL);
    set_text(json, "datapath", d->view->userspace ? "userspace" : "kernel");
    json_object_set_new(json, "generation", json_integer(s->generation));
    json_object_set_new(json, "applied", json_integer(s->applied));
    json_object_set_new(json, "stopped", json_boolean(s->stopped));
    json_object_set_new(json, "services", json_boolean(s->services));
    json_object_set_new(json, "ovsdb-connected",
                        json_boolean(s->ovsdb_connected));
    json_object_set_new(json, "openflow-connected",
                        json_boolean(s->openflow_connected));
    set_text(json, "openflow-state", s->openflow_state);
    set_text(json, "config", source_name(d->source));
    json_object_set_new(json, "config-faults", faults_to_json(d->source));
    json_object_set_new(json, "last-good",
                        json_boolean(source_is_last_good(d->source)));
    json_object_set_new(json, "vms",
                        json_integer(d->model ? d->model->n_vms : 0));
    json_object_set_new(json, "networks",
                        json_integer(d->model ? d->model->n_networks : 0));
    json_object_set_new(json, "problems", problems_to_json(d->problems(d)));
    return json;
}
