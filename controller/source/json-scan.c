/* SPDX-License-Identifier: Apache-2.0
 *
 * json-scan.c: see json-scan.h.
 *
 * One pass over the text, byte by byte, recursive to JDOC_MAX_DEPTH.  It is
 * the first to see a file that anybody may have written, so it says in plain
 * words what the usual slips are (a comma too many, a comment, a missing
 * quote).  It must not decide what a value means. */
#include <config.h>
#include "source/json-scan.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/util.h"
#include "util.h"

/* Objects with more members than this get a hash index when one is sought. */
enum { INDEX_MIN = 16 };

/* A member of an object with an index. */
struct index_entry {
    struct hmap_node node; /* In jdoc's 'index'. */
    jdoc_id child;
};

struct scanner {
    struct jdoc *doc;
    size_t pos, end;   /* Bytes of the text. */
    unsigned int line; /* From 1. */
    size_t line_start; /* Offset of the line's first byte. */
    size_t continued;  /* UTF-8 continuation bytes in the line. */
    unsigned int depth;
    size_t max_nodes;
    struct fault *fault; /* What went wrong. */
};

static bool scan_value(struct scanner *, jdoc_id);

static struct place
here(const struct scanner *s)
{
    return (struct place){
        .line = s->line,
        .column = s->pos - s->line_start - s->continued + 1,
    };
}

/* Always false, for the caller to return. */
static bool
fail(struct scanner *s, struct place place, const char *what,
     const char *remedy)
{
    *s->fault = (struct fault){
        .place = place,
        .what = xstrdup(what),
        .remedy = xstrdup(remedy),
    };
    return false;
}

/* The byte at hand, or EOF. */
static int
peek(const struct scanner *s)
{
    return s->pos < s->end ? (unsigned char) s->doc->text[s->pos] : EOF;
}

static struct jdoc_range
skip_space(struct scanner *s)
{
    struct jdoc_range space = { .start = s->pos };

    for (;; s->pos++) {
        int c = peek(s);

        if (c == '\n') {
            s->line++;
            s->line_start = s->pos + 1;
            s->continued = 0;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            break;
        }
    }
    space.end = s->pos;
    return space;
}

/* Something stands where 'wanted' should. */
static bool
unexpected(struct scanner *s, const char *wanted)
{
    int c = peek(s);

    if (c == EOF && s->doc->n_nodes == 1 && !s->depth) {
        return fail(s, here(s), "the text is empty",
                    "the least to write is { \"version\": 1 }");
    } else if (c == EOF) {
        return fail(s, here(s), "the text ends too early",
                    "close what is open: a '}' or ']' is missing");
    } else if (c == '/' || c == '#') {
        return fail(s, here(s), "JSON has no comments", "remove it");
    } else if (c == '\'') {
        return fail(s, here(s), "strings do not begin with '",
                    "write double quotes");
    } else if (c == 0xef) {
        return fail(s, here(s), "an invisible or foreign character is here",
                    "save the file as UTF-8 without a byte order mark");
    }

    char *what = (c > 0x20 && c < 0x7f
                      ? xasprintf("'%c' is not expected here", c)
                      : xasprintf("byte 0x%02x is not expected here", c));
    fail(s, here(s), what, wanted);
    free(what);
    return false;
}

static bool
scan_string(struct scanner *s, struct jdoc_range *range, bool *plain)
{
    struct place start = here(s);

    *plain = true;
    range->start = s->pos++;
    for (;; s->pos++) {
        int c = peek(s);

        if (c == EOF || c == '\n' || c == '\r') {
            return fail(s, start, "a string is not closed on its line",
                        "end it with a double quote");
        } else if (c < 0x20) {
            return fail(s, here(s), "a control character is in a string",
                        "remove it");
        } else if (c == '"') {
            break;
        } else if (c == '\\') {
            *plain = false;
            s->pos += s->pos + 1 < s->end;
        } else if (c >= 0x80) {
            *plain = false;
            s->continued += (c & 0xc0) == 0x80;
        }
    }
    range->end = ++s->pos;
    return true;
}

/* A number, which json-valid.c will check, or one of three words. */
static bool
scan_word(struct scanner *s, struct jdoc_range *range, bool *plain)
{
    static const char *const words[] = { "true", "false", "null" };
    struct place start = here(s);
    const char *word = &s->doc->text[s->pos];
    size_t n;

    range->start = s->pos;
    while (isalnum(peek(s)) || peek(s) == '+' || peek(s) == '-'
           || peek(s) == '.') {
        s->pos++;
    }
    range->end = s->pos;
    n = range->end - range->start;
    *plain = *word != '-' && (*word < '0' || *word > '9');
    if (!n) {
        return unexpected(s, "write a value: \"text\", a number, true, "
                             "false, {...} or [...]");
    } else if (!*plain) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (n == strlen(words[i]) && !memcmp(word, words[i], n)) {
            return true;
        }
    }
    return fail(s, start, "this word means nothing in JSON",
                "write true or false in lower case, and text in double "
                "quotes");
}

