/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_PEER_H
#define VRRP_PROTOCOL_PEER_H

#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"

/* A router that is spoken to by unicast instead of the multicast group. */
struct vrrp_peer {
	struct vrrp_address address;
	uint8_t ttl_min; /* of what is taken from it */
	uint8_t ttl_max;
};

/* The peer of that address, or NULL, among peers that rise by vrrp_address_compare().  O(log n): a
 * link can offer as many wrong senders as it likes. */
const struct vrrp_peer *vrrp_peer_find(
	const struct vrrp_peer *peers, size_t count, const struct vrrp_address *address);

#endif
