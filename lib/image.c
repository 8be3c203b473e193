/* SPDX-License-Identifier: ISC */
#include "lib/image.h"

#include "lib/sharedmem.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

static_assert(sizeof(struct image_header) % 8 == 0, "the arrays after the header are aligned");
static_assert(sizeof(struct image_router) % 8 == 0, "routers hold 64-bit words");
static_assert(sizeof(struct image_address) % 4 == 0, "what follows addresses is aligned");
static_assert(sizeof(struct image_peer) % 4 == 0, "what follows peers is aligned");

struct image {
	const char *bytes;
	struct image_layout layout;
	size_t mapped; /* 0: the bytes are the caller's */
	atomic_uint holders;
};

static size_t aligned(size_t offset)
{
	return (offset + 7) & ~(size_t)7;
}

struct image_layout image_layout(const struct image_header *header)
{
	struct image_layout at = {.routers = sizeof(*header)};

	at.addresses = aligned(at.routers + header->routers.count * sizeof(struct image_router));
	at.peers = aligned(at.addresses + header->addresses.count * sizeof(struct image_address));
	at.tracks = aligned(at.peers + header->peers.count * sizeof(struct image_peer));
	at.commands = aligned(at.tracks + header->tracks.count * sizeof(struct image_track));
	at.removed = aligned(at.commands + header->commands.count * sizeof(struct image_command));
	at.routes = aligned(at.removed + header->removed.count * sizeof(uint32_t));
	at.hops = aligned(at.routes + header->routes.count * sizeof(struct image_route));
	at.rules = aligned(at.hops + header->hops.count * sizeof(struct image_hop));
	at.paces = aligned(at.rules + header->rules.count * sizeof(struct image_rule));
	at.groups = aligned(at.paces + header->paces.count * sizeof(struct image_pace));
	at.trackers = aligned(at.groups + header->groups.count * sizeof(struct image_group));
	at.uses = aligned(at.trackers + header->trackers.count * sizeof(struct image_tracker));
	at.strings = aligned(at.uses + header->uses.count * sizeof(struct image_use));
	at.size = at.strings + header->strings.count;
	return at;
}

uint64_t image_layout_id(void)
{
	static const size_t sizes[] = {sizeof(struct image_header), sizeof(struct image_router),
		sizeof(struct image_address), sizeof(struct image_track),
		sizeof(struct image_command), sizeof(struct image_route), sizeof(struct image_hop),
		sizeof(struct image_rule), sizeof(struct image_pace), sizeof(struct image_group),
		sizeof(struct image_tracker), sizeof(struct image_use), IMAGE_SLOTS, IMAGE_GROUPS,
		IMAGE_TRACKERS};
	uint64_t id = IMAGE_MAGIC;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		id = (id ^ sizes[i]) * 1099511628211u; /* FNV-1a */
	return id;
}

static bool is_sound(struct image *image, size_t size)
{
	if (size < sizeof(struct image_header) || !image_header_is_sound(image_header(image), size))
		return false;
	image->layout = image_layout(image_header(image));
	return image_is_sound(image);
}

struct image *image_open_bytes(const void *bytes, size_t size)
{
	struct image *image = calloc(1, sizeof(*image));

	if (!image)
		return NULL;
	image->bytes = bytes;
	atomic_init(&image->holders, 1);
	if (!is_sound(image, size)) {
		errno = EBADMSG;
		return image_close(image);
	}
	return image;
}

struct image *image_open(int fd)
{
	struct image *image;
	const void *map;
	size_t size;
	int error = sharedmem_check_sealed(fd);

	if (!error)
		error = sharedmem_map(fd, 1, &map, &size);
	if (error) {
		errno = -error;
		return NULL;
	}
	image = image_open_bytes(map, size);
	if (!image) {
		munmap((void *)map, size);
		return NULL;
	}
	image->mapped = size;
	return image;
}

struct image *image_hold(struct image *image)
{
	atomic_fetch_add(&image->holders, 1);
	return image;
}

struct image *image_close(struct image *image)
{
	if (!image || atomic_fetch_sub(&image->holders, 1) > 1)
		return NULL;
	if (image->mapped)
		munmap((void *)image->bytes, image->mapped);
	free(image);
	return NULL;
}

const struct image_header *image_header(const struct image *image)
{
	return (const struct image_header *)(const void *)image->bytes;
}

#define ARRAY(name, type)                                                 \
	const type *image_##name(const struct image *image)               \
	{                                                                 \
		return (const void *)(image->bytes + image->layout.name); \
	}

ARRAY(routers, struct image_router)
ARRAY(addresses, struct image_address)
ARRAY(peers, struct image_peer)
ARRAY(tracks, struct image_track)
ARRAY(trackers, struct image_tracker)
ARRAY(uses, struct image_use)
ARRAY(commands, struct image_command)
ARRAY(removed, uint32_t)
ARRAY(routes, struct image_route)
ARRAY(paces, struct image_pace)
ARRAY(hops, struct image_hop)
ARRAY(rules, struct image_rule)
ARRAY(groups, struct image_group)

const char *image_string(const struct image *image, uint32_t offset)
{
	return image->bytes + image->layout.strings + offset;
}
