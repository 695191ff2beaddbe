/* SPDX-License-Identifier: Apache-2.0
 *
 * text.c: output for people.  Whatever came from elsewhere is printed without
 * control characters, so that no name can play tricks on a terminal. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *
must(void *p)
{
    if (!p) {
        fputs("vmovs: out of memory\n", stderr);
        exit(EXIT_FAILED);
    }
    return p;
}

char *
format(const char *template, ...)
{
    va_list args;
    char *s;
    va_start(args, template);
    if (vasprintf(&s, template, args) < 0) {
        s = NULL;
    }
    va_end(args);
    return must(s);
}

/* The length in bytes of the character at 's'; 0 if it is no UTF-8. */
static int
character_len(const char *s)
{
    unsigned char c = *s;
    int n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    for (int i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return n;
}

/* Could the character at 's', of 'n' bytes, command a terminal (C0, DEL, C1),
 * break a line or turn the direction of writing? */
static bool
is_unsafe(const char *s_, int n)
{
    const unsigned char *s = (const unsigned char *) s_;
    switch (n) {
    case 1:
        return s[0] < 0x20 || s[0] == 0x7f;
    case 2:
        return (s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xd8 && s[1] == 0x9c);
    case 3:
        return s[0] == 0xe2
               && ((s[1] == 0x80
                    && (s[2] == 0x8e || s[2] == 0x8f
                        || (s[2] >= 0xa8 && s[2] <= 0xae)))
                   || (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
    }
    return !n;
}

/* A copy of 's' with the bytes of what is unsafe, or no UTF-8, as \xNN. */
static char *
printable(const char *s)
{
    char *out = must(malloc(4 * strlen(s) + 1));
    char *p = out;
    while (*s) {
        int n = character_len(s);
        bool escape = is_unsafe(s, n);
        for (n = n ? n : 1; n; n--, s++) {
            if (escape) {
                p += sprintf(p, "\\x%02x", (unsigned char) *s);
            } else {
                *p++ = *s;
            }
        }
    }
    *p = '\0';
    return out;
}

void
complain(const char *what, const char *why, const char *remedy)
{
    char *line = remedy ? format("vmovs: %s: %s; %s", what, why, remedy)
                        : format("vmovs: %s: %s", what, why);
    char *shown = printable(line);
    fprintf(stderr, "%s\n", shown);
    free(shown);
    free(line);
}

const char *
field(const json_t *object, const char *key)
{
    static char *ring[16];
    static size_t next;
    char **slot = &ring[next++ % (sizeof ring / sizeof *ring)];
    const json_t *value = json_object_get(object, key);

    free(*slot);
    if (json_is_string(value)) {
        *slot = printable(json_string_value(value));
    } else if (json_is_integer(value)) {
        *slot = format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        *slot = format("%s", json_is_true(value) ? "yes" : "no");
    } else {
        *slot = format("-");
    }
    return *slot;
}

bool
print_json(const json_t *json)
{
    char *text = must(json_dumps(json, JSON_INDENT(2)));
    bool ok = puts(text) >= 0;
    free(text);
    return ok;
}

static bool
colour_wanted(void)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no && *no)
           && !(term && !strcmp(term, "dumb"));
}

void
print_heading(const char *s)
{
    printf(colour_wanted() ? "\033[1m%s\033[0m\n" : "%s\n", s);
}

void
table_add(struct table *t, const char *const *row)
{
    for (int i = 0; i < t->n_columns; i++) {
        if (t->n >= t->allocated) {
            t->allocated = t->allocated ? 2 * t->allocated : 64;
            t->cells =
                must(realloc(t->cells, t->allocated * sizeof *t->cells));
        }
        t->cells[t->n++] = printable(row[i]);
    }
}

/* Columns that 's' takes, where every character is one wide. */
static size_t
text_width(const char *s)
{
    size_t n = 0;
    for (; *s; s++) {
        n += (*s & 0xc0) != 0x80;
    }
    return n;
}

void
table_print(struct table *t)
{
    size_t *width = must(calloc(t->n_columns, sizeof *width));
    for (size_t i = 0; i < t->n; i++) {
        size_t w = text_width(t->cells[i]);
        if (w > width[i % t->n_columns]) {
            width[i % t->n_columns] = w;
        }
    }

    bool colour = colour_wanted();
    for (size_t i = 0; i < t->n; i++) {
        int column = i % t->n_columns;
        bool heading = i < t->n_columns;
        bool last = column == t->n_columns - 1;
        printf("%s%s%s", colour && heading ? "\033[1m" : "", t->cells[i],
               colour && heading ? "\033[0m" : "");
        if (last) {
            putchar('\n');
        } else {
            size_t gap = width[column] - text_width(t->cells[i]) + 2;
            printf("%*s", (int) gap, "");
        }
    }
    free(width);
}

void
table_uninit(struct table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->cells[i]);
    }
    free(t->cells);
}
