/* SPDX-License-Identifier: Apache-2.0
 *
 * json-edit.c: see json-edit.h.
 *
 * An edit appends the new value's text to the jdoc's and relinks nodes; only
 * jdoc_text() writes a text, in one pass in which every untouched value is one
 * copy.  So many edits cost no more than one.  It knows JSON's form only, and
 * nothing of what a config may contain. */
#include <config.h>
#include "source/json-edit.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* How a new value is laid out. */
struct layout {
    bool lines;        /* Each member on a line of its own. */
    const char *pad;   /* One line: "" or " ", inside brackets. */
    const char *colon; /* ":" with white space around it. */
    const char *gap;   /* One line: white space after a comma. */
    const char *eol;   /* "\n" or "\r\n". */
    char *unit;        /* Indentation of one level.  Owned. */
    struct ds indent;  /* Of the line the value begins on. */
};

static const char *
range_text(const struct jdoc *doc, struct jdoc_range range)
{
    return &doc->text[range.start];
}

static size_t
range_len(struct jdoc_range range)
{
    return range.end - range.start;
}

/* The last line break of white space 'range', or NULL.  '*indent' becomes
 * what follows it. */
static const char *
line_break(const struct jdoc *doc, struct jdoc_range range,
           struct jdoc_range *indent)
{
    const char *s = range_text(doc, range);
    const char *eol =
        range_len(range) ? memrchr(s, '\n', range_len(range)) : NULL;

    if (eol) {
        indent->start = eol + 1 - doc->text;
        indent->end = range.end;
    }
    return eol && eol > s && eol[-1] == '\r' ? eol - 1 : eol;
}

static bool
has_line_break(const struct jdoc *doc, struct jdoc_range range)
{
    struct jdoc_range indent;

    return line_break(doc, range, &indent) != NULL;
}

static bool
is_container(const struct jdoc *doc, jdoc_id id)
{
    char kind = jdoc_kind(doc, id);

    return kind == '{' || kind == '[';
}

/* Does 'id' show how containers are laid out?  Empty ones and lists of plain
 * values do not. */
static bool
is_example(const struct jdoc *doc, jdoc_id id)
{
    jdoc_id first = doc->nodes[id].first;

    return first && (jdoc_kind(doc, id) == '{' || is_container(doc, first));
}

/* The container whose layout one beside it should follow: the nearest before
 * 'id' (or after, if there is none before).  JDOC_ROOT if there is none.
 * Looks at a few only: layouts seldom differ. */
static jdoc_id
find_example(const struct jdoc *doc, jdoc_id id)
{
    const struct jdoc_node *node = &doc->nodes[id];
    jdoc_id prev = node->prev;
    jdoc_id next = node->next;

    for (int i = 0; i < 8; i++) {
        if (prev && is_example(doc, prev)) {
            return prev;
        }
        prev = prev ? doc->nodes[prev].prev : JDOC_ROOT;
    }
    for (int i = 0; i < 8; i++) {
        if (next && is_example(doc, next)) {
            return next;
        }
        next = next ? doc->nodes[next].next : JDOC_ROOT;
    }
    return JDOC_ROOT;
}

/* The layout for the members of 'id', which has none so far (a new value, or
 * an empty container). */
static void
layout_init(struct layout *layout, const struct jdoc *doc, jdoc_id id)
{
    const struct jdoc_node *root = &doc->nodes[JDOC_ROOT];
    const struct jdoc_node *top = root->n ? &doc->nodes[root->first] : root;
    jdoc_id example = find_example(doc, id);
    jdoc_id holder = doc->nodes[id].parent;
    struct jdoc_range indent = { .start = 0, .end = 0 };
    const char *eol;

    /* The first member of the text shows the habits of its author. */
    bool tight = top->key.end && range_len(top->colon) == 1;
    layout->colon = tight ? ":" : ": ";
    layout->gap = tight ? "" : " ";
    eol = line_break(doc, top->lead, &indent);
    layout->eol = eol && *eol == '\r' ? "\r\n" : "\n";
    layout->unit = (range_len(indent)
                        ? xmemdup0(range_text(doc, indent), range_len(indent))
                        : xstrdup("  "));

    /* Members of a container beside it, or else how it stands itself, or else
     * (for the blank inside brackets) what is around it. */
    if (!example) {
        layout->lines = has_line_break(doc, doc->nodes[id].lead);
        example = holder;
    } else {
        layout->lines =
            has_line_break(doc, doc->nodes[doc->nodes[example].first].lead);
    }
    jdoc_id inner = doc->nodes[example].first;
    layout->pad = (inner && range_len(doc->nodes[inner].lead)
                           && !has_line_break(doc, doc->nodes[inner].lead)
                       ? " "
                       : "");

    /* Of the innermost line that something begins on. */
    ds_init(&layout->indent);
    for (;; id = doc->nodes[id].parent) {
        if (line_break(doc, doc->nodes[id].lead, &indent)) {
            ds_put_buffer(&layout->indent, range_text(doc, indent),
                          range_len(indent));
            break;
        } else if (id == JDOC_ROOT) {
            break;
        }
    }
}

