/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-diff.c: decides what one device lacks.
 *
 * Level-triggered: looks at all there is each time.  A device made in this
 * round gets its settings in the next, when there is a link to look at.
 * Pure. */
#include <config.h>
#include "apply/dev-diff.h"
#include <stdlib.h>
#include <string.h>
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

void
dev_far_name(const char *name, char far[IFNAMSIZ])
{
    far[0] = '\0';
    if (!strncmp(name, "vm-", 3)) {
        ovs_strlcpy(far, name, IFNAMSIZ);
        far[1] = 'p';
    }
}

struct eth_addr
dev_host_mac(struct eth_addr guest, bool far)
{
    /* Unicast and locally administered; the near end's, the far end's, and one
     * for a guest that itself has either. */
    static const uint8_t first[] = { 0xfe, 0xfa, 0xf6 };
    struct eth_addr mac = guest;

    mac.ea[0] = first[far];
    if (mac.ea[0] == guest.ea[0]) {
        mac.ea[0] = first[2];
    }
    return mac;
}

/* Edits. */

const char *
dev_edit_name(enum dev_edit_kind kind)
{
    switch (kind) {
    case DEV_EDIT_DELETE:
        return "delete";
    case DEV_EDIT_DOWN:
        return "set down";
    case DEV_EDIT_CREATE_TAP:
        return "create tap";
    case DEV_EDIT_CREATE_VETH:
        return "create veth";
    case DEV_EDIT_SHIELD:
        return "shield from the host";
    case DEV_EDIT_UNSHIELD:
        return "remove shield";
    case DEV_EDIT_ALIAS:
        return "set alias";
    case DEV_EDIT_OWNER:
        return "set owner";
    case DEV_EDIT_DEAF:
        return "answer no ARP";
    case DEV_EDIT_NO_AUTOADDR:
        return "make no IPv6 address";
    case DEV_EDIT_IPV6_OFF:
        return "disable IPv6";
    case DEV_EDIT_IPV6_ON:
        return "enable IPv6";
    case DEV_EDIT_NO_RA:
        return "ignore router advertisements";
    case DEV_EDIT_MAC:
        return "set MAC";
    case DEV_EDIT_MTU:
        return "set MTU";
    case DEV_EDIT_TX_OFF:
        return "set tx off";
    case DEV_EDIT_DELETE_ADDR:
        return "delete address";
    case DEV_EDIT_ADD_ADDR:
        return "add address";
    case DEV_EDIT_UP:
        return "set up";
    }
    OVS_NOT_REACHED();
}

void
dev_edit_format(const struct dev_edit *edit, const char *name, struct ds *out)
{
    char far[IFNAMSIZ];

    dev_far_name(name, far);
    ds_put_format(out, "%s: %s", edit->far ? far : name,
                  dev_edit_name(edit->kind));
    if (edit->kind == DEV_EDIT_MAC) {
        ds_put_format(out, " " ETH_ADDR_FMT, ETH_ADDR_ARGS(edit->mac));
    } else if (edit->kind == DEV_EDIT_ADD_ADDR
               || edit->kind == DEV_EDIT_DELETE_ADDR) {
        ds_put_char(out, ' ');
        ipv6_format_mapped(&edit->addr.addr, out);
        ds_put_format(out, "/%u", edit->addr.plen);
    }
}

static struct dev_edit *
add(struct dev_diff *diff, enum dev_edit_kind kind, bool far)
{
    struct dev_edit *edit = &diff->edits[diff->n];

    if (diff->n < DEV_MAX_EDITS - 1) {
        diff->n++;
    }
    *edit = (struct dev_edit){ .kind = kind, .far = far };
    return edit;
}

static int
compare_edits(const void *a_, const void *b_)
{
    const struct dev_edit *a = a_, *b = b_;

    return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : a->far - b->far;
}

static void
refuse_foreign(struct dev_diff *diff, const char *name)
{
    diff->what =
        xasprintf("there is a device %s that vmovs did not make", name);
    diff->remedy = xasprintf("rename or delete it (ip link delete %s)", name);
}

/* Ends. */

/* What one link is to be like. */
struct end {
    const struct dev_link *link;
    bool far;
    bool ours; /* Bears our alias. */
    bool shield, shielded;
    bool tx_off, offload;
    bool up, down; /* Neither: as it is. */
    struct eth_addr mac;
    uint32_t mtu;
};

