/* SPDX-License-Identifier: Apache-2.0
 *
 * test-keys.c: keys are unique, stay what they are, and survive a restart.
 *
 * What a user would lose: frames delivered to the port that had a key
 * before. */
#include "world.h"
#include "core/compile.h"
#include "core/keys.h"
#include "random.h"

struct world {
    struct model *model;
    struct view view;
    struct bindings bindings;
    struct keys *keys;
};

static void
world_reset_model(struct world *w)
{
    model_destroy(w->model);
    w->model = model_create();
}

static void
world_restart(struct world *w)
{
    keys_destroy(w->keys);
    w->keys = keys_create();
}

static size_t
update(struct world *w)
{
    bindings_compute(&w->bindings, w->model, &w->view, "here");
    return keys_update(w->keys, w->model, &w->view, &w->bindings, "here");
}

static int
setup(void **state)
{
    struct world *w = xzalloc(sizeof *w);

    w->model = model_create();
    view_init(&w->view);
    bindings_init(&w->bindings);
    w->keys = keys_create();
    *state = w;
    return 0;
}

static int
teardown(void **state)
{
    struct world *w = *state;

    keys_destroy(w->keys);
    bindings_uninit(&w->bindings);
    view_uninit(&w->view);
    model_destroy(w->model);
    free(w);
    return 0;
}

static struct vm *
add_vm(struct world *w, int i, const char *network)
{
    char name[16];
    struct vm *vm;

    snprintf(name, sizeof name, "vm%04d", i);
    vm = world_vm(w->model, name, HV_KVM);
    world_nic(vm, network, i);
    return vm;
}

/* Our port of VM 'i', with a key in the database. */
static void
store(struct world *w, int i, const char *network, uint32_t key)
{
    char vm[16], port[16];

    snprintf(vm, sizeof vm, "vm%04d", i);
    snprintf(port, sizeof port, "vm-vm%04d", i);
    world_own(&w->view, port, 1000 + i, vm, "0", network, key);
}

static uint32_t
key_of(const struct world *w, int i)
{
    char name[16];

    snprintf(name, sizeof name, "vm%04d", i);
    return keys_nic(w->keys, name);
}

static void
test_lowest_in_order_of_names(void **state)
{
    struct world *w = *state;

    world_network(w->model, "lab", 1);
    world_network(w->model, "blue", 2);
    add_vm(w, 2, "lab");
    add_vm(w, 1, "blue");
    add_vm(w, 3, "lab");
    model_sort(w->model);
    assert_int_equal(update(w), 0);
    assert_int_equal(keys_gateway(w->keys, "blue"), 64);
    assert_int_equal(key_of(w, 1), 65);
    assert_int_equal(keys_gateway(w->keys, "lab"), 128);
    assert_int_equal(key_of(w, 2), 129);
    assert_int_equal(key_of(w, 3), 130);
    assert_int_equal(keys_nic(w->keys, "nobody"), 0);
    assert_int_equal(keys_network(w->keys, "nowhere"), 0);
}

static void
test_who_has_a_key(void **state)
{
    struct world *w = *state;

    world_network(w->model, "lab", 1);
    w->model->networks[0].choice4 = CHOICE_NONE;
    w->model->networks[0].choice6 = CHOICE_NONE;
    add_vm(w, 1, "lab")->host = xstrdup("there");
    add_vm(w, 2, "lab")->hypervisor = HV_LIBVIRT;
    model_sort(w->model);
    update(w);
    assert_int_equal(keys_gateway(w->keys, "lab"), 0);
    assert_int_equal(key_of(w, 1), 0);
    assert_int_equal(key_of(w, 2), 0);

    world_foreign(&w->view, "vnet0", 1, "vm0002");
    update(w);
    assert_int_equal(key_of(w, 2), 64);
    view_remove_port(&w->view, "vnet0");
    update(w);
    assert_int_equal(key_of(w, 2), 0);
}

static void
test_stored_keys_win(void **state)
{
    struct world *w = *state;
    struct view_port port = world_port("vnet0", 5);

    world_network(w->model, "lab", 1);
    add_vm(w, 1, "lab");
    add_vm(w, 2, "lab");
    add_vm(w, 3, "lab")->hypervisor = HV_LIBVIRT;
    model_sort(w->model);
    world_own(&w->view, "vmovs-lab", 1, NULL, NULL, "lab", 700);
    store(w, 2, "lab", 64);
    port.iface_id = xstrdup("vm0003");
    port.bound = xstrdup("vm0003");
    port.key = 703;
    view_set_port(&w->view, &port);
    update(w);
    assert_int_equal(keys_gateway(w->keys, "lab"), 700);
    assert_int_equal(key_of(w, 2), 64);
    assert_int_equal(key_of(w, 3), 703);
    assert_int_equal(key_of(w, 1), 65);

    /* What was given stays, whatever somebody writes to the database. */
    store(w, 2, "lab", 66);
    update(w);
    assert_int_equal(key_of(w, 2), 64);
}

