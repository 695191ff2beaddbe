/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz-frame.c: any bytes as a stream of API messages.
 *
 * The first byte says how large the pieces are that the rest comes in.  What
 * must hold: the same messages end at the same bytes however the stream is
 * cut; no message is longer or deeper than allowed; and a stream that
 * libjansson reads as objects, one after the other, is framed into just
 * those. */
#include <config.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "api/frame.h"
#include "openvswitch/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The result for the message at 'data', given in pieces of 'step' bytes. */
static enum frame_result
scan_in_pieces(struct frame *frame, const char *data, size_t size, size_t step)
{
    enum frame_result result = FRAME_MORE;
    size_t n = 0;

    *frame = (struct frame){ 0 };
    while (result == FRAME_MORE && n < size) {
        n += step < size - n ? step : size - n;
        result = frame_scan(frame, data, n);
        ovs_assert(frame->scanned <= n && frame->scanned <= FRAME_MAX_BYTES);
        ovs_assert(frame->depth <= FRAME_MAX_DEPTH);
        ovs_assert(result != FRAME_MORE || frame->scanned == n);
    }
    return result;
}

/* Takes one message off the stream.  Returns its length, 0 if there is none
 * whole. */
static size_t
take_message(const char *data, size_t size, size_t step)
{
    struct frame pieces, whole;
    enum frame_result result = scan_in_pieces(&pieces, data, size, step);

    ovs_assert(scan_in_pieces(&whole, data, size, size) == result);
    ovs_assert(whole.scanned == pieces.scanned);

    /* Where the first byte that is not blank begins an object for libjansson,
     * it ends where we say; what it calls too deep may be so for us too. */
    size_t flags = JSON_DISABLE_EOF_CHECK;
    json_error_t error;
    json_t *json = json_loadb(data, size, flags, &error);
    if (json && json_is_object(json)) {
        ovs_assert(result == FRAME_TOO_DEEP || result == FRAME_TOO_LONG
                   || (result == FRAME_DONE
                       && whole.scanned == (size_t) error.position));
    }
    json_decref(json);
    return result == FRAME_DONE ? whole.scanned : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }

    size_t step = 1 + *data++ % 7;
    size--;
    while (size) {
        size_t n = take_message((const char *) data, size, step);

        if (!n) {
            break;
        }
        data += n;
        size -= n;
    }
    return 0;
}
