/* SPDX-License-Identifier: ISC */
#include "vrrp/configure.h"

#include "lib/board.h"
#include "vrrp/ah_socket.h"
#include "vrrp/engine_state.h"
#include "vrrp/execute.h"
#include "vrrp/groups.h"
#include "vrrp/input.h"
#include "vrrp/lifecycle.h"
#include "vrrp/protocol/encode.h"
#include "vrrp/protocol/step.h"
#include "vrrp/publish.h"
#include "vrrp/tracked_interfaces.h"
#include "vrrp/trackers.h"
#include "vrrp/translate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* While none is hasty the sockets may be read less often. */
static void count_hasty(struct engine *engine, struct engine_router *router, bool hasty)
{
	engine->hasty += hasty;
	engine->hasty -= router->hasty;
	router->hasty = hasty;
}

static bool is_identity(const struct engine_router *router, const struct image_router *from)
{
	return router->protocol.configuration.family == from->family &&
	       router->protocol.configuration.vrid == from->vrid &&
	       strcmp(router->interface->link.name, from->interface) == 0;
}

static struct vrrp_address source_of(const struct image_router *from)
{
	return from->source_family ? vrrp_address_make(from->source_family, from->source)
				   : (struct vrrp_address){0};
}

void configure_begin(struct engine *engine, const struct image *image)
{
	const struct image_router *from = image_routers(image);

	for (uint32_t i = 0; i < image_header(image)->routers.count; i++, from++) {
		const struct engine_router *router = engine->routers[from->slot];
		const struct vrrp_address source = source_of(from);

		if (!router || !is_identity(router, from) ||
			!vrrp_address_equal(&router->source, &source))
			engine->sources[from->slot] = SOURCE_UNKNOWN;
	}
}

static void set_source(struct engine_router *router, const struct image_router *from)
{
	router->source = source_of(from);
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
	const bool used_ah = vrrp_router_uses_ah(&router->protocol);

	if (is_new)
		vrrp_router_init(&router->protocol, configuration);
	else if (translate_same(&router->protocol.configuration, configuration))
		return false;
	else
		execute_event(engine, router, now,
			&(struct vrrp_event){
				.type = VRRP_EVENT_CONFIGURED, .configuration = configuration});
	ah_socket_count(engine, used_ah, vrrp_router_uses_ah(&router->protocol));
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
static int apply_image(struct engine *engine, struct engine_router *router,
	const struct image *image, const struct image_router *from, uint64_t now, bool is_new)
{
	struct vrrp_configuration configuration = translate_router(engine->groups, from);
	int error = ah_socket_open(engine, &configuration);

	configuration.addresses = translate_addresses(image, from);
	configuration.peers = translate_peers(image, from);
	if (!configuration.addresses || !configuration.peers)
		error = -ENOMEM;
	if (!error)
		error = tracked_interfaces_set(engine, router, image, from);
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
			lifecycle_forget_snapshot(engine, router);
	}
	free((void *)configuration.addresses);
	free((void *)configuration.peers);
	return error;
}

/* A changed configuration may look at link and trackers in another way. */
static void execute_link_and_tracks(
	struct engine *engine, struct engine_router *router, uint64_t now)
{
	if (router->interface->shown)
		execute_link(engine, router, now);
	execute_tracks(engine, router, now);
}

int configure_router(struct engine *engine, const struct image *image,
	const struct image_router *from, uint64_t now)
{
	struct engine_router *router = engine->routers[from->slot];
	bool is_new;
	int error;

	if (router && !is_identity(router, from)) {
		lifecycle_remove(engine, router, now);
		router = NULL;
	}
	is_new = !router;
	if (is_new)
		router = lifecycle_enter(engine, from, now);
	if (!router)
		return -ENOMEM;
	router->image_number = engine->images_begun;
	/* Before it loses its addresses: it may get none while it is down. */
	if (!is_new && (from->flags & IMAGE_ROUTER_DISABLED))
		lifecycle_shut_down(engine, router, now);
	error = apply_image(engine, router, image, from, now, is_new);
	if (error && is_new) {
		lifecycle_remove(engine, router, now);
		return error;
	}
	groups_place(engine, router, error ? 0 : from->group, now);
	publish_changed(engine, router);
	if (is_new)
		board_bump(engine->board);
	/* A new one is told when it starts; one that is out of service is shown as it would be. */
	if (!error && (!is_new || router->disabled))
		execute_link_and_tracks(engine, router, now);
	if (!is_new && engine->reconfiguration.tells)
		publish_state(engine, router, now);
	lifecycle_start_if_ready(engine, router, now);
	return error;
}
