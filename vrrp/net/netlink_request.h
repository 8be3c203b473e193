/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_NETLINK_REQUEST_H
#define VRRP_NET_NETLINK_REQUEST_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Requests that change something by route netlink, many with one system call.  The kernel works
 * them off, in their order and under its RTNL lock, before the call returns: applier thread only.
 */

#define REQUESTS_MAX	 64
#define REQUEST_OCTETS	 2560 /* of the longest request: a route with IMAGE_HOPS_MAX hops */
#define REQUESTS_AVERAGE 224

struct requests {
	struct nlmsghdr *last;
	uint32_t first; /* sequence number of the first */
	unsigned int count;
	size_t length;
	int errors[REQUESTS_MAX]; /* what became of each: 0 or a negative errno */
	_Alignas(struct nlmsghdr) uint8_t octets[REQUESTS_MAX * REQUESTS_AVERAGE + REQUEST_OCTETS];
};

/* No requests yet. */
void requests_clear(struct requests *requests);

/* Whether one more has room; there always is for the first. */
bool requests_have_room(const struct requests *requests);

/* Begins the next one: type RTM_*, flags besides those of every request. */
void request_begin(
	struct requests *requests, uint16_t type, uint16_t flags, const void *body, size_t length);

/* Adds to the last one.  A nest ends with what request_nest returned. */
void request_put(struct requests *requests, uint16_t type, const void *data, size_t length);
void request_put_u8(struct requests *requests, uint16_t type, uint8_t number);
void request_put_u32(struct requests *requests, uint16_t type, uint32_t number);
void *request_append(struct requests *requests, size_t length);
size_t request_nest(struct requests *requests, uint16_t type);
void request_nest_end(struct requests *requests, size_t nest);

/* Takes the last one back: it is as if it had not been begun. */
void request_take_back(struct requests *requests);

/* The octets of the last one behind its header, and how many. */
const void *request_body(const struct requests *requests, size_t *length);

/* Sends them all and fills in `errors`.  fd: of netlink_open(0). */
void requests_send(struct requests *requests, int fd);

#endif
