/* SPDX-License-Identifier: Apache-2.0
 *
 * to-json.h: model, view and status as JSON with the keys of interface.md.
 *
 * docs/API.md lists every key.  Keys are never renamed.  Reads only. */
#ifndef VMOVS_API_TO_JSON_H
#define VMOVS_API_TO_JSON_H

#include <jansson.h>
#include "api/api.h"
#include "core/pipeline.h"

/* How far a NIC has got on this host. */
enum nic_progress {
    NIC_ELSEWHERE,              /* Its VM is another host's. */
    NIC_WAITING,                /* Something is missing; it will come. */
    NIC_PROBLEM,                /* Something is wrong. */
    NIC_EXPECTED,               /* All is done here; the hypervisor has to add
                                 * its port. */
    NIC_READY,                  /* Port, device and flows are in place. */
    NIC_RUNNING                 /* And a guest is attached. */
};

struct nic_state {
    enum nic_progress progress;
    const char *device;         /* Of the port, or what it will be; borrowed
                                 * from the model or plan; NULL: not known. */
    uint32_t ofport;            /* 0: not known. */
    char *text;                 /* "ready", "waiting: flows"...  Owned. */
};

/* 'model' need not be the one in force (a dry run); then 'd' is NULL. */
void nic_state_init(struct nic_state *, const struct api_daemon *d,
                    const struct vm *, const struct nic *);
void nic_state_uninit(struct nic_state *);

/* The NIC's place: is its VM this host's? */
bool vm_is_here(const struct api_daemon *, const struct vm *);

/* "s" as a JSON string whatever its bytes; NULL becomes null. */
json_t *text_to_json(const char *s);

json_t *vm_to_json(const struct api_daemon *, const struct model *,
                   const struct vm *);
json_t *network_to_json(const struct api_daemon *, const struct model *,
                        const struct network *, size_t n_members);
/* {"vms":[...]} and so on, sorted by name. */
json_t *vms_to_json(const struct api_daemon *);
json_t *networks_to_json(const struct api_daemon *);
json_t *hosts_to_json(const struct api_daemon *);
json_t *ports_to_json(const struct api_daemon *);

/* All of 'vmovs status' but the drops. */
json_t *status_to_json(const struct api_daemon *);
/* {"spoofed-mac": N, ...}: 'packets' by reason. */
json_t *drops_to_json(const uint64_t packets[N_DROP_REASONS]);

#endif
