/* SPDX-License-Identifier: Apache-2.0
 *
 * ovsdb-server.c: finds the server, and takes its lock.  See ovsdb-server.h.
 *
 * The IDL looks for one ever less often, down to every 8 seconds.  On a local
 * socket it costs next to nothing to look twice a second, and the session is
 * made anew only when somebody answers. */
#include <config.h>
#include "apply/ovsdb-server.h"
#include "ovsdb-idl.h"
#include "socket-util.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

enum { PROBE_MSEC = 500 }; /* Between looks. */

void
ovsdb_server_init(struct ovsdb_idl *idl)
{
    ovsdb_idl_set_lock(idl, "vmovsd");
}

void
ovsdb_server_find(struct ovsdb_idl *idl, const char *remote, long long int *at)
{
    long long int now = time_msec();
    struct stream *stream;

    if (!*at) {
        *at = now + PROBE_MSEC; /* The IDL is about to look itself. */
    } else if (now >= *at) {
        *at = now + PROBE_MSEC;
        if (!stream_open(remote, &stream, DSCP_DEFAULT)) {
            stream_close(stream);
            ovsdb_idl_set_remote(idl, NULL, true);
            ovsdb_idl_set_remote(idl, remote, true);
        }
    }
}

bool
ovsdb_server_is_connected(const struct ovsdb_idl *idl)
{
    return ovsdb_idl_has_ever_connected(idl) && ovsdb_idl_is_connected(idl);
}

bool
ovsdb_server_may_write(const struct ovsdb_idl *idl)
{
    return ovsdb_server_is_connected(idl) && ovsdb_idl_has_lock(idl);
}

void
ovsdb_server_problems(const struct ovsdb_idl *idl, const char *remote,
                      struct problems *problems)
{
    if (!ovsdb_server_is_connected(idl)) {
        problems_add(problems, "database",
                     xasprintf("no connection to %s", remote),
                     xstrdup("is Open vSwitch running? "
                             "systemctl start openvswitch-switch"));
    } else if (ovsdb_idl_is_lock_contended(idl)) {
        problems_add(problems, "database",
                     xstrdup("another vmovsd looks after this Open vSwitch"),
                     xstrdup("end one of the two"));
    }
}
