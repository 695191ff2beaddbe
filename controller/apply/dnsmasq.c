/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq.c: which dnsmasq there are to be, and the NICs' files that they
 * read:
 *
 *     RUN_DIR/hosts/NIC               names, of all NICs, for every dnsmasq
 *     RUN_DIR/dnsmasq/NETWORK/dhcp/NIC    lease, for that network's
 *
 * dnsmasq reads a file that comes (inotify); of one that changes or goes it
 * keeps what it had read, until a SIGHUP. */
#include <config.h>
#include "apply/dnsmasq.h"
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "apply/dnsmasq-server.h"
#include "apply/run-file.h"
#include "core/service-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "simap.h"
#include "sset.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dnsmasq);

struct dnsmasqs {
    char *dir;       /* "/run/vmovs/dnsmasq" */
    char *hosts_dir; /* "/run/vmovs/hosts" */
    char *state_dir;
    struct shash servers; /* struct dnsmasq_server, by network. */
    struct shash nics;    /* Blocks with a lease, by 'host';
                           * references. */
    struct sset dirty;    /* Hosts in 'nics' whose files are to be
                           * written. */
    struct svec rebind_ok;
    bool known;             /* What is wanted is known. */
    bool looked;            /* What runs and what files there are, too. */
    long long int write_at; /* Not before, after an error, in ms. */
    int error;              /* Positive errno of writing, or 0. */
};

struct dnsmasqs *
dnsmasqs_create(const char *run_dir, const char *state_dir)
{
    struct dnsmasqs *d = xzalloc(sizeof *d);

    d->dir = xasprintf("%s/dnsmasq", run_dir);
    d->hosts_dir = xasprintf("%s/hosts", run_dir);
    d->state_dir = xstrdup(state_dir);
    shash_init(&d->servers);
    shash_init(&d->nics);
    sset_init(&d->dirty);
    svec_init(&d->rebind_ok);
    return d;
}

void
dnsmasqs_destroy(struct dnsmasqs *d)
{
    struct shash_node *node;

    if (!d) {
        return;
    }
    SHASH_FOR_EACH (node, &d->servers) {
        dnsmasq_server_destroy(node->data);
    }
    SHASH_FOR_EACH (node, &d->nics) {
        block_unref(node->data);
    }
    shash_destroy(&d->servers);
    shash_destroy(&d->nics);
    sset_destroy(&d->dirty);
    svec_destroy(&d->rebind_ok);
    free(d->dir);
    free(d->hosts_dir);
    free(d->state_dir);
    free(d);
}

static char *
hosts_path(const struct dnsmasqs *d, const char *host)
{
    return xasprintf("%s/%s", d->hosts_dir, host);
}

static char *
dhcp_path(const struct dnsmasqs *d, const char *network, const char *host)
{
    return xasprintf("%s/%s/dhcp/%s", d->dir, network, host);
}

static struct dnsmasq_server *
get_server(struct dnsmasqs *d, const char *network)
{
    struct dnsmasq_server *server = shash_find_data(&d->servers, network);

    if (!server) {
        server =
            dnsmasq_server_create(d->dir, d->state_dir, network, d->hosts_dir);
        shash_add(&d->servers, network, server);
    }
    return server;
}

/* All have to forget a name, that network's a lease. */
static void
reread_all(struct dnsmasqs *d, const char *network)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &d->servers) {
        struct dnsmasq_server *server = node->data;

        server->reread = true;
        if (!strcmp(server->network, network)) {
            server->check_leases = true;
            server->n_checks = 0;
            server->check_at = 0;
        }
    }
}

static void
remove_file(char *path)
{
    if (unlink(path) && errno != ENOENT) {
        VLOG_WARN("%s: cannot remove: %s", path, ovs_strerror(errno));
    }
    free(path);
}

/* Its address may become another's. */
static void
note_gone(struct dnsmasqs *d, const struct lease_want *lease)
{
    struct dnsmasq_server *server =
        shash_find_data(&d->servers, lease->network);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (server && ipv6_addr_is_set(&lease->ip6)) {
        ipv6_format_addr(&lease->ip6, &s);
        shash_add_once(&server->gone, ds_cstr(&s), NULL);
    }
    ds_destroy(&s);
}

static void
remove_nic(struct dnsmasqs *d, const struct lease_want *lease)
{
    struct block *block = shash_find_and_delete(&d->nics, lease->host);

    sset_find_and_delete(&d->dirty, lease->host);
    block_unref(block);
    note_gone(d, lease);
    remove_file(hosts_path(d, lease->host));
    remove_file(dhcp_path(d, lease->network, lease->host));
    reread_all(d, lease->network);
}

static bool
same_lease(const struct lease_want *a, const struct lease_want *b)
{
    return !strcmp(a->network, b->network) && !strcmp(a->host, b->host)
           && !strcmp(a->fqdn, b->fqdn)
           && nullable_string_is_equal(a->alias, b->alias)
           && eth_addr_equals(a->mac, b->mac) && a->ip == b->ip
           && IN6_ARE_ADDR_EQUAL(&a->ip6, &b->ip6);
}

