/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq-server.c: from a network's block to a process that serves it.
 *
 *     wanted --> test --refused--> bad: said, and what runs goes on
 *                  |
 *                  v             SIGTERM
 *                good --main runs something else--> ending --+
 *                  |                                         |
 *                  +--------- main ended <-------------------+
 *                  v
 *                start --pid file--> ready --SIGHUP--> ready
 *                  ^                   |
 *                  +---- it died ------+  at once; later, if it dies soon
 *
 * A SIGHUP before dnsmasq is ready would end it, so it waits for the pid
 * file. */
#include <config.h>
#include "apply/dnsmasq-server.h"
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "apply/dnsmasq-leases.h"
#include "apply/run-file.h"
#include "core/service-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dnsmasq_server);

/* In ms. */
enum {
    SOON = 5000,       /* A process that dies sooner has a fault. */
    FIRST_DELAY = 100, /* Before it is started again; doubles. */
    MAX_DELAY = 5000,
    LOOK_DELAY = 20, /* Between looks at what tells of no change. */
    RELEASE_DELAY = 100,
    KILL_DELAY = 2000,
    MAX_CHECKS = 10
};

static bool
same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

static void
replace(char **s, char *new)
{
    free(*s);
    *s = new;
}

struct dnsmasq_server *
dnsmasq_server_create(const char *dir, const char *state_dir,
                      const char *network, const char *hosts_dir)
{
    struct dnsmasq_server *server = xzalloc(sizeof *server);

    server->network = xstrdup(network);
    server->dir = xasprintf("%s/%s", dir, network);
    server->conf = xasprintf("%s/dnsmasq.conf", server->dir);
    server->trial = xasprintf("%s/dnsmasq.conf.new", server->dir);
    server->pid_file = xasprintf("%s/pid", server->dir);
    server->errors = xasprintf("%s/errors", server->dir);
    server->lease_file = xasprintf("%s/%s.leases", state_dir, network);
    server->hosts_dir = hosts_dir;
    shash_init(&server->gone);
    return server;
}

void
dnsmasq_server_destroy(struct dnsmasq_server *server)
{
    if (server) {
        proc_forget(&server->test);
        proc_forget(&server->main);
        block_unref(server->block);
        shash_destroy_free_data(&server->gone);
        free(server->network);
        free(server->dir);
        free(server->conf);
        free(server->trial);
        free(server->pid_file);
        free(server->errors);
        free(server->lease_file);
        free(server->wanted);
        free(server->running);
        free(server->good);
        free(server->bad);
        free(server->tried);
        free(server->error);
        free(server);
    }
}

void
dnsmasq_server_adopt(struct dnsmasq_server *server, pid_t pid)
{
    if (!server->main.pid && proc_adopt(&server->main, pid, server->conf)) {
        replace(&server->running, run_file_read(server->conf, 1024 * 1024));
        server->reread = true;
        server->check_leases = true;
        server->started_at = time_msec();
        VLOG_DBG("%s: dnsmasq runs already, as process %d", server->network,
                 (int) pid);
    }
}

/* The first line that dnsmasq complained with, malloc'd; NULL: none. */
static char *
complaint(const struct dnsmasq_server *server)
{
    char *text = run_file_read(server->errors, 64 * 1024);
    char *line = NULL;

    if (text) {
        const char *start = text + strspn(text, "\n");

        if (*start) {
            line =
                xasprintf("%.*s", (int) MIN(strcspn(start, "\n"), 300), start);
        }
        free(text);
    }
    return line;
}

static void
set_error(struct dnsmasq_server *server, const char *what)
{
    char *line = complaint(server);
    char *error = line ? xasprintf("%s: %s", what, line) : xstrdup(what);

    if (!same(server->error, error)) {
        VLOG_WARN("%s: %s", server->network, error);
    }
    free(line);
    replace(&server->error, error);
}

static void
set_errno(struct dnsmasq_server *server, const char *what, int error)
{
    replace(&server->error, xasprintf("%s: %s", what, ovs_strerror(error)));
    server->start_at = time_msec() + MAX_DELAY;
}

static void
reap_test(struct dnsmasq_server *server)
{
    int status;

    if (!proc_ended(&server->test, &status)) {
        return;
    }
    if (status == 0) {
        replace(&server->good, server->tried);
        replace(&server->bad, NULL);
    } else {
        replace(&server->bad, server->tried);
        server->start_at = time_msec() + MAX_DELAY;
        set_error(server, "dnsmasq refuses its configuration");
    }
    server->tried = NULL;
}

