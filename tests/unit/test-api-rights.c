/* SPDX-License-Identifier: Apache-2.0
 *
 * test-api-rights.c: who may do what, as the kernel and the method table have
 * it.  Needs root, to be other users. */
#include <config.h>
#include <jansson.h>
#include "api-client.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include "api/methods.h"
#include "api/netns.h"

/* Runs 'client' as uid 'uid' in a child, serving it; it exits with 0. */
static void
as_user(uid_t uid, int (*client)(void))
{
    pid_t pid = fork();
    if (!pid) {
        _exit(setgid(uid) || setuid(uid) ? 99 : client());
    }
    int status;
    long long int end = time_msec() + 20000;
    while (!waitpid(pid, &status, WNOHANG) && time_msec() < end) {
        poll_timer_wait(20);
        fake_wait(&fake);
        poll_block();
        turn();
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Of the child: the reply to a call, blocking. */
static char *
ask(const char *text)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    ovs_strlcpy(sun.sun_path, socket_path, sizeof sun.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *) &sun, sizeof sun)) {
        return xstrdup("no connection");
    }
    /* Who is refused may be told so, and the connection be closed, before
     * this is sent: what counts is what there is to read. */
    size_t len = strlen(text);
    if (send(fd, text, len, MSG_NOSIGNAL) != len && errno != EPIPE) {
        return xstrdup("cannot send");
    }
    shutdown(fd, SHUT_WR);
    struct ds reply = DS_EMPTY_INITIALIZER;
    char c;
    while (recv(fd, &c, 1, 0) == 1) {
        ds_put_char(&reply, c);
    }
    close(fd);
    return ds_steal_cstr(&reply);
}

#define CALL(METHOD, PARAMS)                                                  \
    "{\"method\":\"" METHOD "\",\"params\":[" PARAMS "],\"id\":1}"

/* Every method as a member who owns nothing: denied, or allowed. */
static int
stranger_asks(void)
{
    static const struct {
        const char *text;
        const char *wanted;
    } calls[] = {
        { CALL("list", ""), "hers" },
        { CALL("show", "{\"name\":\"hers\"}"), "\"error\":null" },
        { CALL("status", ""), "\"error\":null" },
        { CALL("sync", "{\"timeout\":5}"), "\"error\":null" },
        { CALL("del-vm", "{\"name\":\"hers\"}"), "belongs to daemon" },
        { CALL("set-vm", "{\"name\":\"hers\",\"set\":{\"owner\":\"bin\"}}"),
          "belongs to daemon" },
        { CALL("add-nic", "{\"name\":\"hers\"}"), "belongs to daemon" },
        { CALL("del-nic", "{\"name\":\"hers\",\"nic\":\"0\"}"),
          "belongs to daemon" },
        { CALL("attach", "{\"name\":\"hers\"}"), "belongs to daemon" },
        { CALL("detach", "{\"name\":\"hers\"}"), "belongs to daemon" },
        { CALL("add-vm", "{\"name\":\"hers\",\"may-exist\":true}"),
          "belongs to daemon" },
        { CALL("add-net", "{\"name\":\"lab\"}"), "only an administrator" },
        { CALL("set-net", "{\"name\":\"default\",\"set\":{\"mtu\":\"9\"}}"),
          "only an administrator" },
        { CALL("del-net", "{\"name\":\"default\"}"), "only an administrator" },
        { CALL("start", "{}"), "only an administrator" },
        { CALL("stop", "{}"), "only an administrator" },
        { CALL("reload", "{}"), "only an administrator" },
        { CALL("add-vm", "{\"name\":\"w\",\"owner\":\"root\"}"),
          "cannot make root the owner" },
        { CALL("add-vm", "{\"name\":\"mine\"}"), "\"owner\":\"bin\"" },
        { CALL("set-vm", "{\"name\":\"mine\",\"set\":{\"owner\":\"root\"}}"),
          "cannot make root the owner" },
        { CALL("set-vm", "{\"name\":\"mine\",\"set\":{\"owner\":\"\"}}"),
          "cannot make root the owner" },
        { CALL("del-vm", "{\"name\":\"mine\"}"), "\"deleted\":true" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        char *reply = ask(calls[i].text);
        if (!strstr(reply, calls[i].wanted)) {
            fprintf(stderr, "%s\n  gave %s\n  which lacks %s\n", calls[i].text,
                    reply, calls[i].wanted);
            return 1;
        }
        free(reply);
    }
    return 0;
}

static int
owner_asks(void)
{
    char *reply = ask(CALL("del-vm", "{\"name\":\"hers\"}"));
    int ok = strstr(reply, "\"deleted\":true") != NULL;
    free(reply);
    return !ok;
}

static void
test_rights(void **state)
{
    (void) state;
    if (geteuid()) {
        skip();
    }
    chmod(socket_path, 0666);
    turn();
    as_user(2, stranger_asks); /* bin */
    as_user(1, owner_asks);    /* daemon */
}

/* The fourth connection of one user is told why. */
static int
opens_many(void)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    ovs_strlcpy(sun.sun_path, socket_path, sizeof sun.sun_path);
    for (int i = 0; i < 3; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *) &sun, sizeof sun)) {
            return 2;
        }
    }
    char *reply = ask(CALL("list", ""));
    int ok = strstr(reply, "too many connections") != NULL;
    free(reply);
    return !ok;
}

