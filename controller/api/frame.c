/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.c: see frame.h. */
#include <config.h>
#include "api/frame.h"

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Takes in one byte within a string. */
static void
frame_string_byte(struct frame *f, char c)
{
    if (f->escaped) {
        f->escaped = false;
    } else if (c == '\\') {
        f->escaped = true;
    } else if (c == '"') {
        f->in_string = false;
    }
}

enum frame_result
frame_scan(struct frame *f, const char *data, size_t n)
{
    while (f->scanned < n) {
        if (f->scanned >= FRAME_MAX_BYTES) {
            return FRAME_TOO_LONG;
        }

        char c = data[f->scanned++];
        if (f->in_string) {
            frame_string_byte(f, c);
        } else if (c == '{' || c == '[') {
            if (!f->depth && c != '{') {
                return FRAME_NOT_JSON;
            } else if (f->depth >= FRAME_MAX_DEPTH) {
                return FRAME_TOO_DEEP;
            }
            f->depth++;
        } else if (!f->depth) {
            if (!is_space(c)) {
                return FRAME_NOT_JSON;
            }
        } else if (c == '"') {
            f->in_string = true;
        } else if ((c == '}' || c == ']') && !--f->depth) {
            return FRAME_DONE;
        }
    }
    return FRAME_MORE;
}
