/* SPDX-License-Identifier: Apache-2.0
 *
 * test-binding.c: the right port for each NIC, and no port for anybody who has
 * no claim to it.
 *
 * What a user would lose: a guest on somebody else's network, under somebody
 * else's address. */
#include "world.h"
#include "core/binding.h"
#include "uuid.h"

struct world {
    struct model *model;
    struct view view;
    struct bindings bindings;
};

static int
setup(void **state)
{
    struct world *w = xzalloc(sizeof *w);

    w->model = model_create();
    world_network(w->model, "lab", 1);
    view_init(&w->view);
    bindings_init(&w->bindings);
    *state = w;
    return 0;
}

static int
teardown(void **state)
{
    struct world *w = *state;

    bindings_uninit(&w->bindings);
    view_uninit(&w->view);
    model_destroy(w->model);
    free(w);
    return 0;
}

static void
compute(struct world *w)
{
    bindings_compute(&w->bindings, w->model, &w->view, "here");
}

/* Fails unless 'nic' is bound to 'port' (NULL: none), and so both ways. */
static void
assert_bound(const struct world *w, const char *nic, const char *port,
             enum binding_how how)
{
    const struct binding *binding = bindings_of_nic(&w->bindings, nic);

    if (!port) {
        assert_null(binding);
        return;
    }
    assert_non_null(binding);
    assert_string_equal(binding->port, port);
    assert_string_equal(binding_how_name(binding->how),
                        binding_how_name(how));
    assert_ptr_equal(bindings_of_port(&w->bindings, port), binding);
    assert_int_equal(binding->ofport,
                     view_find_port(&w->view, port)->ofport);
}

static void
assert_stranger(const struct world *w, const char *port)
{
    assert_null(bindings_of_port(&w->bindings, port));
}

static void
add_vms(struct world *w, enum hypervisor hv, const char *first,
        const char *second)
{
    world_nic(world_vm(w->model, first, hv), "lab", 10);
    if (second) {
        world_nic(world_vm(w->model, second, hv), "lab", 11);
    }
    model_sort(w->model);
}

static void
add_inactive(struct world *w, const char *name, const char *iface_id)
{
    struct view_port port = world_port(name, 50);

    port.iface_id = xstrdup(iface_id);
    port.inactive = true;
    view_set_port(&w->view, &port);
}

static void
add_with_mac(struct world *w, const char *name, struct eth_addr mac)
{
    struct view_port port = world_port(name, 60);

    port.attached_mac = mac;
    view_set_port(&w->view, &port);
}

/* Our ports. */

static void
test_own_by_mark_and_name(void **state)
{
    struct world *w = *state;

    add_vms(w, HV_KVM, "db1", "web1");
    world_own(&w->view, "vm-db1", 3, "db1", "0", "lab", 64);
    world_own(&w->view, "vm-web1", 4, "other", "0", "lab", 65);
    compute(w);
    assert_bound(w, "db1", "vm-db1", BOUND_OWN);
    assert_bound(w, "web1", NULL, 0);

    /* The name without a mark is somebody else's port. */
    world_foreign(&w->view, "vm-web1", 5, NULL);
    compute(w);
    assert_bound(w, "web1", NULL, 0);
    assert_stranger(w, "vm-web1");
}

static void
test_only_this_host(void **state)
{
    struct world *w = *state;

    add_vms(w, HV_LIBVIRT, "db1", "web1");
    w->model->vms[0].host = xstrdup("there");
    w->model->vms[1].host = xstrdup("here");
    world_foreign(&w->view, "vnet0", 1, "db1");
    world_foreign(&w->view, "vnet1", 2, "web1");
    compute(w);
    assert_bound(w, "db1", NULL, 0);
    assert_bound(w, "web1", "vnet1", BOUND_IFACE_ID);
}

/* iface-id. */

static void
test_forms_of_iface_id(void **state)
{
    struct world *w = *state;
    struct vm *vm = world_vm(w->model, "web1", HV_LIBVIRT);
    char *id;

    for (int i = 0; i < 3; i++) {
        world_nic(vm, "lab", 10 + i);
    }
    model_sort(w->model);
    id = xasprintf(UUID_FMT, UUID_ARGS(&w->model->vms[0].nics[2].id));
    world_foreign(&w->view, "vnet0", 1, "web1");
    world_foreign(&w->view, "vnet1", 2, "web1.1");
    world_foreign(&w->view, "vnet2", 3, id);
    world_foreign(&w->view, "vnet3", 4, "web1.3");
    compute(w);
    assert_bound(w, "web1", "vnet0", BOUND_IFACE_ID);
    assert_bound(w, "web1.1", "vnet1", BOUND_IFACE_ID);
    assert_bound(w, "web1.2", "vnet2", BOUND_IFACE_ID);
    assert_stranger(w, "vnet3");
    free(id);

    view_remove_port(&w->view, "vnet0");
    world_foreign(&w->view, "vnet4", 5, "web1.0");
    compute(w);
    assert_bound(w, "web1", "vnet4", BOUND_IFACE_ID);
}

