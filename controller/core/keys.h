/* SPDX-License-Identifier: Apache-2.0
 *
 * keys.h: the numbers that flows use for networks and ports, kept stable.
 *
 * A port key (reg14, reg15, also the port's meter id and bucket id) is unique
 * on the host.  Keys are given out in chunks of 64; a chunk belongs to one
 * network, and each chunk is one OpenFlow group per broadcast tree.  So a tree
 * never needs a group of more than 64 buckets, and a port's group follows from
 * its key alone.
 *
 * What is stored in the database (external_ids:vmovs-key) wins; everything
 * else is the lowest free number, in the order of names.  Chunk 0 is not used,
 * so no key is below 64 and 0 means none.  Pure. */
#ifndef VMOVS_CORE_KEYS_H
#define VMOVS_CORE_KEYS_H

#include <stdint.h>
#include "core/binding.h"
#include "core/model.h"
#include "core/view.h"

enum {
    KEY_CHUNK = 64,             /* Port keys in a chunk. */
    KEY_MIN = KEY_CHUNK,        /* The lowest port key. */
    KEY_MAX = 65535             /* The highest port key. */
};

/* The number of 'network' in metadata and in tunnels: 1 to 2^24 - 1.  A hash
 * of the name, so that hosts agree; names that collide are probed onward in
 * the order of names. */

struct keys;                    /* Port and network keys in force. */

struct keys *keys_create(void);
void keys_destroy(struct keys *);

/* Brings 'keys' in line with 'model': keeps each key already given, takes over
 * what 'view' has stored for objects not seen before, gives new ones to the
 * rest and frees those of objects that are gone.  'host' is this host's name.
 *
 * A network with an address has a key for its gateway port.  A NIC has a key
 * if it has a port ('bindings') or if we are to make one: a key that nothing
 * could store would not outlive a restart.
 *
 * Where stored keys contradict each other, a chunk goes to the network that
 * already has it, else to the one with the most keys stored in it, else to the
 * first by name; and a key to the gateway, else to the first NIC by name.
 *
 * Returns the number of objects for which no key was left. */
size_t keys_update(struct keys *, const struct model *, const struct view *,
                   const struct bindings *, const char *host);

/* The key of the network, of its gateway port, of the NIC; 0: it has none. */
uint32_t keys_network(const struct keys *, const char *network);
uint32_t keys_gateway(const struct keys *, const char *network);
uint32_t keys_nic(const struct keys *, const char *full_name);

/* The chunks (key / KEY_CHUNK) that 'network' owns, ascending; '*n' is their
 * number.  The array belongs to 'keys' and is valid until the next update. */
const uint16_t *keys_chunks(const struct keys *, const char *network,
                            size_t *n);

/* Has the network an address, and so a gateway port? */
bool network_has_gateway(const struct network *);

#endif
