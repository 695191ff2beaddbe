/* SPDX-License-Identifier: Apache-2.0
 *
 * test-devices-diff.c: what one device lacks, for every kind and state.
 *
 * If a case is lost, a guest's device is up before it is shielded, or somebody
 * else's device is taken for ours. */
#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "apply/dev-diff.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

static const struct eth_addr guest_mac = ETH_ADDR_C(52, 54, 00, 00, 00, 01);

static struct device_want
want_of(enum nic_device kind, const char *name)
{
    struct device_want want = { .kind = kind, .mac = guest_mac, .mtu = 1500 };

    ovs_strlcpy(want.name, name, sizeof want.name);
    return want;
}

/* A link as we leave it. */
static struct dev_link
link_of(const char *kind, const char *name, struct eth_addr mac, int index)
{
    struct dev_link link = {
        .ifindex = index,
        .ours = true,
        .owner = 1000,
        .tap = true,
        .mac = mac,
        .mtu = 1500,
        .up = true,
        .has_ip6 = true,
        .ip6_disabled = true,
        .ip6_no_autoaddr = true,
        .deaf = true,
    };

    ovs_strlcpy(link.kind, kind, sizeof link.kind);
    ovs_strlcpy(link.name, name, sizeof link.name);
    return link;
}

/* The edits, separated by commas; "-": none; "(waiting)"; or the problem. */
static void
expect(const struct device_want *want, const char *name,
       const struct dev_facts *facts, const char *expected)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct dev_diff diff;

    dev_diff_init(&diff, name, want, facts);
    for (size_t i = 0; i < diff.n; i++) {
        ds_put_cstr(&text, i ? ", " : "");
        dev_edit_format(&diff.edits[i], name, &text);
    }
    if (diff.what) {
        assert_int_equal(diff.n, 0);
        assert_non_null(diff.remedy);
        ds_put_cstr(&text, diff.what);
    } else if (!diff.n) {
        ds_put_cstr(&text, diff.waiting ? "(waiting)" : "-");
    }
    assert_string_equal(ds_cstr(&text), expected);
    ds_destroy(&text);
    free(diff.what);
    free(diff.remedy);
}

static void
test_tap(void **state)
{
    struct device_want want = want_of(DEV_TAP, "vm-a");
    struct dev_link near =
        link_of("tun", "vm-a", dev_host_mac(guest_mac, false), 2);
    struct dev_facts facts = { .owner = 1000, .port = DEV_PORT_PRESENT };

    expect(&want, "vm-a", &facts, "vm-a: create tap");
    facts.near = &near;
    expect(&want, "vm-a", &facts, "-");
    facts.owner = 1001;
    expect(&want, "vm-a", &facts, "vm-a: set owner");
    facts.owner = 1000;
    near.tap = false;
    expect(&want, "vm-a", &facts, "vm-a: delete, vm-a: create tap");
    near.tap = true;
    near.ours = false;
    expect(&want, "vm-a", &facts,
           "there is a device vm-a that vmovs did not make");
}

static void
test_up_last(void **state)
{
    struct device_want want = want_of(DEV_TAP, "vm-a");
    struct dev_link near = {
        .ifindex = 2,
        .name = "vm-a",
        .kind = "tun",
        .tap = true,
        .ours = true,
        .owner = 1000,
        .mtu = 1400,
        .has_ip6 = true,
    };
    struct dev_facts facts = { .near = &near, .owner = 1000 };

    want.userspace = true;
    expect(&want, "vm-a", &facts,
           "vm-a: shield from the host, vm-a: answer no ARP,"
           " vm-a: make no IPv6 address, vm-a: disable IPv6,"
           " vm-a: set MAC fe:54:00:00:00:01, vm-a: set MTU, vm-a: set up");
}

/* On the kernel datapath a near end is never shielded, and up only while Open
 * vSwitch takes its frames. */
static void
test_kernel_datapath(void **state)
{
    struct device_want want = want_of(DEV_TAP, "vm-a");
    struct dev_link near =
        link_of("tun", "vm-a", dev_host_mac(guest_mac, false), 2);
    struct dev_facts facts = { .near = &near, .owner = 1000 };

    facts.port = DEV_PORT_ABSENT;
    expect(&want, "vm-a", &facts, "vm-a: set down");
    facts.port = DEV_PORT_UNKNOWN;
    expect(&want, "vm-a", &facts, "-");
    near.up = false;
    expect(&want, "vm-a", &facts, "(waiting)");
    facts.port = DEV_PORT_PENDING;
    expect(&want, "vm-a", &facts, "(waiting)");
    facts.port = DEV_PORT_PRESENT;
    facts.near_shielded = true;
    expect(&want, "vm-a", &facts, "vm-a: remove shield, vm-a: set up");
}

