/* SPDX-License-Identifier: Apache-2.0
 *
 * evaluate.c: see evaluate.h.
 *
 *     text -> scan -> read -> check -> allocate -> model
 *                                         |
 *                                         +-> edits -> text
 *
 * Check comes before allocation, which relies on what is given being sound. */
#include <config.h>
#include "source/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "openvswitch/util.h"
#include "source/json-edit.h"
#include "source/json-model.h"
#include "source/json-scan.h"
#include "util.h"

/* A VM that the config gives no "nics" has one nonetheless; gives it a place
 * in the text for what was allocated. */
static void
write_nics(struct jdoc *doc, char *const *path, struct faults *faults)
{
    const char *const nics[] = { "vms", path[1], "nics", NULL };

    if (!strcmp(path[0], "vms") && path[2] && !strcmp(path[2], "nics")) {
        jdoc_id vms = jdoc_find(doc, JDOC_ROOT, "vms");
        jdoc_id vm = jdoc_find(doc, vms, path[1]);

        if (!jdoc_find(doc, vm, "nics")) {
            jdoc_edit(doc, nics, "[{}]", faults);
        }
    }
}

/* Fills in what the author of 'doc' left to us, in 'model' and in 'doc'. */
static void
allocate(struct jdoc *doc, struct model *model, const struct host_facts *facts,
         struct faults *faults)
{
    struct allocations chosen;
    size_t from = faults->n;

    allocations_init(&chosen);
    model_allocate(model, facts, &chosen, faults);
    config_place_faults(doc, faults, from);
    for (size_t i = 0; i < chosen.n && faults->n == from; i++) {
        const struct allocated *a = &chosen.list[i];
        char *json = xasprintf("\"%s\"", a->value);

        write_nics(doc, a->path, faults);
        jdoc_edit(doc, (const char *const *) a->path, json, faults);
        free(json);
    }
    allocations_uninit(&chosen);
}

bool
evaluate(const struct file_text *text, struct running running,
         const struct host_facts *facts, struct evaluated *result,
         struct faults *faults)
{
    struct fault fault;
    struct jdoc *doc = jdoc_parse(text->s, text->n, &fault);
    size_t n = faults->n;
    bool ok;

    if (!doc) {
        faults_add(faults, fault.place, "", fault.what, fault.remedy);
        return false;
    }

    struct model *model = config_read(doc, faults);
    if (model) {
        size_t from = faults->n;

        model_check(model, running.itself ? model : running.model, facts,
                    faults);
        config_place_faults(doc, faults, from);
        if (faults->n == n) {
            allocate(doc, model, facts, faults);
        }
    }
    ok = faults->n == n;
    if (ok) {
        result->model = model;
        result->text.s = jdoc_text(doc, &result->text.n);
    } else {
        model_destroy(model);
    }
    jdoc_destroy(doc);
    return ok;
}
