/* SPDX-License-Identifier: Apache-2.0
 *
 * loop.c: one turn of vmovsd, in the order of architecture.md's picture.
 *
 * This file joins the layers and decides nothing itself: what should exist is
 * the source's and the core's, what is done about it the appliers'. */
#include <config.h>
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "apply/devices.h"
#include "apply/openflow.h"
#include "apply/ovsdb.h"
#include "apply/services.h"
#include "core/plan.h"
#include "core/status.h"
#include "coverage.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "openvswitch/dynamic-string.h"
#include "simap.h"
#include "source/source.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(loop);

COVERAGE_DEFINE(block_compiled); /* Blocks with flows, new or changed. */
COVERAGE_DEFINE(plan_computed);

struct loop {
    struct loop_config config;
    struct api_daemon lent; /* What the API sees; must be refreshed after
                             * anything below changes. */
    struct source *source;
    struct devices *devices;
    struct ovsdb *ovsdb;
    struct openflow *openflow;
    struct services *services; /* NULL: --no-services. */
    struct api *api;
    struct view view;
    struct plan *plan;
    struct status status;
    struct problems problems; /* Valid if 'problems_known'. */
    bool problems_known;      /* Somebody asked in this turn. */

    bool stopped; /* "vmovs stop"; in RUN_DIR/stopped, so that it
                   * outlives vmovsd and not the host. */
    char *stopped_file;

    /* What the present plan was computed from. */
    bool plan_stopped;
    uint64_t plan_generation; /* source_generation(); 0: no plan yet. */
    uint64_t plan_view;       /* view.seqno */

    uint64_t plan_seqno; /* Counts plans that changed something; what
                          * openflow.h calls a generation. */
    uint64_t blocks_compiled;
    bool waiting_for_ports;  /* Some port of ours has no OpenFlow number
                              * yet, and no error either. */
    bool no_kernel_datapath; /* The config asks for one in vain. */
    uint64_t facts_seqno;    /* devices_facts_seqno() the source knows. */
};

static void loop_take_in(struct loop *);
static void loop_choose_bridge(struct loop *);
static void loop_compile(struct loop *);
static void loop_apply(struct loop *);
static void loop_note_status(struct loop *);
static bool ports_are_pending(const struct loop *);
static bool plan_is_current(const struct loop *);
static void lend(struct loop *);
static unixctl_cb_func show_stats;

struct loop *
loop_create(const struct loop_config *config)
{
    struct loop *loop = xzalloc(sizeof *loop);
    loop->config = *config;

    char *socket = xasprintf("%s/vmovs.sock", config->run_dir);
    int error = api_create(socket, config->group, &loop->api);
    if (error) {
        VLOG_ERR("%s: cannot listen: %s", socket, ovs_strerror(error));
        free(socket);
        free(loop);
        return NULL;
    }
    free(socket);

    char *last_good = xasprintf("%s/last-good.json", config->state_dir);
    loop->source = source_open_file(config->config_file, last_good);
    free(last_good);

    const struct plan_config plan_config = {
        .host = config->host,
        .dummy_nics = config->dummy_nics,
    };
    loop->plan = plan_create(&plan_config);
    loop->devices = devices_create();
    loop->ovsdb = ovsdb_create(config->ovsdb, config->host, VMOVS_VERSION);
    loop->openflow = openflow_create();
    if (!config->no_services) {
        loop->services = services_create(config->run_dir, config->state_dir);
    }
    loop->stopped_file = xasprintf("%s/stopped", config->run_dir);
    loop->stopped = !access(loop->stopped_file, F_OK);
    view_init(&loop->view);
    problems_init(&loop->problems);
    loop->facts_seqno = UINT64_MAX;
    unixctl_command_register("vmovs/stats", "", 0, 0, show_stats, loop);
    return loop;
}

void
loop_destroy(struct loop *loop)
{
    if (!loop) {
        return;
    }
    api_destroy(loop->api);
    services_destroy(loop->services);
    free(loop->stopped_file);
    openflow_destroy(loop->openflow);
    ovsdb_destroy(loop->ovsdb);
    devices_destroy(loop->devices);
    plan_destroy(loop->plan);
    source_close(loop->source);
    view_uninit(&loop->view);
    problems_uninit(&loop->problems);
    free(loop);
}

