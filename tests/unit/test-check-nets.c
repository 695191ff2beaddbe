/* SPDX-License-Identifier: Apache-2.0
 *
 * test-check-nets.c: faults of settings and networks, and the twins of each
 * that are right.
 *
 * If a check is lost, a host loses its way to its own network, or a bridge
 * cannot be made. */
#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "make-model.h"

/* 'model' has exactly the faults 'expected'. */
static void
expect(struct model *model, const char *expected)
{
    char *faults = make_faults(model, NULL, NULL);

    assert_string_equal(faults, expected);
    free(faults);
    model_destroy(model);
}

/* The faults of a model with that bridge; malloc'd. */
static char *
bridge_faults(const char *bridge)
{
    struct model *model = make_model();
    char *faults;

    free(model->bridge);
    model->bridge = xstrdup(bridge);
    faults = make_faults(model, NULL, NULL);
    model_destroy(model);
    return faults;
}

static void
test_bridge(void **state)
{
    static const char *const bad[] = {
        "",   "a b", "a/b", "all",  "default",          "lo", "ovs-system",
        "-a", ".",   "a\n", "vm%d", "0123456789012345", "a:b"
    };
    static const char *const good[] = { "vmovs0", "br-int", "012345678901234",
                                        "A.b_c" };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        char *faults = bridge_faults(bad[i]);
        assert_non_null(strstr(faults, "cannot be the name of a bridge"));
        assert_memory_equal(faults, "f: bridge: \"", 12);
        free(faults);
    }
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        char *faults = bridge_faults(good[i]);
        assert_string_equal(faults, "");
        free(faults);
    }
}

/* The faults of a model with that domain, and a network with it. */
static char *
domain_faults(const char *domain)
{
    struct model *model = make_model();
    char *faults;

    free(model->domain);
    model->domain = xstrdup(domain);
    make_network(model, "lab", NULL, NULL)->domain = xstrdup(domain);
    faults = make_faults(model, NULL, NULL);
    model_destroy(model);
    return faults;
}

static void
test_domain(void **state)
{
    static const char thirty[] = "a12345678901234567890123456789";
    static const char *const bad[] = { "",  ".",   "a.", ".a",  "a..b",
                                       "A", "a_b", "-a", "a b", "a\n" };
    static const char *const good[] = { "internal", "vm.a-b.c1" };
    char s[128];
    char *faults;

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        faults = domain_faults(bad[i]);
        assert_non_null(strstr(faults, "f: domain: \""));
        assert_non_null(strstr(faults, "f:1:1: networks.lab.domain: \""));
        free(faults);
    }
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        faults = domain_faults(good[i]);
        assert_string_equal(faults, "");
        free(faults);
    }

    /* 125 bytes are right, 126 are too many, and so are 64 of one label. */
    snprintf(s, sizeof s, "%s.%s.%s.%s.b", thirty, thirty, thirty, thirty);
    faults = domain_faults(s);
    assert_string_equal(faults, "");
    free(faults);
    strcat(s, "c");
    faults = domain_faults(s);
    assert_string_not_equal(faults, "");
    free(faults);
    snprintf(s, sizeof s, "%s%s0123", thirty, thirty);
    faults = domain_faults(s);
    assert_string_not_equal(faults, "");
    free(faults);
}

/* web1.corp.example would be web1's short name on b and full name on a. */
static void
test_zones(void **state)
{
    struct model *model = make_model();

    make_network(model, "corp", NULL, NULL)->domain = xstrdup("example");
    make_network(model, "b", NULL, NULL)->domain = xstrdup("corp.example");
    make_network(model, "c", NULL, NULL)->domain = xstrdup("example");
    expect(model,
           "f:2:1: networks.b.domain: corp.example is where the names of "
           "network corp are, so that names would mix; write another "
           "domain\n");

    model = make_model();
    make_network(model, "vm", NULL, NULL)->domain = xstrdup("internal");
    expect(model,
           "f: domain: vm.internal is where the names of network vm are, so "
           "that names would mix; write another domain\n");
}

