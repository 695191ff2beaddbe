/* SPDX-License-Identifier: Apache-2.0
 *
 * attach-text.c: what each hypervisor has to be told, as text.
 *
 * Where the text is for a shell, words are safe to use unquoted or are quoted
 * here.  Devices and MACs come from vmovsd; they are checked all the same,
 * since people paste this. */
#include <config.h>
#include <jansson.h>
#include "cli/attach.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text that grows. */
struct text {
    char *s; /* Owned; NULL: empty. */
};

static void __attribute__((format(printf, 2, 3)))
add(struct text *t, const char *template, ...)
{
    va_list args;
    char *more, *whole;

    va_start(args, template);
    if (vasprintf(&more, template, args) < 0) {
        more = NULL;
    }
    va_end(args);
    must(more);
    whole = format("%s%s", t->s ? t->s : "", more);
    free(more);
    free(t->s);
    t->s = whole;
}

bool
is_kind(const json_t *vm, const char *kind)
{
    const char *hypervisor =
        json_string_value(json_object_get(vm, "hypervisor"));
    return hypervisor && !strcmp(hypervisor, kind);
}

const char *
word(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_";
    return s && *s && *s != '-' && strspn(s, safe) == strlen(s) ? s
                                                                : "UNKNOWN";
}

const char *
guest_device(const json_t *nic)
{
    return json_is_string(json_object_get(nic, "peer")) ? word(nic, "peer")
                                                        : word(nic, "device");
}

char *
shell_quote(const char *s)
{
    char *out = must(malloc(4 * strlen(s) + 3));
    char *p = out;
    *p++ = '\'';
    for (; *s; s++) {
        if (*s == '\'') {
            p = stpcpy(p, "'\\''");
        } else {
            *p++ = *s;
        }
    }
    strcpy(p, "'");
    return out;
}

static bool
is_userspace(const json_t *vm)
{
    return !strcmp(word(vm, "datapath"), "userspace");
}

/* On the userspace datapath nobody completes a guest's checksums, so the
 * guest must not leave them unfinished. */
static void
add_kvm(struct text *t, const json_t *vm, const json_t *nic, int i)
{
    add(t,
        "%s-netdev tap,id=n%d,ifname=%s,script=no,downscript=no%s "
        "-device virtio-net-pci,netdev=n%d,mac=%s",
        i ? " " : "", i, word(nic, "device"),
        is_userspace(vm) ? ",vnet_hdr=off" : "", i, word(nic, "mac"));
}

static void
add_cloud_hypervisor(struct text *t, const json_t *vm, const json_t *nic,
                     int i)
{
    add(t, "%stap=%s,mac=%s%s", i ? " " : "--net ", word(nic, "device"),
        word(nic, "mac"),
        is_userspace(vm) ? ",offload_tso=off,offload_ufo=off,offload_csum=off"
                         : "");
}

static void
add_virtualbox(struct text *t, const json_t *vm, const json_t *nic, int i)
{
    char *name = shell_quote(hypervisor_name_of(vm));
    char *mac = plain_mac(nic);
    add(t,
        "VBoxManage modifyvm %s --nic%d bridged --bridgeadapter%d %s "
        "--macaddress%d %s --cableconnected%d on\n",
        name, i + 1, i + 1, guest_device(nic), i + 1, mac, i + 1);
    free(mac);
    free(name);
}

static void
add_vmware(struct text *t, const json_t *nic, int i)
{
    add(t,
        "ethernet%d.present = \"TRUE\"\n"
        "ethernet%d.connectionType = \"custom\"\n"
        "ethernet%d.vnet = \"/dev/vmnetN\"   # N: bridged to %s\n"
        "ethernet%d.addressType = \"static\"\n"
        "ethernet%d.address = \"%s\"\n"
        "ethernet%d.startConnected = \"TRUE\"\n",
        i, i, i, guest_device(nic), i, i, word(nic, "mac"), i);
}

static void
add_libvirt(struct text *t, const json_t *vm, const json_t *nic)
{
    add(t,
        "<interface type='bridge'>\n"
        "  <mac address='%s'/>\n"
        "  <source bridge='%s'/>\n"
        "  <virtualport type='openvswitch'>\n"
        "    <parameters interfaceid='%s'/>\n"
        "  </virtualport>\n"
        "  <model type='virtio'/>\n"
        "</interface>\n",
        word(nic, "mac"), word(vm, "bridge"), word(nic, "id"));
}

