/* SPDX-License-Identifier: Apache-2.0
 *
 * names.h: a hash of names that every host, build and version agrees on.
 *
 * Open vSwitch's own hash functions differ with the processor and the
 * compiler's options, so nothing that lasts or that two hosts must agree on
 * (addresses, device names) may come from them.  Pure. */
#ifndef VMOVS_CORE_NAMES_H
#define VMOVS_CORE_NAMES_H

#include <stdint.h>

uint32_t name_hash(const char *);

#endif
