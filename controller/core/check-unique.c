/* SPDX-License-Identifier: Apache-2.0
 *
 * check-unique.c: checks of NICs against each other: what only one can have,
 * and what there is only so much of.
 *
 * Part of check.h.  What must be unique is claimed in hash maps, in the order
 * of the config: of two NICs that want the same, the later one is at fault.
 * So ten thousand NICs cost ten thousand look-ups.  Pure. */
#include <config.h>
#include "core/check-parts.h"

#include <stdlib.h>
#include <string.h>

#include "core/prefix.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* A NIC with all that belongs to it. */
struct member {
    const struct vm *vm;
    const struct nic *nic;
    size_t index;                  /* Of 'nic' in 'vm'. */
    const struct network *network; /* NULL: there is none of that name. */
    const size_t *beyond; /* This NIC is the first too many of so many on one
                           * host; NULL: it is not. */
};

/* What can be claimed; each kind has keys of its own. */
enum claim_kind {
    CLAIM_MAC,
    CLAIM_GATEWAY_MAC, /* Held by a network. */
    CLAIM_IP4,
    CLAIM_IP6,
    CLAIM_ID,
    CLAIM_DEVICE /* Held by a NIC, a network or the bridge. */
};

/* Without padding: compared and hashed as bytes. */
struct claim_key {
    uint32_t kind;     /* enum claim_kind */
    uint32_t network;  /* Of an address: its network's index, else 0. */
    uint8_t bytes[16]; /* The address, UUID or device name, then zeros. */
};
BUILD_ASSERT_DECL(sizeof(struct claim_key) == 24);
BUILD_ASSERT_DECL(IFNAMSIZ == 16);

/* Who has what.  Both holders NULL: the bridge. */
struct claim {
    struct hmap_node node; /* In struct claims' 'map', by 'key'. */
    struct claim_key key;
    const struct member *member;
    const struct network *network;
};

struct claims {
    const struct model *model;
    struct hmap map;
    struct claim *list;  /* All of 'map'; owned. */
    size_t n;            /* In 'list', which has room for all there can be. */
    size_t *here;        /* Parallel to model->networks: its NICs that are to
                          * run on this host.  Owned. */
    struct shash counts; /* "NETWORK HOST" -> size_t, NICs that name their
                          * host; owned. */
};

enum {
    KEY_SIZE = 256,       /* Two names and more. */
    CLAIMS_A_MEMBER = 5,  /* MAC, IPv4, IPv6, id, device. */
    CLAIMS_A_NETWORK = 2, /* Gateway's MAC and device. */
    CLAIMS_A_BRIDGE = 1
};

static void
claims_init(struct claims *claims, const struct model *model, size_t n_members)
{
    size_t max = (n_members * CLAIMS_A_MEMBER
                  + model->n_networks * CLAIMS_A_NETWORK + CLAIMS_A_BRIDGE);

    claims->model = model;
    hmap_init(&claims->map);
    hmap_reserve(&claims->map, max);
    claims->list = xmalloc(max * sizeof *claims->list);
    claims->n = 0;
    claims->here = xcalloc(model->n_networks, sizeof *claims->here);
    shash_init(&claims->counts);
}

static void
claims_uninit(struct claims *claims)
{
    hmap_destroy(&claims->map);
    free(claims->list);
    free(claims->here);
    shash_destroy_free_data(&claims->counts);
}

static struct claim_key
make_key(enum claim_kind kind, const void *bytes, size_t n)
{
    struct claim_key key = { .kind = kind };

    memcpy(key.bytes, bytes, n);
    return key;
}

static struct claim *
find_claim(const struct claims *claims, const struct claim_key *key,
           uint32_t hash)
{
    struct claim *claim;

    HMAP_FOR_EACH_WITH_HASH (claim, node, hash, &claims->map) {
        if (!memcmp(&claim->key, key, sizeof *key)) {
            return claim;
        }
    }
    return NULL;
}

static uint32_t
hash_claim(const struct claim_key *key)
{
    return hash_bytes(key, sizeof *key, 0);
}

/* Claims 'key' for 'member' or 'network'.  Returns NULL, or whoever has it
 * already. */
static struct claim *
claim(struct claims *claims, struct claim_key key, const struct member *member,
      const struct network *network)
{
    uint32_t hash = hash_claim(&key);
    struct claim *holder = find_claim(claims, &key, hash);

    if (!holder) {
        struct claim *new = &claims->list[claims->n++];

        *new =
            (struct claim){ .key = key, .member = member, .network = network };
        hmap_insert(&claims->map, &new->node, hash);
    }
    return holder;
}

/* Adds a fault: 'holder' has what 'm' wants, which is called 'shown'. */
static void
fault_taken(const struct member *m, const struct claim *holder,
            const char *member, const char *shown, const char *remedy,
            struct faults *faults)
{
    char *other = nic_full_name(holder->member->vm, holder->member->nic);

