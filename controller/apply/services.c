/* SPDX-License-Identifier: Apache-2.0
 *
 * services.c: see services.h.  Joins three appliers and decides nothing. */
#include <config.h>
#include "apply/services.h"

#include <stdlib.h>

#include "apply/dnsmasq.h"
#include "apply/names.h"
#include "apply/nat.h"
#include "util.h"

struct services {
    struct nat *nat;
    struct dnsmasqs *dnsmasqs;
    struct names *names;
};

struct services *
services_create(const char *run_dir, const char *state_dir)
{
    struct services *s = xmalloc(sizeof *s);

    s->nat = nat_create(state_dir);
    s->dnsmasqs = dnsmasqs_create(run_dir, state_dir);
    s->names = names_create(run_dir);
    return s;
}

void
services_destroy(struct services *s)
{
    if (s) {
        names_destroy(s->names);
        dnsmasqs_destroy(s->dnsmasqs);
        nat_destroy(s->nat);
        free(s);
    }
}

void
services_update(struct services *s, const struct block_changes *changes)
{
    if (s) {
        nat_update(s->nat, changes);
        dnsmasqs_update(s->dnsmasqs, changes);
        names_update(s->names, changes);
    }
}

void
services_set_rebind_ok(struct services *s, char *const *domains, size_t n)
{
    if (s) {
        dnsmasqs_set_rebind_ok(s->dnsmasqs, domains, n);
    }
}

/* The shield comes before what it shields: dnsmasq answers nobody whom the
 * rules do not let in. */
void
services_run(struct services *s, const struct view *view)
{
    if (s) {
        nat_run(s->nat);
        dnsmasqs_run(s->dnsmasqs, view);
        names_run(s->names);
    }
}

void
services_wait(struct services *s)
{
    if (s) {
        nat_wait(s->nat);
        dnsmasqs_wait(s->dnsmasqs);
        names_wait(s->names);
    }
}

bool
services_are_applied(const struct services *s)
{
    return !s
           || (nat_is_applied(s->nat) && dnsmasqs_is_applied(s->dnsmasqs)
               && names_is_applied(s->names));
}

void
services_problems(const struct services *s, struct problems *problems)
{
    if (s) {
        nat_problems(s->nat, problems);
        dnsmasqs_problems(s->dnsmasqs, problems);
        names_problems(s->names, problems);
    }
}
