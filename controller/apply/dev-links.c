/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-links.c: keeps the table of links.
 *
 * At start and when news were lost everything is dumped; otherwise each link
 * that news speak of is asked for once a turn.  Addresses have no request for
 * a single one, so their news are taken as they are: in the end the last one
 * holds. */
#include <config.h>
#include "apply/dev-links.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/rtnetlink.h>
#include "hash.h"
#include "netlink.h"
#include "netlink-socket.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "packets.h"
#include "util.h"

int
dev_links_init(struct dev_links *links)
{
    static const enum rtnetlink_groups groups[] = {
        RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
        RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
    };
    int error;

    memset(links, 0, sizeof *links);
    hmap_init(&links->by_index);
    hmap_init(&links->by_name);
    ovs_list_init(&links->stale);
    sset_init(&links->touched);
    sset_init(&links->gone);
    links->resync = true;

    error = nl_sock_create(NETLINK_ROUTE, &links->news);
    for (size_t i = 0; !error && i < ARRAY_SIZE(groups); i++) {
        error = nl_sock_join_mcgroup(links->news, groups[i]);
    }
    return error;
}

static void
free_link(struct dev_links *links, struct dev_link *link)
{
    hmap_remove(&links->by_index, &link->index_node);
    hmap_remove(&links->by_name, &link->name_node);
    ovs_list_remove(&link->stale_node);
    free(link->addrs);
    free(link);
}

void
dev_links_uninit(struct dev_links *links)
{
    struct dev_link *link, *next;

    HMAP_FOR_EACH_SAFE (link, next, index_node, &links->by_index) {
        free_link(links, link);
    }
    hmap_destroy(&links->by_index);
    hmap_destroy(&links->by_name);
    sset_destroy(&links->touched);
    sset_destroy(&links->gone);
    nl_sock_destroy(links->news);
}

static struct dev_link *
by_index(const struct dev_links *links, int ifindex)
{
    struct dev_link *link;

    HMAP_FOR_EACH_WITH_HASH (link, index_node, hash_int(ifindex, 0),
                             &links->by_index) {
        if (link->ifindex == ifindex) {
            return link;
        }
    }
    return NULL;
}

static struct dev_link *
by_name(const struct dev_links *links, const char *name)
{
    struct dev_link *link;

    HMAP_FOR_EACH_WITH_HASH (link, name_node, hash_string(name, 0),
                             &links->by_name) {
        if (!strcmp(link->name, name)) {
            return link;
        }
    }
    return NULL;
}

const struct dev_link *
dev_links_by_index(const struct dev_links *links, int ifindex)
{
    return by_index(links, ifindex);
}

const struct dev_link *
dev_links_find(const struct dev_links *links, const char *name)
{
    return by_name(links, name);
}

bool
dev_name_is_ours(const char *name)
{
    return !strncmp(name, "vm-", 3) || !strncmp(name, "vp-", 3)
           || !strncmp(name, "vmovs-", 6);
}

/* Links. */

static void
mark_stale(struct dev_links *links, struct dev_link *link)
{
    if (link && ovs_list_is_empty(&link->stale_node)) {
        ovs_list_push_back(&links->stale, &link->stale_node);
    }
}

/* IPv4's routes by a link that goes down or away vanish without any news. */
static void
note_lost_routes(struct dev_links *links, const struct dev_link *link)
{
    if (!dev_name_is_ours(link->name)) {
        links->routes_changed = true;
    }
}

static void
remove_link(struct dev_links *links, struct dev_link *link)
{
    sset_add(&links->gone, link->name);
    sset_add(&links->touched, link->name);
    note_lost_routes(links, link);
    /* The other end's link to it is history, too. */
    mark_stale(links, by_index(links, link->peer));
    free_link(links, link);
}

/* Puts 'now', which was just read, into the table. */
static struct dev_link *
put_link(struct dev_links *links, const struct dev_link *now)
{
    struct dev_link *link = by_index(links, now->ifindex);
    struct dev_link *namesake = by_name(links, now->name);

    if (namesake && namesake != link) {
        remove_link(links, namesake);
    }
    if (link && strcmp(link->name, now->name)) {
        remove_link(links, link);
        link = NULL;
    }
    if (!link) {
        link = xmemdup(now, sizeof *now);
        ovs_list_init(&link->stale_node);
        hmap_insert(&links->by_index, &link->index_node,
                    hash_int(link->ifindex, 0));
        hmap_insert(&links->by_name, &link->name_node,
                    hash_string(link->name, 0));
    } else {
        struct dev_link old = *link;

        if (old.up != now->up) {
            note_lost_routes(links, link);
        }
        /* All but what is the table's own. */
        *link = *now;
        link->index_node = old.index_node;
        link->name_node = old.name_node;
        ovs_list_replace(&link->stale_node, &old.stale_node);
        link->addrs = old.addrs;
        link->n_addrs = old.n_addrs;
        link->allocated_addrs = old.allocated_addrs;
    }
    sset_add(&links->touched, link->name);
    return link;
}

