/* SPDX-License-Identifier: Apache-2.0
 *
 * test-check.c: every fault of VMs and NICs, with its place, path and remedy,
 * and the twins of each that are right.
 *
 * If a check is lost, two guests share an address or a device. */
#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "make-model.h"

#include "core/prefix.h"
#include "uuid.h"

/* 'model' has exactly the faults 'expected'. */
static void
expect(struct model *model, const char *expected)
{
    char *faults = make_faults(model, NULL, NULL);

    assert_string_equal(faults, expected);
    free(faults);
    model_destroy(model);
}

/* A network lab, 10.77.1.0/24 and fd00:77:1::/64, as line 1. */
static struct model *
lab(void)
{
    struct model *model = make_model();

    make_network(model, "lab", "10.77.1.0/24", "fd00:77:1::/64");
    return model;
}

static void
test_right(void **state)
{
    struct model *model = lab();

    make_network(model, "default", NULL, "auto");
    make_network(model, "bare", "none", NULL);
    /* Same address on another network, a VM called as a network. */
    make_network(model, "test", "10.77.2.0/24", NULL);
    make_vm(model, "lab", HV_KVM, "lab", "52:54:00:00:00:01", "10.77.1.2",
            "fd00:77:1::2");
    make_vm(model, "web1", HV_VIRTUALBOX, "lab", "08:00:27:12:34:56",
            "10.77.1.254", "fd00:77:1:0:ffff:ffff:ffff:ffff");
    struct vm *vm = make_vm(model, "web2", HV_VMWARE, "default",
                            "00:50:56:3f:ff:ff", "10.77.1.254", NULL);
    make_nic(vm, "bare", NULL, NULL, NULL);
    make_nic(vm, "lab", NULL, "none", "none");
    vm->owner = xstrdup("alice.b");
    vm->hypervisor_name = xstrdup("Windows 10 (B\xc3\xbcro)");
    vm->host = xstrdup("host1");
    expect(model, "");
    expect(make_model(), "");
}

static void
test_addresses(void **state)
{
    struct model *model = lab();
    struct vm *vm;

    make_vm(model, "a", HV_KVM, "lab", NULL, "10.77.2.5", NULL);
    make_vm(model, "b", HV_KVM, "lab", NULL, "10.77.1.0", NULL);
    make_vm(model, "c", HV_KVM, "lab", NULL, "10.77.1.255", NULL);
    make_vm(model, "d", HV_KVM, "lab", NULL, "10.77.1.1", NULL);
    make_vm(model, "e", HV_KVM, "lab", NULL, NULL, "fd00:77:2::5");
    make_vm(model, "f", HV_KVM, "lab", NULL, NULL, "fd00:77:1::");
    vm = make_vm(model, "g", HV_KVM, "lab", NULL, NULL, NULL);
    make_nic(vm, "lab", NULL, NULL, "fd00:77:1::1");
#define REMEDY4 "write another address of 10.77.1.0/24 or leave it out\n"
#define REMEDY6 "write another address of fd00:77:1::/64 or leave it out\n"
    expect(model,
           "f:2:1: vms.a.nics[0].ip: 10.77.2.5 is outside 10.77.1.0/24, the "
           "subnet of network lab; " REMEDY4
           "f:3:1: vms.b.nics[0].ip: 10.77.1.0 is the network address of "
           "10.77.1.0/24, the subnet of network lab; " REMEDY4
           "f:4:1: vms.c.nics[0].ip: 10.77.1.255 is the broadcast address of "
           "10.77.1.0/24, the subnet of network lab; " REMEDY4
           "f:5:1: vms.d.nics[0].ip: 10.77.1.1 is the gateway's in "
           "10.77.1.0/24, the subnet of network lab; " REMEDY4
           "f:6:1: vms.e.nics[0].ip6: fd00:77:2::5 is outside "
           "fd00:77:1::/64, the subnet of network lab; " REMEDY6
           "f:7:1: vms.f.nics[0].ip6: fd00:77:1:: is the routers' anycast "
           "address of fd00:77:1::/64, the subnet of network lab; " REMEDY6
           "f:9:1: vms.g.nics[1].ip6: fd00:77:1::1 is the gateway's in "
           "fd00:77:1::/64, the subnet of network lab; " REMEDY6);

    model = make_model();
    make_network(model, "bare", "none", NULL);
    make_vm(model, "a", HV_KVM, "bare", NULL, "10.77.2.5", "fd00::5");
    expect(model,
           "f:2:1: vms.a.nics[0].ip: network bare has no IPv4 subnet; leave "
           "the address out, or give the network a \"subnet\"\n"
           "f:2:1: vms.a.nics[0].ip6: network bare has no IPv6 subnet; leave "
           "the address out, or give the network a \"subnet6\"\n");
}