static void
update_nic(struct dnsmasqs *d, const struct lease_want *old,
           struct block *block)
{
    const struct lease_want *new = block ? block->lease : NULL;

    if (old && new &&same_lease(old, new)) {
        struct shash_node *node = shash_find(&d->nics, new->host);

        if (node) {
            block_unref(node->data);
            node->data = block_ref(block);
            return;
        }
    }
    /* One that only changes keeps its names' file, until the new one is
     * there. */
    if (old
        && (!new || strcmp(old->host, new->host)
            || strcmp(old->network, new->network))) {
        remove_nic(d, old);
    }
    if (old && new && !eth_addr_equals(old->mac, new->mac)) {
        note_gone(d, old);
    }
    if (new) {
        block_unref(shash_find_and_delete(&d->nics, new->host));
        shash_add(&d->nics, new->host, block_ref(block));
        sset_add(&d->dirty, new->host);
        d->write_at = 0;
    }
}

static void
update_network(struct dnsmasqs *d, const struct service_want *old,
               struct block *block)
{
    const struct service_want *new = block ? block->service : NULL;
    struct dnsmasq_server *server;

    /* A bridged network has its own DHCP server, on the other side. */
    if (new &&new->mode == NET_BRIDGED) {
        new = NULL;
    }
    if (!new) {
        server = old ? shash_find_data(&d->servers, old->network) : NULL;
        if (server) {
            block_unref(server->block);
            server->block = NULL;
        }
        return;
    }
    server = get_server(d, new->network);
    if (!server->block) {
        struct shash_node *node;

        SHASH_FOR_EACH (node, &d->nics) {
            sset_add(&d->dirty, node->name);
        }
    }
    block_unref(server->block);
    server->block = block_ref(block);
}

void
dnsmasqs_update(struct dnsmasqs *d, const struct block_changes *changes)
{
    d->known = true;
    /* What goes first: a name or an address may go over to another. */
    for (size_t i = 0; i < changes->n; i++) {
        const struct block_change *change = &changes->list[i];

        if (change->old && !(change->new && change->new->lease)
            && change->old->lease) {
            remove_nic(d, change->old->lease);
        }
    }
    for (size_t i = 0; i < changes->n; i++) {
        const struct block *old = changes->list[i].old;
        struct block *new = changes->list[i].new;

        if ((old && old->service) || (new &&new->service)) {
            update_network(d, old ? old->service : NULL, new);
        }
        if (new &&new->lease) {
            update_nic(d, old ? old->lease : NULL, new);
        }
    }
}

void
dnsmasqs_set_rebind_ok(struct dnsmasqs *d, char *const *domains, size_t n)
{
    svec_clear(&d->rebind_ok);
    for (size_t i = 0; i < n; i++) {
        svec_add(&d->rebind_ok, domains[i]);
    }
    svec_sort_unique(&d->rebind_ok);
}

/* Removes the files of NICs that are not wanted.  'network' NULL: the names'
 * directory, otherwise the directory of that network's leases. */
static void
clean_dir(struct dnsmasqs *d, const char *path, const char *network)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        const struct block *block = shash_find_data(&d->nics, entry->d_name);

        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")
            && !(block
                 && (!network || !strcmp(block->lease->network, network)))) {
            remove_file(xasprintf("%s/%s", path, entry->d_name));
        }
    }
    if (dir) {
        closedir(dir);
    }
}

/* Once: what a vmovsd before this one left. */
static void
look(struct dnsmasqs *d)
{
    DIR *dir = opendir(d->dir);
    struct simap found = SIMAP_INITIALIZER(&found);
    struct shash_node *node;
    struct dirent *entry;

    /* A network of the past, too: its dnsmasq is ended. */
    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] != '.') {
            get_server(d, entry->d_name);
        }
    }
    if (dir) {
        closedir(dir);
    }
    proc_find(d->dir, &found);
    SHASH_FOR_EACH (node, &d->servers) {
        struct dnsmasq_server *server = node->data;
        char *dhcp = xasprintf("%s/dhcp", server->dir);
        unsigned int pid = simap_get(&found, server->conf);

        if (pid) {
            dnsmasq_server_adopt(server, pid);
        }
        clean_dir(d, dhcp, server->network);
        free(dhcp);
    }
    clean_dir(d, d->hosts_dir, NULL);
    simap_destroy(&found);
}

