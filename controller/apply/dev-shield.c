/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-shield.c: a base chain with policy drop for each shielded device.
 *
 * Speaks nfnetlink itself: libnftables reads the whole ruleset for each
 * command, which for ten thousand devices would be quadratic.  A change is one
 * batch (all or nothing); news are only a sign to look again. */
#include <config.h>
#include "apply/dev-shield.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include "netlink.h"
#include "netlink-socket.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "sset.h"
#include "util.h"

#define TABLE "vmovs"

struct dev_shield {
    struct sset devices;  /* Those that have one, as far as we know. */
    bool stale;           /* 'devices' is to be read anew. */
    struct nl_sock *news; /* Tells of changes to the ruleset.  Owned. */
    int fd;               /* For our batches.  Owned. */
    uint32_t pid;         /* Its address: whose news are our own. */
    uint32_t seq;         /* Of the last message of a batch. */
};

/* Opens the socket for batches. */
static int
open_socket(struct dev_shield *shield)
{
    const struct timeval second = { .tv_sec = 1 };
    struct sockaddr_nl address = { .nl_family = AF_NETLINK };
    socklen_t size = sizeof address;

    shield->fd =
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (shield->fd < 0 || bind(shield->fd, (struct sockaddr *) &address, size)
        || getsockname(shield->fd, (struct sockaddr *) &address, &size)
        || setsockopt(shield->fd, SOL_SOCKET, SO_RCVTIMEO, &second,
                      sizeof second)) {
        return errno;
    }
    shield->pid = address.nl_pid;
    return 0;
}

int
dev_shield_create(struct dev_shield **shieldp)
{
    struct dev_shield *shield = xzalloc(sizeof *shield);
    int error;

    sset_init(&shield->devices);
    shield->stale = true;
    error = open_socket(shield);
    if (!error) {
        error = nl_sock_create(NETLINK_NETFILTER, &shield->news);
    }
    if (!error) {
        error = nl_sock_join_mcgroup(shield->news, NFNLGRP_NFTABLES);
    }
    if (error) {
        dev_shield_destroy(shield);
        shield = NULL;
    }
    *shieldp = shield;
    return error;
}

void
dev_shield_destroy(struct dev_shield *shield)
{
    if (shield) {
        if (shield->fd >= 0) {
            close(shield->fd);
        }
        nl_sock_destroy(shield->news);
        sset_destroy(&shield->devices);
        free(shield);
    }
}

bool
dev_shield_has(const struct dev_shield *shield, const char *device)
{
    return sset_contains(&shield->devices, device);
}

/* Looking. */

static bool
is_string(const struct nlattr *attr, const char *s)
{
    return attr && nl_attr_get_size(attr) == strlen(s) + 1
           && !memcmp(nl_attr_get(attr), s, strlen(s) + 1);
}

/* If 'msg' describes one of our chains, as we make them, returns the name of
 * its device, which points into 'msg'; otherwise NULL. */
static const char *
parse_chain(const struct ofpbuf *msg)
{
    const size_t header = NLMSG_HDRLEN + sizeof(struct nfgenmsg);
    const struct nlattr *name, *policy, *hook, *device;

    if (msg->size < header
        || !is_string(nl_attr_find(msg, header, NFTA_CHAIN_TABLE), TABLE)) {
        return NULL;
    }
    name = nl_attr_find(msg, header, NFTA_CHAIN_NAME);
    policy = nl_attr_find(msg, header, NFTA_CHAIN_POLICY);
    hook = nl_attr_find(msg, header, NFTA_CHAIN_HOOK);
    device = hook ? nl_attr_find_nested(hook, NFTA_HOOK_DEV) : NULL;
    if (!name || !device || !policy
        || nl_attr_get_size(policy) != sizeof(ovs_be32)
        || nl_attr_get_be32(policy) != htonl(NF_DROP)
        || strnlen(nl_attr_get(name), nl_attr_get_size(name))
               == nl_attr_get_size(name)
        || !is_string(device, nl_attr_get(name))) {
        return NULL;
    }
    return nl_attr_get(name);
}