static void
test_only_nic_has_the_vms_name(void **state)
{
    struct world *w = *state;
    struct nic *nic = world_nic(world_vm(w->model, "web1", HV_KVM), "lab", 1);

    nic->name = xstrdup("front");
    nic->name_given = true;
    model_sort(w->model);
    world_foreign(&w->view, "tap7", 1, "web1");
    compute(w);
    assert_bound(w, "web1.front", "tap7", BOUND_IFACE_ID);
}

/* A VM named like the id of a neighbour's NIC does not get its port. */
static void
test_name_like_an_id(void **state)
{
    struct world *w = *state;
    char *id;

    add_vms(w, HV_LIBVIRT, "web1", NULL);
    id = xasprintf(UUID_FMT, UUID_ARGS(&w->model->vms[0].nics[0].id));
    world_nic(world_vm(w->model, id, HV_LIBVIRT), "lab", 11);
    model_sort(w->model);
    world_foreign(&w->view, "vnet0", 1, id);
    compute(w);
    assert_bound(w, id, NULL, 0);
    assert_bound(w, "web1", "vnet0", BOUND_IFACE_ID);
    free(id);
}

static void
test_our_marks_do_not_bind_by_id(void **state)
{
    struct world *w = *state;
    struct view_port port = world_port("vm-old", 9);

    add_vms(w, HV_KVM, "web1", NULL);
    port.mark_vm = xstrdup("old");
    port.mark_nic = xstrdup("0");
    port.iface_id = xstrdup("web1");
    view_set_port(&w->view, &port);
    compute(w);
    assert_bound(w, "web1", NULL, 0);
}

static void
test_preference(void **state)
{
    struct world *w = *state;

    add_vms(w, HV_KVM, "web1", NULL);
    add_inactive(w, "tap0", "web1");
    compute(w);
    assert_bound(w, "web1", "tap0", BOUND_IFACE_ID);

    world_foreign(&w->view, "tap9", 2, "web1");
    compute(w);
    assert_bound(w, "web1", "tap9", BOUND_IFACE_ID);
    assert_true(shash_is_empty(&w->bindings.conflicts));

    world_foreign(&w->view, "tap8", 3, "web1.0");
    compute(w);
    assert_bound(w, "web1", "tap8", BOUND_IFACE_ID);
    assert_int_equal(shash_count(&w->bindings.conflicts), 1);
    assert_string_equal(shash_find_data(&w->bindings.conflicts, "tap9"),
                        "web1");

    world_own(&w->view, "vm-web1", 4, "web1", "0", "lab", 64);
    compute(w);
    assert_bound(w, "web1", "vm-web1", BOUND_OWN);
    assert_int_equal(shash_count(&w->bindings.conflicts), 2);
    assert_stranger(w, "tap8");

    view_remove_port(&w->view, "tap8");
    view_remove_port(&w->view, "tap9");
    compute(w);
    assert_true(shash_is_empty(&w->bindings.conflicts));
}

/* Nothing that binds may overrun a device name. */
static void
test_long_port_names_stay_strangers(void **state)
{
    struct world *w = *state;

    add_vms(w, HV_LIBVIRT, "web1", NULL);
    world_foreign(&w->view, "a-very-long-port-name", 1, "web1");
    compute(w);
    assert_bound(w, "web1", NULL, 0);
}

/* MAC and name. */

static void
test_by_mac_if_unique(void **state)
{
    struct world *w = *state;
    struct eth_addr mac;

    add_vms(w, HV_INCUS, "db1", "web1");
    mac = w->model->vms[1].nics[0].mac;
    add_with_mac(w, "veth0", mac);
    compute(w);
    assert_bound(w, "web1", "veth0", BOUND_MAC);

    /* Two ports, or two NICs: not unique. */
    add_with_mac(w, "veth1", mac);
    compute(w);
    assert_bound(w, "web1", NULL, 0);
    view_remove_port(&w->view, "veth1");
    w->model->vms[0].nics[0].mac = mac;
    compute(w);
    assert_bound(w, "web1", NULL, 0);
    assert_bound(w, "db1", NULL, 0);
}