    fault_at(faults, m->nic->place, nic_path(m->vm, m->index, member),
             xasprintf("%s is taken by %s", shown, other), xstrdup(remedy));
    free(other);
}

static uint32_t
network_index(const struct claims *claims, const struct member *m)
{
    return m->network - claims->model->networks;
}

static void
claim_ip4(const struct member *m, struct claims *claims, struct faults *faults)
{
    struct claim_key key = make_key(CLAIM_IP4, &m->nic->ip, sizeof m->nic->ip);

    key.network = network_index(claims, m);
    const struct claim *holder = claim(claims, key, m, NULL);
    if (!holder) {
        return;
    }

    char *subnet = (m->network->choice4 == CHOICE_GIVEN
                        ? prefix4_to_string(m->network->subnet)
                        : xstrdup("the subnet"));
    char *remedy =
        xasprintf("write another address of %s or leave it out", subnet);
    char *ip = ip4_to_string(m->nic->ip);

    fault_taken(m, holder, ".ip", ip, remedy, faults);
    free(ip);
    free(remedy);
    free(subnet);
}

static void
claim_ip6(const struct member *m, struct claims *claims, struct faults *faults)
{
    struct claim_key key =
        make_key(CLAIM_IP6, &m->nic->ip6, sizeof m->nic->ip6);

    key.network = network_index(claims, m);
    const struct claim *holder = claim(claims, key, m, NULL);
    if (holder) {
        char *ip = ip6_to_string(&m->nic->ip6);

        fault_taken(m, holder, ".ip6", ip,
                    "write another address of the subnet or leave it out",
                    faults);
        free(ip);
    }
}

/* MACs are unique over all networks: a guest may be moved to another one. */
static void
claim_mac(const struct member *m, struct claims *claims, struct faults *faults)
{
    static const char remedy[] = "write another one or leave it out";
    struct claim_key key =
        make_key(CLAIM_GATEWAY_MAC, &m->nic->mac, sizeof m->nic->mac);
    const struct claim *holder = find_claim(claims, &key, hash_claim(&key));

    if (!holder) {
        key.kind = CLAIM_MAC;
        holder = claim(claims, key, m, NULL);
        if (!holder) {
            return;
        }
    }

    char *mac = mac_to_string(m->nic->mac);
    if (holder->network) {
        fault_at(faults, m->nic->place, nic_path(m->vm, m->index, ".mac"),
                 xasprintf("%s is the MAC of network %s's gateway", mac,
                           holder->network->name),
                 xstrdup(remedy));
    } else {
        fault_taken(m, holder, ".mac", mac, remedy, faults);
    }
    free(mac);
}

static char *
device_owner(const struct member *member, const struct network *network)
{
    return (member    ? nic_full_name(member->vm, member->nic)
            : network ? xasprintf("network %s", network->name)
                      : xstrdup("the bridge"));
}

/* Claims 'device' for 'm' or 'network'; what has it must give way. */
static void
claim_device(struct claims *claims, const char *device, const struct member *m,
             const struct network *network, struct faults *faults)
{
    struct claim_key key =
        make_key(CLAIM_DEVICE, device, strnlen(device, IFNAMSIZ));
    const struct claim *holder = claim(claims, key, m, network);

    if (holder) {
        char *whose = device_owner(m, network);
        char *other = device_owner(holder->member, holder->network);

        fault_at(faults, m ? m->nic->place : network->place,
                 m ? nic_path(m->vm, m->index, "")
                   : xasprintf("networks.%s", network->name),
                 xasprintf("the device of %s would be called %s, as that of "
                           "%s is",
                           whose, device, other),
                 xstrdup("rename one of the two"));
        free(other);
        free(whose);
    }
}

/* The bridge and the gateways come first: NICs must make way for them. */
static void
claim_for_networks(struct claims *claims, struct faults *faults)
{
    const struct model *model = claims->model;

    claim_device(claims, model->bridge, NULL, NULL, faults);
    for (size_t i = 0; i < model->n_networks; i++) {
        const struct network *network = &model->networks[i];
        struct eth_addr mac = network_gateway_mac(network);
        char device[IFNAMSIZ];

        network_device_name(network->name, device);
        claim_device(claims, device, NULL, network, faults);
        claim(claims, make_key(CLAIM_GATEWAY_MAC, &mac, sizeof mac), NULL,
              network);
    }
}

/* Ids that follow from names come before given ones, since only those can be
 * at fault: names are unique, or a fault already. */
static void
claim_derived_id(const struct member *m, struct claims *claims)
{
    if (!m->nic->id_given) {
        claim(claims, make_key(CLAIM_ID, &m->nic->id, sizeof m->nic->id), m,
              NULL);
    }
}

static void
claim_given_id(const struct member *m, struct claims *claims,
               struct faults *faults)
{
    const struct claim *holder = claim(
        claims, make_key(CLAIM_ID, &m->nic->id, sizeof m->nic->id), m, NULL);

