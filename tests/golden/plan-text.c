/* SPDX-License-Identifier: Apache-2.0
 *
 * plan-text.c: what follows from a config and a view, as text.
 *
 *     plan-text CONFIG VIEW      the plan, with every port of it in place
 *     plan-text --config CONFIG  the config with what was allocated
 *
 * Plays the appliers' part: the ports that the plan wants appear in the view,
 * numbered in the order of their names, until nothing changes any more.  The
 * plan is then computed once more from nothing, and must be the same.
 *
 * VIEW has a word and its arguments a line:
 *
 *     userspace               the bridge is on the userspace datapath
 *     host NAME               this host's name, else "here"
 *     pending DEVICE          our port of that name never gets a number
 *     port NAME N [LABEL...]  a port that is there already, with OpenFlow
 *                             number N; LABEL is type=T, iface-id=S, mac=M,
 *                             vm=S, nic=S, network=S, bound=S, key=N or
 *                             inactive
 *     show BLOCK              prints no blocks but those so named; without
 *                             it all are printed but the bridge's own
 *     # ...                   a comment */
#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "packets.h"
#include "source/evaluate.h"
#include "sset.h"
#include "util.h"

enum {
    MAX_ROUNDS = 8,    /* Until nothing may change any more. */
    FIRST_OFPORT = 100 /* Of ports that the plan makes. */
};

struct scene {
    struct view view;
    char *host;         /* Owned. */
    struct sset pending;
    struct sset shown;  /* Empty: all blocks but "bridge". */
    uint32_t next_ofport;
};

/* The view file. */

static void
read_label(struct view_port *port, const char *label)
{
    const char *value = strchr(label, '=');
    size_t n = value ? value - label : strlen(label);
    const struct {
        const char *key;
        char **string;
    } strings[] = {
        { "type", &port->type },         { "iface-id", &port->iface_id },
        { "vm", &port->mark_vm },        { "nic", &port->mark_nic },
        { "bound", &port->bound },       { "network", &port->mark_network },
    };

    if (!strcmp(label, "inactive")) {
        port->inactive = true;
        return;
    }
    for (size_t i = 0; value && i < ARRAY_SIZE(strings); i++) {
        if (n == strlen(strings[i].key)
            && !memcmp(label, strings[i].key, n)) {
            free(*strings[i].string);
            *strings[i].string = xstrdup(value + 1);
            return;
        }
    }
    if ((n == 3 && !memcmp(label, "mac", n)
         && eth_addr_from_string(value + 1, &port->attached_mac))
        || (n == 3 && !memcmp(label, "key", n)
            && str_to_uint(value + 1, 10, &port->key))) {
        return;
    }
    ovs_fatal(0, "view: %s: no such label", label);
}

static void
read_port(struct scene *scene, const char *name, char **rest)
{
    const char *number = strtok_r(NULL, " ", rest);
    struct view_port port = { .name = xstrdup(name), .type = xstrdup("") };
    const char *label;

    if (!number || !str_to_uint(number, 10, &port.ofport)) {
        ovs_fatal(0, "view: port %s: no OpenFlow number", name);
    }
    while ((label = strtok_r(NULL, " ", rest))) {
        read_label(&port, label);
    }
    view_set_port(&scene->view, &port);
}

static void
read_line(struct scene *scene, char *line)
{
    char *rest = NULL;
    const char *word = strtok_r(line, " ", &rest);

    if (!word || *word == '#') {
        return;
    } else if (!strcmp(word, "userspace")) {
        scene->view.userspace = true;
        return;
    } else if (!strcmp(word, "show")) {
        sset_add(&scene->shown, rest);
        return;
    }

    const char *name = strtok_r(NULL, " ", &rest);
    if (name && !strcmp(word, "host")) {
        free(scene->host);
        scene->host = xstrdup(name);
    } else if (name && !strcmp(word, "pending")) {
        sset_add(&scene->pending, name);
    } else if (name && !strcmp(word, "port")) {
        read_port(scene, name, &rest);
    } else {
        ovs_fatal(0, "view: %s: no such line", word);
    }
}

static void
read_file(const char *path, struct file_text *text)
{
    int error = file_read(path, SIZE_MAX, text);

    if (error) {
        ovs_fatal(error, "%s", path);
    }
}

static void
scene_read(struct scene *scene, const char *path)
{
    struct file_text text;
    char *save = NULL;

    *scene = (struct scene){
        .host = xstrdup("here"),
        .pending = SSET_INITIALIZER(&scene->pending),
        .shown = SSET_INITIALIZER(&scene->shown),
        .next_ofport = FIRST_OFPORT,
    };
    view_init(&scene->view);
    scene->view.ovsdb_ready = true;
    scene->view.bridge_exists = true;
    read_file(path, &text);
    for (char *line = strtok_r(text.s, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        read_line(scene, line);
    }
    file_text_uninit(&text);
}

static void
scene_uninit(struct scene *scene)
{
    view_uninit(&scene->view);
    sset_destroy(&scene->pending);
    sset_destroy(&scene->shown);
    free(scene->host);
}

/* The appliers. */

static void
apply_own_port(struct scene *scene, const struct port_want *want)
{
    const struct view_port *old = view_find_port(&scene->view, want->name);
    uint32_t ofport = old ? old->ofport : 0;

    if (!ofport && !sset_contains(&scene->pending, want->name)) {
        ofport = scene->next_ofport++;
    }
    view_set_port(&scene->view, &(struct view_port) {
        .name = xstrdup(want->name),
        .type = xstrdup(want->type),
        .ofport = ofport,
        .iface_id = nullable_xstrdup(want->iface_id),
        .attached_mac = want->attached_mac,
        .mark_vm = nullable_xstrdup(want->vm),
        .mark_nic = nullable_xstrdup(want->nic),
        .mark_network = nullable_xstrdup(want->network),
        .key = want->key,
    });
}

static void
apply_foreign_port(struct scene *scene, const struct port_want *want,
                   const char *nic)
{
    const struct view_port *old = view_find_port(&scene->view, want->name);

    view_set_port(&scene->view, &(struct view_port) {
        .name = xstrdup(old->name),
        .type = xstrdup(old->type),
        .ofport = old->ofport,
        .iface_id = nullable_xstrdup(old->iface_id),
        .attached_mac = old->attached_mac,
        .inactive = old->inactive,
        .bound = xstrdup(nic),
        .key = want->key,
    });
}

static void
apply(struct scene *scene, const struct block_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct block *new = changes->list[i].new;
        const struct port_want *want = new ? new->port : NULL;

        if (want && want->foreign) {
            apply_foreign_port(scene, want, new->name + strlen("nic "));
        } else if (want) {
            apply_own_port(scene, want);
        }
    }
}