static void
diff_link(struct dev_diff *diff, const struct end *end)
{
    const struct dev_link *link = end->link;

    if (end->ours && !link->ours) {
        add(diff, DEV_EDIT_ALIAS, end->far);
    }
    if (end->shield != end->shielded) {
        add(diff, end->shield ? DEV_EDIT_SHIELD : DEV_EDIT_UNSHIELD, end->far);
    }
    if (link->has_ip6 && !link->ip6_no_autoaddr) {
        add(diff, DEV_EDIT_NO_AUTOADDR, end->far);
    }
    if (!eth_addr_equals(link->mac, end->mac)) {
        add(diff, DEV_EDIT_MAC, end->far)->mac = end->mac;
    }
    if (end->mtu && link->mtu != end->mtu) {
        add(diff, DEV_EDIT_MTU, end->far);
    }
    if (end->tx_off && end->offload) {
        add(diff, DEV_EDIT_TX_OFF, end->far);
    }
    if (end->up && !link->up) {
        add(diff, DEV_EDIT_UP, end->far);
    } else if (end->down && link->up) {
        add(diff, DEV_EDIT_DOWN, end->far);
    }
}

/* An end that is a guest's: no address, no ARP, no IPv6. */
static void
diff_guest_link(struct dev_diff *diff, const struct end *end)
{
    diff_link(diff, end);
    if (!end->link->deaf) {
        add(diff, DEV_EDIT_DEAF, end->far);
    }
    if (end->link->has_ip6 && !end->link->ip6_disabled) {
        add(diff, DEV_EDIT_IPV6_OFF, end->far);
    }
}

/* OVS's end of a tap or veth. */
static void
diff_near(struct dev_diff *diff, const struct device_want *want,
          const struct dev_facts *facts)
{
    /* The kernel datapath's rx_handler is all that keeps frames of a port from
     * the host; without it the device is down. */
    bool up = want->userspace || facts->port == DEV_PORT_PRESENT;
    bool down = !want->userspace && facts->port == DEV_PORT_ABSENT;

    diff_guest_link(diff, &(struct end){
                              .link = facts->near,
                              .ours = true,
                              .shield = want->userspace,
                              .shielded = facts->near_shielded,
                              .tx_off = want->near_tx_off,
                              .offload = facts->near_offload,
                              .up = up,
                              .down = down,
                              .mac = dev_host_mac(want->mac, false),
                              .mtu = want->mtu,
                          });
    if (!up && !facts->near->up) {
        diff->waiting = true;
    }
}

static void
diff_tap(struct dev_diff *diff, const struct device_want *want,
         const struct dev_facts *facts)
{
    const struct dev_link *near = facts->near;

    if (!near) {
        add(diff, DEV_EDIT_CREATE_TAP, false);
    } else if (!near->ours) {
        refuse_foreign(diff, want->name);
    } else if (!near->tap) {
        add(diff, DEV_EDIT_DELETE, false);
        add(diff, DEV_EDIT_CREATE_TAP, false);
    } else {
        if (near->owner != facts->owner) {
            add(diff, DEV_EDIT_OWNER, false);
        }
        diff_near(diff, want, facts);
    }
}

static void
diff_far(struct dev_diff *diff, const struct device_want *want,
         const struct dev_facts *facts)
{
    /* A hypervisor that bridges to the far end needs it up, with a MAC that is
     * not the guest's. */
    bool bridged = want->near_tx_off;

    diff_guest_link(
        diff, &(struct end){
                  .link = facts->far,
                  .far = true,
                  .ours = true,
                  .shield = true,
                  .shielded = facts->far_shielded,
                  .tx_off = want->far_tx_off,
                  .offload = facts->far_offload,
                  .up = bridged,
                  .mac = bridged ? dev_host_mac(want->mac, true) : want->mac,
                  .mtu = want->mtu,
              });
}

static void
diff_veth(struct dev_diff *diff, const struct device_want *want,
          const struct dev_facts *facts)
{
    const struct dev_link *near = facts->near, *far = facts->far;
    char far_name[IFNAMSIZ];
    bool paired;

    dev_far_name(want->name, far_name);
    /* An unfinished pair of ours (we ended between two requests) has no alias
     * yet, but nobody else would name its ends so. */
    paired = near && far && near->peer == far->ifindex;
    if (!near && far && !far->ours) {
        refuse_foreign(diff, far_name);
    } else if (!near) {
        add(diff, DEV_EDIT_CREATE_VETH, false);
    } else if (!near->ours && !paired) {
        refuse_foreign(diff, want->name);
    } else if (strcmp(near->kind, "veth") || (near->peer && !paired)) {
        /* Somebody renamed the far end, or the kind of NIC has changed. */
        add(diff, DEV_EDIT_DELETE, false);
        add(diff, DEV_EDIT_CREATE_VETH, false);
    } else {
        if (paired) {
            diff_far(diff, want, facts);
        }
        diff_near(diff, want, facts);
    }
}