/* Reads which devices have a shield into 'devices'. */
static int
dump(struct sset *devices)
{
    const struct nfgenmsg nfg = { .nfgen_family = NFPROTO_NETDEV };
    struct ofpbuf request, msg, buf;
    struct nl_dump nl;

    ofpbuf_init(&request, 64);
    nl_msg_put_nlmsghdr(&request, 0,
                        NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN,
                        NLM_F_REQUEST);
    nl_msg_put(&request, &nfg, sizeof nfg);
    nl_dump_start(&nl, NETLINK_NETFILTER, &request);
    ofpbuf_uninit(&request);

    ofpbuf_init(&buf, NL_DUMP_BUFSIZE);
    while (nl_dump_next(&nl, &msg, &buf)) {
        const char *device = parse_chain(&msg);

        if (device) {
            sset_add(devices, device);
        }
    }
    ofpbuf_uninit(&buf);
    return nl_dump_done(&nl);
}

/* Adds to 'touched' what is in 'a' and not in 'b'. */
static void
add_difference(struct sset *touched, const struct sset *a,
               const struct sset *b)
{
    const char *name;

    SSET_FOR_EACH (name, a) {
        if (!sset_contains(b, name)) {
            sset_add(touched, name);
        }
    }
}

/* Takes in news; returns whether somebody else's change may concern our
 * table. */
static bool
read_news(struct dev_shield *shield)
{
    uint64_t stub[4096 / 8];
    bool concerned = false;
    struct ofpbuf buf, msg;
    int error;

    ofpbuf_use_stub(&buf, stub, sizeof stub);
    do {
        error = nl_sock_recv(shield->news, &buf, NULL, false);
        while (!error) {
            const struct nlmsghdr *nlh = nl_msg_next(&buf, &msg);
            const struct nfgenmsg *nfg;

            if (!nlh) {
                break;
            }
            nfg = ofpbuf_at(&msg, NLMSG_HDRLEN, sizeof *nfg);
            if (nfg && nfg->nfgen_family == NFPROTO_NETDEV
                && nlh->nlmsg_pid != shield->pid) {
                concerned = true;
            }
        }
        if (error == ENOBUFS) {
            concerned = true;
        }
    } while (!error || error == ENOBUFS);
    ofpbuf_uninit(&buf);
    return concerned;
}

int
dev_shield_run(struct dev_shield *shield, struct sset *touched)
{
    struct sset now;
    int error;

    if (read_news(shield)) {
        shield->stale = true;
    }
    if (!shield->stale) {
        return 0;
    }
    sset_init(&now);
    error = dump(&now);
    if (!error) {
        add_difference(touched, &now, &shield->devices);
        add_difference(touched, &shield->devices, &now);
        sset_swap(&now, &shield->devices);
        shield->stale = false;
    }
    sset_destroy(&now);
    return error;
}

void
dev_shield_wait(struct dev_shield *shield)
{
    nl_sock_wait(shield->news, POLLIN);
}

/* Changing. */

/* Appends the header of a message to a batch; returns its offset. */
static size_t
start_msg(struct dev_shield *shield, struct ofpbuf *batch, uint16_t type,
          uint16_t flags, uint8_t family, uint16_t resource)
{
    size_t start = batch->size;
    struct nlmsghdr *nlh = ofpbuf_put_zeros(batch, sizeof *nlh);
    struct nfgenmsg nfg = { .nfgen_family = family,
                            .version = NFNETLINK_V0,
                            .res_id = htons(resource) };

    nlh->nlmsg_type = type;
    nlh->nlmsg_flags = NLM_F_REQUEST | flags;
    nlh->nlmsg_seq = ++shield->seq;
    nl_msg_put(batch, &nfg, sizeof nfg);
    return start;
}

