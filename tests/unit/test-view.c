/* SPDX-License-Identifier: Apache-2.0
 *
 * test-view.c: the view finds what was put in, by every index, and counts
 * changes only. */
#include "world.h"

static void
test_find_and_remove(void **state)
{
    struct view view;

    view_init(&view);
    world_foreign(&view, "tap0", 1, NULL);
    world_foreign(&view, "tap1", 2, "web1");
    assert_int_equal(view_find_port(&view, "tap0")->ofport, 1);
    assert_int_equal(view_find_port(&view, "tap1")->ofport, 2);
    assert_null(view_find_port(&view, "tap2"));

    view_remove_port(&view, "tap1");
    assert_null(view_find_port(&view, "tap1"));
    assert_null(view_next_by_iface_id(&view, "web1", NULL));
    assert_int_equal(view.seqno, 3);
    view_remove_port(&view, "tap1");
    assert_int_equal(view.seqno, 3);
    view_uninit(&view);
}

static void
test_same_again_is_no_change(void **state)
{
    struct view_device device = { .name = "vm-web1", .mtu = 1500 };
    struct view view;

    view_init(&view);
    world_foreign(&view, "tap0", 1, "web1");
    world_foreign(&view, "tap0", 1, "web1");
    assert_int_equal(view.seqno, 1);
    world_foreign(&view, "tap0", 1, NULL);
    assert_int_equal(view.seqno, 2);
    world_own(&view, "tap0", 1, "web1", "0", "lab", 64);
    assert_int_equal(view.seqno, 3);

    view_set_device(&view, &device);
    view_set_device(&view, &device);
    assert_int_equal(view.seqno, 4);
    device.up = true;
    view_set_device(&view, &device);
    assert_int_equal(view.seqno, 5);
    assert_true(view_find_device(&view, "vm-web1")->up);
    view_remove_device(&view, "vm-web1");
    assert_null(view_find_device(&view, "vm-web1"));
    assert_int_equal(view.seqno, 6);
    view_uninit(&view);
}

/* A port that changes its iface-id or MAC must not be found by the old. */
static void
test_indexes_follow(void **state)
{
    const struct eth_addr mac_a = ETH_ADDR_C(52, 54, 00, 00, 00, 01);
    const struct eth_addr mac_b = ETH_ADDR_C(52, 54, 00, 00, 00, 02);
    struct view_port port;
    struct view view;

    view_init(&view);
    port = world_port("tap0", 1);
    port.iface_id = xstrdup("old");
    port.attached_mac = mac_a;
    view_set_port(&view, &port);
    port = world_port("tap0", 1);
    port.iface_id = xstrdup("new");
    port.attached_mac = mac_b;
    view_set_port(&view, &port);
    assert_null(view_next_by_iface_id(&view, "old", NULL));
    assert_null(view_next_by_mac(&view, mac_a, NULL));
    assert_string_equal(view_next_by_iface_id(&view, "new", NULL)->name,
                        "tap0");
    assert_string_equal(view_next_by_mac(&view, mac_b, NULL)->name, "tap0");

    world_foreign(&view, "tap0", 1, NULL);
    assert_null(view_next_by_iface_id(&view, "new", NULL));
    assert_null(view_next_by_mac(&view, mac_b, NULL));
    view_uninit(&view);
}

static void
test_several_share_an_id(void **state)
{
    const struct view_port *port = NULL;
    unsigned int seen = 0;
    struct view view;

    view_init(&view);
    for (int i = 0; i < 100; i++) {
        char name[16];

        snprintf(name, sizeof name, "tap%d", i);
        world_foreign(&view, name, i, i % 10 ? "other" : "web1");
    }
    while ((port = view_next_by_iface_id(&view, "web1", port))) {
        assert_int_equal(port->ofport % 10, 0);
        seen++;
    }
    assert_int_equal(seen, 10);
    view_uninit(&view);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_and_remove),
        cmocka_unit_test(test_same_again_is_no_change),
        cmocka_unit_test(test_indexes_follow),
        cmocka_unit_test(test_several_share_an_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