/* Asks for the link 'ifindex'; the table then has it as it is. */
static struct dev_link *
refresh_index(struct dev_links *links, int ifindex)
{
    struct dev_link *link = by_index(links, ifindex);
    struct dev_link now;
    int error;

    error = dev_link_query(ifindex, NULL, &now);
    if (!error) {
        return put_link(links, &now);
    }
    if (link && error == ENODEV) {
        remove_link(links, link);
    }
    return NULL;
}

void
dev_links_refresh(struct dev_links *links, const char *name)
{
    struct dev_link *link = by_name(links, name);
    struct dev_link now;
    int error;

    error = dev_link_query(0, name, &now);
    if (!error) {
        put_link(links, &now);
    } else if (link && error == ENODEV) {
        remove_link(links, link);
    }
}

static void
refresh_stale(struct dev_links *links)
{
    while (!ovs_list_is_empty(&links->stale)) {
        struct dev_link *link;

        link = CONTAINER_OF(ovs_list_pop_front(&links->stale), struct dev_link,
                            stale_node);
        ovs_list_init(&link->stale_node);
        refresh_index(links, link->ifindex);
    }
}

/* Addresses. */

static void
put_addr(struct dev_links *links, struct dev_link *link,
         const struct dev_addr *addr, bool add)
{
    size_t i;

    for (i = 0; i < link->n_addrs; i++) {
        if (link->addrs[i].plen == addr->plen
            && ipv6_addr_equals(&link->addrs[i].addr, &addr->addr)) {
            break;
        }
    }
    if (add) {
        if (i == link->allocated_addrs) {
            link->addrs = x2nrealloc(link->addrs, &link->allocated_addrs,
                                     sizeof *link->addrs);
        }
        link->addrs[i] = *addr;
        link->n_addrs = MAX(link->n_addrs, i + 1);
    } else if (i < link->n_addrs) {
        link->addrs[i] = link->addrs[--link->n_addrs];
    }
    sset_add(&links->touched, link->name);
}

/* Takes in a message about an address. */
static void
change_addr(struct dev_links *links, const struct ofpbuf *msg, bool add)
{
    struct dev_link *link;
    struct dev_addr addr;
    int ifindex;

    if (dev_addr_parse(msg, &ifindex, &addr)) {
        link = by_index(links, ifindex);
        if (!link && add) {
            link = refresh_index(links, ifindex);
        }
        if (link) {
            put_addr(links, link, &addr, add);
        }
    }
}

void
dev_links_note_addr(struct dev_links *links, int ifindex,
                    const struct dev_addr *addr, bool add)
{
    struct dev_link *link = by_index(links, ifindex);

    if (link) {
        put_addr(links, link, addr, add);
    }
}

/* Dumps and news. */

static int
dump_links(struct dev_links *links)
{
    struct ofpbuf request, msg, buf;
    struct dev_link *link, *next;
    struct nl_dump dump;
    int error;

    dev_dump_request(&request, RTM_GETLINK, AF_UNSPEC);
    nl_dump_start(&dump, NETLINK_ROUTE, &request);
    ofpbuf_uninit(&request);
    ofpbuf_init(&buf, NL_DUMP_BUFSIZE);
    while (nl_dump_next(&dump, &msg, &buf)) {
        struct dev_link now;

        if (dev_link_parse(&msg, &now)) {
            link = put_link(links, &now);
            link->seen = true;
        }
    }
    ofpbuf_uninit(&buf);
    error = nl_dump_done(&dump);

    HMAP_FOR_EACH_SAFE (link, next, index_node, &links->by_index) {
        if (!link->seen && !error) {
            remove_link(links, link);
        } else {
            link->seen = false;
            link->n_addrs = 0;
        }
    }
    return error;
}

static int
dump_addrs(struct dev_links *links)
{
    struct ofpbuf request, msg, buf;
    struct nl_dump dump;

    dev_dump_request(&request, RTM_GETADDR, AF_UNSPEC);
    nl_dump_start(&dump, NETLINK_ROUTE, &request);
    ofpbuf_uninit(&request);
    ofpbuf_init(&buf, NL_DUMP_BUFSIZE);
    while (nl_dump_next(&dump, &msg, &buf)) {
        change_addr(links, &msg, true);
    }
    ofpbuf_uninit(&buf);
    return nl_dump_done(&dump);
}

