/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_PACKET_H
#define VRRP_PROTOCOL_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vrrp/protocol/address.h"
#include "vrrp/protocol/ah.h"
#include "vrrp/protocol/auth.h"
#include "vrrp/protocol/checksum.h"
#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/reason.h"

/* What the IP layer knows of a message. */
struct vrrp_ip_facts {
	struct vrrp_address source;
	struct vrrp_address destination;
	size_t length;		  /* octets of payload the IP header promises */
	const uint8_t *ip_header; /* of a message inside AH (IP protocol 51), else NULL */
	size_t ip_header_length;
	struct vrrp_address group; /* IPv4: tried as VRRP_CHECKSUM_GROUP, if set */
	uint8_t ttl;		   /* TTL or hop limit */
};

/* An advertisement in place: `addresses` and `trailer` point into the payload that was decoded and
 * live as long as it does. */
struct vrrp_view {
	struct vrrp_address source;
	struct vrrp_address destination;
	struct vrrp_ah_view ah;	  /* .ip_header is NULL: it came without AH */
	uint64_t interval;	  /* nanoseconds */
	const uint8_t *addresses; /* address_count times the family's length */
	const uint8_t *trailer;	  /* version 2: the 8 authentication octets; else NULL */
	uint8_t family;		  /* enum vrrp_family */
	uint8_t version;
	uint8_t vrid; /* 0: not readable, nobody's */
	uint8_t ttl;
	uint8_t priority;
	uint8_t address_count;
	uint8_t auth_type;     /* version 2, as received */
	uint8_t checksum_form; /* enum vrrp_checksum_form that fitted */
};

/* Stage one: all that the packet alone can tell (RFC 9568 7.1): the TTL of what was sent to a
 * group, version, type, length, checksum, VRID, an interval of 0.  `payload` starts after the IP
 * header; `received` octets of it are there; what follows facts->length is link padding and is
 * ignored.
 *
 * Returns VRRP_DROP_NONE and a complete view, or the first thing that is wrong.  Even then
 * view->family, source, destination and vrid are set, the last to 0 if it can't be read, so that
 * the error can be counted for the virtual router it was meant for (VRRP_EVENT_REJECTED).
 * Reads each octet at most a few times, never writes; any thread. */
enum vrrp_drop vrrp_packet_decode(const uint8_t *payload, size_t received,
	const struct vrrp_ip_facts *facts, struct vrrp_view *view);

/* What an advertisement of ours says. */
struct vrrp_advert {
	struct vrrp_address source;	      /* for the pseudo-header */
	struct vrrp_address destination;      /* for the pseudo-header */
	const struct vrrp_address *addresses; /* in the order to be sent; all of one family */
	size_t address_count;		      /* 1..255; version 2: 0..255 */
	uint64_t interval;		      /* ns; whole centiseconds (v3) or seconds (v2) */
	struct vrrp_auth auth;		      /* version 2 */
	uint8_t version;
	uint8_t vrid;
	uint8_t priority;
	uint8_t checksum_form;	   /* version 3 over IPv4 only; the others have but one */
	struct vrrp_address group; /* for VRRP_CHECKSUM_GROUP */
};

/* The message into `buffer`: its octets (the IP header is not included), -EINVAL for values out of
 * range, -ENOBUFS if `size` is too small (VRRP_PACKET_MAX always suffices). */
ssize_t vrrp_packet_encode(const struct vrrp_advert *advert, uint8_t *buffer, size_t size);

#endif
