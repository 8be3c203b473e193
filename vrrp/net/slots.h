/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_SLOTS_H
#define VRRP_NET_SLOTS_H

#include <stdint.h>

#include "lib/image.h"
#include "vrrp/net/burst.h"
#include "vrrp/net/exchange.h"
#include "vrrp/net/hearing.h"
#include "vrrp/net/monitor.h"
#include "vrrp/net/ownership.h"

/*
 * The virtual routers as the applier knows them: what the configuration image says of each, what
 * the engine wishes for it, and what it was told last.  Applier thread only.
 */
struct slots;

/* Borrowed. */
struct slots_parts {
	struct monitor *monitor;
	struct ownership *ownership;
	struct hearing *hearing;
	struct burst *burst;
	struct exchange *exchange;
};

/* NULL: errno says why. */
struct slots *slots_new(uint32_t count, const struct slots_parts *parts);

struct slots *slots_free(struct slots *slots);

/* Takes over an image, whole or delta. */
void slots_read_image(struct slots *slots, const struct image *image);

/* Takes over the wishes for a slot. */
void slots_read_wish(struct slots *slots, const struct wish *wish, uint64_t now);

/* Begins the announcements and posts the results of the routers whose addresses are settled. */
void slots_settle(struct slots *slots, uint64_t now);

/* Announces every router with addresses on the interface anew. */
void slots_announce_interface(struct slots *slots, uint32_t number);

#endif
