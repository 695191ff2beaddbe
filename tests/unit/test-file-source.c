/* SPDX-License-Identifier: Apache-2.0
 *
 * test-file-source.c: the config file as people treat it: edited by hand and
 * by vmovsd at once, broken, removed, replaced by what is no file, on a full
 * disk, and with vmovsd killed in the middle. */
#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "source/atomic-file.h"
#include "source/source.h"
#include "timeval.h"
#include "util.h"

#define ONE_VM(NAME)                                                          \
    "{\n  \"version\": 1,\n  \"networks\": {\n"                               \
    "    \"default\": { \"subnet\": \"10.1.0.0/24\" }\n  },\n"                \
    "  \"vms\": {\n    \"" NAME                                               \
    "\": {\n      \"owner\": \"al\"\n    }\n  }\n}\n"

static char dir[64], path[128], good[128], beside[128];
static struct source *source;
static void (*hook)(void); /* What file_replace_test_hook() does. */

void
file_replace_test_hook(void)
{
    if (hook) {
        hook();
    }
}

static void
put(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0640);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* As editors do. */
static void
put_by_rename(const char *text)
{
    char other[160];

    snprintf(other, sizeof other, "%s.editor", path);
    put(other, text);
    assert_int_equal(rename(other, path), 0);
}

static char *
get(const char *name)
{
    struct file_text text;

    assert_int_equal(file_read(name, SIZE_MAX, &text), 0);
    return text.s;
}

static void
assert_holds(const char *text)
{
    char *got = get(path);

    assert_string_equal(got, text);
    free(got);
}

static bool
has_vm(const char *name)
{
    const struct model *model = source_model(source);

    return model && model_find_vm(model, name);
}

static bool
is_faulty(const char *what)
{
    const struct faults *faults = source_faults(source);

    return faults->n && strstr(faults->list[0].what, what);
}

/* Runs the loop until CONDITION, for a second at most: that is what a person
 * is promised. */
#define WAIT(CONDITION)                                                       \
    do {                                                                      \
        long long int end = time_msec() + 1000;                               \
        for (source_run(source); !(CONDITION); source_run(source)) {          \
            assert_true(time_msec() < end);                                   \
            source_wait(source);                                              \
            poll_timer_wait_until(end);                                       \
            poll_block();                                                     \
        }                                                                     \
    } while (0)

static int
setup(void **state)
{
    snprintf(dir, sizeof dir, "/tmp/test-file-source.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/vmovs.json", dir);
    snprintf(good, sizeof good, "%s/last-good.json", dir);
    snprintf(beside, sizeof beside, "%s/.vmovs.json.vmovs-new", dir);
    put(path, ONE_VM("web1"));
    source = source_open_file(path, good);
    hook = NULL;
    return 0;
}

static int
teardown(void **state)
{
    char other[160];

    source_close(source);
    snprintf(other, sizeof other, "%s.editor", path);
    unlink(other);
    unlink(good);
    if (unlink(path)) {
        rmdir(path);
    }
    assert_int_equal(rmdir(dir), 0); /* Nothing else was left behind. */
    return 0;
}

static void
reopen(void)
{
    source_close(source);
    source = source_open_file(path, good);
}

static enum edit_result
edit(const char *vm, const char *json)
{
    const struct config_edit edits[] = { { { "vms", vm, NULL }, json } };
    struct faults faults = FAULTS_INITIALIZER;
    char *error;
    enum edit_result result =
        source_edit(source, edits, 1, false, NULL, &faults, &error);

    assert_int_equal(faults.n > 0, result == EDIT_REFUSED);
    assert_int_equal(error != NULL, result == EDIT_FAILED);
    faults_uninit(&faults);
    free(error);
    return result;
}

static void
test_start(void **state)
{
    struct stat before, after;

    assert_null(source_model(source));
    source_run(source);
    assert_true(has_vm("web1"));
    assert_int_equal(source_generation(source), 1);
    assert_int_equal(source_faults(source)->n, 0);
    assert_false(source_is_last_good(source));

    /* What was allocated is in both files; owner and mode stayed. */
    char *text = get(path), *kept = get(good);
    assert_non_null(strstr(text, "\"mac\": \""));
    assert_string_equal(text, kept);
    free(kept);
    free(text);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_mode & 07777, 0640);

    /* A restart changes neither. */
    reopen();
    source_run(source);
    assert_int_equal(source_generation(source), 1);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void
test_hand_edits(void **state)
{
    source_run(source);
    put_by_rename(ONE_VM("web2"));
    WAIT(has_vm("web2"));
    assert_false(has_vm("web1"));
    put(path, ONE_VM("web3"));
    WAIT(has_vm("web3"));
    assert_int_equal(source_generation(source), 3);

    /* Blanks make no new generation. */
    char *text = get(path);
    char *more = xasprintf("\n\n%s", text);
    put_by_rename(more);
    WAIT(source_model(source)->vms[0].place.line == 9);
    assert_int_equal(source_generation(source), 3);
    free(more);
    free(text);
}

