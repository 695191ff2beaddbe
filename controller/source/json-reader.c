/* SPDX-License-Identifier: Apache-2.0
 *
 * json-reader.c: see json-reader.h.
 *
 * The jdoc's tree is walked once.  It has passed jdoc_check(), so that every
 * value is what its first byte says.  Text of the config that a fault repeats
 * is cut short here; faults_format() makes it safe to print. */
#include <config.h>
#include "source/json-reader.h"

#include <stdlib.h>
#include <string.h>

#include "core/suggest.h"
#include "openvswitch/util.h"
#include "source/json-valid.h"
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
read_key(struct reader *r, jdoc_id id)
{
    jdoc_key(r->doc, id, &r->string);
    return ds_cstr(&r->string);
}

char
reader_kind(const struct reader *r, struct value value)
{
    char c = jdoc_kind(r->doc, value.id);

    return c == '-' || (c >= '0' && c <= '9') ? '0' : c;
}

static bool
is_fraction(const struct reader *r, struct value value)
{
    struct jdoc_range range = r->doc->nodes[value.id].value;

    for (uint32_t i = range.start; i < range.end; i++) {
        if (strchr(".eE", r->doc->text[i])) {
            return true;
        }
    }
    return false;
}

bool
reader_integer(const struct reader *r, struct value value, long long int *i)
{
    if (reader_kind(r, value) != '0' || is_fraction(r, value)) {
        return false;
    }
    *i = strtoll(&r->doc->text[r->doc->nodes[value.id].value.start], NULL, 10);
    return true;
}

bool
reader_has_key(struct reader *r, struct value value, const char *key)
{
    jdoc_id id = r->doc->nodes[value.id].first;

    for (; id; id = r->doc->nodes[id].next) {
        if (!strcmp(read_key(r, id), key)) {
            return true;
        }
    }
    return false;
}

static const char *
type_name(const struct reader *r, struct value value)
{
    switch (reader_kind(r, value)) {
    case '{':
        return "an object";
    case '[':
        return "a list";
    case '"':
        return "a string";
    case 'n':
        return "null";
    case '0':
        return is_fraction(r, value) ? "a fraction" : "a number";
    default:
        return "true or false";
    }
}

void
reader_fault_type(struct reader *r, struct value value, const char *wanted,
                  const char *example)
{
    reader_fault(
        r, value,
        xasprintf("must be %s, and is %s", wanted, type_name(r, value)),
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
    const char *s;

    if (reader_kind(r, value) != '"') {
        reader_fault_type(r, value, "a string", example);
        return NULL;
    }
    jdoc_string(r->doc, value.id, &r->string);
    s = ds_cstr(&r->string);
    return (check_text(r, r->doc->nodes[value.id].place, s, "string") ? s
                                                                      : NULL);
}

/* Copies a string to '*dst', which is owned. */
void
reader_strings(struct reader *r, struct value value, const char *noun,
               const char *example, char ***strings, size_t *n)
{
    jdoc_id id = r->doc->nodes[value.id].first;
    size_t i = 0;

    if (reader_kind(r, value) != '[') {
        char *list = xasprintf("[%s]", example);
        reader_fault_type(r, value, noun, list);
        free(list);
        return;
    }
    *strings = xcalloc(r->doc->nodes[value.id].n, sizeof **strings);
    for (; id; id = r->doc->nodes[id].next) {
        size_t length = reader_push_index(r, i++);
        const char *s = reader_string(r, (struct value){ id }, example);

        if (s) {
            (*strings)[(*n)++] = xstrdup(s);
        }
        ds_truncate(&r->path, length);
    }
}

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

    if (reader_kind(r, value) != '{') {
        reader_fault_type(r, value, "an object", "{...}");
        return;
    }
    for (; id; id = r->doc->nodes[id].next) {
        const char *key = read_key(r, id);
        size_t length = reader_push_key(r, key);
        size_t i;

        for (i = 0; i < n && strcmp(key, fields[i].key); i++) {
            continue;
        }
        if (i < n) {
            fields[i].read(r, (struct value){ id }, object);
        } else {
            fault_unknown_key(r, id, key, fields, n);
        }
        ds_truncate(&r->path, length);
    }
}

/* Reads each member of 'value', all of one kind, into the model. */
void
reader_objects(struct reader *r, struct value value,
               void (*read)(struct reader *, struct value, const char *name))
{
    jdoc_id id = r->doc->nodes[value.id].first;

    if (reader_kind(r, value) != '{') {
        reader_fault_type(r, value, "an object", "{ \"NAME\": {...} }");
        return;
    }
    for (; id; id = r->doc->nodes[id].next) {
        const char *key = read_key(r, id);
        size_t length = reader_push_key(r, key);

        if (check_text(r, r->doc->nodes[id].key_place, key, "name")) {
            read(r, (struct value){ id }, key);
        }
        ds_truncate(&r->path, length);
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
