/* SPDX-License-Identifier: Apache-2.0
 *
 * json-reader.c: see json-reader.h.
 *
 * libjansson's tree and the jdoc's are walked side by side, the first for
 * values, the second for places.  Text of the config that a fault repeats is
 * cut short here; faults_format() makes it safe to print. */
#include <config.h>
#include "source/json-reader.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/suggest.h"
#include "openvswitch/util.h"
#include "util.h"

enum {
    MAX_STRING = 255, /* Bytes of any string in a config. */
    MAX_SHOWN = 64    /* Bytes of one that a fault repeats. */
};

/* Adds a fault about 'value'.  Takes over 'what' and 'remedy'. */
void
reader_fault(struct reader *r, struct value value, char *what, char *remedy)
{
    faults_add(r->faults, r->doc->nodes[value.id].place, ds_cstr(&r->path),
               what, remedy);
}

/* The beginning of 's', for a message: no longer than MAX_SHOWN, and cut
 * between characters.  malloc'd. */
static char *
text_shown(const char *s)
{
    size_t n = strlen(s);

    if (n <= MAX_SHOWN) {
        return xmemdup0(s, n);
    }
    for (n = MAX_SHOWN - 3; n && (s[n] & 0xc0) == 0x80; n--) {
        continue;
    }
    return xasprintf("%.*s...", (int) n, s);
}

static const char *
type_name(const json_t *json)
{
    return (json_is_object(json)    ? "an object"
            : json_is_array(json)   ? "a list"
            : json_is_string(json)  ? "a string"
            : json_is_boolean(json) ? "true or false"
            : json_is_null(json)    ? "null"
            : json_is_real(json)    ? "a fraction"
                                    : "a number");
}

void
reader_fault_type(struct reader *r, struct value value, const char *wanted,
                  const char *example)
{
    reader_fault(
        r, value,
        xasprintf("must be %s, and is %s", wanted, type_name(value.json)),
        xasprintf("write %s", example));
}

/* Does UTF-8 string 's' have control characters (C0, DEL or C1) in it? */
static bool
has_controls(const char *s)
{
    for (const unsigned char *p = (const unsigned char *) s; *p; p++) {
        if (*p < 0x20 || *p == 0x7f
            || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)) {
            return true;
        }
    }
    return false;
}

/* Is 's', at 'place', fit to be used at all?  Adds a fault if not. */
static bool
check_text(struct reader *r, struct place place, const char *s,
           const char *noun)
{
    size_t n = strlen(s);

    if (has_controls(s)) {
        faults_add(r->faults, place, ds_cstr(&r->path),
                   xasprintf("the %s has a control character in it", noun),
                   xstrdup("remove it"));
    } else if (n > MAX_STRING) {
        faults_add(r->faults, place, ds_cstr(&r->path),
                   xasprintf("the %s is %" PRIuSIZE " bytes long", noun, n),
                   xasprintf("write at most %d", MAX_STRING));
    } else {
        return true;
    }
    return false;
}

/* The string that 'value' is, or NULL with a fault added.  'example' is what
 * one looks like, in its quotes. */
const char *
reader_string(struct reader *r, struct value value, const char *example)
{
    const char *s = json_string_value(value.json);

    if (!s) {
        reader_fault_type(r, value, "a string", example);
        return NULL;
    }
    return (check_text(r, r->doc->nodes[value.id].place, s, "string") ? s
                                                                      : NULL);
}

/* Copies a string to '*dst', which is owned. */
void
reader_replace(struct reader *r, struct value value, const char *example,
               char **dst)
{
    const char *s = reader_string(r, value, example);

    if (s) {
        free(*dst);
        *dst = xstrdup(s);
    }
}

/* Makes 'key' the last element of the path until it is cut back to the
 * returned length. */
size_t
reader_push_key(struct reader *r, const char *key)
{
    size_t length = r->path.length;

    /* For each key of the config: no formatting, no copy of short ones. */
    if (length) {
        ds_put_char(&r->path, '.');
    }
    if (strlen(key) <= MAX_SHOWN) {
        ds_put_cstr(&r->path, key);
    } else {
        char *s = text_shown(key);

        ds_put_cstr(&r->path, s);
        free(s);
    }
    return length;
}

size_t
reader_push_index(struct reader *r, size_t i)
{
    size_t length = r->path.length;

    ds_put_format(&r->path, "[%" PRIuSIZE "]", i);
    return length;
}

