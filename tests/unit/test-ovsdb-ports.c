/* SPDX-License-Identifier: Apache-2.0
 *
 * test-ovsdb-ports.c: what has to be written for a port or the bridge, given
 * what is wanted and what there is, as text. */
#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "apply/ovsdb-bridge.h"
#include "apply/ovsdb-ports.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

/* Keys and values in turn, NULL at the end. */
#define IDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* All that nic_want() asks for. */
#define RIGHT                                                                 \
    "iface-id", "id", "iface-status", "active", "attached-mac",               \
        "02:00:00:00:00:0a", "vm-id", "web1", "vmovs-vm", "web1",             \
        "vmovs-nic", "1", "vmovs-network", "lab", "vmovs-key", "65"

static void
fill(struct smap *map, const char *const pairs[])
{
    smap_init(map);
    for (size_t i = 0; pairs[i]; i += 2) {
        smap_add(map, pairs[i], pairs[i + 1]);
    }
}

/* Fails unless port "p", which is as the arguments say ('type' NULL: not
 * there), needs the edit 'expected' ("": none). */
static void
expect(const struct port_want *want, const char *type, int64_t mtu,
       bool shared, const char *const pairs[], const char *expected)
{
    struct smap map;
    struct port_actual actual = { type, mtu, &map, shared };
    struct port_edit edit;
    struct ds s = DS_EMPTY_INITIALIZER;

    fill(&map, pairs);
    if (port_diff("p", want, "web1.1", type ? &actual : NULL, &edit)) {
        port_edit_format(&edit, &s);
        port_edit_uninit(&edit);
    }
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
    smap_destroy(&map);
}

static struct port_want
nic_want(void)
{
    return (struct port_want){
        .name = "p",
        .iface_id = "id",
        .attached_mac = ETH_ADDR_C(02, 00, 00, 00, 00, 0a),
        .vm_id = "web1",
        .vm = "web1",
        .nic = "1",
        .network = "lab",
        .key = 65,
    };
}

static void
adds_with_all_ids(void **state OVS_UNUSED)
{
    struct port_want nic = nic_want();
    struct port_want gateway = {
        .type = "internal", .network = "lab", .key = 64, .mtu = 1442
    };

    expect(&nic, NULL, 0, false, IDS(NULL),
           "add-port p external_ids:attached-mac=02:00:00:00:00:0a "
           "external_ids:iface-id=id external_ids:iface-status=active "
           "external_ids:vm-id=web1 external_ids:vmovs-key=65 "
           "external_ids:vmovs-network=lab external_ids:vmovs-nic=1 "
           "external_ids:vmovs-vm=web1");
    expect(&gateway, NULL, 0, false, IDS(NULL),
           "add-port p type=internal mtu_request=1442 "
           "external_ids:vmovs-key=64 external_ids:vmovs-network=lab");
}

static void
right_is_left_alone(void **state OVS_UNUSED)
{
    struct port_want want = nic_want();

    expect(&want, "", 0, false, IDS(RIGHT), "");
    expect(&want, "system", 0, false, IDS(RIGHT), "");
    expect(&want, "", 9000, false, IDS(RIGHT, "ovn-installed", "true"), "");
    expect(NULL, NULL, 0, false, IDS(NULL), "");
}

static void
changes_only_what_differs(void **state OVS_UNUSED)
{
    struct port_want want = nic_want();
    want.key = 66;
    expect(&want, "", 0, false, IDS(RIGHT),
           "set interface p external_ids:vmovs-key=66");

    want = nic_want();
    want.iface_id = NULL;
    expect(&want, "", 0, false, IDS(RIGHT),
           "set interface p -- remove interface p external_ids iface-id "
           "iface-status");

    want = nic_want();
    ovs_strlcpy(want.type, "internal", sizeof want.type);
    want.mtu = 1400;
    expect(&want, "internal", 1500, false, IDS(RIGHT),
           "set interface p mtu_request=1400");
}

static void
wrong_type_is_replaced(void **state OVS_UNUSED)
{
    struct port_want want = nic_want();

    expect(&want, "tap", 0, false, IDS(RIGHT), "del-port p");
    expect(&want, "internal", 0, false, IDS(RIGHT), "del-port p");
}

static void
deletes_only_ours(void **state OVS_UNUSED)
{
    expect(NULL, "", 0, false, IDS(RIGHT), "del-port p");
    expect(NULL, "internal", 0, false, IDS("vmovs-network", "lab"),
           "del-port p");
    expect(NULL, "", 0, false, IDS("iface-id", "id"), "");
    expect(NULL, "", 0, false, IDS("iface-id", "id", "vm-id", "x"), "");
    /* Somebody made it a member of a bond: the bond is not ours. */
    expect(NULL, "", 0, true, IDS("vmovs-vm", "web1", "iface-id", "id"), "");
}

