/* SPDX-License-Identifier: Apache-2.0
 *
 * json-model.c: see json-model.h.
 *
 * The schema is tables: a key, and the function that reads its value into the
 * object it belongs to. */
#include <config.h>
#include "source/json-model.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "source/json-reader.h"
#include "source/json-valid.h"
#include "util.h"
#include "uuid.h"

enum { MAX_GROUPS = 64 }; /* Of a VM. */

static const char *
datapath_word(int i)
{
    return datapath_name(i);
}

static const char *
net_mode_word(int i)
{
    return net_mode_name(i);
}

static const char *
hypervisor_word(int i)
{
    return hypervisor_name(i);
}

/* Splits "ADDRESS/LENGTH" into '*addr', as 'family' has it, and '*plen'. */
static bool
parse_cidr(int family, const char *s, void *addr, unsigned int *plen)
{
    const char *slash = strchr(s, '/');
    char address[INET6_ADDRSTRLEN];

    if (!slash || slash - s >= sizeof address || slash[1] < '0'
        || slash[1] > '9' || !str_to_uint(slash + 1, 10, plen)
        || *plen > (family == AF_INET ? 32 : 128)) {
        return false;
    }
    ovs_strlcpy(address, s, slash - s + 1);
    return inet_pton(family, address, addr) == 1;
}

static void
fault_host_bits(struct reader *r, struct value value, const char *s,
                int family, const void *right, unsigned int plen)
{
    char address[INET6_ADDRSTRLEN];

    inet_ntop(family, right, address, sizeof address);
    reader_fault(
        r, value,
        xasprintf("\"%s\" is an address within a subnet, not a subnet", s),
        xasprintf("write \"%s/%u\"", address, plen));
}

/* Handles "auto", "none" and what is no string.  Returns the string that is
 * left to be parsed, or NULL. */
static const char *
read_choice(struct reader *r, struct value value, const char *example,
            enum choice *choice)
{
    const char *s = reader_string(r, value, example);

    if (s && (!strcmp(s, "auto") || !strcmp(s, "none"))) {
        *choice = *s == 'a' ? CHOICE_AUTO : CHOICE_NONE;
        return NULL;
    }
    return s;
}

static void
read_subnet(struct reader *r, struct value value, void *network_)
{
    static const char example[] = "\"10.77.1.0/24\", \"auto\" or \"none\"";
    struct network *network = network_;
    const char *s = read_choice(r, value, example, &network->choice4);
    unsigned int plen;
    ovs_be32 addr;

    if (!s) {
        return;
    } else if (!parse_cidr(AF_INET, s, &addr, &plen)) {
        reader_fault_form(r, value, s, "an IPv4 subnet", example);
        return;
    }

    ovs_be32 masked = addr & be32_prefix_mask(plen);
    if (masked != addr) {
        fault_host_bits(r, value, s, AF_INET, &masked, plen);
        return;
    }
    network->choice4 = CHOICE_GIVEN;
    network->subnet = (struct prefix4){ .addr = addr, .plen = plen };
}

static void
read_subnet6(struct reader *r, struct value value, void *network_)
{
    static const char example[] = "\"fd00:77:1::/64\", \"auto\" or \"none\"";
    struct network *network = network_;
    const char *s = read_choice(r, value, example, &network->choice6);
    struct in6_addr addr;
    unsigned int plen;

    if (!s) {
        return;
    } else if (!parse_cidr(AF_INET6, s, &addr, &plen)) {
        reader_fault_form(r, value, s, "an IPv6 subnet", example);
        return;
    }

    struct in6_addr mask = ipv6_create_mask(plen);
    struct in6_addr masked = ipv6_addr_bitand(&addr, &mask);
    if (!ipv6_addr_equals(&masked, &addr)) {
        fault_host_bits(r, value, s, AF_INET6, &masked, plen);
        return;
    }
    network->choice6 = CHOICE_GIVEN;
    network->subnet6 = (struct prefix6){ .addr = addr, .plen = plen };
}

static void
read_mode(struct reader *r, struct value value, void *network_)
{
    struct network *network = network_;
    int mode = reader_word(r, value, net_mode_word, NET_BRIDGED + 1);

    if (mode >= 0) {
        network->mode = mode;
    }
}

