/* SPDX-License-Identifier: Apache-2.0
 *
 * test-api-server.c: the API as a client meets it: form, limits, waiting. */
#include <config.h>
#include <jansson.h>
#include "api-client.h"

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
    };
    return RUN_API_TESTS(tests);
}
