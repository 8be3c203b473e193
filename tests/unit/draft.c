/* SPDX-License-Identifier: ISC */
#include "tests/unit/draft.h"

#include "lib/clock.h"
#include "lib/sharedmem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void draft_begin(struct draft *draft, uint64_t generation, uint64_t base)
{
	memset(draft, 0, sizeof(*draft));
	draft->header.magic = IMAGE_MAGIC;
	draft->header.generation = generation;
	draft->header.base_generation = base;
}

uint32_t draft_string(struct draft *draft, const char *text)
{
	uint32_t offset = draft->header.strings.count;
	size_t length = strlen(text) + 1;

	assert(offset + length <= sizeof(draft->strings));
	memcpy(draft->strings + offset, text, length);
	draft->header.strings.count += (uint32_t)length;
	return offset;
}

static uint32_t one_more(struct image_span *span)
{
	assert(span->count < DRAFT_ITEMS);
	return span->count++;
}

static struct image_router *last_router(struct draft *draft)
{
	assert(draft->header.routers.count);
	return &draft->routers[draft->header.routers.count - 1];
}

struct image_router *draft_router(
	struct draft *draft, uint32_t slot, const char *name, const char *interface, uint8_t vrid)
{
	struct image_router *router = &draft->routers[one_more(&draft->header.routers)];

	router->slot = slot;
	router->name = draft_string(draft, name);
	snprintf(router->interface, sizeof(router->interface), "%s", interface);
	router->family = IMAGE_IPV4;
	router->vrid = vrid;
	router->version = 3;
	router->priority = 100;
	router->interval = NSEC_PER_SEC;
	router->down_adverts = 3;
	router->ttl = 255;
	router->addresses.first = draft->header.addresses.count;
	router->peers.first = draft->header.peers.count;
	router->tracks.first = draft->header.tracks.count;
	router->commands.first = draft->header.commands.count;
	return router;
}

struct image_address *draft_address(struct draft *draft, const char *interface)
{
	struct image_address *address = &draft->addresses[one_more(&draft->header.addresses)];

	last_router(draft)->addresses.count++;
	address->family = IMAGE_IPV4;
	address->prefix_length = 24;
	snprintf(address->interface, sizeof(address->interface), "%s", interface);
	return address;
}

struct image_peer *draft_peer(struct draft *draft, uint8_t last)
{
	struct image_peer *peer = &draft->peers[one_more(&draft->header.peers)];
	const uint8_t octets[4] = {192, 0, 2, last};

	last_router(draft)->peers.count++;
	memcpy(peer->address, octets, sizeof(octets));
	peer->ttl_max = 255;
	return peer;
}

struct image_track *draft_track(struct draft *draft, const char *interface, int32_t weight)
{
	struct image_track *track = &draft->tracks[one_more(&draft->header.tracks)];

	last_router(draft)->tracks.count++;
	snprintf(track->interface, sizeof(track->interface), "%s", interface);
	track->weight = weight;
	return track;
}

struct image_command *draft_command(
	struct draft *draft, uint8_t occasion, const char *const *arguments)
{
	struct image_command *command = &draft->commands[one_more(&draft->header.commands)];

	last_router(draft)->commands.count++;
	command->occasion = occasion;
	command->arguments = draft->header.strings.count;
	for (; *arguments; arguments++, command->argument_count++)
		draft_string(draft, *arguments);
	return command;
}

struct image_route *draft_route(struct draft *draft)
{
	struct image_router *router = last_router(draft);
	struct image_route *route;

	if (!router->routes.count)
		router->routes.first = draft->header.routes.count;
	router->routes.count++;
	route = &draft->routes[one_more(&draft->header.routes)];
	*route = (struct image_route){.family = IMAGE_IPV4, .table = 254};
	route->hops = (struct image_span){draft->header.hops.count, 2};
	one_more(&draft->header.hops);
	one_more(&draft->header.hops);
	return route;
}

struct image_rule *draft_rule(struct draft *draft)
{
	struct image_router *router = last_router(draft);
	struct image_rule *rule;

	if (!router->rules.count)
		router->rules.first = draft->header.rules.count;
	router->rules.count++;
	rule = &draft->rules[one_more(&draft->header.rules)];
	*rule = (struct image_rule){.family = IMAGE_IPV6, .table = 254};
	return rule;
}

struct image_tracker *draft_tracker(
	struct draft *draft, uint32_t slot, const char *name, const char *const *arguments)
{
	struct image_tracker *tracker = &draft->trackers[one_more(&draft->header.trackers)];

	*tracker = (struct image_tracker){.slot = slot,
		.name = draft_string(draft, name),
		.kind = IMAGE_TRACKER_SCRIPT,
		.arguments = draft->header.strings.count,
		.rise = 1,
		.fall = 1,
		.interval = 1000000000,
		.timeout = 1000000000};
	for (; *arguments; arguments++, tracker->argument_count++)
		draft_string(draft, *arguments);
	return tracker;
}

struct image_use *draft_use(struct draft *draft, uint32_t tracker, int32_t weight)
{
	struct image_router *router = last_router(draft);
	struct image_use *use;

	if (!router->uses.count)
		router->uses.first = draft->header.uses.count;
	router->uses.count++;
	use = &draft->uses[one_more(&draft->header.uses)];
	*use = (struct image_use){.tracker = tracker, .weight = weight};
	return use;
}

void draft_remove(struct draft *draft, uint32_t slot)
{
	draft->removed[one_more(&draft->header.removed)] = slot;
}

void *draft_bytes(const struct draft *draft, size_t *size)
{
	struct image_header header = draft->header;
	struct image_layout at = image_layout(&header);
	char *bytes = calloc(1, at.size);

	assert(bytes);
	header.size = at.size;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + at.routers, draft->routers, header.routers.count * sizeof(*draft->routers));
	memcpy(bytes + at.addresses, draft->addresses,
		header.addresses.count * sizeof(*draft->addresses));
	memcpy(bytes + at.peers, draft->peers, header.peers.count * sizeof(*draft->peers));
	memcpy(bytes + at.tracks, draft->tracks, header.tracks.count * sizeof(*draft->tracks));
	memcpy(bytes + at.commands, draft->commands,
		header.commands.count * sizeof(*draft->commands));
	memcpy(bytes + at.removed, draft->removed, header.removed.count * sizeof(*draft->removed));
	memcpy(bytes + at.routes, draft->routes, header.routes.count * sizeof(*draft->routes));
	memcpy(bytes + at.hops, draft->hops, header.hops.count * sizeof(*draft->hops));
	memcpy(bytes + at.rules, draft->rules, header.rules.count * sizeof(*draft->rules));
	memcpy(bytes + at.trackers, draft->trackers,
		header.trackers.count * sizeof(*draft->trackers));
	memcpy(bytes + at.uses, draft->uses, header.uses.count * sizeof(*draft->uses));
	memcpy(bytes + at.strings, draft->strings, header.strings.count);
	*size = at.size;
	return bytes;
}

int draft_document(const struct draft *draft)
{
	size_t size;
	void *bytes = draft_bytes(draft, &size);
	int fd = sharedmem_document("draft", bytes, size);

	free(bytes);
	return fd;
}
