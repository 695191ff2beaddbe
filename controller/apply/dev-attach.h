/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-attach.h: gives the far end of a veth to a network namespace.
 *
 * The namespace comes as a descriptor that the API has checked to be the
 * caller's; no path is opened here and nobody enters the namespace. */
#ifndef VMOVS_APPLY_DEV_ATTACH_H
#define VMOVS_APPLY_DEV_ATTACH_H

#include <stdbool.h>
#include "apply/dev-apply.h"

/* Moves the far end of the veth 'device' to 'netns_fd' as 'name' and sets it
 * up there.  Returns NULL or a malloc'd message.  If it was moved but could
 * not be made right there, the pair is deleted. */
char *dev_attach(struct dev_kernel *, const char *device, int netns_fd,
                 const char *name);

/* Deletes the pair.  Returns NULL or a malloc'd message. */
char *dev_detach(struct dev_kernel *, const char *device);

#endif
