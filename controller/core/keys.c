/* SPDX-License-Identifier: Apache-2.0
 *
 * keys.c: gives out network keys and port keys.
 *
 * keys_update() walks the model.  Where every object has its key already, that
 * is all, and nothing is allocated.  Otherwise the objects without one are
 * collected in the order of names, what the database has stored for them is
 * taken over as far as it agrees, and the rest get the lowest free keys.
 *
 * Reads model, view and bindings; plan.c puts the keys into the compilers'
 * inputs, and the port applier stores them.  Pure. */
#include <config.h>
#include "core/keys.h"
#include <stdlib.h>
#include <string.h>
#include "core/compile.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "util.h"

enum { N_CHUNKS = (KEY_MAX + 1) / KEY_CHUNK, NETWORK_KEY_MAX = 0xffffff };

struct net_keys {
    struct hmap_node node; /* In struct keys' 'nets', by 'name'. */
    char *name;            /* Owned. */
    uint32_t key;          /* Network key. */
    uint32_t gateway;      /* Port key; 0: none. */
    size_t n_chunks;
    uint16_t chunks[NETWORK_MAX_CHUNKS]; /* Ascending. */
    unsigned int turn; /* The keys_update() that last saw it. */
};

struct nic_key {
    struct hmap_node node; /* In struct keys' 'nics', by 'name'. */
    char *name;            /* Full name.  Owned. */
    struct net_keys *net;  /* Its network. */
    uint32_t key;          /* Never 0. */
    unsigned int turn;     /* The keys_update() that last saw it. */
};

struct chunk {
    struct net_keys *owner; /* NULL: free. */
    uint64_t used;          /* Bit I: key I of the chunk is given out. */
};

struct keys {
    struct hmap nets; /* struct net_keys, through 'node'. */
    struct hmap nics; /* struct nic_key, through 'node'. */
    struct chunk chunks[N_CHUNKS];
    unsigned int turn; /* Counts keys_update(). */
};

/* An object without a key. */
struct claim {
    struct net_keys *net; /* Its network. */
    char *nic;            /* Full name; owned; NULL: the gateway. */
    uint32_t stored;      /* What the database has; 0: nothing. */
    size_t order;         /* Place in the order of names. */
};

struct claims {
    struct claim *list; /* Owned. */
    size_t n, allocated;
};

struct keys *
keys_create(void)
{
    struct keys *keys = xzalloc(sizeof *keys);

    hmap_init(&keys->nets);
    hmap_init(&keys->nics);
    return keys;
}

void
keys_destroy(struct keys *keys)
{
    struct net_keys *net;
    struct nic_key *nic;

    if (!keys) {
        return;
    }
    HMAP_FOR_EACH_POP (nic, node, &keys->nics) {
        free(nic->name);
        free(nic);
    }
    HMAP_FOR_EACH_POP (net, node, &keys->nets) {
        free(net->name);
        free(net);
    }
    hmap_destroy(&keys->nics);
    hmap_destroy(&keys->nets);
    free(keys);
}

/* Look-ups. */

static struct net_keys *
find_net(const struct keys *keys, const char *name)
{
    struct net_keys *net;

    HMAP_FOR_EACH_WITH_HASH (net, node, hash_string(name, 0), &keys->nets) {
        if (!strcmp(net->name, name)) {
            return net;
        }
    }
    return NULL;
}

static struct nic_key *
find_nic(const struct keys *keys, const char *full_name)
{
    struct nic_key *nic;

    HMAP_FOR_EACH_WITH_HASH (nic, node, hash_string(full_name, 0),
                             &keys->nics) {
        if (!strcmp(nic->name, full_name)) {
            return nic;
        }
    }
    return NULL;
}

uint32_t
keys_network(const struct keys *keys, const char *network)
{
    const struct net_keys *net = find_net(keys, network);

    return net ? net->key : 0;
}

uint32_t
keys_gateway(const struct keys *keys, const char *network)
{
    const struct net_keys *net = find_net(keys, network);

    return net ? net->gateway : 0;
}

uint32_t
keys_nic(const struct keys *keys, const char *full_name)
{
    const struct nic_key *nic = find_nic(keys, full_name);

    return nic ? nic->key : 0;
}

const uint16_t *
keys_chunks(const struct keys *keys, const char *network, size_t *n)
{
    const struct net_keys *net = find_net(keys, network);

    *n = net ? net->n_chunks : 0;
    return net ? net->chunks : NULL;
}

