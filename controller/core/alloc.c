/* SPDX-License-Identifier: Apache-2.0
 *
 * alloc.c: chooses the subnets, addresses and MACs that a config leaves out.
 *
 * Comes after check.h's checks, and expects a model that passed them; the
 * source writes back what was chosen.  In this order: what is given is taken,
 * subnets are chosen, then addresses and MACs NIC by NIC.  Pure, and the same
 * everywhere: see name_hash(). */
#include <config.h>
#include "core/alloc.h"

#include <stdlib.h>

#include "core/check-parts.h"
#include "core/names.h"
#include "core/pool.h"
#include "core/prefix.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "packets.h"
#include "util.h"

/* A set of numbers. */
struct number {
    struct hmap_node node;
    uint64_t value;
};

/* What is known of a network while its NICs are served. */
struct tally {
    size_t n4, n6;            /* NICs that are to have such an address. */
    const struct nic *given4; /* Some NIC with a given address; or NULL. */
    const struct nic *given6;
    bool chosen; /* We chose one of its subnets. */
    bool room;   /* Its subnets hold all of its NICs. */
};

struct allocation {
    struct model *model;
    struct allocations *chosen;
    struct faults *faults;
    struct pools *pools;   /* Owned. */
    struct tally *tallies; /* Of each network.  Owned. */
    struct hmap macs;      /* Contains struct number: bits of the MAC. */
    struct hmap ips4;      /* Likewise: index of the network << 32,
                            * address. */
    struct hmap ips6;      /* Likewise: index of the network << 32, host
                            * part. */
};

void
allocations_init(struct allocations *a)
{
    *a = (struct allocations){ .list = NULL };
}

void
allocations_uninit(struct allocations *a)
{
    for (size_t i = 0; i < a->n; i++) {
        struct allocated *one = &a->list[i];

        for (size_t j = 0; j < ARRAY_SIZE(one->path); j++) {
            free(one->path[j]);
        }
        free(one->value);
    }
    free(a->list);
    allocations_init(a);
}

/* The next entry of 'a', empty. */
static struct allocated *
allocations_add(struct allocations *a, char *value)
{
    if (a->n >= a->allocated) {
        a->list = x2nrealloc(a->list, &a->allocated, sizeof *a->list);
    }

    struct allocated *one = &a->list[a->n++];
    *one = (struct allocated){ .value = value };
    return one;
}

static void
note_network(struct allocations *a, const struct network *network,
             const char *key, char *value)
{
    struct allocated *one = allocations_add(a, value);

    one->path[0] = xstrdup("networks");
    one->path[1] = xstrdup(network->name);
    one->path[2] = xstrdup(key);
}

static void
note_nic(struct allocations *a, const struct vm *vm, const struct nic *nic,
         const char *key, char *value)
{
    struct allocated *one = allocations_add(a, value);

    one->path[0] = xstrdup("vms");
    one->path[1] = xstrdup(vm->name);
    one->path[2] = xstrdup("nics");
    one->path[3] = xasprintf("%" PRIuSIZE, (size_t) (nic - vm->nics));
    one->path[4] = xstrdup(key);
}

/* Adds 'value' to 'set'; false if it is there already. */
static bool
set_add(struct hmap *set, uint64_t value)
{
    uint32_t hash = hash_uint64(value);
    struct number *number;

    HMAP_FOR_EACH_WITH_HASH (number, node, hash, set) {
        if (number->value == value) {
            return false;
        }
    }
    number = xmalloc(sizeof *number);
    number->value = value;
    hmap_insert(set, &number->node, hash);
    return true;
}

static void
set_destroy(struct hmap *set)
{
    struct number *number;

    HMAP_FOR_EACH_POP (number, node, set) {
        free(number);
    }
    hmap_destroy(set);
}

static void
set_subnet4(struct allocation *a, size_t i, struct prefix4 subnet)
{
    struct network *network = &a->model->networks[i];

    network->subnet = subnet;
    network->choice4 = CHOICE_GIVEN;
    a->tallies[i].chosen = true;
    note_network(a->chosen, network, "subnet", prefix4_to_string(subnet));
}

static void
set_subnet6(struct allocation *a, size_t i, struct prefix6 subnet)
{
    struct network *network = &a->model->networks[i];

    network->subnet6 = subnet;
    network->choice6 = CHOICE_GIVEN;
    a->tallies[i].chosen = true;
    note_network(a->chosen, network, "subnet6", prefix6_to_string(subnet));
}

/* A network goes where its NICs' given addresses are. */
static void
follow_nics(struct allocation *a, size_t i)
{
    const struct network *network = &a->model->networks[i];
    const struct tally *tally = &a->tallies[i];
    struct prefix4 subnet;
    struct prefix6 subnet6;

    if (network->choice4 == CHOICE_AUTO && tally->given4
        && pools_take4(a->pools, tally->given4->ip, &subnet)) {
        set_subnet4(a, i, subnet);
    }
    if (network->choice6 == CHOICE_AUTO && tally->given6
        && pools_take6(a->pools, &tally->given6->ip6, &subnet6)) {
        set_subnet6(a, i, subnet6);
    }
}