static void
take_news(struct dev_links *links, const struct ofpbuf *msg)
{
    uint16_t type = nl_msg_nlmsghdr(msg)->nlmsg_type;

    if (type == RTM_NEWLINK || type == RTM_DELLINK) {
        const struct ifinfomsg *ifi;
        struct dev_link *link;

        ifi = ofpbuf_at(msg, NLMSG_HDRLEN, sizeof *ifi);
        link = ifi ? by_index(links, ifi->ifi_index) : NULL;
        if (link) {
            mark_stale(links, link);
        } else if (ifi && type == RTM_NEWLINK) {
            refresh_index(links, ifi->ifi_index);
        }
    } else if (type == RTM_NEWADDR || type == RTM_DELADDR) {
        change_addr(links, msg, type == RTM_NEWADDR);
    } else if (type == RTM_NEWROUTE || type == RTM_DELROUTE) {
        const struct dev_link *link;
        struct dev_route route;

        if (dev_route_parse(msg, &route)) {
            link = by_index(links, route.ifindex);
            if (!link || !dev_name_is_ours(link->name)) {
                links->routes_changed = true;
            }
        }
    }
}

int
dev_links_run(struct dev_links *links)
{
    uint64_t stub[4096 / 8];
    struct ofpbuf msg;
    int error;

    ofpbuf_use_stub(&msg, stub, sizeof stub);
    while ((error = nl_sock_recv(links->news, &msg, NULL, false)) != EAGAIN) {
        if (!error) {
            take_news(links, &msg);
        } else if (error == ENOBUFS) {
            links->resync = true;
        } else {
            break;
        }
    }
    ofpbuf_uninit(&msg);
    if (error != EAGAIN) {
        return error;
    }

    if (links->resync) {
        error = dump_links(links);
        if (!error) {
            error = dump_addrs(links);
        }
        if (error) {
            return error;
        }
        links->resync = false;
        links->routes_changed = true;
    }
    refresh_stale(links);
    return 0;
}

void
dev_links_wait(struct dev_links *links)
{
    nl_sock_wait(links->news, POLLIN);
}

/* Routes. */

static bool
facts_equal(const struct host_facts *a, const struct host_facts *b)
{
    if (a->n_routes != b->n_routes) {
        return false;
    }
    for (size_t i = 0; i < a->n_routes; i++) {
        const struct host_route *r = &a->routes[i], *s = &b->routes[i];

        if (r->v6 != s->v6 || strcmp(r->dev, s->dev)
            || (r->v6 ? r->dst6.plen != s->dst6.plen
                            || memcmp(&r->dst6.addr, &s->dst6.addr,
                                      sizeof r->dst6.addr)
                      : r->dst4.plen != s->dst4.plen
                            || r->dst4.addr != s->dst4.addr)) {
            return false;
        }
    }
    return true;
}

int
dev_links_routes(struct dev_links *links, struct host_facts *facts,
                 bool *changed)
{
    struct ofpbuf request, msg, buf;
    struct host_facts now;
    struct nl_dump dump;
    int error;

    host_facts_init(&now);
    dev_dump_request(&request, RTM_GETROUTE, AF_UNSPEC);
    nl_dump_start(&dump, NETLINK_ROUTE, &request);
    ofpbuf_uninit(&request);
    ofpbuf_init(&buf, NL_DUMP_BUFSIZE);
    while (nl_dump_next(&dump, &msg, &buf)) {
        const struct dev_link *link;
        struct dev_route route;

        if (!dev_route_parse(&msg, &route)) {
            continue;
        }
        link = by_index(links, route.ifindex);
        if (link && dev_name_is_ours(link->name)) {
            continue;
        }
        if (route.v6) {
            host_facts_add6(&now, (struct prefix6){ route.dst, route.plen },
                            link ? link->name : "");
        } else {
            ovs_be32 dst = in6_addr_get_mapped_ipv4(&route.dst);

            host_facts_add4(&now, (struct prefix4){ dst, route.plen },
                            link ? link->name : "");
        }
    }
    ofpbuf_uninit(&buf);
    error = nl_dump_done(&dump);

    *changed = !error && !facts_equal(&now, facts);
    if (*changed) {
        struct host_facts old = *facts;

        *facts = now;
        now = old;
    }
    links->routes_changed &= error != 0;
    host_facts_uninit(&now);
    return error;
}