/* Chunks and bits. */

/* Makes 'chunk' that of 'net', if both allow it. */
static bool
own_chunk(struct keys *keys, struct net_keys *net, uint16_t chunk)
{
    size_t i;

    if (keys->chunks[chunk].owner || net->n_chunks == NETWORK_MAX_CHUNKS) {
        return keys->chunks[chunk].owner == net;
    }
    for (i = net->n_chunks++; i > 0 && net->chunks[i - 1] > chunk; i--) {
        net->chunks[i] = net->chunks[i - 1];
    }
    net->chunks[i] = chunk;
    keys->chunks[chunk].owner = net;
    return true;
}

static void
free_chunk(struct keys *keys, uint16_t chunk)
{
    struct net_keys *net = keys->chunks[chunk].owner;
    size_t i = 0;

    while (net->chunks[i] != chunk) {
        i++;
    }
    net->n_chunks--;
    for (; i < net->n_chunks; i++) {
        net->chunks[i] = net->chunks[i + 1];
    }
    keys->chunks[chunk].owner = NULL;
}

static void
free_key(struct keys *keys, uint32_t key)
{
    struct chunk *chunk = &keys->chunks[key / KEY_CHUNK];

    chunk->used &= ~(UINT64_C(1) << key % KEY_CHUNK);
    if (!chunk->used) {
        free_chunk(keys, key / KEY_CHUNK);
    }
}

/* Takes the lowest free key of the network's chunks, or of a new chunk. */
static uint32_t
take_lowest_key(struct keys *keys, struct net_keys *net)
{
    for (size_t i = 0; i < net->n_chunks; i++) {
        struct chunk *chunk = &keys->chunks[net->chunks[i]];

        if (chunk->used != UINT64_MAX) {
            int bit = raw_ctz(~chunk->used);

            chunk->used |= UINT64_C(1) << bit;
            return net->chunks[i] * KEY_CHUNK + bit;
        }
    }
    for (int i = KEY_MIN / KEY_CHUNK; i < N_CHUNKS; i++) {
        if (!keys->chunks[i].owner && own_chunk(keys, net, i)) {
            keys->chunks[i].used = 1;
            return i * KEY_CHUNK;
        }
    }
    return 0;
}

/* Takes 'key' for 'net', if its chunk is the network's and it is free. */
static bool
take_stored_key(struct keys *keys, const struct net_keys *net, uint32_t key)
{
    struct chunk *chunk = &keys->chunks[key / KEY_CHUNK];
    uint64_t bit = UINT64_C(1) << key % KEY_CHUNK;

    if (chunk->owner != net || chunk->used & bit) {
        return false;
    }
    chunk->used |= bit;
    return true;
}

/* Claims. */

static void
add_claim(struct claims *claims, struct net_keys *net, const char *nic,
          uint32_t stored)
{
    if (claims->n == claims->allocated) {
        claims->list =
            x2nrealloc(claims->list, &claims->allocated, sizeof *claims->list);
    }
    claims->list[claims->n] = (struct claim){
        .net = net,
        .nic = nullable_xstrdup(nic),
        .stored = stored >= KEY_MIN && stored <= KEY_MAX ? stored : 0,
        .order = claims->n,
    };
    claims->n++;
}

static void
grant(struct keys *keys, struct claim *claim, uint32_t key)
{
    if (claim->nic) {
        struct nic_key *nic = xmalloc(sizeof *nic);

        nic->name = claim->nic;
        nic->net = claim->net;
        nic->key = key;
        nic->turn = keys->turn;
        hmap_insert(&keys->nics, &nic->node, hash_string(nic->name, 0));
        claim->nic = NULL;
    } else {
        claim->net->gateway = key;
    }
    claim->net = NULL;
}