static void
read_isolate(struct reader *r, struct value value, void *network_)
{
    struct network *network = network_;
    char kind = reader_kind(r, value);

    if (kind == 't' || kind == 'f') {
        network->isolate = kind == 't';
    } else {
        reader_fault_type(r, value, "true or false",
                          "true or false, without quotes");
    }
}

static void
read_mtu(struct reader *r, struct value value, void *network_)
{
    struct network *network = network_;
    long long int mtu;

    if (!reader_integer(r, value, &mtu)) {
        reader_fault_type(r, value, "a whole number", "bytes, such as 1442");
    } else if (mtu < 1 || mtu > UINT16_MAX) {
        reader_fault(r, value, xasprintf("%lld bytes are no MTU", mtu),
                     xstrdup("write 68 to 65535, or leave it out"));
    } else {
        network->mtu = mtu;
    }
}

static void
read_network_domain(struct reader *r, struct value value, void *network_)
{
    struct network *network = network_;

    reader_replace(r, value, "\"lab.example\"", &network->domain);
}

static void
read_network(struct reader *r, struct value value, const char *name)
{
    static const struct field fields[] = {
        { "subnet", read_subnet }, { "subnet6", read_subnet6 },
        { "mode", read_mode },     { "isolate", read_isolate },
        { "mtu", read_mtu },       { "domain", read_network_domain },
    };
    struct network *network = model_add_network(r->model, name);

    network->place = r->doc->nodes[value.id].key_place;
    reader_fields(r, value, fields, ARRAY_SIZE(fields), network);
}

/* True for "auto"; false with '*s' the string that is left, or NULL. */
static bool
read_auto(struct reader *r, struct value value, const char *example,
          const char **s)
{
    *s = reader_string(r, value, example);
    return *s && !strcmp(*s, "auto");
}

static void
read_mac(struct reader *r, struct value value, void *nic_)
{
    static const char example[] = "\"52:54:00:12:34:56\", or leave it out";
    struct nic *nic = nic_;
    const char *s;

    if (read_auto(r, value, example, &s)) {
        nic->choice_mac = CHOICE_AUTO;
    } else if (s && strlen(s) == 17 && eth_addr_from_string(s, &nic->mac)) {
        nic->choice_mac = CHOICE_GIVEN;
    } else if (s) {
        reader_fault_form(r, value, s, "a MAC address", example);
    }
}

static void
read_ip(struct reader *r, struct value value, void *nic_)
{
    static const char example[] = "\"10.77.0.10\", or leave it out";
    struct nic *nic = nic_;
    const char *s = read_choice(r, value, example, &nic->choice4);

    if (s && inet_pton(AF_INET, s, &nic->ip) == 1) {
        nic->choice4 = CHOICE_GIVEN;
    } else if (s) {
        reader_fault_form(r, value, s, "an IPv4 address", example);
    }
}

static void
read_ip6(struct reader *r, struct value value, void *nic_)
{
    static const char example[] = "\"fd00:77:1::10\", or leave it out";
    struct nic *nic = nic_;
    const char *s = read_choice(r, value, example, &nic->choice6);

    if (s && inet_pton(AF_INET6, s, &nic->ip6) == 1) {
        nic->choice6 = CHOICE_GIVEN;
    } else if (s) {
        reader_fault_form(r, value, s, "an IPv6 address", example);
    }
}

static void
read_id(struct reader *r, struct value value, void *nic_)
{
    static const char example[] = "one as uuidgen prints it, or leave it out";
    struct nic *nic = nic_;
    const char *s = reader_string(r, value, example);

    if (s && uuid_from_string(&nic->id, s) && !uuid_is_zero(&nic->id)) {
        nic->id_given = true;
    } else if (s) {
        reader_fault_form(r, value, s, "a UUID", example);
    }
}

static void
read_nic_name(struct reader *r, struct value value, void *nic_)
{
    struct nic *nic = nic_;

    reader_replace(r, value, "\"storage\", or leave it out", &nic->name);
    nic->name_given = nic->name != NULL;
}

static void
read_nic_network(struct reader *r, struct value value, void *nic_)
{
    struct nic *nic = nic_;

    reader_replace(r, value, "\"default\"", &nic->network);
}

