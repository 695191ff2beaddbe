/* SPDX-License-Identifier: Apache-2.0
 *
 * relay.c: a stand-in for VirtualBox's and VMware's bridging drivers.
 *
 *     relay HOSTDEV GUESTDEV
 *
 * Does with packet sockets what vboxnetflt and vmnet do in the kernel: frames
 * of the guest (received on GUESTDEV) are transmitted on HOSTDEV, and frames
 * received on HOSTDEV are handed to the guest.  The guest lives at the other
 * end of GUESTDEV, a veth.  As the drivers do with a guest's broadcasts,
 * nothing is kept from the host's own stack.
 *
 * It proves the contract of a device, not a product. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
open_device(const char *name)
{
    struct sockaddr_ll sll = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = if_nametoindex(name),
    };
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
    if (!sll.sll_ifindex || fd < 0
        || bind(fd, (struct sockaddr *) &sll, sizeof sll)) {
        fprintf(stderr, "relay: %s: %s\n", name, strerror(errno));
        exit(1);
    }
    struct packet_mreq mreq = {
        .mr_ifindex = sll.sll_ifindex,
        .mr_type = PACKET_MR_PROMISC,
    };
    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mreq, sizeof mreq);
    return fd;
}

/* Moves one frame; what the device itself transmits is not taken back in. */
static void
move(int from, int to)
{
    static unsigned char frame[65536];
    struct sockaddr_ll sll;
    socklen_t len = sizeof sll;

    ssize_t n = recvfrom(from, frame, sizeof frame, 0,
                         (struct sockaddr *) &sll, &len);
    if (n > 0 && sll.sll_pkttype != PACKET_OUTGOING) {
        /* A device that is down or full loses frames, as a wire would. */
        if (send(to, frame, n, 0) < 0 && errno == EBADF) {
            exit(1);
        }
    }
}

int
main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: relay HOSTDEV GUESTDEV\n");
        return 2;
    }
    struct pollfd fds[2] = {
        { .fd = open_device(argv[1]), .events = POLLIN },
        { .fd = open_device(argv[2]), .events = POLLIN },
    };
    for (;;) {
        if (poll(fds, 2, -1) < 0) {
            return 1;
        }
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents) {
                move(fds[i].fd, fds[!i].fd);
            }
        }
    }
}