/* The later one in the file is at fault, whatever their names. */
static void
test_taken(void **state)
{
    struct model *model = lab();
    struct nic *nic;

    make_network(model, "auto", NULL, NULL);
    make_vm(model, "db1", HV_KVM, "lab", "52:54:00:00:00:01", "10.77.1.5",
            "fd00:77:1::5");
    make_vm(model, "a", HV_KVM, "lab", "52:54:00:00:00:01", "10.77.1.5",
            "fd00:77:1::5");
    make_vm(model, "c", HV_KVM, "auto", NULL, "10.77.1.5", NULL);
    nic = make_nic(&model->vms[2], "auto", NULL, "10.77.1.5", NULL);
    nic->id_given = true;
    nic->id = (struct uuid){ { 1, 2, 3, 4 } };
    make_vm(model, "b", HV_KVM, "auto", "52:54:00:00:00:01", NULL, NULL);
    model->vms[3].nics[0].id_given = true;
    model->vms[3].nics[0].id = nic->id;
    /* A given id that is what another NIC's names lead to, which comes later:
     * the given one is at fault. */
    nic = make_nic(&model->vms[1], "auto", NULL, "none", NULL);
    nic->id_given = true;
    assert_true(
        uuid_from_string(&nic->id, "8ab421ca-6886-5def-abfd-2f75663e58f5"));
    make_vm(model, "web1", HV_KVM, "lab", NULL, NULL, NULL);
    expect(model,
           "f:4:1: vms.a.nics[0].ip: 10.77.1.5 is taken by db1; " REMEDY4
           "f:4:1: vms.a.nics[0].ip6: fd00:77:1::5 is taken by db1; write "
           "another address of the subnet or leave it out\n"
           "f:4:1: vms.a.nics[0].mac: 52:54:00:00:00:01 is taken by db1; "
           "write another one or leave it out\n"
           "f:6:1: vms.c.nics[1].ip: 10.77.1.5 is taken by c; write another "
           "address of the subnet or leave it out\n"
           "f:7:1: vms.b.nics[0].mac: 52:54:00:00:00:01 is taken by db1; "
           "write another one or leave it out\n"
           "f:7:1: vms.b.nics[0].id: 00000001-0000-0002-0000-000300000004 is "
           "taken by c.1; leave it out\n"
           "f:8:1: vms.a.nics[1].id: 8ab421ca-6886-5def-abfd-2f75663e58f5 is "
           "taken by web1; leave it out\n");
}

/* What does not come from a file is in order of names. */
static void
test_taken_without_places(void **state)
{
    struct model *model = lab();
    struct vm *vm;

    make_vm(model, "b", HV_KVM, "lab", NULL, "10.77.1.5", NULL);
    vm = make_vm(model, "a", HV_KVM, "lab", NULL, "10.77.1.5", NULL);
    make_nic(vm, "lab", NULL, "10.77.1.5", NULL);
    for (size_t i = 0; i < model->n_vms; i++) {
        for (size_t j = 0; j < model->vms[i].n_nics; j++) {
            model->vms[i].nics[j].place = (struct place){ 0, 0 };
        }
    }
    expect(model, "f: vms.a.nics[1].ip: 10.77.1.5 is taken by a; " REMEDY4
                  "f: vms.b.nics[0].ip: 10.77.1.5 is taken by a; " REMEDY4);
}

