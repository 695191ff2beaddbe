/* SPDX-License-Identifier: Apache-2.0
 *
 * bench-plan.c: CPU time of one plan_compute() by the number of NICs: from
 * nothing, when nothing changed, and when one NIC was added.  Each is the best
 * of several runs. */
#include <config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/plan.h"
#include "util.h"

enum { RUNS = 20, NICS_A_NETWORK = 900 };

static const struct plan_config config = { .host = "here" };

static double
cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void
network_name(int i, char name[16])
{
    snprintf(name, 16, "net%03d", i);
}

static void
add_network(struct model *model, int i)
{
    char name[16];

    network_name(i, name);
    struct network *network = model_add_network(model, name);
    network->choice4 = network->choice6 = CHOICE_GIVEN;
    network->subnet = (struct prefix4){ htonl(0x0a000000 | i << 16), 16 };
    network->subnet6 = (struct prefix6){
        .addr = { .s6_addr = { 0xfd, [5] = i } }, .plen = 64
    };
}

/* Every fourth is somebody else's port. */
static void
add_nic(struct model *model, int i)
{
    char name[16], network[16];

    snprintf(name, sizeof name, "vm%05d", i);
    network_name(i / NICS_A_NETWORK, network);
    struct vm *vm = model_add_vm(model, name);
    vm->hypervisor = i % 4 ? HV_KVM : HV_LIBVIRT;
    struct nic *nic = vm_add_nic(vm, network);
    nic->choice_mac = nic->choice4 = nic->choice6 = CHOICE_GIVEN;
    nic->mac = (struct eth_addr){ .ea = { 2, 0, 0, 0, i >> 8, i } };
    nic->ip = htonl(0x0a000000 | (i / NICS_A_NETWORK) << 16
                    | (i % NICS_A_NETWORK + 10));
    nic->ip6 = (struct in6_addr){
        .s6_addr = { 0xfd, [5] = i / NICS_A_NETWORK, [14] = i >> 8, [15] = i }
    };
}

static struct model *
make_model(int n)
{
    struct model *model = model_create();

    for (int i = 0; i <= n / NICS_A_NETWORK; i++) {
        add_network(model, i);
    }
    for (int i = 0; i < n; i++) {
        add_nic(model, i);
    }
    model_sort(model);
    return model;
}

/* The ports that libvirt would add. */
static void
add_foreign_ports(struct view *view, int n)
{
    for (int i = 0; i < n; i += 4) {
        view_set_port(view, &(struct view_port) {
            .name = xasprintf("vnet%d", i),
            .type = xstrdup(""),
            .iface_id = xasprintf("vm%05d", i),
            .ofport = 20000 + i,
        });
    }
}

/* Plays the port applier. */
static void
apply(struct view *view, const struct block_changes *changes)
{
    static uint32_t ofport;

    for (size_t i = 0; i < changes->n; i++) {
        const struct block *new = changes->list[i].new;
        const struct port_want *want = new ? new->port : NULL;

        if (want && want->foreign) {
            const struct view_port *old = view_find_port(view, want->name);

            view_set_port(view, &(struct view_port) {
                .name = xstrdup(old->name),
                .type = xstrdup(old->type),
                .iface_id = nullable_xstrdup(old->iface_id),
                .ofport = old->ofport,
                .bound = xstrdup(new->name + strlen("nic ")),
                .key = want->key,
            });
        } else if (want) {
            const struct view_port *old = view_find_port(view, want->name);

            view_set_port(view, &(struct view_port) {
                .name = xstrdup(want->name),
                .type = xstrdup(want->type),
                .iface_id = nullable_xstrdup(want->iface_id),
                .attached_mac = want->attached_mac,
                .mark_vm = nullable_xstrdup(want->vm),
                .mark_nic = nullable_xstrdup(want->nic),
                .mark_network = nullable_xstrdup(want->network),
                .key = want->key,
                .ofport = old ? old->ofport : ++ofport,
            });
        }
    }
}

/* One turn, with its ports put in place if 'view' is not NULL.  Returns its
 * CPU time and adds the blocks compiled to '*n'. */
static double
turn(struct plan *plan, const struct model *model, const struct view *view,
     struct view *applied, size_t *n)
{
    struct block_changes changes;
    double start = cpu_ms(), took;

    block_changes_init(&changes);
    *n = plan_compute(plan, model, view, &changes);
    took = cpu_ms() - start;
    if (applied) {
        apply(applied, &changes);
    }
    block_changes_uninit(&changes);
    return took;
}

static void
measure(int n)
{
    struct plan *plan = plan_create(&config);
    struct model *model = make_model(n);
    struct model *one_more = make_model(n + 1);
    double nothing, best_same = 1e9, best_added = 1e9, best_gone = 1e9;
    size_t compiled = 0, added = 0, same = 0;
    struct view view;

    view_init(&view);
    view.ovsdb_ready = view.bridge_exists = true;
    add_foreign_ports(&view, n);
    nothing = turn(plan, model, &view, &view, &compiled);
    do {
        turn(plan, model, &view, &view, &same);
    } while (same);
    for (int i = 0; i < RUNS; i++) {
        double t = turn(plan, model, &view, NULL, &same);
        best_same = MIN(best_same, t);
        t = turn(plan, one_more, &view, NULL, &added);
        best_added = MIN(best_added, t);
        t = turn(plan, model, &view, NULL, &compiled);
        best_gone = MIN(best_gone, t);
    }
    printf("%6d  %10.2f  %10.3f  %10.3f  %10.3f  %8" PRIuSIZE "\n", n, nothing,
           best_same, best_added, best_gone, added);
    view_uninit(&view);
    model_destroy(one_more);
    model_destroy(model);
    plan_destroy(plan);
}

int
main(void)
{
    printf("CPU time of one plan_compute(), ms (best of %d)\n", RUNS);
    printf("%6s  %10s  %10s  %10s  %10s  %8s\n", "NICs", "nothing",
           "unchanged", "one added", "one gone", "compiled");
    measure(1000);
    measure(2000);
    measure(10000);
    return 0;
}
