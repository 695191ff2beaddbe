/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-tap.h: persistent taps by /dev/net/tun.
 *
 * A tap without an owner may be opened by anybody, so there is never one: the
 * owner is set while we hold the only queue, before the tap becomes
 * persistent.  A tap whose making is interrupted vanishes with us. */
#ifndef VMOVS_APPLY_DEV_TAP_H
#define VMOVS_APPLY_DEV_TAP_H

#include <stdint.h>

/* Makes the tap 'name', down, with one queue, owned by user 'uid', with
 * 'alias'.  Returns 0 or a positive errno; EBUSY: there is a device of that
 * name. */
int dev_tap_create(const char *name, uint32_t uid, const char *alias);

/* Gives the tap 'name' to 'uid'.  EBUSY: a program has it open. */
int dev_tap_set_owner(const char *name, uint32_t uid);

#endif