static void
choose_subnet(struct allocation *a, size_t i)
{
    const struct network *network = &a->model->networks[i];
    struct prefix4 subnet;
    struct prefix6 subnet6;

    if (network->choice4 == CHOICE_AUTO) {
        if (pools_choose4(a->pools, network->name, &subnet)) {
            set_subnet4(a, i, subnet);
        } else {
            fault_at(a->faults, network->place,
                     xasprintf("networks.%s.subnet", network->name),
                     xstrdup("all of 10.77.0.0/16 and 172.27.0.0/16 is in use "
                             "already by networks or the host's routes"),
                     xstrdup("write a subnet that is free"));
        }
    }
    if (network->choice6 == CHOICE_AUTO) {
        if (pools_choose6(a->pools, network->name, &subnet6)) {
            set_subnet6(a, i, subnet6);
        } else {
            fault_at(a->faults, network->place,
                     xasprintf("networks.%s.subnet6", network->name),
                     xstrdup("all of fd00:77::/32 is in use already by "
                             "networks or the host's routes"),
                     xstrdup("write a subnet that is free"));
        }
    }
}

/* The host part of 'ip6' in 'subnet'; false if it is too large to be one that
 * we would choose. */
static bool
host_part6(struct prefix6 subnet, const struct in6_addr *ip6, uint32_t *part)
{
    struct in6_addr mask = ipv6_create_mask(subnet.plen);

    *part = 0;
    for (size_t i = 0; i < sizeof mask.s6_addr; i++) {
        uint8_t byte = ip6->s6_addr[i] & ~mask.s6_addr[i];

        if (i < 12 && byte) {
            return false;
        }
        *part = *part << 8 | byte;
    }
    return true;
}

static void
choose_ip4(struct allocation *a, size_t network_index, const struct vm *vm,
           struct nic *nic, uint32_t hash)
{
    struct prefix4 subnet = a->model->networks[network_index].subnet;
    uint64_t capacity = prefix4_capacity(subnet.plen);

    /* From the address after the gateway's to that before broadcast. */
    for (uint64_t i = 0; i < capacity; i++) {
        uint32_t ip = ntohl(subnet.addr) + 2 + (hash + i) % capacity;

        if (set_add(&a->ips4, (uint64_t) network_index << 32 | ip)) {
            nic->ip = htonl(ip);
            nic->choice4 = CHOICE_GIVEN;
            note_nic(a->chosen, vm, nic, "ip", ip4_to_string(nic->ip));
            return;
        }
    }
}

static void
choose_ip6(struct allocation *a, size_t network_index, const struct vm *vm,
           struct nic *nic, uint32_t hash)
{
    struct prefix6 subnet = a->model->networks[network_index].subnet6;
    uint64_t capacity = prefix6_capacity(subnet.plen);

    for (uint64_t i = 0; i < capacity; i++) {
        uint32_t part =
            (prefix6_first_offset(subnet.plen) + (hash + i) % capacity);

        if (set_add(&a->ips6, (uint64_t) network_index << 32 | part)) {
            nic->ip6 = subnet.addr;
            for (size_t j = 0; j < 4; j++) {
                nic->ip6.s6_addr[15 - j] |= part >> (8 * j);
            }
            nic->choice6 = CHOICE_GIVEN;
            note_nic(a->chosen, vm, nic, "ip6", ip6_to_string(&nic->ip6));
            return;
        }
    }
}

/* The block of MACs that a hypervisor's own NICs are from, so that people and
 * tools recognise them.  VMware accepts no other; 0e:6e is local. */
static const struct {
    uint64_t first;
    unsigned int bits; /* That we choose. */
} mac_blocks[HV_N] = {
    [HV_KVM] = { UINT64_C(0x525400000000), 24 },
    [HV_LIBVIRT] = { UINT64_C(0x525400000000), 24 },
    [HV_VIRTUALBOX] = { UINT64_C(0x080027000000), 24 },
    [HV_VMWARE] = { UINT64_C(0x005056000000), 22 },
    [HV_LXC] = { UINT64_C(0x00163e000000), 24 },
    [HV_INCUS] = { UINT64_C(0x10666a000000), 24 },
    [HV_DOCKER] = { UINT64_C(0x024200000000), 32 },
    [HV_PODMAN] = { UINT64_C(0x0e6e00000000), 32 },
    [HV_NSPAWN] = { UINT64_C(0x0e6e00000000), 32 },
    [HV_NETNS] = { UINT64_C(0x0e6e00000000), 32 },
    [HV_FIRECRACKER] = { UINT64_C(0x525400000000), 24 },
    [HV_CLOUD_HYPERVISOR] = { UINT64_C(0x525400000000), 24 },
    [HV_XEN] = { UINT64_C(0x00163e000000), 24 },
    [HV_EXTERNAL] = { UINT64_C(0x0e6e00000000), 32 },
};

