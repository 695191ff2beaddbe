/* SPDX-License-Identifier: Apache-2.0
 *
 * devices.c: brings the host's devices to what the blocks want.
 *
 * dev-links says what there is, dev-diff what is lacking; here is who is
 * looked at when, the edits are carried out, and what stands in the way is
 * kept for the status.  Only devices of which something changed are looked at
 * (the list 'dirty'), a limited number a turn, so that neither ten thousand
 * devices nor a program that keeps changing one hold up the loop. */
#include <config.h>
#include "apply/devices.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "apply/dev-apply.h"
#include "apply/dev-attach.h"
#include "coverage.h"
#include "hash.h"
#include "netlink-socket.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(devices);

COVERAGE_DEFINE(devices_recreated);

enum {
    MAX_PER_TURN = 64,  /* Devices looked at in one turn. */
    RETRY_MS = 2000,    /* Between tries of what failed. */
    REPAIR_MS = 200,    /* Between repairs of one device. */
    VANISHED_MS = 1000, /* An internal port may be away so long. */
    ROUTES_MS = 1000    /* Between dumps of the routes. */
};

/* A device that is wanted, or has a name as ours have. */
struct device {
    struct hmap_node node;      /* In struct devices' 'all', by 'name'. */
    struct ovs_list dirty_node; /* In 'dirty'; else empty. */
    char name[IFNAMSIZ];
    struct block *block;  /* Who wants it; holds a reference.  NULL:
                           * nobody. */
    enum dev_port port;   /* Its port when last looked at. */
    bool applied;         /* Nothing is left to do. */
    bool seen;            /* It has been there, as wanted. */
    long long not_before; /* Not to be looked at before this time. */
    long long vanished;   /* Since when an internal port is away; 0: it
                           * is not. */
    char *what, *remedy;  /* What stands in the way.  Owned; or NULL. */
};

struct devices {
    struct hmap all;       /* struct device, owned. */
    struct ovs_list dirty; /* Those to be looked at. */
    size_t n_pending;      /* Number of those not applied. */
    bool updated;          /* devices_update() has been called. */
    struct sset recreated; /* For devices_take_recreated(). */

    bool started;             /* 'kernel' is valid. */
    struct dev_kernel kernel; /* What there is. */
    long long retry;          /* When to start again after a failure. */
    char *error;              /* Why nothing works at all.  Owned; NULL. */

    uint64_t view_seqno; /* Of the view, when its ports were looked at
                          * last. */
    struct host_facts facts;
    uint64_t facts_seqno;
    long long next_routes; /* No dump of the routes before this. */
};

struct devices *
devices_create(void)
{
    struct devices *d = xzalloc(sizeof *d);

    hmap_init(&d->all);
    ovs_list_init(&d->dirty);
    sset_init(&d->recreated);
    host_facts_init(&d->facts);
    d->view_seqno = UINT64_MAX;
    return d;
}

static void mark(struct devices *, struct device *);

static void
stop(struct devices *d)
{
    struct device *dev;

    if (d->started) {
        dev_kernel_uninit(&d->kernel);
        d->started = false;
        /* What ceases from now on will be no news. */
        HMAP_FOR_EACH (dev, node, &d->all) {
            mark(d, dev);
        }
    }
}

static void
forget(struct devices *d, struct device *dev)
{
    d->n_pending -= !dev->applied;
    hmap_remove(&d->all, &dev->node);
    ovs_list_remove(&dev->dirty_node);
    block_unref(dev->block);
    free(dev->what);
    free(dev->remedy);
    free(dev);
}

void
devices_destroy(struct devices *d)
{
    struct device *dev, *next;

    if (d) {
        stop(d);
        HMAP_FOR_EACH_SAFE (dev, next, node, &d->all) {
            forget(d, dev);
        }
        hmap_destroy(&d->all);
        sset_destroy(&d->recreated);
        host_facts_uninit(&d->facts);
        free(d->error);
        free(d);
    }
}

bool
devices_have_kernel_datapath(void)
{
    int family = 0;

    /* The question makes the kernel load the module. */
    return !nl_lookup_genl_family("ovs_datapath", &family);
}

