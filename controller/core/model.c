/* SPDX-License-Identifier: Apache-2.0
 *
 * model.c: the model as a value: make, copy, compare, print, look up.
 *
 * Sources build it, everything downstream reads it.  What its names mean is in
 * names.c, what is wrong with it in check.c.  Pure. */
#include <config.h>
#include "core/model.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "sha1.h"
#include "unaligned.h"
#include "util.h"
#include "uuid.h"

struct model *
model_create(void)
{
    struct model *model = xzalloc(sizeof *model);

    model->bridge = xstrdup("vmovs0");
    model->datapath = DATAPATH_AUTO;
    model->domain = xstrdup("vm.internal");
    return model;
}

static void
network_uninit(struct network *network)
{
    free(network->name);
    free(network->domain);
}

static void
strings_destroy(char **strings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(strings[i]);
    }
    free(strings);
}

static void
vm_uninit(struct vm *vm)
{
    free(vm->name);
    free(vm->hypervisor_name);
    free(vm->owner);
    free(vm->host);
    strings_destroy(vm->groups, vm->n_groups);
    for (size_t i = 0; i < vm->n_nics; i++) {
        free(vm->nics[i].name);
        free(vm->nics[i].network);
    }
    free(vm->nics);
}

void
model_destroy(struct model *model)
{
    if (!model) {
        return;
    }
    free(model->bridge);
    free(model->domain);
    strings_destroy(model->rebind_ok, model->n_rebind_ok);
    for (size_t i = 0; i < model->n_networks; i++) {
        network_uninit(&model->networks[i]);
    }
    free(model->networks);
    for (size_t i = 0; i < model->n_vms; i++) {
        vm_uninit(&model->vms[i]);
    }
    free(model->vms);
    free(model);
}

/* An array of 'n' elements of 'size' bytes always has room for the next power
 * of two of them.  Returns 'array' with room for one more. */
static void *
grow(void *array, size_t n, size_t size)
{
    if (!n) {
        return xmalloc(size);
    }
    return IS_POW2(n) ? xrealloc(array, 2 * n * size) : array;
}

/* A copy of such an array. */
static void *
copy_array(const void *array, size_t n, size_t size)
{
    if (!n) {
        return NULL;
    }

    void *copy = xmalloc(ROUND_UP_POW2(n) * size);
    memcpy(copy, array, n * size);
    return copy;
}

static char **
copy_strings(char *const *strings, size_t n)
{
    char **copy = copy_array(strings, n, sizeof *copy);

    for (size_t i = 0; i < n; i++) {
        copy[i] = xstrdup(copy[i]);
    }
    return copy;
}

static void
vm_copy_owned(struct vm *vm)
{
    vm->name = xstrdup(vm->name);
    vm->hypervisor_name = nullable_xstrdup(vm->hypervisor_name);
    vm->owner = nullable_xstrdup(vm->owner);
    vm->host = nullable_xstrdup(vm->host);
    vm->groups = copy_strings(vm->groups, vm->n_groups);
    vm->nics = copy_array(vm->nics, vm->n_nics, sizeof *vm->nics);
    for (size_t i = 0; i < vm->n_nics; i++) {
        vm->nics[i].name = nullable_xstrdup(vm->nics[i].name);
        vm->nics[i].network = xstrdup(vm->nics[i].network);
    }
}

struct model *
model_clone(const struct model *old)
{
    struct model *model = xmemdup(old, sizeof *old);

    model->bridge = xstrdup(old->bridge);
    model->domain = xstrdup(old->domain);
    model->rebind_ok = copy_strings(old->rebind_ok, old->n_rebind_ok);
    model->networks =
        copy_array(old->networks, old->n_networks, sizeof *old->networks);
    for (size_t i = 0; i < model->n_networks; i++) {
        struct network *network = &model->networks[i];

        network->name = xstrdup(network->name);
        network->domain = nullable_xstrdup(network->domain);
    }
    model->vms = copy_array(old->vms, old->n_vms, sizeof *old->vms);
    for (size_t i = 0; i < model->n_vms; i++) {
        vm_copy_owned(&model->vms[i]);
    }
    return model;
}

