/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq-server.h: one network's dnsmasq: its configuration, its process and
 * its leases.  Which NICs' files it reads is dnsmasq.c's. */
#ifndef VMOVS_APPLY_DNSMASQ_SERVER_H
#define VMOVS_APPLY_DNSMASQ_SERVER_H

#include <stdbool.h>
#include "apply/dnsmasq-proc.h"
#include "core/block.h"
#include "core/status.h"
#include "core/view.h"
#include "openvswitch/shash.h"

struct dnsmasq_server {
    char *network;
    char *dir;                  /* "/run/vmovs/dnsmasq/lab" */
    char *conf, *trial;         /* Paths: the configuration, and the one that
                                 * is tried. */
    char *pid_file, *errors;    /* Paths. */
    char *lease_file;
    const char *hosts_dir;      /* Not owned. */
    struct block *block;        /* Reference; NULL: is to end. */

    /* Configurations as text; owned; NULL: none. */
    char *wanted;               /* NULL: the device is not there. */
    char *running;              /* What the process was started with. */
    char *good;                 /* dnsmasq has nothing against it... */
    char *bad;                  /* ...and against this one it has 'error'. */

    struct proc test;           /* dnsmasq --test of 'tried'. */
    char *tried;
    struct proc main;
    bool ready;                 /* It serves, and hears signals. */
    bool ending;                /* It was told to end. */
    bool reread;                /* It has to forget what is gone. */
    bool check_leases;          /* It may hold leases of guests who are
                                 * gone. */
    struct shash gone;          /* As leases_release() has it. */
    unsigned int n_checks;      /* In a row that found some. */

    /* In ms, of time_msec(). */
    long long int kill_at;      /* If 'ending' does not help. */
    long long int started_at;
    long long int start_at;     /* Not before. */
    long long int check_at;     /* Likewise. */
    unsigned int n_deaths;      /* In a row soon after the start. */
    char *error;                /* What keeps it from running; or NULL. */
};

/* Strings are copied but for 'hosts_dir'. */
struct dnsmasq_server *dnsmasq_server_create(const char *dir,
                                             const char *state_dir,
                                             const char *network,
                                             const char *hosts_dir);
void dnsmasq_server_destroy(struct dnsmasq_server *);   /* It goes on. */

/* Takes over a process that is this server's. */
void dnsmasq_server_adopt(struct dnsmasq_server *, pid_t);

/* Does what comes next.  'leases' are the network's by address.  False: there
 * is nothing left of it. */
bool dnsmasq_server_run(struct dnsmasq_server *, const struct view *,
                        char *const *rebind_ok, size_t n_rebind_ok,
                        const struct shash *leases);
void dnsmasq_server_wait(const struct dnsmasq_server *);

/* Does a run need 'leases'? */
bool dnsmasq_server_needs_leases(const struct dnsmasq_server *);
bool dnsmasq_server_is_applied(const struct dnsmasq_server *);
void dnsmasq_server_problems(const struct dnsmasq_server *,
                             struct problems *);

#endif