static void
test_network_values(void **state)
{
    struct model *model = make_model();

    make_network(model, "a", "10.1.0.0/31", NULL)->mtu = 67;
    make_network(model, "b", "10.2.0.0/30", "fd00:2::/121")->mtu = 1279;
    make_network(model, "c", "127.1.0.0/16", "fe80::/64")->mtu = 1280;
    make_network(model, "d", "169.254.1.0/24", "ff05::/64")->mtu = 65535;
    make_network(model, "e", "224.0.0.0/8", "::1:0:0/96");
    make_network(model, "f", "255.255.255.0/24", "fd00::/47");
    make_network(model, "g", "0.0.0.0/8", NULL)->mtu = 68;
#define AGAIN4 "write another, such as \"10.77.1.0/24\", or \"auto\"\n"
#define AGAIN6 "write another, such as \"fd00:77:1::/64\", or \"auto\"\n"
#define RANGE6 "write /48 to /120, best /64, such as \"fd00:77:1::/64\"\n"
    expect(model,
           "f:1:1: networks.a.mtu: IPv4 does not work below 68 bytes, and "
           "this is 67; write 68 to 65535, or leave it out\n"
           "f:1:1: networks.a.subnet: a subnet of /31 is too small; write /8 "
           "to /30, such as \"10.77.1.0/24\"\n"
           "f:2:1: networks.b.mtu: IPv6 does not work below 1280 bytes, and "
           "this is 1279; write 1280 to 65535, or leave out subnet6\n"
           "f:2:1: networks.b.subnet6: a subnet of /121 is too small; " RANGE6
           "f:3:1: networks.c.subnet: 127.1.0.0/16 cannot be a subnet: "
           "127.0.0.0/8 is loopback; " AGAIN4
           "f:3:1: networks.c.subnet6: fe80::/64 cannot be a subnet: "
           "fe80::/10 is link-local; " AGAIN6
           "f:4:1: networks.d.subnet: 169.254.1.0/24 cannot be a subnet: "
           "169.254.0.0/16 is link-local; " AGAIN4
           "f:4:1: networks.d.subnet6: ff05::/64 cannot be a subnet: ff00::/8 "
           "is multicast; " AGAIN6
           "f:5:1: networks.e.subnet: 224.0.0.0/8 cannot be a subnet: "
           "224.0.0.0/4 is multicast; " AGAIN4
           "f:5:1: networks.e.subnet6: ::1:0:0/96 cannot be a subnet: ::/8 is "
           "reserved; " AGAIN6
           "f:6:1: networks.f.subnet: 255.255.255.0/24 cannot be a subnet: "
           "240.0.0.0/4 is reserved; " AGAIN4
           "f:6:1: networks.f.subnet6: a subnet of /47 is too wide; " RANGE6
           "f:7:1: networks.g.subnet: 0.0.0.0/8 cannot be a subnet: 0.0.0.0/8 "
           "means \"this network\"; " AGAIN4);
}

static void
test_overlaps(void **state)
{
    struct model *model = make_model();

    make_network(model, "z", "10.0.0.0/16", "fd00::/48");
    make_network(model, "a", "10.0.5.0/24", "fd00:0:0:5::/64");
    make_network(model, "b", "10.1.0.0/24", "fd00:0:1::/64");
    make_network(model, "c", "10.1.0.0/24", NULL);
    make_network(model, "d", "10.1.1.0/24", NULL);
#define ANOTHER "write another subnet, or \"auto\"\n"
    expect(model,
           "f:2:1: networks.a.subnet: 10.0.5.0/24 overlaps 10.0.0.0/16 of "
           "network z; " ANOTHER
           "f:2:1: networks.a.subnet6: fd00:0:0:5::/64 overlaps fd00::/48 of "
           "network z; " ANOTHER
           "f:4:1: networks.c.subnet: 10.1.0.0/24 overlaps 10.1.0.0/24 of "
           "network b; " ANOTHER);

    /* The wider one came later. */
    model = make_model();
    make_network(model, "a", "10.0.5.0/24", NULL);
    make_network(model, "z", "10.0.0.0/16", NULL);
    expect(model,
           "f:2:1: networks.z.subnet: 10.0.0.0/16 overlaps 10.0.5.0/24 of "
           "network a; " ANOTHER);
}

