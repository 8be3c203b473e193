/* SPDX-License-Identifier: ISC */
#include "vrrp/configure.h"
#include "vrrp/protocol/step.h"

#include "lib/board.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "vrrp/conduct.h"
#include "vrrp/engine_state.h"
#include "vrrp/execute.h"
#include "vrrp/groups.h"
#include "vrrp/input.h"
#include "vrrp/net/applier.h"
#include "vrrp/publish.h"
#include "vrrp/repeats.h"
#include "vrrp/tracked.h"
#include "vrrp/translate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Routers taken in, or slots looked at, before the engine looks at its sockets again. */
#define ROUTERS_PER_TURN 64
#define SLOTS_PER_TURN	 4096

/* Should nobody tell that startup_script has ended: so long after its time. */
#define STARTUP_SCRIPT_MARGIN (5 * VRRP_SECOND)

static void forget_tracks(struct engine_router *router)
{
	for (uint32_t i = 0; i < router->track_count; i++)
		LIST_REMOVE(&router->tracks[i], followers);
	free(router->tracks);
	router->tracks = NULL;
	router->track_count = 0;
}

static int set_tracks(struct engine *engine, struct engine_router *router,
	const struct image *image, const struct image_router *from)
{
	const struct image_track *tracks = image_tracks(image) + from->tracks.first;

	forget_tracks(router);
	router->tracks = calloc(from->tracks.count + 1, sizeof(*router->tracks));
	if (!router->tracks)
		return -ENOMEM;
	for (uint32_t i = 0; i < from->tracks.count; i++) {
		struct engine_track *track = &router->tracks[i];

		track->interface = interface_by_name(&engine->interfaces, tracks[i].interface);
		if (!track->interface)
			return -ENOMEM;
		track->router = router;
		track->weight = tracks[i].weight;
		track->reverse = tracks[i].reverse;
		LIST_INSERT_HEAD(&track->interface->followers, track, followers);
		router->track_count++;
	}
	return 0;
}

static void forget_left(struct engine *engine, struct engine_router *router)
{
	if (router->left)
		engine->resume_waits--;
	router->left = NULL;
}

/* A router that already ran goes on with what was known. */
static bool waits_for_tracker(struct engine *engine, struct engine_router *router)
{
	if (!tracker_awaited(router) || (router->left && router->left->state.started))
		return false;
	forget_left(engine, router);
	return true;
}

/* Started once its interface and those it tracks have been shown, and what else it tracks is known:
 * before that it would seem to be in Fault, and tell the world so. */
static void start_if_ready(struct engine *engine, struct engine_router *router, uint64_t now)
{
	if (router->protocol.state.started || router->disabled || engine->stopping ||
		!router->interface->shown || (now < engine->start_at && !router->left) ||
		(router->needs_source && engine->sources[router->slot] == SOURCE_UNKNOWN))
		return;
	for (uint32_t i = 0; i < router->track_count; i++) {
		if (!router->tracks[i].interface->shown)
			return;
	}
	if (waits_for_tracker(engine, router))
		return;
	if (router->left && execute_resume(engine, router, now, router->left))
		groups_resume(engine, router, now);
	forget_left(engine, router);
	execute_link(engine, router, now);
	execute_tracks(engine, router, now);
	execute_event(engine, router, now, &(struct vrrp_event){.type = VRRP_EVENT_START});
}

static void shut_down(
	struct engine *engine, struct engine_router *router, uint64_t now, bool removed)
{
	execute_event(engine, router, now,
		&(struct vrrp_event){.type = VRRP_EVENT_SHUTDOWN, .removed = removed});
}

/* The socket for AH is there for as long as some router needs it. */
static void close_needless_seal(struct engine *engine)
{
	if (engine->sealing)
		return;
	engine_output_set_ah(engine->output, -1);
	input_close_ah(engine->input);
}

static void count_sealing(struct engine *engine, bool before, bool after)
{
	engine->sealing += after;
	engine->sealing -= before;
	if (before)
		close_needless_seal(engine);
}

