/* SPDX-License-Identifier: ISC */
#include "vrrp/reconfigure.h"

#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/hot.h"
#include "lib/message.h"
#include "vrrp/ah_socket.h"
#include "vrrp/applier/applier.h"
#include "vrrp/configure.h"
#include "vrrp/engine_state.h"
#include "vrrp/groups.h"
#include "vrrp/input.h"
#include "vrrp/lifecycle.h"
#include "vrrp/repeats.h"
#include "vrrp/startup.h"
#include "vrrp/trackers.h"

#include <errno.h>
#include <string.h>

/* Routers taken in, or slots looked at, before the engine looks at its sockets again. */
#define ROUTERS_PER_TURN 64
#define SLOTS_PER_TURN	 4096

static void reply(struct engine *engine, uint64_t generation, int error)
{
	union message message;

	if (engine->core < 0 || engine->reconfiguration.orphan)
		return;
	message_init(&message, MESSAGE_IMAGE_RESULT, generation);
	if (error) {
		message.outcome.error = MESSAGE_REFUSED;
		strncpy(message.outcome.text, strerrordesc_np(-error),
			sizeof(message.outcome.text) - 1);
	}
	channel_send(engine->core, &message, -1);
}

void reconfigure_refuse(struct engine *engine, uint64_t generation, int error)
{
	reply(engine, generation, error);
}

static int hand_to_applier(struct engine *engine, struct image *image)
{
	engine->wishes_pending = true;
	return applier_configure(engine->applier, image);
}

/* Whether an advert is sound depends on its group. */
static void set_groups(struct engine *engine, const struct image_header *header, uint64_t now)
{
	const struct vrrp_address groups[2] = {vrrp_address_make(VRRP_IPV4, header->group4),
		vrrp_address_make(VRRP_IPV6, header->group6)};

	if (!vrrp_address_equal(&groups[0], &engine->groups[0]) ||
		!vrrp_address_equal(&groups[1], &engine->groups[1]))
		repeats_settle_all(engine, now);
	memcpy(engine->groups, groups, sizeof(engine->groups));
}

static int open_image(struct engine *engine, int fd, uint64_t now)
{
	const struct image_header *header;
	struct image *image = image_open(fd);
	int error = 0;

	if (!image)
		return -errno;
	header = image_header(image);
	if (header->base_generation && header->base_generation != engine->generation)
		error = -ESTALE;
	if (!error)
		error = hand_to_applier(engine, image);
	if (error) {
		image_close(image);
		return error;
	}
	input_use_filter(engine, !(header->flags & IMAGE_PLAIN_SOCKETS), now);
	set_groups(engine, header, now);
	configure_begin(engine, image);
	startup_note(engine, header, now);
	engine->tell_unknown = header->flags & IMAGE_LOG_UNKNOWN;
	engine->reconfiguration = (struct engine_reconfiguration){.image = image,
		.tells = engine->generation && !header->base_generation &&
			 header->flags & IMAGE_STATES_ON_RELOAD};
	engine->images_begun++;
	engine->reconfiguration.error = groups_begin(engine, image, now);
	return 0;
}

int reconfigure_begin(struct engine *engine, uint64_t generation, int fd)
{
	int error = -EBUSY;

	if (!engine->reconfiguration.image && !engine->stopping)
		error = open_image(engine, fd, clock_now());
	if (error)
		reply(engine, generation, error);
	return error;
}

/* Removals come first, so that a VRID or an address that moves from one router to another is free.
 */
static void take_removals(struct engine *engine, uint64_t now)
{
	const struct image *image = engine->reconfiguration.image;
	const uint32_t *removed = image_removed(image);

	for (uint32_t i = 0; i < image_header(image)->removed.count; i++) {
		if (engine->routers[removed[i]])
			lifecycle_remove(engine, engine->routers[removed[i]], now);
	}
}

static bool take_some_routers(struct engine *engine, uint64_t now)
{
	struct engine_reconfiguration *work = &engine->reconfiguration;
	uint32_t count = image_header(work->image)->routers.count;

	for (int i = 0; i < ROUTERS_PER_TURN && work->next < count; i++) {
		int error = configure_router(
			engine, work->image, &image_routers(work->image)[work->next++], now);

		if (error)
			work->error = error;
	}
	return work->next < count;
}

static bool remove_some_strangers(struct engine *engine, uint64_t now)
{
	struct engine_reconfiguration *work = &engine->reconfiguration;
	const struct image_header *header = image_header(work->image);

	if (header->base_generation)
		return false;
	for (int i = 0; i < SLOTS_PER_TURN && work->next_slot < IMAGE_SLOTS; i++) {
		struct engine_router *router = engine->routers[work->next_slot++];

		if (router && router->image_number != engine->images_begun)
			lifecycle_remove(engine, router, now);
	}
	return work->next_slot < IMAGE_SLOTS;
}

HOT bool reconfigure_go_on(struct engine *engine, uint64_t now)
{
	struct engine_reconfiguration *work = &engine->reconfiguration;

	if (!work->image)
		return false;
	if (!work->begun) {
		work->begun = true;
		tracker_begin_image(engine, work->image, now);
		take_removals(engine, now);
	}
	if (take_some_routers(engine, now) || remove_some_strangers(engine, now))
		return true;
	if (!image_header(work->image)->base_generation)
		tracker_end_image(engine);
	groups_end(
		engine, !image_header(work->image)->base_generation, now, lifecycle_start_if_ready);
	ah_socket_close_needless(engine); /* the predecessor's */
	if (work->tells)
		groups_tell(engine, now);
	engine->generation = image_header(work->image)->generation;
	engine->status.generation = engine->generation;
	reply(engine, engine->generation, work->error);
	image_close(work->image);
	*work = (struct engine_reconfiguration){0};
	return false;
}

HOT bool reconfigure_busy(const struct engine *engine)
{
	return engine->reconfiguration.image;
}

void reconfigure_orphan(struct engine *engine)
{
	engine->reconfiguration.orphan = reconfigure_busy(engine);
}

void reconfigure_finish(struct engine *engine, uint64_t now)
{
	while (reconfigure_go_on(engine, now))
		;
}

void reconfigure_clear(struct engine *engine)
{
	engine->reconfiguration.image = image_close(engine->reconfiguration.image);
}
