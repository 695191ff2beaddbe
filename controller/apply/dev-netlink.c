/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-netlink.c: reads and writes rtnetlink messages.
 *
 * The attributes are the kernel's (include/uapi/linux/if_link.h, if_addr.h,
 * rtnetlink.h).  Requests are answered before they return; they take
 * microseconds, so the loop can wait for them. */
#include <config.h>
#include "apply/dev-netlink.h"
#include <errno.h>
#include <string.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include "netlink.h"
#include "netlink-socket.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "util.h"

/* Parsing. */

static const struct nlattr *
find(const struct nlattr *parent, uint16_t type)
{
    return parent ? nl_attr_find__(nl_attr_get(parent),
                                   nl_attr_get_size(parent), type)
                  : NULL;
}

static uint32_t
get_u32(const struct nlattr *attr, uint32_t otherwise)
{
    return attr && nl_attr_get_size(attr) >= sizeof(uint32_t)
               ? nl_attr_get_u32(attr)
               : otherwise;
}

static uint8_t
get_u8(const struct nlattr *attr, uint8_t otherwise)
{
    return attr && nl_attr_get_size(attr) >= 1
               ? *(const uint8_t *) nl_attr_get(attr)
               : otherwise;
}

/* Copies a string that may lack its null. */
static void
get_string(const struct nlattr *attr, char *out, size_t size)
{
    size_t n = attr ? MIN(nl_attr_get_size(attr), size - 1) : 0;

    if (n) {
        memcpy(out, nl_attr_get(attr), n);
    }
    out[n] = '\0';
}

/* The 'i'th number in an attribute that is an array of them. */
static uint32_t
get_element(const struct nlattr *attr, size_t i)
{
    uint32_t value = 0;

    if (attr && nl_attr_get_size(attr) >= (i + 1) * sizeof value) {
        memcpy(&value, (const uint32_t *) nl_attr_get(attr) + i, sizeof value);
    }
    return value;
}

static void
parse_tun(const struct nlattr *data, struct dev_link *link)
{
    link->owner = get_u32(find(data, IFLA_TUN_OWNER), UINT32_MAX);
    link->tap = get_u8(find(data, IFLA_TUN_TYPE), 0) == IFF_TAP
                && !get_u8(find(data, IFLA_TUN_MULTI_QUEUE), 0);
}

static void
parse_af_spec(const struct nlattr *spec, struct dev_link *link)
{
    const struct nlattr *inet = find(find(spec, AF_INET), IFLA_INET_CONF);
    const struct nlattr *inet6 = find(spec, AF_INET6);
    const struct nlattr *conf6 = find(inet6, IFLA_INET6_CONF);

    /* The kernel counts IPv4's from 1. */
    link->deaf = get_element(inet, IPV4_DEVCONF_ARP_IGNORE - 1) == 8
                 && get_element(inet, IPV4_DEVCONF_RP_FILTER - 1) == 1;
    link->has_ip6 = inet6 != NULL;
    link->ip6_disabled = get_element(conf6, DEVCONF_DISABLE_IPV6);
    link->ip6_accept_ra = get_element(conf6, DEVCONF_ACCEPT_RA);
    link->ip6_no_autoaddr = get_u8(find(inet6, IFLA_INET6_ADDR_GEN_MODE), 0)
                            == IN6_ADDR_GEN_MODE_NONE;
}