static struct device *
find_device(const struct devices *d, const char *name)
{
    struct device *dev;

    HMAP_FOR_EACH_WITH_HASH (dev, node, hash_string(name, 0), &d->all) {
        if (!strcmp(dev->name, name)) {
            return dev;
        }
    }
    return NULL;
}

static struct device *
get_device(struct devices *d, const char *name)
{
    struct device *dev = find_device(d, name);

    if (!dev) {
        dev = xzalloc(sizeof *dev);
        ovs_strlcpy(dev->name, name, sizeof dev->name);
        ovs_list_init(&dev->dirty_node);
        dev->applied = true;
        hmap_insert(&d->all, &dev->node, hash_string(name, 0));
    }
    return dev;
}

static void
mark(struct devices *d, struct device *dev)
{
    if (ovs_list_is_empty(&dev->dirty_node)) {
        ovs_list_push_back(&d->dirty, &dev->dirty_node);
    }
}

static void
set_applied(struct devices *d, struct device *dev, bool applied)
{
    d->n_pending += dev->applied - applied;
    dev->applied = applied;
}

/* Takes over 'what' and 'remedy'. */
static void
set_problem(struct device *dev, char *what, char *remedy)
{
    if (what && (!dev->what || strcmp(what, dev->what))) {
        VLOG_WARN("%s: %s", dev->block ? dev->block->name : dev->name, what);
    }
    free(dev->what);
    free(dev->remedy);
    dev->what = what;
    dev->remedy = remedy;
}

/* The device that 'block' wants us to look after; NULL: none. */
static const struct device_want *
block_device(const struct block *block)
{
    const struct device_want *want = block ? block->device : NULL;

    return want && want->kind != DEV_FOREIGN && want->kind != DEV_DUMMY ? want
                                                                        : NULL;
}

static void
set_block(struct devices *d, struct device *dev, struct block *block)
{
    block_unref(dev->block);
    dev->block = block;
    dev->not_before = 0;
    set_applied(d, dev, false);
    mark(d, dev);
}

void
devices_update(struct devices *d, const struct block_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct block_change *change = &changes->list[i];
        const struct device_want *old = block_device(change->old);
        const struct device_want *new = block_device(change->new);

        if (old && (!new || strcmp(old->name, new->name))) {
            struct device *dev = find_device(d, old->name);

            /* Unless another block has taken the name over. */
            if (dev && dev->block == change->old) {
                set_block(d, dev, NULL);
            }
        }
        if (new) {
            set_block(d, get_device(d, new->name), block_ref(change->new));
        }
    }
    if (!d->updated) {
        struct device *dev;

        d->updated = true;
        HMAP_FOR_EACH (dev, node, &d->all) {
            mark(d, dev);
        }
    }
}

static enum dev_port
port_state(const struct view *view, const char *name)
{
    const struct view_port *port;

    /* The config may have come to name a bridge of somebody else's. */
    if (!view->ovsdb_ready || (view->bridge_exists && !view->bridge_ours)) {
        return DEV_PORT_UNKNOWN;
    }
    port = view_find_port(view, name);
    return !port          ? DEV_PORT_ABSENT
           : port->ofport ? DEV_PORT_PRESENT
                          : DEV_PORT_PENDING;
}

static void
note_recreated(struct devices *d, const struct device *dev)
{
    COVERAGE_INC(devices_recreated);
    VLOG_INFO("%s: its port has to be plugged in anew", dev->name);
    sset_add(&d->recreated, dev->name);
}

/* An internal port that vanishes while its port stays has been deleted behind
 * our back, unless ovs-vswitchd is about to make it again. */
static void
watch_internal(struct devices *d, struct device *dev, bool there)
{
    const struct device_want *want = block_device(dev->block);
    long long now = time_msec();

    if (there || !dev->seen || !want || want->kind != DEV_INTERNAL
        || dev->port != DEV_PORT_PRESENT) {
        dev->vanished = 0;
        return;
    }
    if (!dev->vanished) {
        dev->vanished = now;
    } else if (now >= dev->vanished + VANISHED_MS) {
        note_recreated(d, dev);
        dev->seen = false;
        return;
    }
    dev->not_before = dev->vanished + VANISHED_MS;
    mark(d, dev);
}