static void
end_msg(struct ofpbuf *batch, size_t start)
{
    struct nlmsghdr *nlh = ofpbuf_at_assert(batch, start, sizeof *nlh);

    nlh->nlmsg_len = batch->size - start;
}

/* Waits for the answer to message 'last', which asked for one, and returns it,
 * or the first error of a message before it. */
static int
read_answer(struct dev_shield *shield, uint32_t first, uint32_t last)
{
    uint8_t answer[8192];

    for (;;) {
        ssize_t n = recv(shield->fd, answer, sizeof answer, 0);
        const struct nlmsghdr *nlh = (const void *) answer;

        if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0) {
            return errno;
        }
        for (; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n)) {
            const struct nlmsgerr *err = NLMSG_DATA(nlh);

            if (nlh->nlmsg_type == NLMSG_ERROR
                && nlh->nlmsg_len >= NLMSG_LENGTH(sizeof *err)
                && nlh->nlmsg_seq - first <= last - first
                && (err->error || nlh->nlmsg_seq == last)) {
                return -err->error;
            }
        }
    }
}

/* "add table netdev vmovs; add chain netdev vmovs DEVICE { type filter hook
 * ingress device DEVICE priority 0; policy drop; }", or "delete chain". */
static void
put_change(struct dev_shield *shield, struct ofpbuf *batch, const char *device,
           bool on)
{
    size_t msg, hook;

    if (on) {
        msg = start_msg(shield, batch,
                        NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE,
                        NLM_F_CREATE, NFPROTO_NETDEV, 0);
        nl_msg_put_string(batch, NFTA_TABLE_NAME, TABLE);
        end_msg(batch, msg);
    }
    msg = start_msg(shield, batch,
                    NFNL_SUBSYS_NFTABLES << 8
                        | (on ? NFT_MSG_NEWCHAIN : NFT_MSG_DELCHAIN),
                    NLM_F_ACK | (on ? NLM_F_CREATE : 0), NFPROTO_NETDEV, 0);
    nl_msg_put_string(batch, NFTA_CHAIN_TABLE, TABLE);
    nl_msg_put_string(batch, NFTA_CHAIN_NAME, device);
    if (on) {
        hook = nl_msg_start_nested(batch, NFTA_CHAIN_HOOK);
        nl_msg_put_be32(batch, NFTA_HOOK_HOOKNUM, htonl(NF_NETDEV_INGRESS));
        nl_msg_put_be32(batch, NFTA_HOOK_PRIORITY, htonl(0));
        nl_msg_put_string(batch, NFTA_HOOK_DEV, device);
        nl_msg_end_nested(batch, hook);
        nl_msg_put_be32(batch, NFTA_CHAIN_POLICY, htonl(NF_DROP));
        nl_msg_put_string(batch, NFTA_CHAIN_TYPE, "filter");
    }
    end_msg(batch, msg);
}

int
dev_shield_set(struct dev_shield *shield, const char *device, bool on)
{
    uint32_t first = shield->seq + 1;
    struct ofpbuf batch;
    uint32_t last;
    int error;

    ofpbuf_init(&batch, 512);
    end_msg(&batch, start_msg(shield, &batch, NFNL_MSG_BATCH_BEGIN, 0,
                              AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
    put_change(shield, &batch, device, on);
    last = shield->seq;
    end_msg(&batch, start_msg(shield, &batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
                              NFNL_SUBSYS_NFTABLES));
    error = send(shield->fd, batch.data, batch.size, 0) < 0
                ? errno
                : read_answer(shield, first, last);
    ofpbuf_uninit(&batch);

    if (!on && error == ENOENT) {
        error = 0;
    }
    if (on && !error) {
        sset_add(&shield->devices, device);
    } else if (on || !error) {
        sset_find_and_delete(&shield->devices, device);
    }
    return error;
}
