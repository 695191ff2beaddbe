/* SPDX-License-Identifier: Apache-2.0
 *
 * methods.h: the methods of the API as a table: name, who may, parameters.
 *
 * Rights and the form of parameters are checked from the table, before a
 * method sees the request.  docs/API.md carries the same table, and a test
 * compares the two. */
#ifndef VMOVS_API_METHODS_H
#define VMOVS_API_METHODS_H

#include "api/request.h"

/* Who may call a method.  Administrators may call all. */
enum who {
    WHO_MEMBER,                 /* "member": whoever may open the socket. */
    WHO_OWNER,                  /* "owner": the owner of the VM "name". */
    WHO_ADMIN                   /* "administrator" */
};
const char *who_name(enum who);

enum param_type {
    PARAM_STRING,
    PARAM_FLAG,                 /* true or false */
    PARAM_NUMBER,               /* Integer, not negative. */
    PARAM_STRINGS,              /* Array of strings. */
    PARAM_SETTINGS              /* Object whose values are strings. */
};
const char *param_type_name(enum param_type);

struct param {
    const char *name;           /* NULL ends a list. */
    enum param_type type;
    bool required;
};

struct method {
    const char *name;
    enum who who;
    request_step *start;
    bool without_model;         /* Works before the first valid config. */
    const struct param *params;
};
extern const struct method methods[];   /* Ends with name NULL. */

const struct method *method_find(const char *name);

/* First step of every request: checks parameters and rights, then starts. */
void method_start(struct request *, const struct api_daemon *);

/* methods-vm.c, methods-nic.c */
request_step add_vm, del_vm, set_vm, add_nic, del_nic;
/* methods-net.c */
request_step add_net, del_net, set_net;
/* methods-show.c */
request_step list_objects, show_object, show_status, sync_applied;
/* methods-host.c */
request_step start_network, stop_network, reload_config;
/* methods-attach.c */
request_step attach_vm, detach_vm;

/* May the caller touch 'vm'?  If not, the request has failed. */
bool check_vm_rights(struct request *, const struct vm *);

/* Shared by methods that edit a VM: a preview, and the wait until all NICs of
 * VM 'name' are in place (unless "no-wait"). */
request_preview preview_vm, preview_deleted;
void wait_for_vm(struct request *, const struct api_daemon *,
                 const char *name);
/* The wait until the ports 'gone' have left the bridge. */
void request_add_gone(struct request *, const char *port);
void wait_for_gone(struct request *);
/* Fails 'r' unless 'name' is a DNS label. */
bool check_name(struct request *, const char *name);
/* The network asked for, by default the one called "default", else the only
 * one; NULL: the request has failed. */
const char *choose_network(struct request *, const struct api_daemon *);
/* A NIC as the config writes it, of the parameters ip, ip6 and mac. */
json_t *make_nic(const struct request *, const char *network);
/* "a,b" as ["a","b"]. */
json_t *split_list(const char *);
/* Deadline from "timeout" (s), or the default. */
enum { WAIT_DEFAULT_S = 10, WAIT_MAX_S = 3600 };
void request_set_deadline(struct request *, long long int default_s);

#endif