static void
read_nics(struct reader *r, struct value value, void *vm_)
{
    static const struct field fields[] = {
        { "name", read_nic_name },
        { "id", read_id },
        { "network", read_nic_network },
        { "mac", read_mac },
        { "ip", read_ip },
        { "ip6", read_ip6 },
    };
    jdoc_id id = r->doc->nodes[value.id].first;
    struct vm *vm = vm_;
    size_t i = 0;

    if (reader_kind(r, value) != '[') {
        reader_fault_type(r, value, "a list of NICs", "[ {...} ]");
        return;
    }
    for (; id; id = r->doc->nodes[id].next) {
        size_t length = reader_push_index(r, i++);
        struct nic *nic = vm_add_nic(vm, "default");

        nic->place = r->doc->nodes[id].place;
        reader_fields(r, (struct value){ id }, fields, ARRAY_SIZE(fields),
                      nic);
        ds_truncate(&r->path, length);
    }
}

static void
read_groups(struct reader *r, struct value value, void *vm_)
{
    struct vm *vm = vm_;

    if (reader_kind(r, value) == '['
        && r->doc->nodes[value.id].n > MAX_GROUPS) {
        reader_fault(r, value,
                     xasprintf("a VM is in at most %d groups", MAX_GROUPS),
                     xstrdup("leave some out"));
        return;
    }
    reader_strings(r, value, "a list of names", "\"web\"", &vm->groups,
                   &vm->n_groups);
}

static void
read_hypervisor(struct reader *r, struct value value, void *vm_)
{
    struct vm *vm = vm_;
    int hypervisor = reader_word(r, value, hypervisor_word, HV_N);

    if (hypervisor >= 0) {
        vm->hypervisor = hypervisor;
    }
}

static void
read_hypervisor_name(struct reader *r, struct value value, void *vm_)
{
    struct vm *vm = vm_;

    reader_replace(r, value, "\"Windows 10\"", &vm->hypervisor_name);
}

static void
read_owner(struct reader *r, struct value value, void *vm_)
{
    struct vm *vm = vm_;

    reader_replace(r, value, "\"alice\"", &vm->owner);
}

static void
read_host(struct reader *r, struct value value, void *vm_)
{
    struct vm *vm = vm_;

    reader_replace(r, value, "\"host1\"", &vm->host);
}

static void
read_vm(struct reader *r, struct value value, const char *name)
{
    static const struct field fields[] = {
        { "hypervisor", read_hypervisor },
        { "hypervisor-name", read_hypervisor_name },
        { "owner", read_owner },
        { "host", read_host },
        { "groups", read_groups },
        { "nics", read_nics },
    };
    struct vm *vm = model_add_vm(r->model, name);

    vm->place = r->doc->nodes[value.id].key_place;
    reader_fields(r, value, fields, ARRAY_SIZE(fields), vm);
    if (!reader_has_key(r, value, "nics")) {
        vm_add_nic(vm, "default")->place = vm->place;
    }
}

static void
read_version(struct reader *r, struct value value, void *object)
{
    long long int version;

    if (!reader_integer(r, value, &version)) {
        reader_fault_type(r, value, "a whole number", "1");
    } else if (version != 1) {
        reader_fault(
            r, value,
            xasprintf("this vmovs does not know version %lld", version),
            xstrdup("write 1, or install the vmovs it is for"));
    }
}

static void
read_bridge(struct reader *r, struct value value, void *object)
{
    reader_replace(r, value, "\"vmovs0\"", &r->model->bridge);
}

static void
read_datapath(struct reader *r, struct value value, void *object)
{
    int datapath =
        reader_word(r, value, datapath_word, DATAPATH_USERSPACE + 1);

    if (datapath >= 0) {
        r->model->datapath = datapath;
    }
}

static void
read_domain(struct reader *r, struct value value, void *object)
{
    reader_replace(r, value, "\"vm.internal\"", &r->model->domain);
}

static void
read_networks(struct reader *r, struct value value, void *object)
{
    reader_objects(r, value, read_network);
}

static void
read_vms(struct reader *r, struct value value, void *object)
{
    reader_objects(r, value, read_vm);
}

static void
read_rebind_ok(struct reader *r, struct value value, void *object)
{
    reader_strings(r, value, "a list of domains", "\"corp.example\"",
                   &r->model->rebind_ok, &r->model->n_rebind_ok);
}