/* Returns 0 or a positive errno. */
static int
write_nic(struct dnsmasqs *d, const struct lease_want *lease)
{
    struct dnsmasq_server *server =
        shash_find_data(&d->servers, lease->network);
    struct ds text = DS_EMPTY_INITIALIZER;
    enum run_file_put hosts, dhcp = RUN_FILE_SAME;
    char *path = hosts_path(d, lease->host);
    int error = 0;

    dnsmasq_hosts(lease, &text);
    hosts = run_file_put(path, ds_cstr(&text));
    if (hosts == RUN_FILE_FAILED) {
        error = errno;
    }
    free(path);
    if (server && server->block) {
        ds_clear(&text);
        dnsmasq_dhcp_host(lease, &text);
        path = dhcp_path(d, lease->network, lease->host);
        dhcp = run_file_put(path, ds_cstr(&text));
        if (dhcp == RUN_FILE_FAILED) {
            error = errno;
        }
        free(path);
    }
    ds_destroy(&text);
    if (hosts == RUN_FILE_CHANGED || dhcp == RUN_FILE_CHANGED) {
        reread_all(d, lease->network);
    } else if (dhcp == RUN_FILE_NEW) {
        /* Its address may have been another's. */
        server->check_leases = true;
        server->check_at = 0;
    }
    return error;
}

static void
write_nics(struct dnsmasqs *d)
{
    const char *host;
    struct shash_node *node;

    if (sset_is_empty(&d->dirty) || time_msec() < d->write_at) {
        return;
    }
    d->error = run_file_mkdir(d->hosts_dir);
    SHASH_FOR_EACH (node, &d->servers) {
        struct dnsmasq_server *server = node->data;
        char *dhcp = xasprintf("%s/dhcp", server->dir);

        if (server->block && !d->error) {
            d->error = run_file_mkdir(dhcp);
        }
        free(dhcp);
    }
    SSET_FOR_EACH (host, &d->dirty) {
        const struct block *block = shash_find_data(&d->nics, host);
        int error = write_nic(d, block->lease);

        d->error = d->error ? d->error : error;
    }
    if (d->error) {
        d->write_at = time_msec() + 1000;
    } else {
        sset_clear(&d->dirty);
    }
}

/* The leases of a network, by address as dnsmasq writes it. */
static void
get_leases(const struct dnsmasqs *d, const char *network, struct shash *leases)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &d->nics) {
        struct lease_want *lease = ((struct block *) node->data)->lease;

        if (strcmp(lease->network, network)) {
            continue;
        }
        if (lease->ip) {
            shash_add_nocopy(leases, xasprintf(IP_FMT, IP_ARGS(lease->ip)),
                             lease);
        }
        if (ipv6_addr_is_set(&lease->ip6)) {
            struct ds s = DS_EMPTY_INITIALIZER;

            ipv6_format_addr(&lease->ip6, &s);
            shash_add_nocopy(leases, ds_steal_cstr(&s), lease);
        }
    }
}

void
dnsmasqs_run(struct dnsmasqs *d, const struct view *view)
{
    struct shash_node *node;

    if (!d->known) {
        return;
    }
    if (!d->looked) {
        look(d);
        d->looked = true;
    }
    write_nics(d);
    SHASH_FOR_EACH_SAFE (node, &d->servers) {
        struct dnsmasq_server *server = node->data;
        struct shash leases = SHASH_INITIALIZER(&leases);

        if (dnsmasq_server_needs_leases(server)) {
            get_leases(d, server->network, &leases);
        }
        if (!dnsmasq_server_run(server, view, d->rebind_ok.names,
                                d->rebind_ok.n, &leases)) {
            dnsmasq_server_destroy(server);
            shash_delete(&d->servers, node);
        }
        shash_destroy(&leases);
    }
}

void
dnsmasqs_wait(struct dnsmasqs *d)
{
    struct shash_node *node;

    if (!d->known) {
        return;
    }
    if (!sset_is_empty(&d->dirty)) {
        poll_timer_wait_until(d->write_at);
    }
    SHASH_FOR_EACH (node, &d->servers) {
        dnsmasq_server_wait(node->data);
    }
}

bool
dnsmasqs_is_applied(const struct dnsmasqs *d)
{
    struct shash_node *node;

    if (!d->looked || !sset_is_empty(&d->dirty)) {
        return false;
    }
    SHASH_FOR_EACH (node, &d->servers) {
        if (!dnsmasq_server_is_applied(node->data)) {
            return false;
        }
    }
    return true;
}

void
dnsmasqs_problems(const struct dnsmasqs *d, struct problems *problems)
{
    struct shash_node *node;

    if (d->error) {
        problems_add(problems, "dnsmasq",
                     xasprintf("cannot write to %s and %s: %s", d->hosts_dir,
                               d->dir, ovs_strerror(d->error)),
                     xstrdup("make room, or let root write there"));
    }
    SHASH_FOR_EACH (node, &d->servers) {
        dnsmasq_server_problems(node->data, problems);
    }
}

void
dnsmasqs_stop(struct dnsmasqs *d)
{
    struct shash_node *node;

    if (!d->looked) {
        look(d);
        d->looked = true;
    }
    SHASH_FOR_EACH_SAFE (node, &d->nics) {
        const struct block *block = node->data;

        remove_nic(d, block->lease);
    }
    SHASH_FOR_EACH (node, &d->servers) {
        struct dnsmasq_server *server = node->data;

        block_unref(server->block);
        server->block = NULL;
        proc_signal(&server->main, SIGTERM);
    }
}
