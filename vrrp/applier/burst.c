/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/burst.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/descriptor.h"
#include "vrrp/net/announce.h"
#include "vrrp/net/send.h"

#define FRAMES 1024

enum {
	FAMILIES = 2
};

/* The pauses of an interface, or of a group of them. */
struct pace {
	uint64_t interval[FAMILIES]; /* ns */
	uint64_t next[FAMILIES];     /* the first moment that nobody has reserved */
};

struct burst {
	struct monitor *monitor;
	struct vrrp_send *batch;
	TAILQ_HEAD(, burst_router) first;
	struct burst_router **heap; /* from 1 */
	uint32_t heap_count;
	uint32_t used; /* frames since burst_work began */
	int fd;
	struct pace paces[APPLIER_INTERFACES]; /* by the number of a group's first interface */
	uint16_t pace_of[APPLIER_INTERFACES];
	uint8_t frames[FRAMES][VRRP_ANNOUNCE_FRAME];
};

struct burst *burst_new(struct monitor *monitor, uint32_t routers)
{
	struct burst *burst = calloc(1, sizeof(*burst));

	if (!burst)
		return NULL;
	burst->monitor = monitor;
	TAILQ_INIT(&burst->first);
	for (uint32_t i = 0; i < APPLIER_INTERFACES; i++)
		burst->pace_of[i] = (uint16_t)i;
	burst->fd = vrrp_announce_open();
	burst->batch = vrrp_send_new_frames(FRAMES);
	burst->heap = calloc(routers + 1, sizeof(struct burst_router *));
	if (burst->fd >= 0 && burst->batch && burst->heap)
		return burst;
	errno = burst->fd < 0 ? -burst->fd : ENOMEM;
	return burst_free(burst);
}

struct burst *burst_free(struct burst *burst)
{
	if (!burst)
		return NULL;
	descriptor_close(burst->fd);
	vrrp_send_free(burst->batch);
	free(burst->heap);
	free(burst);
	return NULL;
}

/* ---- The heap of routers by `due` ---- */

static void put(struct burst *burst, uint32_t place, struct burst_router *router)
{
	burst->heap[place] = router;
	router->place = place;
}

static void sift_up(struct burst *burst, uint32_t place)
{
	struct burst_router *router = burst->heap[place];

	for (; place > 1 && burst->heap[place / 2]->due > router->due; place /= 2)
		put(burst, place, burst->heap[place / 2]);
	put(burst, place, router);
}

static void sift_down(struct burst *burst, uint32_t place)
{
	struct burst_router *router = burst->heap[place];

	for (;;) {
		uint32_t child = 2 * place;

		if (child < burst->heap_count &&
			burst->heap[child + 1]->due < burst->heap[child]->due)
			child++;
		if (child > burst->heap_count || burst->heap[child]->due >= router->due)
			break;
		put(burst, place, burst->heap[child]);
		place = child;
	}
	put(burst, place, router);
}

static void heap_remove(struct burst *burst, struct burst_router *router)
{
	uint32_t place = router->place;
	struct burst_router *last = burst->heap[burst->heap_count--];

	router->place = 0;
	if (last == router)
		return;
	put(burst, place, last);
	sift_up(burst, place);
	sift_down(burst, last->place);
}

/* Puts the router where its next event belongs. */
static void arm(struct burst *burst, struct burst_router *router)
{
	uint64_t due = router->rounds ? router->round_at : UINT64_MAX;

	if (router->second_at && router->second_at < due)
		due = router->second_at;
	if (router->refresh_at && router->refresh_at < due)
		due = router->refresh_at;
	if (router->place)
		heap_remove(burst, router);
	router->due = due;
	if (due == UINT64_MAX)
		return;
	put(burst, ++burst->heap_count, router);
	sift_up(burst, burst->heap_count);
}

/* ---- Frames ---- */

static void flush(struct burst *burst)
{
	/* What the kernel refuses is sent again by the rounds to come. */
	if (vrrp_send_count(burst->batch))
		vrrp_send_flush(burst->batch, burst->fd);
	vrrp_send_clear(burst->batch);
}

/* A link-local address of the device itself, of the router's interface, or the address itself. */
static struct vrrp_address source_of(
	const struct burst *burst, const struct burst_router *router, const struct owned *owned)
{
	const uint32_t numbers[] = {owned->number, router->number};

	for (int i = 0; i < 2 && owned->address.family == VRRP_IPV6; i++) {
		const struct applier_interface *interface;

		if (numbers[i] == MONITOR_NO_NUMBER)
			continue;
		interface = monitor_interface(burst->monitor, numbers[i]);
		if (interface->has_primary6)
			return vrrp_address_make(VRRP_IPV6, interface->primary6);
	}
	return owned->address;
}

static bool can_announce(const struct burst *burst, const struct owned *owned)
{
	return owned->state != OWNED_ABSENT && owned->number != MONITOR_NO_NUMBER &&
	       monitor_interface(burst->monitor, owned->number)->up &&
	       monitor_is_ethernet(burst->monitor, owned->number);
}

static void announce(
	struct burst *burst, const struct burst_router *router, const struct owned *owned)
{
	const struct applier_interface *interface =
		monitor_interface(burst->monitor, owned->number);
	struct vrrp_address source = source_of(burst, router, owned);
	unsigned int count = vrrp_send_count(burst->batch);
	int length;

	length =
		vrrp_announce_build(burst->frames[count], interface->mac, &owned->address, &source);
	if (length < 0)
		return;
	vrrp_send_append_frame(
		burst->batch, (int)interface->index, burst->frames[count], (size_t)length);
	burst->used++;
	if (count + 1 == FRAMES)
		flush(burst);
}

