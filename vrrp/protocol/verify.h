/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_VERIFY_H
#define VRRP_PROTOCOL_VERIFY_H

#include "vrrp/protocol/packet.h"
#include "vrrp/protocol/reason.h"
#include "vrrp/protocol/router.h"

#define VRRP_NOTES_MAX 4

/* What a virtual router finds in an advertisement that is sound in itself. */
struct vrrp_findings {
	enum vrrp_drop drop; /* NONE: it is to be processed */
	unsigned int note_count;
	enum vrrp_drop notes[VRRP_NOTES_MAX]; /* wrong, but no reason to drop it */
};

/* Stage two of reception: what takes the router's configuration to judge (RFC 9568 7.1, RFC 3768
 * 7.1): version, source, destination, authentication, interval, addresses.  active_down: the
 * router's own, after which a sender may have been restarted (ah.h).  Changes nothing. */
struct vrrp_findings vrrp_verify(const struct vrrp_router *router, const struct vrrp_view *view,
	uint64_t now, uint64_t active_down);

#endif
