/* SPDX-License-Identifier: Apache-2.0
 *
 * block.c: builds, shares and prints blocks.
 *
 * The compilers build a block through block_add_*(), plan.c keeps it, the
 * appliers hold references to it.  What a flow or a port means is none of this
 * file's business.  Pure. */
#include <config.h>
#include "core/block.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/meta-flow.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "packets.h"
#include "util.h"

/* Flow rules. */

/* The switch gives back a match on an Ethernet field, or on one further in,
 * with the packet type that this implies.  Without it here the same flow would
 * have two keys. */
static void
put_match(struct minimatch *dst, const struct match *src)
{
    struct match match = *src;

    for (int i = 0; i < MFF_N_IDS; i++) {
        const struct mf_field *field = mf_from_id(i);

        if (field->prereqs != MFP_NONE && !mf_is_all_wild(field, &match.wc)) {
            match_set_default_packet_type(&match);
            break;
        }
    }
    minimatch_init(dst, &match);
}

void
flow_rule_init(struct flow_rule *rule, uint8_t table, uint16_t priority,
               uint64_t cookie, const struct match *match,
               const struct ofpact *ofpacts, size_t ofpacts_len)
{
    rule->table = table;
    rule->priority = priority;
    rule->cookie = cookie;
    put_match(&rule->match, match);
    rule->ofpacts = ofpacts_len ? xmemdup(ofpacts, ofpacts_len) : NULL;
    rule->ofpacts_len = ofpacts_len;
    rule->hash = minimatch_hash(&rule->match, hash_2words(table, priority));
}

void
flow_rule_uninit(struct flow_rule *rule)
{
    minimatch_destroy(&rule->match);
    free(rule->ofpacts);
}

bool
flow_rule_key_equal(const struct flow_rule *a, const struct flow_rule *b)
{
    return a->hash == b->hash && a->table == b->table
           && a->priority == b->priority
           && minimatch_equal(&a->match, &b->match);
}

bool
flow_rule_body_equal(const struct flow_rule *a, const struct flow_rule *b)
{
    return a->cookie == b->cookie
           && ofpacts_equal(a->ofpacts, a->ofpacts_len, b->ofpacts,
                            b->ofpacts_len);
}

void
flow_rule_format(const struct flow_rule *rule, struct ds *out)
{
    struct ofputil_flow_stats fs = {
        .cookie = htonll(rule->cookie),
        .table_id = rule->table,
        .priority = rule->priority,
        .ofpacts = rule->ofpacts,
        .ofpacts_len = rule->ofpacts_len,
    };

    minimatch_expand(&rule->match, &fs.match);
    ofputil_flow_stats_format(out, &fs, NULL, NULL, false);
}

/* Blocks. */

struct block *
block_create(enum block_kind kind, const char *name, uint32_t key)
{
    struct block *block = xzalloc(sizeof *block);

    block->refs = 1;
    block->kind = kind;
    block->name = xstrdup(name);
    block->key = key;
    ofpbuf_init(&block->input, 0);
    return block;
}

struct block *
block_ref(struct block *block)
{
    block->refs++;
    return block;
}

static void
port_want_destroy(struct port_want *port)
{
    if (port) {
        free(port->iface_id);
        free(port->vm_id);
        free(port->vm);
        free(port->nic);
        free(port->network);
        free(port);
    }
}

static void
service_want_destroy(struct service_want *service)
{
    if (service) {
        free(service->network);
        free(service->zone);
        free(service);
    }
}

static void
lease_want_destroy(struct lease_want *lease)
{
    if (lease) {
        free(lease->network);
        free(lease->host);
        free(lease->fqdn);
        free(lease->alias);
        free(lease);
    }
}

static void
device_want_destroy(struct device_want *device)
{
    if (device) {
        free(device->owner);
        free(device);
    }
}

void
block_unref(struct block *block)
{
    if (!block || --block->refs) {
        return;
    }
    for (size_t i = 0; i < block->n_flows; i++) {
        flow_rule_uninit(&block->flows[i]);
    }
    for (size_t i = 0; i < block->n_buckets; i++) {
        free(block->buckets[i].ofpacts);
    }
    free(block->flows);
    free(block->groups);
    free(block->buckets);
    free(block->meters);
    port_want_destroy(block->port);
    device_want_destroy(block->device);
    service_want_destroy(block->service);
    lease_want_destroy(block->lease);
    ofpbuf_uninit(&block->input);
    free(block->name);
    free(block);
}

void
block_add_flow(struct block *block, uint8_t table, uint16_t priority,
               uint64_t cookie, const struct match *match,
               const struct ofpbuf *ofpacts)
{
    if (block->n_flows == block->allocated_flows) {
        block->flows = x2nrealloc(block->flows, &block->allocated_flows,
                                  sizeof *block->flows);
    }
    flow_rule_init(&block->flows[block->n_flows++], table, priority, cookie,
                   match, ofpacts->data, ofpacts->size);
}

