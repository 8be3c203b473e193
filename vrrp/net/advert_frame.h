/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_ADVERT_FRAME_H
#define VRRP_NET_ADVERT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"

/*
 * Advertisements as whole link-layer frames, for a source MAC that is not the interface's own: the
 * virtual MAC leaves by the interface itself, whatever the state of the device that bears it, so
 * that a takeover does not wait for it.  Any thread; no system call.
 */

#define ADVERT_FRAME_HEADERS \
	62 /* octets that a frame has besides its part of the message, at most */
#define ADVERT_FRAME_MTU_MIN 68

struct advert_frame {
	const uint8_t *mac; /* where it comes from, six octets */
	const struct vrrp_address *source;
	const struct vrrp_address *destination; /* a multicast group of the same family */
	const uint8_t *message;			/* the VRRP message */
	bool is_packet; /* `message` is a whole IPv4 packet; its header checksum is filled in */
	size_t length;
	size_t mtu; /* of the interface; a longer packet becomes fragments */
	uint16_t id;
};

/*
 * Builds the frame that carries the message from `offset` on, in a buffer of ADVERT_FRAME_HEADERS
 * octets more than that.  Returns the frame's length, and in *taken the octets of the message that
 * are in it; the next frame begins behind them.
 */
size_t advert_frame_build(
	const struct advert_frame *frame, size_t offset, uint8_t *buffer, size_t *taken);

#endif