static void
reap_main(struct dnsmasq_server *server)
{
    int status;

    if (!proc_ended(&server->main, &status)) {
        return;
    }
    replace(&server->running, NULL);
    server->ready = false;
    if (!server->ending) {
        long long int now = time_msec();

        if (now - server->started_at >= SOON) {
            server->n_deaths = 0;
        }
        server->start_at = now;
        if (server->n_deaths) {
            server->start_at +=
                MIN(FIRST_DELAY << MIN(server->n_deaths - 1, 6), MAX_DELAY);
        }
        server->n_deaths++;
        set_error(server, "dnsmasq has ended by itself");
    }
    server->ending = false;
}

static void
end_main(struct dnsmasq_server *server)
{
    if (server->main.pid && !server->ending) {
        server->ending = true;
        server->kill_at = time_msec() + KILL_DELAY;
        proc_signal(&server->main, SIGTERM);
    } else if (server->main.pid && time_msec() >= server->kill_at) {
        server->kill_at = time_msec() + KILL_DELAY;
        proc_signal(&server->main, SIGKILL);
    }
}

/* Are the gateway's addresses on its device? */
static bool
has_addresses(const struct service_want *service)
{
    bool has4 = !service->gateway4.plen, has6 = !service->gateway6.plen;
    struct ifaddrs *all;

    if (getifaddrs(&all)) {
        return false;
    }
    for (const struct ifaddrs *ifa = all; ifa; ifa = ifa->ifa_next) {
        const void *addr = ifa->ifa_addr;

        if (!addr || strcmp(ifa->ifa_name, service->device)) {
            continue;
        }
        if (ifa->ifa_addr->sa_family == AF_INET) {
            const struct sockaddr_in *sin = addr;

            has4 |= sin->sin_addr.s_addr == service->gateway4.addr;
        } else if (ifa->ifa_addr->sa_family == AF_INET6) {
            const struct sockaddr_in6 *sin6 = addr;

            has6 |=
                IN6_ARE_ADDR_EQUAL(&sin6->sin6_addr, &service->gateway6.addr);
        }
    }
    freeifaddrs(all);
    return has4 && has6;
}

/* The index goes into the configuration too: dnsmasq is bound to a device, not
 * to a name, and has to be started anew for another one. */
static void
compute_wanted(struct dnsmasq_server *server, const struct view *view,
               char *const *rebind_ok, size_t n)
{
    const struct service_want *service = server->block->service;
    const struct view_device *dev = view_find_device(view, service->device);
    const struct dnsmasq_paths paths = {
        .run_dir = server->dir,
        .hosts_dir = server->hosts_dir,
        .lease_file = server->lease_file,
        .user = proc_user(),
    };
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!dev || !dev->up) {
        replace(&server->wanted, NULL);
        return;
    }
    dnsmasq_conf(service, &paths, (const char *const *) rebind_ok, n, &s);
    ds_put_format(&s, "# The device's index: %d\n", dev->ifindex);
    replace(&server->wanted, ds_steal_cstr(&s));
}

static void
start_test(struct dnsmasq_server *server)
{
    char *path = xasprintf("%s/dhcp", server->dir);
    int error = run_file_mkdir(path);

    free(path);
    if (!error) {
        /* dnsmasq watches what is there when it starts. */
        error = run_file_mkdir(server->hosts_dir);
    }
    if (!error
        && run_file_put(server->trial, server->wanted) == RUN_FILE_FAILED) {
        error = errno;
    }
    if (error) {
        set_errno(server, "cannot write its configuration", error);
        return;
    }
    error = proc_start(&server->test, server->trial, "--test", server->errors);
    if (error) {
        set_errno(server, "cannot start " DNSMASQ_EXE, error);
        return;
    }
    replace(&server->tried, xstrdup(server->wanted));
}