/* A foreign port's key belongs to the NIC that its label names. */
static void
test_label_of_another_nic(void **state)
{
    struct world *w = *state;
    struct view_port port = world_port("vnet0", 5);

    world_network(w->model, "lab", 1);
    add_vm(w, 3, "lab")->hypervisor = HV_LIBVIRT;
    model_sort(w->model);
    port.iface_id = xstrdup("vm0003");
    port.bound = xstrdup("vm0009");
    port.key = 703;
    view_set_port(&w->view, &port);
    update(w);
    assert_int_equal(key_of(w, 3), 65);
}

static void
test_stored_conflicts(void **state)
{
    struct world *w = *state;

    world_network(w->model, "blue", 1);
    world_network(w->model, "lab", 2);
    for (int i = 1; i <= 7; i++) {
        add_vm(w, i, i <= 2 ? "blue" : "lab");
    }
    model_sort(w->model);
    store(w, 1, "blue", 640);
    store(w, 2, "blue", 1280);
    store(w, 3, "lab", 641);
    store(w, 4, "lab", 642);
    store(w, 5, "lab", 642);        /* The same as VM 4. */
    store(w, 6, "lab", 1281);       /* One each: the first by name has it. */
    store(w, 7, "lab", 63);         /* Not a key at all. */
    update(w);
    assert_int_equal(key_of(w, 3), 641);
    assert_int_equal(key_of(w, 4), 642);
    assert_int_equal(key_of(w, 2), 1280);
    assert_int_equal(keys_gateway(w->keys, "blue"), 1281);
    assert_int_equal(key_of(w, 1), 1282);
    assert_int_equal(keys_gateway(w->keys, "lab"), 640);
    assert_int_equal(key_of(w, 5), 643);
    assert_int_equal(key_of(w, 6), 644);
    assert_int_equal(key_of(w, 7), 645);
}

/* The key of our port from when its NIC was in another network counts for
 * nothing, or a restart could take the chunk from those who stayed. */
static void
test_moved_to_another_network(void **state)
{
    struct world *w = *state;

    for (int turn = 0; turn < 2; turn++) {
        world_reset_model(w);
        world_network(w->model, "blue", 1);
        world_network(w->model, "lab", 2);
        w->model->networks[0].choice4 = CHOICE_NONE;
        w->model->networks[0].choice6 = CHOICE_NONE;
        w->model->networks[1].choice4 = CHOICE_NONE;
        w->model->networks[1].choice6 = CHOICE_NONE;
        add_vm(w, 1, "lab");
        add_vm(w, 2, turn ? "blue" : "lab");
        model_sort(w->model);
        store(w, 1, "lab", 64);
        store(w, 2, "lab", 65);
        update(w);
        assert_int_equal(key_of(w, 1), 64);
        assert_int_equal(key_of(w, 2), turn ? 128 : 65);
    }
    world_restart(w);
    update(w);
    assert_int_equal(key_of(w, 1), 64);
    assert_int_equal(key_of(w, 2), 128);
}

static void
test_chunks(void **state)
{
    struct world *w = *state;
    const uint16_t *chunks;
    size_t n;

    world_network(w->model, "lab", 1);
    for (int i = 1; i <= 128; i++) {
        add_vm(w, i, "lab");
    }
    model_sort(w->model);
    update(w);
    chunks = keys_chunks(w->keys, "lab", &n);
    assert_int_equal(n, 3);
    assert_int_equal(chunks[0], 1);
    assert_int_equal(chunks[2], 3);
    assert_int_equal(key_of(w, 63), 127);
    assert_int_equal(key_of(w, 64), 128);

    /* All but the gateway and the last VM go, and the chunk between. */
    world_reset_model(w);
    world_network(w->model, "lab", 1);
    add_vm(w, 128, "lab");
    model_sort(w->model);
    update(w);
    chunks = keys_chunks(w->keys, "lab", &n);
    assert_int_equal(n, 2);
    assert_int_equal(chunks[0], 1);
    assert_int_equal(chunks[1], 3);
    assert_int_equal(key_of(w, 128), 192);

    world_reset_model(w);
    update(w);
    assert_null(keys_chunks(w->keys, "lab", &n));
    assert_int_equal(n, 0);
}

