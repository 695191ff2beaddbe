/* SPDX-License-Identifier: Apache-2.0
 *
 * dnsmasq-leases.c: reads the lease file, and speaks for the guest who is
 * gone: DHCPRELEASE (RFC 2131) and RELEASE (RFC 8415).
 *
 *     EXPIRY MAC ADDRESS NAME CLIENT-ID
 *     duid SERVER-DUID
 *     EXPIRY IAID ADDRESS NAME DUID                           */
#include <config.h>
#include "apply/dnsmasq-leases.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "apply/run-file.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(leases);

enum { MAX_FILE = 16 * 1024 * 1024, MAX_DUID = 130 };

/* A line of the file; strings point into a copy of it. */
struct lease {
    char *client; /* MAC, or IAID. */
    char *address;
    char *id; /* Client identifier, or DUID. */
    bool v6;
};

/* "00:01:ab..." in bytes; returns how many. */
static size_t
parse_hex(const char *s, uint8_t *bytes, size_t max)
{
    size_t n = 0;

    while (n < max) {
        char *end;

        bytes[n] = strtoul(s, &end, 16);
        if (end == s) {
            return n;
        }
        n++;
        if (*end != ':') {
            return n;
        }
        s = end + 1;
    }
    return n;
}

/* Can the client not be who has that MAC?  A DUID of type 1 or 3 has one at
 * its end; others tell nothing. */
static bool
is_another(const struct lease *lease, struct eth_addr mac)
{
    uint8_t duid[MAX_DUID];
    struct eth_addr theirs;
    size_t n;

    if (!lease->v6) {
        return !eth_addr_from_string(lease->client, &theirs)
               || !eth_addr_equals(theirs, mac);
    }
    n = parse_hex(lease->id, duid, sizeof duid);
    return n >= 10 && duid[0] == 0 && (duid[1] == 1 || duid[1] == 3)
           && memcmp(duid + n - ETH_ADDR_LEN, mac.ea, ETH_ADDR_LEN);
}

static bool
is_wanted(const struct lease *lease, const struct shash *wanted)
{
    const struct lease_want *want = shash_find_data(wanted, lease->address);

    return want && !is_another(lease, want->mac);
}

/* Splits 'line' in place.  False: no lease. */
static bool
parse_lease(char *line, struct lease *lease)
{
    char *words[5], *save = NULL;
    size_t n = 0;

    for (char *word = strtok_r(line, " ", &save);
         word && n < ARRAY_SIZE(words); word = strtok_r(NULL, " ", &save)) {
        words[n++] = word;
    }
    if (n < ARRAY_SIZE(words)) {
        return false;
    }
    lease->client = words[1];
    lease->address = words[2];
    lease->id = words[4];
    lease->v6 = strchr(lease->address, ':') != NULL;
    return true;
}

static int
open_socket(int family, const char *device)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    /* So that it comes in by that device, as far as dnsmasq can tell. */
    if (fd >= 0
        && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device,
                      strlen(device))) {
        close(fd);
        return -1;
    }
    return fd;
}