static void
test_veth(void **state)
{
    struct device_want want = want_of(DEV_VETH, "vm-a");
    struct dev_link near =
        link_of("veth", "vm-a", dev_host_mac(guest_mac, false), 2);
    struct dev_link far = link_of("veth", "vp-a", guest_mac, 3);
    struct dev_facts facts = { .port = DEV_PORT_PRESENT };

    want.userspace = want.far_tx_off = true;
    expect(&want, "vm-a", &facts, "vm-a: create veth");
    facts.far = &far;
    far.ours = false;
    expect(&want, "vm-a", &facts,
           "there is a device vp-a that vmovs did not make");
    far.ours = true;
    facts.near = &near;
    near.peer = 3;
    facts.near_shielded = true;
    facts.far_offload = true;
    far.up = false;
    expect(&want, "vm-a", &facts,
           "vp-a: shield from the host, vp-a: set tx off");
    near.ours = far.ours = false;
    facts.far_shielded = true;
    facts.far_offload = false;
    expect(&want, "vm-a", &facts, "vm-a: set alias, vp-a: set alias");
    near.peer = 4;
    expect(&want, "vm-a", &facts,
           "there is a device vm-a that vmovs did not make");
    near.ours = true;
    expect(&want, "vm-a", &facts, "vm-a: delete, vm-a: create veth");
    near.peer = 0;
    facts.far = NULL;
    expect(&want, "vm-a", &facts, "-");
}

static void
test_bridged(void **state)
{
    struct device_want want = want_of(DEV_VETH, "vm-a");
    struct dev_link near =
        link_of("veth", "vm-a", dev_host_mac(guest_mac, false), 2);
    struct dev_link far = link_of("veth", "vp-a", guest_mac, 3);
    struct dev_facts facts = {
        .near = &near,
        .far = &far,
        .near_offload = true,
        .port = DEV_PORT_PRESENT,
    };

    want.near_tx_off = true;
    near.peer = 3;
    far.up = false;
    expect(&want, "vm-a", &facts,
           "vp-a: shield from the host, vp-a: set MAC fa:54:00:00:00:01,"
           " vm-a: set tx off, vp-a: set up");
}

static void
test_gateway(void **state)
{
    struct device_want want = want_of(DEV_INTERNAL, "vmovs-lab");
    struct dev_addr addrs[2] = { { .plen = 24, .ours = true },
                                 { .plen = 24 } };
    struct dev_link near = link_of("openvswitch", "vmovs-lab", guest_mac, 2);
    struct dev_facts facts = { .port = DEV_PORT_PRESENT };

    want.gateway = true;
    want.ip4.addr = htonl(0x0a4d0101);
    want.ip4.plen = 24;
    want.ip6.addr = (struct in6_addr){ .s6_addr = { 0xfd, [15] = 1 } };
    want.ip6.plen = 64;
    expect(&want, "vmovs-lab", &facts, "(waiting)");
    facts.near = &near;
    near.ip6_accept_ra = true;
    near.addrs = addrs;
    near.n_addrs = 2;
    addrs[0].addr = in6_addr_mapped_ipv4(htonl(0x0a4d0001));
    addrs[1].addr = in6_addr_mapped_ipv4(htonl(0x0a4d0101));
    expect(&want, "vmovs-lab", &facts,
           "vmovs-lab: enable IPv6, vmovs-lab: ignore router advertisements,"
           " vmovs-lab: delete address 10.77.0.1/24,"
           " vmovs-lab: add address fd00::1/64,"
           " vmovs-lab: add address fe80::1/64");
    strcpy(near.kind, "dummy");
    expect(&want, "vmovs-lab", &facts,
           "there is a device vmovs-lab that vmovs did not make");
}

static void
test_internal_nic(void **state)
{
    struct device_want want = want_of(DEV_INTERNAL, "vm-a");
    struct dev_link near = link_of("tun", "vm-a", guest_mac, 2);
    struct dev_facts facts = { .near = &near, .port = DEV_PORT_PRESENT };

    want.userspace = true;
    near.ours = near.up = false;
    expect(&want, "vm-a", &facts,
           "vm-a: shield from the host, vm-a: set MAC fe:54:00:00:00:01,"
           " vm-a: set up");
}

static void
test_unwanted(void **state)
{
    struct dev_link near = link_of("tun", "vm-a", guest_mac, 2);
    struct dev_facts facts = { .near = &near, .port = DEV_PORT_PRESENT };

    expect(NULL, "vm-a", &facts, "(waiting)");
    facts.port = DEV_PORT_UNKNOWN;
    expect(NULL, "vm-a", &facts, "(waiting)");
    facts.port = DEV_PORT_ABSENT;
    expect(NULL, "vm-a", &facts, "vm-a: delete");
    near.ours = false;
    expect(NULL, "vm-a", &facts, "-");
    near.ours = true;
    strcpy(near.kind, "dummy");
    expect(NULL, "vm-a", &facts, "-");
    facts.near = NULL;
    expect(NULL, "vm-a", &facts, "-");
}

/* Neither end ever has the guest's MAC, nor do the two share one. */
static void
test_host_mac(void **state)
{
    for (int first = 0; first < 256; first += 2) {
        struct eth_addr guest = guest_mac;
        struct eth_addr near, far;

        guest.ea[0] = first;
        near = dev_host_mac(guest, false);
        far = dev_host_mac(guest, true);
        assert_false(eth_addr_equals(near, guest));
        assert_false(eth_addr_equals(far, guest));
        assert_false(eth_addr_equals(near, far));
        assert_false(eth_addr_is_multicast(near));
        assert_true(eth_addr_is_local(far));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tap),
        cmocka_unit_test(test_up_last),
        cmocka_unit_test(test_kernel_datapath),
        cmocka_unit_test(test_veth),
        cmocka_unit_test(test_bridged),
        cmocka_unit_test(test_gateway),
        cmocka_unit_test(test_internal_nic),
        cmocka_unit_test(test_unwanted),
        cmocka_unit_test(test_host_mac),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
