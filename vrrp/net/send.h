/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_SEND_H
#define VRRP_NET_SEND_H

#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"

/*
 * Sends many packets or frames, of many interfaces, with few system calls.  Everything is allocated
 * by vrrp_send_new; appending and flushing neither allocate nor block.  One batch belongs to one
 * thread.
 *
 *	vrrp_send_clear(batch);
 *	index = vrrp_send_append(batch, ...);	as often as there is something to send
 *	failed = vrrp_send_flush(batch, fd);
 *	if (failed > 0)
 *		... vrrp_send_error(batch, index) for each ...
 */
struct vrrp_send;

/* A batch of up to capacity IP packets, empty, for a socket of vrrp_socket_open of that family
 * (AF_INET or AF_INET6); or NULL with errno set. */
struct vrrp_send *vrrp_send_new(int family, unsigned int capacity);

/* The same of link-layer frames, for a socket of vrrp_announce_open. */
struct vrrp_send *vrrp_send_new_frames(unsigned int capacity);

/* Frees it, NULL too; returns NULL. */
struct vrrp_send *vrrp_send_free(struct vrrp_send *batch);

/* Empties it. */
void vrrp_send_clear(struct vrrp_send *batch);

/* Messages in it. */
unsigned int vrrp_send_count(const struct vrrp_send *batch);

/*
 * Adds an IP packet: payload of length octets, out of the interface, from source (an address this
 * host holds) to destination.  The payload is not copied: it must stay as it is until the flush.
 * Returns the message's index, -ENOBUFS when the batch is full, -EAFNOSUPPORT when an address is
 * not of the batch's family.
 */
int vrrp_send_append(struct vrrp_send *batch, int interface, const struct vrrp_address *source,
	const struct vrrp_address *destination, const void *payload, size_t length);

/* The message of that index leaves with this TTL or hop limit instead of the socket's. */
void vrrp_send_set_ttl(struct vrrp_send *batch, unsigned int index, uint8_t ttl);

/* Adds a whole link-layer frame to a batch of frames; else as vrrp_send_append. */
int vrrp_send_append_frame(
	struct vrrp_send *batch, int interface, const void *frame, size_t length);

/*
 * Hands all messages to the kernel, going on past those it refuses.  Returns how many it refused (0
 * is success).  A full socket buffer (-EAGAIN) ends the attempt: the rest carries that error too.
 */
unsigned int vrrp_send_flush(struct vrrp_send *batch, int fd);

/* Lets the kernel prepare each message up to where it would copy it, and send none, so that its
 * way is in the processor's caches.  Not of frames, which the kernel would send. */
void vrrp_send_probe(const struct vrrp_send *batch, int fd);

/* What became of message index in the last flush: 0 or a negative errno (-ENETUNREACH: the
 * interface is down; -EINVAL: IPv6's source is not held, or still tentative; -ENETDOWN: a frame's
 * interface is down; -ENODEV, -ENXIO: the interface is gone). */
int vrrp_send_error(const struct vrrp_send *batch, unsigned int index);

#endif
