/* SPDX-License-Identifier: Apache-2.0
 *
 * help.c: help, made from the table of commands. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
help_all(void)
{
    puts("vmovs puts virtual machines and containers on one network.\n\n"
         "Usage: vmovs COMMAND [ARGUMENT...] [OPTION...]\n");
    for (const struct command *c = commands; c->name; c++) {
        printf("  %-8s %-17s %s\n", c->name, c->args, c->help);
    }
    puts("\nvmovs COMMAND --help tells more about one of them.  "
         "Manual: vmovs(8).");
}

static void
help_options(const struct option_def *options)
{
    for (const struct option_def *o = options; o && o->name; o++) {
        char *left = o->arg ? format("--%s=%s", o->name, o->arg)
                            : format("--%s", o->name);
        printf("  %-24s  %s\n", left, o->help);
        free(left);
    }
}

void
help_command(const struct command *c)
{
    printf("Usage: vmovs %s %s%s\n\n%c%s.\n\nOptions:\n", c->name, c->args,
           c->options ? " [OPTION...]" : "", c->help[0] - 'a' + 'A',
           c->help + 1);
    help_options(c->options);
    help_options(common_options);
    printf("\nExample: %s\n", c->example);
}

int
cmd_help(struct call *call)
{
    if (!call->n_args) {
        help_all();
        return EXIT_DONE;
    }
    const struct command *c = find_command(call->args[0]);
    if (!c) {
        return refuse_command(call->args[0]);
    }
    help_command(c);
    return EXIT_DONE;
}
