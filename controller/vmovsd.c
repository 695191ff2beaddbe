/* SPDX-License-Identifier: Apache-2.0
 *
 * vmovsd.c: options, daemonising and the loop; nothing else.  What a turn of
 * the loop does is in loop.c. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command-line.h"
#include "core/model.h"
#include "daemon.h"
#include "fatal-signal.h"
#include "loop.h"
#include "memory.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "source/source.h"
#include "unixctl.h"
#include "util.h"
#include "vmovs-ovs.h"

/* The second parameter is new in 3.3: vmovsd touches no hardware. */
#if OVS_MINOR < 3
#define daemonize_start(datapath, hardware) daemonize_start(datapath)
#endif

VLOG_DEFINE_THIS_MODULE(vmovsd);

struct options {
    struct loop_config loop;
    bool check_config;   /* --check-config: read, report, exit. */
    const char *unixctl; /* --unixctl; NULL: the default. */
    char *ovsdb;         /* loop.ovsdb, if it was not given; owned. */
    char *host;          /* Likewise. */
};

static void parse_options(int argc, char *argv[], struct options *);
static void complete_options(struct options *);
static int check_config(const char *file);
static char *default_host(void);
static void make_dir(const char *);
static void run_memory(const struct loop *);
static unixctl_cb_func vmovsd_exit;

int
main(int argc, char *argv[])
{
    struct options options = {
        .loop = {
            .config_file = "/etc/vmovs/vmovs.json",
            .run_dir = "/run/vmovs",
            .state_dir = "/var/lib/vmovs",
            .ovs_run_dir = "/run/openvswitch",
            .group = "vmovs",
        },
    };
    struct unixctl_server *unixctl;
    bool exiting = false;

    set_program_name(argv[0]);
    ovs_set_program_name(argv[0], VMOVS_VERSION);
    service_start(&argc, &argv);
    parse_options(argc, argv, &options);
    if (options.check_config) {
        return check_config(options.loop.config_file);
    }
    fatal_ignore_sigpipe();

    make_dir(options.loop.run_dir);
    make_dir(options.loop.state_dir);
    daemonize_start(true, false);
    int error = unixctl_server_create(options.unixctl, &unixctl);
    if (error) {
        ovs_fatal(error, "cannot listen for ovs-appctl");
    }
    unixctl_command_register("exit", "", 0, 0, vmovsd_exit, &exiting);

    struct loop *loop = loop_create(&options.loop);
    if (!loop) {
        exit(EXIT_FAILURE);
    }
    VLOG_INFO("vmovsd %s on host %s", VMOVS_VERSION, options.loop.host);
    daemonize_complete();

    while (!exiting) {
        run_memory(loop);
        loop_run(loop);
        unixctl_server_run(unixctl);

        loop_wait(loop);
        unixctl_server_wait(unixctl);
        memory_wait();
        /* cppcheck-suppress oppositeInnerCondition; see vmovsd_exit() */
        if (exiting) {
            poll_immediate_wake();
        }
        poll_block();
        if (should_service_stop()) {
            exiting = true;
        }
    }
    loop_destroy(loop);
    unixctl_server_destroy(unixctl);
    service_stop();
    free(options.ovsdb);
    free(options.host);
    return 0;
}

/* memory_wait() wakes at once until a report that is due has been made. */
static void
run_memory(const struct loop *loop)
{
    memory_run();
    if (memory_should_report()) {
        struct simap usage = SIMAP_INITIALIZER(&usage);

        loop_get_memory_usage(loop, &usage);
        memory_report(&usage);
        simap_destroy(&usage);
    }
}

static void
usage(void)
{
    printf("vmovsd: puts guests of different hypervisors on one Open vSwitch "
           "bridge\n"
           "usage: vmovsd [OPTIONS]\n\n"
           "  --config=FILE       config (default: /etc/vmovs/vmovs.json)\n"
           "  --check-config      say what is wrong with the config, exit\n"
           "  --run-dir=DIR       API socket's directory (default: "
           "/run/vmovs)\n"
           "  --state-dir=DIR     what must last (default: /var/lib/vmovs)\n"
           "  --host=NAME         this host's name (default: its hostname)\n"
           "  --group=GROUP       of the API socket (default: vmovs)\n"
           "  --ovsdb=unix:PATH   Open vSwitch's database (default: db.sock "
           "in\n"
           "                      --ovs-run-dir)\n"
           "  --ovs-run-dir=DIR   Open vSwitch's sockets (default: "
           "/run/openvswitch)\n"
           "  --unixctl=SOCKET    for ovs-appctl (default: in --ovs-run-dir)\n"
           "  --no-services       no DHCP, DNS and NAT\n"
           "  --nic-type=dummy    for tests: NICs are dummy interfaces\n"
           "  -h, --help          this text\n"
           "  -V, --version       version\n");
    daemon_usage();
    vlog_usage();
    exit(EXIT_SUCCESS);
}

enum {
    OPT_CONFIG = UCHAR_MAX + 1,
    OPT_CHECK_CONFIG,
    OPT_RUN_DIR,
    OPT_STATE_DIR,
    OPT_HOST,
    OPT_GROUP,
    OPT_OVSDB,
    OPT_OVS_RUN_DIR,
    OPT_NO_SERVICES,
    OPT_NIC_TYPE,
    OPT_UNIXCTL,
    DAEMON_OPTION_ENUMS,
    VLOG_OPTION_ENUMS
};

