/* SPDX-License-Identifier: Apache-2.0
 *
 * vmovs.c: main of the command line client: parse, run, tidy up. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SOCKET "/run/vmovs/vmovs.sock"

static const char *
choose_socket(const struct call *call)
{
    const char *socket = call_local(call, "socket");
    if (!socket) {
        socket = getenv("VMOVS_SOCKET");
    }
    return socket && *socket ? socket : DEFAULT_SOCKET;
}

static int
run(struct call *call)
{
    if (call_has(call, "version")) {
        puts("vmovs " VMOVS_VERSION);
        return EXIT_DONE;
    } else if (call_has(call, "help")) {
        if (call->command) {
            help_command(call->command);
        } else {
            help_all();
        }
        return EXIT_DONE;
    } else if (!call->command) {
        complain("usage", "no command given", "see: vmovs help");
        return EXIT_USAGE;
    }
    call->socket = choose_socket(call);
    call->json = call_has(call, "json");
    return call->command->run(call);
}

int
main(int argc, char *argv[])
{
    struct call call = { .params = must(json_object()),
                         .local = must(json_object()) };
    int status = parse_options(&call, argc, argv);
    if (status < 0) {
        status = run(&call);
    }
    free(call.args);
    json_decref(call.params);
    json_decref(call.local);
    if (fflush(stdout) || ferror(stdout)) {
        complain("standard output", strerror(errno), NULL);
        status = status ? status : EXIT_FAILED;
    }
    return status;
}