/* While none is hasty the sockets may be read less often. */
static void count_hasty(struct engine *engine, struct engine_router *router, bool hasty)
{
	engine->hasty += hasty;
	engine->hasty -= router->hasty;
	router->hasty = hasty;
}

static int open_seal(struct engine *engine, const struct vrrp_configuration *configuration)
{
	bool seals = configuration->auth.type == VRRP_AUTH_AH;
	int fd = seals ? input_open_ah(engine->input) : 0;

	if (seals && fd >= 0)
		engine_output_set_ah(engine->output, fd);
	return fd < 0 ? fd : 0;
}

static void free_router(struct engine *engine, struct engine_router *router)
{
	repeats_forget(engine, router, clock_now());
	conduct_disarm(router);
	forget_left(engine, router);
	forget_tracks(router);
	tracker_forget_uses(router);
	if (router->changed)
		STAILQ_REMOVE(&engine->changes, router, engine_router, changes);
	engine->routers[router->slot] = NULL;
	count_sealing(engine, vrrp_router_seals(&router->protocol), false);
	count_hasty(engine, router, false);
	free(router->addresses);
	free(router->peers);
	free(router);
}

/* The applier learns from the image itself that the addresses are to go: no answer comes for them.
 */
static void remove_router(struct engine *engine, struct engine_router *router, uint64_t now)
{
	const struct vrrp_configuration *identity = &router->protocol.configuration;
	uint32_t slot = router->slot;

	shut_down(engine, router, now, true);
	groups_place(engine, router, 0, now);
	engine->status.routers[router->protocol.state.state]--;
	router->interface->routers[identity->family - 1][identity->vrid] = NULL;
	free_router(engine, router);
	if (engine->owned[slot])
		engine->owned_count--;
	engine->owned[slot] = false;
	publish_gone(engine, slot);
}

static struct engine_router *enter_router(
	struct engine *engine, const struct image_router *from, uint64_t now)
{
	struct engine_router *router = calloc(1, sizeof(*router));

	if (!router)
		return NULL;
	router->interface = interface_by_name(&engine->interfaces, from->interface);
	if (!router->interface) {
		free(router);
		return NULL;
	}
	/* An identity has one slot.  Whoever had it in another loses it now, not when the image
	 * comes to that slot: then it would take the new one's place at the interface away. */
	if (router->interface->routers[from->family - 1][from->vrid])
		remove_router(
			engine, router->interface->routers[from->family - 1][from->vrid], now);
	router->slot = from->slot;
	router->counting_since = now;
	router->protocol.state.state = VRRP_STATE_INITIALIZE;
	router->protocol.configuration.family = from->family;
	router->protocol.configuration.vrid = from->vrid;
	router->interface->routers[from->family - 1][from->vrid] = router;
	engine->routers[from->slot] = router;
	engine->status.routers[VRRP_STATE_INITIALIZE]++;
	if (!(from->flags & IMAGE_ROUTER_DISABLED))
		router->left =
			handover_find(engine->resume, from->interface, from->family, from->vrid);
	if (router->left)
		engine->resume_waits++;
	return router;
}

static bool is_identity(const struct engine_router *router, const struct image_router *from)
{
	return router->protocol.configuration.family == from->family &&
	       router->protocol.configuration.vrid == from->vrid &&
	       strcmp(router->interface->link.name, from->interface) == 0;
}

static void set_source(struct engine_router *router, const struct image_router *from)
{
	router->source = (struct vrrp_address){0};
	if (from->source_family)
		router->source = vrrp_address_make(from->source_family, from->source);
	/* Without the address, nothing that peers answer would come back. */
	router->needs_source = from->source_family &&
			       (from->peers.count || from->election & IMAGE_ELECTION_TRACK_SOURCE);
	router->needs_peer = from->election & IMAGE_ELECTION_NO_PEER;
}

/* Puts the configuration into force, or leaves the one that says the same.  True: the router has
 * taken the new lists. */
