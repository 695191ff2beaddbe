/* SPDX-License-Identifier: Apache-2.0
 *
 * nat-watch.c: listens to nfnetlink and rtnetlink.  See nat-watch.h. */
#include <config.h>
#include "apply/nat-watch.h"
#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "netlink.h"
#include "netlink-socket.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

struct nat_watch {
    struct nl_sock *rules; /* Changes of rulesets.  Owned. */
    struct nl_sock *net;   /* Changes of settings.  Owned. */
};

int
nat_watch_create(struct nat_watch **watchp)
{
    struct nat_watch *watch = xzalloc(sizeof *watch);
    int error = nl_sock_create(NETLINK_NETFILTER, &watch->rules);

    if (!error) {
        error = nl_sock_join_mcgroup(watch->rules, NFNLGRP_NFTABLES);
    }
    if (!error) {
        error = nl_sock_create(NETLINK_ROUTE, &watch->net);
    }
    if (!error) {
        error = nl_sock_join_mcgroup(watch->net, RTNLGRP_IPV4_NETCONF);
    }
    if (!error) {
        error = nl_sock_join_mcgroup(watch->net, RTNLGRP_IPV6_NETCONF);
    }
    if (error) {
        nat_watch_destroy(watch);
        watch = NULL;
    }
    *watchp = watch;
    return error;
}

void
nat_watch_destroy(struct nat_watch *watch)
{
    if (watch) {
        nl_sock_destroy(watch->rules);
        nl_sock_destroy(watch->net);
        free(watch);
    }
}

/* Is 'msg' about the table "inet vmovs"?  The first attribute of tables,
 * chains, rules, sets and elements alike is the table's name. */
static bool
is_ours(const struct ofpbuf *msg, const struct nfgenmsg *nfg)
{
    const struct nlattr *name;

    BUILD_ASSERT_DECL((int) NFTA_CHAIN_TABLE == (int) NFTA_TABLE_NAME
                      && (int) NFTA_RULE_TABLE == (int) NFTA_TABLE_NAME
                      && (int) NFTA_SET_TABLE == (int) NFTA_TABLE_NAME
                      && (int) NFTA_SET_ELEM_LIST_TABLE
                             == (int) NFTA_TABLE_NAME
                      && (int) NFTA_OBJ_TABLE == (int) NFTA_TABLE_NAME);
    if (nfg->nfgen_family != NFPROTO_INET) {
        return false;
    }
    name = nl_attr_find(msg, NLMSG_HDRLEN + sizeof *nfg, NFTA_TABLE_NAME);
    return name && nl_attr_get_size(name) == sizeof "vmovs"
           && !memcmp(nl_attr_get(name), "vmovs", sizeof "vmovs");
}

static void
read_message(const struct nlmsghdr *nlh, const struct ofpbuf *msg,
             uint32_t *pid, struct nat_news *news)
{
    const struct nfgenmsg *nfg = ofpbuf_at(msg, NLMSG_HDRLEN, sizeof *nfg);

    /* Of an IP family, and not only that there is a new generation. */
    if (!nfg || (nlh->nlmsg_type & 0xff) == NFT_MSG_NEWGEN
        || nfg->nfgen_family == NFPROTO_NETDEV
        || nfg->nfgen_family == NFPROTO_BRIDGE
        || nfg->nfgen_family == NFPROTO_ARP) {
        return;
    }
    if (!is_ours(msg, nfg)) {
        news->others = true;
    } else if (!news->ours) {
        news->ours = 1;
        *pid = nlh->nlmsg_pid;
    } else if (*pid != nlh->nlmsg_pid) {
        news->ours = 2;
    }
}

void
nat_watch_run(struct nat_watch *watch, struct nat_news *news)
{
    uint64_t stub[4096 / 8];
    struct ofpbuf buf, msg;
    uint32_t pid = 0;
    int error;

    memset(news, 0, sizeof *news);
    ofpbuf_use_stub(&buf, stub, sizeof stub);
    do {
        error = nl_sock_recv(watch->rules, &buf, NULL, false);
        while (!error) {
            const struct nlmsghdr *nlh = nl_msg_next(&buf, &msg);

            if (!nlh) {
                break;
            }
            read_message(nlh, &msg, &pid, news);
        }
        if (error == ENOBUFS) {
            news->lost = true;
        }
    } while (!error || error == ENOBUFS);

    do {
        error = nl_sock_recv(watch->net, &buf, NULL, false);
        if (!error || error == ENOBUFS) {
            news->forwarding = true;
        }
    } while (!error || error == ENOBUFS);
    ofpbuf_uninit(&buf);
}

void
nat_watch_wait(struct nat_watch *watch)
{
    nl_sock_wait(watch->rules, POLLIN);
    nl_sock_wait(watch->net, POLLIN);
}
