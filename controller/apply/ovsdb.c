/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb.c: the session with the Open vSwitch database.  See ovsdb.h.
 *
 * Each turn copies the news to the view (ovsdb-view.c) and notes the names
 * they are about in 'dirty', as ovsdb_update() does with what is wanted.  When
 * no transaction is under way, every dirty name is compared (ovsdb-ports.c)
 * and all differences go into one transaction.  When that is done its names
 * are dirty once more, so "applied" always means: looked at, and right.
 *
 *     dirty --differs--> in_flight --done--> dirty --right--> (nowhere)
 *       ^                    |
 *       |                    +--removed--> held, until ovs-vswitchd let it go
 *       +---- refused, 5 s later: the others' changes go in meanwhile
 *
 * The database refuses a transaction as a whole without telling which row was
 * at fault, so a refused one is tried again in halves. */
#include <config.h>
#include "apply/ovsdb.h"
#include "apply/ovsdb-bridge.h"
#include "apply/ovsdb-former.h"
#include "apply/ovsdb-ports.h"
#include "apply/ovsdb-server.h"
#include "apply/ovsdb-trouble.h"
#include "apply/ovsdb-view.h"
#include "apply/ovsdb-want.h"
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "timeval.h"
#include "util.h"
#include "vswitch-idl.h"

VLOG_DEFINE_THIS_MODULE(ovsdb);

COVERAGE_DEFINE(ovsdb_transaction);
COVERAGE_DEFINE(ovsdb_port_edit);
COVERAGE_DEFINE(ovsdb_bridge_repair);

enum {
    BATCH_MAX = 16384,         /* Port edits in a transaction: some 10 MB. */
    RETRY_MSEC = 100,          /* After a race or a lost session. */
    REFUSED_MSEC = 5000,       /* Until a refused port is tried again. */
    BRIDGE_REFUSED_MSEC = 1000 /* Likewise for the bridge. */
};

struct ovsdb {
    char *remote;          /* Owned. */
    char *host, *version;  /* Owned. */
    struct ovsdb_idl *idl; /* Owned. */
    struct ovsdb_view rows;
    struct bridge_want bridge; /* Valid if bridge.name is not NULL. */
    bool copied;               /* Has the view had a snapshot? */
    bool updated;              /* Has ovsdb_update() been called?  If not,
                                * only the bridge is brought in line. */
    bool fresh;                /* The copy is of the present session. */
    unsigned int seqno;        /* Of the IDL, as of the last copy. */

    struct wants wants;
    struct sset dirty; /* Names to compare. */
    bool todo;         /* Is there anything to compare at all? */
    bool bridge_right; /* The bridge was as wanted when last seen. */
    struct troubles bridge_troubles;
    struct troubles troubles; /* Of ports. */
    long long int retry_at;   /* When to try refused names again, msec. */

    struct ovsdb_idl_txn *txn; /* Under way; owned; or NULL. */
    struct sset in_flight;     /* Names that 'txn' edits; none: the bridge. */
    struct sset removing;      /* Those of 'in_flight' that it removes. */
    struct simap held;         /* Removed names -> the next_cfg after which
                                * they are free again. */
    size_t batch;              /* Edits in the next transaction, at most. */
    long long int not_before;  /* Earliest next transaction, msec. */
    long long int probe_at;    /* When to look for a lost server, msec. */
};

struct ovsdb *
ovsdb_create(const char *remote, const char *host, const char *version)
{
    struct ovsdb *ovsdb = xzalloc(sizeof *ovsdb);

    ovsdb->remote = xstrdup(remote);
    ovsdb->host = xstrdup(host);
    ovsdb->version = xstrdup(version);
    ovsdb->idl = ovsdb_idl_create(remote, &ovsrec_idl_class, false, true);
    ovsdb_view_init(&ovsdb->rows, ovsdb->idl);
    wants_init(&ovsdb->wants);
    sset_init(&ovsdb->dirty);
    troubles_init(&ovsdb->troubles, "port");
    troubles_init(&ovsdb->bridge_troubles, "bridge");
    sset_init(&ovsdb->in_flight);
    sset_init(&ovsdb->removing);
    simap_init(&ovsdb->held);
    ovsdb->batch = BATCH_MAX;
    ovsdb_server_init(ovsdb->idl);
    return ovsdb;
}