void
block_add_group(struct block *block, uint32_t id)
{
    if (block->n_groups == block->allocated_groups) {
        block->groups = x2nrealloc(block->groups, &block->allocated_groups,
                                   sizeof *block->groups);
    }
    block->groups[block->n_groups++] = (struct group_want){ .id = id };
}

void
block_add_bucket(struct block *block, uint32_t group_id, uint32_t bucket_id,
                 const struct ofpbuf *ofpacts)
{
    if (block->n_buckets == block->allocated_buckets) {
        block->buckets = x2nrealloc(block->buckets, &block->allocated_buckets,
                                    sizeof *block->buckets);
    }
    block->buckets[block->n_buckets++] = (struct bucket_want){
        .group_id = group_id,
        .bucket_id = bucket_id,
        .ofpacts =
            ofpacts->size ? xmemdup(ofpacts->data, ofpacts->size) : NULL,
        .ofpacts_len = ofpacts->size,
    };
}

void
block_add_meter(struct block *block, uint32_t id, uint32_t rate,
                uint32_t burst)
{
    if (block->n_meters == block->allocated_meters) {
        block->meters = x2nrealloc(block->meters, &block->allocated_meters,
                                   sizeof *block->meters);
    }
    block->meters[block->n_meters++] = (struct meter_want){
        .id = id,
        .rate = rate,
        .burst = burst,
    };
}

/* Printing. */

static void
format_external_id(struct ds *out, const char *key, const char *value)
{
    if (value) {
        ds_put_format(out, " external_ids:%s=%s", key, value);
    }
}

static void
format_port(const struct port_want *port, struct ds *out)
{
    ds_put_format(out, "port %s type=%s", port->name,
                  port->type[0] ? port->type : "\"\"");
    if (port->foreign) {
        ds_put_cstr(out, " (foreign)");
    }
    if (port->mtu) {
        ds_put_format(out, " mtu_request=%" PRIu32, port->mtu);
    }
    if (!eth_addr_is_zero(port->attached_mac)) {
        ds_put_format(out, " external_ids:attached-mac=" ETH_ADDR_FMT,
                      ETH_ADDR_ARGS(port->attached_mac));
    }
    format_external_id(out, "iface-id", port->iface_id);
    format_external_id(out, "vm-id", port->vm_id);
    ds_put_format(out, " external_ids:vmovs-key=%" PRIu32, port->key);
    format_external_id(out, "vmovs-network", port->network);
    format_external_id(out, "vmovs-nic", port->nic);
    format_external_id(out, "vmovs-vm", port->vm);
    ds_put_char(out, '\n');
}

static const char *
device_kind_name(const struct device_want *device)
{
    switch (device->kind) {
    case DEV_TAP:
        return "tap";
    case DEV_INTERNAL:
        return "internal";
    case DEV_VETH:
        return "veth";
    case DEV_FOREIGN:
        return "foreign";
    case DEV_DUMMY:
        return "dummy";
    }
    OVS_NOT_REACHED();
}

static void
format_device(const struct device_want *device, struct ds *out)
{
    ds_put_format(out, "device %s kind=%s mtu=%" PRIu32, device->name,
                  device_kind_name(device), device->mtu);
    if (device->owner) {
        ds_put_format(out, " owner=%s", device->owner);
    }
    if (!eth_addr_is_zero(device->mac)) {
        ds_put_format(out, " mac=" ETH_ADDR_FMT, ETH_ADDR_ARGS(device->mac));
    }
    if (device->ip4.plen) {
        ds_put_format(out, " ip=" IP_FMT "/%u", IP_ARGS(device->ip4.addr),
                      device->ip4.plen);
    }
    if (device->ip6.plen) {
        ds_put_cstr(out, " ip6=");
        ipv6_format_addr(&device->ip6.addr, out);
        ds_put_format(out, "/%u", device->ip6.plen);
    }
    ds_put_format(out, "%s%s%s%s\n", device->gateway ? " gateway" : "",
                  device->userspace ? " userspace" : "",
                  device->near_tx_off ? " near-tx-off" : "",
                  device->far_tx_off ? " far-tx-off" : "");
}

static int
compare_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int
compare_meters(const void *a_, const void *b_)
{
    const struct meter_want *a = a_, *b = b_;

    return compare_u32(a->id, b->id);
}

static void
format_meters(const struct block *block, struct ds *out)
{
    struct meter_want *sorted;

    sorted = xmemdup(block->meters, block->n_meters * sizeof *sorted);
    qsort(sorted, block->n_meters, sizeof *sorted, compare_meters);
    for (size_t i = 0; i < block->n_meters; i++) {
        ds_put_format(out,
                      "meter=%" PRIu32 " pktps burst bands=type=drop"
                      " rate=%" PRIu32 " burst_size=%" PRIu32 "\n",
                      sorted[i].id, sorted[i].rate, sorted[i].burst);
    }
    free(sorted);
}

static int
compare_groups(const void *a_, const void *b_)
{
    const struct group_want *a = a_, *b = b_;

    return compare_u32(a->id, b->id);
}

