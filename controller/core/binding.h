/* SPDX-License-Identifier: Apache-2.0
 *
 * binding.h: which port of the bridge is which NIC.
 *
 * Our own ports are bound by their mark and name.  A port that somebody else
 * added is bound by iface-id (the NIC's id, NAME or NAME.NIC); failing that by
 * attached-mac or device name, only if that is unique, the NIC's kind expects
 * a foreign port, and nothing else is bound to the NIC.  All other ports are
 * strangers: shown, and never given a flow.  Pure. */
#ifndef VMOVS_CORE_BINDING_H
#define VMOVS_CORE_BINDING_H

#include "openvswitch/shash.h"
#include "core/model.h"
#include "core/view.h"

enum binding_how {
    BOUND_OWN,                  /* Our port. */
    BOUND_IFACE_ID,
    BOUND_MAC,
    BOUND_NAME
};
const char *binding_how_name(enum binding_how);

struct binding {
    char *nic;                  /* nic_full_name().  Owned. */
    char *port;                 /* Name of the port.  Owned. */
    uint32_t ofport;            /* 0: not known yet. */
    enum binding_how how;
};

struct bindings {
    struct shash by_nic;        /* full name -> struct binding *, owned. */
    struct shash by_port;       /* port name -> the same struct binding *. */
};

void bindings_init(struct bindings *);
void bindings_uninit(struct bindings *);
/* Recomputes 'bindings' from nothing. */
void bindings_compute(struct bindings *, const struct model *,
                      const struct view *, const char *host);
const struct binding *bindings_of_nic(const struct bindings *,
                                      const char *full_name);
const struct binding *bindings_of_port(const struct bindings *,
                                       const char *port);

#endif