static void
add_firecracker(struct text *t, const json_t *nic, int i)
{
    add(t,
        "{ \"iface_id\": \"eth%d\", \"guest_mac\": \"%s\", "
        "\"host_dev_name\": \"%s\" }\n",
        i, word(nic, "mac"), word(nic, "device"));
}

static void
add_incus(struct text *t, const json_t *vm, const json_t *nic, int i)
{
    char *name = shell_quote(hypervisor_name_of(vm));
    add(t,
        "incus config device add %s eth%d nic nictype=bridged parent=%s "
        "name=eth%d hwaddr=%s\n",
        name, i, word(vm, "bridge"), i, word(nic, "mac"));
    free(name);
}

static void
add_xen(struct text *t, const json_t *vm, const json_t *nic)
{
    add(t, "vif = [ 'mac=%s,bridge=%s,script=vif-openvswitch' ]\n",
        word(nic, "mac"), word(vm, "bridge"));
}

static void
add_external(struct text *t, const json_t *vm, const json_t *nic)
{
    add(t,
        "ovs-vsctl add-port %s DEVICE -- set Interface DEVICE "
        "external_ids:iface-id=%s external_ids:attached-mac='\"%s\"'\n",
        word(vm, "bridge"), word(nic, "id"), word(nic, "mac"));
}

static void
add_nic(struct text *t, const json_t *vm, const json_t *nic, int i)
{
    if (is_kind(vm, "kvm")) {
        add_kvm(t, vm, nic, i);
    } else if (is_kind(vm, "cloud-hypervisor")) {
        add_cloud_hypervisor(t, vm, nic, i);
    } else if (is_kind(vm, "virtualbox")) {
        add_virtualbox(t, vm, nic, i);
    } else if (is_kind(vm, "vmware")) {
        add_vmware(t, nic, i);
    } else if (is_kind(vm, "libvirt")) {
        add_libvirt(t, vm, nic);
    } else if (is_kind(vm, "firecracker")) {
        add_firecracker(t, nic, i);
    } else if (is_kind(vm, "incus")) {
        add_incus(t, vm, nic, i);
    } else if (is_kind(vm, "xen")) {
        add_xen(t, vm, nic);
    } else if (json_is_true(json_object_get(nic, "netns"))) {
        add(t, "vmovs attach %s --netns=PID\n", word(vm, "name"));
    } else {
        add_external(t, vm, nic);
    }
}

char *
attach_text(const json_t *vm)
{
    struct text t = { NULL };
    size_t i;
    json_t *nic;

    json_array_foreach (json_object_get(vm, "nics"), i, nic) {
        if (i && json_is_true(json_object_get(nic, "netns"))) {
            break; /* One command moves all NICs. */
        }
        add_nic(&t, vm, nic, i);
    }
    if (is_kind(vm, "kvm") || is_kind(vm, "cloud-hypervisor")) {
        add(&t, "\n");
    }
    return t.s ? t.s : format("%s", "");
}

char *
detach_text(const json_t *vm)
{
    struct text t = { NULL };
    char *name = shell_quote(hypervisor_name_of(vm));
    size_t n = json_array_size(json_object_get(vm, "nics"));

    for (size_t i = 0; i < n; i++) {
        if (is_kind(vm, "virtualbox")) {
            add(&t, "VBoxManage modifyvm %s --nic%zu null\n", name, i + 1);
        } else if (is_kind(vm, "incus")) {
            add(&t, "incus config device remove %s eth%zu\n", name, i);
        }
    }
    free(name);
    return t.s ? t.s : format("%s", "");
}

char *
next_command(const json_t *vm)
{
    const char *name = word(vm, "name");
    if (is_kind(vm, "kvm")) {
        return format("qemu-system-x86_64 -m 1G DISK $(vmovs attach %s "
                      "--print)",
                      name);
    } else if (is_kind(vm, "cloud-hypervisor")) {
        return format("cloud-hypervisor ... $(vmovs attach %s --print)", name);
    } else if (is_kind(vm, "virtualbox")) {
        return format("vmovs attach %s", name);
    } else if (is_kind(vm, "lxc") || is_kind(vm, "docker")
               || is_kind(vm, "podman") || is_kind(vm, "nspawn")
               || is_kind(vm, "netns")) {
        return format("vmovs attach %s --netns=PID", name);
    }
    return format("vmovs attach %s --print", name);
}
