/* SPDX-License-Identifier: Apache-2.0
 *
 * test-api-server.c: the API as a client meets it: limits, rights, waiting.
 *
 * Server and client take turns in one thread: turn() runs the server once. */
#include <config.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "../tools/fake-daemon.h"
#include "api/frame.h"
#include "api/methods.h"
#include "api/netns.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "timeval.h"

static char dir[] = "/tmp/test-api.XXXXXX";
static char socket_path[64], config_path[64], good_path[64];
static struct fake fake;

static const struct api_limits test_limits = { 3, 100, 100 };

static void
write_config(const char *text)
{
    FILE *f = fopen(config_path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static int
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

static int
tear_down(void **state)
{
    (void) state;
    fake_uninit(&fake);
    unlink(good_path);
    return 0;
}

static void
turn(void)
{
    fake_run(&fake);
}

/* A turn after waiting until something happens, 2 s at most. */
static void
wait_turn(void)
{
    long long int end = time_msec() + 2000;
    poll_timer_wait_until(end);
    fake_wait(&fake);
    poll_block();
    turn();
}

static int
dial(void)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    ovs_strlcpy(sun.sun_path, socket_path, sizeof sun.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(fd, (struct sockaddr *) &sun, sizeof sun), 0);
    turn();
    return fd;
}

static void
say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Runs turns until a whole reply is there; "" if the server closed. */
static char *
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
static void
expect(int fd, const char *text, const char *wanted)
{
    say(fd, text);
    char *reply = hear(fd);
    if (!strstr(reply, wanted)) {
        fail_msg("%s\n  gave %s\n  which lacks %s", text, reply, wanted);
    }
    free(reply);
}

static void
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
static void
expect_closed(int fd)
{
    char *reply = hear(fd);
    assert_string_equal(reply, "");
    free(reply);
    close(fd);
}

static void
test_form(void **state)
{
    (void) state;
    expect_call("status", "", "\"id\":7");
    expect_call("status", "{}", "\"error\":null");
    expect_call("statsu", "", "did you mean status?");
    expect_call("list", "{\"waht\":\"vms\"}", "did you mean \\\"what\\\"?");
    expect_call("list", "{\"what\":3}", "is not a proper string");
    expect_call("list", "1", "\"code\":\"usage\"");
    expect_call("show", "", "parameter \\\"name\\\" is missing");

    int fd = dial();
    expect(fd, "{\"method\":\"list\",\"params\":[]}", "\"id\\\" is missing");
    expect(fd, "{\"method\":\"list\",\"params\":[],\"id\":null}", "\"usage\"");
    /* The connection is still good, and messages may come in one go. */
    say(fd, "{\"method\":\"list\",\"params\":[],\"id\":1}"
            "{\"method\":\"list\",\"params\":[],\"id\":2}");
    char *reply = hear(fd);
    assert_non_null(strstr(reply, "\"id\":1"));
    free(reply);
    reply = hear(fd);
    assert_non_null(strstr(reply, "\"id\":2"));
    free(reply);
    close(fd);
}

static void
test_hostile_messages(void **state)
{
    static const char *const bad[] = {
        "GET /",
        "[1]",
        "{\"a\":1,\"a\":2}",
        "{]",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]",
    };
    (void) state;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        int fd = dial();
        expect(fd, bad[i], "\"code\":\"usage\"");
        expect_closed(fd);
    }
}

static void
test_half_message(void **state)
{
    (void) state;
    int fd = dial();
    say(fd, "{\"method\":");
    char *reply = hear(fd);
    assert_non_null(strstr(reply, "half a message"));
    free(reply);
    expect_closed(fd);
}

static void
test_too_long(void **state)
{
    (void) state;
    int fd = dial();
    char *chunk = xmalloc(65536);
    memset(chunk, 'x', 65536);
    memcpy(chunk, "{\"", 2);
    size_t sent = 0;
    for (int i = 0; i < 1000 && sent <= FRAME_MAX_BYTES + 65536; i++) {
        ssize_t n = send(fd, chunk + (sent ? 2 : 0), 65536 - 2, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) {
            break;
        }
        sent += n > 0 ? n : 0;
        turn();
    }
    free(chunk);
    char *reply = hear(fd);
    assert_non_null(strstr(reply, "longer than 1 MiB"));
    free(reply);
    close(fd);
}

/* Who asks and does not read is dropped, having cost one reply. */
static void
test_no_reader(void **state)
{
    (void) state;
    int fd = dial();
    int small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 100000; i++) {
        const char *text = "{\"method\":\"status\",\"params\":[],\"id\":1}";
        if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) {
            if (errno == EPIPE || errno == ECONNRESET) {
                close(fd);
                return; /* Dropped. */
            }
            wait_turn();
        } else {
            turn();
        }
    }
    fail_msg("the server went on for ever");
}

static void
test_half_close(void **state)
{
    (void) state;
    int fd = dial();
    say(fd, "{\"method\":\"list\",\"params\":[],\"id\":1}");
    shutdown(fd, SHUT_WR);
    char *reply = hear(fd);
    assert_non_null(strstr(reply, "hers"));
    free(reply);
    expect_closed(fd);
}

