/* SPDX-License-Identifier: Apache-2.0
 *
 * commands.c: the table of commands: names, arguments, options, help. */
#include <config.h>
#include <jansson.h>
#include "cli/cli.h"

/* clang-format off */
#define FLAG(NAME, HELP) { NAME, OPT_FLAG, NULL, NULL, HELP }
#define TEXT(NAME, ARG, HELP) { NAME, OPT_STRING, ARG, NULL, HELP }
#define END { NULL, OPT_LOCAL, NULL, NULL, NULL }
#define EDIT_OPTIONS \
    FLAG("dry-run", "say what would be, and change nothing"), \
    FLAG("no-wait", "do not wait until the switch has followed"), \
    { "timeout", OPT_NUMBER, "S", NULL, "wait at most S seconds (10)" }
#define NIC_OPTIONS \
    TEXT("network", "NET", "the network (default)"), \
    TEXT("ip", "A", "the IPv4 address (chosen for you)"), \
    TEXT("ip6", "A", "the IPv6 address (chosen for you)"), \
    TEXT("mac", "M", "the MAC address (chosen for you)")

const struct option_def common_options[] = {
    { "json", OPT_LOCAL, NULL, NULL, "print JSON" },
    { "socket", OPT_LOCAL, "PATH", NULL, "where vmovsd listens" },
    { "help", OPT_LOCAL, NULL, NULL, "print this" },
    { "version", OPT_LOCAL, NULL, NULL, "print the version" },
    END
};

static const struct option_def add_vm_options[] = {
    TEXT("hypervisor", "KIND", "kvm (default), libvirt, virtualbox, vmware, "
         "lxc,\n                            incus, docker, podman, nspawn, "
         "netns,\n                            firecracker, "
         "cloud-hypervisor, xen or external"),
    TEXT("hypervisor-name", "NAME", "what the hypervisor calls the VM"),
    NIC_OPTIONS,
    TEXT("owner", "USER", "whose it is (you)"),
    { "group", OPT_LIST, "G", "groups", "a group it is in; may be repeated" },
    FLAG("may-exist", "it is no error if the VM exists"),
    EDIT_OPTIONS,
    END
};
static const struct option_def del_options[] = {
    FLAG("if-exists", "it is no error if there is none"),
    EDIT_OPTIONS,
    END
};
static const struct option_def edit_options[] = { EDIT_OPTIONS, END };
static const struct option_def add_nic_options[] = {
    TEXT("nic", "NAME", "its name (its position)"),
    NIC_OPTIONS,
    FLAG("may-exist", "it is no error if the NIC exists"),
    EDIT_OPTIONS,
    END
};
static const struct option_def add_net_options[] = {
    TEXT("subnet", "CIDR", "the IPv4 subnet, or auto"),
    TEXT("subnet6", "CIDR", "the IPv6 subnet, or auto"),
    TEXT("mode", "MODE", "nat (default), routed, isolated or bridged"),
    FLAG("isolate", "its guests do not reach each other"),
    TEXT("domain", "D", "the DNS domain"),
    { "mtu", OPT_NUMBER, "N", NULL, "the MTU, bytes" },
    FLAG("may-exist", "it is no error if the network exists"),
    EDIT_OPTIONS,
    END
};
static const struct option_def host_options[] = {
    FLAG("no-wait", "do not wait until all has followed"),
    { "timeout", OPT_NUMBER, "S", NULL, "wait at most S seconds (30)" },
    END
};
static const struct option_def attach_options[] = {
    { "print", OPT_LOCAL, NULL, NULL, "print what to run or paste instead" },
    { "netns", OPT_LOCAL, "PID|PATH", NULL, "put it in this namespace" },
    END
};
static const struct option_def detach_options[] = {
    { "print", OPT_LOCAL, NULL, NULL, "print what to run or paste instead" },
    END
};
static const struct option_def sync_options[] = {
    { "timeout", OPT_NUMBER, "S", NULL, "wait at most S seconds (60)" },
    END
};

const struct command commands[] = {
    { "add-vm", "NAME", 1, 1, add_vm_options, cmd_vm,
      "declare a VM and make its port",
      "vmovs add-vm web1 --hypervisor=virtualbox" },
    { "del-vm", "NAME", 1, 1, del_options, cmd_del,
      "delete a VM with its ports", "vmovs del-vm web1" },
    { "set-vm", "NAME KEY=VALUE...", 2, -1, edit_options, cmd_set,
      "change a VM", "vmovs set-vm web1 ip=10.77.0.20 1.network=lab" },
    { "add-nic", "VM", 1, 1, add_nic_options, cmd_nic,
      "give a VM one more NIC", "vmovs add-nic web1 --network=lab" },
    { "del-nic", "VM NIC", 2, 2, del_options, cmd_del,
      "delete a NIC of a VM", "vmovs del-nic web1 1" },
    { "add-net", "NAME", 1, 1, add_net_options, cmd_net,
      "declare a network", "sudo vmovs add-net lab --mode=isolated" },
    { "del-net", "NAME", 1, 1, del_options, cmd_del,
      "delete a network that has no members", "sudo vmovs del-net lab" },
    { "set-net", "NAME KEY=VALUE...", 2, -1, edit_options, cmd_set,
      "change a network", "sudo vmovs set-net lab isolate=true" },
    { "list", "[WHAT]", 0, 1, NULL, cmd_list,
      "list vms (default), nets, hosts or ports", "vmovs list ports" },
    { "show", "[NAME]", 0, 1, NULL, cmd_show,
      "show a VM or a network in full, or all in short", "vmovs show web1" },
    { "attach", "NAME", 1, 1, attach_options, cmd_attach,
      "connect a VM to its port, at the hypervisor's side",
      "qemu-system-x86_64 -m 1G disk.qcow2 $(vmovs attach web1 --print)" },
    { "detach", "NAME", 1, 1, detach_options, cmd_detach,
      "undo attach", "vmovs detach web1" },
    { "status", "", 0, 0, NULL, cmd_status,
      "show what is in place and what stands in the way", "vmovs status" },
    { "sync", "", 0, 0, sync_options, cmd_sync,
      "wait until all that is declared is in place",
      "vmovs sync --timeout=30" },
    { "check", "", 0, 0, NULL, cmd_check,
      "say what is wrong here, and how to mend it", "vmovs check" },
    { "start", "", 0, 0, host_options, cmd_host,
      "let the network pass again after a stop", "sudo vmovs start" },
    { "stop", "", 0, 0, host_options, cmd_host,
      "let nothing pass, until start or the next boot", "sudo vmovs stop" },
    { "reload", "", 0, 0, host_options, cmd_host,
      "read the config now, and say whether it is in place",
      "sudo vmovs reload" },
    { "help", "[COMMAND]", 0, 1, NULL, cmd_help,
      "explain a command, or list them all", "vmovs help add-vm" },
    { NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
