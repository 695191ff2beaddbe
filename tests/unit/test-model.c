/* SPDX-License-Identifier: Apache-2.0
 *
 * test-model.c: the model as a value, names that must never change, the list
 * of faults and the suggestions.
 *
 * If the fixed values here change, running guests get other devices, ids and
 * addresses after an upgrade. */
#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/model.h"
#include "core/suggest.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* A model in which every member of every struct is set. */
static struct model *
full_model(void)
{
    struct model *model = model_create();
    struct network *network = model_add_network(model, "lab");

    model->n_rebind_ok = 2;
    model->rebind_ok = xmalloc(2 * sizeof *model->rebind_ok);
    model->rebind_ok[0] = xstrdup("corp.example");
    model->rebind_ok[1] = xstrdup("b.example");

    network->place = (struct place){ 5, 9 };
    network->choice4 = CHOICE_GIVEN;
    network->subnet = (struct prefix4){ htonl(0x0a4d0100), 24 };
    network->choice6 = CHOICE_GIVEN;
    network->subnet6.addr.s6_addr[0] = 0xfd;
    network->subnet6.plen = 64;
    network->mode = NET_ISOLATED;
    network->isolate = true;
    network->mtu = 1442;
    network->domain = xstrdup("lab.example");
    model_add_network(model, "default");

    struct vm *vm = model_add_vm(model, "web1");
    vm->hypervisor = HV_VIRTUALBOX;
    vm->hypervisor_name = xstrdup("Windows 10");
    vm->owner = xstrdup("alice");
    vm->host = xstrdup("host1");
    vm->n_groups = 2;
    vm->groups = xmalloc(2 * sizeof *vm->groups);
    vm->groups[0] = xstrdup("web");
    vm->groups[1] = xstrdup("dmz");

    struct nic *nic = vm_add_nic(vm, "lab");
    nic->choice_mac = CHOICE_GIVEN;
    nic->mac = (struct eth_addr){ { { 8, 0, 0x27, 0x12, 0x34, 0x56 } } };
    nic->choice4 = CHOICE_GIVEN;
    nic->ip = htonl(0x0a4d010a);
    nic->choice6 = CHOICE_GIVEN;
    nic->ip6.s6_addr[0] = 0xfd;
    nic->ip6.s6_addr[15] = 0x0a;
    vm_add_nic(vm, "default");
    model_add_vm(model, "db1");
    model_sort(model);
    return model;
}

static void
test_defaults(void **state)
{
    struct model *model = model_create();

    assert_string_equal(model->bridge, "vmovs0");
    assert_string_equal(model->domain, "vm.internal");
    assert_int_equal(model->datapath, DATAPATH_AUTO);
    assert_null(model_find_network(model, "default"));
    assert_null(model_find_vm(model, "web1"));
    model_sort(model);
    model_destroy(model);
    model_destroy(NULL);
}

static void
test_format(void **state)
{
    struct model *model = full_model();
    struct ds s = DS_EMPTY_INITIALIZER;

    model_format(model, &s);
    assert_string_equal(
        ds_cstr(&s),
        "bridge vmovs0: datapath auto domain vm.internal "
        "rebind-ok b.example,corp.example\n"
        "network default: subnet auto mode nat\n"
        "network lab: subnet 10.77.1.0/24 subnet6 fd00::/64 mode isolated "
        "isolate mtu 1442 domain lab.example\n"
        "vm db1: hypervisor kvm\n"
        "vm web1: hypervisor virtualbox name 'Windows 10' owner alice "
        "host host1 groups dmz,web\n"
        "  nic 0: network lab mac 08:00:27:12:34:56 ip 10.77.1.10 "
        "ip6 fd00::a id 8ab421ca-6886-5def-abfd-2f75663e58f5 device vm-web1\n"
        "  nic 1: network default mac auto ip auto ip6 auto "
        "id d8ef759b-299a-5e38-83ca-1b81bbe14957 device vm-web1.1\n");
    ds_destroy(&s);
    model_destroy(model);
}

static void
test_clone(void **state)
{
    struct model *model = full_model();
    struct model *clone = model_clone(model);
    struct model *empty = model_create();
    struct model *empty_clone = model_clone(empty);

    assert_true(model_equal(model, clone));
    assert_true(model_equal(empty, empty_clone));
    assert_false(model_equal(model, empty));

    /* A clone of three has room for a fourth and is independent. */
    model_add_vm(clone, "a");
    model_add_vm(clone, "b");
    model_add_network(clone, "n");
    struct nic *nic = vm_add_nic(&clone->vms[1], "lab");
    assert_int_equal(nic->choice4, CHOICE_AUTO);
    model_sort(clone);
    assert_false(model_equal(model, clone));
    assert_int_equal(model->n_vms, 2);

    model_destroy(model);
    assert_string_equal(model_find_vm(clone, "web1")->owner, "alice");
    model_destroy(clone);
    model_destroy(empty);
    model_destroy(empty_clone);
}

