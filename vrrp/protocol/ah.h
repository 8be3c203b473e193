/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_AH_H
#define VRRP_PROTOCOL_AH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"
#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/reason.h"

/*
 * AuthType 2 of version 2 (RFC 2338 5.3.6.3): the message inside an IP authentication header with
 * HMAC-MD5-96, laid out as keepalived does: the SPI is the source address; TOS, fragment word and
 * header checksum count as zero, and so does the TTL, but only of unicast.  The sequence number
 * keeps recorded adverts from being sent again; MD5 and a password of eight octets keep out no
 * determined attacker.
 */

#define VRRP_AH_OCTETS	 24 /* the authentication header */
#define VRRP_IPV4_OCTETS 20 /* an IPv4 header of ours */

/* What stands before the message in a datagram of vrrp_ah_authenticate(). */
#define VRRP_AH_HEADROOM (VRRP_IPV4_OCTETS + VRRP_AH_OCTETS)

/* A received datagram's authentication header, in place. */
struct vrrp_ah_view {
	const uint8_t *ip_header; /* with its options; NULL: the message came without AH */
	size_t ip_header_length;
	const uint8_t *header; /* VRRP_AH_OCTETS, and the message after it */
	size_t message_length;
	uint32_t sequence;
};

/* Whether what came by IP protocol 51 is about VRRP at all; other users of the protocol are none of
 * our business. */
bool vrrp_ah_carries_vrrp(const uint8_t *payload, size_t received);

/* Whether the header has the length and the fields every sender of ours gives it. */
bool vrrp_ah_read(struct vrrp_ah_view *view, const uint8_t *payload, size_t length);

/* Whether the header was made with that password by the holder of that source address.  Constant
 * time in the ICV; neither allocates nor keeps anything. */
bool vrrp_ah_verify(const struct vrrp_ah_view *view, const struct vrrp_address *source,
	const uint8_t password[VRRP_AUTH_OCTETS]);

/* What the two headers of a datagram of ours say. */
struct vrrp_ah_headers {
	struct vrrp_address source; /* IPv4, both */
	struct vrrp_address destination;
	uint32_t sequence;
	uint8_t ttl;
	const uint8_t *password; /* VRRP_AUTH_OCTETS */
};

/* Writes the headers, with the ICV, before the message of `length` octets that is at datagram +
 * VRRP_AH_HEADROOM.  The kernel fills in nothing but the IP header's checksum. */
void vrrp_ah_authenticate(uint8_t *datagram, size_t length, const struct vrrp_ah_headers *headers);

/* ---- Replay protection ---- */

#define VRRP_AH_SENDERS 8

/* One who has sent genuine adverts. */
struct vrrp_ah_sender {
	struct vrrp_address source; /* none: free */
	uint8_t reserved[3];
	uint32_t sequence; /* of its last */
	uint64_t heard;	   /* when that was, ns */
};

struct vrrp_ah_state {
	/* The greatest that was sent or heard: a router that continues from there is believed by
	 * its peers at once, also after its restart. */
	uint32_t sequence;
	uint32_t reserved;
	struct vrrp_ah_sender senders[VRRP_AH_SENDERS];
};

/* Whether a genuine header's sequence number is a new one.  A sender that has been silent for
 * `forget_after` ns may have been restarted, and may begin anew. */
bool vrrp_ah_is_new(const struct vrrp_ah_state *state, const struct vrrp_address *source,
	uint32_t sequence, uint64_t now, uint64_t forget_after);

/* Remembers it.  When all places are taken it gets that of the sender that was silent longest. */
void vrrp_ah_remember(struct vrrp_ah_state *state, const struct vrrp_address *source,
	uint32_t sequence, uint64_t now);

#endif
