/* SPDX-License-Identifier: Apache-2.0
 *
 * world.h: makes models and views for unit tests of core/. */
#ifndef VMOVS_TESTS_UNIT_WORLD_H
#define VMOVS_TESTS_UNIT_WORLD_H

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/block.h"
#include "core/model.h"
#include "core/view.h"
#include "util.h"

#define UNUSED __attribute__((unused))

/* A network 10.77.INDEX.0/24, fd00:77:INDEX::/64. */
static UNUSED void
world_network(struct model *model, const char *name, uint8_t index)
{
    struct network *network = model_add_network(model, name);

    network->choice4 = CHOICE_GIVEN;
    network->subnet.addr = htonl(0x0a4d0000 | index << 8);
    network->subnet.plen = 24;
    network->choice6 = CHOICE_GIVEN;
    network->subnet6.addr.s6_addr[0] = 0xfd;
    network->subnet6.addr.s6_addr[3] = 0x77;
    network->subnet6.addr.s6_addr[5] = index;
    network->subnet6.plen = 64;
}

static UNUSED struct vm *
world_vm(struct model *model, const char *name, enum hypervisor hv)
{
    struct vm *vm = model_add_vm(model, name);

    vm->hypervisor = hv;
    return vm;
}

/* A NIC whose addresses follow from 'n'. */
static UNUSED struct nic *
world_nic(struct vm *vm, const char *network, uint16_t n)
{
    struct nic *nic = vm_add_nic(vm, network);

    nic->choice_mac = nic->choice4 = nic->choice6 = CHOICE_GIVEN;
    nic->mac = (struct eth_addr) ETH_ADDR_C(52, 54, 00, 00, 00, 00);
    nic->mac.ea[4] = n >> 8;
    nic->mac.ea[5] = n;
    nic->ip = htonl(0x0a4d0000 | n);
    nic->ip6.s6_addr[0] = 0xfd;
    nic->ip6.s6_addr[14] = n >> 8;
    nic->ip6.s6_addr[15] = n;
    return nic;
}

/* A port to be filled in and given to view_set_port(). */
static UNUSED struct view_port
world_port(const char *name, uint32_t ofport)
{
    return (struct view_port) {
        .name = xstrdup(name),
        .type = xstrdup(""),
        .ofport = ofport,
    };
}

/* Somebody else's port; 'iface_id' may be NULL. */
static UNUSED void
world_foreign(struct view *view, const char *name, uint32_t ofport,
              const char *iface_id)
{
    struct view_port port = world_port(name, ofport);

    port.iface_id = nullable_xstrdup(iface_id);
    view_set_port(view, &port);
}

/* Our port, with a stored 'key'. */
static UNUSED void
world_own(struct view *view, const char *name, uint32_t ofport,
          const char *vm, const char *nic, const char *network, uint32_t key)
{
    struct view_port port = world_port(name, ofport);

    port.mark_vm = nullable_xstrdup(vm);
    port.mark_nic = nullable_xstrdup(nic);
    port.mark_network = nullable_xstrdup(network);
    port.key = key;
    view_set_port(view, &port);
}

/* Our port as 'want' wants it, with its labels. */
static UNUSED void
world_apply_port(struct view *view, const struct port_want *want,
                 uint32_t ofport)
{
    struct view_port port = world_port(want->name, ofport);

    port.mark_vm = nullable_xstrdup(want->vm);
    port.mark_nic = nullable_xstrdup(want->nic);
    port.mark_network = nullable_xstrdup(want->network);
    port.iface_id = nullable_xstrdup(want->iface_id);
    port.attached_mac = want->attached_mac;
    port.key = want->key;
    view_set_port(view, &port);
}

#endif
