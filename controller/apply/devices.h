/* SPDX-License-Identifier: Apache-2.0
 *
 * devices.h: the host's network devices by netlink: persistent taps, veths,
 * and the settings of internal ports.
 *
 * Copies what exists into the view (our devices and those on our bridge) and
 * into host_facts (routes that are not ours), and brings devices to what the
 * blocks want: created, owner, MTU, up, no IPv6, no addresses, a drop on
 * ingress towards the host's own stack; a gateway port gets its MAC and
 * addresses instead.  Deletes only devices it has made ("vm-" names of kind
 * tun or veth with our alias), once their port is gone.  Knows neither
 * database nor OpenFlow. */
#ifndef VMOVS_APPLY_DEVICES_H
#define VMOVS_APPLY_DEVICES_H

#include <stdbool.h>
#include <net/if.h>
#include "core/block.h"
#include "core/check.h"
#include "core/status.h"
#include "core/view.h"

struct devices;

struct devices *devices_create(void);
void devices_destroy(struct devices *);     /* The kernel keeps everything. */

/* Is the kernel's openvswitch datapath there (or loadable)? */
bool devices_have_kernel_datapath(void);

/* Desired devices move on by 'changes'. */
void devices_update(struct devices *, const struct block_changes *changes);

/* Takes in netlink's news, copies them to 'view', and does what is missing. */
void devices_run(struct devices *, struct view *);
void devices_wait(struct devices *);

/* Routes that are not ours, as of the last devices_run(); 'seqno' of it grows
 * with each change, and is 0 while they are not known yet. */
const struct host_facts *devices_facts(const struct devices *);
uint64_t devices_facts_seqno(const struct devices *);

/* Takes the name of a device that was there, ceased and is there again, so
 * that its port has to be removed and added: on the userspace datapath it is
 * dead.  An internal port is named when it has ceased and does not come back
 * by itself.  Returns false if there is none (any more). */
bool devices_take_recreated(struct devices *, char name[IFNAMSIZ]);

bool devices_is_applied(const struct devices *);
void devices_problems(const struct devices *, struct problems *);

/* Moves the far end of the veth 'device' into the network namespace 'netns_fd'
 * as 'name' ("eth0"), with the MAC and MTU of its block, and sets it up there.
 * Returns NULL or a malloc'd message. */
char *devices_attach(struct devices *, const char *device, int netns_fd,
                     const char *name);
/* Takes it back (the pair is made anew).  Returns NULL or a message. */
char *devices_detach(struct devices *, const char *device);

#endif