void
ovsdb_destroy(struct ovsdb *ovsdb)
{
    if (!ovsdb) {
        return;
    }
    if (ovsdb->txn) {
        ovsdb_idl_txn_destroy(ovsdb->txn);
    }
    ovsdb_view_uninit(&ovsdb->rows);
    ovsdb_idl_destroy(ovsdb->idl);
    wants_uninit(&ovsdb->wants);
    troubles_uninit(&ovsdb->troubles);
    troubles_uninit(&ovsdb->bridge_troubles);
    if (ovsdb->bridge.name) {
        bridge_want_uninit(&ovsdb->bridge);
    }
    sset_destroy(&ovsdb->dirty);
    sset_destroy(&ovsdb->in_flight);
    sset_destroy(&ovsdb->removing);
    simap_destroy(&ovsdb->held);
    free(ovsdb->remote);
    free(ovsdb->host);
    free(ovsdb->version);
    free(ovsdb);
}

void
ovsdb_set_bridge(struct ovsdb *ovsdb, const char *name, enum datapath datapath)
{
    struct bridge_want want;
    bool userspace = datapath == DATAPATH_USERSPACE;

    bridge_want_init(&want, name, userspace, ovsdb->host, ovsdb->version);
    if (ovsdb->bridge.name && !strcmp(ovsdb->bridge.name, name)
        && !strcmp(ovsdb->bridge.datapath_type, want.datapath_type)) {
        bridge_want_uninit(&want);
        return;
    }
    if (ovsdb->bridge.name) {
        troubles_clear(&ovsdb->bridge_troubles, ovsdb->bridge.name);
        bridge_want_uninit(&ovsdb->bridge);
    }
    ovsdb->bridge = want;
    ovsdb->bridge_right = false;
    ovsdb->copied = false;
    ovsdb->todo = true;

    /* What is wanted is now wanted on another bridge. */
    wants_names(&ovsdb->wants, &ovsdb->dirty);
}

void
ovsdb_update(struct ovsdb *ovsdb, const struct block_changes *changes)
{
    wants_update(&ovsdb->wants, changes, &ovsdb->dirty);
    ovsdb->todo = ovsdb->todo || !ovsdb->updated || changes->n;
    ovsdb->updated = true;
}

void
ovsdb_replug(struct ovsdb *ovsdb, const char *port)
{
    struct want *want = wants_find(&ovsdb->wants, port);

    if (want && !want->block->port->foreign) {
        want->replug = true;
        sset_add(&ovsdb->dirty, port);
        ovsdb->todo = true;
    }
}

static const struct ovsrec_bridge *
find_bridge(const struct ovsdb *ovsdb)
{
    return ovsdb->bridge.name ? bridge_find(ovsdb->idl, ovsdb->bridge.name)
                              : NULL;
}

static struct ovsdb_idl_txn *
get_txn(struct ovsdb *ovsdb)
{
    if (!ovsdb->txn) {
        ovsdb->txn = ovsdb_idl_txn_create(ovsdb->idl);
    }
    return ovsdb->txn;
}

/* Returns true if the bridge is there and right; otherwise starts what makes
 * it so, if it is ours to do. */
static bool
check_bridge(struct ovsdb *ovsdb, const struct ovsrec_bridge *row)
{
    const char *name = ovsdb->bridge.name;

    if (row && !bridge_is_ours(row)) {
        troubles_set(
            &ovsdb->bridge_troubles, name, false,
            xstrdup("a bridge of this name exists and is not ours"),
            xasprintf("remove it (ovs-vsctl del-br %s) or set another "
                      "\"bridge\" in the config",
                      name));
        return false;
    }
    if (!row) {
        VLOG_INFO("creating bridge %s (datapath_type %s)", name,
                  ovsdb->bridge.datapath_type);
        bridge_create(&ovsdb->bridge, get_txn(ovsdb),
                      ovsrec_open_vswitch_first(ovsdb->idl));
        return false;
    }

    struct bridge_actual actual;
    struct bridge_edit edit;
    bridge_read(row, &actual);
    bool differs = bridge_diff(&ovsdb->bridge, &actual, &edit);
    if (differs) {
        get_txn(ovsdb);
        COVERAGE_INC(ovsdb_bridge_repair);
        bridge_repair(&edit, &ovsdb->bridge, row);
    } else {
        troubles_clear(&ovsdb->bridge_troubles, name);
    }
    bridge_edit_uninit(&edit);
    return !differs;
}