/* Key and colon of a member. */
static bool
scan_key(struct scanner *s, struct jdoc_node *node)
{
    if (peek(s) != '"') {
        return unexpected(s, "write a key in double quotes");
    }
    node->key_place = here(s);
    if (!scan_string(s, &node->key, &node->key_plain)) {
        return false;
    }
    node->colon = skip_space(s);
    if (peek(s) != ':') {
        return unexpected(s, "write a colon between key and value");
    }
    s->pos++;
    node->colon.end = skip_space(s).end;
    return true;
}

/* Everything between the brackets of 'parent', and the closing one. */
static bool
scan_children(struct scanner *s, jdoc_id parent, bool object)
{
    char close = object ? '}' : ']';
    struct jdoc_range lead = skip_space(s);

    if (peek(s) == close) {
        s->doc->blank_empty |= lead.end > lead.start;
        s->pos++;
        return true;
    }
    for (;;) {
        struct jdoc_node scanned = { .lead = lead };

        if (s->doc->n_nodes >= s->max_nodes) {
            return fail(s, here(s), "the text has more than 1,000,000 values",
                        "split the configuration over several hosts");
        } else if (object && !scan_key(s, &scanned)) {
            return false;
        }
        jdoc_id id = jdoc_add_node(s->doc);
        s->doc->nodes[id] = scanned;
        jdoc_link(s->doc, parent, id);
        if (!scan_value(s, id)) {
            return false;
        }
        s->doc->nodes[id].trail = skip_space(s);
        if (peek(s) == close) {
            s->pos++;
            return true;
        } else if (peek(s) != ',') {
            return unexpected(s, "is a comma missing before it?");
        }

        struct place comma = here(s);
        s->pos++;
        lead = skip_space(s);
        if (peek(s) == close) {
            return fail(s, comma, "nothing follows this comma", "remove it");
        }
    }
}

static bool
scan_value(struct scanner *s, jdoc_id id)
{
    struct jdoc_node *node = &s->doc->nodes[id];
    uint32_t start = s->pos;
    int c = peek(s);

    node->place = here(s);
    if (c == '"') {
        return scan_string(s, &node->value, &node->plain);
    } else if (c != '{' && c != '[') {
        return scan_word(s, &node->value, &node->plain);
    } else if (s->depth >= JDOC_MAX_DEPTH) {
        return fail(s, here(s), "values are nested more than 32 deep",
                    "remove the inner ones");
    }
    s->depth++;
    s->pos++;
    if (!scan_children(s, id, c == '{')) {
        return false;
    }
    s->depth--;
    s->doc->nodes[id].plain = true;
    s->doc->nodes[id].value =
        (struct jdoc_range){ .start = start, .end = s->pos };
    return true;
}

struct jdoc *
jdoc_parse(const char *text, size_t len, struct fault *fault)
{
    struct jdoc *doc = xzalloc(sizeof *doc);
    struct scanner s = { .doc = doc,
                         .end = len,
                         .line = 1,
                         .max_nodes = JDOC_MAX_NODES,
                         .fault = fault };
    bool ok;

    hmap_init(&doc->index);
    doc->allocated = len + 1;
    doc->text = xmalloc(doc->allocated);
    memcpy(doc->text, text, len);
    doc->text[len] = '\0';
    doc->len = doc->scanned = len;
    jdoc_add_node(doc);

    if (len > JDOC_MAX_BYTES) {
        ok = fail(&s, here(&s), "the text is larger than 16 MiB",
                  "make it smaller");
    } else {
        doc->nodes[JDOC_ROOT].lead = skip_space(&s);
        ok = scan_value(&s, JDOC_ROOT);
    }
    if (ok) {
        doc->nodes[JDOC_ROOT].trail = skip_space(&s);
        ok = (s.pos == s.end
              || unexpected(&s, "remove what follows the last '}'"));
    }
    if (!ok) {
        jdoc_destroy(doc);
        return NULL;
    }
    return doc;
}

void
jdoc_destroy(struct jdoc *doc)
{
    struct index_entry *entry;

    if (!doc) {
        return;
    }
    HMAP_FOR_EACH_POP (entry, node, &doc->index) {
        free(entry);
    }
    hmap_destroy(&doc->index);
    free(doc->nodes);
    free(doc->text);
    free(doc);
}

char
jdoc_kind(const struct jdoc *doc, jdoc_id id)
{
    return doc->text[doc->nodes[id].value.start];
}

/* The key of 'id' without quotes and escapes.  malloc'd. */
static char *
decode_key(const struct jdoc *doc, jdoc_id id)
{
    struct jdoc_range key = doc->nodes[id].key;
    const char *raw = &doc->text[key.start];
    size_t n = key.end - key.start;

    if (!memchr(raw, '\\', n)) {
        return xmemdup0(raw + 1, n - 2);
    }

    json_t *json = json_loadb(raw, n, JSON_DECODE_ANY, NULL);
    char *decoded = xstrdup(json ? json_string_value(json) : "");
    json_decref(json);
    return decoded;
}

