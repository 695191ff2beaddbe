/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq-proc.h: a process that outlives us: started by this vmovsd or by one
 * before it, watched and signalled by a pidfd, which is never somebody else's
 * process. */
#ifndef VMOVS_APPLY_DNSMASQ_PROC_H
#define VMOVS_APPLY_DNSMASQ_PROC_H

#include <stdbool.h>
#include <sys/types.h>
#include "simap.h"

#define DNSMASQ_EXE "/usr/sbin/dnsmasq"

struct proc {
    pid_t pid;                  /* 0: none. */
    int fd;                     /* pidfd; valid if there is a 'pid'. */
};

/* Starts DNSMASQ_EXE with '--conf-file=CONF' and 'option', in a session of its
 * own, with nothing of ours open; what it complains of goes to the file
 * 'errors'.  Returns 0 or a positive errno. */
int proc_start(struct proc *, const char *conf, const char *option,
               const char *errors);
/* Takes over a dnsmasq that runs with '--conf-file=CONF'.  False: 'pid' is not
 * one. */
bool proc_adopt(struct proc *, pid_t, const char *conf);
/* All dnsmasq of ours or root's whose configuration is below 'dir': adds
 * the configuration's path, with the process's id. */
void proc_find(const char *dir, struct simap *);

/* Has it ended?  Then there is no process any more; '*status' is as
 * waitpid()'s, or -1 where it was not our child. */
bool proc_ended(struct proc *, int *status);
void proc_signal(const struct proc *, int signal);
void proc_wait(const struct proc *);    /* Wakes up when it ends. */
void proc_forget(struct proc *);        /* It goes on running. */

/* "dnsmasq", or "nobody" where there is no such user. */
const char *proc_user(void);

#endif