static void
test_connection_limit(void **state)
{
    (void) state;
    if (geteuid()) {
        skip();
    }
    chmod(socket_path, 0666);
    turn();
    as_user(2, opens_many);
}

/* What is no namespace, is the host's, or is another user's is refused. */
static void
test_netns(void **state)
{
    (void) state;
    int file = open(config_path, O_RDONLY);
    char *error = netns_check(file, 0, true);
    assert_non_null(strstr(error, "not a network namespace"));
    free(error);
    netns_close(file);

    int uts = open("/proc/self/ns/uts", O_RDONLY);
    error = netns_check(uts, 0, true);
    assert_non_null(strstr(error, "not a network namespace"));
    free(error);
    netns_close(uts);

    int own = open("/proc/self/ns/net", O_RDONLY);
    error = netns_check(own, 0, true);
    assert_non_null(strstr(error, "host's own"));
    free(error);
    if (geteuid()) {
        netns_close(own);
        skip();
    }

    assert_int_equal(unshare(CLONE_NEWNET), 0);
    int other = open("/proc/self/ns/net", O_RDONLY);
    assert_int_equal(setns(own, CLONE_NEWNET), 0);
    assert_null(netns_check(other, 0, true));
    assert_null(netns_check(other, 0, false));
    error = netns_check(other, 1000, false);
    assert_non_null(strstr(error, "belongs to uid 0"));
    free(error);
    netns_close(other);
    netns_close(own);
}

/* docs/API.md has a row "| `METHOD` | WHO |" for every method. */
static void
test_documented(void **state)
{
    (void) state;
    FILE *f = fopen("docs/API.md", "r");
    if (!f) {
        skip();
    }
    char *text = xzalloc(1 << 20);
    assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
    fclose(f);
    for (const struct method *m = methods; m->name; m++) {
        char *row = xasprintf("| `%s` | %s |", m->name, who_name(m->who));
        if (!strstr(text, row)) {
            fail_msg("docs/API.md lacks: %s", row);
        }
        free(row);
        for (const struct param *p = m->params; p->name; p++) {
            char *param = xasprintf("`%s`", p->name);
            if (!strstr(text, param)) {
                fail_msg("docs/API.md lacks parameter %s", param);
            }
            free(param);
        }
    }
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rights),
        TEST(test_connection_limit),
        cmocka_unit_test(test_netns),
        cmocka_unit_test(test_documented),
    };
    return RUN_API_TESTS(tests);
}