static bool
strings_equal(char *const *a, size_t n_a, char *const *b, size_t n_b)
{
    if (n_a != n_b) {
        return false;
    }
    for (size_t i = 0; i < n_a; i++) {
        if (strcmp(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

static bool
network_equal(const struct network *a, const struct network *b)
{
    return (!strcmp(a->name, b->name) && a->choice4 == b->choice4
            && (a->choice4 != CHOICE_GIVEN
                || (a->subnet.addr == b->subnet.addr
                    && a->subnet.plen == b->subnet.plen))
            && a->choice6 == b->choice6
            && (a->choice6 != CHOICE_GIVEN
                || (ipv6_addr_equals(&a->subnet6.addr, &b->subnet6.addr)
                    && a->subnet6.plen == b->subnet6.plen))
            && a->mode == b->mode && a->isolate == b->isolate
            && a->mtu == b->mtu
            && nullable_string_is_equal(a->domain, b->domain));
}

static bool
nic_equal(const struct nic *a, const struct nic *b)
{
    return (
        nullable_string_is_equal(a->name, b->name)
        && a->name_given == b->name_given && !strcmp(a->network, b->network)
        && a->choice_mac == b->choice_mac
        && (a->choice_mac != CHOICE_GIVEN || eth_addr_equals(a->mac, b->mac))
        && a->choice4 == b->choice4
        && (a->choice4 != CHOICE_GIVEN || a->ip == b->ip)
        && a->choice6 == b->choice6
        && (a->choice6 != CHOICE_GIVEN || ipv6_addr_equals(&a->ip6, &b->ip6))
        && uuid_equals(&a->id, &b->id) && a->id_given == b->id_given
        && !strcmp(a->device, b->device));
}

static bool
vm_equal(const struct vm *a, const struct vm *b)
{
    if (strcmp(a->name, b->name) || a->hypervisor != b->hypervisor
        || !nullable_string_is_equal(a->hypervisor_name, b->hypervisor_name)
        || !nullable_string_is_equal(a->owner, b->owner)
        || !nullable_string_is_equal(a->host, b->host)
        || !strings_equal(a->groups, a->n_groups, b->groups, b->n_groups)
        || a->n_nics != b->n_nics) {
        return false;
    }
    for (size_t i = 0; i < a->n_nics; i++) {
        if (!nic_equal(&a->nics[i], &b->nics[i])) {
            return false;
        }
    }
    return true;
}

bool
model_equal(const struct model *a, const struct model *b)
{
    if (strcmp(a->bridge, b->bridge) || a->datapath != b->datapath
        || strcmp(a->domain, b->domain) || a->n_networks != b->n_networks
        || a->n_vms != b->n_vms
        || !strings_equal(a->rebind_ok, a->n_rebind_ok, b->rebind_ok,
                          b->n_rebind_ok)) {
        return false;
    }
    for (size_t i = 0; i < a->n_networks; i++) {
        if (!network_equal(&a->networks[i], &b->networks[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < a->n_vms; i++) {
        if (!vm_equal(&a->vms[i], &b->vms[i])) {
            return false;
        }
    }
    return true;
}

/* Appends " KEY auto", nothing for CHOICE_NONE, or " KEY " and true, and then
 * the caller appends the value. */
static bool
put_choice(struct ds *out, const char *key, enum choice choice)
{
    switch (choice) {
    case CHOICE_NONE:
        return false;
    case CHOICE_AUTO:
        ds_put_format(out, " %s auto", key);
        return false;
    case CHOICE_GIVEN:
        ds_put_format(out, " %s ", key);
        return true;
    }
    OVS_NOT_REACHED();
}

static void
network_format(const struct network *network, struct ds *out)
{
    ds_put_format(out, "network %s:", network->name);
    if (put_choice(out, "subnet", network->choice4)) {
        ds_put_format(out, IP_FMT "/%u", IP_ARGS(network->subnet.addr),
                      network->subnet.plen);
    }
    if (put_choice(out, "subnet6", network->choice6)) {
        ipv6_format_addr(&network->subnet6.addr, out);
        ds_put_format(out, "/%u", network->subnet6.plen);
    }
    ds_put_format(out, " mode %s", net_mode_name(network->mode));
    if (network->isolate) {
        ds_put_cstr(out, " isolate");
    }
    if (network->mtu) {
        ds_put_format(out, " mtu %u", network->mtu);
    }
    if (network->domain) {
        ds_put_format(out, " domain %s", network->domain);
    }
    ds_put_char(out, '\n');
}

static void
nic_format(const struct nic *nic, struct ds *out)
{
    ds_put_format(out, "  nic %s: network %s", nic->name ? nic->name : "?",
                  nic->network);
    if (put_choice(out, "mac", nic->choice_mac)) {
        ds_put_format(out, ETH_ADDR_FMT, ETH_ADDR_ARGS(nic->mac));
    }
    if (put_choice(out, "ip", nic->choice4)) {
        ds_put_format(out, IP_FMT, IP_ARGS(nic->ip));
    }
    if (put_choice(out, "ip6", nic->choice6)) {
        ipv6_format_addr(&nic->ip6, out);
    }
    ds_put_format(out, " id " UUID_FMT, UUID_ARGS(&nic->id));
    if (nic->device[0]) {
        ds_put_format(out, " device %s", nic->device);
    }
    ds_put_char(out, '\n');
}

static void
vm_format(const struct vm *vm, struct ds *out)
{
    ds_put_format(out, "vm %s: hypervisor %s", vm->name,
                  hypervisor_name(vm->hypervisor));
    if (vm->hypervisor_name) {
        ds_put_format(out, " name '%s'", vm->hypervisor_name);
    }
    if (vm->owner) {
        ds_put_format(out, " owner %s", vm->owner);
    }
    if (vm->host) {
        ds_put_format(out, " host %s", vm->host);
    }
    for (size_t i = 0; i < vm->n_groups; i++) {
        ds_put_format(out, "%s%s", i ? "," : " groups ", vm->groups[i]);
    }
    ds_put_char(out, '\n');
    for (size_t i = 0; i < vm->n_nics; i++) {
        nic_format(&vm->nics[i], out);
    }
}

void
model_format(const struct model *model, struct ds *out)
{
    ds_put_format(out, "bridge %s: datapath %s domain %s", model->bridge,
                  datapath_name(model->datapath), model->domain);
    for (size_t i = 0; i < model->n_rebind_ok; i++) {
        ds_put_format(out, "%s%s", i ? "," : " rebind-ok ",
                      model->rebind_ok[i]);
    }
    ds_put_char(out, '\n');
    for (size_t i = 0; i < model->n_networks; i++) {
        network_format(&model->networks[i], out);
    }
    for (size_t i = 0; i < model->n_vms; i++) {
        vm_format(&model->vms[i], out);
    }
}

struct network *
model_add_network(struct model *model, const char *name)
{
    model->networks =
        grow(model->networks, model->n_networks, sizeof *model->networks);

    struct network *network = &model->networks[model->n_networks++];
    *network = (struct network){
        .name = xstrdup(name),
        .choice4 = CHOICE_AUTO,
        .choice6 = CHOICE_NONE,
        .mode = NET_NAT,
    };
    return network;
}

struct vm *
model_add_vm(struct model *model, const char *name)
{
    model->vms = grow(model->vms, model->n_vms, sizeof *model->vms);

    struct vm *vm = &model->vms[model->n_vms++];
    *vm = (struct vm){ .name = xstrdup(name), .hypervisor = HV_KVM };
    return vm;
}

struct nic *
vm_add_nic(struct vm *vm, const char *network)
{
    vm->nics = grow(vm->nics, vm->n_nics, sizeof *vm->nics);

    struct nic *nic = &vm->nics[vm->n_nics++];
    *nic = (struct nic){
        .network = xstrdup(network),
        .choice_mac = CHOICE_AUTO,
        .choice4 = CHOICE_AUTO,
        .choice6 = CHOICE_AUTO,
    };
    return nic;
}

/* The id of a NIC that the config gives none: version 5 of RFC 4122, in a name
 * space of our own, so that every host derives the same one. */
static struct uuid
nic_derive_id(const struct vm *vm, const struct nic *nic)
{
    static const uint8_t name_space[16] = {
        0x6a, 0x0f, 0x3b, 0x52, 0x91, 0x4e, 0x4c, 0x0d,
        0xa7, 0x1b, 0x76, 0x6d, 0x6f, 0x76, 0x73, 0x01,
    };
    uint8_t digest[SHA1_DIGEST_SIZE];
    struct sha1_ctx sha1;
    struct uuid id;

    /* No name has a '/', so no two pairs of names read the same. */
    sha1_init(&sha1);
    sha1_update(&sha1, name_space, sizeof name_space);
    sha1_update(&sha1, vm->name, strlen(vm->name));
    sha1_update(&sha1, "/", 1);
    sha1_update(&sha1, nic->name, strlen(nic->name));
    sha1_final(&sha1, digest);

    digest[6] = (digest[6] & 0x0f) | 0x50; /* Version. */
    digest[8] = (digest[8] & 0x3f) | 0x80; /* Variant. */
    for (size_t i = 0; i < ARRAY_SIZE(id.parts); i++) {
        id.parts[i] =
            ntohl(get_unaligned_be32((ovs_be32 *) (void *) &digest[4 * i]));
    }
    return id;
}

static int
compare_networks(const void *a_, const void *b_)
{
    const struct network *a = a_;
    const struct network *b = b_;

    return strcmp(a->name, b->name);
}

static int
compare_vms(const void *a_, const void *b_)
{
    const struct vm *a = a_;
    const struct vm *b = b_;

    return strcmp(a->name, b->name);
}

static int
compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static void
vm_derive(struct vm *vm)
{
    /* Kinds whose device is somebody else's are so on both datapaths. */
    bool foreign = hypervisor_device(vm->hypervisor, false) == DEV_FOREIGN;

    if (vm->n_groups) {
        qsort(vm->groups, vm->n_groups, sizeof *vm->groups, compare_strings);
    }
    for (size_t i = 0; i < vm->n_nics; i++) {
        struct nic *nic = &vm->nics[i];

        if (!nic->name) {
            nic->name = xasprintf("%" PRIuSIZE, i);
        }
        if (!nic->id_given) {
            nic->id = nic_derive_id(vm, nic);
        }
        if (foreign) {
            nic->device[0] = '\0';
        } else {
            model_device_name(vm->name, nic->name, nic->device);
        }
    }
}

void
model_sort(struct model *model)
{
    if (model->n_networks) {
        qsort(model->networks, model->n_networks, sizeof *model->networks,
              compare_networks);
    }
    if (model->n_vms) {
        qsort(model->vms, model->n_vms, sizeof *model->vms, compare_vms);
    }
    if (model->n_rebind_ok) {
        qsort(model->rebind_ok, model->n_rebind_ok, sizeof *model->rebind_ok,
              compare_strings);
    }
    for (size_t i = 0; i < model->n_vms; i++) {
        vm_derive(&model->vms[i]);
    }
}

const struct network *
model_find_network(const struct model *model, const char *name)
{
    const struct network key = { .name = CONST_CAST(char *, name) };

    return (model->n_networks
                ? bsearch(&key, model->networks, model->n_networks, sizeof key,
                          compare_networks)
                : NULL);
}

const struct vm *
model_find_vm(const struct model *model, const char *name)
{
    const struct vm key = { .name = CONST_CAST(char *, name) };

    return (model->n_vms ? bsearch(&key, model->vms, model->n_vms, sizeof key,
                                   compare_vms)
                         : NULL);
}

const struct nic *
vm_find_nic(const struct vm *vm, const char *name)
{
    for (size_t i = 0; i < vm->n_nics; i++) {
        if (!strcmp(vm->nics[i].name, name)) {
            return &vm->nics[i];
        }
    }
    return NULL;
}
