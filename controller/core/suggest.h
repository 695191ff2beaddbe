/* SPDX-License-Identifier: Apache-2.0
 *
 * suggest.h: "did you mean": the known word nearest to a mistyped one.
 *
 * Pure, and free of Open vSwitch: the command line client, which does not
 * link libopenvswitch, uses it too. */
#ifndef VMOVS_CORE_SUGGEST_H
#define VMOVS_CORE_SUGGEST_H

#include <stddef.h>

/* The one of 'candidates' that 'word' is most likely a slip of, or NULL if
 * none is near.  Case does not count; of equally near ones the first wins. */
const char *suggest(const char *word, const char *const *candidates, size_t n);

#endif
