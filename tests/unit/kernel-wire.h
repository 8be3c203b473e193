/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_KERNEL_WIRE_H
#define TESTS_UNIT_KERNEL_WIRE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/net/filter.h"
#include "vrrp/net/receive.h"
#include "vrrp/protocol/limits.h"

/* A wire in a network namespace of its own: frames are put on one end, the engine's own kind of
 * sockets, with the kernel's filter at them, are at the other. */

#define WIRE_VRID	51
#define WIRE_PLACES	64  /* of the filter */
#define WIRE_ADVERT_MAX 160 /* octets */

/* Nothing has come, and what must come. */
#define WIRE_QUIET_MS 40
#define WIRE_SOON_MS  5000

struct wire {
	struct filter *filter;
	int sockets[2]; /* [family - 1] */
	int member;	/* of the groups */
	int sender;	/* at the other end */
	int epoll;
	uint32_t interface;
	uint32_t places[2];
	struct vrrp_receive *batch;
	unsigned int seed;
};

extern struct wire wire;

struct frame {
	enum vrrp_family family;
	char source[INET6_ADDRSTRLEN];
	char destination[INET6_ADDRSTRLEN];
	uint8_t hops;
	uint8_t class; /* of service */
	bool options;
	uint16_t id; /* 0: any */
	size_t length;
	uint8_t payload[WIRE_ADVERT_MAX];
};

/* Of cmocka's group; set_up fails where there is no filter. */
int wire_set_up(void **state);
int wire_tear_down(void **state);

/* A sound one, of VRID 51 and priority 200. */
struct frame wire_advert(enum vrrp_family family, size_t addresses);

void wire_put(const struct frame *frame);

/* The next datagram of the family, or NULL if none comes in that time. */
const struct vrrp_datagram *wire_hear(enum vrrp_family family, int ms);

#endif