static uint32_t
key_hash(jdoc_id parent, const char *key)
{
    return hash_string(key, parent);
}

static void
index_child(struct jdoc *doc, jdoc_id child)
{
    struct index_entry *entry = xmalloc(sizeof *entry);
    char *key = decode_key(doc, child);

    entry->child = child;
    hmap_insert(&doc->index, &entry->node,
                key_hash(doc->nodes[child].parent, key));
    free(key);
}

static bool
key_equals(const struct jdoc *doc, jdoc_id id, const char *key)
{
    char *decoded = decode_key(doc, id);
    bool equal = !strcmp(decoded, key);

    free(decoded);
    return equal;
}

static jdoc_id
find_indexed(const struct jdoc *doc, jdoc_id parent, const char *key)
{
    struct index_entry *entry;

    HMAP_FOR_EACH_WITH_HASH (entry, node, key_hash(parent, key), &doc->index) {
        if (doc->nodes[entry->child].parent == parent
            && key_equals(doc, entry->child, key)) {
            return entry->child;
        }
    }
    return JDOC_ROOT;
}

jdoc_id
jdoc_find(struct jdoc *doc, jdoc_id parent, const char *key)
{
    struct jdoc_node *p = &doc->nodes[parent];
    bool object = jdoc_kind(doc, parent) == '{';
    unsigned int i;

    if (!object) {
        if (!str_to_uint(key, 10, &i) || i >= p->n) {
            return JDOC_ROOT;
        }
        jdoc_id id = p->first;
        while (i--) {
            id = doc->nodes[id].next;
        }
        return id;
    }
    if (p->n > INDEX_MIN && !p->indexed) {
        for (jdoc_id id = p->first; id; id = doc->nodes[id].next) {
            index_child(doc, id);
        }
        p->indexed = true;
    }
    if (p->indexed) {
        return find_indexed(doc, parent, key);
    }
    for (jdoc_id id = p->first; id; id = doc->nodes[id].next) {
        if (key_equals(doc, id, key)) {
            return id;
        }
    }
    return JDOC_ROOT;
}

struct place
jdoc_place_at(const struct jdoc *doc, size_t offset)
{
    struct place place = doc->nodes[JDOC_ROOT].place;

    /* Nodes are in order of the text, so the last that begins before 'offset'
     * is the innermost. */
    for (jdoc_id id = 0; id < doc->n_nodes; id++) {
        const struct jdoc_node *node = &doc->nodes[id];

        if (node->key.end && node->key.start <= offset) {
            place = node->key_place;
        }
        if (node->value.start > offset) {
            break;
        }
        place = node->place;
    }
    return place;
}

struct jdoc_range
jdoc_append(struct jdoc *doc, const char *s, size_t n)
{
    struct jdoc_range range = { .start = doc->len, .end = doc->len + n };

    if (doc->len + n + 1 > doc->allocated) {
        doc->allocated = 2 * (doc->len + n + 1);
        doc->text = xrealloc(doc->text, doc->allocated);
    }
    memcpy(&doc->text[doc->len], s, n);
    doc->len += n;
    doc->text[doc->len] = '\0';
    return range;
}

jdoc_id
jdoc_add_node(struct jdoc *doc)
{
    if (doc->n_nodes >= doc->allocated_nodes) {
        doc->nodes =
            x2nrealloc(doc->nodes, &doc->allocated_nodes, sizeof *doc->nodes);
    }
    doc->nodes[doc->n_nodes] = (struct jdoc_node){ .n = 0 };
    return doc->n_nodes++;
}

void
jdoc_scan_value(struct jdoc *doc, jdoc_id id, uint32_t start)
{
    struct fault fault;
    struct scanner s = { .doc = doc,
                         .pos = start,
                         .end = doc->len,
                         .line = 1,
                         .line_start = start,
                         .max_nodes = SIZE_MAX,
                         .fault = &fault };

    ovs_assert(scan_value(&s, id));
}

/* Makes 'child' the last of 'parent'. */
void
jdoc_link(struct jdoc *doc, jdoc_id parent, jdoc_id child)
{
    struct jdoc_node *p = &doc->nodes[parent];
    struct jdoc_node *c = &doc->nodes[child];

    c->parent = parent;
    c->prev = p->last;
    c->next = JDOC_ROOT;
    if (p->last) {
        doc->nodes[p->last].next = child;
    } else {
        p->first = child;
    }
    p->last = child;
    p->n++;
    if (p->indexed) {
        index_child(doc, child);
    }
}

void
jdoc_unlink(struct jdoc *doc, jdoc_id child)
{
    struct jdoc_node *c = &doc->nodes[child];
    struct jdoc_node *p = &doc->nodes[c->parent];

    if (c->prev) {
        doc->nodes[c->prev].next = c->next;
    } else {
        p->first = c->next;
    }
    if (c->next) {
        doc->nodes[c->next].prev = c->prev;
    } else {
        p->last = c->prev;
    }
    p->n--;

    /* Whoever still finds it in the index sees that it has another parent:
     * itself, which nothing else has. */
    c->parent = child;
}