/* Adds 'edit' to the transaction. */
static void
apply_edit(struct ovsdb *ovsdb, const struct port_edit *edit,
           const struct ovsrec_bridge *bridge, const struct ovsrec_port *port,
           const struct ovsrec_interface *iface)
{
    if (VLOG_IS_DBG_ENABLED()) {
        struct ds s = DS_EMPTY_INITIALIZER;
        port_edit_format(edit, &s);
        VLOG_DBG("%s", ds_cstr(&s));
        ds_destroy(&s);
    }
    COVERAGE_INC(ovsdb_port_edit);
    port_edit_execute(edit, get_txn(ovsdb), bridge, port, iface);
    sset_add(&ovsdb->in_flight, edit->name);
    if (edit->kind == PORT_DELETE) {
        sset_add(&ovsdb->removing, edit->name);
    }
}

/* Notes what stands in the way of 'want' on port 'name', which 'actual' (NULL:
 * it is on another bridge) is about. */
static void
note_trouble(struct ovsdb *ovsdb, const char *name,
             const struct port_want *want, const struct port_actual *actual,
             const struct ovsrec_interface *iface)
{
    if (!want->foreign && (!actual || !port_is_ours(actual))) {
        troubles_set(&ovsdb->troubles, name, false,
                     xasprintf("a port of this name exists %s and is not ours",
                               actual ? "on our bridge" : "on another bridge"),
                     xasprintf("ovs-vsctl del-port %s", name));
    } else if (actual && iface->error && *iface->error) {
        troubles_set(&ovsdb->troubles, name, false,
                     xasprintf("Open vSwitch says: %s", iface->error), NULL);
    }
}

/* Compares the port 'name' with what is wanted, and adds what differs to the
 * transaction. */
static void
check_port(struct ovsdb *ovsdb, const struct ovsrec_bridge *bridge,
           const char *name)
{
    struct want *want = wants_find(&ovsdb->wants, name);
    const struct port_want *port_want = want ? want->block->port : NULL;
    const struct ovsrec_interface *iface = NULL;
    const struct ovsrec_port *port = NULL;
    struct port_actual actual;

    troubles_clear(&ovsdb->troubles, name);
    bool exists =
        ovsdb_view_find(&ovsdb->rows, name, &iface, &port, &actual.shared);
    if (exists) {
        actual.type = iface->type;
        actual.mtu_request = iface->n_mtu_request ? *iface->mtu_request : 0;
        actual.ids = &iface->external_ids;
        if (port_want) {
            note_trouble(ovsdb, name, port_want, port ? &actual : NULL, iface);
        }
        if (!port) {
            return;
        }
    } else if (simap_contains(&ovsdb->held, name)) {
        return; /* It comes back when it is free. */
    }

    struct port_edit edit;
    bool edits;
    if (want && want->replug && exists && port_is_ours(&actual)) {
        port_edit_delete(&edit, name);
        edits = true;
    } else {
        if (want) {
            want->replug = false;
        }
        edits = port_diff(name, port_want, want ? want_owner(want) : NULL,
                          exists ? &actual : NULL, &edit);
    }
    if (edits) {
        apply_edit(ovsdb, &edit, bridge, port, iface);
        port_edit_uninit(&edit);
    }
}

/* Takes our ports from a bridge that was ours before.  Returns false if there
 * is none. */
static bool
clear_former(struct ovsdb *ovsdb)
{
    const struct ovsrec_bridge *former =
        former_find(ovsdb->idl, ovsdb->bridge.name);
    const char *name;

    if (former) {
        get_txn(ovsdb);
        former_clear(former, ovsrec_open_vswitch_first(ovsdb->idl),
                     &ovsdb->removing);
        SSET_FOR_EACH (name, &ovsdb->removing) {
            sset_add(&ovsdb->in_flight, name);
        }
    }
    return former != NULL;
}

/* Compares what is dirty and sends what differs, if anything does. */
static void
start_transaction(struct ovsdb *ovsdb)
{
    const struct ovsrec_bridge *bridge = find_bridge(ovsdb);

    ovsdb->todo = false;
    ovsdb->bridge_right = check_bridge(ovsdb, bridge);
    bool may_go_on =
        ovsdb->bridge_right && ovsdb->updated && !clear_former(ovsdb);
    while (may_go_on && !sset_is_empty(&ovsdb->dirty)
           && sset_count(&ovsdb->in_flight) < ovsdb->batch) {
        char *name = sset_pop(&ovsdb->dirty);
        check_port(ovsdb, bridge, name);
        free(name);
    }
    if (!ovsdb->txn) {
        return;
    }

    /* A name that is removed and added again before ovs-vswitchd has looked
     * is one change to it, and nothing happens: it keeps the old device.  So
     * it is asked to say when it has seen the removal. */
    const struct ovsrec_open_vswitch *ovs =
        ovsrec_open_vswitch_first(ovsdb->idl);
    if (!sset_is_empty(&ovsdb->removing) && ovs) {
        ovsdb_idl_txn_increment(ovsdb->txn, &ovs->header_,
                                &ovsrec_open_vswitch_col_next_cfg, false);
    }
    COVERAGE_INC(ovsdb_transaction);
    ovsdb_idl_txn_add_comment(ovsdb->txn, "vmovsd");
}

