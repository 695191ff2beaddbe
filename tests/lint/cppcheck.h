/* SPDX-License-Identifier: Apache-2.0
 *
 * cppcheck.h: Open vSwitch's macros that are loops, for cppcheck, which does
 * not see its headers: the loop's variable is set by the macro. */
#ifndef LINT_CPPCHECK_H
#define LINT_CPPCHECK_H

#define EACH__(NODE, LIST) for (NODE = each__(LIST); NODE; NODE = each__(NODE))

#define HMAP_FOR_EACH(NODE, MEMBER, MAP) EACH__(NODE, MAP)
#define HMAP_FOR_EACH_SAFE(NODE, ...) EACH__(NODE, node__)
#define HMAP_FOR_EACH_POP(NODE, MEMBER, MAP) EACH__(NODE, MAP)
#define HMAP_FOR_EACH_WITH_HASH(NODE, MEMBER, HASH, MAP) EACH__(NODE, MAP)
#define HMAP_FOR_EACH_IN_BUCKET(NODE, MEMBER, HASH, MAP) EACH__(NODE, MAP)
#define LIST_FOR_EACH(NODE, MEMBER, LIST) EACH__(NODE, LIST)
#define LIST_FOR_EACH_SAFE(NODE, ...) EACH__(NODE, node__)
#define LIST_FOR_EACH_POP(NODE, MEMBER, LIST) EACH__(NODE, LIST)
#define SHASH_FOR_EACH(NODE, MAP) EACH__(NODE, MAP)
#define SHASH_FOR_EACH_SAFE(NODE, ...) EACH__(NODE, node__)
#define SIMAP_FOR_EACH(NODE, MAP) EACH__(NODE, MAP)
#define SMAP_FOR_EACH(NODE, MAP) EACH__(NODE, MAP)
#define SSET_FOR_EACH(NAME, SET) EACH__(NAME, SET)

#endif
