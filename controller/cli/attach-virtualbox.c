/* SPDX-License-Identifier: Apache-2.0
 *
 * attach-virtualbox.c: runs VBoxManage as the calling user, without a shell.
 *
 * A VM that runs is told by controlvm, which cannot change the MAC; one that
 * does not, by modifyvm. */
#include <config.h>
#include <jansson.h>
#include "cli/attach.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_NICS = 8 }; /* VirtualBox's PIIX3 chipset has no more. */

const char *
hypervisor_name_of(const json_t *vm)
{
    const char *name =
        json_string_value(json_object_get(vm, "hypervisor-name"));
    return name && *name ? name : word(vm, "name");
}

char *
plain_mac(const json_t *nic)
{
    char *mac = format("%s", word(nic, "mac"));
    char *out = mac;
    for (const char *p = mac; *p; p++) {
        if (*p != ':') {
            *out++ = *p;
        }
    }
    *out = '\0';
    return mac;
}

/* Runs 'argv'.  With 'output' its standard output goes there (malloc'd), else
 * to ours.  Returns its exit status, 127 if it cannot be run. */
static int
run_program(const char *const argv[], char **output)
{
    int fds[2] = { -1, -1 };
    if (output && pipe2(fds, O_CLOEXEC)) {
        return 127;
    }
    pid_t pid = fork();
    if (!pid) {
        if (output) {
            dup2(fds[1], STDOUT_FILENO);
        }
        execvp(argv[0], (char *const *) argv);
        _exit(127);
    }

    if (output) {
        size_t n = 0, size = 65536;
        ssize_t got;
        close(fds[1]);
        *output = must(malloc(size));
        while (pid > 0 && n < size - 1
               && ((got = read(fds[0], *output + n, size - 1 - n)) > 0
                   || (got < 0 && errno == EINTR))) {
            n += got > 0 ? got : 0;
        }
        (*output)[n] = '\0';
        close(fds[0]);
    }

    int status;
    while (pid > 0 && waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return 127;
        }
    }
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

/* Says why VBoxManage did not do it (its own words are on standard error). */
static int
refuse(const char *name, int status)
{
    complain(name,
             status == 127 ? "VBoxManage cannot be run" : "VBoxManage refused",
             status == 127 ? "install VirtualBox, or use --print"
                           : "see its message above; hypervisor-name must be "
                             "VirtualBox's name of the VM");
    return EXIT_FAILED;
}

static int
run_nic(const json_t *nic, const char *name, size_t i, bool running,
        bool attach)
{
    char *opts[4] = { format(running ? "nic%zu" : "--nic%zu", i + 1),
                      format("--bridgeadapter%zu", i + 1),
                      format("--macaddress%zu", i + 1),
                      format("--cableconnected%zu", i + 1) };
    char *mac = plain_mac(nic);
    const char *device = guest_device(nic);
    int status;

    if (running) {
        status =
            run_program((const char *[]){ "VBoxManage", "controlvm", name,
                                          opts[0], attach ? "bridged" : "null",
                                          attach ? device : NULL, NULL },
                        NULL);
    } else if (attach) {
        status =
            run_program((const char *[]){ "VBoxManage", "modifyvm", name,
                                          opts[0], "bridged", opts[1], device,
                                          opts[2], mac, opts[3], "on", NULL },
                        NULL);
    } else {
        status = run_program((const char *[]){ "VBoxManage", "modifyvm", name,
                                               opts[0], "null", NULL },
                             NULL);
    }
    for (int j = 0; j < 4; j++) {
        free(opts[j]);
    }
    free(mac);
    return status;
}

int
attach_virtualbox(const json_t *vm, bool attach)
{
    const char *name = hypervisor_name_of(vm);
    json_t *nics = json_object_get(vm, "nics");
    if (*name == '-') {
        complain(name, "VBoxManage would take this name for an option",
                 "rename the VM in VirtualBox");
        return EXIT_FAILED;
    } else if (json_array_size(nics) > MAX_NICS) {
        complain(name, "VirtualBox has at most 8 NICs a VM",
                 "delete some with: vmovs del-nic");
        return EXIT_FAILED;
    }

    char *info = NULL;
    int status =
        run_program((const char *[]){ "VBoxManage", "showvminfo", name,
                                      "--machinereadable", NULL },
                    &info);
    bool running = info
                   && (strstr(info, "VMState=\"running\"")
                       || strstr(info, "VMState=\"paused\""));
    free(info);

    size_t i;
    json_t *nic;
    json_array_foreach (nics, i, nic) {
        status = status ? status : run_nic(nic, name, i, running, attach);
    }
    return status ? refuse(name, status) : EXIT_DONE;
}