static void
start_main(struct dnsmasq_server *server, const struct shash *leases)
{
    int error;

    if (!has_addresses(server->block->service)) {
        server->start_at = time_msec() + LOOK_DELAY;
        return;
    }
    leases_prune(server->lease_file, leases);
    unlink(server->pid_file);
    if (rename(server->trial, server->conf) && errno != ENOENT) {
        set_errno(server, "cannot rename its configuration", errno);
        return;
    }
    if (run_file_put(server->conf, server->wanted) == RUN_FILE_FAILED) {
        set_errno(server, "cannot write its configuration", errno);
        return;
    }
    error = proc_start(&server->main, server->conf, "--keep-in-foreground",
                       server->errors);
    if (error) {
        set_errno(server, "cannot start " DNSMASQ_EXE, error);
        return;
    }
    replace(&server->running, xstrdup(server->wanted));
    server->started_at = time_msec();
    server->ready = server->reread = server->check_leases = false;
    VLOG_DBG("%s: started dnsmasq, process %d", server->network,
             (int) server->main.pid);
}

/* What remains to be said to a process that runs as it should. */
static void
run_main(struct dnsmasq_server *server, const struct shash *leases)
{
    if (!server->ready && !access(server->pid_file, F_OK)) {
        server->ready = true;
        replace(&server->error, NULL);
    }
    if (!server->ready) {
        return;
    }
    if (server->reread) {
        proc_signal(&server->main, SIGHUP);
        server->reread = false;
    }
    if (server->check_leases && time_msec() >= server->check_at) {
        if (!leases_release(server->lease_file, server->block->service, leases,
                            &server->gone)) {
            shash_clear_free_data(&server->gone);
            server->check_leases = false;
            server->n_checks = 0;
        } else if (++server->n_checks > MAX_CHECKS) {
            /* It is started anew, without them. */
            server->n_checks = 0;
            end_main(server);
        }
        server->check_at = time_msec() + RELEASE_DELAY;
    }
}

static bool
run_unwanted(struct dnsmasq_server *server)
{
    char *path;

    end_main(server);
    if (server->main.pid || server->test.pid) {
        return true;
    }
    unlink(server->conf);
    unlink(server->trial);
    unlink(server->pid_file);
    unlink(server->errors);
    path = xasprintf("%s/dhcp", server->dir);
    rmdir(path);
    rmdir(server->dir);
    free(path);
    return false;
}

bool
dnsmasq_server_run(struct dnsmasq_server *server, const struct view *view,
                   char *const *rebind_ok, size_t n_rebind_ok,
                   const struct shash *leases)
{
    reap_test(server);
    reap_main(server);
    if (!server->block) {
        return run_unwanted(server);
    }
    compute_wanted(server, view, rebind_ok, n_rebind_ok);
    if (!server->wanted || server->test.pid) {
        return true;
    }
    if (server->ending) {
        end_main(server);
    } else if (server->main.pid && same(server->running, server->wanted)) {
        run_main(server, leases);
    } else if (time_msec() < server->start_at
               && !(server->bad && !same(server->bad, server->wanted))) {
        /* Later. */
    } else if (!same(server->good, server->wanted)) {
        start_test(server);
    } else if (server->main.pid) {
        end_main(server);
    } else {
        start_main(server, leases);
    }
    return true;
}

bool
dnsmasq_server_needs_leases(const struct dnsmasq_server *server)
{
    return server->block && (server->check_leases || !server->main.pid);
}

void
dnsmasq_server_wait(const struct dnsmasq_server *server)
{
    bool runs = server->main.pid && same(server->running, server->wanted);

    proc_wait(&server->test);
    proc_wait(&server->main);
    if (server->test.pid) {
        return;
    }
    if (server->ending) {
        poll_timer_wait_until(server->kill_at);
    } else if (runs && !server->ready) {
        poll_timer_wait(LOOK_DELAY);
    } else if (runs && (server->reread || server->check_leases)) {
        poll_timer_wait_until(server->check_at);
    } else if (!runs && server->block && server->wanted) {
        poll_timer_wait_until(server->start_at);
    }
}

bool
dnsmasq_server_is_applied(const struct dnsmasq_server *server)
{
    return server->block && server->main.pid && server->ready
           && !server->ending && !server->reread
           && same(server->running, server->wanted);
}

void
dnsmasq_server_problems(const struct dnsmasq_server *server,
                        struct problems *problems)
{
    char *object = xasprintf("network %s", server->network);

    if (server->error && server->block) {
        problems_add(problems, object,
                     xasprintf("no DHCP and DNS: %s", server->error),
                     access(DNSMASQ_EXE, X_OK)
                         ? xstrdup("install it: apt-get install dnsmasq-base")
                         : xasprintf("see %s, and dnsmasq's lines in the "
                                     "system's log",
                                     server->errors));
    }
    free(object);
}