static void
test_faulty(void **state)
{
    source_run(source);
    put(path, "{ \"version\": 1, \"vsm\": {} }");
    WAIT(is_faulty("not known here"));
    assert_true(has_vm("web1"));
    assert_int_equal(source_generation(source), 1);
    assert_int_equal(edit("db1", "{}"), EDIT_REFUSED);
    assert_holds("{ \"version\": 1, \"vsm\": {} }");

    unlink(path);
    WAIT(is_faulty("not there"));
    assert_true(has_vm("web1"));
    assert_int_equal(edit("db1", "{}"), EDIT_REFUSED);

    put_by_rename(ONE_VM("web1"));
    WAIT(!source_faults(source)->n);
    assert_int_equal(source_generation(source), 1);
}

static void
test_last_good(void **state)
{
    source_run(source);
    put(path, "{");
    reopen();
    source_run(source);
    assert_true(has_vm("web1"));
    assert_true(source_is_last_good(source));
    assert_true(is_faulty("too early"));
    assert_int_equal(source_generation(source), 1);
    put(path, ONE_VM("web2"));
    WAIT(has_vm("web2"));
    assert_false(source_is_last_good(source));

    unlink(path);
    unlink(good);
    reopen();
    source_run(source);
    assert_null(source_model(source));
    assert_true(is_faulty("not there"));
    put(path, ONE_VM("web2"));
    WAIT(has_vm("web2"));
}

static void
test_edit(void **state)
{
    source_run(source);
    char *before = get(path);

    assert_int_equal(edit("db1", "{\"hypervisor\": \"lxc\"}"), EDIT_DONE);
    assert_true(has_vm("db1"));
    assert_int_equal(source_generation(source), 2);
    char *text = get(path);
    assert_non_null(strstr(text, "    \"db1\": {\n"
                                 "      \"hypervisor\": \"lxc\",\n"
                                 "      \"nics\": [\n"
                                 "        {\n"
                                 "          \"mac\": \""));
    free(text);

    assert_int_equal(edit("x_y", "{}"), EDIT_REFUSED);
    assert_int_equal(edit("db2", "{"), EDIT_REFUSED);
    assert_int_equal(edit("db1", NULL), EDIT_DONE);
    assert_holds(before);
    free(before);

    /* Our own writes are no news. */
    WAIT(true);
    assert_int_equal(source_generation(source), 3);
}

static void
test_dry_run(void **state)
{
    const struct config_edit edits[] = {
        { { "vms", "db1", NULL }, "{}" },
        { { "vms", "db1", "owner", NULL }, "\"al\"" },
    };
    struct faults faults = FAULTS_INITIALIZER;
    struct model *model;
    char *error;

    source_run(source);
    char *before = get(path);
    assert_int_equal(
        source_edit(source, edits, 2, true, &model, &faults, &error),
        EDIT_DONE);
    assert_string_equal(model_find_vm(model, "db1")->owner, "al");
    model_destroy(model);
    assert_false(has_vm("db1"));
    assert_holds(before);
    free(before);
}

/* A whole text is taken as it is, and its faults have places in it. */
static void
test_whole_text(void **state)
{
    struct config_edit edits = { { NULL }, "{ \"version\": 1 }  \n" };
    struct faults faults = FAULTS_INITIALIZER;
    char *error;

    assert_int_equal(
        source_edit(source, &edits, 1, false, NULL, &faults, &error),
        EDIT_DONE);
    assert_holds(edits.json);
    edits.json = "{ \"version\": 2 }";
    assert_int_equal(
        source_edit(source, &edits, 1, false, NULL, &faults, &error),
        EDIT_REFUSED);
    assert_int_equal(faults.list[0].place.column, 14);
    faults_uninit(&faults);
}

static void
edit_by_rename(void)
{
    hook = NULL;
    put_by_rename(ONE_VM("hand"));
}

static void
edit_in_place(void)
{
    hook = NULL;
    put(path, ONE_VM("hand"));
}

static void
break_by_hand(void)
{
    hook = NULL;
    put_by_rename("{ broken");
}

static void
remove_by_hand(void)
{
    hook = NULL;
    unlink(path);
}

static int writer = -1;

/* An editor has the file open and has not written yet. */
static void
open_by_hand(void)
{
    if (writer < 0) {
        writer = open(path, O_WRONLY);
    }
}