void
loop_run(struct loop *loop)
{
    uint64_t view_seqno = loop->view.seqno;
    uint64_t generation = source_generation(loop->source);

    loop_take_in(loop);
    loop_compile(loop);
    loop_apply(loop);
    loop_note_status(loop);

    lend(loop);
    api_run(loop->api, &loop->lent);

    /* Whoever ran before the news came in has not seen it. */
    if (loop->view.seqno != view_seqno
        || source_generation(loop->source) != generation) {
        poll_immediate_wake();
    }
}

void
loop_wait(struct loop *loop)
{
    devices_wait(loop->devices);
    source_wait(loop->source);
    ovsdb_wait(loop->ovsdb);
    openflow_wait(loop->openflow);
    if (loop->plan_generation) {
        services_wait(loop->services);
    }
    api_wait(loop->api);
}

/* Lets every source of news run and copies them to the view and the source. */
static void
loop_take_in(struct loop *loop)
{
    devices_run(loop->devices, &loop->view);
    if (devices_facts_seqno(loop->devices) != loop->facts_seqno) {
        loop->facts_seqno = devices_facts_seqno(loop->devices);
        source_set_facts(loop->source, devices_facts(loop->devices));
    }
    source_run(loop->source);
    loop_choose_bridge(loop);

    char name[IFNAMSIZ];
    while (devices_take_recreated(loop->devices, name)) {
        ovsdb_replug(loop->ovsdb, name);
    }
    ovsdb_run(loop->ovsdb, &loop->view);
}

/* Tells the database session which bridge there is to be.  Fail static: not
 * before there is a valid model. */
static void
loop_choose_bridge(struct loop *loop)
{
    const struct model *model = source_model(loop->source);
    if (!model || !loop->view.ovsdb_ready) {
        return;
    }

    /* "auto" keeps an existing bridge's datapath: to change it would cut off
     * every running guest.  So would a change to one that is not there. */
    bool exists = loop->view.bridge_exists;
    bool userspace = loop->view.userspace;
    enum datapath datapath = model->datapath;
    if (datapath == DATAPATH_AUTO) {
        userspace = exists ? userspace : !devices_have_kernel_datapath();
        datapath = userspace ? DATAPATH_USERSPACE : DATAPATH_KERNEL;
    }
    loop->no_kernel_datapath = datapath == DATAPATH_KERNEL
                               && (!exists || userspace)
                               && !devices_have_kernel_datapath();
    if (!loop->no_kernel_datapath) {
        ovsdb_set_bridge(loop->ovsdb, model->bridge, datapath);
    } else if (exists) {
        ovsdb_set_bridge(loop->ovsdb, model->bridge, DATAPATH_USERSPACE);
    }
}

/* Computes the plan if its inputs changed and passes the changed blocks on. */
static void
loop_compile(struct loop *loop)
{
    const struct model *model = source_model(loop->source);
    uint64_t generation = source_generation(loop->source);

    /* Without the bridge it is not known what devices its datapath needs; and
     * what somebody else's bridge has is not what our guests have. */
    if (!model || !loop->view.bridge_exists || !loop->view.bridge_ours
        || plan_is_current(loop)) {
        return;
    }

    struct block_changes changes;
    block_changes_init(&changes);
    plan_set_stopped(loop->plan, loop->stopped);
    plan_compute(loop->plan, model, &loop->view, &changes);
    COVERAGE_INC(plan_computed);
    for (size_t i = 0; i < changes.n; i++) {
        const struct block *new = changes.list[i].new;
        if (new &&new->n_flows) {
            loop->blocks_compiled++;
            COVERAGE_INC(block_compiled);
        }
    }

    bool first = !loop->plan_generation;
    loop->plan_generation = generation;
    loop->plan_view = loop->view.seqno;
    loop->plan_stopped = loop->stopped;
    services_set_rebind_ok(loop->services, model->rebind_ok,
                           model->n_rebind_ok);
    if (first || changes.n) {
        VLOG_DBG("generation %" PRIu64 ": %" PRIuSIZE " blocks changed",
                 generation, changes.n);
        loop->plan_seqno++;
        devices_update(loop->devices, &changes);
        ovsdb_update(loop->ovsdb, &changes);
        openflow_update(loop->openflow, &changes, loop->plan_seqno);
        services_update(loop->services, &changes);
        poll_immediate_wake(); /* Devices and ports run at the next turn. */
    }
    block_changes_uninit(&changes);
    loop->waiting_for_ports = ports_are_pending(loop);
}

