/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-apply.c: carries out the edits of one device.
 *
 * After a round of edits the device is looked at again, since some edits only
 * make the next ones possible and others can be undone by somebody at once;
 * what is not right after a few rounds is a problem to be shown. */
#include <config.h>
#include "apply/dev-apply.h"
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include "apply/dev-sys.h"
#include "apply/dev-tap.h"
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dev_apply);

COVERAGE_DEFINE(devices_edit);

enum { MAX_ROUNDS = 4 }; /* Looks at one device before giving up. */

/* A device under work. */
struct job {
    struct dev_kernel *kernel;
    const struct device_want *want; /* NULL: it is to go. */
    const char *name;
    char far[IFNAMSIZ];
    const char *object;
    uint32_t owner; /* Uid of the wanted owner. */
    enum dev_port port;
};

/* What the kernel has. */

int
dev_kernel_init(struct dev_kernel *kernel)
{
    int error = dev_links_init(&kernel->links);

    kernel->shield = NULL;
    return error ? error : dev_shield_create(&kernel->shield);
}

void
dev_kernel_uninit(struct dev_kernel *kernel)
{
    dev_links_uninit(&kernel->links);
    dev_shield_destroy(kernel->shield);
}

/* What ceased takes its shield along; whether the kernel has kept the chain
 * depends on its version. */
static void
drop_gone(struct dev_kernel *kernel)
{
    const char *name;

    SSET_FOR_EACH (name, &kernel->links.gone) {
        if (dev_shield_has(kernel->shield, name)) {
            bool there = dev_links_find(&kernel->links, name);

            dev_shield_set(kernel->shield, name, there);
        }
    }
    sset_clear(&kernel->links.gone);
}

int
dev_kernel_run(struct dev_kernel *kernel)
{
    int error = dev_links_run(&kernel->links);

    if (!error) {
        error = dev_shield_run(kernel->shield, &kernel->links.touched);
    }
    if (!error) {
        drop_gone(kernel);
    }
    return error;
}

void
dev_kernel_wait(struct dev_kernel *kernel)
{
    dev_links_wait(&kernel->links);
    dev_shield_wait(kernel->shield);
}

void
dev_kernel_refresh(struct dev_kernel *kernel, const char *name)
{
    char far[IFNAMSIZ];

    dev_links_refresh(&kernel->links, name);
    dev_far_name(name, far);
    if (far[0]) {
        dev_links_refresh(&kernel->links, far);
    }
    drop_gone(kernel);
}

/* One device. */

static void
get_facts(const struct job *job, struct dev_facts *facts)
{
    const struct dev_links *links = &job->kernel->links;
    const struct dev_shield *shield = job->kernel->shield;

    *facts = (struct dev_facts){
        .near = dev_links_find(links, job->name),
        .far = dev_links_find(links, job->far),
        .near_shielded = dev_shield_has(shield, job->name),
        .far_shielded = dev_shield_has(shield, job->far),
        .owner = job->owner,
        .port = job->port,
    };
    if (job->want && job->want->near_tx_off && facts->near) {
        facts->near_offload = dev_sys_tx_offload(job->name);
    }
    if (job->want && job->want->far_tx_off && facts->far) {
        facts->far_offload = dev_sys_tx_offload(job->far);
    }
}

/* What a person can do about 'error'; NULL: nothing in particular.
 * malloc'd. */
static char *
edit_remedy(const struct dev_edit *edit, int error)
{
    const char *module = NULL;

    if (error == EPERM || error == EACCES) {
        return xstrdup("start vmovsd as its unit does, with CAP_NET_ADMIN");
    }
    if (edit->kind == DEV_EDIT_OWNER && error == EBUSY) {
        return xstrdup("another user's program has it open: stop that");
    }
    if (edit->kind == DEV_EDIT_CREATE_TAP && error != EBUSY) {
        module = "tun";
    } else if (edit->kind == DEV_EDIT_CREATE_VETH && error == EOPNOTSUPP) {
        module = "veth";
    } else if (edit->kind == DEV_EDIT_SHIELD) {
        module = "nf_tables";
    } else if (edit->kind == DEV_EDIT_ADD_ADDR
               && !IN6_IS_ADDR_V4MAPPED(&edit->addr.addr)) {
        return xstrdup("see that the kernel was not started with"
                       " ipv6.disable=1");
    }
    return module ? xasprintf("load the kernel module %s (modprobe %s)",
                              module, module)
                  : NULL;
}

static int
change_addr(const struct job *job, int index, const struct dev_edit *edit)
{
    bool add = edit->kind == DEV_EDIT_ADD_ADDR;
    int error = add ? dev_addr_add(index, &edit->addr)
                    : dev_addr_delete(index, &edit->addr);

    if (!error) {
        dev_links_note_addr(&job->kernel->links, index, &edit->addr, add);
    }
    return error;
}