/* Internal ports. */

static bool
same_addr(const struct dev_addr *a, const struct dev_addr *b)
{
    return a->plen == b->plen && ipv6_addr_equals(&a->addr, &b->addr);
}

static void
diff_addrs(struct dev_diff *diff, const struct device_want *want,
           const struct dev_link *link)
{
    struct dev_addr addrs[3];
    size_t n = 0;

    if (want->ip4.plen) {
        addrs[n++] = (struct dev_addr){
            .addr = in6_addr_mapped_ipv4(want->ip4.addr),
            .plen = want->ip4.plen,
            .ours = true,
        };
    }
    if (want->ip6.plen) {
        addrs[n++] = (struct dev_addr){
            .addr = want->ip6.addr,
            .plen = want->ip6.plen,
            .ours = true,
        };
        addrs[n++] = (struct dev_addr){
            .addr = { .s6_addr = { 0xfe, 0x80, [15] = 1 } },
            .plen = 64,
            .ours = true,
        };
    }
    for (size_t i = 0; i < n; i++) {
        size_t j;

        for (j = 0; j < link->n_addrs; j++) {
            if (same_addr(&addrs[i], &link->addrs[j])) {
                break;
            }
        }
        if (j == link->n_addrs) {
            add(diff, DEV_EDIT_ADD_ADDR, false)->addr = addrs[i];
        }
    }
    for (size_t j = 0; j < link->n_addrs; j++) {
        bool wanted = false;

        for (size_t i = 0; i < n; i++) {
            wanted |= same_addr(&addrs[i], &link->addrs[j]);
        }
        if (link->addrs[j].ours && !wanted) {
            add(diff, DEV_EDIT_DELETE_ADDR, false)->addr = link->addrs[j];
        }
    }
}

static void
diff_internal(struct dev_diff *diff, const struct device_want *want,
              const struct dev_facts *facts)
{
    const struct dev_link *near = facts->near;
    struct end end = {
        .link = near,
        .shield = !want->gateway,
        .shielded = facts->near_shielded,
        .up = true,
        .mac = want->gateway ? want->mac : dev_host_mac(want->mac, false),
        .mtu = want->mtu,
    };

    if (!near || facts->port != DEV_PORT_PRESENT) {
        diff->waiting = true;
    } else if (strcmp(near->kind, "openvswitch")
               && strcmp(near->kind, "tun")) {
        refuse_foreign(diff, want->name);
    } else if (!want->gateway) {
        diff_guest_link(diff, &end);
    } else {
        diff_link(diff, &end);
        if (want->ip6.plen && near->ip6_disabled) {
            add(diff, DEV_EDIT_IPV6_ON, false);
        } else if (!want->ip6.plen && near->has_ip6 && !near->ip6_disabled) {
            add(diff, DEV_EDIT_IPV6_OFF, false);
        }
        if (want->ip6.plen && near->ip6_accept_ra) {
            add(diff, DEV_EDIT_NO_RA, false);
        }
        diff_addrs(diff, want, near);
    }
}

static void
diff_unwanted(struct dev_diff *diff, const char *name,
              const struct dev_facts *facts)
{
    const struct dev_link *near = facts->near;

    if (!near || !near->ours || strncmp(name, "vm-", 3)
        || (strcmp(near->kind, "tun") && strcmp(near->kind, "veth"))) {
        return;
    }
    if (facts->port == DEV_PORT_ABSENT) {
        add(diff, DEV_EDIT_DELETE, false);
    } else {
        diff->waiting = true;
    }
}

void
dev_diff_init(struct dev_diff *diff, const char *name,
              const struct device_want *want, const struct dev_facts *facts)
{
    diff->n = 0;
    diff->waiting = false;
    diff->what = diff->remedy = NULL;
    if (!want) {
        diff_unwanted(diff, name, facts);
    } else {
        switch (want->kind) {
        case DEV_TAP:
            diff_tap(diff, want, facts);
            break;
        case DEV_VETH:
            diff_veth(diff, want, facts);
            break;
        case DEV_INTERNAL:
            diff_internal(diff, want, facts);
            break;
        case DEV_FOREIGN:
        case DEV_DUMMY:
            break;
        }
    }
    qsort(diff->edits, diff->n, sizeof diff->edits[0], compare_edits);
}
