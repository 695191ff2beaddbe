/* SPDX-License-Identifier: Apache-2.0
 *
 * check-vms.c: checks of each VM and NIC by itself: names, owner, MAC, and
 * addresses against the network.
 *
 * Part of check.h.  Pure. */
#include <config.h>
#include "core/check-parts.h"

#include <stdlib.h>
#include <string.h>

#include "core/prefix.h"
#include "core/suggest.h"
#include "openvswitch/shash.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

enum { MAX_HYPERVISOR_NAME = 255 }; /* Bytes. */

char *
nic_path(const struct vm *vm, size_t index, const char *key)
{
    return xasprintf("vms.%s.nics[%" PRIuSIZE "]%s", vm->name, index, key);
}

/* May 's' be handed to other programs: not empty, no option, no control
 * characters? */
static bool
text_is_safe(const char *s)
{
    for (const char *p = s; *p; p++) {
        if ((unsigned char) *p < 0x20 || *p == 0x7f) {
            return false;
        }
    }
    return s[0] && s[0] != '-';
}

static bool
owner_is_valid(const char *s)
{
    return (text_is_safe(s) && strlen(s) <= 63
            && !s[strcspn(s, ":/,\"'`$\\; \t")]);
}

static void
check_vm_texts(const struct vm *vm, struct faults *faults)
{
    if (vm->owner && !owner_is_valid(vm->owner)) {
        fault_at(faults, vm->place, xasprintf("vms.%s.owner", vm->name),
                 xasprintf("\"%s\" cannot be a user's name", vm->owner),
                 xstrdup("write a login name, or leave it out for root"));
    }
    if (vm->hypervisor_name
        && strlen(vm->hypervisor_name) > MAX_HYPERVISOR_NAME) {
        fault_at(faults, vm->place,
                 xasprintf("vms.%s.hypervisor-name", vm->name),
                 xasprintf("is longer than %d bytes", MAX_HYPERVISOR_NAME),
                 xstrdup("rename the VM there"));
    } else if (vm->hypervisor_name && !text_is_safe(vm->hypervisor_name)) {
        fault_at(faults, vm->place,
                 xasprintf("vms.%s.hypervisor-name", vm->name),
                 xasprintf("the hypervisor's tools would misread \"%s\"",
                           vm->hypervisor_name),
                 xstrdup("rename the VM there so that it does not begin with "
                         "'-' and has no control characters"));
    }
    if (vm->host && !name_is_valid(vm->host)) {
        fault_at(faults, vm->place, xasprintf("vms.%s.host", vm->name),
                 xasprintf("\"%s\" cannot be a host's name", vm->host),
                 xstrdup("write its name in lower case without the domain"));
    }
    for (size_t i = 0; i < vm->n_groups; i++) {
        if (!name_is_valid(vm->groups[i])) {
            fault_at(
                faults, vm->place, xasprintf("vms.%s.groups", vm->name),
                xasprintf("\"%s\" cannot be a group's name", vm->groups[i]),
                xstrdup("write 1 to 63 lower-case letters, digits and "
                        "'-', with no '-' at either end"));
        }
    }
}

/* Guests look these names up by themselves and trust who has them: wpad is
 * where Windows and browsers fetch their proxy settings. */
static bool
name_is_special(const char *name)
{
    static const char *const special[] = { "isatap", "localhost", "wpad" };

    for (size_t i = 0; i < ARRAY_SIZE(special); i++) {
        if (!strcmp(name, special[i])) {
            return true;
        }
    }
    return false;
}

