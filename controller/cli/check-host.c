/* SPDX-License-Identifier: Apache-2.0
 *
 * check-host.c: the checks of "vmovs check" that look at the host, as the
 * caller: only at what anybody may read. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The oldest that watches directories and answers with "static" leases as we
 * need it. */
enum { DNSMASQ_MAJOR = 2, DNSMASQ_MINOR = 85 };

struct finding
check_dnsmasq(const json_t *status)
{
    static const char *const paths[] = { "/usr/sbin/dnsmasq",
                                         "/usr/bin/dnsmasq",
                                         "/usr/local/sbin/dnsmasq" };
    const char *path = NULL;
    for (size_t i = 0; !path && i < sizeof paths / sizeof *paths; i++) {
        path = access(paths[i], X_OK) ? NULL : paths[i];
    }
    if (!path) {
        char *remedy = format("install it: apt-get install dnsmasq-base");
        char *what = format("is not installed: guests get neither lease nor "
                            "name");
        return status && !json_is_true(json_object_get(status, "services"))
                   ? found_note(what, remedy)
                   : found_broken(what, remedy);
    }

    char *command = format("%s --version 2> /dev/null", path);
    FILE *f = popen(command, "r");
    int major = 0, minor = 0;
    bool known = f && fscanf(f, "Dnsmasq version %d.%d", &major, &minor) == 2;
    if (f) {
        pclose(f);
    }
    free(command);
    if (!known) {
        return found_note(format("%s does not tell its version", path), NULL);
    } else if (major < DNSMASQ_MAJOR
               || (major == DNSMASQ_MAJOR && minor < DNSMASQ_MINOR)) {
        return found_broken(
            format("version %d.%d is too old", major, minor),
            format("install %d.%d or newer", DNSMASQ_MAJOR, DNSMASQ_MINOR));
    }
    return found_ok(format("version %d.%d", major, minor));
}

/* Does 'file', one of /proc/net/{udp,tcp}*, have a socket that takes port 53
 * of every address?  A TCP connection is none that listens. */
static bool
takes_port53(const char *file, bool tcp)
{
    FILE *f = fopen(file, "r");
    char line[512], address[64];
    unsigned int port, state;
    bool found = false;

    while (f && !found && fgets(line, sizeof line, f)) {
        found = sscanf(line, " %*d: %63[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x",
                       address, &port, &state)
                    == 3
                && port == 53 && strspn(address, "0") == strlen(address)
                && (!tcp || state == 0x0a /* TCP_LISTEN */);
    }
    if (f) {
        fclose(f);
    }
    return found;
}

struct finding
check_port53(const json_t *status)
{
    (void) status;
    if (takes_port53("/proc/net/udp", false)
        || takes_port53("/proc/net/udp6", false)
        || takes_port53("/proc/net/tcp", true)
        || takes_port53("/proc/net/tcp6", true)) {
        return found_broken(
            format("somebody has port 53 of all addresses, the gateways' "
                   "included"),
            format("see who: ss -lntup 'sport = :53'; have it listen on "
                   "its own addresses only (a dnsmasq: bind-interfaces)"));
    }
    return found_ok(format("is free on the gateways"));
}

/* Appends the words of the line "hosts:" of nsswitch.conf to 'services', each
 * between blanks. */
static void
read_hosts_line(char *services, size_t size)
{
    FILE *f = fopen("/etc/nsswitch.conf", "r");
    char line[1024];

    snprintf(services, size, " ");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "#\n")] = '\0';
        char *s = line + strspn(line, " \t");
        if (strncmp(s, "hosts:", 6)) {
            continue;
        }
        snprintf(services, size, " ");
        for (char *word = strtok(s + 6, " \t"); word;
             word = strtok(NULL, " \t")) {
            size_t n = strlen(services);
            snprintf(services + n, size - n, "%s ", word);
        }
    }
    if (f) {
        fclose(f);
    }
}

static bool
module_is_installed(void)
{
    static const char *const patterns[] = {
        "/lib/*/libnss_vmovs.so.2", "/usr/lib/*/libnss_vmovs.so.2",
        "/lib/libnss_vmovs.so.2", "/usr/lib/libnss_vmovs.so.2",
        "/usr/local/lib/libnss_vmovs.so.2"
    };
    bool found = false;

    for (size_t i = 0; !found && i < sizeof patterns / sizeof *patterns; i++) {
        glob_t g;
        found = !glob(patterns[i], GLOB_NOSORT, NULL, &g);
        globfree(&g);
    }
    return found;
}

struct finding
check_resolver(const json_t *status)
{
    static const char advice[] =
        "write vmovs behind files in the line \"hosts:\" of "
        "/etc/nsswitch.conf: \"hosts: files vmovs dns\"";
    char services[1024];
    (void) status;

    if (!module_is_installed()) {
        return found_broken(format("the host does not know its guests' names: "
                                   "libnss_vmovs.so.2 is not installed"),
                            format("install the package libnss-vmovs, or: "
                                   "make install"));
    }
    read_hosts_line(services, sizeof services);
    const char *vmovs = strstr(services, " vmovs ");
    const char *bracket = strchr(services, '[');
    const char *dns = strstr(services, " dns ");
    if (!vmovs) {
        return found_broken(format("the host does not ask libnss_vmovs for "
                                   "names"),
                            format("%s", advice));
    } else if ((bracket && bracket < vmovs) || (dns && dns < vmovs)) {
        return found_broken(format("the host asks others for its guests' "
                                   "names before libnss_vmovs"),
                            format("%s", advice));
    }
    return found_ok(format("libnss_vmovs is asked"));
}

struct finding
check_module(const json_t *status)
{
    const char *datapath =
        json_string_value(json_object_get(status, "datapath"));
    bool loaded = !access("/sys/module/openvswitch", F_OK);

    if (loaded) {
        return found_ok(format("openvswitch is in the kernel"));
    } else if (datapath && !strcmp(datapath, "userspace")) {
        return found_note(
            format("the kernel's openvswitch is not loaded; the userspace "
                   "datapath does its work, slower"),
            format("for a new bridge: modprobe openvswitch"));
    }
    return found_broken(format("the kernel's openvswitch is not loaded"),
                        format("load it: modprobe openvswitch; or write "
                               "\"datapath\": \"userspace\""));
}