static void
layout_uninit(struct layout *layout)
{
    free(layout->unit);
    ds_destroy(&layout->indent);
}

/* Appends a new line with 'depth' levels of indentation more. */
static void
put_line(struct ds *out, const struct layout *layout, int depth)
{
    ds_put_cstr(out, layout->eol);
    ds_put_cstr(out, ds_cstr_ro(&layout->indent));
    while (depth-- > 0) {
        ds_put_cstr(out, layout->unit);
    }
}

/* Does 'id' have a container among its members? */
static bool
holds_containers(const struct jdoc *doc, jdoc_id id)
{
    for (jdoc_id c = doc->nodes[id].first; c; c = doc->nodes[c].next) {
        if (is_container(doc, c)) {
            return true;
        }
    }
    return false;
}

/* Appends value 'id' of 'doc' laid out anew. */
static void
put_value(struct ds *out, const struct layout *layout, int depth,
          const struct jdoc *doc, jdoc_id id)
{
    const struct jdoc_node *node = &doc->nodes[id];
    char kind = jdoc_kind(doc, id);

    if (!is_container(doc, id)) {
        ds_put_buffer(out, range_text(doc, node->value),
                      range_len(node->value));
        return;
    } else if (!node->n) {
        ds_put_cstr(out, kind == '{' ? "{}" : "[]");
        return;
    }

    /* A list of plain values stays on its line and close to its brackets. */
    bool list = kind == '[' && !holds_containers(doc, id);
    bool lines = layout->lines && !list;
    ds_put_char(out, kind);
    for (jdoc_id c = node->first; c; c = doc->nodes[c].next) {
        struct jdoc_range key = doc->nodes[c].key;

        if (lines) {
            put_line(out, layout, depth + 1);
        } else if (c != node->first) {
            ds_put_cstr(out, layout->gap);
        } else if (!list) {
            ds_put_cstr(out, layout->pad);
        }
        if (key.end) {
            ds_put_buffer(out, range_text(doc, key), range_len(key));
            ds_put_cstr(out, layout->colon);
        }
        put_value(out, layout, depth + 1, doc, c);
        if (doc->nodes[c].next) {
            ds_put_char(out, ',');
        }
    }
    if (lines) {
        put_line(out, layout, depth);
    } else if (!list) {
        ds_put_cstr(out, layout->pad);
    }
    ds_put_char(out, kind == '{' ? '}' : ']');
}

/* 'id' and all around it must be written anew. */
static void
mark_dirty(struct jdoc *doc, jdoc_id id)
{
    for (; !doc->nodes[id].dirty; id = doc->nodes[id].parent) {
        doc->nodes[id].dirty = true;
        if (id == JDOC_ROOT) {
            break;
        }
    }
}

/* Gives 'id', which has its place in the tree, the value 'new'. */
static void
replace_value(struct jdoc *doc, jdoc_id id, const struct jdoc *new)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct jdoc_node *node;
    struct layout layout;

    layout_init(&layout, doc, id);
    put_value(&text, &layout, 0, new, JDOC_ROOT);
    layout_uninit(&layout);

    /* Children there were are no longer anybody's. */
    while (doc->nodes[id].first) {
        jdoc_unlink(doc, doc->nodes[id].first);
    }
    uint32_t start = jdoc_append(doc, text.string, text.length).start;
    jdoc_scan_value(doc, id, start);
    node = &doc->nodes[id];
    node->dirty = false;
    if (id != JDOC_ROOT) {
        mark_dirty(doc, node->parent);
    }
    ds_destroy(&text);
}

static struct jdoc_range
append_string(struct jdoc *doc, const char *s)
{
    return jdoc_append(doc, s, strlen(s));
}