/* Copies the link 'name' to 'view' if it is of interest there. */
static void
publish(const struct devices *d, const char *name, struct view *view)
{
    const struct dev_link *link = dev_links_find(&d->kernel.links, name);
    struct view_device device;
    const struct dev_link *peer;

    if (!link
        || (strncmp(name, "vm-", 3) && strncmp(name, "vmovs-", 6)
            && !view_find_port(view, name))) {
        view_remove_device(view, name);
        return;
    }
    memset(&device, 0, sizeof device);
    ovs_strlcpy(device.name, name, sizeof device.name);
    device.ifindex = link->ifindex;
    ovs_strlcpy(device.kind, link->kind, sizeof device.kind);
    device.owner = link->owner;
    device.mac = link->mac;
    device.mtu = link->mtu;
    device.up = link->up;
    device.carrier = link->carrier;
    peer = dev_links_by_index(&d->kernel.links, link->peer);
    if (peer) {
        ovs_strlcpy(device.peer, peer->name, sizeof device.peer);
    }
    view_set_device(view, &device);
}

/* Passes on that links have changed. */
static void
spread_touched(struct devices *d, struct view *view)
{
    const char *name;

    SSET_FOR_EACH (name, &d->kernel.links.touched) {
        char near[IFNAMSIZ];
        struct device *dev;

        ovs_strlcpy(near, name, sizeof near);
        if (!strncmp(near, "vp-", 3)) {
            near[1] = 'm';
            publish(d, near, view);
        }
        publish(d, name, view);
        dev = dev_name_is_ours(near) && dev_links_find(&d->kernel.links, near)
                  ? get_device(d, near)
                  : find_device(d, near);
        if (dev) {
            mark(d, dev);
        }
    }
    sset_clear(&d->kernel.links.touched);
}

/* Passes on that ports have come or gone. */
static void
spread_ports(struct devices *d, struct view *view)
{
    struct view_device *device, *next;
    const struct view_port *port;
    struct device *dev;

    if (view->seqno == d->view_seqno) {
        return;
    }
    HMAP_FOR_EACH (dev, node, &d->all) {
        if (dev->port != port_state(view, dev->name)) {
            mark(d, dev);
        }
    }
    HMAP_FOR_EACH (port, name_node, &view->ports) {
        if (!view_find_device(view, port->name)) {
            publish(d, port->name, view);
        }
    }
    HMAP_FOR_EACH_SAFE (device, next, node, &view->devices) {
        if (!dev_name_is_ours(device->name)
            && !view_find_port(view, device->name)) {
            view_remove_device(view, device->name);
        }
    }
}

/* Looks at one device. */
static void
run_device(struct devices *d, struct device *dev, struct view *view)
{
    const struct device_want *want = block_device(dev->block);
    bool was_applied = dev->applied;
    struct dev_result result;

    dev->port = port_state(view, dev->name);
    dev_apply(&d->kernel, dev->name,
              dev->block ? strchr(dev->block->name, ' ') + 1 : "", want,
              dev->port, &result);
    set_applied(d, dev, result.applied);
    set_problem(dev, result.what, result.remedy);
    if (result.what) {
        dev->not_before = time_msec() + RETRY_MS;
        mark(d, dev);
    } else if (result.edited && was_applied) {
        dev->not_before = time_msec() + REPAIR_MS;
    }
    if (result.created && (dev->seen || dev->port == DEV_PORT_PRESENT)) {
        note_recreated(d, dev);
    }
    dev->seen |= result.applied;
    watch_internal(d, dev, result.there);

    publish(d, dev->name, view);
    if (!dev->block && !result.there) {
        forget(d, dev);
    }
}

static void
run_dirty(struct devices *d, struct view *view)
{
    struct device *dev, *next;
    int left = MAX_PER_TURN;
    long long now = time_msec();

    LIST_FOR_EACH_SAFE (dev, next, dirty_node, &d->dirty) {
        if (dev->not_before <= now && (dev->block || d->updated)) {
            if (!left--) {
                break;
            }
            ovs_list_remove(&dev->dirty_node);
            ovs_list_init(&dev->dirty_node);
            run_device(d, dev, view);
        }
    }
}

