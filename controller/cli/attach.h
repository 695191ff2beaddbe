/* SPDX-License-Identifier: Apache-2.0
 *
 * attach.h: what the files about attaching share. */
#ifndef VMOVS_CLI_ATTACH_H
#define VMOVS_CLI_ATTACH_H

#include "cli/cli.h"

/* Is it a VM of this kind of hypervisor? */
bool is_kind(const json_t *vm, const char *kind);
/* The string of 'key' if a shell takes it for one plain word that is no
 * option, else "UNKNOWN". */
const char *word(const json_t *object, const char *key);
/* The device to give to the hypervisor. */
const char *guest_device(const json_t *nic);
/* What the hypervisor calls the VM: any text. */
const char *hypervisor_name_of(const json_t *vm);
/* The MAC as VirtualBox wants it, 12 hex digits.  malloc'd. */
char *plain_mac(const json_t *nic);
/* 's' in single quotes.  malloc'd. */
char *shell_quote(const char *s);

#endif
