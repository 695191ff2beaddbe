/* SPDX-License-Identifier: Apache-2.0
 *
 * api-client.h: a server of the API and clients of it, for unit tests.
 *
 * Server and client take turns in one thread: turn() runs the server once. */
#ifndef VMOVS_TESTS_UNIT_API_CLIENT_H
#define VMOVS_TESTS_UNIT_API_CLIENT_H

#include <config.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "../tools/fake-daemon.h"
#include "api/frame.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "timeval.h"

static char dir[] = "/tmp/test-api.XXXXXX";
static char socket_path[64], config_path[64], good_path[64];
static struct fake fake;

static const struct api_limits test_limits = { 3, 100, 100 };

static OVS_UNUSED void
write_config(const char *text)
{
    FILE *f = fopen(config_path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static OVS_UNUSED int
set_up(void **state)
{
    (void) state;
    write_config(
        "{\"version\":1,\"networks\":{\"default\":{\"subnet\":"
        "\"10.77.0.0/24\"}},\"vms\":{\"hers\":{\"owner\":\"daemon\",\"nics\":"
        "[{\"network\":\"default\"}]}}}");
    assert_int_equal(
        fake_init(&fake, socket_path, config_path, good_path, &test_limits),
        0);
    return 0;
}

static OVS_UNUSED int
tear_down(void **state)
{
    (void) state;
    fake_uninit(&fake);
    unlink(good_path);
    return 0;
}

static OVS_UNUSED void
turn(void)
{
    fake_run(&fake);
}

/* A turn after waiting until something happens, 2 s at most. */
static OVS_UNUSED void
wait_turn(void)
{
    long long int end = time_msec() + 2000;
    poll_timer_wait_until(end);
    fake_wait(&fake);
    poll_block();
    turn();
}

static OVS_UNUSED int
dial(void)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    ovs_strlcpy(sun.sun_path, socket_path, sizeof sun.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(fd, (struct sockaddr *) &sun, sizeof sun), 0);
    turn();
    return fd;
}

static OVS_UNUSED void
say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Runs turns until a whole reply is there; "" if the server closed. */
static OVS_UNUSED char *
hear(int fd)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct frame frame = { 0 };
    for (int i = 0; i < 2000; i++) {
        char c;
        ssize_t n = recv(fd, &c, 1, 0);
        if (n == 1) {
            ds_put_char(&text, c);
            if (frame_scan(&frame, text.string, text.length) == FRAME_DONE) {
                return ds_steal_cstr(&text);
            }
            i = 0;
        } else if (!n || errno != EAGAIN) {
            ds_destroy(&text);
            return xstrdup("");
        } else {
            wait_turn();
        }
    }
    fail_msg("no reply");
    return NULL;
}

/* The reply to 'text' has 'wanted' in it. */
static OVS_UNUSED void
expect(int fd, const char *text, const char *wanted)
{
    say(fd, text);
    char *reply = hear(fd);
    if (!strstr(reply, wanted)) {
        fail_msg("%s\n  gave %s\n  which lacks %s", text, reply, wanted);
    }
    free(reply);
}

static OVS_UNUSED void
expect_call(const char *method, const char *params, const char *wanted)
{
    int fd = dial();
    char *text = xasprintf("{\"method\":\"%s\",\"params\":[%s],\"id\":7}",
                           method, params);
    expect(fd, text, wanted);
    free(text);
    close(fd);
    turn();
}

/* The server ends the connection. */
static OVS_UNUSED void
expect_closed(int fd)
{
    char *reply = hear(fd);
    assert_string_equal(reply, "");
    free(reply);
    close(fd);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

/* Makes the directory, runs 'tests' and takes it away again. */
#define RUN_API_TESTS(TESTS)                                            \
    (api_test_begin() ? 1                                               \
     : api_test_end(cmocka_run_group_tests(TESTS, NULL, NULL)))

static int
api_test_begin(void)
{
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    if (!mkdtemp(dir)) {
        return 1;
    }
    chmod(dir, 0755);
    snprintf(socket_path, sizeof socket_path, "%s/sock", dir);
    snprintf(config_path, sizeof config_path, "%s/vmovs.json", dir);
    snprintf(good_path, sizeof good_path, "%s/last-good.json", dir);
    return 0;
}

static int
api_test_end(int failed)
{
    unlink(config_path);
    rmdir(dir);
    return failed;
}

#endif
