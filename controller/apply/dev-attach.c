/* SPDX-License-Identifier: Apache-2.0
 *
 * dev-attach.c: moves far ends of veths.
 *
 * One netlink request moves, renames and sets up.  The kernel does these one
 * after the other and does not take back the first when the second fails; then
 * the pair is deleted, so that no half-attached device stays in somebody's
 * namespace. */
#include <config.h>
#include "apply/dev-attach.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "util.h"

/* Is 'name' one that the kernel takes for a device? */
static bool
device_name_is_valid(const char *name)
{
    size_t n = strlen(name);

    if (!n || n >= IFNAMSIZ || !strcmp(name, ".") || !strcmp(name, "..")) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (name[i] <= ' ' || name[i] > '~' || strchr("/:%", name[i])) {
            return false;
        }
    }
    return true;
}

/* Is 'netns_fd' the network namespace we are in? */
static bool
is_own_netns(int netns_fd)
{
    struct stat own, other;

    return !stat("/proc/self/ns/net", &own) && !fstat(netns_fd, &other)
           && own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

char *
dev_attach(struct dev_kernel *kernel, const char *device, int netns_fd,
           const char *name)
{
    const struct dev_link *near, *far;
    char far_name[IFNAMSIZ];
    int error;

    if (!device_name_is_valid(name)) {
        return xasprintf("\"%s\" is no name for a device; use up to %d letters"
                         " and digits, as in \"eth0\"",
                         name, IFNAMSIZ - 1);
    }
    if (is_own_netns(netns_fd)) {
        return xstrdup("that is the host's own network namespace; give the"
                       " container's");
    }
    dev_far_name(device, far_name);
    near = dev_links_find(&kernel->links, device);
    far = dev_links_find(&kernel->links, far_name);
    if (near && !near->peer) {
        return xasprintf("device %s is in a network namespace already",
                         device);
    }
    if (!near || !far) {
        return xasprintf("device %s is not ready yet; try again", device);
    }

    error = dev_link_move(far->ifindex, netns_fd, name);
    dev_kernel_refresh(kernel, device);
    near = dev_links_find(&kernel->links, device);
    if (error && near && !near->peer) {
        free(dev_detach(kernel, device));
    }
    return !error ? NULL
           : error == EEXIST
               ? xasprintf("the namespace has a device %s already; choose"
                           " another name or remove it",
                           name)
               : xasprintf("cannot move device %s into the namespace (%s);"
                           " check that it is the network namespace of a"
                           " running container",
                           device, ovs_strerror(error));
}

char *
dev_detach(struct dev_kernel *kernel, const char *device)
{
    const struct dev_link *near = dev_links_find(&kernel->links, device);
    int error;

    if (!near) {
        return NULL;
    }
    if (near->peer) {
        return xasprintf("device %s is in no network namespace", device);
    }
    error = dev_link_delete(near->ifindex);
    dev_kernel_refresh(kernel, device);
    return error ? xasprintf("cannot delete device %s (%s); try again", device,
                             ovs_strerror(error))
                 : NULL;
}
