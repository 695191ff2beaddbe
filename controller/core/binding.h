/* SPDX-License-Identifier: Apache-2.0
 *
 * binding.h: which port of the bridge is which NIC.
 *
 * Our own ports are bound by their marks and name.  A port that somebody else
 * added is bound by iface-id: the NIC's id, NAME.NIC, or NAME, which is the
 * VM's NIC "0" or its only one.  Failing that it is bound by attached-mac or
 * device name, only if that is unique, the NIC's kind expects a foreign port,
 * and nothing else is bound to the NIC.  All other ports are strangers: shown,
 * and never given a flow.
 *
 * Where several ports claim a NIC, an active one goes before an inactive one
 * (iface-status), then ours before somebody else's, then the lowest name.
 * Pure. */
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
    char *port;                 /* Name of the port, shorter than IFNAMSIZ.
                                 * Owned. */
    uint32_t ofport;            /* 0: not known yet. */
    enum binding_how how;
    unsigned int turn;          /* The bindings_compute() that found it. */
};

struct bindings {
    struct shash by_nic;        /* full name -> struct binding *, owned. */
    struct shash by_port;       /* port name -> the same struct binding *. */
    struct shash conflicts;     /* Name of a foreign port that bears a NIC's
                                 * iface-id and is active, and yet is not bound
                                 * to it -> full name of the NIC, owned. */
    unsigned int turn;          /* Counts bindings_compute(). */
};

void bindings_init(struct bindings *);
void bindings_uninit(struct bindings *);
/* Brings 'bindings' in line with 'model' and 'view'.  What was bound before
 * has no say: the result is that of a computation from nothing. */
void bindings_compute(struct bindings *, const struct model *,
                      const struct view *, const char *host);
const struct binding *bindings_of_nic(const struct bindings *,
                                      const char *full_name);
const struct binding *bindings_of_port(const struct bindings *,
                                       const char *port);

/* Is 'vm' on the host of that name? */
bool vm_is_local(const struct vm *, const char *host);

/* nic_full_name() without malloc(), since every turn needs it for every NIC
 * several times. */
enum { NIC_NAME_SIZE = 128 };   /* Two DNS labels, a dot, a null. */
void nic_put_full_name(const struct vm *, const struct nic *,
                       char name[NIC_NAME_SIZE]);

#endif