static void
check_vm_name(const struct vm *vm, struct faults *faults)
{
    struct uuid uuid;

    if (!name_is_valid(vm->name)) {
        fault_at(faults, vm->place, xasprintf("vms.%s", vm->name),
                 xasprintf("\"%s\" cannot be a VM's name", vm->name),
                 xstrdup("write 1 to 63 lower-case letters, digits and '-', "
                         "with no '-' at either end; what the hypervisor "
                         "calls it goes into \"hypervisor-name\""));
    } else if (uuid_from_string(&uuid, vm->name)) {
        /* A port is bound by iface-id, which is a NIC's id or a VM's name:
         * a VM must not be able to pass for another one's NIC. */
        fault_at(faults, vm->place, xasprintf("vms.%s", vm->name),
                 xstrdup("a VM's name must not look like a NIC's id"),
                 xstrdup("write another name"));
    } else if (name_is_special(vm->name)) {
        fault_at(faults, vm->place, xasprintf("vms.%s", vm->name),
                 xasprintf("programs give the name \"%s\" a meaning of "
                           "their own",
                           vm->name),
                 xstrdup("write another name"));
    }
}

static void
check_nic_names(const struct vm *vm, struct faults *faults)
{
    struct shash names = SHASH_INITIALIZER(&names);
    for (size_t i = 0; i < vm->n_nics; i++) {
        const struct nic *nic = &vm->nics[i];

        if (!name_is_valid(nic->name)) {
            fault_at(faults, nic->place, nic_path(vm, i, ".name"),
                     xasprintf("\"%s\" cannot be a NIC's name", nic->name),
                     xstrdup("write 1 to 63 lower-case letters, digits and "
                             "'-', or leave it out"));
        }
        if (!shash_add_once(&names, nic->name, NULL)) {
            fault_at(faults, nic->place, nic_path(vm, i, ".name"),
                     xasprintf("%s has two NICs called %s (a NIC without a "
                               "name is called by its position, from 0)",
                               vm->name, nic->name),
                     xstrdup("write another name"));
        }
    }
    shash_destroy(&names);
}

static void
check_ip4(const struct vm *vm, size_t index, const struct network *network,
          struct faults *faults)
{
    const struct nic *nic = &vm->nics[index];
    struct prefix4 subnet = network->subnet;
    const char *why = NULL;

    if (!prefix4_contains(subnet, nic->ip)) {
        why = "outside";
    } else if (nic->ip == network_gateway4(network)) {
        why = "the gateway's in";
    } else if (nic->ip == subnet.addr) {
        why = "the network address of";
    } else if (nic->ip == prefix4_broadcast(subnet)) {
        why = "the broadcast address of";
    }
    if (why) {
        char *s = prefix4_to_string(subnet);

        fault_at(faults, nic->place, nic_path(vm, index, ".ip"),
                 xasprintf(IP_FMT " is %s %s, the subnet of network %s",
                           IP_ARGS(nic->ip), why, s, network->name),
                 xasprintf("write another address of %s or leave it out", s));
        free(s);
    }
}

static void
check_ip6(const struct vm *vm, size_t index, const struct network *network,
          struct faults *faults)
{
    const struct nic *nic = &vm->nics[index];
    struct prefix6 subnet = network->subnet6;
    struct in6_addr gateway = network_gateway6(network);
    const char *why = NULL;

    if (!prefix6_contains(subnet, &nic->ip6)) {
        why = "outside";
    } else if (ipv6_addr_equals(&nic->ip6, &gateway)) {
        why = "the gateway's in";
    } else if (ipv6_addr_equals(&nic->ip6, &subnet.addr)) {
        why = "the routers' anycast address of";
    }
    if (why) {
        char *s = prefix6_to_string(subnet);
        char *ip = ip6_to_string(&nic->ip6);

        fault_at(faults, nic->place, nic_path(vm, index, ".ip6"),
                 xasprintf("%s is %s %s, the subnet of network %s", ip, why, s,
                           network->name),
                 xasprintf("write another address of %s or leave it out", s));
        free(ip);
        free(s);
    }
}

