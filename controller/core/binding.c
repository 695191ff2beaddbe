/* SPDX-License-Identifier: Apache-2.0
 *
 * binding.c: finds the port of each NIC.
 *
 * First by mark and iface-id for all NICs; then, for those that expect a
 * foreign port and have none, by MAC; then by name.  The costs are a few
 * look-ups a NIC, and no allocation where nothing has changed.  Reads model
 * and view, is read by keys.c and plan.c.  Pure. */
#include <config.h>
#include "core/binding.h"
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* A NIC of this host on its way to a port. */
struct seeker {
    const struct vm *vm;
    const struct nic *nic;
};

struct seekers {
    struct seeker *list; /* Owned. */
    size_t n, allocated;
};

const char *
binding_how_name(enum binding_how how)
{
    switch (how) {
    case BOUND_OWN:
        return "own";
    case BOUND_IFACE_ID:
        return "iface-id";
    case BOUND_MAC:
        return "attached-mac";
    case BOUND_NAME:
        return "name";
    }
    OVS_NOT_REACHED();
}

bool
vm_is_local(const struct vm *vm, const char *host)
{
    return !vm->host || !strcmp(vm->host, host);
}

/* Writes "FIRST.SECOND". */
static void
put_dotted(const char *first, const char *second, char name[NIC_NAME_SIZE])
{
    size_t len = strnlen(first, NIC_NAME_SIZE - 2);

    memcpy(name, first, len);
    name[len++] = '.';
    ovs_strlcpy(name + len, second, NIC_NAME_SIZE - len);
}

void
nic_put_full_name(const struct vm *vm, const struct nic *nic,
                  char name[NIC_NAME_SIZE])
{
    if (!strcmp(nic->name, "0")) {
        ovs_strlcpy(name, vm->name, NIC_NAME_SIZE);
    } else {
        put_dotted(vm->name, nic->name, name);
    }
}

void
bindings_init(struct bindings *b)
{
    shash_init(&b->by_nic);
    shash_init(&b->by_port);
    shash_init(&b->conflicts);
    b->turn = 0;
}

static void
binding_destroy(struct binding *binding)
{
    free(binding->nic);
    free(binding->port);
    free(binding);
}

void
bindings_uninit(struct bindings *b)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &b->by_nic) {
        binding_destroy(node->data);
    }
    shash_destroy(&b->by_nic);
    shash_destroy(&b->by_port);
    shash_destroy_free_data(&b->conflicts);
}

const struct binding *
bindings_of_nic(const struct bindings *b, const char *full_name)
{
    return shash_find_data(&b->by_nic, full_name);
}

const struct binding *
bindings_of_port(const struct bindings *b, const char *port)
{
    return shash_find_data(&b->by_port, port);
}

/* Has 'port' been given to a NIC in this computation? */
static bool
port_is_taken(const struct bindings *b, const char *port)
{
    const struct binding *binding = bindings_of_port(b, port);

    return binding && binding->turn == b->turn;
}

/* Takes 'binding' out of 'by_port', unless its port is another NIC's now. */
static void
release_port(struct bindings *b, const struct binding *binding)
{
    struct shash_node *node = shash_find(&b->by_port, binding->port);

    if (node && node->data == binding) {
        shash_delete(&b->by_port, node);
    }
}

static void
bind_port(struct bindings *b, const struct seeker *s,
          const struct view_port *port, enum binding_how how)
{
    struct binding *binding;
    char name[NIC_NAME_SIZE];

    nic_put_full_name(s->vm, s->nic, name);
    binding = shash_find_data(&b->by_nic, name);
    if (!binding) {
        binding = xzalloc(sizeof *binding);
        binding->nic = xstrdup(name);
        binding->port = xstrdup(port->name);
        shash_add(&b->by_nic, name, binding);
        shash_replace(&b->by_port, binding->port, binding);
    } else if (strcmp(binding->port, port->name)
               || bindings_of_port(b, port->name) != binding) {
        release_port(b, binding);
        free(binding->port);
        binding->port = xstrdup(port->name);
        shash_replace(&b->by_port, binding->port, binding);
    }
    binding->ofport = port->ofport;
    binding->how = how;
    binding->turn = b->turn;
}

/* By mark and iface-id. */