static bool apply_configuration(struct engine *engine, struct engine_router *router,
	const struct vrrp_configuration *configuration, uint64_t now, bool is_new)
{
	const bool sealed = vrrp_router_seals(&router->protocol);

	if (is_new)
		vrrp_router_init(&router->protocol, configuration);
	else if (translate_same(&router->protocol.configuration, configuration))
		return false;
	else
		execute_event(engine, router, now,
			&(struct vrrp_event){
				.type = VRRP_EVENT_CONFIGURED, .configuration = configuration});
	count_sealing(engine, sealed, vrrp_router_seals(&router->protocol));
	count_hasty(engine, router, configuration->interval < INPUT_HASTY);
	return true;
}

static void swap_lists(struct vrrp_configuration *lists, struct engine_router *router)
{
	struct vrrp_address *addresses = router->addresses;
	struct vrrp_peer *peers = router->peers;

	router->addresses = (struct vrrp_address *)lists->addresses;
	router->peers = (struct vrrp_peer *)lists->peers;
	lists->addresses = addresses;
	lists->peers = peers;
}

/* Gives the router what the image says of it.  The old addresses are freed after the protocol has
 * let go of them. */
static int configure_router(struct engine *engine, struct engine_router *router,
	const struct image *image, const struct image_router *from, uint64_t now, bool is_new)
{
	struct vrrp_configuration configuration = translate_router(engine->groups, from);
	int error = open_seal(engine, &configuration);

	configuration.addresses = translate_addresses(image, from);
	configuration.peers = translate_peers(image, from);
	if (!configuration.addresses || !configuration.peers)
		error = -ENOMEM;
	if (!error)
		error = set_tracks(engine, router, image, from);
	if (!error)
		error = tracker_set_uses(engine, router, image, from->uses);
	if (!error) {
		set_source(router, from);
		if (apply_configuration(engine, router, &configuration, now, is_new))
			swap_lists(&configuration, router);
		router->has_device = from->vmac[0];
		router->has_mac = router->has_device && !from->vmac_xmit_base;
		memcpy(router->mac, from->mac, sizeof(router->mac));
		router->tells = from->flags & IMAGE_ROUTER_TELL_LOWER;
		router->disabled = from->flags & IMAGE_ROUTER_DISABLED;
		if (router->disabled)
			forget_left(engine, router);
	}
	free((void *)configuration.addresses);
	free((void *)configuration.peers);
	return error;
}

/* A changed configuration may look at link and trackers in another way. */
static void execute_surroundings(struct engine *engine, struct engine_router *router, uint64_t now)
{
	if (router->interface->shown)
		execute_link(engine, router, now);
	execute_tracks(engine, router, now);
}

static int take_router(struct engine *engine, const struct image *image,
	const struct image_router *from, uint64_t now)
{
	struct engine_router *router = engine->routers[from->slot];
	bool is_new;
	int error;

	if (router && !is_identity(router, from)) {
		remove_router(engine, router, now);
		router = NULL;
	}
	is_new = !router;
	if (is_new)
		router = enter_router(engine, from, now);
	if (!router)
		return -ENOMEM;
	router->intake = engine->intakes;
	/* Before it loses its addresses: it may get none while it is down. */
	if (!is_new && (from->flags & IMAGE_ROUTER_DISABLED))
		shut_down(engine, router, now, false);
	error = configure_router(engine, router, image, from, now, is_new);
	if (error && is_new) {
		remove_router(engine, router, now);
		return error;
	}
	groups_place(engine, router, error ? 0 : from->group, now);
	publish_changed(engine, router);
	if (is_new)
		board_bump(engine->board);
	else if (!error)
		execute_surroundings(engine, router, now);
	if (!is_new && engine->intake.tells)
		publish_state(engine, router, now);
	start_if_ready(engine, router, now);
	return error;
}

static void reply(struct engine *engine, uint64_t generation, int error)
{
	union message message;

	if (engine->core < 0 || engine->intake.orphan)
		return;
	message_init(&message, MESSAGE_IMAGE_RESULT, generation);
	if (error) {
		message.outcome.error = MESSAGE_REFUSED;
		strncpy(message.outcome.text, strerrordesc_np(-error),
			sizeof(message.outcome.text) - 1);
	}
	channel_send(engine->core, &message, -1);
}