/* clang-format off */
/* Changes one thing in a copy: 'i' says which.  False if there are no more. */
static bool
mutate(struct model *m, int i)
{
    struct network *lab = &m->networks[1];
    struct vm *web1 = &m->vms[1];
    struct nic *nic = &web1->nics[0];

    switch (i) {
    case 0: m->bridge[0] = 'x'; return true;
    case 1: m->datapath = DATAPATH_KERNEL; return true;
    case 2: m->domain[0] = 'x'; return true;
    case 3: lab->name[0] = 'x'; return true;
    case 4: lab->choice4 = CHOICE_AUTO; return true;
    case 5: lab->subnet.plen++; return true;
    case 6: lab->subnet6.addr.s6_addr[1]++; return true;
    case 7: lab->subnet6.plen++; return true;
    case 8: lab->mode = NET_NAT; return true;
    case 9: lab->isolate = false; return true;
    case 10: lab->mtu++; return true;
    case 11: free(lab->domain); lab->domain = NULL; return true;
    case 12: web1->name[0] = 'x'; return true;
    case 13: web1->hypervisor = HV_KVM; return true;
    case 14: web1->hypervisor_name[0] = 'x'; return true;
    case 15: web1->owner[0] = 'x'; return true;
    case 16: web1->host[0] = 'x'; return true;
    case 17: web1->groups[0][0] = 'x'; return true;
    case 18: free(web1->groups[--web1->n_groups]); return true;
    case 19: nic->name[0] = 'x'; return true;
    case 20: nic->network[0] = 'x'; return true;
    case 21: nic->mac.ea[5]++; return true;
    case 22: nic->ip++; return true;
    case 23: nic->ip6.s6_addr[15]++; return true;
    case 24: nic->id.parts[3]++; return true;
    case 25: nic->device[0] = 'x'; return true;
    case 26: nic->choice6 = CHOICE_NONE; return true;
    case 27: vm_add_nic(web1, "lab"); return true;
    case 28: nic->choice_mac = CHOICE_AUTO; return true;
    case 29: lab->subnet.addr++; return true;
    case 30: nic->name_given = true; return true;
    case 31: nic->id_given = true; return true;
    case 32: model_add_network(m, "z"); return true;
    case 33: model_add_vm(m, "z"); return true;
    case 34: m->rebind_ok[0][0] = 'x'; return true;
    case 35: free(m->rebind_ok[--m->n_rebind_ok]); return true;
    default: return false;
    }
}
/* clang-format on */

static void
test_equal(void **state)
{
    struct model *model = full_model();

    for (int i = 0;; i++) {
        struct model *other = model_clone(model);
        bool more = mutate(other, i);

        if (more == model_equal(model, other)) {
            fail_msg("change %d is not seen", i);
        }
        model_destroy(other);
        if (!more) {
            break;
        }
    }

    /* Places do not count, nor does what stands beside CHOICE_AUTO. */
    struct model *other = model_clone(model);
    other->networks[1].place.line++;
    other->vms[1].place.line++;
    other->vms[1].nics[0].place.column++;
    other->vms[1].nics[1].ip++;
    other->networks[0].subnet.plen++;
    assert_true(model_equal(model, other));
    model_destroy(other);
    model_destroy(model);
}

static void
test_order_does_not_count(void **state)
{
    static const char *const names[] = { "c", "a", "e", "b", "d" };
    struct model *one = model_create();
    struct model *other = model_create();

    for (int i = 0; i < 5; i++) {
        model_add_network(one, names[i]);
        model_add_network(other, names[4 - i]);
        vm_add_nic(model_add_vm(one, names[i]), "a");
        vm_add_nic(model_add_vm(other, names[4 - i]), "a");
    }
    model_sort(one);
    model_sort(other);
    assert_true(model_equal(one, other));
    for (int i = 0; i < 5; i++) {
        assert_string_equal(model_find_network(one, names[i])->name, names[i]);
        assert_string_equal(model_find_vm(one, names[i])->name, names[i]);
    }
    assert_null(model_find_vm(one, "bb"));
    model_destroy(one);
    model_destroy(other);
}

static void
test_names_of_enums(void **state)
{
    enum hypervisor hv;
    enum net_mode mode;
    enum datapath datapath;

    for (enum hypervisor i = 0; i < HV_N; i++) {
        assert_true(hypervisor_from_name(hypervisor_name(i), &hv));
        assert_int_equal(hv, i);
    }
    for (enum net_mode i = NET_NAT; i <= NET_BRIDGED; i++) {
        assert_true(net_mode_from_name(net_mode_name(i), &mode));
        assert_int_equal(mode, i);
    }
    for (enum datapath i = DATAPATH_AUTO; i <= DATAPATH_USERSPACE; i++) {
        assert_true(datapath_from_name(datapath_name(i), &datapath));
        assert_int_equal(datapath, i);
    }
    assert_false(hypervisor_from_name("KVM", &hv));
    assert_false(net_mode_from_name("", &mode));
    assert_false(datapath_from_name("netdev", &datapath));
}