static bool
port_is_foreign(const struct view_port *port)
{
    return !port->mark_vm && !port->mark_network;
}

/* A foreign port with a name that no kernel device could have would not fit
 * into a block; it stays a stranger. */
static bool
port_can_be_bound(const struct bindings *b, const struct view_port *port)
{
    return port_is_foreign(port) && strlen(port->name) < IFNAMSIZ
           && !port_is_taken(b, port->name);
}

/* Our port for the NIC, or NULL. */
static const struct view_port *
find_own_port(const struct view *view, const struct seeker *s)
{
    const struct view_port *port;

    if (hypervisor_device(s->vm->hypervisor, view->userspace) == DEV_FOREIGN) {
        return NULL;
    }
    port = view_find_port(view, s->nic->device);
    return port && port->mark_vm && !strcmp(port->mark_vm, s->vm->name)
                   && port->mark_nic && !strcmp(port->mark_nic, s->nic->name)
               ? port
               : NULL;
}

/* Is 'a' to be preferred to 'b'? */
static bool
port_is_better(const struct view_port *a, const struct view_port *b)
{
    if (a->inactive != b->inactive) {
        return !a->inactive;
    }
    if (port_is_foreign(a) != port_is_foreign(b)) {
        return !port_is_foreign(a);
    }
    return strcmp(a->name, b->name) < 0;
}

/* Takes note of a port that names the NIC of 's' and does not get it. */
static void
add_conflict(struct bindings *b, const struct seeker *s,
             const struct view_port *port)
{
    if (port_is_foreign(port) && !port->inactive) {
        char name[NIC_NAME_SIZE];

        nic_put_full_name(s->vm, s->nic, name);
        free(shash_replace(&b->conflicts, port->name, xstrdup(name)));
    }
}

/* Returns the better of 'best' (NULL: none) and the foreign ports that bear
 * 'iface_id'. */
static const struct view_port *
choose_by_iface_id(struct bindings *b, const struct view *view,
                   const struct seeker *s, const char *iface_id,
                   const struct view_port *best)
{
    const struct view_port *port = NULL;

    while ((port = view_next_by_iface_id(view, iface_id, port))) {
        if (!port_can_be_bound(b, port)) {
            continue;
        }
        if (!best) {
            best = port;
        } else if (port_is_better(port, best)) {
            add_conflict(b, s, best);
            best = port;
        } else {
            add_conflict(b, s, port);
        }
    }
    return best;
}

/* Writes 'id' as UUID_FMT does; printf() would be most of a turn's cost. */
static void
put_uuid(const struct uuid *id, char text[UUID_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20) {
            *text++ = '-';
        }
        *text++ = digits[id->parts[i / 8] >> (28 - i % 8 * 4) & 0xf];
    }
    *text = '\0';
}

/* May a port call this NIC by its VM's name alone?  A name in the form of a
 * UUID is not taken for one: it could be the id of somebody else's NIC. */
static bool
vm_name_means_nic(const struct seeker *s)
{
    struct uuid uuid;

    return (s->vm->n_nics == 1 || !strcmp(s->nic->name, "0"))
           && !uuid_from_string(&uuid, s->vm->name);
}

static bool
bind_by_mark_or_id(struct bindings *b, const struct view *view,
                   const struct seeker *s)
{
    const struct view_port *own = find_own_port(view, s);
    const struct view_port *best;
    char text[MAX(UUID_LEN + 1, NIC_NAME_SIZE)];

    put_uuid(&s->nic->id, text);
    best = choose_by_iface_id(b, view, s, text, own);
    put_dotted(s->vm->name, s->nic->name, text);
    best = choose_by_iface_id(b, view, s, text, best);
    if (vm_name_means_nic(s)) {
        best = choose_by_iface_id(b, view, s, s->vm->name, best);
    }
    if (best) {
        bind_port(b, s, best, best == own ? BOUND_OWN : BOUND_IFACE_ID);
    }
    return best;
}

/* By MAC and by name.  A port that names one NIC by its iface-id does not go
 * to another for its MAC or name. */

static bool
port_can_be_guessed(const struct bindings *b, const struct view_port *port)
{
    return port_can_be_bound(b, port)
           && !shash_find(&b->conflicts, port->name);
}