static void
move_names(struct sset *to, struct sset *from)
{
    const char *name;

    SSET_FOR_EACH (name, from) {
        sset_add(to, name);
    }
    sset_clear(from);
}

/* The names just removed are not free before ovs-vswitchd has seen it. */
static void
hold_removed(struct ovsdb *ovsdb)
{
    int64_t cfg = ovsdb_idl_txn_get_increment_new_value(ovsdb->txn);
    const char *name;

    SSET_FOR_EACH (name, &ovsdb->removing) {
        simap_put(&ovsdb->held, name, cfg);
    }
}

static void
transaction_done(struct ovsdb *ovsdb)
{
    if (!sset_is_empty(&ovsdb->in_flight)) {
        VLOG_INFO("bridge %s: changed %" PRIuSIZE " ports, %" PRIuSIZE
                  " of them removed",
                  ovsdb->bridge.name, sset_count(&ovsdb->in_flight),
                  sset_count(&ovsdb->removing));
    }
    move_names(&ovsdb->dirty, &ovsdb->in_flight);
    ovsdb->batch = MIN(BATCH_MAX, ovsdb->batch * 2);
}

static void
transaction_refused(struct ovsdb *ovsdb, const char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    size_t n = sset_count(&ovsdb->in_flight);

    ovsdb->not_before = time_msec() + RETRY_MSEC;
    if (n > 1) {
        ovsdb->batch = n / 2;
        move_names(&ovsdb->dirty, &ovsdb->in_flight);
        return;
    }

    const char *name = n ? SSET_FIRST(&ovsdb->in_flight) : ovsdb->bridge.name;
    char *what = xasprintf("the database refuses it: %s", error);
    VLOG_WARN_RL(&rl, "%s %s: %s", n ? "port" : "bridge", name, what);
    if (n) {
        troubles_set(&ovsdb->troubles, name, true, what, NULL);
        ovsdb->retry_at = time_msec() + REFUSED_MSEC;
    } else {
        troubles_set(&ovsdb->bridge_troubles, name, true, what, NULL);
        ovsdb->not_before = time_msec() + BRIDGE_REFUSED_MSEC;
    }
    sset_clear(&ovsdb->in_flight);
}

/* Brings the transaction under way on. */
static void
run_transaction(struct ovsdb *ovsdb)
{
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(ovsdb->txn);

    switch (status) {
    case TXN_INCOMPLETE:
        return;
    case TXN_SUCCESS:
        hold_removed(ovsdb);
        transaction_done(ovsdb);
        break;
    case TXN_UNCHANGED:
        transaction_done(ovsdb);
        break;
    case TXN_TRY_AGAIN:
    case TXN_UNCOMMITTED:
    case TXN_ABORTED:
    case TXN_NOT_LOCKED:
        move_names(&ovsdb->dirty, &ovsdb->in_flight);
        ovsdb->not_before = time_msec() + RETRY_MSEC;
        break;
    case TXN_ERROR:
        transaction_refused(ovsdb, ovsdb_idl_txn_get_error(ovsdb->txn));
        break;
    }
    sset_clear(&ovsdb->removing);
    ovsdb_idl_txn_destroy(ovsdb->txn);
    ovsdb->txn = NULL;
    ovsdb->todo = true;
}

/* Frees the names whose removal ovs-vswitchd has seen. */
static void
release_held(struct ovsdb *ovsdb)
{
    const struct ovsrec_open_vswitch *ovs =
        ovsrec_open_vswitch_first(ovsdb->idl);
    struct simap_node *node;

    SIMAP_FOR_EACH_SAFE (node, &ovsdb->held) {
        /* Beyond next_cfg: the database is another one since. */
        if (!ovs || ovs->cur_cfg >= node->data || ovs->next_cfg < node->data) {
            sset_add(&ovsdb->dirty, node->name);
            simap_delete(&ovsdb->held, node);
            ovsdb->todo = true;
        }
    }
}

