/* SPDX-License-Identifier: Apache-2.0
 *
 * cli.h: the command line client's parts and how they fit.
 *
 * commands.c is the table of commands: from it come parsing (options.c), help
 * (help.c) and shell completion.  A command's function asks vmovsd (rpc.c)
 * and prints (text.c).  What is done to a hypervisor is done as the calling
 * user (attach*.c).  Links jansson and libc, nothing of Open vSwitch. */
#ifndef VMOVS_CLI_CLI_H
#define VMOVS_CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Exit status (interface.md). */
enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,            /* Refused or failed. */
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3        /* No vmovsd there. */
};

/* What an option becomes among the parameters of the method. */
enum option_kind {
    OPT_STRING,                 /* "key": "value" */
    OPT_FLAG,                   /* "key": true */
    OPT_NUMBER,                 /* "key": 12 */
    OPT_LIST,                   /* "key": ["value", ...]; may be repeated. */
    OPT_LOCAL                   /* None: for the CLI itself.  A flag if 'arg'
                                 * is NULL. */
};

struct option_def {
    const char *name;           /* Without "--"; NULL ends a list. */
    enum option_kind kind;
    const char *arg;            /* "NET" in --network=NET; NULL: no value. */
    const char *param;          /* Key among the parameters; NULL: 'name'. */
    const char *help;
};

struct call;

struct command {
    const char *name;           /* NULL ends the table. */
    const char *args;           /* "NAME KEY=VALUE..." for help. */
    int min_args, max_args;     /* -1: any number. */
    const struct option_def *options;
    int (*run)(struct call *);  /* Returns the exit status. */
    const char *help;           /* A clause. */
    const char *example;
};
extern const struct command commands[];
extern const struct option_def common_options[];

/* One run of the program. */
struct call {
    const struct command *command;
    const char **args;          /* Arguments that are no options.  Owned; the
                                 * strings are argv's. */
    int n_args;
    json_t *params;             /* For the method, from options.  Owned. */
    json_t *local;              /* OPT_LOCAL options: name -> value or true.
                                 * Owned. */
    const char *socket;         /* Path. */
    bool json;                  /* --json */
    bool quiet;                 /* rpc_call() says nothing of what goes
                                 * wrong. */
};

/* options.c */
const struct command *find_command(const char *name);
/* Says that 'word' is unknown ('kind': "no such command") and what was perhaps
 * meant among 'known', else 'otherwise'.  Returns EXIT_USAGE. */
int refuse_word(const char *kind, const char *word, const char *prefix,
                const char *const *known, size_t n, const char *otherwise);
int refuse_command(const char *word);
/* Reads argv[1...] into 'call'.  Returns -1 to go on, else an exit status. */
int parse_options(struct call *, int argc, char *argv[]);
const char *call_local(const struct call *, const char *option);
bool call_has(const struct call *, const char *option);

/* help.c */
void help_all(void);
void help_command(const struct command *);

/* rpc.c.  Returns EXIT_DONE and '*result', or another status after saying why.
 * 'params' is taken over; 'fd' (-1: none) goes along. */
int rpc_call(const struct call *, const char *method, json_t *params, int fd,
             json_t **result);

/* text.c: prints "vmovs: WHAT: WHY; TRY" on one line; 'remedy' may be NULL. */
void complain(const char *what, const char *why, const char *remedy);
char *format(const char *, ...) __attribute__((format(printf, 1, 2)));
void *must(void *);             /* Ends the program if it is NULL. */
/* The string of 'key', without control characters; "-" if there is none.
 * Valid until the next few calls. */
const char *field(const json_t *object, const char *key);
bool print_json(const json_t *);
void print_heading(const char *);

/* Aligned columns. */
struct table {
    int n_columns;
    char **cells;               /* Owned, and so are the strings. */
    size_t n, allocated;
};
/* 'row' has 'n_columns' strings; copied. */
void table_add(struct table *, const char *const *row);
void table_print(struct table *);   /* The first row is the heading. */
void table_uninit(struct table *);

/* The commands. */
int cmd_vm(struct call *);          /* cmd-vm.c */
int cmd_del(struct call *);
int cmd_set(struct call *);
int cmd_nic(struct call *);
int cmd_net(struct call *);         /* cmd-net.c */
int cmd_list(struct call *);        /* cmd-show.c */
int cmd_show(struct call *);
int cmd_status(struct call *);
int cmd_sync(struct call *);
int cmd_host(struct call *);        /* cmd-host.c */
int cmd_check(struct call *);       /* cmd-check.c */
int cmd_attach(struct call *);      /* cmd-attach.c */
int cmd_detach(struct call *);
int cmd_help(struct call *);        /* help.c */
void print_vm(const json_t *vm);
void print_net(const json_t *net);

/* check-host.c: what a look at the host itself, as the caller, tells. */
struct finding {
    enum { FIND_OK, FIND_NOTE, FIND_BROKEN } state;
    char *what;                 /* Owned. */
    char *remedy;               /* Owned; or NULL. */
};
/* 'status' is the result of the method; NULL: vmovsd cannot be reached. */
struct finding check_dnsmasq(const json_t *status);
struct finding check_port53(const json_t *status);
struct finding check_resolver(const json_t *status);
struct finding check_module(const json_t *status);
/* 'what' and 'remedy' (may be NULL) are taken over. */
struct finding found_ok(char *what);
struct finding found_note(char *what, char *remedy);
struct finding found_broken(char *what, char *remedy);

/* attach.c: the hypervisor's side. */

/* The command that comes next for 'vm', malloc'd. */
char *next_command(const json_t *vm);
/* What to run or to paste for 'vm' (the result of "attach"), a line each. */
char *attach_text(const json_t *vm);
char *detach_text(const json_t *vm);
/* Tells VirtualBox, as the caller.  Returns an exit status. */
int attach_virtualbox(const json_t *vm, bool attach);

/* attach-netns.c: opens the namespace ("1234" or a path) as the caller.
 * Returns a descriptor, or -1 after saying why. */
int open_netns(const char *what, const char *netns);
/* Brings up the first 'n' interfaces in it, or says how to. */
void bring_up(const char *netns, int fd, size_t n);

#endif