/* A block holds four million and more: there is always one left. */
static void
choose_mac(struct allocation *a, const struct vm *vm, struct nic *nic,
           uint32_t hash)
{
    uint64_t mask = (UINT64_C(1) << mac_blocks[vm->hypervisor].bits) - 1;
    uint64_t bits;

    do {
        bits = mac_blocks[vm->hypervisor].first | (hash++ & mask);
    } while (!set_add(&a->macs, bits));

    eth_addr_from_uint64(bits, &nic->mac);
    nic->choice_mac = CHOICE_GIVEN;
    note_nic(a->chosen, vm, nic, "mac", mac_to_string(nic->mac));
}

/* Calls 'cb' for each NIC, in the order of names.  'network' is the index of
 * its network; NICs on a network that does not exist are check.h's business
 * and left out. */
static void
for_each_nic(struct allocation *a, void (*cb)(struct allocation *, struct vm *,
                                              struct nic *, size_t network))
{
    for (size_t i = 0; i < a->model->n_vms; i++) {
        struct vm *vm = &a->model->vms[i];

        for (size_t j = 0; j < vm->n_nics; j++) {
            const struct network *network =
                model_find_network(a->model, vm->nics[j].network);

            if (network) {
                cb(a, vm, &vm->nics[j], network - a->model->networks);
            }
        }
    }
}

/* A NIC has no address of a family that its network does not have. */
static void
tally_nic(struct allocation *a, struct vm *vm, struct nic *nic, size_t i)
{
    const struct network *network = &a->model->networks[i];
    struct tally *tally = &a->tallies[i];

    if (nic->choice4 == CHOICE_AUTO && network->choice4 == CHOICE_NONE) {
        nic->choice4 = CHOICE_NONE;
    }
    if (nic->choice6 == CHOICE_AUTO && network->choice6 == CHOICE_NONE) {
        nic->choice6 = CHOICE_NONE;
    }
    tally->n4 += nic->choice4 != CHOICE_NONE;
    tally->n6 += nic->choice6 != CHOICE_NONE;
    if (nic->choice4 == CHOICE_GIVEN && !tally->given4) {
        tally->given4 = nic;
    }
    if (nic->choice6 == CHOICE_GIVEN && !tally->given6) {
        tally->given6 = nic;
    }
}

/* What is given is taken, and must fit a subnet that was chosen only now. */
static void
take_given(struct allocation *a, struct vm *vm, struct nic *nic, size_t i)
{
    const struct network *network = &a->model->networks[i];
    uint32_t part;

    if (a->tallies[i].chosen) {
        check_nic_addresses(vm, nic - vm->nics, network, a->faults);
    }
    if (nic->choice4 == CHOICE_GIVEN) {
        set_add(&a->ips4, (uint64_t) i << 32 | ntohl(nic->ip));
    }
    if (nic->choice6 == CHOICE_GIVEN
        && host_part6(network->subnet6, &nic->ip6, &part)) {
        set_add(&a->ips6, (uint64_t) i << 32 | part);
    }
    if (nic->choice_mac == CHOICE_GIVEN) {
        set_add(&a->macs, eth_addr_to_uint64(nic->mac));
    }
}

static void
serve_nic(struct allocation *a, struct vm *vm, struct nic *nic, size_t i)
{
    const struct network *network = &a->model->networks[i];
    char *name = nic_full_name(vm, nic);
    uint32_t hash = name_hash(name);

    free(name);
    if (nic->choice_mac == CHOICE_AUTO) {
        choose_mac(a, vm, nic, hash);
    }
    if (nic->choice4 == CHOICE_AUTO && network->choice4 == CHOICE_GIVEN
        && a->tallies[i].room) {
        choose_ip4(a, i, vm, nic, hash);
    }
    if (nic->choice6 == CHOICE_AUTO && network->choice6 == CHOICE_GIVEN
        && a->tallies[i].room) {
        choose_ip6(a, i, vm, nic, hash);
    }
}

void
model_allocate(struct model *model, const struct host_facts *facts,
               struct allocations *chosen, struct faults *faults)
{
    struct allocation a = {
        .model = model,
        .chosen = chosen,
        .pools = pools_create(model, facts),
        .faults = faults,
        .tallies = xcalloc(model->n_networks, sizeof *a.tallies),
        .macs = HMAP_INITIALIZER(&a.macs),
        .ips4 = HMAP_INITIALIZER(&a.ips4),
        .ips6 = HMAP_INITIALIZER(&a.ips6),
    };

    for_each_nic(&a, tally_nic);
    for (size_t i = 0; i < model->n_networks; i++) {
        follow_nics(&a, i);
    }
    for (size_t i = 0; i < model->n_networks; i++) {
        choose_subnet(&a, i);
    }
    for (size_t i = 0; i < model->n_networks; i++) {
        const struct network *network = &model->networks[i];

        a.tallies[i].room = check_network_room(network, a.tallies[i].n4,
                                               a.tallies[i].n6, faults);
        set_add(&a.macs, eth_addr_to_uint64(network_gateway_mac(network)));
    }
    for_each_nic(&a, take_given);
    for_each_nic(&a, serve_nic);

    set_destroy(&a.macs);
    set_destroy(&a.ips4);
    set_destroy(&a.ips6);
    pools_destroy(a.pools);
    free(a.tallies);
}