static void
test_by_mac_only_foreign_kinds(void **state)
{
    struct world *w = *state;

    add_vms(w, HV_KVM, "web1", NULL);
    add_with_mac(w, "veth0", w->model->vms[0].nics[0].mac);
    compute(w);
    assert_bound(w, "web1", NULL, 0);
}

static void
test_iface_id_before_mac(void **state)
{
    struct world *w = *state;
    struct view_port port;

    /* veth0 has the MAC of db1 and says that it is web1. */
    add_vms(w, HV_INCUS, "db1", "web1");
    port = world_port("veth0", 1);
    port.attached_mac = w->model->vms[0].nics[0].mac;
    port.iface_id = xstrdup("web1");
    view_set_port(&w->view, &port);
    compute(w);
    assert_bound(w, "web1", "veth0", BOUND_IFACE_ID);
    assert_bound(w, "db1", NULL, 0);

    /* Also when it is not the one that is bound to web1. */
    world_foreign(&w->view, "veth00", 2, "web1");
    world_foreign(&w->view, "aeth", 3, "web1");
    compute(w);
    assert_bound(w, "web1", "aeth", BOUND_IFACE_ID);
    assert_bound(w, "db1", NULL, 0);
}

static void
test_by_name(void **state)
{
    struct world *w = *state;

    add_vms(w, HV_LIBVIRT, "db1", "web1");
    world_foreign(&w->view, "vm-web1", 1, NULL);
    world_foreign(&w->view, "vm-db1", 2, "web1");
    compute(w);
    assert_bound(w, "web1", "vm-db1", BOUND_IFACE_ID);
    assert_bound(w, "db1", NULL, 0);
    assert_stranger(w, "vm-web1");

    view_remove_port(&w->view, "vm-db1");
    compute(w);
    assert_bound(w, "web1", "vm-web1", BOUND_NAME);
}

/* History has no say. */

static void
test_ports_swap(void **state)
{
    struct world *w = *state;

    add_vms(w, HV_LIBVIRT, "db1", "web1");
    world_foreign(&w->view, "tap0", 1, "db1");
    world_foreign(&w->view, "tap1", 2, "web1");
    compute(w);
    assert_bound(w, "db1", "tap0", BOUND_IFACE_ID);
    world_foreign(&w->view, "tap0", 1, "web1");
    world_foreign(&w->view, "tap1", 2, "db1");
    compute(w);
    assert_bound(w, "db1", "tap1", BOUND_IFACE_ID);
    assert_bound(w, "web1", "tap0", BOUND_IFACE_ID);

    /* One leaves, the other takes its port. */
    world_foreign(&w->view, "tap1", 2, "web1");
    view_remove_port(&w->view, "tap0");
    compute(w);
    assert_bound(w, "db1", NULL, 0);
    assert_bound(w, "web1", "tap1", BOUND_IFACE_ID);
    view_remove_port(&w->view, "tap1");
    compute(w);
    assert_bound(w, "web1", NULL, 0);
    assert_stranger(w, "tap1");
}

static void
test_ofport_follows(void **state)
{
    struct world *w = *state;

    add_vms(w, HV_LIBVIRT, "web1", NULL);
    world_foreign(&w->view, "tap0", 0, "web1");
    compute(w);
    assert_bound(w, "web1", "tap0", BOUND_IFACE_ID);
    world_foreign(&w->view, "tap0", 12, "web1");
    compute(w);
    assert_bound(w, "web1", "tap0", BOUND_IFACE_ID);
}

static void
test_full_names(void **state)
{
    struct vm vm = { .name = xstrdup("web1") };
    struct nic nics[2] = { { .name = "0" }, { .name = "front" } };
    char name[NIC_NAME_SIZE];

    for (int i = 0; i < 2; i++) {
        char *expected = nic_full_name(&vm, &nics[i]);

        nic_put_full_name(&vm, &nics[i], name);
        assert_string_equal(name, expected);
        free(expected);
    }
    free(vm.name);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_own_by_mark_and_name),
        TEST(test_only_this_host),
        TEST(test_forms_of_iface_id),
        TEST(test_only_nic_has_the_vms_name),
        TEST(test_name_like_an_id),
        TEST(test_our_marks_do_not_bind_by_id),
        TEST(test_preference),
        TEST(test_long_port_names_stay_strangers),
        TEST(test_by_mac_if_unique),
        TEST(test_by_mac_only_foreign_kinds),
        TEST(test_iface_id_before_mac),
        TEST(test_by_name),
        TEST(test_ports_swap),
        TEST(test_ofport_follows),
        TEST(test_full_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