static void
test_macs(void **state)
{
    struct model *model = lab();
    char *gateway = mac_to_string(network_gateway_mac(&model->networks[0]));

    make_vm(model, "a", HV_KVM, "lab", "00:00:00:00:00:00", NULL, NULL);
    make_vm(model, "b", HV_VIRTUALBOX, "lab", "01:00:27:00:00:01", NULL, NULL);
    make_vm(model, "c", HV_VMWARE, "lab", "00:50:56:40:00:00", NULL, NULL);
    make_vm(model, "d", HV_VMWARE, "lab", "00:0c:29:00:00:00", NULL, NULL);
    make_vm(model, "e", HV_VMWARE, "lab", "00:50:56:00:00:00", NULL, NULL);
    make_vm(model, "f", HV_KVM, "lab", gateway, NULL, NULL);
    free(gateway);
    make_vm(model, "g", HV_VMWARE, "lab", "02:50:56:00:00:00", NULL, NULL);
    make_vm(model, "h", HV_VMWARE, "lab", "00:52:56:00:00:00", NULL, NULL);
    make_vm(model, "i", HV_VMWARE, "lab", "00:50:58:00:00:00", NULL, NULL);
    make_vm(model, "j", HV_VMWARE, "lab", "02:52:58:40:00:00", NULL, NULL);
#define VMWARE                                                                \
    " is not an allowed static Ethernet address to VMware, which would not "  \
    "power on the VM; write one from 00:50:56:00:00:00 to "                   \
    "00:50:56:3f:ff:ff, or leave it out\n"
    expect(model,
           "f:2:1: vms.a.nics[0].mac: 00:00:00:00:00:00 means that there is "
           "none; write another one or leave it out\n"
           "f:3:1: vms.b.nics[0].mac: 01:00:27:00:00:01 is a multicast "
           "address, which no NIC can have; write one whose first byte is "
           "even, or leave it out\n"
           "f:4:1: vms.c.nics[0].mac: 00:50:56:40:00:00" VMWARE
           "f:5:1: vms.d.nics[0].mac: 00:0c:29:00:00:00" VMWARE
           "f:7:1: vms.f.nics[0].mac: 0e:76:39:53:f9:dd is the MAC of "
           "network lab's gateway; write another one or leave it out\n"
           "f:8:1: vms.g.nics[0].mac: 02:50:56:00:00:00" VMWARE
           "f:9:1: vms.h.nics[0].mac: 00:52:56:00:00:00" VMWARE
           "f:10:1: vms.i.nics[0].mac: 00:50:58:00:00:00" VMWARE
           "f:11:1: vms.j.nics[0].mac: 02:52:58:40:00:00" VMWARE);
}

static void
test_names(void **state)
{
    struct model *model = lab();
    struct vm *vm;

    make_network(model, "A_b", NULL, NULL);
    make_vm(model, "Windows 10", HV_KVM, "lba", NULL, NULL, NULL);
    make_vm(model, "6a0f3b52-914e-4c0d-a71b-766d6f767301", HV_KVM, "elsewhere",
            NULL, NULL, NULL);
    vm = make_vm(model, "c", HV_LIBVIRT, "lab", NULL, NULL, NULL);
    make_nic(vm, "lab", NULL, NULL, NULL)->name = xstrdup("0");
    make_nic(vm, "lab", NULL, NULL, NULL)->name = xstrdup("a.b");
    vm->owner = xstrdup("--help");
    vm->hypervisor_name = xstrdup("-rf");
    vm->host = xstrdup("Host.example");
    vm->groups = xmalloc(sizeof *vm->groups);
    vm->groups[vm->n_groups++] = xstrdup("a b");
#define LABEL                                                                 \
    "write 1 to 63 lower-case letters, digits and '-', with no '-' at "       \
    "either end"
    expect(
        model,
        "f:2:1: networks.A_b: \"A_b\" cannot be a network's name; " LABEL "\n"
        "f:3:1: vms.Windows 10: \"Windows 10\" cannot be a VM's name; " LABEL
        "; what the hypervisor calls it goes into "
        "\"hypervisor-name\"\n"
        "f:3:1: vms.Windows 10.nics[0].network: there is no network "
        "\"lba\"; did you mean \"lab\"?\n"
        "f:4:1: vms.6a0f3b52-914e-4c0d-a71b-766d6f767301: a VM's name "
        "must not look like a NIC's id; write another name\n"
        "f:4:1: vms.6a0f3b52-914e-4c0d-a71b-766d6f767301.nics[0].network: "
        "there is no network \"elsewhere\"; add it to \"networks\", or "
        "write one of those\n"
        "f:5:1: vms.c.owner: \"--help\" cannot be a user's name; write a "
        "login name, or leave it out for root\n"
        "f:5:1: vms.c.hypervisor-name: the hypervisor's tools would "
        "misread \"-rf\"; rename the VM there so that it does not begin "
        "with '-' and has no control characters\n"
        "f:5:1: vms.c.host: \"Host.example\" cannot be a host's name; "
        "write its name in lower case without the domain\n"
        "f:5:1: vms.c.groups: \"a b\" cannot be a group's name; " LABEL "\n"
        "f:6:1: vms.c.nics[1].name: c has two NICs called 0 (a NIC "
        "without a name is called by its position, from 0); write another "
        "name\n"
        "f:7:1: vms.c.nics[2].name: \"a.b\" cannot be a NIC's name; write "
        "1 to 63 lower-case letters, digits and '-', or leave it out\n");
}

