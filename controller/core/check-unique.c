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

#include "core/prefix.h"
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

struct claims {
    struct shash macs;     /* MAC -> struct member, borrowed. */
    struct shash ips;      /* "NETWORK IP" -> likewise. */
    struct shash ids;      /* UUID -> likewise. */
    struct shash gateways; /* MAC -> struct network, borrowed. */
    struct shash devices;  /* Device -> whose it is, a string, owned. */
    struct shash counts;   /* "NETWORK HOST" -> size_t, NICs; owned. */
};

enum { KEY_SIZE = 256 }; /* Two names and more. */

/* Claims 'key' for 'm', or adds a fault if another NIC has it already.
 * 'shown' is the key as a person knows it. */
static void
claim(struct shash *claims, const char *key, const struct member *m,
      const char *member, const char *shown, const char *remedy,
      struct faults *faults)
{
    const struct member *holder = shash_find_data(claims, key);

    if (!holder) {
        shash_add(claims, key, m);
        return;
    }

    char *other = nic_full_name(holder->vm, holder->nic);
    fault_at(faults, m->nic->place, nic_path(m->vm, m->index, member),
             xasprintf("%s is taken by %s", shown, other), xstrdup(remedy));
    free(other);
}

static void
claim_ip4(const struct member *m, struct shash *ips, struct faults *faults)
{
    char *subnet = (m->network->choice4 == CHOICE_GIVEN
                        ? prefix4_to_string(m->network->subnet)
                        : xstrdup("the subnet"));
    char *remedy =
        xasprintf("write another address of %s or leave it out", subnet);
    char *ip = ip4_to_string(m->nic->ip);
    char key[KEY_SIZE];

    snprintf(key, sizeof key, "%s %s", m->network->name, ip);
    claim(ips, key, m, ".ip", ip, remedy, faults);
    free(ip);
    free(remedy);
    free(subnet);
}

static void
claim_ip6(const struct member *m, struct shash *ips, struct faults *faults)
{
    char *ip = ip6_to_string(&m->nic->ip6);
    char key[KEY_SIZE];

    snprintf(key, sizeof key, "%s %s", m->network->name, ip);
    claim(ips, key, m, ".ip6", ip,
          "write another address of the subnet or leave it out", faults);
    free(ip);
}

/* MACs are unique over all networks: a guest may be moved to another one. */
static void
claim_mac(const struct member *m, struct claims *claims, struct faults *faults)
{
    static const char remedy[] = "write another one or leave it out";
    char *mac = mac_to_string(m->nic->mac);
    const struct network *gateway = shash_find_data(&claims->gateways, mac);

    if (gateway) {
        fault_at(faults, m->nic->place, nic_path(m->vm, m->index, ".mac"),
                 xasprintf("%s is the MAC of network %s's gateway", mac,
                           gateway->name),
                 xstrdup(remedy));
    } else {
        claim(&claims->macs, mac, m, ".mac", mac, remedy, faults);
    }
    free(mac);
}

/* Claims 'device' for 'whose', which it takes over. */
static void
claim_device(struct shash *devices, const char *device, char *whose,
             struct place place, const char *path, struct faults *faults)
{
    const char *holder = shash_find_data(devices, device);

    if (!holder) {
        shash_add(devices, device, whose);
        return;
    }
    faults_add(faults, place, path,
               xasprintf("the device of %s would be called %s, as that of %s "
                         "is",
                         whose, device, holder),
               xstrdup("rename one of the two"));
    free(whose);
}

/* The bridge and the gateways come first: NICs must make way for them. */
static void
claim_for_networks(const struct model *model, struct claims *claims,
                   struct faults *faults)
{
    claim_device(&claims->devices, model->bridge, xstrdup("the bridge"),
                 (struct place){ 0, 0 }, "bridge", faults);
    for (size_t i = 0; i < model->n_networks; i++) {
        const struct network *network = &model->networks[i];
        char *mac = mac_to_string(network_gateway_mac(network));
        char *path = xasprintf("networks.%s", network->name);
        char device[IFNAMSIZ];

        network_device_name(network->name, device);
        claim_device(&claims->devices, device,
                     xasprintf("network %s", network->name), network->place,
                     path, faults);
        shash_replace(&claims->gateways, mac, network);
        free(path);
        free(mac);
    }
}

/* Ids that follow from names come before given ones, since only those can be
 * at fault: names are unique, or a fault already. */
static void
claim_derived_id(const struct member *m, struct shash *ids)
{
    char id[UUID_LEN + 1];

    if (!m->nic->id_given) {
        snprintf(id, sizeof id, UUID_FMT, UUID_ARGS(&m->nic->id));
        shash_add_once(ids, id, m);
    }
}

/* Counts 'm' in its network on its host.  VMs that are to run "here" and those
 * that name a host count apart: which host this is, is not known here. */
static void
count_member(struct member *m, struct shash *counts)
{
    char key[KEY_SIZE];

    snprintf(key, sizeof key, "%s %s", m->network->name,
             m->vm->host ? m->vm->host : "");
    size_t *count = shash_find_data(counts, key);

    if (!count) {
        count = xzalloc(sizeof *count);
        shash_add(counts, key, count);
    }
    if (++*count == NETWORK_MAX_MEMBERS + 1) {
        m->beyond = count;
    }
}

static void
claim_member(struct member *m, struct claims *claims, struct faults *faults)
{
    char id[UUID_LEN + 1];

    if (m->network) {
        count_member(m, &claims->counts);
        if (m->nic->choice4 == CHOICE_GIVEN) {
            claim_ip4(m, &claims->ips, faults);
        }
        if (m->nic->choice6 == CHOICE_GIVEN) {
            claim_ip6(m, &claims->ips, faults);
        }
    }
    if (m->nic->choice_mac == CHOICE_GIVEN) {
        claim_mac(m, claims, faults);
    }

    if (m->nic->id_given) {
        snprintf(id, sizeof id, UUID_FMT, UUID_ARGS(&m->nic->id));
        claim(&claims->ids, id, m, ".id", id, "leave it out", faults);
    }

    if (m->nic->device[0]) {
        char *path = nic_path(m->vm, m->index, "");

        claim_device(&claims->devices, m->nic->device,
                     nic_full_name(m->vm, m->nic), m->nic->place, path,
                     faults);
        free(path);
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

    shash_init(&claims.macs);
    shash_init(&claims.ips);
    shash_init(&claims.ids);
    shash_init(&claims.gateways);
    shash_init(&claims.devices);
    shash_init(&claims.counts);

    claim_for_networks(model, &claims, faults);
    for (size_t i = 0; i < n; i++) {
        claim_derived_id(&members[i], &claims.ids);
    }
    for (size_t i = 0; i < n; i++) {
        claim_member(&members[i], &claims, faults);
    }
    for (size_t i = 0; i < n; i++) {
        check_limit(&members[i], faults);
    }
    check_room(model, members, n, faults);

    shash_destroy(&claims.macs);
    shash_destroy(&claims.ips);
    shash_destroy(&claims.ids);
    shash_destroy(&claims.gateways);
    shash_destroy_free_data(&claims.devices);
    shash_destroy_free_data(&claims.counts);
    free(members);
}