static void
test_hypervisor_device(void **state)
{
    assert_int_equal(hypervisor_device(HV_KVM, false), DEV_TAP);
    assert_int_equal(hypervisor_device(HV_KVM, true), DEV_TAP);
    assert_int_equal(hypervisor_device(HV_VIRTUALBOX, false), DEV_VETH);
    assert_int_equal(hypervisor_device(HV_VIRTUALBOX, true), DEV_INTERNAL);
    assert_int_equal(hypervisor_device(HV_VMWARE, false), DEV_VETH);
    assert_int_equal(hypervisor_device(HV_VMWARE, true), DEV_INTERNAL);
    assert_int_equal(hypervisor_device(HV_LIBVIRT, true), DEV_FOREIGN);
    assert_int_equal(hypervisor_device(HV_NETNS, false), DEV_VETH);
    for (enum hypervisor i = 0; i < HV_N; i++) {
        /* model_sort() leans on it. */
        assert_int_equal(hypervisor_device(i, false) == DEV_FOREIGN,
                         hypervisor_device(i, true) == DEV_FOREIGN);
    }
}

static void
test_name_is_valid(void **state)
{
    char longest[65];

    memset(longest, 'a', sizeof longest);
    longest[63] = '\0';
    assert_true(name_is_valid(longest));
    longest[63] = 'a';
    longest[64] = '\0';
    assert_false(name_is_valid(longest));

    assert_true(name_is_valid("a"));
    assert_true(name_is_valid("0"));
    assert_true(name_is_valid("web-1"));
    assert_false(name_is_valid(""));
    assert_false(name_is_valid("-a"));
    assert_false(name_is_valid("a-"));
    assert_false(name_is_valid("-"));
    assert_false(name_is_valid("Web"));
    assert_false(name_is_valid("a.b"));
    assert_false(name_is_valid("a b"));
    assert_false(name_is_valid("a\n"));
    assert_false(name_is_valid("\xc3\xa9"));
}

static void
test_devices(void **state)
{
    char dev[IFNAMSIZ];

    model_device_name("web1", "0", dev);
    assert_string_equal(dev, "vm-web1");
    model_device_name("web1", "1", dev);
    assert_string_equal(dev, "vm-web1.1");
    model_device_name("twelve-bytes", "0", dev);
    assert_string_equal(dev, "vm-twelve-bytes");
    model_device_name("webserver-front", "0", dev);
    assert_string_equal(dev, "vm-webse-15a249");
    model_device_name("webserver-01", "1", dev);
    assert_string_equal(dev, "vm-webse-090c8f");
    network_device_name("lab", dev);
    assert_string_equal(dev, "vmovs-lab");
    network_device_name("laboratory-1", dev);
    assert_string_equal(dev, "vmovs-la-c29724");
}

static void
test_derived(void **state)
{
    struct model *model = full_model();
    struct vm *vm = &model->vms[1];
    struct network *lab = &model->networks[1];
    char *s;

    s = nic_full_name(vm, &vm->nics[0]);
    assert_string_equal(s, "web1");
    free(s);
    s = nic_full_name(vm, &vm->nics[1]);
    assert_string_equal(s, "web1.1");
    free(s);
    s = nic_fqdn(model, vm, &vm->nics[0]);
    assert_string_equal(s, "web1.lab.lab.example");
    free(s);
    s = nic_fqdn(model, vm, &vm->nics[1]);
    assert_string_equal(s, "web1.default.vm.internal");
    free(s);
    assert_ptr_equal(vm_find_nic(vm, "1"), &vm->nics[1]);
    assert_null(vm_find_nic(vm, "2"));

    struct eth_addr mac = network_gateway_mac(lab);
    assert_true(eth_addr_equals(
        mac, (struct eth_addr){ { { 0x0e, 0x76, 0x39, 0x53, 0xf9, 0xdd } } }));
    assert_int_equal(ntohl(network_gateway4(lab)), 0x0a4d0101);
    assert_int_equal(network_gateway6(lab).s6_addr[15], 1);
    assert_int_equal(network_gateway6(lab).s6_addr[0], 0xfd);
    assert_int_equal(network_gateway4(&model->networks[0]), 0);
    assert_int_equal(network_mtu(lab), 1442);
    assert_int_equal(network_mtu(&model->networks[0]), 1500);

    struct in6_addr lla = eui64_link_local(vm->nics[0].mac), expected;
    in6_generate_lla(vm->nics[0].mac, &expected);
    assert_memory_equal(&lla, &expected, sizeof lla);

    /* Foreign devices have no name; a given id and name stay. */
    vm->hypervisor = HV_LIBVIRT;
    vm->nics[0].id.parts[0] = 7;
    vm->nics[0].id_given = true;
    model_sort(model);
    assert_string_equal(model->vms[1].nics[0].device, "");
    assert_int_equal(model->vms[1].nics[0].id.parts[0], 7);
    model_destroy(model);
}