static void
loop_apply(struct loop *loop)
{
    const struct model *model = source_model(loop->source);
    char *target = NULL;
    if (model && loop->view.bridge_exists && loop->view.bridge_ours
        && !ovsdb_is_contended(loop->ovsdb)) {
        target = xasprintf("unix:%s/%s.mgmt", loop->config.ovs_run_dir,
                           model->bridge);
    }
    openflow_set_target(loop->openflow, target);
    free(target);
    openflow_run(loop->openflow);
    if (loop->plan_generation) {
        services_run(loop->services, &loop->view);
    }
}

/* Is the plan that of the present model and view? */
static bool
plan_is_current(const struct loop *loop)
{
    return loop->plan_generation
           && loop->plan_generation == source_generation(loop->source)
           && loop->plan_view == loop->view.seqno
           && loop->plan_stopped == loop->stopped;
}

/* Is there a port of ours that Open vSwitch has neither numbered nor refused
 * yet? */
static bool
ports_are_pending(const struct loop *loop)
{
    const struct model *model = source_model(loop->source);
    for (size_t i = 0; i < model->n_vms; i++) {
        const struct vm *vm = &model->vms[i];
        for (size_t j = 0; j < vm->n_nics; j++) {
            char *nic = nic_full_name(vm, &vm->nics[j]);
            char *name = xasprintf("nic %s", nic);
            const struct block *block = plan_find(loop->plan, name);
            free(name);
            free(nic);
            if (!block || !block->port || block->port->foreign
                || block->n_flows) {
                continue;
            }
            const struct view_port *port =
                view_find_port(&loop->view, block->port->name);
            bool numbered = loop->stopped && port && port->ofport;
            if (!port || (!port->error && !numbered)) {
                return true;
            }
        }
    }
    return false;
}

static void
loop_note_status(struct loop *loop)
{
    struct status *s = &loop->status;

    s->generation = source_generation(loop->source);
    s->ovsdb_connected = ovsdb_is_connected(loop->ovsdb);
    s->openflow_connected = openflow_is_connected(loop->openflow);
    s->openflow_state = openflow_state(loop->openflow);
    s->stopped = loop->stopped;
    s->services = loop->services != NULL;
    s->flows_applied = s->generation == loop->plan_generation
                       && openflow_applied(loop->openflow) == loop->plan_seqno;
    if (plan_is_current(loop) && !loop->waiting_for_ports
        && devices_is_applied(loop->devices) && ovsdb_is_applied(loop->ovsdb)
        && openflow_applied(loop->openflow) == loop->plan_seqno
        && services_are_applied(loop->services)) {
        if (s->applied != s->generation) {
            VLOG_INFO("generation %" PRIu64 " is applied", s->generation);
        }
        s->applied = s->generation;
    } else if (s->applied == s->generation) {
        s->applied = 0; /* It was, and somebody took it away. */
    }
    loop->problems_known = false;
}

/* What the API may ask of the appliers. */

static const struct loop *
loop_of(const struct api_daemon *lent)
{
    return CONTAINER_OF(lent, struct loop, lent);
}

static const struct problems *
lent_problems(const struct api_daemon *lent)
{
    struct loop *loop = CONTAINER_OF(lent, struct loop, lent);

    if (!loop->problems_known) {
        loop->problems_known = true;
        problems_clear(&loop->problems);
        if (loop->no_kernel_datapath) {
            problems_add(&loop->problems, "bridge",
                         xstrdup("the kernel has no Open vSwitch datapath"),
                         xstrdup("load it (modprobe openvswitch), or set "
                                 "\"datapath\" to \"userspace\""));
        }
        devices_problems(loop->devices, &loop->problems);
        ovsdb_problems(loop->ovsdb, &loop->problems);
        openflow_problems(loop->openflow, &loop->problems);
        services_problems(loop->services, &loop->problems);
        plan_problems(loop->plan, &loop->problems);
    }
    return &loop->problems;
}

