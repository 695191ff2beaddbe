/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-netlink.h: rtnetlink messages: what the kernel says of its links,
 * addresses and routes, read into plain structs; and one function for each
 * request we make of it.
 *
 * Decides nothing and keeps nothing.  The parsers are pure: they take one
 * message and tolerate any attribute that is absent, short or unknown. */
#ifndef VMOVS_APPLY_DEV_NETLINK_H
#define VMOVS_APPLY_DEV_NETLINK_H

#include <stdbool.h>
#include <stdint.h>
#include <net/if.h>
#include <netinet/in.h>
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/types.h"

struct ofpbuf;

/* Start of the alias (ip link's "alias") of every device we make: what makes
 * it ours to change and to delete. */
#define DEV_ALIAS_PREFIX "vmovs: "

/* IFA_PROTO of the addresses we set, so that an address somebody else put on a
 * gateway port is never taken for one of ours.  Linux gives out the numbers up
 * to 3; /etc/iproute2 knows none by this number. */
enum { DEV_ADDR_PROTO = 118 };

/* An address on a link. */
struct dev_addr {
    struct in6_addr addr;       /* IPv4: mapped (::ffff:10.0.0.1). */
    uint8_t plen;               /* In the address's own family. */
    bool ours;                  /* Set by us: DEV_ADDR_PROTO. */
};

/* A network device as the kernel describes it. */
struct dev_link {
    /* Of struct dev_links. */
    struct hmap_node index_node;    /* In 'by_index'. */
    struct hmap_node name_node;     /* In 'by_name'. */
    struct ovs_list stale_node;     /* In 'stale'; else empty. */
    struct dev_addr *addrs;         /* Owned. */
    size_t n_addrs, allocated_addrs;
    bool seen;                      /* Mark of a dump. */

    int ifindex;
    char name[IFNAMSIZ];
    char kind[16];              /* "tun", "veth", "openvswitch"; "": none. */
    bool ours;                  /* Has our alias. */
    uint32_t owner;             /* tun: uid, UINT32_MAX: none. */
    bool tap;                   /* tun: layer 2, with one queue. */
    struct eth_addr mac;
    uint32_t mtu;               /* Bytes. */
    bool up;                    /* IFF_UP */
    bool carrier;               /* IFF_LOWER_UP */
    int peer;                   /* veth: other end's ifindex if that is in our
                                 * namespace, else 0. */

    /* Settings of the IP stack on the link. */
    bool has_ip6;               /* The kernel does IPv6 on it at all. */
    bool ip6_disabled;          /* sysctl disable_ipv6 */
    bool ip6_no_autoaddr;       /* addrgenmode none */
    bool ip6_accept_ra;         /* sysctl accept_ra */
    bool deaf;                  /* dev_link_set_deaf() holds. */
};

/* What a message said of a route that host_facts may want. */
struct dev_route {
    bool v6;
    struct in6_addr dst;        /* IPv4: mapped. */
    uint8_t plen;
    int ifindex;                /* 0: none (blackhole and the like). */
};

/* Parsers.  Each returns false for a message that is malformed or of no
 * interest.  dev_link_parse() leaves what is dev_links' zero. */
bool dev_link_parse(const struct ofpbuf *, struct dev_link *);
bool dev_addr_parse(const struct ofpbuf *, int *ifindex, struct dev_addr *);
/* Of interest are routes of the main table to a part of the world: neither
 * default routes nor link-local, multicast and cached ones. */
bool dev_route_parse(const struct ofpbuf *, struct dev_route *);

/* Starts a dump request of 'type' (RTM_GETLINK...) for 'family' in 'request'
 * (uninitialised). */
void dev_dump_request(struct ofpbuf *request, int type, int family);

/* Requests.  Each returns 0 or a positive errno.  dev_link_query() looks by
 * 'ifindex', if that is 0 by 'name'; ENODEV if there is no such link. */
int dev_link_query(int ifindex, const char *name, struct dev_link *);
int dev_link_delete(int ifindex);
int dev_link_set_up(int ifindex, bool up);
int dev_link_set_mac(int ifindex, struct eth_addr);
int dev_link_set_mtu(int ifindex, uint32_t mtu);
int dev_link_set_alias(int ifindex, const char *alias);
/* Makes no IPv6 address by itself. */
int dev_link_set_no_autoaddr(int ifindex);
/* Answers no ARP (arp_ignore 8) and takes no IPv4 packet whose way back is not
 * this link (rp_filter 1), that is, none at all on a link without address. */
int dev_link_set_deaf(int ifindex);
/* Moves it to the namespace 'netns_fd', calls it 'name' there and sets it up,
 * in one request.  EEXIST: 'name' exists there; the link may have moved
 * nevertheless. */
int dev_link_move(int ifindex, int netns_fd, const char *name);
/* Both ends are made down. */
int dev_veth_create(const char *near, struct eth_addr near_mac,
                    const char *far, struct eth_addr far_mac, uint32_t mtu);
/* Sets 'addr' marked as ours; IPv6 without duplicate address detection. */
int dev_addr_add(int ifindex, const struct dev_addr *);
int dev_addr_delete(int ifindex, const struct dev_addr *);

#endif