static void
test_routes(void **state)
{
    struct model *model = make_model();
    struct model *running;
    struct host_facts facts;
    char *faults;

    host_facts_init(&facts);
    host_facts_add4(&facts, make_prefix4("0.0.0.0/0"), "eth0");
    host_facts_add4(&facts, make_prefix4("0.0.0.0/1"), "tun0");
    host_facts_add6(&facts, make_prefix6("::/0"), "eth0");
    host_facts_add6(&facts, make_prefix6("f000::/4"), "tun0");
    host_facts_add4(&facts, make_prefix4("10.1.0.0/16"), "eth0");
    host_facts_add4(&facts, make_prefix4("10.2.3.0/24"), "eth1");
    host_facts_add4(&facts, make_prefix4("10.2.4.5/32"), "wg0");
    host_facts_add6(&facts, make_prefix6("fd01::/32"), "eth2");

    make_network(model, "inside", "10.1.5.0/24", "fd01:0:5::/64");
    make_network(model, "around", "10.2.0.0/16", NULL);
    make_network(model, "free", "10.3.0.0/16", "fd02::/64");
    faults = make_faults(model, NULL, &facts);
    assert_string_equal(
        faults,
        "f:1:1: networks.inside.subnet: 10.1.5.0/24 overlaps the host's route "
        "to 10.1.0.0/16 by eth0; " ANOTHER
        "f:1:1: networks.inside.subnet6: fd01:0:5::/64 overlaps the host's "
        "route to fd01::/32 by eth2; " ANOTHER
        "f:2:1: networks.around.subnet: 10.2.0.0/16 overlaps the host's route "
        "to 10.2.3.0/24 by eth1; " ANOTHER);
    free(faults);

    /* In force before the routes came: stays. */
    running = model_clone(model);
    faults = make_faults(model, running, &facts);
    assert_string_equal(faults, "");
    free(faults);

    /* Not so what was changed since. */
    running->networks[0].subnet.plen--;         /* around */
    running->networks[2].choice4 = CHOICE_AUTO; /* inside */
    faults = make_faults(model, running, &facts);
    assert_non_null(strstr(faults, "networks.around.subnet"));
    assert_non_null(strstr(faults, "networks.inside.subnet:"));
    assert_null(strstr(faults, "networks.inside.subnet6"));
    free(faults);
    for (int i = 0; i < 2; i++) {
        struct model *other = model_clone(model);

        if (i) {
            other->networks[2].subnet6.plen--;
        } else {
            other->networks[2].subnet6.addr.s6_addr[7]++;
        }
        faults = make_faults(model, other, &facts);
        assert_non_null(strstr(faults, "networks.inside.subnet6"));
        free(faults);
        model_destroy(other);
    }
    model_destroy(running);
    model_destroy(model);
    host_facts_uninit(&facts);
}

/* 'n' VMs with one NIC each on network lab. */
static void
add_vms(struct model *model, int n)
{
    char name[16];

    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "vm%d", i);
        make_vm(model, name, HV_KVM, "lab", NULL, NULL, NULL);
    }
}

static void
test_room(void **state)
{
    struct model *model = make_model();

    make_network(model, "lab", "10.77.3.0/28", "fd00:77:1::/120");
    add_vms(model, 13);
    expect(model, "");

    model = make_model();
    make_network(model, "lab", "10.77.3.0/28", "fd00:77:1::/120");
    add_vms(model, 127);
    expect(model,
           "f:1:1: networks.lab.subnet: 10.77.3.0/28 has 13 addresses for "
           "NICs, and the network has 127 NICs; write a wider one, such as "
           "\"10.77.3.0/24\"\n"
           "f:1:1: networks.lab.subnet6: fd00:77:1::/120 has 126 addresses "
           "for NICs, and the network has 127 NICs; write a /64\n");

    model = make_model();
    make_network(model, "lab", "10.77.3.0/24", NULL);
    add_vms(model, 254);
    expect(model,
           "f:1:1: networks.lab.subnet: 10.77.3.0/24 has 253 addresses for "
           "NICs, and the network has 254 NICs; write a wider one, such as "
           "\"10.77.2.0/23\"\n");
}

static void
test_members(void **state)
{
    struct model *model = make_model();

    make_network(model, "lab", "10.0.0.0/8", NULL);
    add_vms(model, NETWORK_MAX_MEMBERS);
    for (int i = 0; i < 2; i++) {
        make_vm(model, i ? "far1" : "far2", HV_KVM, "lab", NULL, NULL, NULL)
            ->host = xstrdup("host2");
    }
    char *faults = make_faults(model, NULL, NULL);
    assert_string_equal(faults, "");
    free(faults);

    make_vm(model, "b", HV_KVM, "lab", NULL, NULL, NULL);
    make_vm(model, "a", HV_KVM, "lab", NULL, NULL, NULL);
    expect(model,
           "f:1004:1: vms.b.nics[0].network: network lab has 1002 NICs on one "
           "host, and 1000 is the most; put some of them on another "
           "network\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bridge),   cmocka_unit_test(test_domain),
        cmocka_unit_test(test_zones),    cmocka_unit_test(test_network_values),
        cmocka_unit_test(test_overlaps), cmocka_unit_test(test_routes),
        cmocka_unit_test(test_room),     cmocka_unit_test(test_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