static const struct option long_options[] = {
    { "config", required_argument, NULL, OPT_CONFIG },
    { "check-config", no_argument, NULL, OPT_CHECK_CONFIG },
    { "run-dir", required_argument, NULL, OPT_RUN_DIR },
    { "state-dir", required_argument, NULL, OPT_STATE_DIR },
    { "host", required_argument, NULL, OPT_HOST },
    { "group", required_argument, NULL, OPT_GROUP },
    { "ovsdb", required_argument, NULL, OPT_OVSDB },
    { "ovs-run-dir", required_argument, NULL, OPT_OVS_RUN_DIR },
    { "no-services", no_argument, NULL, OPT_NO_SERVICES },
    { "nic-type", required_argument, NULL, OPT_NIC_TYPE },
    { "unixctl", required_argument, NULL, OPT_UNIXCTL },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    DAEMON_LONG_OPTIONS,
    VLOG_LONG_OPTIONS,
    { NULL, 0, NULL, 0 },
};

/* Where the argument of option 'c' goes, if it is one that takes any text. */
static const char **
text_option(struct options *o, int c)
{
    switch (c) {
    case OPT_CONFIG:
        return &o->loop.config_file;
    case OPT_RUN_DIR:
        return &o->loop.run_dir;
    case OPT_STATE_DIR:
        return &o->loop.state_dir;
    case OPT_HOST:
        return &o->loop.host;
    case OPT_GROUP:
        return &o->loop.group;
    case OPT_OVSDB:
        return &o->loop.ovsdb;
    case OPT_OVS_RUN_DIR:
        return &o->loop.ovs_run_dir;
    case OPT_UNIXCTL:
        return &o->unixctl;
    default:
        return NULL;
    }
}

static void
parse_options(int argc, char *argv[], struct options *o)
{
    char *short_options = ovs_cmdl_long_options_to_short_options(long_options);

    for (;;) {
        int c = getopt_long(argc, argv, short_options, long_options, NULL);
        const char **text = text_option(o, c);
        if (c == -1) {
            break;
        } else if (text) {
            *text = optarg;
            continue;
        }
        switch (c) {
        case OPT_CHECK_CONFIG:
            o->check_config = true;
            break;
        case OPT_NO_SERVICES:
            o->loop.no_services = true;
            break;
        case OPT_NIC_TYPE:
            if (strcmp(optarg, "dummy")) {
                ovs_fatal(0, "--nic-type=%s: only \"dummy\" is known", optarg);
            }
            o->loop.dummy_nics = true;
            break;
        case 'h':
            usage();
            break;
        case 'V':
            printf("vmovsd (vmovs) %s\n", VMOVS_VERSION);
            exit(EXIT_SUCCESS);
            DAEMON_OPTION_HANDLERS
            VLOG_OPTION_HANDLERS
        case '?':
            exit(2);
        }
    }
    free(short_options);
    if (optind < argc) {
        ovs_error(0, "%s: vmovsd takes no arguments; try vmovsd --help",
                  argv[optind]);
        exit(2);
    }
    complete_options(o);
}

/* Fills in what was not given and depends on something else. */
static void
complete_options(struct options *o)
{
    /* ovs-appctl's socket and the pid file go where Open vSwitch's are. */
    setenv("OVS_RUNDIR", o->loop.ovs_run_dir, true);
    if (!o->loop.ovsdb) {
        o->ovsdb = xasprintf("unix:%s/db.sock", o->loop.ovs_run_dir);
        o->loop.ovsdb = o->ovsdb;
    }
    if (!o->loop.host) {
        o->host = default_host();
        o->loop.host = o->host;
    } else if (!name_is_valid(o->loop.host)) {
        ovs_fatal(0,
                  "--host=%s: not a name; write lower-case letters, digits "
                  "and hyphens",
                  o->loop.host);
    }
}

/* Reports every fault of 'file' on standard output.  Returns the exit
 * status. */
static int
check_config(const char *file)
{
    struct source *source = source_open_file(file, NULL);
    source_run(source);

    const struct faults *faults = source_faults(source);
    struct ds ds = DS_EMPTY_INITIALIZER;
    faults_format(faults, source_name(source), &ds);
    fputs(ds_cstr(&ds), stdout);
    ds_destroy(&ds);
    int status = faults->n ? EXIT_FAILURE : EXIT_SUCCESS;
    source_close(source);
    return status;
}

/* The first label of the host's name, in lower case; "localhost" where it is
 * not a name of interface.md's form. */
static char *
default_host(void)
{
    char name[256];
    if (gethostname(name, sizeof name)) {
        return xstrdup("localhost");
    }
    name[sizeof name - 1] = '\0';
    name[strcspn(name, ".")] = '\0';
    for (char *p = name; *p; p++) {
        *p = tolower((unsigned char) *p);
    }
    return xstrdup(name_is_valid(name) ? name : "localhost");
}

static void
make_dir(const char *dir)
{
    if (mkdir(dir, 0755) && errno != EEXIST) {
        ovs_fatal(errno, "%s: cannot make the directory", dir);
    }
}

static void
vmovsd_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *exiting_)
{
    bool *exiting = exiting_;
    *exiting = true;
    unixctl_command_reply(conn, NULL);
}