/* The text. */

static char *
plan_text(const struct plan *plan)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    plan_format(plan, &s);
    return ds_steal_cstr(&s);
}

static struct plan *
compute_until_stable(struct scene *scene, const struct model *model)
{
    const struct plan_config config = { .host = scene->host };
    struct plan *plan = plan_create(&config);
    struct block_changes changes;

    block_changes_init(&changes);
    for (int round = 0;; round++) {
        if (round == MAX_ROUNDS) {
            ovs_fatal(0, "the plan does not come to rest");
        }
        plan_compute(plan, model, &scene->view, &changes);
        if (!changes.n) {
            break;
        }
        apply(scene, &changes);
        block_changes_clear(&changes);
    }
    block_changes_uninit(&changes);
    return plan;
}

/* A restart must not change anything. */
static void
check_from_nothing(struct scene *scene, const struct model *model,
                   const struct plan *plan)
{
    const struct plan_config config = { .host = scene->host };
    struct plan *again = plan_create(&config);
    struct block_changes changes;
    char *a = plan_text(plan);
    char *b;

    block_changes_init(&changes);
    plan_compute(again, model, &scene->view, &changes);
    b = plan_text(again);
    if (strcmp(a, b)) {
        ovs_fatal(0, "computed from nothing, the plan is another");
    }
    free(a);
    free(b);
    block_changes_uninit(&changes);
    plan_destroy(again);
}

static void
print_blocks(const struct scene *scene, const struct plan *plan)
{
    char *text = plan_text(plan);
    bool shown = true;
    char *save = NULL;

    for (char *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (!strncmp(line, "# ", 2)) {
            shown = sset_is_empty(&scene->shown)
                        ? strcmp(line + 2, "bridge")
                        : sset_contains(&scene->shown, line + 2);
        }
        if (shown) {
            puts(line);
        }
    }
    free(text);
}

/* What each port that is not ours is taken for. */
static void
print_others_ports(const struct scene *scene, const struct plan *plan)
{
    struct shash ports = SHASH_INITIALIZER(&ports);
    const struct view_port *port;

    HMAP_FOR_EACH (port, name_node, &scene->view.ports) {
        if (!port->mark_vm && !port->mark_network) {
            shash_add(&ports, port->name, port);
        }
    }

    const struct shash_node **sorted = shash_sort(&ports);
    for (size_t i = 0; i < shash_count(&ports); i++) {
        const struct binding *binding =
            bindings_of_port(plan_bindings(plan), sorted[i]->name);

        if (binding) {
            printf("# port %s is nic %s by %s\n", sorted[i]->name,
                   binding->nic, binding_how_name(binding->how));
        } else {
            printf("# port %s is a stranger\n", sorted[i]->name);
        }
    }
    free(sorted);
    shash_destroy(&ports);
}

static void
print_problems(const struct plan *plan)
{
    struct problems problems;

    problems_init(&problems);
    plan_problems(plan, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        const struct problem *p = &problems.list[i];

        printf("# problem: %s: %s; %s\n", p->object, p->what, p->remedy);
    }
    problems_uninit(&problems);
}

static void
print_plan(const struct model *model, const char *view)
{
    struct scene scene;

    scene_read(&scene, view);
    struct plan *plan = compute_until_stable(&scene, model);
    check_from_nothing(&scene, model, plan);
    print_blocks(&scene, plan);
    print_others_ports(&scene, plan);
    print_problems(plan);
    plan_destroy(plan);
    scene_uninit(&scene);
}

static void
read_config(const char *path, struct evaluated *result)
{
    static const struct host_facts facts = { .routes = NULL };
    const struct running none = { .model = NULL };
    struct faults faults = FAULTS_INITIALIZER;
    struct ds lines = DS_EMPTY_INITIALIZER;
    struct file_text text;

    read_file(path, &text);
    if (!evaluate(&text, none, &facts, result, &faults)) {
        faults_format(&faults, path, &lines);
        ovs_fatal(0, "%s", ds_cstr(&lines));
    }
    file_text_uninit(&text);
    faults_uninit(&faults);
}

int
main(int argc, char *argv[])
{
    struct evaluated result;

    set_program_name(argv[0]);
    if (argc != 3) {
        ovs_fatal(0, "usage: plan-text CONFIG VIEW | --config CONFIG");
    } else if (!strcmp(argv[1], "--config")) {
        read_config(argv[2], &result);
        fwrite(result.text.s, 1, result.text.n, stdout);
    } else {
        read_config(argv[1], &result);
        print_plan(result.model, argv[2]);
    }
    model_destroy(result.model);
    file_text_uninit(&result.text);
    return EXIT_SUCCESS;
}