static bool
lent_block_is_applied(const struct api_daemon *lent, const char *name)
{
    const struct loop *loop = loop_of(lent);
    const struct block *block = plan_find(loop->plan, name);

    if (!block || source_generation(loop->source) != loop->plan_generation) {
        return false;
    }
    if (!block->port) {
        return true; /* Waits for somebody else's port. */
    } else if (loop->plan_stopped) {
        const struct view_port *port =
            view_find_port(&loop->view, block->port->name);
        return port && port->ofport;
    }
    return block->n_flows && openflow_has_block(loop->openflow, name);
}

/* The file first: what is promised has to outlive us. */
static char *
lent_set_stopped(const struct api_daemon *lent, bool stopped)
{
    struct loop *loop = CONTAINER_OF(lent, struct loop, lent);
    int fd = stopped ? open(loop->stopped_file, O_CREAT | O_WRONLY | O_CLOEXEC,
                            0644)
                     : -1;

    if (stopped ? fd < 0 : unlink(loop->stopped_file) && errno != ENOENT) {
        return xasprintf("%s: %s", loop->stopped_file, ovs_strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    if (stopped != loop->stopped) {
        VLOG_INFO("the network is %s", stopped ? "stopped" : "started");
        loop->stopped = stopped;
        loop->status.applied = 0;
        poll_immediate_wake();
    }
    return NULL;
}

static char *
lent_attach(const struct api_daemon *lent, const char *device, int netns_fd,
            const char *name)
{
    return devices_attach(loop_of(lent)->devices, device, netns_fd, name);
}

static char *
lent_detach(const struct api_daemon *lent, const char *device)
{
    return devices_detach(loop_of(lent)->devices, device);
}

static uint32_t
lent_count(const struct api_daemon *lent, uint64_t cookie, uint64_t mask)
{
    return openflow_count(loop_of(lent)->openflow, cookie, mask);
}

static bool
lent_counted(const struct api_daemon *lent, uint32_t ticket, uint64_t *packets)
{
    return openflow_counted(loop_of(lent)->openflow, ticket, packets);
}

static void
lend(struct loop *loop)
{
    loop->lent = (struct api_daemon){
        .source = loop->source,
        .model = source_model(loop->source),
        .view = &loop->view,
        .plan = loop->plan,
        .status = &loop->status,
        .host = loop->config.host,
        .version = VMOVS_VERSION,
        .problems = lent_problems,
        .block_is_applied = lent_block_is_applied,
        .attach = lent_attach,
        .detach = lent_detach,
        .set_stopped = lent_set_stopped,
        .count = lent_count,
        .counted = lent_counted,
    };
}

void
loop_get_memory_usage(const struct loop *loop, struct simap *usage)
{
    const struct model *model = source_model(loop->source);

    simap_increase(usage, "vms", model ? model->n_vms : 0);
    simap_increase(usage, "networks", model ? model->n_networks : 0);
    simap_increase(usage, "ports", hmap_count(&loop->view.ports));
    simap_increase(usage, "devices", hmap_count(&loop->view.devices));
    simap_increase(usage, "connections", api_count_connections(loop->api));
}

/* "vmovs/stats": what was done since the start, for tests and the curious. */
static void
show_stats(struct unixctl_conn *conn, int argc OVS_UNUSED,
           const char *argv[] OVS_UNUSED, void *loop_)
{
    const struct loop *loop = loop_;
    struct openflow_stats of;
    struct ds s = DS_EMPTY_INITIALIZER;

    openflow_get_stats(loop->openflow, &of);
    ds_put_format(&s, "blocks_compiled %" PRIu64 "\n", loop->blocks_compiled);
    ds_put_format(&s, "flow_edits %" PRIu64 "\n", of.flow_edits);
    ds_put_format(&s, "group_edits %" PRIu64 "\n", of.group_edits);
    ds_put_format(&s, "meter_edits %" PRIu64 "\n", of.meter_edits);
    ds_put_format(&s, "bundles %" PRIu64 "\n", of.bundles);
    ds_put_format(&s, "dumps %" PRIu64 "\n", of.dumps);
    ds_put_format(&s, "repairs %" PRIu64 "\n", of.repairs);
    ds_put_format(&s, "state %s\n", openflow_state(loop->openflow));
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}