void
check_nic_addresses(const struct vm *vm, size_t index,
                    const struct network *network, struct faults *faults)
{
    const struct nic *nic = &vm->nics[index];

    if (nic->choice4 == CHOICE_GIVEN && network->choice4 == CHOICE_GIVEN) {
        check_ip4(vm, index, network, faults);
    }
    if (nic->choice6 == CHOICE_GIVEN && network->choice6 == CHOICE_GIVEN) {
        check_ip6(vm, index, network, faults);
    }
}

/* An address in a family that the network does not have. */
static void
check_families(const struct vm *vm, size_t index,
               const struct network *network, struct faults *faults)
{
    const struct nic *nic = &vm->nics[index];

    if (nic->choice4 == CHOICE_GIVEN && network->choice4 == CHOICE_NONE) {
        fault_at(faults, nic->place, nic_path(vm, index, ".ip"),
                 xasprintf("network %s has no IPv4 subnet", network->name),
                 xstrdup("leave the address out, or give the network a "
                         "\"subnet\""));
    }
    if (nic->choice6 == CHOICE_GIVEN && network->choice6 == CHOICE_NONE) {
        fault_at(faults, nic->place, nic_path(vm, index, ".ip6"),
                 xasprintf("network %s has no IPv6 subnet", network->name),
                 xstrdup("leave the address out, or give the network a "
                         "\"subnet6\""));
    }
}

/* A slip in a network's name. */
static void
fault_no_network(const struct model *model, const struct vm *vm, size_t index,
                 struct faults *faults)
{
    const struct nic *nic = &vm->nics[index];
    const char **names = xmalloc(model->n_networks * sizeof *names);

    for (size_t i = 0; i < model->n_networks; i++) {
        names[i] = model->networks[i].name;
    }

    const char *near = suggest(nic->network, names, model->n_networks);
    fault_at(faults, nic->place, nic_path(vm, index, ".network"),
             xasprintf("there is no network \"%s\"", nic->network),
             near ? xasprintf("did you mean \"%s\"?", near)
                  : xstrdup("add it to \"networks\", or write one of those"));
    free(names);
}

/* The rules of Ethernet and of the hypervisor for the NIC's MAC. */
static void
check_mac(const struct vm *vm, size_t index, struct faults *faults)
{
    const struct nic *nic = &vm->nics[index];
    struct eth_addr mac = nic->mac;
    const char *what = NULL;
    const char *remedy = "write another one or leave it out";

    if (nic->choice_mac != CHOICE_GIVEN) {
        return;
    }
    if (eth_addr_is_zero(mac)) {
        what = "means that there is none";
    } else if (eth_addr_is_multicast(mac)) {
        what = "is a multicast address, which no NIC can have";
        remedy = "write one whose first byte is even, or leave it out";
    } else if (vm->hypervisor == HV_VMWARE
               && (mac.ea[0] != 0x00 || mac.ea[1] != 0x50 || mac.ea[2] != 0x56
                   || mac.ea[3] > 0x3f)) {
        what = "is not an allowed static Ethernet address to VMware, which "
               "would not power on the VM";
        remedy = "write one from 00:50:56:00:00:00 to 00:50:56:3f:ff:ff, or "
                 "leave it out";
    }
    if (what) {
        fault_at(faults, nic->place, nic_path(vm, index, ".mac"),
                 xasprintf(ETH_ADDR_FMT " %s", ETH_ADDR_ARGS(mac), what),
                 xstrdup(remedy));
    }
}

void
check_vm(const struct model *model, const struct vm *vm, struct faults *faults)
{
    check_vm_name(vm, faults);
    check_vm_texts(vm, faults);
    check_nic_names(vm, faults);
    for (size_t i = 0; i < vm->n_nics; i++) {
        const struct network *network =
            model_find_network(model, vm->nics[i].network);

        check_mac(vm, i, faults);
        if (network) {
            check_families(vm, i, network, faults);
            check_nic_addresses(vm, i, network, faults);
        } else {
            fault_no_network(model, vm, i, faults);
        }
    }
}
