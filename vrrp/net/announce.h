/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_ANNOUNCE_H
#define VRRP_NET_ANNOUNCE_H

#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"

/*
 * Telling the link who holds a virtual address: gratuitous ARP for IPv4 (RFC 5227 section 3,
 * RFC 9568 section 6.4.2) and unsolicited neighbour advertisements for IPv6 (RFC 4861 section
 * 7.2.6).  The frames are built into the caller's buffers, put into a batch of frames of send.h
 * and flushed together.  Ethernet only.
 */

#define VRRP_ANNOUNCE_MAC   6
#define VRRP_ANNOUNCE_ARP   42 /* octets of a gratuitous ARP frame */
#define VRRP_ANNOUNCE_NA    86 /* octets of a neighbour advertisement frame */
#define VRRP_ANNOUNCE_FRAME 86 /* a buffer for either */

/* A packet socket that only sends: non-blocking, close-on-exec.  Returns the descriptor, which the
 * caller closes, or a negative errno.  Needs CAP_NET_RAW.  Any thread. */
int vrrp_announce_open(void);

/*
 * Builds the frame that announces address (a virtual address, either family) at mac.  source: the
 * link-local address that a neighbour advertisement comes from; for IPv4 it is not looked at and
 * may be NULL.  Returns the frame's length (VRRP_ANNOUNCE_ARP or VRRP_ANNOUNCE_NA) or
 * -EAFNOSUPPORT.  Any thread; no system call.
 */
int vrrp_announce_build(uint8_t frame[VRRP_ANNOUNCE_FRAME], const uint8_t mac[VRRP_ANNOUNCE_MAC],
	const struct vrrp_address *address, const struct vrrp_address *source);

#endif
