/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.h: where a JSON message ends in a stream of bytes.
 *
 * Messages follow each other with nothing but white space between them, so the
 * end of one is found by counting brackets outside strings.  Each byte is
 * looked at once, however small the pieces it comes in.  Limits are checked
 * here, before anything is parsed or copied.  Pure: knows no socket, and
 * nothing of JSON but brackets and quotes. */
#ifndef VMOVS_API_FRAME_H
#define VMOVS_API_FRAME_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FRAME_MAX_BYTES = 1024 * 1024,  /* Of one message. */
    FRAME_MAX_DEPTH = 32            /* Brackets within brackets. */
};

enum frame_result {
    FRAME_MORE,                 /* The message is not complete yet. */
    FRAME_DONE,                 /* It is; 'scanned' is its length. */
    FRAME_NOT_JSON,             /* It does not begin with '{'. */
    FRAME_TOO_DEEP,
    FRAME_TOO_LONG
};

/* All zeros: at the start of a message. */
struct frame {
    size_t scanned;             /* Bytes of the message looked at. */
    unsigned int depth;         /* Open brackets. */
    bool in_string;
    bool escaped;               /* The byte before was a backslash in a
                                 * string. */
};

/* Goes on with the message that starts at 'data', of which 'n' bytes are
 * there. */
enum frame_result frame_scan(struct frame *, const char *data, size_t n);

#endif