static int hand_to_applier(struct engine *engine, uint64_t generation, int fd)
{
	union message message;

	message_init(&message, MESSAGE_IMAGE, generation);
	return channel_send(applier_channel(engine->applier), &message, fd);
}

/* Only the start of the program is delayed: what the first image says holds for good. */
static void note_startup(struct engine *engine, const struct image_header *header, uint64_t now)
{
	const uint64_t script = now + header->startup_timeout * VRRP_SECOND + STARTUP_SCRIPT_MARGIN;

	if (engine->start_known)
		return;
	engine->start_known = true;
	engine->start_delayed = engine->status.started + header->startup_delay;
	engine->start_at = engine->start_delayed;
	if (header->hooks[IMAGE_HOOK_STARTUP].count && !engine->begun && engine->start_at < script)
		engine->start_at = script;
	engine->start_waits = engine->start_at > engine->status.started;
}

void configure_begun(struct engine *engine)
{
	engine->begun = true;
	if (engine->start_waits)
		engine->start_at = engine->start_delayed;
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

static int open_intake(struct engine *engine, int fd, uint64_t now)
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
		error = hand_to_applier(engine, header->generation, fd);
	if (error) {
		image_close(image);
		return error;
	}
	input_use_filter(engine, !(header->flags & IMAGE_PLAIN_SOCKETS), now);
	set_groups(engine, header, now);
	note_startup(engine, header, now);
	engine->tell_unknown = header->flags & IMAGE_LOG_UNKNOWN;
	engine->intake = (struct engine_intake){.image = image,
		.tells = engine->generation && !header->base_generation &&
			 header->flags & IMAGE_STATES_ON_RELOAD};
	engine->intakes++;
	engine->intake.error = groups_begin(engine, image, now);
	return 0;
}

int configure_begin(struct engine *engine, uint64_t generation, int fd)
{
	int error = -EBUSY;

	if (!engine->intake.image && !engine->stopping)
		error = open_intake(engine, fd, clock_now());
	if (error)
		reply(engine, generation, error);
	return error;
}

/* Removals come first, so that a VRID or an address that moves from one router to another is free.
 */
static void take_removals(struct engine *engine, uint64_t now)
{
	const struct image *image = engine->intake.image;
	const uint32_t *removed = image_removed(image);

	for (uint32_t i = 0; i < image_header(image)->removed.count; i++) {
		if (engine->routers[removed[i]])
			remove_router(engine, engine->routers[removed[i]], now);
	}
}

static bool take_some_routers(struct engine *engine, uint64_t now)
{
	struct engine_intake *intake = &engine->intake;
	uint32_t count = image_header(intake->image)->routers.count;

	for (int i = 0; i < ROUTERS_PER_TURN && intake->next < count; i++) {
		int error = take_router(
			engine, intake->image, &image_routers(intake->image)[intake->next++], now);

		if (error)
			intake->error = error;
	}
	return intake->next < count;
}

static bool remove_some_strangers(struct engine *engine, uint64_t now)
{
	struct engine_intake *intake = &engine->intake;
	const struct image_header *header = image_header(intake->image);

	if (header->base_generation)
		return false;
	for (int i = 0; i < SLOTS_PER_TURN && intake->next_slot < IMAGE_SLOTS; i++) {
		struct engine_router *router = engine->routers[intake->next_slot++];

		if (router && router->intake != engine->intakes)
			remove_router(engine, router, now);
	}
	return intake->next_slot < IMAGE_SLOTS;
}