static void
read_dns(struct reader *r, struct value value, void *object)
{
    static const struct field fields[] = {
        { "rebind-ok", read_rebind_ok },
    };

    reader_fields(r, value, fields, ARRAY_SIZE(fields), NULL);
}

/* What a config may already have a place for, and this version no use. */
static void
fault_unless_empty(struct reader *r, struct value value, bool right_type,
                   const char *type, const char *empty)
{
    if (!right_type) {
        reader_fault_type(r, value, type, empty);
    } else if (r->doc->nodes[value.id].n) {
        reader_fault(r, value,
                     xasprintf("this version of vmovs cannot honour %s yet",
                               ds_cstr(&r->path)),
                     xasprintf("write %s, or leave it out", empty));
    }
}

static void
read_future_object(struct reader *r, struct value value, void *object)
{
    fault_unless_empty(r, value, reader_kind(r, value) == '{', "an object",
                       "{}");
}

static void
read_future_list(struct reader *r, struct value value, void *object)
{
    fault_unless_empty(r, value, reader_kind(r, value) == '[', "a list", "[]");
}

static void
read_root(struct reader *r, struct value root)
{
    static const struct field fields[] = {
        { "version", read_version },
        { "bridge", read_bridge },
        { "datapath", read_datapath },
        { "domain", read_domain },
        { "dns", read_dns },
        { "networks", read_networks },
        { "vms", read_vms },
        { "hosts", read_future_object },
        { "policies", read_future_list },
        { "users", read_future_object },
    };

    reader_fields(r, root, fields, ARRAY_SIZE(fields), NULL);
    if (reader_kind(r, root) == '{' && !reader_has_key(r, root, "version")) {
        size_t length = reader_push_key(r, "version");

        reader_fault(r, root, xstrdup("is missing"),
                     xstrdup("write \"version\": 1"));
        ds_truncate(&r->path, length);
    }
}

/* A NIC has no address in a family that its network does not have. */
static void
settle_families(struct model *model)
{
    for (size_t i = 0; i < model->n_vms; i++) {
        for (size_t j = 0; j < model->vms[i].n_nics; j++) {
            struct nic *nic = &model->vms[i].nics[j];
            const struct network *network =
                model_find_network(model, nic->network);

            if (network && network->choice4 == CHOICE_NONE
                && nic->choice4 == CHOICE_AUTO) {
                nic->choice4 = CHOICE_NONE;
            }
            if (network && network->choice6 == CHOICE_NONE
                && nic->choice6 == CHOICE_AUTO) {
                nic->choice6 = CHOICE_NONE;
            }
        }
    }
}

struct model *
config_read(const struct jdoc *doc, struct faults *faults)
{
    struct reader r = {
        .doc = doc,
        .faults = faults,
        .path = DS_EMPTY_INITIALIZER,
        .string = DS_EMPTY_INITIALIZER,
    };

    if (!jdoc_check(doc, faults)) {
        return NULL;
    }
    r.model = model_create();
    read_root(&r, (struct value){ JDOC_ROOT });
    ds_destroy(&r.path);
    ds_destroy(&r.string);
    model_sort(r.model);
    settle_families(r.model);
    return r.model;
}

/* Cuts the next element off '*path' ("vms.web1.nics[0].ip").  Returns NULL at
 * its end. */
static const char *
next_element(char **path)
{
    char *s = *path + strspn(*path, ".[]");

    *path = s + strcspn(s, ".[]");
    if (**path) {
        *(*path)++ = '\0';
    }
    return *s ? s : NULL;
}

void
config_place_faults(struct jdoc *doc, struct faults *faults, size_t from)
{
    for (size_t i = from; i < faults->n; i++) {
        struct fault *f = &faults->list[i];
        char *copy = xstrdup(f->path);
        char *rest = copy;
        jdoc_id id = JDOC_ROOT;
        const char *element;

        while ((element = next_element(&rest))) {
            jdoc_id child = jdoc_find(doc, id, element);

            if (!child) {
                break;
            }
            id = child;
        }
        free(copy);

        const struct jdoc_node *node = &doc->nodes[id];
        f->place = (node->key.end && node->n ? node->key_place : node->place);
    }
}
