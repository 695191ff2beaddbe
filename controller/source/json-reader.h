/* SPDX-License-Identifier: Apache-2.0
 *
 * json-reader.h: the tools that json-model.c's tables are made of: walk an
 * object by a table of its keys, read a string or a word, report what is
 * wrong.
 *
 * A faulty value is reported and the caller keeps its default, so that one
 * turn finds every fault. */
#ifndef VMOVS_SOURCE_JSON_READER_H
#define VMOVS_SOURCE_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include "core/fault.h"
#include "core/model.h"
#include "openvswitch/dynamic-string.h"
#include "source/json-scan.h"

struct reader {
    const struct jdoc *doc;
    struct faults *faults;
    struct model *model;        /* Being filled in. */
    struct ds path;             /* Of the value at hand. */
    struct ds string;           /* The key or string read last. */
};

struct value {
    jdoc_id id;
};

typedef void read_func(struct reader *, struct value, void *object);

/* A key that an object may have, and what reads it into the object. */
struct field {
    const char *key;
    read_func *read;
};

/* What the value is: '{', '[', '"', '0' for any number, 't', 'f' or 'n'. */
char reader_kind(const struct reader *, struct value);
/* True with '*i' if it is a whole number. */
bool reader_integer(const struct reader *, struct value, long long int *i);
/* Has object 'value' a member 'key'? */
bool reader_has_key(struct reader *, struct value, const char *key);

/* Add a fault about 'value': any, taking over 'what' and 'remedy'; that it is
 * of the wrong type; that 's' in it is not 'noun'.  'example' is what to
 * write. */
void reader_fault(struct reader *, struct value, char *what, char *remedy);
void reader_fault_type(struct reader *, struct value, const char *wanted,
                       const char *example);
void reader_fault_form(struct reader *, struct value, const char *s,
                       const char *noun, const char *example);

/* Extend the path by a key or an index, and return the length to cut it back
 * to. */
size_t reader_push_key(struct reader *, const char *key);
size_t reader_push_index(struct reader *, size_t i);

/* The string that 'value' is, fit to be used, or NULL with a fault added.
 * Valid until the next string or key is read. */
const char *reader_string(struct reader *, struct value, const char *example);
/* Replaces '*dst', which is owned, by such a string. */
void reader_replace(struct reader *, struct value, const char *example,
                    char **dst);
/* Reads a list of them, 'noun' ("a list of names"), into '*strings', which are
 * '*n' and still none; all are owned. */
void reader_strings(struct reader *, struct value, const char *noun,
                    const char *example, char ***strings, size_t *n);
/* Reads one of 'n' words, whose names 'name_of' gives.  Returns its number, or
 * -1 with a fault added. */
int reader_word(struct reader *, struct value, const char *(*name_of)(int),
                int n);
/* Reads the members of 'value' into 'object' by the table of its 'fields'. */
void reader_fields(struct reader *, struct value, const struct field *fields,
                   size_t n, void *object);
/* Calls 'read' for each member of 'value', all of one kind; 'name' is valid
 * until the next string or key is read. */
void reader_objects(struct reader *, struct value,
                    void (*read)(struct reader *, struct value,
                                 const char *name));

#endif