static void
stranger_gets_labels_only(void **state OVS_UNUSED)
{
    struct port_want want = nic_want();

    want.foreign = true;
    expect(&want, NULL, 0, false, IDS(NULL), "");
    expect(&want, "", 0, false, IDS("iface-id", "other"),
           "set interface p external_ids:vmovs-bound=web1.1 "
           "external_ids:vmovs-key=65");
    expect(&want, "internal", 0, false,
           IDS("vmovs-bound", "web1.1", "vmovs-key", "65"), "");
    expect(NULL, "", 0, false,
           IDS("vmovs-bound", "web1.1", "vmovs-key", "65", "iface-id", "x"),
           "set interface p -- remove interface p external_ids vmovs-bound "
           "vmovs-key");

    /* A stranger in the place of our port is not touched. */
    want.foreign = false;
    expect(&want, "", 0, false, IDS("iface-id", "other"), "");
}

static void
log_lines_are_printable(void **state OVS_UNUSED)
{
    struct port_want want = nic_want();

    want.iface_id = "a\n\033[31m";
    expect(&want, "", 0, false, IDS(RIGHT),
           "set interface p external_ids:iface-id=a\\012\\033[31m");
}

/* Fails unless the bridge, if it is like 'actual' ('ids', 'config' NULL: as
 * wanted), needs the edit 'expected' ("": none). */
static void
expect_bridge(struct bridge_actual actual, const char *expected)
{
    struct bridge_want want;
    struct bridge_edit edit;
    struct ds s = DS_EMPTY_INITIALIZER;

    bridge_want_init(&want, "vmovs0", false, "host1", "1.0");
    actual.ids = actual.ids ? actual.ids : &want.ids;
    actual.config = actual.config ? actual.config : &want.config;
    if (bridge_diff(&want, &actual, &edit)) {
        bridge_edit_format(&edit, &want, &s);
    }
    bridge_edit_uninit(&edit);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
    bridge_want_uninit(&want);
}

static void
bridge_is_repaired(void **state OVS_UNUSED)
{
    char *protocols[] = { "OpenFlow10", "OpenFlow15" };
    const struct bridge_actual right = { .fail_mode = "secure",
                                         .datapath_type = "" };
    struct bridge_actual actual = right;

    expect_bridge(right, "");
    actual.fail_mode = NULL;
    expect_bridge(actual, "set bridge vmovs0 fail_mode=secure");
    actual.fail_mode = "standalone";
    actual.n_controllers = 2;
    expect_bridge(actual, "set bridge vmovs0 fail_mode=secure controller=[]");

    actual = right;
    actual.datapath_type = "netdev";
    expect_bridge(actual, "set bridge vmovs0 datapath_type=system");

    actual = right;
    actual.protocols = protocols;
    actual.n_protocols = 1;
    expect_bridge(actual, "set bridge vmovs0 protocols+=OpenFlow15");
    actual.n_protocols = 2;
    expect_bridge(actual, "");

    struct smap map;
    fill(&map, IDS("vmovs-version", "0.9", "vmovs-host", "host1", "x", "y"));
    actual = right;
    actual.ids = &map;
    expect_bridge(actual, "set bridge vmovs0 external_ids:vmovs-version=1.0");
    smap_destroy(&map);
}

static void
bridge_address_is_its_own(void **state OVS_UNUSED)
{
    struct bridge_want a, b;
    struct eth_addr mac;

    bridge_want_init(&a, "vmovs0", false, "host1", "1.0");
    bridge_want_init(&b, "vmovs0", true, "host2", "1.0");
    assert_true(eth_addr_from_string(smap_get(&a.config, "hwaddr"), &mac));
    assert_false(eth_addr_is_multicast(mac));
    assert_true(mac.ea[0] & 2); /* Locally administered. */
    assert_string_not_equal(smap_get(&a.config, "hwaddr"),
                            smap_get(&b.config, "hwaddr"));
    assert_string_equal(b.datapath_type, "netdev");
    bridge_want_uninit(&a);
    bridge_want_uninit(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_with_all_ids),
        cmocka_unit_test(right_is_left_alone),
        cmocka_unit_test(changes_only_what_differs),
        cmocka_unit_test(wrong_type_is_replaced),
        cmocka_unit_test(deletes_only_ours),
        cmocka_unit_test(stranger_gets_labels_only),
        cmocka_unit_test(log_lines_are_printable),
        cmocka_unit_test(bridge_is_repaired),
        cmocka_unit_test(bridge_address_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