/* By chunk, then by network, then by order; those with nothing stored last. */
static int
compare_claims(const void *a_, const void *b_)
{
    const struct claim *a = a_, *b = b_;
    uint32_t chunk_a = a->stored ? a->stored / KEY_CHUNK : UINT32_MAX;
    uint32_t chunk_b = b->stored ? b->stored / KEY_CHUNK : UINT32_MAX;

    if (chunk_a != chunk_b) {
        return chunk_a < chunk_b ? -1 : 1;
    }
    if (chunk_a != UINT32_MAX && a->net != b->net) {
        return strcmp(a->net->name, b->net->name);
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Gives the chunk that claims [start, end) have keys of to the network that
 * has the most of them; they are sorted by network. */
static void
settle_chunk(struct keys *keys, const struct claims *claims, size_t start,
             size_t end)
{
    struct net_keys *winner = NULL;
    size_t most = 0;

    for (size_t i = start, j; i < end; i = j) {
        struct net_keys *net = claims->list[i].net;

        for (j = i; j < end && claims->list[j].net == net; j++) {
            continue;
        }
        if (j - i > most) {
            most = j - i;
            winner = net;
        }
    }
    own_chunk(keys, winner, claims->list[start].stored / KEY_CHUNK);
}

/* Fulfils the claims with a stored key, as far as they agree. */
static void
grant_stored(struct keys *keys, struct claims *claims)
{
    qsort(claims->list, claims->n, sizeof *claims->list, compare_claims);
    for (size_t i = 0, j; i < claims->n && claims->list[i].stored; i = j) {
        uint32_t chunk = claims->list[i].stored / KEY_CHUNK;

        for (j = i;
             j < claims->n && claims->list[j].stored / KEY_CHUNK == chunk;
             j++) {
            continue;
        }
        settle_chunk(keys, claims, i, j);
        for (size_t k = i; k < j; k++) {
            struct claim *claim = &claims->list[k];

            if (take_stored_key(keys, claim->net, claim->stored)) {
                grant(keys, claim, claim->stored);
            }
        }
    }
}

static int
compare_claims_by_order(const void *a_, const void *b_)
{
    const struct claim *a = a_, *b = b_;

    return a->order < b->order ? -1 : a->order > b->order;
}

/* Fulfils what claims are left; returns the number of those it cannot. */
static size_t
grant_lowest(struct keys *keys, struct claims *claims)
{
    size_t n_failed = 0;

    qsort(claims->list, claims->n, sizeof *claims->list,
          compare_claims_by_order);
    for (size_t i = 0; i < claims->n; i++) {
        struct claim *claim = &claims->list[i];

        if (claim->net) {
            uint32_t key = take_lowest_key(keys, claim->net);

            if (key) {
                grant(keys, claim, key);
            } else {
                n_failed++;
                free(claim->nic);
            }
        }
    }
    return n_failed;
}

/* Networks. */

/* FNV-1a, folded to 24 bits.  Not hash_string(), whose values differ from one
 * processor to the next: all hosts have to come to the same key. */
static uint32_t
hash_network(const char *name)
{
    uint32_t hash = 2166136261u;

    for (; *name; name++) {
        hash = (hash ^ (unsigned char) *name) * 16777619u;
    }
    hash = (hash >> 24 ^ hash) & NETWORK_KEY_MAX;
    return hash ? hash : 1;
}

/* A network key that is taken; its hash is the key. */
struct taken_key {
    struct hmap_node node;
};

/* Computes all network keys anew.  They are a function of the set of names. */
static void
assign_network_keys(struct keys *keys, const struct model *model)
{
    struct hmap taken = HMAP_INITIALIZER(&taken);
    struct taken_key *nodes = xmalloc(model->n_networks * sizeof *nodes);

    for (size_t i = 0; i < model->n_networks; i++) {
        const char *name = model->networks[i].name;
        uint32_t key = hash_network(name);

        while (hmap_first_with_hash(&taken, key)) {
            key = key < NETWORK_KEY_MAX ? key + 1 : 1;
        }
        hmap_insert(&taken, &nodes[i].node, key);
        find_net(keys, name)->key = key;
    }
    hmap_destroy(&taken);
    free(nodes);
}

/* What is stored for the gateway port of 'network'. */
static uint32_t
stored_gateway_key(const struct view *view, const char *network)
{
    const struct view_port *port;
    char device[IFNAMSIZ];

    network_device_name(network, device);
    port = view_find_port(view, device);
    return port && !port->mark_vm && port->mark_network
                   && !strcmp(port->mark_network, network)
               ? port->key
               : 0;
}

/* Sees to it that each network of 'model' is there.  Returns true if the set
 * of networks is another one than before. */
static bool
walk_networks(struct keys *keys, const struct model *model)
{
    bool changed = hmap_count(&keys->nets) != model->n_networks;

    for (size_t i = 0; i < model->n_networks; i++) {
        const char *name = model->networks[i].name;
        struct net_keys *net = find_net(keys, name);

        if (!net) {
            net = xzalloc(sizeof *net);
            net->name = xstrdup(name);
            hmap_insert(&keys->nets, &net->node, hash_string(name, 0));
            changed = true;
        }
        net->turn = keys->turn;
    }
    return changed;
}

bool
network_has_gateway(const struct network *network)
{
    return network->choice4 == CHOICE_GIVEN
           || network->choice6 == CHOICE_GIVEN;
}

static void
claim_gateways(struct keys *keys, const struct model *model,
               const struct view *view, struct claims *claims)
{
    for (size_t i = 0; i < model->n_networks; i++) {
        const struct network *network = &model->networks[i];
        struct net_keys *net = find_net(keys, network->name);

        if (!network_has_gateway(network) && net->gateway) {
            free_key(keys, net->gateway);
            net->gateway = 0;
        } else if (network_has_gateway(network) && !net->gateway) {
            add_claim(claims, net, NULL,
                      stored_gateway_key(view, network->name));
        }
    }
}

/* Forgets the networks that are gone.  Their NICs are gone already. */
static void
drop_old_networks(struct keys *keys)
{
    struct net_keys *net;

    HMAP_FOR_EACH_SAFE (net, node, &keys->nets) {
        if (net->turn != keys->turn) {
            if (net->gateway) {
                free_key(keys, net->gateway);
            }
            hmap_remove(&keys->nets, &net->node);
            free(net->name);
            free(net);
        }
    }
}

/* NICs. */

/* What is stored for the port of the NIC.  The key of our port from when the
 * NIC was in another network is in that network's chunk: no use. */
static uint32_t
stored_nic_key(const struct view *view, const struct nic *nic,
               const struct binding *binding)
{
    const struct view_port *port;

    if (!binding) {
        return 0;
    }
    port = view_find_port(view, binding->port);
    return (binding->how == BOUND_OWN
                ? nullable_string_is_equal(port->mark_network, nic->network)
                : nullable_string_is_equal(port->bound, binding->nic))
               ? port->key
               : 0;
}

/* Keeps the key of 'nic', or claims one.  Returns 1 if it keeps its key. */
static size_t
walk_nic(struct keys *keys, const struct vm *vm, const struct nic *nic,
         const struct view *view, const struct bindings *bindings,
         struct claims *claims)
{
    char name[NIC_NAME_SIZE];
    struct nic_key *have;
    struct net_keys *net;

    nic_put_full_name(vm, nic, name);
    if (hypervisor_device(vm->hypervisor, view->userspace) == DEV_FOREIGN
        && !bindings_of_nic(bindings, name)) {
        return 0;
    }
    have = find_nic(keys, name);
    if (have && have->net->turn == keys->turn
        && !strcmp(have->net->name, nic->network)) {
        have->turn = keys->turn;
        return 1;
    }
    net = find_net(keys, nic->network);
    if (net && net->turn == keys->turn) {
        add_claim(claims, net, name,
                  stored_nic_key(view, nic, bindings_of_nic(bindings, name)));
    }
    return 0;
}

static void
drop_old_nics(struct keys *keys)
{
    struct nic_key *nic;

    HMAP_FOR_EACH_SAFE (nic, node, &keys->nics) {
        if (nic->turn != keys->turn) {
            free_key(keys, nic->key);
            hmap_remove(&keys->nics, &nic->node);
            free(nic->name);
            free(nic);
        }
    }
}

size_t
keys_update(struct keys *keys, const struct model *model,
            const struct view *view, const struct bindings *bindings,
            const char *host)
{
    struct claims claims = { NULL, 0, 0 };
    size_t n_failed = 0, n_kept = 0;
    bool networks_changed;

    keys->turn++;
    networks_changed = walk_networks(keys, model);
    claim_gateways(keys, model, view, &claims);
    for (size_t i = 0; i < model->n_vms; i++) {
        const struct vm *vm = &model->vms[i];

        for (size_t j = 0; vm_is_local(vm, host) && j < vm->n_nics; j++) {
            n_kept +=
                walk_nic(keys, vm, &vm->nics[j], view, bindings, &claims);
        }
    }

    /* What is freed may be given out again at once. */
    if (n_kept < hmap_count(&keys->nics)) {
        drop_old_nics(keys);
    }
    if (networks_changed) {
        drop_old_networks(keys);
        assign_network_keys(keys, model);
    }
    if (claims.n) {
        grant_stored(keys, &claims);
        n_failed = grant_lowest(keys, &claims);
        free(claims.list);
    }
    return n_failed;
}