/* The moment at which a frame about that address may go: now, or later and then it is reserved. */
static uint64_t reserve(struct burst *burst, const struct owned *owned, uint64_t now)
{
	struct pace *pace = &burst->paces[burst->pace_of[owned->number]];
	unsigned int family = owned->address.family == VRRP_IPV4 ? 0 : 1;
	uint64_t at = pace->next[family] > now ? pace->next[family] : now;

	if (pace->interval[family])
		pace->next[family] = at + pace->interval[family];
	return at;
}

/* Sends what may go of the round under way.  True: it is complete; else `frame_at` says when it
 * goes on. */
static bool send_round(struct burst *burst, struct burst_router *router, uint64_t now)
{
	for (; router->position < router->group->count; router->position++) {
		const struct owned *owned = router->group->uses[router->position].address;

		if (!can_announce(burst, owned)) {
			router->frame_at = 0;
			continue;
		}
		if (!router->frame_at)
			router->frame_at = reserve(burst, owned, now);
		if (router->frame_at > now)
			return false;
		router->frame_at = 0;
		announce(burst, router, owned);
	}
	router->position = 0;
	return true;
}

/* The round that is due, or the rest of it. */
static void go_round(struct burst *burst, struct burst_router *router, uint64_t now)
{
	if (!send_round(burst, router, now)) {
		router->round_at = router->frame_at;
		return;
	}
	router->rounds--;
	router->round_at = now + BURST_PACE;
}

void burst_set_paces(struct burst *burst, const struct image *image)
{
	const struct image_header *header = image_header(image);
	const struct image_pace *paces = image_paces(image);

	for (uint32_t i = 0; i < APPLIER_INTERFACES; i++) {
		burst->pace_of[i] = (uint16_t)i;
		burst->paces[i].interval[0] = header->garp_interval;
		burst->paces[i].interval[1] = header->gna_interval;
	}
	/* From the last, so that the first one counts of an interface that is there twice. */
	for (uint32_t i = header->paces.count; i-- > 0;) {
		uint32_t number = monitor_number(burst->monitor, paces[i].interface);
		uint32_t first = monitor_number(burst->monitor, paces[paces[i].group].interface);

		if (number == MONITOR_NO_NUMBER || first == MONITOR_NO_NUMBER)
			continue;
		burst->pace_of[number] = (uint16_t)first;
		burst->paces[first].interval[0] = paces[i].garp_interval;
		burst->paces[first].interval[1] = paces[i].gna_interval;
	}
}

/* ---- Time ---- */

void burst_start(struct burst *burst, struct burst_router *router)
{
	if (router->repeat == 0 && router->refresh == 0)
		return;
	if (router->first)
		return;
	router->first = true;
	TAILQ_INSERT_TAIL(&burst->first, router, in_first);
}

void burst_stop(struct burst *burst, struct burst_router *router)
{
	if (router->first)
		TAILQ_REMOVE(&burst->first, router, in_first);
	if (router->place)
		heap_remove(burst, router);
	router->first = false;
	router->rounds = 0;
	router->position = 0;
	router->frame_at = 0;
	router->second_at = 0;
	router->refresh_at = 0;
}

static void begin(struct burst *burst, struct burst_router *router, uint64_t now)
{
	TAILQ_REMOVE(&burst->first, router, in_first);
	router->first = false;
	router->rounds = router->repeat;
	router->position = 0;
	router->second_rounds = router->repeat;
	router->second_at = router->delay && router->repeat ? now + router->delay : 0;
	router->refresh_at = router->refresh ? now + router->refresh : 0;
	if (router->rounds)
		go_round(burst, router, now);
	arm(burst, router);
}

/* At least so many rounds more, beginning now; one that is under way goes on. */
static void add_rounds(struct burst_router *router, uint8_t rounds, uint64_t now)
{
	if (!router->rounds || !router->position)
		router->round_at = router->frame_at > now ? router->frame_at : now;
	if (router->rounds < rounds)
		router->rounds = rounds;
}

static void carry_on(struct burst *burst, struct burst_router *router, uint64_t now)
{
	if (router->second_at && router->second_at <= now) {
		router->second_at = 0;
		add_rounds(router, router->second_rounds, now);
	}
	if (router->refresh_at && router->refresh_at <= now) {
		router->refresh_at = now + router->refresh;
		add_rounds(router, router->refresh_repeat, now);
	}
	if (router->rounds && router->round_at <= now)
		go_round(burst, router, now);
	arm(burst, router);
}

void burst_lower(struct burst *burst, struct burst_router *router, uint64_t now)
{
	if (!router->lower_repeat || router->first || router->rounds)
		return;
	add_rounds(router, router->lower_repeat, now);
	router->second_rounds = router->lower_repeat;
	router->second_at = router->lower_delay ? now + router->lower_delay : 0;
	arm(burst, router);
}

void burst_resume(struct burst *burst, struct burst_router *router, uint64_t now)
{
	router->refresh_at = router->refresh ? now + router->refresh : 0;
	arm(burst, router);
}

uint64_t burst_work(struct burst *burst, uint64_t now, bool first_only)
{
	burst->used = 0;
	while (!TAILQ_EMPTY(&burst->first) && burst->used < FRAMES)
		begin(burst, TAILQ_FIRST(&burst->first), now);
	while (!first_only && burst->heap_count && burst->heap[1]->due <= now &&
		burst->used < FRAMES)
		carry_on(burst, burst->heap[1], now);
	flush(burst);
	if (!TAILQ_EMPTY(&burst->first))
		return 0;
	return burst->heap_count ? burst->heap[1]->due : UINT64_MAX;
}
