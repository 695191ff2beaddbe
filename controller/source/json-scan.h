/* SPDX-License-Identifier: Apache-2.0
 *
 * json-scan.h: where each value of a JSON text stands.
 *
 * A JSON library gives values and forgets the text.  A fault needs line and
 * column, and an edit that keeps everything else byte for byte needs ranges of
 * bytes.  A jdoc is the text with a tree of such ranges over it.  It says
 * nothing about values: strings stay escaped, numbers are not looked at, and
 * whether the text is valid in full is for json-valid.h to say. */
#ifndef VMOVS_SOURCE_JSON_SCAN_H
#define VMOVS_SOURCE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "core/fault.h"

enum {
    JDOC_MAX_DEPTH = 32,        /* Containers within containers. */
    JDOC_MAX_NODES = 1000000,   /* 10,000 VMs take a tenth. */
    JDOC_MAX_BYTES = 16 * 1024 * 1024
};

/* Bytes of jdoc's 'text', from 'start' to before 'end'. */
struct jdoc_range {
    uint32_t start, end;
};

/* Index of a node.  JDOC_ROOT is nobody's child or sibling, so it also stands
 * for "none" there. */
typedef uint32_t jdoc_id;
#define JDOC_ROOT 0

/* A value, with its key if it is a member of an object, and the white space
 * around both.  In order of the text:
 *
 *     { lead "key" colon value trail , lead "key" colon value trail }
 */
struct jdoc_node {
    struct jdoc_range lead;     /* White space since '{', '[' or ','. */
    struct jdoc_range key;      /* With its quotes; empty in an array. */
    struct jdoc_range colon;    /* ':' with the white space around it. */
    struct jdoc_range value;
    struct jdoc_range trail;    /* White space before ',', '}' or ']'. */
    struct place key_place;     /* Valid if there is a key. */
    struct place place;         /* Of the value. */
    jdoc_id parent, prev, next, first, last;
    uint32_t n;                 /* Number of children. */
    bool dirty;                 /* A descendant was edited: 'value' is stale
                                 * but for its first and last byte. */
    bool indexed;               /* The children are in jdoc's 'index'. */
    bool key_plain;             /* The key has no escapes and only ASCII. */
    bool plain;                 /* Likewise the value, if it is a string;
                                 * false for a number, true for the rest. */
};

struct jdoc {
    char *text;                 /* Null-terminated; edits append to it.
                                 * Owned. */
    size_t len, allocated;      /* Bytes. */
    size_t scanned;             /* Bytes of 'text' that were there first. */
    struct jdoc_node *nodes;    /* [JDOC_ROOT] is the root.  Owned. */
    size_t n_nodes, allocated_nodes;
    struct hmap index;          /* Children of large objects, by parent and
                                 * key. */
    bool blank_empty;           /* Some empty container is written "{ }". */
};

/* A tree over a copy of the 'len' bytes at 'text'; NULL if they are not JSON,
 * and then '*fault' says why and where: its 'what' and 'remedy' are the
 * caller's, its 'path' is NULL. */
struct jdoc *jdoc_parse(const char *text, size_t len, struct fault *fault);
void jdoc_destroy(struct jdoc *);       /* NULL is fine. */

/* Of the value: '{', '[', '"', or the first byte of a number or word. */
char jdoc_kind(const struct jdoc *, jdoc_id);

/* The child of 'parent' called 'key': of an object the member, of an array
 * the one with that number in decimal.  JDOC_ROOT if there is none. */
jdoc_id jdoc_find(struct jdoc *, jdoc_id parent, const char *key);

/* The place of the innermost key or scalar that contains byte 'offset'. */
struct place jdoc_place_at(const struct jdoc *, size_t offset);

/* For json-edit.c.  jdoc_append() adds 'n' bytes to the text;
 * jdoc_scan_value() makes the value at 'start', already checked to be JSON,
 * that of 'id', with new children. */
struct jdoc_range jdoc_append(struct jdoc *, const char *s, size_t n);
jdoc_id jdoc_add_node(struct jdoc *);
void jdoc_scan_value(struct jdoc *, jdoc_id, uint32_t start);
void jdoc_link(struct jdoc *, jdoc_id parent, jdoc_id child);
void jdoc_unlink(struct jdoc *, jdoc_id child);

#endif