/* Who may add a VM must not become everybody's proxy. */
static void
test_special_names(void **state)
{
    struct model *model = lab();

    make_vm(model, "wpad", HV_KVM, "lab", NULL, NULL, NULL);
    make_vm(model, "wpad1", HV_KVM, "lab", NULL, NULL, NULL);
    expect(model, "f:2:1: vms.wpad: programs give the name \"wpad\" a meaning "
                  "of their own; write another name\n");
}

static void
test_owners(void **state)
{
    static const struct {
        const char *owner;
        bool valid;
    } cases[] = {
        { "alice", true },
        { "_x-1.y", true },
        { "DOM@alice", true },
        { "", false },
        { "-a", false },
        { "a b", false },
        { "a:b", false },
        { "../a", false },
        { "a\nb", false },
        { "a;b", false },
        { "\"", false },
        { "a,b", false },
        { "0123456789012345678901234567890123456789012345678901234567890123",
          false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct model *model = lab();
        struct vm *vm = make_vm(model, "a", HV_KVM, "lab", NULL, NULL, NULL);

        vm->owner = xstrdup(cases[i].owner);
        char *faults = make_faults(model, NULL, NULL);
        assert_int_equal(!faults[0], cases[i].valid);
        free(faults);
        model_destroy(model);
    }
}

static void
test_devices(void **state)
{
    struct model *model = make_model();

    free(model->bridge);
    model->bridge = xstrdup("vmovs-lab");
    make_network(model, "lab", NULL, NULL);
    make_vm(model, "webserver-front", HV_KVM, "lab", NULL, NULL, NULL);
    make_vm(model, "webse-15a249", HV_KVM, "lab", NULL, NULL, NULL);
    /* A foreign port has no device of ours. */
    make_vm(model, "webse-15a249x", HV_LIBVIRT, "lab", NULL, NULL, NULL);
    expect(model,
           "f:1:1: networks.lab: the device of network lab would be called "
           "vmovs-lab, as that of the bridge is; rename one of the two\n"
           "f:3:1: vms.webse-15a249.nics[0]: the device of webse-15a249 would "
           "be called vm-webse-15a249, as that of webserver-front is; rename "
           "one of the two\n");
}

/* Without hash maps this takes minutes. */
static void
test_ten_thousand(void **state)
{
    struct model *model = make_model();
    char net[16], vm[16], mac[24], ip[24];

    for (int i = 0; i < 50; i++) {
        char subnet[24];

        snprintf(net, sizeof net, "net%d", i);
        snprintf(subnet, sizeof subnet, "10.%d.0.0/16", i);
        make_network(model, net, subnet, NULL);
    }
    for (int i = 0; i < 10000; i++) {
        snprintf(net, sizeof net, "net%d", i % 50);
        snprintf(vm, sizeof vm, "vm%d", i);
        snprintf(mac, sizeof mac, "52:54:00:00:%02x:%02x", i / 256, i % 256);
        snprintf(ip, sizeof ip, "10.%d.%d.%d", i % 50, i / 250, 2 + i % 250);
        make_vm(model, vm, HV_KVM, net, mac, ip, NULL);
    }
    expect(model, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_taken_without_places),
        cmocka_unit_test(test_macs),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_special_names),
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_ten_thousand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