/* White space around the first member of empty container 'parent'. */
static void
space_first(struct jdoc *doc, jdoc_id parent, struct jdoc_node *node)
{
    struct layout layout;

    layout_init(&layout, doc, parent);
    if (layout.lines) {
        struct ds space = DS_EMPTY_INITIALIZER;

        put_line(&space, &layout, 1);
        node->lead = append_string(doc, ds_cstr(&space));
        ds_clear(&space);
        put_line(&space, &layout, 0);
        node->trail = append_string(doc, ds_cstr(&space));
        ds_destroy(&space);
    } else {
        node->lead = node->trail = append_string(doc, layout.pad);
    }
    node->colon = append_string(doc, layout.colon);
    layout_uninit(&layout);
}

/* White space around a member to follow the last of 'parent', like that. */
static void
space_next(struct jdoc *doc, jdoc_id parent, struct jdoc_node *node)
{
    const struct jdoc_node *p = &doc->nodes[parent];
    struct jdoc_node *last = &doc->nodes[p->last];
    struct jdoc_range indent;
    const char *eol = line_break(doc, last->lead, &indent);

    node->lead = last->lead;
    node->colon = last->colon;
    node->trail = last->trail;
    last->trail = doc->nodes[p->first].trail;
    if (eol) {
        node->lead.start = eol - doc->text; /* No blank lines. */
    }
    if (p->n == 1) {
        last->trail = (struct jdoc_range){ .start = 0, .end = 0 };
        if (!eol && !range_len(node->lead)
            && (!node->colon.end || range_len(node->colon) > 1)) {
            node->lead = append_string(doc, " ");
        }
    }
}

/* Adds 'new' to 'parent', under 'key' if that is an object. */
static void
insert_value(struct jdoc *doc, jdoc_id parent, const char *key,
             const struct jdoc *new)
{
    struct jdoc_node node = { .n = 0 };
    jdoc_id id;

    if (doc->nodes[parent].n) {
        space_next(doc, parent, &node);
    } else {
        space_first(doc, parent, &node);
    }
    if (jdoc_kind(doc, parent) == '{') {
        struct ds quoted = DS_EMPTY_INITIALIZER;

        ds_put_format(&quoted, "\"%s\"", key);
        node.key = append_string(doc, ds_cstr(&quoted));
        ds_destroy(&quoted);
    } else {
        node.colon = (struct jdoc_range){ .start = 0, .end = 0 };
    }
    id = jdoc_add_node(doc);
    doc->nodes[id] = node;
    jdoc_link(doc, parent, id);
    replace_value(doc, id, new);
}

static void
remove_value(struct jdoc *doc, jdoc_id id)
{
    struct jdoc_node *node = &doc->nodes[id];
    jdoc_id parent = node->parent;

    /* What is now first or last stands where the old first or last did. */
    if (!node->prev && node->next) {
        doc->nodes[node->next].lead = node->lead;
    } else if (!node->next && node->prev) {
        doc->nodes[node->prev].trail = node->trail;
    }
    jdoc_unlink(doc, id);
    mark_dirty(doc, parent);
}

/* Adds a fault about 'path', up to and with its element 'upto'.  Takes over
 * 'what' and 'remedy'.  Returns false. */
static bool
fail(struct faults *faults, struct place place, const char *const *path,
     size_t upto, char *what, char *remedy)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i <= upto && path[i]; i++) {
        ds_put_format(&s, "%s%s", i ? "." : "", path[i]);
    }
    faults_add(faults, place, ds_cstr(&s), what, remedy);
    ds_destroy(&s);
    return false;
}

/* Wraps 'json' into objects for path[0], path[1]... ("-": into a list) and
 * appends it to 'out'. */
static void
wrap(struct ds *out, const char *const *path, const char *json)
{
    if (!*path) {
        ds_put_cstr(out, json);
    } else if (!strcmp(*path, "-")) {
        ds_put_char(out, '[');
        wrap(out, path + 1, json);
        ds_put_char(out, ']');
    } else {
        ds_put_format(out, "{\"%s\":", *path);
        wrap(out, path + 1, json);
        ds_put_char(out, '}');
    }
}

/* Can 'key' be written between quotes as it is? */
static bool
key_is_plain(const char *key)
{
    for (const unsigned char *p = (const unsigned char *) key; *p; p++) {
        if (*p < 0x20 || *p == '"' || *p == '\\') {
            return false;
        }
    }
    return true;
}