static int
execute(const struct job *job, const struct dev_edit *edit)
{
    const struct device_want *want = job->want;
    const char *name = edit->far ? job->far : job->name;
    const struct dev_link *link = dev_links_find(&job->kernel->links, name);
    int index = link ? link->ifindex : 0;
    char alias[sizeof DEV_ALIAS_PREFIX + 128];

    snprintf(alias, sizeof alias, DEV_ALIAS_PREFIX "%s", job->object);
    switch (edit->kind) {
    case DEV_EDIT_DELETE:
        return dev_link_delete(index);
    case DEV_EDIT_DOWN:
        return dev_link_set_up(index, false);
    case DEV_EDIT_CREATE_TAP:
        return dev_tap_create(name, job->owner, alias);
    case DEV_EDIT_CREATE_VETH:
        return dev_veth_create(name, dev_host_mac(want->mac, false), job->far,
                               want->mac, want->mtu);
    case DEV_EDIT_SHIELD:
        return dev_shield_set(job->kernel->shield, name, true);
    case DEV_EDIT_UNSHIELD:
        return dev_shield_set(job->kernel->shield, name, false);
    case DEV_EDIT_ALIAS:
        return dev_link_set_alias(index, alias);
    case DEV_EDIT_OWNER:
        return dev_tap_set_owner(name, job->owner);
    case DEV_EDIT_DEAF:
        return dev_link_set_deaf(index);
    case DEV_EDIT_NO_AUTOADDR:
        return dev_link_set_no_autoaddr(index);
    case DEV_EDIT_IPV6_OFF:
        return dev_sys_ipv6(name, "disable_ipv6", 1);
    case DEV_EDIT_IPV6_ON:
        return dev_sys_ipv6(name, "disable_ipv6", 0);
    case DEV_EDIT_NO_RA:
        return dev_sys_ipv6(name, "accept_ra", 0);
    case DEV_EDIT_MAC:
        return dev_link_set_mac(index, edit->mac);
    case DEV_EDIT_MTU:
        return dev_link_set_mtu(index, want->mtu);
    case DEV_EDIT_TX_OFF:
        return dev_sys_tx_off(name);
    case DEV_EDIT_DELETE_ADDR:
    case DEV_EDIT_ADD_ADDR:
        return change_addr(job, index, edit);
    case DEV_EDIT_UP:
        return dev_link_set_up(index, true);
    }
    OVS_NOT_REACHED();
}

/* Carries out the edits of 'diff' up to the first that fails.  What comes
 * after it, setting the device up at last, must not happen without it. */
static void
execute_all(const struct job *job, const struct dev_diff *diff,
            struct dev_result *result)
{
    for (size_t i = 0; i < diff->n && !result->what; i++) {
        const struct dev_edit *edit = &diff->edits[i];
        struct ds text = DS_EMPTY_INITIALIZER;
        int error;

        dev_edit_format(edit, job->name, &text);
        VLOG_DBG("%s", ds_cstr(&text));
        COVERAGE_INC(devices_edit);
        error = execute(job, edit);
        if (error) {
            result->what = xasprintf(
                "%s: cannot %s (%s)", edit->far ? job->far : job->name,
                dev_edit_name(edit->kind), ovs_strerror(error));
            result->remedy = edit_remedy(edit, error);
        }
        result->edited = true;
        result->created |= edit->kind == DEV_EDIT_CREATE_TAP
                           || edit->kind == DEV_EDIT_CREATE_VETH;
        ds_destroy(&text);
    }
    dev_kernel_refresh(job->kernel, job->name);
}

/* Finds the uid of the tap's owner.  Returns false if there is no such
 * user. */
static bool
find_owner(const struct device_want *want, uint32_t *uid,
           struct dev_result *result)
{
    const struct passwd *pw;

    *uid = 0;
    if (!want || want->kind != DEV_TAP || !want->owner || !want->owner[0]) {
        return true;
    }
    pw = getpwnam(want->owner);
    if (!pw) {
        result->what = xasprintf("there is no user \"%s\"", want->owner);
        result->remedy = xstrdup("set the VM's owner to a user of this host");
        return false;
    }
    *uid = pw->pw_uid;
    return true;
}

void
dev_apply(struct dev_kernel *kernel, const char *name, const char *object,
          const struct device_want *want, enum dev_port port,
          struct dev_result *result)
{
    struct job job = {
        .kernel = kernel,
        .want = want,
        .name = name,
        .object = object,
        .port = port,
    };

    memset(result, 0, sizeof *result);
    dev_far_name(name, job.far);
    if (!find_owner(want, &job.owner, result)) {
        return;
    }
    for (int round = 0; round < MAX_ROUNDS; round++) {
        struct dev_facts facts;
        struct dev_diff diff;

        get_facts(&job, &facts);
        result->there = facts.near != NULL;
        dev_diff_init(&diff, name, want, &facts);
        if (diff.what) {
            result->what = diff.what;
            result->remedy = diff.remedy;
            return;
        } else if (!diff.n) {
            result->applied = !diff.waiting;
            return;
        }
        execute_all(&job, &diff, result);
        if (result->what) {
            return;
        }
    }
    result->what = xstrdup("its settings do not last");
    result->remedy = xstrdup("find the program that changes it and have it"
                             " leave vm-*, vp-* and vmovs-* alone");
}
