/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd-check.c: check: what is wrong here, and how to mend it.
 *
 * The checks are a table.  What vmovsd knows comes from its status, the rest
 * from a look at the host as the caller (check-host.c).  Nothing is changed,
 * and a check works without vmovsd, too: that may be what is wrong. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finding
found_ok(char *what)
{
    return (struct finding){ FIND_OK, what, NULL };
}

struct finding
found_note(char *what, char *remedy)
{
    return (struct finding){ FIND_NOTE, what, remedy };
}

struct finding
found_broken(char *what, char *remedy)
{
    return (struct finding){ FIND_BROKEN, what, remedy };
}

static struct finding
check_vmovsd(const json_t *status)
{
    return status ? found_ok(format("version %s", field(status, "version")))
                  : found_broken(
                      format("does not answer"),
                      format("start it with: systemctl start vmovs; if it "
                             "runs, see: systemctl status vmovs"));
}

static struct finding
check_config(const json_t *status)
{
    const json_t *faults = json_object_get(status, "config-faults");
    size_t n = json_array_size(faults);

    if (!n) {
        return found_ok(format("%s is in force", field(status, "config")));
    }
    json_t *first = json_pack("{s:O}", "line", json_array_get(faults, 0));
    char *what = n > 1
                     ? format("%s (and %zu more)", field(first, "line"), n - 1)
                     : format("%s", field(first, "line"));
    json_decref(first);
    return found_broken(what, format("mend it there; all there is to say: "
                                     "vmovs status"));
}

static struct finding
check_ovs(const json_t *status)
{
    if (!json_is_true(json_object_get(status, "ovsdb-connected"))) {
        return found_broken(format("its database cannot be reached"),
                            format("start it with: systemctl start "
                                   "openvswitch-switch"));
    } else if (!json_is_true(json_object_get(status, "openflow-connected"))) {
        return found_broken(
            format("no session with bridge %s", field(status, "bridge")),
            format("see: systemctl status ovs-vswitchd; ovs-vsctl show"));
    }
    return found_ok(format("bridge %s, %s datapath", field(status, "bridge"),
                           field(status, "datapath")));
}

static struct finding
check_in_place(const json_t *status)
{
    json_int_t wanted =
        json_integer_value(json_object_get(status, "generation"));
    json_int_t applied =
        json_integer_value(json_object_get(status, "applied"));

    if (json_is_true(json_object_get(status, "stopped"))) {
        return found_broken(format("the network is stopped: nothing passes"),
                            format("let it pass with: vmovs start"));
    } else if (!wanted || applied < wanted) {
        return found_broken(format("not all that is declared is in place"),
                            format("wait for it, or be told why: vmovs sync"));
    }
    return found_ok(format("all that is declared"));
}

static struct finding
check_services(const json_t *status)
{
    return json_is_true(json_object_get(status, "services"))
               ? found_ok(format("DHCP, DNS and NAT are vmovsd's"))
               : found_note(format("vmovsd runs with --no-services: no DHCP, "
                                   "DNS and NAT"),
                            NULL);
}

/* One at most: the rest of them are in "problems". */
static const struct check {
    const char *name;
    struct finding (*look)(const json_t *status);
    bool needs_daemon;
} checks[] = {
    /* clang-format off */
    { "vmovsd",       check_vmovsd,   false },
    { "config",       check_config,   true },
    { "Open vSwitch", check_ovs,      true },
    { "module",       check_module,   false },
    { "in place",     check_in_place, true },
    { "services",     check_services, true },
    { "dnsmasq",      check_dnsmasq,  false },
    { "port 53",      check_port53,   false },
    { "host's names", check_resolver, false },
    /* clang-format on */
};

static void
add_finding(json_t *list, const char *name, struct finding found)
{
    static const char *const states[] = { "ok", "note", "broken" };
    json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s?}", "check", name,
                                          "state", states[found.state], "what",
                                          found.what, "try", found.remedy));
    free(found.what);
    free(found.remedy);
}

static const char *
text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

/* What the parts of vmovsd have to say: a foreign rule that drops what guests
 * forward, a bridge that is not ours, a NIC that is refused... */
static void
add_problems(json_t *list, const json_t *problems)
{
    size_t i;
    json_t *problem;
    json_array_foreach (problems, i, problem) {
        const char *remedy =
            json_string_value(json_object_get(problem, "try"));
        add_finding(list, text_of(problem, "object"),
                    found_broken(format("%s", text_of(problem, "what")),
                                 remedy ? format("%s", remedy) : NULL));
    }
}

static void
print_findings(const json_t *list)
{
    static const char *const headings[] = { "CHECK", "STATE", "WHAT" };
    struct table table = { .n_columns = 3 };
    size_t i;
    json_t *found;

    table_add(&table, headings);
    json_array_foreach (list, i, found) {
        bool broken = !strcmp(text_of(found, "state"), "broken");
        table_add(&table,
                  (const char *[]){ field(found, "check"),
                                    broken ? "BROKEN" : field(found, "state"),
                                    field(found, "what") });
        if (!json_is_null(json_object_get(found, "try"))) {
            char *remedy = format("-> %s", field(found, "try"));
            table_add(&table, (const char *[]){ "", "", remedy });
            free(remedy);
        }
    }
    table_print(&table);
    table_uninit(&table);
}

int
cmd_check(struct call *call)
{
    json_t *list = must(json_array());
    json_t *status;

    call->quiet = true;
    rpc_call(call, "status", json_object(), -1, &status);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (status || !checks[i].needs_daemon) {
            add_finding(list, checks[i].name, checks[i].look(status));
        }
    }
    add_problems(list, json_object_get(status, "problems"));
    json_decref(status);

    size_t i, n_broken = 0;
    json_t *found;
    json_array_foreach (list, i, found) {
        n_broken += !strcmp(text_of(found, "state"), "broken");
    }
    if (call->json) {
        json_t *result = json_pack("{s:O}", "checks", list);
        print_json(result);
        json_decref(result);
    } else {
        print_findings(list);
    }
    json_decref(list);
    return n_broken ? EXIT_FAILED : EXIT_DONE;
}