    if (holder) {
        char id[UUID_LEN + 1];

        snprintf(id, sizeof id, UUID_FMT, UUID_ARGS(&m->nic->id));
        fault_taken(m, holder, ".id", id, "leave it out", faults);
    }
}

/* The number of NICs that share the network and the host of 'm'.  VMs that are
 * to run "here" and those that name a host count apart: which host this is, is
 * not known here. */
static size_t *
find_count(const struct member *m, struct claims *claims)
{
    char key[KEY_SIZE];

    if (!m->vm->host) {
        return &claims->here[network_index(claims, m)];
    }
    snprintf(key, sizeof key, "%s %s", m->network->name, m->vm->host);
    size_t *count = shash_find_data(&claims->counts, key);
    if (!count) {
        count = xzalloc(sizeof *count);
        shash_add(&claims->counts, key, count);
    }
    return count;
}

static void
count_member(struct member *m, struct claims *claims)
{
    size_t *count = find_count(m, claims);

    if (++*count == NETWORK_MAX_MEMBERS + 1) {
        m->beyond = count;
    }
}

static void
claim_member(struct member *m, struct claims *claims, struct faults *faults)
{
    if (m->network) {
        count_member(m, claims);
        if (m->nic->choice4 == CHOICE_GIVEN) {
            claim_ip4(m, claims, faults);
        }
        if (m->nic->choice6 == CHOICE_GIVEN) {
            claim_ip6(m, claims, faults);
        }
    }
    if (m->nic->choice_mac == CHOICE_GIVEN) {
        claim_mac(m, claims, faults);
    }
    if (m->nic->id_given) {
        claim_given_id(m, claims, faults);
    }
    if (m->nic->device[0]) {
        claim_device(claims, m->nic->device, m, NULL, faults);
    }
}

/* In the order of the config; what has no place, by name. */
static int
compare_members(const void *a_, const void *b_)
{
    const struct member *a = a_;
    const struct member *b = b_;

    if (place_is_after(a->nic->place, b->nic->place)) {
        return 1;
    }
    if (place_is_after(b->nic->place, a->nic->place)) {
        return -1;
    }
    if (a->vm != b->vm) {
        return a->vm < b->vm ? -1 : 1;
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Stores all NICs in '*membersp', malloc'd, and returns how many. */
static size_t
collect_members(const struct model *model, struct member **membersp)
{
    size_t n = 0;

    for (size_t i = 0; i < model->n_vms; i++) {
        n += model->vms[i].n_nics;
    }

    struct member *members = xmalloc(n * sizeof *members);
    n = 0;
    for (size_t i = 0; i < model->n_vms; i++) {
        const struct vm *vm = &model->vms[i];

        for (size_t j = 0; j < vm->n_nics; j++) {
            members[n++] = (struct member){
                .vm = vm,
                .nic = &vm->nics[j],
                .index = j,
                .network = model_find_network(model, vm->nics[j].network),
            };
        }
    }
    qsort(members, n, sizeof *members, compare_members);
    *membersp = members;
    return n;
}

/* Adds a fault where a network's known subnet has fewer addresses than the
 * network has NICs. */
static void
check_room(const struct model *model, const struct member *members, size_t n,
           struct faults *faults)
{
    size_t *n4 = xcalloc(model->n_networks, sizeof *n4);
    size_t *n6 = xcalloc(model->n_networks, sizeof *n6);

    for (size_t i = 0; i < n; i++) {
        const struct member *m = &members[i];

        if (m->network) {
            size_t j = m->network - model->networks;

            n4[j] += m->nic->choice4 != CHOICE_NONE;
            n6[j] += m->nic->choice6 != CHOICE_NONE;
        }
    }
    for (size_t j = 0; j < model->n_networks; j++) {
        check_network_room(&model->networks[j], n4[j], n6[j], faults);
    }
    free(n6);
    free(n4);
}

static void
check_limit(const struct member *m, struct faults *faults)
{
    if (m->beyond) {
        fault_at(faults, m->nic->place, nic_path(m->vm, m->index, ".network"),
                 xasprintf("network %s has %" PRIuSIZE
                           " NICs on one host, and "
                           "%d is the most",
                           m->network->name, *m->beyond, NETWORK_MAX_MEMBERS),
                 xstrdup("put some of them on another network"));
    }
}

void
check_unique(const struct model *model, struct faults *faults)
{
    struct member *members;
    size_t n = collect_members(model, &members);
    struct claims claims;

    claims_init(&claims, model, n);
    claim_for_networks(&claims, faults);
    for (size_t i = 0; i < n; i++) {
        claim_derived_id(&members[i], &claims);
    }
    for (size_t i = 0; i < n; i++) {
        claim_member(&members[i], &claims, faults);
    }
    for (size_t i = 0; i < n; i++) {
        check_limit(&members[i], faults);
    }
    check_room(model, members, n, faults);

    claims_uninit(&claims);
    free(members);
}