static void
format_groups(const struct block *block, struct ds *out)
{
    struct group_want *sorted;

    sorted = xmemdup(block->groups, block->n_groups * sizeof *sorted);
    qsort(sorted, block->n_groups, sizeof *sorted, compare_groups);
    for (size_t i = 0; i < block->n_groups; i++) {
        ds_put_format(out, "group_id=%" PRIu32 ",type=all\n", sorted[i].id);
    }
    free(sorted);
}

static int
compare_buckets(const void *a_, const void *b_)
{
    const struct bucket_want *a = a_, *b = b_;
    int cmp = compare_u32(a->group_id, b->group_id);

    return cmp ? cmp : compare_u32(a->bucket_id, b->bucket_id);
}

static void
format_buckets(const struct block *block, struct ds *out)
{
    struct ofpact_format_params params = { .s = out };
    struct bucket_want *sorted;

    sorted = xmemdup(block->buckets, block->n_buckets * sizeof *sorted);
    qsort(sorted, block->n_buckets, sizeof *sorted, compare_buckets);
    for (size_t i = 0; i < block->n_buckets; i++) {
        ds_put_format(
            out, "group_id=%" PRIu32 ",bucket=bucket_id:%" PRIu32 ",actions=",
            sorted[i].group_id, sorted[i].bucket_id);
        ofpacts_format(sorted[i].ofpacts, sorted[i].ofpacts_len, &params);
        ds_put_char(out, '\n');
    }
    free(sorted);
}

static void
format_addresses(ovs_be32 ip, int plen4, const struct in6_addr *ip6, int plen6,
                 struct ds *out)
{
    if (ip) {
        ds_put_format(out, " ip=" IP_FMT, IP_ARGS(ip));
        if (plen4) {
            ds_put_format(out, "/%d", plen4);
        }
    }
    if (ipv6_addr_is_set(ip6)) {
        ds_put_cstr(out, " ip6=");
        ipv6_format_addr(ip6, out);
        if (plen6) {
            ds_put_format(out, "/%d", plen6);
        }
    }
}

static void
format_service(const struct service_want *service, struct ds *out)
{
    ds_put_format(out, "service %s zone=%s mode=%s mtu=%" PRIu32,
                  service->device, service->zone, net_mode_name(service->mode),
                  service->mtu);
    format_addresses(service->gateway4.plen ? service->gateway4.addr : 0,
                     service->gateway4.plen, &service->gateway6.addr,
                     service->gateway6.plen, out);
    ds_put_char(out, '\n');
}

static void
format_lease(const struct lease_want *lease, struct ds *out)
{
    ds_put_format(out, "lease %s mac=" ETH_ADDR_FMT, lease->host,
                  ETH_ADDR_ARGS(lease->mac));
    format_addresses(lease->ip, 0, &lease->ip6, 0, out);
    ds_put_format(out, " name=%s", lease->fqdn);
    if (lease->alias) {
        ds_put_format(out, ",%s", lease->alias);
    }
    ds_put_char(out, '\n');
}

/* A flow with the text that it is sorted by. */
struct sorted_flow {
    const struct flow_rule *rule; /* Borrowed. */
    char *match;                  /* Owned. */
};

static int
compare_flows(const void *a_, const void *b_)
{
    const struct sorted_flow *a = a_, *b = b_;
    int cmp = compare_u32(a->rule->table, b->rule->table);

    if (!cmp) {
        cmp = compare_u32(b->rule->priority, a->rule->priority);
    }
    return cmp ? cmp : strcmp(a->match, b->match);
}

static void
format_flows(const struct block *block, struct ds *out)
{
    struct sorted_flow *sorted;

    sorted = xmalloc(block->n_flows * sizeof *sorted);
    for (size_t i = 0; i < block->n_flows; i++) {
        const struct flow_rule *rule = &block->flows[i];

        sorted[i].rule = rule;
        sorted[i].match =
            minimatch_to_string(&rule->match, NULL, rule->priority);
    }
    qsort(sorted, block->n_flows, sizeof *sorted, compare_flows);
    for (size_t i = 0; i < block->n_flows; i++) {
        flow_rule_format(sorted[i].rule, out);
        ds_put_char(out, '\n');
        free(sorted[i].match);
    }
    free(sorted);
}

void
block_format(const struct block *block, struct ds *out)
{
    if (block->port) {
        format_port(block->port, out);
    }
    if (block->device) {
        format_device(block->device, out);
    }
    if (block->service) {
        format_service(block->service, out);
    }
    if (block->lease) {
        format_lease(block->lease, out);
    }
    format_meters(block, out);
    format_groups(block, out);
    format_buckets(block, out);
    format_flows(block, out);
}

/* Changes. */

void
block_changes_init(struct block_changes *changes)
{
    *changes = (struct block_changes){ NULL, 0, 0 };
}

void
block_changes_clear(struct block_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        block_unref(changes->list[i].old);
        block_unref(changes->list[i].new);
    }
    changes->n = 0;
}

void
block_changes_uninit(struct block_changes *changes)
{
    block_changes_clear(changes);
    free(changes->list);
    block_changes_init(changes);
}