static void
test_edits_meet(void **state)
{
    void (*const by_hand[])(void) = { edit_by_rename, edit_in_place };

    for (size_t i = 0; i < ARRAY_SIZE(by_hand); i++) {
        put(path, ONE_VM("web1"));
        WAIT(has_vm("web1"));
        hook = by_hand[i];
        assert_int_equal(edit("db1", "{}"), EDIT_DONE);
        assert_true(has_vm("hand"));
        assert_true(has_vm("db1"));
        char *text = get(path);
        assert_non_null(strstr(text, "\"hand\""));
        assert_non_null(strstr(text, "\"db1\""));
        free(text);
    }

    hook = break_by_hand;
    assert_int_equal(edit("db2", "{}"), EDIT_REFUSED);
    assert_holds("{ broken");
    put(path, ONE_VM("web1"));
    WAIT(!source_faults(source)->n);
    hook = remove_by_hand;
    assert_int_equal(edit("db2", "{}"), EDIT_REFUSED);
    assert_int_equal(access(path, F_OK), -1);
}

static void
test_open_writer(void **state)
{
    source_run(source);
    hook = open_by_hand;
    assert_int_equal(edit("db1", "{}"), EDIT_FAILED);
    assert_false(has_vm("db1"));

    /* What it writes then is in the file that is there. */
    assert_int_equal(ftruncate(writer, 0), 0);
    assert_int_equal(write(writer, ONE_VM("late"), strlen(ONE_VM("late"))),
                     strlen(ONE_VM("late")));
    close(writer);
    hook = NULL;
    WAIT(has_vm("late"));
    assert_int_equal(edit("db1", "{}"), EDIT_DONE);
}

static void
test_no_file(void **state)
{
    source_run(source);
    unlink(path);
    assert_int_equal(symlink(good, path), 0);
    reopen();
    source_run(source);
    assert_true(is_faulty("symbolic link"));
    assert_int_equal(edit("db1", "{}"), EDIT_REFUSED);

    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    reopen();
    source_run(source);
    assert_true(is_faulty("no regular file"));

    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    reopen();
    source_run(source);
    assert_true(is_faulty("a directory"));
    assert_true(source_is_last_good(source));

    rmdir(path);
    put(path, "");
    assert_int_equal(truncate(path, 16 * 1024 * 1024 + 1), 0);
    WAIT(is_faulty("larger than 16 MiB"));
}

/* The directory itself goes and comes back. */
static void
test_directory(void **state)
{
    char away[128];

    source_run(source);
    snprintf(away, sizeof away, "%s.away", dir);
    assert_int_equal(rename(dir, away), 0);
    WAIT(is_faulty("not there"));
    assert_int_equal(rename(away, dir), 0);
    WAIT(!source_faults(source)->n);
    put(path, ONE_VM("web2"));
    WAIT(has_vm("web2"));
}

static void
test_disk_full(void **state)
{
    struct rlimit old, none = { .rlim_cur = 16, .rlim_max = RLIM_INFINITY };

    source_run(source);
    char *before = get(path);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_IGN);
    none.rlim_max = old.rlim_max;
    setrlimit(RLIMIT_FSIZE, &none);
    enum edit_result result = edit("db1", "{}");
    setrlimit(RLIMIT_FSIZE, &old);

    assert_int_equal(result, EDIT_FAILED);
    assert_false(has_vm("db1"));
    assert_holds(before);
    free(before);
    assert_int_equal(edit("db1", "{}"), EDIT_DONE);
}

/* Whenever vmovsd is killed, the file is a whole one, with the VM or without,
 * and the next start leaves nothing else lying about. */
static void
test_killed(void **state)
{
    uint32_t random = 1;

    source_run(source);
    for (int i = 0; i < 100; i++) {
        struct timespec pause = { .tv_nsec = 0 };
        int ready[2];
        char c;

        assert_int_equal(pipe(ready), 0);
        pid_t pid = fork();
        if (!pid) {
            if (write(ready[1], "x", 1) != 1) {
                _exit(1);
            }
            for (;;) {
                edit("db1", "{}");
                edit("db1", NULL);
            }
        }
        assert_int_equal(read(ready[0], &c, 1), 1);
        random = random * 1664525 + 1013904223;
        pause.tv_nsec = random % 5000000;
        nanosleep(&pause, NULL);        /* lint: sleep: when to kill it. */
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(ready[0]);
        close(ready[1]);

        reopen();
        source_run(source);
        assert_int_equal(source_faults(source)->n, 0);
        assert_true(has_vm("web1"));
        assert_int_equal(access(beside, F_OK), -1);
    }
}

int
main(void)
{
#define TEST(NAME)                                                            \
    cmocka_unit_test_setup_teardown(test_##NAME, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(start),      TEST(hand_edits), TEST(faulty),
        TEST(last_good),  TEST(edit),       TEST(dry_run),
        TEST(whole_text), TEST(edits_meet), TEST(open_writer),
        TEST(no_file),    TEST(directory),  TEST(disk_full),
        TEST(killed),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