static void
test_faults(void **state)
{
    struct faults faults = FAULTS_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;

    faults_add(&faults, (struct place){ 9, 1 }, "vms.b", xstrdup("second"),
               xstrdup("mend it"));
    faults_add(&faults, (struct place){ 2, 7 }, "vms.a\x1b[2J",
               xstrdup("first\n\xc2\x9b\xe2\x80\xaeW\xc3\xbcrg"), NULL);
    faults_add(&faults, (struct place){ 9, 1 }, "vms.c", xstrdup("third"),
               xstrdup("mend it"));
    faults_add(&faults, (struct place){ 0, 0 }, "", xstrdup("nowhere"),
               xstrdup("look"));
    faults_format(&faults, "f.json", &s);
    assert_string_equal(ds_cstr(&s),
                        "f.json: nowhere; look\n"
                        "f.json:2:7: vms.a\\x1b[2J: "
                        "first\\x0a\\xc2\\x9b\\xe2\\x80\\xaeW\xc3\xbcrg\n"
                        "f.json:9:1: vms.b: second; mend it\n"
                        "f.json:9:1: vms.c: third; mend it\n");
    ds_clear(&s);
    faults_uninit(&faults);

    /* Neighbours of what is dangerous are not. */
    faults_add(&faults, (struct place){ 0, 0 }, "p",
               xstrdup("\xc2\xa0\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5"
                       "\xe2\x81\xaa\xe2\x82\xa8~"),
               xstrdup("\xe2\x80\xa8\xe2\x81\xa6\xe2\x81\xa9\x7f"));
    faults_format(&faults, NULL, &s);
    assert_string_equal(
        ds_cstr(&s), "p: \xc2\xa0\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5"
                     "\xe2\x81\xaa\xe2\x82\xa8~; "
                     "\\xe2\\x80\\xa8\\xe2\\x81\\xa6\\xe2\\x81\\xa9\\x7f\n");
    ds_clear(&s);
    faults_uninit(&faults);
    faults_format(&faults, "f.json", &s);
    assert_string_equal(ds_cstr(&s), "");
    faults_add(&faults, (struct place){ 1, 1 }, "p", xstrdup("w"),
               xstrdup("r"));
    faults_format(&faults, NULL, &s);
    assert_string_equal(ds_cstr(&s), "p: w; r\n");
    faults_uninit(&faults);
    ds_destroy(&s);
}

static void
test_suggest(void **state)
{
    static const char *const words[] = { "network", "networks", "mode",
                                         "subnet",  "subnet6",  "ip" };
    char endless[1000];

#define NEAR(WORD) suggest(WORD, words, ARRAY_SIZE(words))
    assert_string_equal(NEAR("netwrok"), "network");
    assert_string_equal(NEAR("networks"), "networks");
    assert_string_equal(NEAR("Networkss"), "networks");
    assert_string_equal(NEAR("subnet4"), "subnet");
    assert_string_equal(NEAR("sunbet"), "subnet");
    assert_string_equal(NEAR("MODE"), "mode");
    assert_string_equal(NEAR("mod"), "mode");
    assert_null(NEAR("mo"));
    assert_null(NEAR("gateway"));
    assert_null(NEAR(""));
    memset(endless, 'a', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    assert_null(NEAR(endless));
    assert_null(suggest("ip", NULL, 0));

    /* Two neighbours swapped are one slip, a letter between them is not. */
    assert_string_equal(NEAR("mdoe"), "mode");
    assert_null(NEAR("mdxe"));

    /* The longest name has no longer slips. */
    endless[63] = '\0';
    const char *const longest[] = { xstrdup(endless) };
    assert_string_equal(suggest(endless, longest, 1), endless);
    endless[63] = 'a';
    endless[64] = '\0';
    assert_null(suggest(endless, longest, 1));
    endless[63] = '\0';
    assert_string_equal(suggest(&endless[2], longest, 1), endless);
    free(CONST_CAST(char *, longest[0]));

    /* What is longer is never suggested. */
    endless[63] = 'a';
    const char *const too_long[] = { endless };
    assert_null(suggest(&endless[1], too_long, 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_clone),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_order_does_not_count),
        cmocka_unit_test(test_names_of_enums),
        cmocka_unit_test(test_hypervisor_device),
        cmocka_unit_test(test_name_is_valid),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_derived),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_suggest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
