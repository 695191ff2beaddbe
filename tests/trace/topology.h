/* SPDX-License-Identifier: Apache-2.0
 *
 * topology.h: three small networks for the pipeline's tests, as the compilers'
 * inputs.  Ports have the OpenFlow numbers below; the unit test, the printer
 * of flows and the frames all use this one picture.
 *
 *     lab    IPv4 and IPv6        gateway 1, web1 2, db1 3
 *     plain  IPv4 only            gateway 4, old1 5, old2 6
 *     cells  dual, isolated       gateway 7, cell1 8, cell2 9
 */
#ifndef VMOVS_TESTS_TOPOLOGY_H
#define VMOVS_TESTS_TOPOLOGY_H

#include "core/compile.h"
#include "core/keys.h"
#include "util.h"

enum { N_TOPOLOGY = 10 };       /* Blocks: bridge, 3 networks, 6 NICs. */

static inline struct eth_addr
topology_mac(unsigned int net, unsigned int host)
{
    return (struct eth_addr){ .ea = { 0x02, 0, 0, 0, net, host } };
}

static inline ovs_be32
topology_ip(unsigned int net, unsigned int host)
{
    return htonl(0x0a4d0000 | net << 8 | host);         /* 10.77.NET.HOST */
}

static inline struct in6_addr
topology_ip6(unsigned int net, unsigned int host)       /* fd00:77:NET::HOST */
{
    return (struct in6_addr){ .s6_addr = { 0xfd, 0, 0, 0x77, 0, net,
                                           [15] = host } };
}

static inline struct network_input
topology_network(unsigned int net, const char *name, bool has6, bool isolate)
{
    struct network_input in;

    memset(&in, 0, sizeof in);
    ovs_strlcpy(in.name, name, sizeof in.name);
    snprintf(in.device, sizeof in.device, "vmovs-%s", name);
    in.ofport = 3 * net - 2;
    in.key = 6 + net;
    in.gateway_key = KEY_CHUNK * net;
    in.mac = topology_mac(net, 1);
    in.has4 = true;
    in.has6 = has6;
    in.gateway4 = (struct prefix4){ topology_ip(net, 1), 24 };
    in.gateway6 = (struct prefix6){ topology_ip6(net, 1), 64 };
    in.isolate = isolate;
    in.mtu = 1500;
    in.n_chunks = 1;
    in.chunks[0] = net;
    return in;
}

/* NIC 'i' (0 or 1) of network 'net'. */
static inline struct nic_input
topology_nic(const struct network_input *network, const char *name, int i)
{
    unsigned int net = network->key - 6;
    struct nic_input in;

    memset(&in, 0, sizeof in);
    ovs_strlcpy(in.full_name, name, sizeof in.full_name);
    ovs_strlcpy(in.vm, name, sizeof in.vm);
    ovs_strlcpy(in.nic, "0", sizeof in.nic);
    ovs_strlcpy(in.network, network->name, sizeof in.network);
    snprintf(in.device, sizeof in.device, "vm-%s", name);
    ovs_strlcpy(in.port, in.device, sizeof in.port);
    in.ofport = network->ofport + 1 + i;
    in.key = network->gateway_key + 1 + i;
    in.network_key = network->key;
    in.gateway_key = network->gateway_key;
    in.mac = topology_mac(net, 10 + i);
    in.has4 = network->has4;
    in.has6 = network->has6;
    in.ip = topology_ip(net, 10 + i);
    in.ip6 = topology_ip6(net, 10 + i);
    in.kind = DEV_TAP;
    in.isolate = network->isolate;
    in.mtu = 1500;
    return in;
}

/* All blocks; the caller drops the references. */
static inline void
topology_compile(struct block *blocks[N_TOPOLOGY])
{
    static const char *const nics[3][2] = {
        { "web1", "db1" }, { "old1", "old2" }, { "cell1", "cell2" },
    };
    const struct network_input networks[] = {
        topology_network(1, "lab", true, false),
        topology_network(2, "plain", false, false),
        topology_network(3, "cells", true, true),
    };
    size_t n = 0;

    blocks[n++] = compile_bridge();
    for (size_t i = 0; i < ARRAY_SIZE(networks); i++) {
        blocks[n++] = compile_network(&networks[i]);
        for (int j = 0; j < 2; j++) {
            struct nic_input in = topology_nic(&networks[i], nics[i][j], j);

            blocks[n++] = compile_nic(&in);
        }
    }
    ovs_assert(n == N_TOPOLOGY);
}

#endif
