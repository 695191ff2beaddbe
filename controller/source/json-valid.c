/* SPDX-License-Identifier: Apache-2.0
 *
 * json-valid.c: see json-valid.h.
 *
 * Together with json-scan.c it accepts just what libjansson does, which the
 * fuzzer holds it to.  It must not decide what a value means. */
#include <config.h>
#include "source/json-valid.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* Objects with at most this many members are searched without a table. */
enum { SMALL_OBJECT = 16 };

static void
fault_json(const json_error_t *error, struct place place,
           struct faults *faults)
{
    char *what, *remedy;

    switch ((int) json_error_code(error)) {
    case json_error_null_character:
        what = xstrdup("\\u0000 is no character of a text");
        remedy = xstrdup("remove it");
        break;
    case json_error_numeric_overflow:
        what = xstrdup("this number is too large");
        remedy = xstrdup("write a smaller one");
        break;
    case json_error_invalid_utf8:
        what = xstrdup("there are bytes that are not UTF-8");
        remedy = xstrdup("save the file as UTF-8");
        break;
    default:
        what = xstrdup("this is no valid JSON");
        remedy = xstrdup("write a number as 12 or -1.5, and in a string "
                         "escape only \\\" \\\\ \\/ \\b \\f \\n \\r \\t and "
                         "\\uXXXX");
        break;
    }
    faults_add(faults, place, "", what, remedy);
}

static json_t *
load(const struct jdoc *doc, struct jdoc_range range, json_error_t *error)
{
    return json_loadb(&doc->text[range.start], range.end - range.start,
                      JSON_DECODE_ANY, error);
}

static void
check_scalar(const struct jdoc *doc, struct jdoc_range range,
             struct place place, struct faults *faults)
{
    json_error_t error;
    json_t *json = load(doc, range, &error);

    if (!json) {
        fault_json(&error, place, faults);
    }
    json_decref(json);
}

static void
check_node(const struct jdoc *doc, jdoc_id id, struct faults *faults)
{
    const struct jdoc_node *node = &doc->nodes[id];

    if (node->key.end && !node->key_plain) {
        check_scalar(doc, node->key, node->key_place, faults);
    }
    if (!node->plain) {
        check_scalar(doc, node->value, node->place, faults);
    }
}

/* Strings. */

static void
put_string(const struct jdoc *doc, struct jdoc_range range, bool plain,
           struct ds *s)
{
    ds_clear(s);
    if (plain) {
        ds_put_buffer(s, &doc->text[range.start + 1],
                      range.end - range.start - 2);
    } else {
        json_t *json = load(doc, range, NULL);

        ds_put_cstr(s, json ? json_string_value(json) : "");
        json_decref(json);
    }
}

void
jdoc_key(const struct jdoc *doc, jdoc_id id, struct ds *s)
{
    put_string(doc, doc->nodes[id].key, doc->nodes[id].key_plain, s);
}

void
jdoc_string(const struct jdoc *doc, jdoc_id id, struct ds *s)
{
    put_string(doc, doc->nodes[id].value, doc->nodes[id].plain, s);
}

/* Keys that are there twice. */

static bool
keys_equal(const struct jdoc *doc, jdoc_id a, jdoc_id b)
{
    const struct jdoc_node *na = &doc->nodes[a], *nb = &doc->nodes[b];
    size_t len = na->key.end - na->key.start;

    if (na->key_plain && nb->key_plain) {
        return len == nb->key.end - nb->key.start
               && !memcmp(&doc->text[na->key.start], &doc->text[nb->key.start],
                          len);
    }

    struct ds sa = DS_EMPTY_INITIALIZER, sb = DS_EMPTY_INITIALIZER;
    jdoc_key(doc, a, &sa);
    jdoc_key(doc, b, &sb);
    bool equal = !strcmp(ds_cstr(&sa), ds_cstr(&sb));
    ds_destroy(&sa);
    ds_destroy(&sb);
    return equal;
}

static uint32_t
key_hash(const struct jdoc *doc, jdoc_id id)
{
    const struct jdoc_node *node = &doc->nodes[id];

    if (node->key_plain) {
        return hash_bytes(&doc->text[node->key.start + 1],
                          node->key.end - node->key.start - 2, 0);
    }

    struct ds s = DS_EMPTY_INITIALIZER;
    jdoc_key(doc, id, &s);
    uint32_t hash = hash_bytes(ds_cstr(&s), s.length, 0);
    ds_destroy(&s);
    return hash;
}

static void
fault_twice(const struct jdoc *doc, jdoc_id id, struct faults *faults)
{
    faults_add(faults, doc->nodes[id].key_place, "",
               xstrdup("this key is there twice"),
               xstrdup("rename or remove one"));
}

static void
check_small_object(const struct jdoc *doc, jdoc_id object,
                   struct faults *faults)
{
    for (jdoc_id id = doc->nodes[object].first; id; id = doc->nodes[id].next) {
        for (jdoc_id prev = doc->nodes[id].prev; prev;
             prev = doc->nodes[prev].prev) {
            if (keys_equal(doc, prev, id)) {
                fault_twice(doc, id, faults);
                break;
            }
        }
    }
}

/* A table twice as large as the object, with linear probing; JDOC_ROOT, which
 * is nobody's member, marks a free slot. */
static void
check_large_object(const struct jdoc *doc, jdoc_id object,
                   struct faults *faults)
{
    size_t mask = ROUND_UP_POW2(2 * doc->nodes[object].n) - 1;
    jdoc_id *table = xcalloc(mask + 1, sizeof *table);

    for (jdoc_id id = doc->nodes[object].first; id; id = doc->nodes[id].next) {
        size_t slot = key_hash(doc, id) & mask;

        while (table[slot] && !keys_equal(doc, table[slot], id)) {
            slot = (slot + 1) & mask;
        }
        if (table[slot]) {
            fault_twice(doc, id, faults);
        } else {
            table[slot] = id;
        }
    }
    free(table);
}

bool
jdoc_check(const struct jdoc *doc, struct faults *faults)
{
    size_t n = faults->n;

    for (jdoc_id id = 0; id < doc->n_nodes; id++) {
        check_node(doc, id, faults);
    }
    if (faults->n > n) {
        return false; /* Keys that are no strings cannot be compared. */
    }
    for (jdoc_id id = 0; id < doc->n_nodes; id++) {
        const struct jdoc_node *node = &doc->nodes[id];

        if (node->n < 2 || jdoc_kind(doc, id) != '{') {
            continue;
        } else if (node->n <= SMALL_OBJECT) {
            check_small_object(doc, id, faults);
        } else {
            check_large_object(doc, id, faults);
        }
    }
    return faults->n == n;
}
