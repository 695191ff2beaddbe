/* SPDX-License-Identifier: Apache-2.0
 *
 * options.c: argv to a call, by the table of commands. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/suggest.h"

enum { MAX_WORDS = 64 }; /* More than commands or options there are. */

const struct command *
find_command(const char *name)
{
    for (const struct command *c = commands; c->name; c++) {
        if (!strcmp(c->name, name)) {
            return c;
        }
    }
    return NULL;
}

int
refuse_word(const char *kind, const char *word, const char *prefix,
            const char *const *known, size_t n, const char *otherwise)
{
    const char *near = suggest(word, known, n);
    char *what = format("%s%s", prefix, word);
    char *remedy = near ? format("did you mean %s%s?", prefix, near)
                        : format("see: %s", otherwise);
    complain(what, kind, remedy);
    free(remedy);
    free(what);
    return EXIT_USAGE;
}

int
refuse_command(const char *word)
{
    const char *names[MAX_WORDS];
    size_t n = 0;
    for (const struct command *c = commands; c->name && n < MAX_WORDS; c++) {
        names[n++] = c->name;
    }
    return refuse_word("no such command", word, "", names, n, "vmovs help");
}

static const struct option_def *
find_option_in(const struct option_def *options, const char *name, size_t len)
{
    for (; options && options->name; options++) {
        if (strlen(options->name) == len
            && !strncmp(options->name, name, len)) {
            return options;
        }
    }
    return NULL;
}

static int
refuse_option(const struct call *call, const char *name, size_t len)
{
    const char *names[MAX_WORDS];
    size_t n = 0;
    const struct option_def *lists[] = { call->command ? call->command->options
                                                       : NULL,
                                         common_options };
    for (int i = 0; i < 2; i++) {
        for (const struct option_def *o = lists[i]; o && o->name; o++) {
            if (n < MAX_WORDS) {
                names[n++] = o->name;
            }
        }
    }
    char *word = format("%.*s", (int) len, name);
    char *otherwise = call->command
                          ? format("vmovs %s --help", call->command->name)
                          : format("vmovs help");
    int status =
        refuse_word("no such option", word, "--", names, n, otherwise);
    free(otherwise);
    free(word);
    return status;
}

/* Puts the option's value where its kind says.  Returns -1 or a status. */
static int
store_option(struct call *call, const struct option_def *o, const char *value)
{
    const char *key = o->param ? o->param : o->name;
    json_t *string = value ? must(json_string(value)) : json_true();
    if (value && !*value && o->kind != OPT_LIST) {
        char *what = format("--%s=", o->name);
        char *remedy = format("write --%s=%s, or leave it out", o->name,
                              o->arg);
        complain(what, "its value is empty", remedy);
        free(remedy);
        free(what);
        json_decref(string);
        return EXIT_USAGE;
    }
    switch (o->kind) {
    case OPT_STRING:
    case OPT_FLAG:
        json_object_set_new(call->params, key, string);
        return -1;

    case OPT_LOCAL:
        json_object_set_new(call->local, o->name, string);
        return -1;

    case OPT_NUMBER:
        json_decref(string);
        if (!*value || strlen(value) > 9
            || strspn(value, "0123456789") != strlen(value)) {
            char *what = format("--%s=%s", o->name, value);
            complain(what, "that is no number", "give digits only");
            free(what);
            return EXIT_USAGE;
        }
        json_object_set_new(call->params, key, json_integer(atoi(value)));
        return -1;

    case OPT_LIST:
        if (!json_object_get(call->params, key)) {
            json_object_set_new(call->params, key, json_array());
        }
        json_array_append_new(json_object_get(call->params, key), string);
        return -1;
    }
    abort();
}

/* Takes in the option argv[*i], "--NAME", "--NAME=VALUE" or "--NAME VALUE". */
static int
parse_option(struct call *call, int argc, char *argv[], int *i)
{
    const char *name = argv[*i] + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? equals - name : strlen(name);
    const struct option_def *o = find_option_in(common_options, name, len);
    if (!o && call->command) {
        o = find_option_in(call->command->options, name, len);
    }
    if (!o) {
        return refuse_option(call, name, len);
    }

    const char *value = equals ? equals + 1 : NULL;
    if (!o->arg && value) {
        complain(argv[*i], "this option takes no value", NULL);
        return EXIT_USAGE;
    } else if (o->arg && !value) {
        if (*i + 1 >= argc) {
            char *remedy = format("write --%s=%s", o->name, o->arg);
            complain(argv[*i], "its value is missing", remedy);
            free(remedy);
            return EXIT_USAGE;
        }
        value = argv[++*i];
    }
    return store_option(call, o, value);
}

/* Finds the command among the arguments: the first word that is no option.
 * Its options may stand before it too. */
static int
find_call_command(struct call *call, int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') {
            call->command = find_command(argv[i]);
            return call->command ? -1 : refuse_command(argv[i]);
        }
        const struct option_def *o =
            argv[i][1] == '-' ? find_option_in(common_options, argv[i] + 2,
                                               strlen(argv[i] + 2))
                              : NULL;
        i += o && o->arg;
    }
    return -1;
}

static int
check_args(const struct call *call)
{
    const struct command *c = call->command;
    const char *why = call->n_args < c->min_args ? "too few arguments"
                      : c->max_args >= 0 && call->n_args > c->max_args
                          ? "too many arguments"
                          : NULL;
    if (why) {
        char *remedy = format("write: vmovs %s%s%s", c->name,
                              *c->args ? " " : "", c->args);
        complain(c->name, why, remedy);
        free(remedy);
        return EXIT_USAGE;
    }
    return -1;
}

/* What the config and the API cannot say is refused here. */
static int
check_utf8(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        json_t *string = json_string(argv[i]);
        if (!string) {
            complain(argv[i], "this is not UTF-8", "write it in UTF-8");
            return EXIT_USAGE;
        }
        json_decref(string);
    }
    return -1;
}

int
parse_options(struct call *call, int argc, char *argv[])
{
    int status = check_utf8(argc, argv);
    if (status < 0) {
        status = find_call_command(call, argc, argv);
    }
    bool seen_command = false;
    bool only_args = false;

    call->args = must(calloc(argc, sizeof *call->args));
    for (int i = 1; i < argc && status < 0; i++) {
        if (only_args || argv[i][0] != '-' || !argv[i][1]) {
            if (seen_command) {
                call->args[call->n_args++] = argv[i];
            }
            seen_command = true;
        } else if (!strcmp(argv[i], "--")) {
            only_args = true;
        } else if (!strcmp(argv[i], "-h")) {
            json_object_set_new(call->local, "help", json_true());
        } else if (argv[i][1] != '-') {
            complain(argv[i], "options begin with two dashes", "see --help");
            status = EXIT_USAGE;
        } else {
            status = parse_option(call, argc, argv, &i);
        }
    }
    if (status < 0 && call->command && !call_has(call, "help")
        && !call_has(call, "version")) {
        status = check_args(call);
    }
    return status;
}

const char *
call_local(const struct call *call, const char *option)
{
    return json_string_value(json_object_get(call->local, option));
}

bool
call_has(const struct call *call, const char *option)
{
    return json_object_get(call->local, option) != NULL;
}
