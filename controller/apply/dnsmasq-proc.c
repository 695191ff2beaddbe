/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq-proc.c: posix_spawn, pidfd and /proc.
 *
 * A process is known again by what it is and with which configuration it was
 * started, not by a number in a file, which may be another process's now. */
#include <config.h>
#include "apply/dnsmasq-proc.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "openvswitch/poll-loop.h"
#include "util.h"

#define CONF_OPTION "--conf-file="

static int
spawn(pid_t *pid, char *const argv[], const char *errors)
{
    static char *const environment[] = { (char *) "PATH=/usr/sbin:/usr/bin",
                                         NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK
                                        | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addopen(
        &files, 2, errors, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
    posix_spawn_file_actions_adddup2(&files, 0, 1);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawn_file_actions_addchdir_np(&files, "/");
    error = posix_spawn(pid, DNSMASQ_EXE, &files, &attr, argv, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return error;
}

int
proc_start(struct proc *proc, const char *conf, const char *option,
           const char *errors)
{
    char *conf_option = xasprintf(CONF_OPTION "%s", conf);
    char *const argv[] = { (char *) "dnsmasq", conf_option, (char *) option,
                           NULL };
    int error = spawn(&proc->pid, argv, errors);

    free(conf_option);
    if (error) {
        proc->pid = 0;
        return error;
    }
    /* It is ours to wait for, so the number is its own still. */
    proc->fd = pidfd_open(proc->pid, 0);
    if (proc->fd < 0) {
        error = errno;
        kill(proc->pid, SIGKILL);
        waitpid(proc->pid, NULL, 0);
        proc->pid = 0;
    }
    return error;
}

const char *
proc_user(void)
{
    return getpwnam("dnsmasq") ? "dnsmasq" : "nobody";
}

/* Root's, or of the user that dnsmasq becomes. */
static bool
is_trusted(pid_t pid)
{
    const struct passwd *user = getpwnam(proc_user());
    char path[64];
    struct stat st;

    snprintf(path, sizeof path, "/proc/%d", (int) pid);
    return !stat(path, &st)
           && (st.st_uid == 0 || (user && st.st_uid == user->pw_uid));
}

/* Does it run a program of that name?  Its file may have been replaced since,
 * by an upgrade. */
static bool
is_dnsmasq(pid_t pid)
{
    char path[64], exe[512];
    const char *name;
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%d/exe", (int) pid);
    n = readlink(path, exe, sizeof exe - 1);
    if (n < 0) {
        return false;
    }
    exe[n] = '\0';
    name = strrchr(exe, '/');
    return name
           && (!strcmp(name, "/dnsmasq")
               || !strcmp(name, "/dnsmasq (deleted)"));
}

/* The configuration it was started with, malloc'd; NULL: none, or it is no
 * dnsmasq we trust. */
static char *
conf_of(pid_t pid)
{
    char path[64], text[4096];
    char *conf = NULL;
    ssize_t n;
    int fd;

    if (!is_dnsmasq(pid) || !is_trusted(pid)) {
        return NULL;
    }
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int) pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) {
        close(fd);
    }
    if (n <= 0) {
        return NULL;
    }
    text[n] = '\0';
    for (const char *p = text; p < text + n && !conf; p += strlen(p) + 1) {
        if (!strncmp(p, CONF_OPTION, strlen(CONF_OPTION))) {
            conf = xstrdup(p + strlen(CONF_OPTION));
        }
    }
    return conf;
}

bool
proc_adopt(struct proc *proc, pid_t pid, const char *conf)
{
    char *its_conf;
    bool same;
    int fd = pidfd_open(pid, 0);

    if (fd < 0) {
        return false;
    }
    /* Asked after the pidfd is open: it is about that process. */
    its_conf = conf_of(pid);
    same = its_conf && !strcmp(its_conf, conf);
    free(its_conf);
    if (!same) {
        close(fd);
        return false;
    }
    proc->pid = pid;
    proc->fd = fd;
    return true;
}

void
proc_find(const char *dir, struct simap *found)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    size_t n = strlen(dir);

    while (proc && (entry = readdir(proc))) {
        int pid = atoi(entry->d_name);
        char *conf = pid > 0 ? conf_of(pid) : NULL;

        if (conf && !strncmp(conf, dir, n) && conf[n] == '/') {
            simap_put(found, conf, pid);
        }
        free(conf);
    }
    if (proc) {
        closedir(proc);
    }
}

bool
proc_ended(struct proc *proc, int *status)
{
    struct pollfd pollfd = { .fd = proc->fd, .events = POLLIN };

    if (!proc->pid || poll(&pollfd, 1, 0) <= 0) {
        return false;
    }
    if (waitpid(proc->pid, status, WNOHANG) != proc->pid) {
        *status = -1;
    }
    close(proc->fd);
    proc->pid = 0;
    return true;
}

void
proc_signal(const struct proc *proc, int signal)
{
    if (proc->pid) {
        pidfd_send_signal(proc->fd, signal, NULL, 0);
    }
}

void
proc_wait(const struct proc *proc)
{
    if (proc->pid) {
        poll_fd_wait(proc->fd, POLLIN);
    }
}

void
proc_forget(struct proc *proc)
{
    if (proc->pid) {
        close(proc->fd);
        proc->pid = 0;
    }
}
