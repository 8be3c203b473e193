/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_CHECKSUM_H
#define VRRP_PROTOCOL_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"

/* What the checksum covers.  Version 2: the message; version 3 over IPv6: message and
 * pseudo-header.  Version 3 over IPv4: the message by RFC 9568 5.2.8, and the pseudo-header too by
 * custom of the Linux implementations; both are accepted.  Over unicast, keepalived before 1.3.7
 * has the group's address in the pseudo-header. */
enum vrrp_checksum_form {
	VRRP_CHECKSUM_PSEUDO,
	VRRP_CHECKSUM_MESSAGE,
	VRRP_CHECKSUM_GROUP, /* unicast: a pseudo-header that names the multicast group instead */
	VRRP_CHECKSUM_FORMS
};

/* Which form version 3 sends over IPv4. */
enum vrrp_checksum_mode {
	VRRP_CHECKSUM_AUTO,	    /* pseudo-header, until the Active is heard using the other */
	VRRP_CHECKSUM_PSEUDO_ONLY,  /* v3_checksum_as_v2 off */
	VRRP_CHECKSUM_MESSAGE_ONLY, /* v3_checksum_as_v2 on */
	VRRP_CHECKSUM_GROUP_ONLY,   /* old_unicast_checksum, where there are unicast peers */
};

/* The Internet checksum (RFC 1071) of `length` octets, continuing from `sum`, as a sum that is not
 * yet folded. */
uint32_t vrrp_checksum_add(uint32_t sum, const uint8_t *data, size_t length);

/* The sum of the pseudo-header of a VRRP message of `length` octets (RFC 8200 8.1, RFC 9293
 * 3.1), to start from.  The two addresses are of one family. */
uint32_t vrrp_checksum_pseudo_header(
	const struct vrrp_address *source, const struct vrrp_address *destination, size_t length);

/* Folded and complemented, in host order; 0 for octets that hold a right checksum. */
uint16_t vrrp_checksum_finish(uint32_t sum);

#endif
