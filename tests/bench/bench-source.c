/* SPDX-License-Identifier: Apache-2.0
 *
 * bench-source.c: CPU time of source_edit() that adds one VM, and of one that
 * changes it, by the number of VMs there are, in a file on this machine's
 * temporary directory.  Each is the best of several runs. */
#include <config.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "source/atomic-file.h"
#include "source/source.h"
#include "util.h"

enum { RUNS = 15, VMS_A_NETWORK = 900 };

static double
cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void
write_config(const char *path, int n)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "{\n  \"version\": 1,\n  \"networks\": {\n");
    for (int i = 0; i <= n / VMS_A_NETWORK; i++) {
        ds_put_format(&s, "%s    \"net%d\": { \"subnet\": \"10.%d.0.0/16\" }",
                      i ? ",\n" : "", i, i);
    }
    ds_put_cstr(&s, "\n  },\n  \"vms\": {\n");
    for (int i = 0; i < n; i++) {
        ds_put_format(&s,
                      "%s    \"vm%05d\": { \"owner\": \"alice\", \"nics\": "
                      "[ { \"network\": \"net%d\" } ] }",
                      i ? ",\n" : "", i, i / VMS_A_NETWORK);
    }
    ds_put_cstr(&s, "\n  }\n}\n");

    struct file_text text = { .s = ds_cstr(&s), .n = s.length };
    char *error = file_put(path, &text);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    ds_destroy(&s);
}

static double
edit(struct source *source, const struct config_edit *edit)
{
    struct faults faults = FAULTS_INITIALIZER;
    double start = cpu_ms();
    char *error;

    if (source_edit(source, edit, 1, false, NULL, &faults, &error)
        != EDIT_DONE) {
        ovs_fatal(0, "edit refused: %s",
                  faults.n ? faults.list[0].what : error);
    }
    return cpu_ms() - start;
}

static void
measure(const char *dir, int n)
{
    static const struct config_edit add = {
        .path = { "vms", "new" },
        .json = "{ \"nics\": [ { \"network\": \"net0\" } ] }",
    };
    static const struct config_edit set = {
        .path = { "vms", "new", "owner" }, .json = "\"bob\"",
    };
    static const struct config_edit del = { .path = { "vms", "new" } };
    char *path = xasprintf("%s/vmovs.json", dir);
    char *last_good = xasprintf("%s/last-good.json", dir);
    double best_add = 1e9, best_set = 1e9, best_del = 1e9;

    write_config(path, n);
    unlink(last_good);
    struct source *source = source_open_file(path, last_good);
    double start = cpu_ms();
    source_run(source);
    double loaded = cpu_ms() - start;
    for (int i = 0; i < RUNS; i++) {
        double t = edit(source, &add);
        best_add = MIN(best_add, t);
        t = edit(source, &set);
        best_set = MIN(best_set, t);
        t = edit(source, &del);
        best_del = MIN(best_del, t);
    }
    printf("%6d  %9.2f  %9.2f  %9.2f  %9.2f\n", n, loaded, best_add, best_set,
           best_del);
    source_close(source);
    unlink(path);
    unlink(last_good);
    free(path);
    free(last_good);
}

int
main(void)
{
    char dir[] = "/tmp/vmovs-bench.XXXXXX";

    if (!mkdtemp(dir)) {
        ovs_fatal(errno, "%s", dir);
    }
    printf("CPU time, ms: first load (with all addresses to choose), and one "
           "source_edit()\n(best of %d)\n", RUNS);
    printf("   VMs       load        add        set        del\n");
    measure(dir, 100);
    measure(dir, 1000);
    measure(dir, 2000);
    measure(dir, 10000);
    rmdir(dir);
    return 0;
}
