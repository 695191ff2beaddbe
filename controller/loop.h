/* SPDX-License-Identifier: Apache-2.0
 *
 * loop.h: the only place where sources, core, appliers and API meet.
 *
 * One turn is: take in what happened (devices, source, database), compile what
 * that changes, hand the changed blocks to the appliers, note the status,
 * serve the API.  Everything is level-triggered: a turn that comes too early
 * does nothing, and a later one does it. */
#ifndef VMOVS_LOOP_H
#define VMOVS_LOOP_H

#include <stdbool.h>

struct loop;
struct simap;

struct loop_config {
    const char *config_file;    /* vmovs.json */
    const char *run_dir;        /* Has the API socket, what services need
                                 * while they run, and "stopped". */
    const char *state_dir;      /* Has last-good.json and leases. */
    const char *ovs_run_dir;    /* Has the bridge's management socket. */
    const char *ovsdb;          /* "unix:PATH" */
    const char *host;           /* This host's name. */
    const char *group;          /* Of the API socket; NULL: none. */
    bool dummy_nics;            /* NIC devices are OVS dummy interfaces. */
    bool no_services;           /* No DHCP, DNS and NAT. */
};

/* Returns NULL after logging why the API socket cannot be had.  Strings of
 * 'config' are borrowed. */
struct loop *loop_create(const struct loop_config *config);

/* Leaves switch, database, devices and files as they are. */
void loop_destroy(struct loop *);

void loop_run(struct loop *);
void loop_wait(struct loop *);

/* Adds how much of what it keeps, for "memory/show". */
void loop_get_memory_usage(const struct loop *, struct simap *usage);

#endif