static void
test_no_key_left(void **state)
{
    struct world *w = *state;
    enum { ROOM = NETWORK_MAX_CHUNKS * KEY_CHUNK };
    struct vm *vm;

    world_network(w->model, "lab", 1);
    vm = world_vm(w->model, "web", HV_KVM);
    for (int i = 0; i < ROOM + 4; i++) {
        world_nic(vm, "lab", i);
    }
    model_sort(w->model);

    /* The gateway has one. */
    assert_int_equal(update(w), 5);
    assert_int_equal(update(w), 5);
    assert_int_equal(keys_gateway(w->keys, "lab"), 64);
    assert_int_equal(keys_nic(w->keys, "web"), 65);
}

/* Two names with one hash, found by trying; the numbers must be the same on
 * every host, so they are written down here. */
static void
test_network_keys(void **state)
{
    struct world *w = *state;
    uint32_t lab;

    world_network(w->model, "default", 1);
    world_network(w->model, "lab", 2);
    model_sort(w->model);
    update(w);
    lab = keys_network(w->keys, "lab");
    assert_int_equal(keys_network(w->keys, "default"), 0x3b5b4d);
    assert_int_equal(lab, 0x609296);

    /* Of names that collide the first keeps its hash. */
    world_network(w->model, "n5805", 3);
    model_sort(w->model);
    update(w);
    assert_int_equal(keys_network(w->keys, "n5805"), 0x80614d);
    world_network(w->model, "n22333", 4);
    model_sort(w->model);
    update(w);
    assert_int_equal(keys_network(w->keys, "n22333"), 0x80614d);
    assert_int_equal(keys_network(w->keys, "n5805"), 0x80614d + 1);
    assert_int_equal(keys_network(w->keys, "lab"), lab);
}

/* Arbitrary adds, removals and restarts. */

enum { N_VMS = 200 };

static void
check_keys(const struct world *w, const bool *there, const uint32_t *before)
{
    bool taken[KEY_MAX + 1] = { false };

    for (int i = 0; i < N_VMS; i++) {
        uint32_t key = key_of(w, i);

        if (!there[i]) {
            assert_int_equal(key, 0);
            continue;
        }
        assert_in_range(key, KEY_MIN, KEY_MAX);
        assert_false(taken[key]);
        taken[key] = true;
        if (before[i]) {
            assert_int_equal(key, before[i]);
        }
    }
}

static void
test_stable_over_anything(void **state)
{
    struct world *w = *state;
    uint32_t before[N_VMS] = { 0 };
    bool there[N_VMS] = { false };

    random_set_seed(7);
    for (int step = 0; step < 300; step++) {
        world_reset_model(w);
        world_network(w->model, "blue", 1);
        world_network(w->model, "lab", 2);
        for (int i = 0; i < N_VMS; i++) {
            if (!random_range(10)) {
                there[i] = !there[i];
            }
            if (there[i]) {
                add_vm(w, i, i % 3 ? "lab" : "blue");
            }
        }
        model_sort(w->model);
        if (!random_range(4)) {
            world_restart(w);
        }
        assert_int_equal(update(w), 0);
        check_keys(w, there, before);
        for (int i = 0; i < N_VMS; i++) {
            char port[16];

            before[i] = key_of(w, i);
            snprintf(port, sizeof port, "vm-vm%04d", i);
            view_remove_port(&w->view, port);
            if (there[i]) {
                store(w, i, i % 3 ? "lab" : "blue", before[i]);
            }
        }
        for (int i = 0; i < 2; i++) {
            const char *name = w->model->networks[i].name;
            char port[IFNAMSIZ];

            network_device_name(name, port);
            world_own(&w->view, port, 1, NULL, NULL, name,
                      keys_gateway(w->keys, name));
        }
    }
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lowest_in_order_of_names),
        TEST(test_who_has_a_key),
        TEST(test_stored_keys_win),
        TEST(test_label_of_another_nic),
        TEST(test_stored_conflicts),
        TEST(test_moved_to_another_network),
        TEST(test_chunks),
        TEST(test_no_key_left),
        TEST(test_network_keys),
        TEST(test_stable_over_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
