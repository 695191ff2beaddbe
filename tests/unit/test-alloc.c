/* SPDX-License-Identifier: Apache-2.0
 *
 * test-alloc.c: what vmovs chooses when a config leaves it out.
 *
 * If the fixed values here change, the same config gives other addresses after
 * an upgrade, or on another host. */
#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "make-model.h"

#include "core/alloc.h"
#include "core/prefix.h"

/* Allocates, without any host route if 'facts' is NULL, and returns what was
 * chosen, a line each, then the faults; malloc'd. */
static char *
allocate(struct model *model, const struct host_facts *facts)
{
    struct host_facts none;
    struct allocations chosen;
    struct faults faults = FAULTS_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;

    host_facts_init(&none);
    allocations_init(&chosen);
    model_sort(model);
    model_allocate(model, facts ? facts : &none, &chosen, &faults);
    for (size_t i = 0; i < chosen.n; i++) {
        for (size_t j = 0; chosen.list[i].path[j]; j++) {
            ds_put_format(&s, "%s%s", j ? "." : "", chosen.list[i].path[j]);
        }
        ds_put_format(&s, "=%s\n", chosen.list[i].value);
    }
    faults_format(&faults, "f", &s);
    allocations_uninit(&chosen);
    faults_uninit(&faults);
    return ds_steal_cstr(&s);
}

static void
expect(struct model *model, const struct host_facts *facts,
       const char *expected)
{
    char *result = allocate(model, facts);

    assert_string_equal(result, expected);
    free(result);
}

/* The fixed values. */
static void
test_values(void **state)
{
    struct model *model = make_model();
    struct vm *vm;

    make_network(model, "default", NULL, "auto");
    make_network(model, "lab", NULL, "auto");
    make_network(model, "six", "none", "fd00:1::/120");
    make_network(model, "bare", "none", NULL);
    vm = make_vm(model, "web1", HV_KVM, "default", NULL, NULL, NULL);
    make_nic(vm, "lab", NULL, NULL, "none");
    make_nic(vm, "bare", NULL, NULL, NULL);
    make_nic(vm, "six", "52:54:00:00:00:01", NULL, NULL);
    expect(model, NULL,
           "networks.default.subnet=10.77.0.0/24\n"
           "networks.default.subnet6=fd00:77::/64\n"
           "networks.lab.subnet=10.77.101.0/24\n"
           "networks.lab.subnet6=fd00:77:3332::/64\n"
           "vms.web1.nics.0.mac=52:54:00:75:88:a8\n"
           "vms.web1.nics.0.ip=10.77.0.142\n"
           "vms.web1.nics.0.ip6=fd00:77::1:88a8\n"
           "vms.web1.nics.1.mac=52:54:00:c1:24:fe\n"
           "vms.web1.nics.1.ip=10.77.101.204\n"
           "vms.web1.nics.2.mac=52:54:00:c5:4b:7c\n"
           "vms.web1.nics.3.ip6=fd00:1::75\n");

    /* It is what it says, nothing is left to choose, and nothing is wrong. */
    assert_int_equal(model->networks[2].choice4, CHOICE_GIVEN);
    assert_int_equal(model->vms[0].nics[0].choice6, CHOICE_GIVEN);
    assert_int_equal(model->vms[0].nics[1].choice6, CHOICE_NONE);
    assert_int_equal(model->vms[0].nics[2].choice4, CHOICE_NONE);
    assert_int_equal(model->vms[0].nics[2].choice6, CHOICE_NONE);
    expect(model, NULL, "");
    char *faults = make_faults(model, NULL, NULL);
    assert_string_equal(faults, "");
    free(faults);
    model_destroy(model);
}

static void
test_macs_by_hypervisor(void **state)
{
    static const char *const prefixes[HV_N] = {
        [HV_KVM] = "52:54:00:",         [HV_LIBVIRT] = "52:54:00:",
        [HV_VIRTUALBOX] = "08:00:27:",  [HV_VMWARE] = "00:50:56:",
        [HV_LXC] = "00:16:3e:",         [HV_INCUS] = "10:66:6a:",
        [HV_DOCKER] = "02:42:",         [HV_PODMAN] = "0e:6e:",
        [HV_NSPAWN] = "0e:6e:",         [HV_NETNS] = "0e:6e:",
        [HV_FIRECRACKER] = "52:54:00:", [HV_CLOUD_HYPERVISOR] = "52:54:00:",
        [HV_XEN] = "00:16:3e:",         [HV_EXTERNAL] = "0e:6e:",
    };

    for (enum hypervisor hv = 0; hv < HV_N; hv++) {
        struct model *model = make_model();

        make_network(model, "lab", "10.77.1.0/24", NULL);
        for (int i = 0; i < 100; i++) {
            char name[16];

            snprintf(name, sizeof name, "vm%d", i);
            make_vm(model, name, hv, "lab", NULL, NULL, NULL);
        }
        free(allocate(model, NULL));
        for (size_t i = 0; i < model->n_vms; i++) {
            char *mac = mac_to_string(model->vms[i].nics[0].mac);

            assert_memory_equal(mac, prefixes[hv], strlen(prefixes[hv]));
            free(mac);
        }
        /* check.h knows VMware's range and finds duplicates. */
        char *faults = make_faults(model, NULL, NULL);
        assert_string_equal(faults, "");
        free(faults);
        model_destroy(model);
    }
}

