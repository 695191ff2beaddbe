/* SPDX-License-Identifier: Apache-2.0
 *
 * api-harness SOCKET CONFIG: serves the real API over a switch that obeys at
 * once, for tests of the CLI.  Says "ready" and ends at SIGTERM.
 *
 * A port named "tap9" of nobody's is on its bridge, with an error that would
 * turn a terminal red, and "nic broken" has a problem. */
#include <config.h>
#include <signal.h>
#include <stdio.h>
#include "latch.h"
#include "openvswitch/vlog.h"
#include "../tools/fake-daemon.h"

static struct latch ended;

static void
end(int signal OVS_UNUSED)
{
    latch_set(&ended);
}

int
main(int argc, char *argv[])
{
    if (argc != 3) {
        fputs("usage: api-harness SOCKET CONFIG\n", stderr);
        return 2;
    }
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);

    struct fake fake;
    char *last_good = xasprintf("%s.last-good", argv[2]);
    int error = fake_init(&fake, argv[1], argv[2], last_good,
                          &api_default_limits);
    if (error) {
        fprintf(stderr, "api-harness: %s\n", ovs_strerror(error));
        return 1;
    }
    struct view_port stranger = { .name = xstrdup("tap9"),
                                  .type = xstrdup(""),
                                  .error = xstrdup("no \033[31mtap"),
                                  .ofport = 99 };
    view_set_port(&fake.view, &stranger);
    problems_add(&fake.problems, "nic broken",
                 xstrdup("the switch refused a flow"),
                 xstrdup("see the log"));
    puts("ready");
    fflush(stdout);
    latch_init(&ended);
    signal(SIGTERM, end);
    while (!latch_is_set(&ended)) {
        fake_run(&fake);
        fake_wait(&fake);
        latch_wait(&ended);
        poll_block();
    }
    fake_uninit(&fake);
    latch_destroy(&ended);
    free(last_good);
    return 0;
}