static void
test_add_waits(void **state)
{
    (void) state;
    turn();
    fake.frozen = true;
    int fd = dial();
    say(fd, "{\"method\":\"add-vm\",\"params\":[{\"name\":\"web1\"}],"
            "\"id\":1}");
    for (int i = 0; i < 10; i++) {
        char c;
        turn();
        assert_int_equal(recv(fd, &c, 1, 0), -1);
    }
    fake.frozen = false;
    char *reply = hear(fd);
    assert_non_null(strstr(reply, "\"state\":\"ready\""));
    assert_non_null(strstr(reply, "\"device\":\"vm-web1\""));
    free(reply);
    close(fd);

    expect_call("add-vm", "{\"name\":\"web1\"}", "\"code\":\"exists\"");
    expect_call("add-vm", "{\"name\":\"web1\",\"may-exist\":true}",
                "\"error\":null");
    expect_call("show", "{\"name\":\"web1\"}", "\"spoofed-mac\":7");
    expect_call("del-vm", "{\"name\":\"web1\"}", "\"deleted\":true");
    expect_call("del-vm", "{\"name\":\"web1\"}", "\"code\":\"not-found\"");
    expect_call("del-vm", "{\"name\":\"web1\",\"if-exists\":true}",
                "\"deleted\":false");
}

static void
test_add_timeout(void **state)
{
    (void) state;
    turn();
    fake.frozen = true;
    expect_call("add-vm", "{\"name\":\"web1\",\"timeout\":0}",
                "\"code\":\"timeout\"");
    assert_non_null(model_find_vm(source_model(fake.source), "web1"));
    expect_call("sync", "{\"timeout\":0}", "\"code\":\"timeout\"");
    expect_call("add-vm", "{\"name\":\"web2\",\"no-wait\":true}",
                "\"waiting: being compiled\"");
    fake.frozen = false;
    expect_call("sync", "", "\"applied\":");
}

static void
test_dry_run(void **state)
{
    (void) state;
    turn();
    uint64_t before = source_generation(fake.source);
    expect_call("add-vm", "{\"name\":\"web1\",\"dry-run\":true}",
                "\"planned\"");
    assert_null(model_find_vm(source_model(fake.source), "web1"));
    assert_int_equal(source_generation(fake.source), before);
}

static void
test_refused(void **state)
{
    (void) state;
    turn();
    expect_call("add-vm", "{\"name\":\"web1\",\"ip\":\"10.1.1.1\"}",
                "vms.web1.nics[0].ip: ");
    expect_call("add-vm", "{\"name\":\"Web/1\"}", "cannot be a name");
    expect_call("add-vm", "{\"name\":\"w\",\"owner\":\"no-such-user\"}",
                "there is no user");
    expect_call("set-vm", "{\"name\":\"hers\",\"set\":{\"ipp\":\"1\"}}",
                "did you mean ip?");
    expect_call("set-vm", "{\"name\":\"hers\",\"set\":{\"9.ip\":\"1\"}}",
                "has no NIC \\\"9\\\"");
    expect_call("set-vm", "{\"name\":\"hres\",\"set\":{\"ip\":\"1\"}}",
                "did you mean hers?");
}

/* Deleting a NIC leaves name, device and id of those behind it alone. */
static void
test_nics_keep_their_names(void **state)
{
    (void) state;
    turn();
    expect_call("add-nic", "{\"name\":\"hers\"}", "\"device\":\"vm-hers.1\"");
    struct uuid id = source_model(fake.source)->vms[0].nics[1].id;
    expect_call("del-nic", "{\"name\":\"hers\",\"nic\":\"0\"}",
                "\"deleted\":true");
    turn();
    const struct vm *vm = &source_model(fake.source)->vms[0];
    assert_int_equal(vm->n_nics, 1);
    assert_string_equal(vm->nics[0].name, "1");
    assert_string_equal(vm->nics[0].device, "vm-hers.1");
    assert_memory_equal(&vm->nics[0].id, &id, sizeof id);
}

/* A client that hangs up while the switch counts leaves no ticket behind. */
static void
test_tickets_are_collected(void **state)
{
    (void) state;
    turn();
    fake.frozen = true;
    int fd = dial();
    say(fd, "{\"method\":\"status\",\"params\":[],\"id\":1}");
    turn();
    assert_true(fake.tickets_open > 0);
    close(fd);
    turn();
    fake.frozen = false;
    turn();
    assert_int_equal(fake.tickets_open, 0);
}

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
    say(fd, text);
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

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_form),
        TEST(test_hostile_messages),
        TEST(test_half_message),
        TEST(test_too_long),
        TEST(test_no_reader),
        TEST(test_half_close),
        TEST(test_add_waits),
        TEST(test_add_timeout),
        TEST(test_dry_run),
        TEST(test_refused),
        TEST(test_nics_keep_their_names),
        TEST(test_tickets_are_collected),
        TEST(test_rights),
        TEST(test_connection_limit),
        cmocka_unit_test(test_netns),
        cmocka_unit_test(test_documented),
    };
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    if (!mkdtemp(dir)) {
        return 1;
    }
    chmod(dir, 0755);
    snprintf(socket_path, sizeof socket_path, "%s/sock", dir);
    snprintf(config_path, sizeof config_path, "%s/vmovs.json", dir);
    snprintf(good_path, sizeof good_path, "%s/last-good.json", dir);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(config_path);
    rmdir(dir);
    return failed;
}