/* Who comes later, and in what order the file is, changes nobody's address;
 * who goes and comes again gets the old one. */
static void
test_stable(void **state)
{
    struct model *one = make_model();
    struct model *other = make_model();
    char name[16];

    make_network(one, "lab", "10.77.0.0/16", "fd00::/64");
    make_network(other, "lab", "10.77.0.0/16", "fd00::/64");
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "vm%d", i);
        make_vm(one, name, HV_KVM, "lab", NULL, NULL, NULL);
        snprintf(name, sizeof name, "vm%d", 199 - i);
        make_vm(other, name, HV_KVM, "lab", NULL, NULL, NULL);
    }
    char *a = allocate(one, NULL);
    char *b = allocate(other, NULL);
    assert_string_equal(a, b);
    assert_true(model_equal(one, other));
    free(a);
    free(b);

    struct nic *nic = &other->vms[17].nics[0];
    nic->choice_mac = nic->choice4 = nic->choice6 = CHOICE_AUTO;
    nic->ip = 0;
    free(allocate(other, NULL));
    assert_true(model_equal(one, other));
    model_destroy(one);
    model_destroy(other);
}

/* A given address is never given away, whoever comes first by name. */
static void
test_given_first(void **state)
{
    struct model *model = make_model();
    struct nic first;

    make_network(model, "lab", "10.77.1.0/24", "fd00::/64");
    make_vm(model, "a", HV_KVM, "lab", NULL, NULL, NULL);
    free(allocate(model, NULL));
    first = model->vms[0].nics[0];
    char *mac = mac_to_string(first.mac);
    char *ip = ip4_to_string(first.ip);
    char *ip6 = ip6_to_string(&first.ip6);

    struct model *taken = make_model();
    make_network(taken, "lab", "10.77.1.0/24", "fd00::/64");
    make_vm(taken, "a", HV_KVM, "lab", NULL, NULL, NULL);
    make_vm(taken, "b", HV_KVM, "lab", mac, ip, ip6);
    free(allocate(taken, NULL));
    assert_int_equal(ntohl(taken->vms[0].nics[0].ip), ntohl(first.ip) + 1);
    assert_int_equal(taken->vms[0].nics[0].mac.ea[5],
                     (uint8_t) (first.mac.ea[5] + 1));
    assert_int_equal(taken->vms[0].nics[0].ip6.s6_addr[15],
                     (uint8_t) (first.ip6.s6_addr[15] + 1));
    assert_int_equal(taken->vms[1].nics[0].ip, first.ip);
    model_destroy(taken);
    model_destroy(model);
    free(mac);
    free(ip);
    free(ip6);
}

/* Every address of a subnet is used before it is full, and none twice. */
static void
test_full(void **state)
{
    struct model *model = make_model();
    char name[16];

    make_network(model, "lab", NULL, "fd00:1::/120");
    for (int i = 0; i < 126; i++) {
        snprintf(name, sizeof name, "vm%d", i);
        make_vm(model, name, HV_KVM, "lab", NULL, NULL, NULL);
    }
    for (int i = 126; i < 253; i++) {
        snprintf(name, sizeof name, "vm%d", i);
        make_vm(model, name, HV_KVM, "lab", NULL, NULL, "none");
    }
    free(allocate(model, NULL));
    for (size_t i = 0; i < model->n_vms; i++) {
        assert_int_equal(model->vms[i].nics[0].choice4, CHOICE_GIVEN);
        assert_int_not_equal(model->vms[i].nics[0].choice6, CHOICE_AUTO);
    }
    char *faults = make_faults(model, NULL, NULL);
    assert_string_equal(faults, "");
    free(faults);
    model_destroy(model);

    /* One more than an automatic subnet holds. */
    model = make_model();
    make_network(model, "default", NULL, NULL);
    for (int i = 0; i < 254; i++) {
        snprintf(name, sizeof name, "vm%d", i);
        make_vm(model, name, HV_KVM, "default", "52:54:00:00:00:01", NULL,
                NULL);
    }
    expect(model, NULL,
           "networks.default.subnet=10.77.0.0/24\n"
           "f:1:1: networks.default.subnet: 10.77.0.0/24 has 253 addresses "
           "for NICs, and the network has 254 NICs; write a wider one, such "
           "as \"10.77.0.0/23\"\n");
    model_destroy(model);
}

