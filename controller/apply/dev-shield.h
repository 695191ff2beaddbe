/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-shield.h: keeps guests' frames out of the host's own stack.
 *
 * A frame that comes in by a device passes, in this order (net/core/dev.c,
 * __netif_receive_skb_core):
 *
 *     packet sockets and taps: AF_PACKET (OVS's userspace datapath),
 *                              VirtualBox's and VMware's bridging
 *     tc ingress
 *     nftables netdev ingress: the shield drops here
 *     rx_handler:              OVS's kernel datapath takes its ports' frames
 *     the host's IP and ARP
 *
 * So the shield never takes anything from the first line, and takes everything
 * from the last two.  Where it belongs:
 *
 *     OVS's own end (tap, near end of a veth)
 *       kernel datapath     no: OVS would get nothing; its rx_handler keeps
 *                           frames from the host, and the device is up only
 *                           while it is a port of the bridge
 *       userspace datapath  yes: the packet socket gets a copy, the host the
 *                           original
 *     far end of a veth in our namespace (VirtualBox and VMware bridge to it
 *     and give the host a guest's broadcasts by netif_rx)    yes
 *     internal port of a NIC (userspace datapath; the same)  yes
 *     gateway port                                           no: the host is
 *                                                            meant to answer
 *
 * It is one base chain with policy drop for each device, named as the device,
 * in the nftables table "netdev vmovs".  Not tc: ovs-vswitchd removes any
 * ingress qdisc, clsact included, from a port that it configures.  Some
 * kernels remove the chain with its device and some keep it.  "nft flush
 * ruleset" removes it too: we notice, and until then disable_ipv6 and
 * dev_link_set_deaf() stand alone. */
#ifndef VMOVS_APPLY_DEV_SHIELD_H
#define VMOVS_APPLY_DEV_SHIELD_H

#include <stdbool.h>

struct sset;
struct dev_shield;

/* Returns 0 or a positive errno. */
int dev_shield_create(struct dev_shield **);
void dev_shield_destroy(struct dev_shield *);   /* The shields stay. */

/* Looks at the table again if somebody changed it (at first, always), and adds
 * to 'touched' the names of devices that got or lost a shield thereby.
 * Returns 0 or a positive errno. */
int dev_shield_run(struct dev_shield *, struct sset *touched);
void dev_shield_wait(struct dev_shield *);

/* Is there a shield on 'device'? */
bool dev_shield_has(const struct dev_shield *, const char *device);

/* Puts one up, or takes it down.  'device' exists in the first case and need
 * not in the second.  Returns 0 or a positive errno. */
int dev_shield_set(struct dev_shield *, const char *device, bool on);

#endif