bool
dev_link_parse(const struct ofpbuf *msg, struct dev_link *link)
{
    const size_t header = NLMSG_HDRLEN + sizeof(struct ifinfomsg);
    const struct nlattr *info, *mac;
    const struct ifinfomsg *ifi;
    char alias[sizeof DEV_ALIAS_PREFIX];

    memset(link, 0, sizeof *link);
    link->owner = UINT32_MAX;
    if (msg->size < header
        || nl_msg_nlmsghdr(msg)->nlmsg_type != RTM_NEWLINK) {
        return false;
    }
    ifi = ofpbuf_at_assert(msg, NLMSG_HDRLEN, sizeof *ifi);
    link->ifindex = ifi->ifi_index;
    link->up = ifi->ifi_flags & IFF_UP;
    link->carrier = ifi->ifi_flags & IFF_LOWER_UP;

    get_string(nl_attr_find(msg, header, IFLA_IFNAME), link->name,
               sizeof link->name);
    get_string(nl_attr_find(msg, header, IFLA_IFALIAS), alias, sizeof alias);
    link->ours = !strcmp(alias, DEV_ALIAS_PREFIX);
    link->mtu = get_u32(nl_attr_find(msg, header, IFLA_MTU), 0);
    mac = nl_attr_find(msg, header, IFLA_ADDRESS);
    if (mac && nl_attr_get_size(mac) == ETH_ADDR_LEN) {
        link->mac = nl_attr_get_eth_addr(mac);
    }

    info = nl_attr_find(msg, header, IFLA_LINKINFO);
    get_string(find(info, IFLA_INFO_KIND), link->kind, sizeof link->kind);
    if (!strcmp(link->kind, "tun")) {
        parse_tun(find(info, IFLA_INFO_DATA), link);
    } else if (!strcmp(link->kind, "veth")
               && !nl_attr_find(msg, header, IFLA_LINK_NETNSID)) {
        link->peer = get_u32(nl_attr_find(msg, header, IFLA_LINK), 0);
    }
    parse_af_spec(nl_attr_find(msg, header, IFLA_AF_SPEC), link);
    return link->ifindex > 0 && link->name[0];
}

/* Reads an address or prefix of 'family' from 'attr'. */
static bool
get_addr(const struct nlattr *attr, int family, struct in6_addr *addr)
{
    size_t size = attr ? nl_attr_get_size(attr) : 0;

    if (family == AF_INET && size == sizeof(ovs_be32)) {
        *addr = in6_addr_mapped_ipv4(nl_attr_get_be32(attr));
        return true;
    } else if (family == AF_INET6 && size == sizeof *addr) {
        *addr = nl_attr_get_in6_addr(attr);
        return true;
    }
    return false;
}

bool
dev_addr_parse(const struct ofpbuf *msg, int *ifindex, struct dev_addr *addr)
{
    const size_t header = NLMSG_HDRLEN + sizeof(struct ifaddrmsg);
    const struct nlattr *local;
    const struct ifaddrmsg *ifa;

    memset(addr, 0, sizeof *addr);
    if (msg->size < header) {
        return false;
    }
    ifa = ofpbuf_at_assert(msg, NLMSG_HDRLEN, sizeof *ifa);
    *ifindex = ifa->ifa_index;
    addr->plen = ifa->ifa_prefixlen;
    addr->ours =
        get_u8(nl_attr_find(msg, header, IFA_PROTO), 0) == DEV_ADDR_PROTO;
    local = nl_attr_find(msg, header, IFA_LOCAL);
    return get_addr(local ? local : nl_attr_find(msg, header, IFA_ADDRESS),
                    ifa->ifa_family, &addr->addr);
}

/* The link of the first next hop of a multipath route. */
static int
first_hop(const struct nlattr *multipath)
{
    const struct rtnexthop *hop;

    if (!multipath || nl_attr_get_size(multipath) < sizeof *hop) {
        return 0;
    }
    hop = nl_attr_get(multipath);
    return hop->rtnh_ifindex;
}

bool
dev_route_parse(const struct ofpbuf *msg, struct dev_route *route)
{
    const size_t header = NLMSG_HDRLEN + sizeof(struct rtmsg);
    const struct rtmsg *rtm;
    uint32_t table;

    memset(route, 0, sizeof *route);
    if (msg->size < header) {
        return false;
    }
    rtm = ofpbuf_at_assert(msg, NLMSG_HDRLEN, sizeof *rtm);
    table = get_u32(nl_attr_find(msg, header, RTA_TABLE), rtm->rtm_table);
    if (table != RT_TABLE_MAIN || !rtm->rtm_dst_len
        || rtm->rtm_flags & RTM_F_CLONED
        || (rtm->rtm_type != RTN_UNICAST && rtm->rtm_type != RTN_BLACKHOLE
            && rtm->rtm_type != RTN_UNREACHABLE
            && rtm->rtm_type != RTN_PROHIBIT)) {
        return false;
    }
    route->v6 = rtm->rtm_family == AF_INET6;
    route->plen = rtm->rtm_dst_len;
    if (!get_addr(nl_attr_find(msg, header, RTA_DST), rtm->rtm_family,
                  &route->dst)) {
        return false;
    }
    route->ifindex = get_u32(nl_attr_find(msg, header, RTA_OIF), 0);
    if (!route->ifindex) {
        route->ifindex = first_hop(nl_attr_find(msg, header, RTA_MULTIPATH));
    }
    return !route->v6
           || (!IN6_IS_ADDR_LINKLOCAL(&route->dst)
               && !IN6_IS_ADDR_MULTICAST(&route->dst));
}