bool configure_go_on(struct engine *engine, uint64_t now)
{
	struct engine_intake *intake = &engine->intake;

	if (!intake->image)
		return false;
	if (!intake->begun) {
		intake->begun = true;
		tracker_begin_intake(engine, intake->image, now);
		take_removals(engine, now);
	}
	if (take_some_routers(engine, now) || remove_some_strangers(engine, now))
		return true;
	if (!image_header(intake->image)->base_generation)
		tracker_end_intake(engine);
	groups_end(engine, !image_header(intake->image)->base_generation, now);
	close_needless_seal(engine); /* a former engine's */
	if (intake->tells)
		groups_tell(engine, now);
	engine->generation = image_header(intake->image)->generation;
	engine->status.generation = engine->generation;
	reply(engine, engine->generation, intake->error);
	image_close(intake->image);
	*intake = (struct engine_intake){0};
	return false;
}

bool configure_busy(const struct engine *engine)
{
	return engine->intake.image;
}

void configure_orphan(struct engine *engine)
{
	engine->intake.orphan = configure_busy(engine);
}

/* The filter knows an interface by its index. */
static void forget_repeats(struct engine *engine, struct engine_interface *interface, uint64_t now)
{
	for (int family = 0; family < 2; family++) {
		for (int vrid = 1; vrid < 256; vrid++) {
			if (interface->routers[family][vrid])
				repeats_forget(engine, interface->routers[family][vrid], now);
		}
	}
}

/* Under another index a router is another row of the MIBs, whose counters begin now. */
static void tell_interface(
	struct engine *engine, struct engine_interface *interface, uint64_t now, bool moved)
{
	for (int family = 0; family < 2; family++) {
		for (int vrid = 1; vrid < 256; vrid++) {
			struct engine_router *router = interface->routers[family][vrid];

			if (!router)
				continue;
			if (moved)
				router->counting_since = now;
			publish_changed(engine, router);
			execute_link(engine, router, now);
			start_if_ready(engine, router, now);
		}
	}
}

void configure_source(struct engine *engine, struct engine_router *router, uint64_t now)
{
	if (!vrrp_address_is_set(&router->source))
		return;
	execute_link(engine, router, now);
	start_if_ready(engine, router, now);
}

static void tell_tracked(struct engine *engine, struct engine_router *router, uint64_t now)
{
	execute_tracks(engine, router, now);
	start_if_ready(engine, router, now);
}

uint32_t configure_trackers(
	struct engine *engine, const struct message_trackers *message, uint64_t now)
{
	uint32_t steps = 0;

	for (uint32_t i = 0; i < message->count; i++) {
		const struct engine_tracker *tracker =
			tracker_take_report(engine, &message->reports[i], message->head.id, now);
		struct engine_use *use;

		if (!tracker)
			continue;
		engine->cause = tracker;
		LIST_FOREACH (use, &tracker->followers, followers) {
			tell_tracked(engine, use->router, now);
			steps++;
		}
		engine->cause = NULL;
	}
	return steps;
}

void configure_interface(struct engine *engine, const struct applier_interface *link, uint64_t now)
{
	struct engine_interface *interface = interface_by_name(&engine->interfaces, link->name);
	struct engine_track *track;
	uint32_t old_index;

	if (!interface)
		return;
	old_index = interface->last_index;
	if (interface->link.index != link->index)
		forget_repeats(engine, interface, now);
	tell_interface(
		engine, interface, now, interface_show(&engine->interfaces, interface, link));
	LIST_FOREACH (track, &interface->followers, followers)
		tell_tracked(engine, track->router, now);
	if (old_index != interface->last_index)
		board_bump(engine->board);
}

void configure_start(struct engine *engine, uint64_t now)
{
	if (!engine->start_waits || now < engine->start_at)
		return;
	engine->start_waits = false;
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (engine->routers[slot])
			start_if_ready(engine, engine->routers[slot], now);
	}
}

void configure_stop(struct engine *engine, uint64_t now)
{
	engine->stopping = true;
	while (configure_go_on(engine, now))
		;
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (engine->routers[slot])
			shut_down(engine, engine->routers[slot], now, false);
	}
}

void configure_clear(struct engine *engine)
{
	engine->intake.image = image_close(engine->intake.image);
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (engine->routers[slot])
			free_router(engine, engine->routers[slot]);
	}
	groups_clear(engine);
	interface_table_clear(&engine->interfaces);
}