static void
test_subnets_avoid(void **state)
{
    struct model *model = make_model();
    struct host_facts facts;

    /* lab's own choices would be 10.77.101.0/24 and fd00:77:3332::/64. */
    host_facts_init(&facts);
    host_facts_add4(&facts, make_prefix4("0.0.0.0/1"), "tun0");
    host_facts_add4(&facts, make_prefix4("10.77.101.128/32"), "eth0");
    host_facts_add6(&facts, make_prefix6("fd00:77:3332:5::/64"), "eth0");
    make_network(model, "other", "10.77.102.0/23", "fd00:77:3333::/48");
    make_network(model, "lab", NULL, "auto");
    expect(model, &facts,
           "networks.lab.subnet=10.77.104.0/24\n"
           "networks.lab.subnet6=fd00:77:3334::/64\n");
    model_destroy(model);

    /* A VPN to all of 10.0.0.0/8. */
    model = make_model();
    host_facts_add4(&facts, make_prefix4("10.0.0.0/8"), "tun0");
    make_network(model, "lab", NULL, NULL);
    make_network(model, "default", NULL, NULL);
    expect(model, &facts,
           "networks.default.subnet=172.27.0.0/24\n"
           "networks.lab.subnet=172.27.101.0/24\n");
    model_destroy(model);

    /* Nothing left. */
    model = make_model();
    host_facts_add4(&facts, make_prefix4("172.16.0.0/12"), "eth1");
    host_facts_add6(&facts, make_prefix6("fd00::/8"), "eth1");
    make_network(model, "lab", NULL, "auto");
    make_vm(model, "a", HV_KVM, "lab", "52:54:00:00:00:01", NULL, NULL);
    expect(model, &facts,
           "f:1:1: networks.lab.subnet: all of 10.77.0.0/16 and 172.27.0.0/16 "
           "is in use already by networks or the host's routes; write a "
           "subnet that is free\n"
           "f:1:1: networks.lab.subnet6: all of fd00:77::/32 is in use "
           "already by networks or the host's routes; write a subnet that is "
           "free\n");
    model_destroy(model);
    host_facts_uninit(&facts);
}

/* As many automatic networks as there are subnets: none overlaps, and the
 * first network of all keeps its number. */
static void
test_many_networks(void **state)
{
    struct model *model = make_model();
    char name[16];

    make_network(model, "default", NULL, NULL);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "a%d", i);
        make_network(model, name, NULL, "auto");
    }
    free(allocate(model, NULL));
    assert_string_equal(model->networks[300].name, "default");
    assert_int_equal(ntohl(model->networks[300].subnet.addr), 0xac1b0000);
    char *faults = make_faults(model, NULL, NULL);
    assert_string_equal(faults, "");
    free(faults);
    model_destroy(model);

    model = make_model();
    make_network(model, "default", NULL, NULL);
    for (int i = 0; i < 255; i++) {
        snprintf(name, sizeof name, "a%d", i);
        make_network(model, name, NULL, "auto");
    }
    free(allocate(model, NULL));
    assert_string_equal(model->networks[255].name, "default");
    assert_int_equal(ntohl(model->networks[255].subnet.addr), 0x0a4d0000);
    model_destroy(model);
}

/* An automatic subnet goes where the NICs' given addresses are. */
static void
test_subnet_follows(void **state)
{
    struct model *model = make_model();

    make_network(model, "default", NULL, NULL);
    make_network(model, "lab", NULL, "auto");
    make_vm(model, "a", HV_KVM, "lab", "52:54:00:00:00:01", "10.77.0.10",
            "fd00:77:9::5");
    make_vm(model, "b", HV_KVM, "lab", "52:54:00:00:00:02", "10.77.0.1",
            "fd00:77:8::1");
    make_vm(model, "c", HV_KVM, "default", "52:54:00:00:00:03", "192.168.1.5",
            NULL);
    expect(
        model, NULL,
        "networks.lab.subnet=10.77.0.0/24\n"
        "networks.lab.subnet6=fd00:77:9::/64\n"
        "networks.default.subnet=10.77.156.0/24\n"
        "f:4:1: vms.b.nics[0].ip: 10.77.0.1 is the gateway's in "
        "10.77.0.0/24, the subnet of network lab; write another address of "
        "10.77.0.0/24 or leave it out\n"
        "f:4:1: vms.b.nics[0].ip6: fd00:77:8::1 is outside fd00:77:9::/64, "
        "the subnet of network lab; write another address of "
        "fd00:77:9::/64 or leave it out\n"
        "f:5:1: vms.c.nics[0].ip: 192.168.1.5 is outside 10.77.156.0/24, the "
        "subnet of network default; write another address of 10.77.156.0/24 "
        "or leave it out\n");
    model_destroy(model);
}

static void
test_ten_thousand(void **state)
{
    struct model *model = make_model();
    char name[16];

    make_network(model, "lab", "10.64.0.0/18", "fd00::/64");
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "vm%d", i);
        make_vm(model, name, HV_KVM, "lab", NULL, NULL, NULL)->host =
            xasprintf("host%d", i / 500);
    }
    free(allocate(model, NULL));
    char *faults = make_faults(model, NULL, NULL);
    assert_string_equal(faults, "");
    free(faults);
    model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_macs_by_hypervisor),
        cmocka_unit_test(test_stable),
        cmocka_unit_test(test_given_first),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_subnets_avoid),
        cmocka_unit_test(test_many_networks),
        cmocka_unit_test(test_subnet_follows),
        cmocka_unit_test(test_ten_thousand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
