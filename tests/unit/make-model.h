/* SPDX-License-Identifier: Apache-2.0
 *
 * make-model.h: builds models for tests in a few words.  Addresses are text;
 * NULL leaves a choice as it is made, "none" is CHOICE_NONE.  Each object's
 * place is the next line, as if each stood on a line of its own. */
#ifndef VMOVS_TESTS_MAKE_MODEL_H
#define VMOVS_TESTS_MAKE_MODEL_H

#include <stdlib.h>
#include <string.h>
#include "core/check.h"
#include "core/model.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

static unsigned int make_line;  /* The last object's place. */

static inline struct prefix4
make_prefix4(const char *s)
{
    struct prefix4 prefix;
    unsigned int plen;
    char *error = ip_parse_cidr(s, &prefix.addr, &plen);

    ovs_assert(!error);
    prefix.plen = plen;
    return prefix;
}

static inline struct prefix6
make_prefix6(const char *s)
{
    struct prefix6 prefix;
    unsigned int plen;
    char *error = ipv6_parse_cidr(s, &prefix.addr, &plen);

    ovs_assert(!error);
    prefix.plen = plen;
    return prefix;
}

static inline struct model *
make_model(void)
{
    make_line = 0;
    return model_create();
}

static inline struct network *
make_network(struct model *model, const char *name, const char *subnet,
             const char *subnet6)
{
    struct network *network = model_add_network(model, name);

    network->place = (struct place){ ++make_line, 1 };
    if (subnet && !strcmp(subnet, "none")) {
        network->choice4 = CHOICE_NONE;
    } else if (subnet) {
        network->choice4 = CHOICE_GIVEN;
        network->subnet = make_prefix4(subnet);
    }
    if (subnet6 && !strcmp(subnet6, "auto")) {
        network->choice6 = CHOICE_AUTO;
    } else if (subnet6) {
        network->choice6 = CHOICE_GIVEN;
        network->subnet6 = make_prefix6(subnet6);
    }
    return network;
}

static inline struct nic *
make_nic(struct vm *vm, const char *network, const char *mac, const char *ip,
         const char *ip6)
{
    struct nic *nic = vm_add_nic(vm, network);

    nic->place = (struct place){ ++make_line, 1 };
    if (mac) {
        nic->choice_mac = CHOICE_GIVEN;
        ovs_assert(eth_addr_from_string(mac, &nic->mac));
    }
    if (ip && !strcmp(ip, "none")) {
        nic->choice4 = CHOICE_NONE;
    } else if (ip) {
        nic->choice4 = CHOICE_GIVEN;
        ovs_assert(ip_parse(ip, &nic->ip));
    }
    if (ip6 && !strcmp(ip6, "none")) {
        nic->choice6 = CHOICE_NONE;
    } else if (ip6) {
        nic->choice6 = CHOICE_GIVEN;
        ovs_assert(ipv6_parse(ip6, &nic->ip6));
    }
    return nic;
}

/* A VM with one NIC. */
static inline struct vm *
make_vm(struct model *model, const char *name, enum hypervisor hv,
        const char *network, const char *mac, const char *ip, const char *ip6)
{
    struct vm *vm = model_add_vm(model, name);

    vm->hypervisor = hv;
    make_nic(vm, network, mac, ip, ip6);
    vm->place = vm->nics[0].place;
    return vm;
}

/* What is wrong with 'model', which is sorted first; malloc'd. */
static inline char *
make_faults(struct model *model, const struct model *running,
            const struct host_facts *facts)
{
    struct host_facts none;
    struct faults faults = FAULTS_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;

    host_facts_init(&none);
    model_sort(model);
    model_check(model, running, facts ? facts : &none, &faults);
    faults_format(&faults, "f", &s);
    faults_uninit(&faults);
    return ds_steal_cstr(&s);
}

#endif