/* Puts 'json' where path[i], not in 'parent' yet, is to be. */
static bool
insert_at(struct jdoc *doc, jdoc_id parent, const char *const *path, size_t i,
          const char *json, struct faults *faults)
{
    struct place place = doc->nodes[parent].place;
    struct ds wrapped = DS_EMPTY_INITIALIZER;
    struct fault fault;
    struct jdoc *new;

    if (!is_container(doc, parent)) {
        return fail(faults, place, path, i, xstrdup("has no members"),
                    xstrdup("write {...} there first"));
    } else if (jdoc_kind(doc, parent) == '[' && strcmp(path[i], "-")) {
        return fail(faults, place, path, i,
                    xstrdup("there is no such element"),
                    xstrdup("give the number of one that is there"));
    }
    for (size_t j = i; path[j]; j++) {
        if (!key_is_plain(path[j])) {
            return fail(faults, place, path, j, xstrdup("is not a plain name"),
                        xstrdup("leave out quotes, backslashes and control "
                                "characters"));
        }
    }
    wrap(&wrapped, &path[i + 1], json);
    new = jdoc_parse(wrapped.string, wrapped.length, &fault);
    ds_destroy(&wrapped);
    if (!new) {
        return fail(faults, place, path, SIZE_MAX, fault.what, fault.remedy);
    }
    insert_value(doc, parent, path[i], new);
    jdoc_destroy(new);
    return true;
}

/* Puts 'json' in place of value 'id', which is at 'path'. */
static bool
replace_at(struct jdoc *doc, jdoc_id id, const char *const *path,
           const char *json, struct faults *faults)
{
    struct fault fault;
    struct jdoc *new = jdoc_parse(json, strlen(json), &fault);

    if (!new) {
        return fail(faults, doc->nodes[id].place, path, SIZE_MAX, fault.what,
                    fault.remedy);
    }
    replace_value(doc, id, new);
    jdoc_destroy(new);
    return true;
}

bool
jdoc_edit(struct jdoc *doc, const char *const *path, const char *json,
          struct faults *faults)
{
    jdoc_id id = JDOC_ROOT;

    for (size_t i = 0; path[i]; i++) {
        jdoc_id child = jdoc_find(doc, id, path[i]);

        if (!child && json) {
            return insert_at(doc, id, path, i, json, faults);
        } else if (!child) {
            return fail(faults, doc->nodes[id].place, path, i,
                        xstrdup("is not there"),
                        xstrdup("give the name of something that is"));
        }
        id = child;
    }
    if (json) {
        return replace_at(doc, id, path, json, faults);
    } else if (id == JDOC_ROOT) {
        return fail(faults, doc->nodes[id].place, path, 0,
                    xstrdup("the whole text cannot be removed"),
                    xstrdup("name what to remove"));
    }
    remove_value(doc, id);
    return true;
}

static void
put_range(struct ds *out, const struct jdoc *doc, struct jdoc_range range)
{
    ds_put_buffer(out, range_text(doc, range), range_len(range));
}

/* Appends value 'id' as it stands, with edits. */
static void
put_edited(struct ds *out, const struct jdoc *doc, jdoc_id id)
{
    const struct jdoc_node *node = &doc->nodes[id];
    char kind = jdoc_kind(doc, id);

    if (!node->dirty) {
        put_range(out, doc, node->value);
        return;
    }
    ds_put_char(out, kind);
    for (jdoc_id c = node->first; c; c = doc->nodes[c].next) {
        const struct jdoc_node *child = &doc->nodes[c];

        put_range(out, doc, child->lead);
        put_range(out, doc, child->key);
        put_range(out, doc, child->colon);
        put_edited(out, doc, c);
        put_range(out, doc, child->trail);
        if (child->next) {
            ds_put_char(out, ',');
        }
    }
    if (!node->n && doc->blank_empty) {
        ds_put_char(out, ' ');
    }
    ds_put_char(out, kind == '{' ? '}' : ']');
}

char *
jdoc_text(const struct jdoc *doc, size_t *len)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    ds_reserve(&out, doc->len);
    put_range(&out, doc, doc->nodes[JDOC_ROOT].lead);
    put_edited(&out, doc, JDOC_ROOT);
    put_range(&out, doc, doc->nodes[JDOC_ROOT].trail);
    *len = out.length;
    return ds_steal_cstr(&out);
}
