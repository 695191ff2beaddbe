/* SPDX-License-Identifier: Apache-2.0
 *
 * test-api-frame.c: where a message ends, however it is cut. */
#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "api/frame.h"

static enum frame_result
scan(const char *s, size_t *length)
{
    struct frame frame = { 0 };
    enum frame_result result = frame_scan(&frame, s, strlen(s));
    *length = frame.scanned;
    return result;
}

static void
test_ends(void **state)
{
    static const char *const whole[] = {
        "{}",
        " \n{}",
        "{\"a\":[1,{}]}",
        "{\"a\":\"}\"}",
        "{\"a\":\"\\\"}\"}",
        "{\"a\":\"\\\\\"}",
        "{\"[\":\"]{\"}",
    };
    (void) state;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        char text[64];
        size_t length;
        snprintf(text, sizeof text, "%s{\"next\":1}", whole[i]);
        assert_int_equal(scan(text, &length), FRAME_DONE);
        assert_int_equal(length, strlen(whole[i]));
    }
}

static void
test_byte_by_byte(void **state)
{
    static const char text[] = " {\"m\":\"a\\\"}\",\"p\":[{\"x\":[]}]}";
    struct frame frame = { 0 };
    (void) state;
    for (size_t n = 1; n < sizeof text - 1; n++) {
        assert_int_equal(frame_scan(&frame, text, n), FRAME_MORE);
        assert_int_equal(frame.scanned, n);
    }
    assert_int_equal(frame_scan(&frame, text, sizeof text - 1), FRAME_DONE);
}

static void
test_not_json(void **state)
{
    size_t length;
    (void) state;
    assert_int_equal(scan("GET / HTTP/1.1", &length), FRAME_NOT_JSON);
    assert_int_equal(scan("[]", &length), FRAME_NOT_JSON);
    assert_int_equal(scan("}", &length), FRAME_NOT_JSON);
    assert_int_equal(scan("", &length), FRAME_MORE);
}

static void
test_depth(void **state)
{
    char text[FRAME_MAX_DEPTH + 2] = "{";
    size_t length;
    (void) state;
    memset(text + 1, '[', FRAME_MAX_DEPTH - 1);
    assert_int_equal(scan(text, &length), FRAME_MORE);
    text[FRAME_MAX_DEPTH] = '[';
    assert_int_equal(scan(text, &length), FRAME_TOO_DEEP);
}

static void
test_length(void **state)
{
    struct frame frame = { 0 };
    char *text = malloc(FRAME_MAX_BYTES + 1);
    (void) state;
    memset(text, 'x', FRAME_MAX_BYTES + 1);
    memcpy(text, "{\"", 2);
    assert_int_equal(frame_scan(&frame, text, FRAME_MAX_BYTES), FRAME_MORE);
    assert_int_equal(frame_scan(&frame, text, FRAME_MAX_BYTES + 1),
                     FRAME_TOO_LONG);
    memset(&frame, 0, sizeof frame);
    memcpy(text + FRAME_MAX_BYTES - 2, "\"}", 2);
    assert_int_equal(frame_scan(&frame, text, FRAME_MAX_BYTES), FRAME_DONE);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),     cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_not_json), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
