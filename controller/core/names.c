/* SPDX-License-Identifier: Apache-2.0
 *
 * names.c: words of the config, and names and numbers that follow from names:
 * devices, FQDNs, gateways' addresses.
 *
 * Part of model.h.  Pure.  Nothing here may change from one version to the
 * next: guests, hosts and people have seen these names. */
#include <config.h>
#include "core/names.h"
#include "core/model.h"

#include <string.h>

#include "packets.h"
#include "sha1.h"
#include "unaligned.h"
#include "util.h"

/* pipeline.md, "Ports per hypervisor". */
static const struct {
    const char *name;
    enum nic_device kernel;    /* Device on the kernel datapath. */
    enum nic_device userspace; /* Device on the userspace datapath. */
} hypervisors[HV_N] = {
    [HV_KVM] = { "kvm", DEV_TAP, DEV_TAP },
    [HV_LIBVIRT] = { "libvirt", DEV_FOREIGN, DEV_FOREIGN },
    [HV_VIRTUALBOX] = { "virtualbox", DEV_VETH, DEV_INTERNAL },
    [HV_VMWARE] = { "vmware", DEV_VETH, DEV_INTERNAL },
    [HV_LXC] = { "lxc", DEV_VETH, DEV_VETH },
    [HV_INCUS] = { "incus", DEV_FOREIGN, DEV_FOREIGN },
    [HV_DOCKER] = { "docker", DEV_VETH, DEV_VETH },
    [HV_PODMAN] = { "podman", DEV_VETH, DEV_VETH },
    [HV_NSPAWN] = { "nspawn", DEV_VETH, DEV_VETH },
    [HV_NETNS] = { "netns", DEV_VETH, DEV_VETH },
    [HV_FIRECRACKER] = { "firecracker", DEV_TAP, DEV_TAP },
    [HV_CLOUD_HYPERVISOR] = { "cloud-hypervisor", DEV_TAP, DEV_TAP },
    [HV_XEN] = { "xen", DEV_FOREIGN, DEV_FOREIGN },
    [HV_EXTERNAL] = { "external", DEV_FOREIGN, DEV_FOREIGN },
};

static const char *const net_modes[] = {
    [NET_NAT] = "nat",
    [NET_ROUTED] = "routed",
    [NET_ISOLATED] = "isolated",
    [NET_BRIDGED] = "bridged",
};

static const char *const datapaths[] = {
    [DATAPATH_AUTO] = "auto",
    [DATAPATH_KERNEL] = "kernel",
    [DATAPATH_USERSPACE] = "userspace",
};

const char *
hypervisor_name(enum hypervisor hv)
{
    ovs_assert(hv < HV_N);
    return hypervisors[hv].name;
}

bool
hypervisor_from_name(const char *name, enum hypervisor *hv)
{
    for (size_t i = 0; i < HV_N; i++) {
        if (!strcmp(name, hypervisors[i].name)) {
            *hv = i;
            return true;
        }
    }
    return false;
}

enum nic_device
hypervisor_device(enum hypervisor hv, bool userspace)
{
    ovs_assert(hv < HV_N);
    return userspace ? hypervisors[hv].userspace : hypervisors[hv].kernel;
}

const char *
net_mode_name(enum net_mode mode)
{
    ovs_assert(mode < ARRAY_SIZE(net_modes));
    return net_modes[mode];
}

bool
net_mode_from_name(const char *name, enum net_mode *mode)
{
    for (size_t i = 0; i < ARRAY_SIZE(net_modes); i++) {
        if (!strcmp(name, net_modes[i])) {
            *mode = i;
            return true;
        }
    }
    return false;
}

const char *
datapath_name(enum datapath datapath)
{
    ovs_assert(datapath < ARRAY_SIZE(datapaths));
    return datapaths[datapath];
}

bool
datapath_from_name(const char *name, enum datapath *datapath)
{
    for (size_t i = 0; i < ARRAY_SIZE(datapaths); i++) {
        if (!strcmp(name, datapaths[i])) {
            *datapath = i;
            return true;
        }
    }
    return false;
}

uint32_t
name_hash(const char *name)
{
    uint8_t digest[SHA1_DIGEST_SIZE];

    sha1_bytes(name, strlen(name), digest);
    return ntohl(get_unaligned_be32((ovs_be32 *) (void *) digest));
}

/* Not isalnum(): it depends on the locale. */
static bool
is_label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool
name_is_valid(const char *s)
{
    size_t n = 0;

    for (; s[n]; n++) {
        if (n >= 63 || !(is_label_char(s[n]) || s[n] == '-')) {
            return false;
        }
    }
    return n && s[0] != '-' && s[n - 1] != '-';
}

/* Writes 'whole' to 'dev', shortened if need be. */
static void
fit_device_name(const char *whole, char dev[IFNAMSIZ])
{
    enum { HEX = 6, KEEP = IFNAMSIZ - 1 - 1 - HEX };

    if (strlen(whole) < IFNAMSIZ) {
        ovs_strlcpy(dev, whole, IFNAMSIZ);
    } else {
        snprintf(dev, IFNAMSIZ, "%.*s-%06x", KEEP, whole,
                 name_hash(whole) >> (32 - 4 * HEX));
    }
}

/* Is this the NIC that goes by its VM's name alone? */
static bool
is_first_nic(const char *nic)
{
    return !strcmp(nic, "0");
}

void
model_device_name(const char *vm, const char *nic, char dev[IFNAMSIZ])
{
    char *whole = (is_first_nic(nic) ? xasprintf("vm-%s", vm)
                                     : xasprintf("vm-%s.%s", vm, nic));

    fit_device_name(whole, dev);
    free(whole);
}

void
network_device_name(const char *network, char dev[IFNAMSIZ])
{
    char *whole = xasprintf("vmovs-%s", network);

    fit_device_name(whole, dev);
    free(whole);
}

char *
nic_full_name(const struct vm *vm, const struct nic *nic)
{
    return (is_first_nic(nic->name) ? xstrdup(vm->name)
                                    : xasprintf("%s.%s", vm->name, nic->name));
}

const char *
network_domain(const struct model *model, const struct network *network)
{
    return network && network->domain ? network->domain : model->domain;
}

char *
nic_fqdn(const struct model *model, const struct vm *vm, const struct nic *nic)
{
    const struct network *network = model_find_network(model, nic->network);

    return xasprintf("%s.%s.%s", vm->name, nic->network,
                     network_domain(model, network));
}

ovs_be32
network_gateway4(const struct network *network)
{
    if (network->choice4 != CHOICE_GIVEN) {
        return htonl(0);
    }
    return network->subnet.addr | htonl(1);
}

struct in6_addr
network_gateway6(const struct network *network)
{
    struct in6_addr gateway = in6addr_any;

    if (network->choice6 == CHOICE_GIVEN) {
        gateway = network->subnet6.addr;
        gateway.s6_addr[15] |= 1;
    }
    return gateway;
}

struct eth_addr
network_gateway_mac(const struct network *network)
{
    uint32_t hash = name_hash(network->name);

    return (struct eth_addr){ .ea = { 0x0e, 0x76, hash >> 24, hash >> 16,
                                      hash >> 8, hash } };
}

uint16_t
network_mtu(const struct network *network)
{
    return network->mtu ? network->mtu : 1500;
}

struct in6_addr
eui64_link_local(struct eth_addr mac)
{
    return (struct in6_addr){
        .s6_addr = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac.ea[0] ^ 2, mac.ea[1],
                     mac.ea[2], 0xff, 0xfe, mac.ea[3], mac.ea[4], mac.ea[5] },
    };
}