/* "write one of "a", "b"" and so on, or the nearest to 'word'.  malloc'd. */
static char *
suggestion(const char *word, const char *const *words, size_t n)
{
    const char *near = suggest(word, words, n);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (near) {
        return xasprintf("did you mean \"%s\"?", near);
    }
    ds_put_cstr(&s, "write one of ");
    for (size_t i = 0; i < n; i++) {
        ds_put_format(&s, "%s\"%s\"", i ? ", " : "", words[i]);
    }
    return ds_steal_cstr(&s);
}

static void
fault_unknown_key(struct reader *r, jdoc_id id, const char *key,
                  const struct field *fields, size_t n)
{
    const char *words[16];
    char *s = text_shown(key);

    ovs_assert(n <= ARRAY_SIZE(words));
    for (size_t i = 0; i < n; i++) {
        words[i] = fields[i].key;
    }
    faults_add(r->faults, r->doc->nodes[id].key_place, ds_cstr(&r->path),
               xasprintf("\"%s\" is not known here", s),
               suggestion(key, words, n));
    free(s);
}

/* Reads the members of 'value' into 'object' by the table of its 'fields'. */
void
reader_fields(struct reader *r, struct value value, const struct field *fields,
              size_t n, void *object)
{
    jdoc_id id = r->doc->nodes[value.id].first;
    const char *key;
    json_t *json;

    if (!json_is_object(value.json)) {
        reader_fault_type(r, value, "an object", "{...}");
        return;
    }
    json_object_foreach (value.json, key, json) {
        size_t length = reader_push_key(r, key);
        size_t i;

        for (i = 0; i < n && strcmp(key, fields[i].key); i++) {
            continue;
        }
        if (i < n) {
            fields[i].read(r, (struct value){ json, id }, object);
        } else {
            fault_unknown_key(r, id, key, fields, n);
        }
        ds_truncate(&r->path, length);
        id = r->doc->nodes[id].next;
    }
}

/* Reads each member of 'value', all of one kind, into the model. */
void
reader_objects(struct reader *r, struct value value,
               void (*read)(struct reader *, struct value, const char *name))
{
    jdoc_id id = r->doc->nodes[value.id].first;
    const char *key;
    json_t *json;

    if (!json_is_object(value.json)) {
        reader_fault_type(r, value, "an object", "{ \"NAME\": {...} }");
        return;
    }
    json_object_foreach (value.json, key, json) {
        size_t length = reader_push_key(r, key);

        if (check_text(r, r->doc->nodes[id].key_place, key, "name")) {
            read(r, (struct value){ json, id }, key);
        }
        ds_truncate(&r->path, length);
        id = r->doc->nodes[id].next;
    }
}

/* Reads one of 'n' words, whose names 'name_of' gives.  Returns its number, or
 * -1 with a fault added. */
int
reader_word(struct reader *r, struct value value, const char *(*name_of)(int),
            int n)
{
    const char *words[HV_N];
    const char *s;

    ovs_assert(n <= ARRAY_SIZE(words));
    for (int i = 0; i < n; i++) {
        words[i] = name_of(i);
    }

    char *example = xasprintf("\"%s\"", name_of(0));
    s = reader_string(r, value, example);
    free(example);
    if (!s) {
        return -1;
    }
    for (int i = 0; i < n; i++) {
        if (!strcmp(s, words[i])) {
            return i;
        }
    }

    char *seen = text_shown(s);
    reader_fault(r, value, xasprintf("\"%s\" is not known here", seen),
                 suggestion(s, words, n));
    free(seen);
    return -1;
}

void
reader_fault_form(struct reader *r, struct value value, const char *s,
                  const char *noun, const char *example)
{
    char *seen = text_shown(s);

    reader_fault(r, value, xasprintf("\"%s\" is not %s", seen, noun),
                 xasprintf("write %s", example));
    free(seen);
}

/* libjansson refuses what the jdoc did not look at: numbers, escapes, UTF-8,
 * and keys that are there twice. */
static void
fault_json(const struct jdoc *doc, const json_error_t *error,
           struct faults *faults)
{
    size_t offset = MAX(error->position, 1) - 1;
    char *what, *remedy;

    switch ((int) json_error_code(error)) {
    case json_error_duplicate_key:
        what = xstrdup("this key is there twice");
        remedy = xstrdup("rename or remove one");
        break;
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
    faults_add(faults, jdoc_place_at(doc, offset), "", what, remedy);
}

json_t *
reader_parse(const struct jdoc *doc, struct faults *faults)
{
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    json_error_t error;
    json_t *json = json_loadb(doc->text, doc->scanned, flags, &error);

    if (!json) {
        fault_json(doc, &error, faults);
    }
    return json;
}