/* Tries refused names again: alone, so that they do not hold up others. */
static void
retry_refused(struct ovsdb *ovsdb)
{
    if (ovsdb->retry_at && time_msec() >= ovsdb->retry_at
        && sset_is_empty(&ovsdb->dirty)) {
        ovsdb->retry_at = 0;
        if (troubles_refused(&ovsdb->troubles, &ovsdb->dirty)) {
            ovsdb->batch = 1;
            ovsdb->todo = true;
        }
    }
}

void
ovsdb_run(struct ovsdb *ovsdb, struct view *view)
{
    if (!ovsdb_idl_is_connected(ovsdb->idl)) {
        ovsdb->fresh = false;
        ovsdb_server_find(ovsdb->idl, ovsdb->remote, &ovsdb->probe_at);
    }
    ovsdb_idl_run(ovsdb->idl);
    if (!ovsdb_idl_has_ever_connected(ovsdb->idl)
        || (!view->ovsdb_ready && !ovsdb_server_may_write(ovsdb->idl))) {
        return;
    }

    unsigned int seqno = ovsdb_idl_get_seqno(ovsdb->idl);
    if (!ovsdb->copied || seqno != ovsdb->seqno) {
        ovsdb->fresh = ovsdb->fresh || seqno != ovsdb->seqno;
        ovsdb_view_refresh(&ovsdb->rows, find_bridge(ovsdb), view,
                           &ovsdb->dirty);
        if (!view->bridge_ours) {
            /* What is on it is looked at when it is ours.  Till then others'
             * interfaces may come and go for years. */
            sset_clear(&ovsdb->dirty);
            wants_names(&ovsdb->wants, &ovsdb->dirty);
        }
        ovsdb->copied = true;
        ovsdb->seqno = seqno;
        ovsdb->todo = true;
    }
    if (ovsdb->txn) {
        run_transaction(ovsdb);
    }
    release_held(ovsdb);
    retry_refused(ovsdb);
    if (ovsdb->todo && ovsdb->bridge.name && !ovsdb->txn
        && ovsdb_server_may_write(ovsdb->idl)
        && time_msec() >= ovsdb->not_before) {
        start_transaction(ovsdb);
        if (ovsdb->txn) {
            run_transaction(ovsdb);
        }
    }
}

void
ovsdb_wait(struct ovsdb *ovsdb)
{
    ovsdb_idl_wait(ovsdb->idl);
    if (!ovsdb_idl_is_connected(ovsdb->idl)) {
        poll_timer_wait_until(ovsdb->probe_at);
        return;
    }
    if (ovsdb->txn) {
        ovsdb_idl_txn_wait(ovsdb->txn);
    } else if (ovsdb->todo && ovsdb->bridge.name && ovsdb->copied
               && ovsdb_server_may_write(ovsdb->idl)) {
        poll_timer_wait_until(ovsdb->not_before);
    }
    if (ovsdb->retry_at && sset_is_empty(&ovsdb->dirty)) {
        poll_timer_wait_until(ovsdb->retry_at);
    }
}

bool
ovsdb_is_connected(const struct ovsdb *ovsdb)
{
    return ovsdb_server_is_connected(ovsdb->idl);
}

bool
ovsdb_is_contended(const struct ovsdb *ovsdb)
{
    return ovsdb_idl_is_lock_contended(ovsdb->idl);
}

/* Is a wanted port waiting for its name? */
static bool
waits_for_name(const struct ovsdb *ovsdb)
{
    const struct simap_node *node;

    SIMAP_FOR_EACH (node, &ovsdb->held) {
        const struct want *want = wants_find(&ovsdb->wants, node->name);
        if (want && !want->block->port->foreign) {
            return true;
        }
    }
    return false;
}

bool
ovsdb_is_applied(const struct ovsdb *ovsdb)
{
    return ovsdb_server_may_write(ovsdb->idl) && ovsdb->fresh && ovsdb->updated
           && ovsdb->bridge_right && !ovsdb->txn && !ovsdb->todo
           && sset_is_empty(&ovsdb->dirty) && !waits_for_name(ovsdb);
}

void
ovsdb_problems(const struct ovsdb *ovsdb, struct problems *problems)
{
    ovsdb_server_problems(ovsdb->idl, ovsdb->remote, problems);
    if (ovsdb->bridge.name) {
        former_problems(ovsdb->idl, ovsdb->bridge.name, problems);
    }
    troubles_report(&ovsdb->bridge_troubles, problems);
    troubles_report(&ovsdb->troubles, problems);
}
