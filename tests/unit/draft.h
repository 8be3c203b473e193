/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_DRAFT_H
#define TESTS_UNIT_DRAFT_H

#include "lib/image.h"

#include <stddef.h>
#include <stdint.h>

/* Configuration images for tests: filled in by hand, so that they can also be wrong. */

#define DRAFT_ITEMS 128

struct draft {
	struct image_header header; /* spans are counted while the draft is filled */
	struct image_router routers[DRAFT_ITEMS];
	struct image_address addresses[DRAFT_ITEMS];
	struct image_peer peers[DRAFT_ITEMS];
	struct image_track tracks[DRAFT_ITEMS];
	struct image_command commands[DRAFT_ITEMS];
	uint32_t removed[DRAFT_ITEMS];
	struct image_route routes[DRAFT_ITEMS];
	struct image_hop hops[DRAFT_ITEMS];
	struct image_rule rules[DRAFT_ITEMS];
	struct image_tracker trackers[DRAFT_ITEMS];
	struct image_use uses[DRAFT_ITEMS];
	char strings[16384];
};

/* An empty image; base 0: whole. */
void draft_begin(struct draft *draft, uint64_t generation, uint64_t base);

/* Appends a string, returns its offset. */
uint32_t draft_string(struct draft *draft, const char *text);

/* Appends a valid IPv4 router without addresses, tracks and commands: these are then appended to
 * the router that came last. */
struct image_router *draft_router(
	struct draft *draft, uint32_t slot, const char *name, const char *interface, uint8_t vrid);
struct image_address *draft_address(struct draft *draft, const char *interface);
/* 192.0.2.LAST, any TTL. */
struct image_peer *draft_peer(struct draft *draft, uint8_t last);
struct image_track *draft_track(struct draft *draft, const char *interface, int32_t weight);

/* `arguments` ends with NULL. */
struct image_command *draft_command(
	struct draft *draft, uint8_t occasion, const char *const *arguments);

/* Valid ones of the router that came last; the route has two hops. */
struct image_route *draft_route(struct draft *draft);
struct image_rule *draft_rule(struct draft *draft);

/* A valid script, run every second; `arguments` ends with NULL. */
struct image_tracker *draft_tracker(
	struct draft *draft, uint32_t slot, const char *name, const char *const *arguments);

/* Of the router that came last. */
struct image_use *draft_use(struct draft *draft, uint32_t tracker, int32_t weight);

void draft_remove(struct draft *draft, uint32_t slot);

/* The document's bytes, to be freed. */
void *draft_bytes(const struct draft *draft, size_t *size);

/* A sealed document; the descriptor is the caller's. */
int draft_document(const struct draft *draft);

#endif
