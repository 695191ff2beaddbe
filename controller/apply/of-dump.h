/* SPDX-License-Identifier: Apache-2.0
 *
 * of-dump.h: asks the switch what it has, and takes the answers apart.
 *
 * Flows come by a flow monitor: its first reply holds all of them, and from
 * that moment on the switch tells of every change, but for our own, without a
 * gap in between.  It tells of set-controller's flush as well.  Groups and
 * meters are dumped; somebody's change of one is announced by a forwarded
 * request. */
#ifndef VMOVS_APPLY_OF_DUMP_H
#define VMOVS_APPLY_OF_DUMP_H

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/ofp-errors.h"

struct of_installed;
struct ofp_header;
struct ofpbuf;

/* Requests, each with transaction id 'xid'. */
struct ofpbuf *of_dump_request_flows(uint32_t xid, bool again);
struct ofpbuf *of_dump_request_groups(uint32_t xid);
struct ofpbuf *of_dump_request_meters(uint32_t xid);
/* So that of all asynchronous messages only forwarded requests come, in two
 * messages. */
struct ofpbuf *of_dump_set_async(uint32_t xid);
struct ofpbuf *of_dump_set_config(uint32_t xid);
/* The sum of packets over the flows whose cookie matches. */
struct ofpbuf *of_dump_request_count(uint32_t xid, uint64_t cookie,
                                     uint64_t mask);

/* Answers.  '*n_drift' grows by the number of flows that are now not as
 * wanted. */
enum ofperr of_dump_flows(struct of_installed *, const struct ofp_header *,
                          size_t *n_drift);
enum ofperr of_dump_groups(struct of_installed *, const struct ofp_header *);
enum ofperr of_dump_meters(struct of_installed *, const struct ofp_header *);
uint64_t of_dump_count(const struct ofp_header *);

#endif