/* The MACs of this host's NICs, to tell which are unique. */
struct mac_count {
    struct hmap_node node; /* In the map, by 'mac'. */
    struct eth_addr mac;
    unsigned int n; /* NICs that have it. */
};

static struct mac_count *
find_mac(const struct hmap *macs, struct eth_addr mac)
{
    struct mac_count *count;

    HMAP_FOR_EACH_WITH_HASH (count, node, hash_mac(mac, 0, 0), macs) {
        if (eth_addr_equals(count->mac, mac)) {
            return count;
        }
    }
    return NULL;
}

static void
count_macs(const struct model *model, const char *host, struct hmap *macs)
{
    for (size_t i = 0; i < model->n_vms; i++) {
        const struct vm *vm = &model->vms[i];

        for (size_t j = 0; vm_is_local(vm, host) && j < vm->n_nics; j++) {
            struct eth_addr mac = vm->nics[j].mac;
            struct mac_count *count = find_mac(macs, mac);

            if (!count) {
                count = xzalloc(sizeof *count);
                count->mac = mac;
                hmap_insert(macs, &count->node, hash_mac(mac, 0, 0));
            }
            count->n++;
        }
    }
}

/* Binds by MAC, and leaves those NICs that got no port in 'seekers'. */
static void
bind_by_mac(struct bindings *b, const struct model *model,
            const struct view *view, const char *host, struct seekers *seekers)
{
    struct hmap macs = HMAP_INITIALIZER(&macs);
    struct mac_count *count;
    size_t n = 0;

    for (size_t i = 0; i < seekers->n; i++) {
        const struct seeker s = seekers->list[i];
        const struct view_port *port;

        port = view_next_by_mac(view, s.nic->mac, NULL);
        if (port && !view_next_by_mac(view, s.nic->mac, port)
            && port_can_be_guessed(b, port)) {
            if (hmap_is_empty(&macs)) {
                count_macs(model, host, &macs);
            }
            if (find_mac(&macs, s.nic->mac)->n == 1) {
                bind_port(b, &s, port, BOUND_MAC);
                continue;
            }
        }
        seekers->list[n++] = s;
    }
    seekers->n = n;
    HMAP_FOR_EACH_POP (count, node, &macs) {
        free(count);
    }
    hmap_destroy(&macs);
}

static void
bind_by_name(struct bindings *b, const struct view *view,
             const struct seekers *seekers)
{
    for (size_t i = 0; i < seekers->n; i++) {
        const struct seeker *s = &seekers->list[i];
        const struct view_port *port;
        char device[IFNAMSIZ];

        model_device_name(s->vm->name, s->nic->name, device);
        port = view_find_port(view, device);
        if (port && port_can_be_guessed(b, port)) {
            bind_port(b, s, port, BOUND_NAME);
        }
    }
}

/* All together. */

/* Drops what this computation did not find again. */
static void
drop_old_bindings(struct bindings *b)
{
    struct shash_node *node;

    SHASH_FOR_EACH_SAFE (node, &b->by_nic) {
        struct binding *binding = node->data;

        if (binding->turn != b->turn) {
            release_port(b, binding);
            shash_delete(&b->by_nic, node);
            binding_destroy(binding);
        }
    }
}

void
bindings_compute(struct bindings *b, const struct model *model,
                 const struct view *view, const char *host)
{
    struct seekers seekers = { NULL, 0, 0 };

    b->turn++;
    shash_clear_free_data(&b->conflicts);
    for (size_t i = 0; i < model->n_vms; i++) {
        const struct vm *vm = &model->vms[i];

        for (size_t j = 0; vm_is_local(vm, host) && j < vm->n_nics; j++) {
            const struct seeker s = { vm, &vm->nics[j] };

            if (!bind_by_mark_or_id(b, view, &s)
                && hypervisor_device(vm->hypervisor, view->userspace)
                       == DEV_FOREIGN) {
                if (seekers.n == seekers.allocated) {
                    seekers.list = x2nrealloc(seekers.list, &seekers.allocated,
                                              sizeof *seekers.list);
                }
                seekers.list[seekers.n++] = s;
            }
        }
    }
    bind_by_mac(b, model, view, host, &seekers);
    bind_by_name(b, view, &seekers);
    free(seekers.list);
    drop_old_bindings(b);
}