/* Requests. */

void
dev_dump_request(struct ofpbuf *request, int type, int family)
{
    ofpbuf_init(request, 64);
    nl_msg_put_nlmsghdr(request, 0, type, NLM_F_REQUEST);
    if (type == RTM_GETLINK) {
        struct ifinfomsg ifi = { .ifi_family = family };

        nl_msg_put(request, &ifi, sizeof ifi);
        nl_msg_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    } else if (type == RTM_GETADDR) {
        struct ifaddrmsg ifa = { .ifa_family = family };

        nl_msg_put(request, &ifa, sizeof ifa);
    } else {
        struct rtmsg rtm = { .rtm_family = family };

        nl_msg_put(request, &rtm, sizeof rtm);
    }
}

int
dev_link_query(int ifindex, const char *name, struct dev_link *link)
{
    struct ifinfomsg ifi = { .ifi_index = ifindex };
    struct ofpbuf request, *reply;
    int error;

    ofpbuf_init(&request, 64);
    nl_msg_put_nlmsghdr(&request, 0, RTM_GETLINK, NLM_F_REQUEST);
    nl_msg_put(&request, &ifi, sizeof ifi);
    nl_msg_put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    if (!ifindex) {
        nl_msg_put_string(&request, IFLA_IFNAME, name);
    }
    error = nl_transact(NETLINK_ROUTE, &request, &reply);
    if (!error && !dev_link_parse(reply, link)) {
        error = EPROTO;
    }
    ofpbuf_delete(reply);
    ofpbuf_uninit(&request);
    return error;
}

/* Sends 'request' and waits for its acknowledgement. */
static int
transact(struct ofpbuf *request)
{
    int error = nl_transact(NETLINK_ROUTE, request, NULL);

    ofpbuf_uninit(request);
    return error;
}

static void
put_link(struct ofpbuf *request, uint16_t type, uint16_t flags,
         const struct ifinfomsg *ifi)
{
    ofpbuf_init(request, 256);
    nl_msg_put_nlmsghdr(request, 0, type, NLM_F_REQUEST | NLM_F_ACK | flags);
    nl_msg_put(request, ifi, sizeof *ifi);
}

static void
start_set(struct ofpbuf *request, int ifindex)
{
    put_link(request, RTM_SETLINK, 0,
             &(struct ifinfomsg){ .ifi_index = ifindex });
}

int
dev_link_delete(int ifindex)
{
    struct ofpbuf request;

    put_link(&request, RTM_DELLINK, 0,
             &(struct ifinfomsg){ .ifi_index = ifindex });
    return transact(&request);
}

int
dev_link_set_up(int ifindex, bool up)
{
    struct ofpbuf request;

    put_link(&request, RTM_SETLINK, 0,
             &(struct ifinfomsg){ .ifi_index = ifindex,
                                  .ifi_flags = up ? IFF_UP : 0,
                                  .ifi_change = IFF_UP });
    return transact(&request);
}

int
dev_link_set_mac(int ifindex, struct eth_addr mac)
{
    struct ofpbuf request;

    start_set(&request, ifindex);
    nl_msg_put_unspec(&request, IFLA_ADDRESS, &mac, sizeof mac);
    return transact(&request);
}

int
dev_link_set_mtu(int ifindex, uint32_t mtu)
{
    struct ofpbuf request;

    start_set(&request, ifindex);
    nl_msg_put_u32(&request, IFLA_MTU, mtu);
    return transact(&request);
}

int
dev_link_set_alias(int ifindex, const char *alias)
{
    struct ofpbuf request;

    start_set(&request, ifindex);
    nl_msg_put_string(&request, IFLA_IFALIAS, alias);
    return transact(&request);
}