static void
send_message(int family, const char *device, const void *to, socklen_t to_len,
             const struct ofpbuf *message)
{
    int fd = open_socket(family, device);

    if (fd < 0
        || sendto(fd, message->data, message->size, 0, to, to_len) < 0) {
        VLOG_DBG("%s: cannot release a lease: %s", device,
                 ovs_strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void
put_option4(struct ofpbuf *b, uint8_t code, const void *data, uint8_t n)
{
    const uint8_t head[] = { code, n };

    ofpbuf_put(b, head, sizeof head);
    ofpbuf_put(b, data, n);
}

static void
release4(const struct lease *lease, const struct service_want *service)
{
    static const uint8_t cookie[] = { 99, 130, 83, 99 }, release = 7,
                         end = 255;
    const struct sockaddr_in server = {
        .sin_family = AF_INET,
        .sin_port = htons(67),
        .sin_addr.s_addr = service->gateway4.addr,
    };
    struct eth_addr mac;
    struct ofpbuf b;
    ovs_be32 ip;
    uint8_t *fixed;

    if (!ip_parse(lease->address, &ip)
        || !eth_addr_from_string(lease->client, &mac)) {
        return;
    }
    ofpbuf_init(&b, 300);
    fixed = ofpbuf_put_zeros(&b, 236);
    fixed[0] = 1; /* BOOTREQUEST */
    fixed[1] = 1; /* Ethernet. */
    fixed[2] = ETH_ADDR_LEN;
    memcpy(fixed + 12, &ip, sizeof ip);       /* ciaddr */
    memcpy(fixed + 28, mac.ea, ETH_ADDR_LEN); /* chaddr */
    ofpbuf_put(&b, cookie, sizeof cookie);
    put_option4(&b, 53, &release, sizeof release);
    put_option4(&b, 54, &service->gateway4.addr,
                sizeof service->gateway4.addr);
    ofpbuf_put(&b, &end, sizeof end);
    ofpbuf_put_zeros(&b, 300 - b.size);
    send_message(AF_INET, service->device, &server, sizeof server, &b);
    ofpbuf_uninit(&b);
}

static void
put_option6(struct ofpbuf *b, uint16_t code, const void *data, size_t n)
{
    const ovs_be16 head[] = { htons(code), htons(n) };

    ofpbuf_put(b, head, sizeof head);
    ofpbuf_put(b, data, n);
}

static void
release6(const struct lease *lease, const char *server_duid,
         const struct service_want *service)
{
    struct sockaddr_in6 servers = {
        .sin6_family = AF_INET6,
        .sin6_port = htons(547),
        .sin6_scope_id = if_nametoindex(service->device),
    };
    uint8_t duid[MAX_DUID], ia[12 + 4 + 24] = { 0 };
    const ovs_be32 iaid = htonl(strtoul(lease->client, NULL, 10));
    static const uint8_t head[] = { 8, 0, 0, 1 }; /* RELEASE, number 1. */
    struct in6_addr ip;
    struct ofpbuf b;

    if (!ipv6_parse(lease->address, &ip) || lease->client[0] == 'T') {
        return;
    }
    inet_pton(AF_INET6, "ff02::1:2", &servers.sin6_addr);
    memcpy(ia, &iaid, sizeof iaid);
    ia[13] = 5; /* Option IAADDR, of 24 bytes. */
    ia[15] = 24;
    memcpy(ia + 16, &ip, sizeof ip);
    ofpbuf_init(&b, 256);
    ofpbuf_put(&b, head, sizeof head);
    put_option6(&b, 1, duid, parse_hex(lease->id, duid, sizeof duid));
    put_option6(&b, 2, duid, parse_hex(server_duid, duid, sizeof duid));
    put_option6(&b, 3, ia, sizeof ia);
    send_message(AF_INET6, service->device, &servers, sizeof servers, &b);
    ofpbuf_uninit(&b);
}

static bool
is_gone(const struct lease *lease, struct shash *gone)
{
    struct shash_node *node = shash_find(gone, lease->address);

    if (!node) {
        return false;
    }
    if (!node->data) {
        node->data = xstrdup(lease->id);
    }
    return !strcmp(node->data, lease->id);
}

size_t
leases_release(const char *lease_file, const struct service_want *service,
               const struct shash *wanted, struct shash *gone)
{
    char *text = run_file_read(lease_file, MAX_FILE);
    const char *duid = "";
    char *save = NULL;
    size_t n = 0;

    for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save)) {
        struct lease lease;

        if (!strncmp(line, "duid ", 5)) {
            duid = line + 5;
        } else if (parse_lease(line, &lease)
                   && (!is_wanted(&lease, wanted) || is_gone(&lease, gone))) {
            if (lease.v6) {
                release6(&lease, duid, service);
            } else {
                release4(&lease, service);
            }
            n++;
        }
    }
    free(text);
    return n;
}

void
leases_prune(const char *lease_file, const struct shash *wanted)
{
    char *text = run_file_read(lease_file, MAX_FILE);
    struct ds kept = DS_EMPTY_INITIALIZER;
    char *save = NULL;

    for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save)) {
        char *copy = xstrdup(line);
        struct lease lease;

        if (!parse_lease(copy, &lease) || is_wanted(&lease, wanted)) {
            ds_put_format(&kept, "%s\n", line);
        }
        free(copy);
    }
    if (text && run_file_put(lease_file, ds_cstr(&kept)) == RUN_FILE_FAILED) {
        VLOG_WARN("%s: cannot take old leases out: %s", lease_file,
                  ovs_strerror(errno));
    }
    ds_destroy(&kept);
    free(text);
}
