/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_ENCODE_H
#define VRRP_PROTOCOL_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vrrp/protocol/router.h"

/* What a router sends, as octets. */

#define VRRP_DATAGRAM_MAX (VRRP_PACKET_MAX + VRRP_AH_HEADROOM)

/* What a SEND_ADVERT of that priority stands for, to one destination: one of the peers, each of
 * which gets its own, or NULL for the group.  A message as vrrp_packet_encode() makes it or, where
 * the router uses AH, a datagram with its IP header (ah.h), each with the next sequence number;
 * VRRP_DATAGRAM_MAX octets always suffice. */
ssize_t vrrp_router_encode(struct vrrp_router *router, uint8_t priority,
	const struct vrrp_address *destination, uint8_t *buffer, size_t size);

/* Whether its adverts travel inside AH. */
bool vrrp_router_uses_ah(const struct vrrp_router *router);

#endif