int
dev_link_set_no_autoaddr(int ifindex)
{
    struct ofpbuf request;
    size_t spec, inet6;

    start_set(&request, ifindex);
    spec = nl_msg_start_nested(&request, IFLA_AF_SPEC);
    inet6 = nl_msg_start_nested(&request, AF_INET6);
    nl_msg_put_u8(&request, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    nl_msg_end_nested(&request, inet6);
    nl_msg_end_nested(&request, spec);
    return transact(&request);
}

int
dev_link_set_deaf(int ifindex)
{
    struct ofpbuf request;
    size_t spec, inet, conf;

    start_set(&request, ifindex);
    spec = nl_msg_start_nested(&request, IFLA_AF_SPEC);
    inet = nl_msg_start_nested(&request, AF_INET);
    conf = nl_msg_start_nested(&request, IFLA_INET_CONF);
    nl_msg_put_u32(&request, IPV4_DEVCONF_ARP_IGNORE, 8);
    nl_msg_put_u32(&request, IPV4_DEVCONF_RP_FILTER, 1);
    nl_msg_end_nested(&request, conf);
    nl_msg_end_nested(&request, inet);
    nl_msg_end_nested(&request, spec);
    return transact(&request);
}

int
dev_link_move(int ifindex, int netns_fd, const char *name)
{
    struct ofpbuf request;

    put_link(&request, RTM_SETLINK, 0,
             &(struct ifinfomsg){ .ifi_index = ifindex,
                                  .ifi_flags = IFF_UP,
                                  .ifi_change = IFF_UP });
    nl_msg_put_u32(&request, IFLA_NET_NS_FD, netns_fd);
    nl_msg_put_string(&request, IFLA_IFNAME, name);
    return transact(&request);
}

/* Name, MAC and MTU of one end. */
static void
put_end(struct ofpbuf *request, const char *name, struct eth_addr mac,
        uint32_t mtu)
{
    nl_msg_put_string(request, IFLA_IFNAME, name);
    nl_msg_put_unspec(request, IFLA_ADDRESS, &mac, sizeof mac);
    nl_msg_put_u32(request, IFLA_MTU, mtu);
}

int
dev_veth_create(const char *near, struct eth_addr near_mac, const char *far,
                struct eth_addr far_mac, uint32_t mtu)
{
    const struct ifinfomsg ifi = { 0 };
    struct ofpbuf request;
    size_t info, data, peer;

    put_link(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi);
    put_end(&request, near, near_mac, mtu);
    info = nl_msg_start_nested(&request, IFLA_LINKINFO);
    nl_msg_put_string(&request, IFLA_INFO_KIND, "veth");
    data = nl_msg_start_nested(&request, IFLA_INFO_DATA);
    peer = nl_msg_start_nested(&request, VETH_INFO_PEER);
    nl_msg_put(&request, &ifi, sizeof ifi);
    put_end(&request, far, far_mac, mtu);
    nl_msg_end_nested(&request, peer);
    nl_msg_end_nested(&request, data);
    nl_msg_end_nested(&request, info);
    return transact(&request);
}

static int
change_addr(int type, int flags, int ifindex, const struct dev_addr *addr)
{
    bool v4 = IN6_IS_ADDR_V4MAPPED(&addr->addr);
    struct ifaddrmsg ifa = {
        .ifa_family = v4 ? AF_INET : AF_INET6,
        .ifa_prefixlen = addr->plen,
        .ifa_flags = v4 ? 0 : IFA_F_NODAD,
        .ifa_index = ifindex,
    };
    struct ofpbuf request;

    ofpbuf_init(&request, 128);
    nl_msg_put_nlmsghdr(&request, 0, type, NLM_F_REQUEST | NLM_F_ACK | flags);
    nl_msg_put(&request, &ifa, sizeof ifa);
    if (v4) {
        ovs_be32 ip = in6_addr_get_mapped_ipv4(&addr->addr);

        nl_msg_put_be32(&request, IFA_LOCAL, ip);
        nl_msg_put_be32(&request, IFA_ADDRESS, ip);
        /* The subnet's last address. */
        if (addr->plen < 31) {
            nl_msg_put_be32(&request, IFA_BROADCAST,
                            ip | ~be32_prefix_mask(addr->plen));
        }
    } else {
        nl_msg_put_in6_addr(&request, IFA_LOCAL, &addr->addr);
    }
    nl_msg_put_u8(&request, IFA_PROTO, DEV_ADDR_PROTO);
    return transact(&request);
}

int
dev_addr_add(int ifindex, const struct dev_addr *addr)
{
    return change_addr(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, ifindex,
                       addr);
}

int
dev_addr_delete(int ifindex, const struct dev_addr *addr)
{
    int error = change_addr(RTM_DELADDR, 0, ifindex, addr);

    /* Others go with the address that they are secondary to, and IPv6's go
     * with IPv6. */
    return error == EADDRNOTAVAIL ? 0 : error;
}
