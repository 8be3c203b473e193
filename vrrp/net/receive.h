/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_RECEIVE_H
#define VRRP_NET_RECEIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/packet.h"

/*
 * Reads packets of a socket of socket.h in batches.  Everything is allocated by vrrp_receive_new;
 * reading neither allocates nor blocks.  One batch belongs to one thread.
 */
struct vrrp_receive;

/* The largest IP packet kept whole: an IPv6 advertisement of 255 addresses has 4088 octets. */
#define VRRP_RECEIVE_OCTETS 4352

/* A packet as it was heard.  The pointers lead into the batch and hold until it reads again. */
struct vrrp_datagram {
	int interface;		  /* ifindex it came in by (a VRF's slave, a macvlan) */
	struct vrrp_ip_facts ip;  /* destination: as in the IP header, group or not */
	const uint8_t *ip_header; /* IPv4: with its options; IPv6: NULL */
	size_t ip_header_length;  /* octets; 0 for IPv6 */
	const uint8_t *payload;	  /* what follows the IP header and its extensions */
	size_t received;	  /* octets of payload there; less than ip.length: cut off */
	uint64_t realtime;	  /* kernel's arrival time, ns of CLOCK_REALTIME, or 0 */
};

/* A batch of slots packets (1-1024), or NULL with errno set. */
struct vrrp_receive *vrrp_receive_new(unsigned int slots);

/* Frees it, NULL too; returns NULL. */
struct vrrp_receive *vrrp_receive_free(struct vrrp_receive *batch);

/*
 * Reads at most limit packets (and at most the batch's slots) that wait at fd.  Returns how many,
 * 0 when none waits, or a negative errno.  A datagram too mangled for its own IP header to be
 * parsed does not count and is skipped.
 */
int vrrp_receive_read(struct vrrp_receive *batch, int fd, unsigned int limit);

/* Number index (0 .. what the last read returned - 1) of the last read. */
const struct vrrp_datagram *vrrp_receive_datagram(
	const struct vrrp_receive *batch, unsigned int index);

/* Whether the last read filled what it was allowed, so that more may be waiting. */
bool vrrp_receive_more(const struct vrrp_receive *batch);

/* Packets the kernel dropped at the socket of the last read, because its buffer was full, since
 * the socket was opened; modulo 2^32. */
uint32_t vrrp_receive_overruns(const struct vrrp_receive *batch);

#endif