static void
run_routes(struct devices *d)
{
    if (d->kernel.links.routes_changed && time_msec() >= d->next_routes) {
        bool changed = false;
        int error = dev_links_routes(&d->kernel.links, &d->facts, &changed);

        if (!error && (changed || !d->facts_seqno)) {
            d->facts_seqno++;
        }
        d->next_routes = time_msec() + ROUTES_MS;
    }
}

void
devices_run(struct devices *d, struct view *view)
{
    int error;

    if (!d->started && time_msec() < d->retry) {
        return;
    }
    error = d->started ? 0 : dev_kernel_init(&d->kernel);
    d->started = true;
    if (!error) {
        error = dev_kernel_run(&d->kernel);
    }
    free(d->error);
    d->error = NULL;
    if (error) {
        d->error = xasprintf("cannot read the host's devices (%s)",
                             ovs_strerror(error));
        VLOG_WARN("%s", d->error);
        stop(d);
        d->retry = time_msec() + RETRY_MS;
        return;
    }
    spread_touched(d, view);
    spread_ports(d, view);
    run_dirty(d, view);
    run_routes(d);
    d->view_seqno = view->seqno;
}

void
devices_wait(struct devices *d)
{
    struct device *dev;

    if (!d->started) {
        poll_timer_wait_until(d->retry);
        return;
    }
    dev_kernel_wait(&d->kernel);
    LIST_FOR_EACH (dev, dirty_node, &d->dirty) {
        if (dev->block || d->updated) {
            poll_timer_wait_until(dev->not_before);
        }
    }
    if (d->kernel.links.routes_changed) {
        poll_timer_wait_until(d->next_routes);
    }
}

/* What the others want to know. */

const struct host_facts *
devices_facts(const struct devices *d)
{
    return &d->facts;
}

uint64_t
devices_facts_seqno(const struct devices *d)
{
    return d->facts_seqno;
}

bool
devices_take_recreated(struct devices *d, char name[IFNAMSIZ])
{
    const char *first = SSET_FIRST(&d->recreated);

    if (!first) {
        return false;
    }
    ovs_strlcpy(name, first, IFNAMSIZ);
    sset_find_and_delete(&d->recreated, first);
    return true;
}

bool
devices_is_applied(const struct devices *d)
{
    return d->started && d->updated && !d->n_pending;
}

void
devices_problems(const struct devices *d, struct problems *problems)
{
    const struct device *dev;

    if (d->error) {
        problems_add(problems, "devices", xstrdup(d->error),
                     xstrdup("start vmovsd as its unit does, with"
                             " CAP_NET_ADMIN"));
    }
    HMAP_FOR_EACH (dev, node, &d->all) {
        if (dev->what) {
            problems_add(problems, dev->block ? dev->block->name : dev->name,
                         xstrdup(dev->what), nullable_xstrdup(dev->remedy));
        }
    }
}

/* Namespaces. */

/* Finds the veth 'device'.  Returns NULL or a malloc'd message. */
static char *
find_pair(const struct devices *d, const char *device, struct device **devp)
{
    struct device *dev = *devp = find_device(d, device);
    const struct device_want *want = dev ? block_device(dev->block) : NULL;

    if (!want) {
        return xasprintf("device \"%s\" belongs to no VM; see \"vmovs list\"",
                         device);
    }
    if (want->kind != DEV_VETH || want->near_tx_off) {
        return xasprintf("device %s is not one for a network namespace; its"
                         " hypervisor attaches to it on the host",
                         device);
    }
    if (!d->started || !dev->seen || dev->what) {
        return xasprintf("device %s is not ready (%s); see \"vmovs status\"",
                         device, dev->what ? dev->what : "not made yet");
    }
    return NULL;
}

char *
devices_attach(struct devices *d, const char *device, int netns_fd,
               const char *name)
{
    struct device *dev;
    char *message = find_pair(d, device, &dev);

    if (!message) {
        message = dev_attach(&d->kernel, device, netns_fd, name);
        mark(d, dev);
    }
    return message;
}

char *
devices_detach(struct devices *d, const char *device)
{
    struct device *dev;
    char *message = find_pair(d, device, &dev);

    if (!message) {
        message = dev_detach(&d->kernel, device);
        dev->not_before = 0;
        mark(d, dev);
    }
    return message;
}
