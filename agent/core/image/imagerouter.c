/* SPDX-License-Identifier: ISC */
#include "agent/core/image/imagerouter.h"

#include <assert.h>
#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/syncgroup.h"
#include "agent/conf/vmac.h"
#include "agent/core/image/imagecommands.h"
#include "agent/core/image/imagetracker.h"

static void copy_octets(uint8_t *octets, const struct ip_address *address)
{
	if (address->family == AF_INET)
		memcpy(octets, &address->v4, sizeof(address->v4));
	else
		memcpy(octets, &address->v6, sizeof(address->v6));
}

/* The same address on the same interface, of those from `first` on, or NULL. */
static const struct image_address *find_address(
	const struct builder *builder, uint32_t first, const struct image_address *item)
{
	const struct part *part = &builder->parts[PART_ADDRESSES];
	const struct image_address *other = (const void *)part->bytes;

	for (uint32_t i = first; i < parts_count(part); i++)
		if (other[i].family == item->family &&
			memcmp(other[i].address, item->address, sizeof(item->address)) == 0 &&
			strcmp(other[i].interface, item->interface) == 0)
			return &other[i];
	return NULL;
}

static void add_address(struct builder *builder, const char *interface, uint32_t first,
	const struct virtual_address *address)
{
	const struct image_address *same;
	struct image_address item = {
		.family = slots_family_from_af(address->address.family),
		.prefix_length = address->prefix_length,
		.scope = address->scope,
		.flags = (uint8_t)address->flags,
		.preferred = address->preferred,
	};

	parts_copy_name(builder, item.interface, address->device ? address->device : interface);
	if (address->label)
		parts_copy_name(builder, item.label, address->label);
	copy_octets(item.address, &address->address);
	if (address->broadcast_kind == BROADCAST_ADDRESS) {
		item.flags |= IMAGE_ADDRESS_BROADCAST;
		memcpy(item.broadcast, &address->broadcast, sizeof(item.broadcast));
	}
	same = find_address(builder, first, &item);
	if (same)
		item = *same;
	parts_append(builder, &builder->parts[PART_ADDRESSES], &item, sizeof(item));
}

struct image_span imagerouter_addresses(struct builder *builder, const char *interface,
	const struct address_list *list, enum admin_state admin_state, uint32_t earlier)
{
	struct image_span span = {.first = parts_count(&builder->parts[PART_ADDRESSES])};
	uint32_t first = span.first - earlier;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].admin_state == admin_state)
			add_address(builder, interface, first, &list->items[i]);
	}
	span.count = parts_count(&builder->parts[PART_ADDRESSES]) - span.first;
	return span;
}

struct image_span imagerouter_routes(struct builder *builder, const struct route_list *list)
{
	struct image_span span = {
		.first = parts_count(&builder->parts[PART_ROUTES]), .count = (uint32_t)list->count};

	for (size_t i = 0; i < list->count; i++) {
		struct image_route item = list->items[i].value;

		item.hops.first = parts_count(&builder->parts[PART_HOPS]);
		if (item.hops.count > 0)
			parts_append(builder, &builder->parts[PART_HOPS], list->items[i].hops,
				item.hops.count * sizeof(struct image_hop));
		parts_append(builder, &builder->parts[PART_ROUTES], &item, sizeof(item));
	}
	return span;
}

struct image_span imagerouter_rules(struct builder *builder, const struct rule_list *list)
{
	struct image_span span = {
		.first = parts_count(&builder->parts[PART_RULES]), .count = (uint32_t)list->count};

	for (size_t i = 0; i < list->count; i++)
		parts_append(builder, &builder->parts[PART_RULES], &list->items[i].value,
			sizeof(list->items[i].value));
	return span;
}

static bool tracks_already(const struct builder *builder, uint32_t first, const char *interface)
{
	const struct image_track *tracks = (const void *)builder->parts[PART_TRACKS].bytes;

	for (uint32_t i = first; i < parts_count(&builder->parts[PART_TRACKS]); i++)
		if (strncmp(tracks[i].interface, interface, sizeof(tracks[i].interface)) == 0)
			return true;
	return false;
}

static void add_track(struct builder *builder, const char *interface, int32_t weight, bool reverse)
{
	struct image_track item = {.weight = weight, .reverse = reverse};

	parts_copy_name(builder, item.interface, interface);
	parts_append(builder, &builder->parts[PART_TRACKS], &item, sizeof(item));
}

static void imply_track(struct builder *builder, const struct instance *instance, uint32_t first,
	const char *interface)
{
	/* The device of its virtual MAC is off while it is Backup. */
	if (instance->vmac_device && interface && strcmp(interface, instance->vmac_device) == 0)
		return;
	if (interface && interface[0] && strcmp(interface, instance->interface) != 0 &&
		!tracks_already(builder, first, interface))
		add_track(builder, interface, 0, false);
}

/* As keepalived: a router that can't have all it shall have is in fault, so the interfaces of its
 * addresses, routes and rules count like its own unless they say no_track. */
static void add_implied_tracks(
	struct builder *builder, const struct instance *instance, uint32_t first)
{
	const struct address_list *lists[] = {&instance->addresses, &instance->excluded};

	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l]->count; i++) {
			const struct virtual_address *item = &lists[l]->items[i];

			if (!(item->flags & IMAGE_ADDRESS_NO_TRACK))
				imply_track(builder, instance, first, item->device);
		}
	for (size_t i = 0; i < instance->routes.count; i++) {
		const struct image_route *route = &instance->routes.items[i].value;

		if (!(route->flags & IMAGE_ROUTE_NO_TRACK))
			imply_track(builder, instance, first, route->hop.interface);
	}
	for (size_t i = 0; i < instance->rules.count; i++) {
		const struct image_rule *rule = &instance->rules.items[i].value;

		if (rule->flags & IMAGE_RULE_NO_TRACK)
			continue;
		imply_track(builder, instance, first, rule->in);
		imply_track(builder, instance, first, rule->out);
	}
}

/* `own`: an interface that is looked at anyway, or NULL. */
static void add_written_tracks(
	struct builder *builder, const struct tracked_interface_list *list, const char *own)
{
	for (size_t i = 0; i < list->count; i++)
		if (!own || strcmp(list->items[i].name, own) != 0)
			add_track(builder, list->items[i].name, list->items[i].weight,
				list->items[i].reverse);
}

static struct image_span add_tracks(struct builder *builder, const struct instance *instance)
{
	const struct sync_group *group = config_group_of(builder->config, instance);
	struct image_span span = {.first = parts_count(&builder->parts[PART_TRACKS])};

	add_written_tracks(builder, &instance->track_interfaces, instance->interface);
	/* What its group tracks counts for each member as if it were its own. */
	if (group)
		add_written_tracks(builder, &group->track_interfaces, NULL);
	add_implied_tracks(builder, instance, span.first);
	span.count = parts_count(&builder->parts[PART_TRACKS]) - span.first;
	return span;
}

/* What of it somebody wants to know. */
static uint8_t tells(const struct config *config, const struct instance *instance)
{
	const struct notify_script *fifos = config->globals.hooks.fifos;
	const bool is_read = fifos[IMAGE_FIFO_ALL].argc > 0 || fifos[IMAGE_FIFO_VRRP].argc > 0;
	uint8_t flags = 0;

	if (is_read || instance->notify_lower.argc > 0)
		flags |= IMAGE_ROUTER_TELL_LOWER;
	if (is_read && instance->priority_changes)
		flags |= IMAGE_ROUTER_TELL_PRIORITY;
	if (imagecommands_tells_deleted(instance))
		flags |= IMAGE_ROUTER_TELL_DELETED;
	return flags;
}

static uint8_t small(uint32_t number)
{
	return number > UINT8_MAX ? UINT8_MAX : (uint8_t)number;
}

static_assert(CHECKSUM_AUTO == (int)IMAGE_CHECKSUM_AUTO &&
		      CHECKSUM_PSEUDO == (int)IMAGE_CHECKSUM_PSEUDO &&
		      CHECKSUM_MESSAGE == (int)IMAGE_CHECKSUM_MESSAGE,
	"the model's kinds of checksum are the image's");

static_assert(AUTH_NONE == (int)IMAGE_AUTH_NONE && AUTH_PASS == (int)IMAGE_AUTH_PASS &&
		      AUTH_AH == (int)IMAGE_AUTH_AH,
	"the model's kinds of authentication are the image's");

/* Authentication is version 2's; version 3 has none, whatever the file says. */
static void set_auth(struct image_router *router, const struct instance *instance)
{
	if (instance->version != 2 || instance->auth_type == AUTH_NONE)
		return;
	router->auth = instance->auth_type;
	memcpy(router->auth_data, instance->auth_data, sizeof(router->auth_data));
}

static int by_address(const void *left, const void *right)
{
	const struct image_peer *a = left, *b = right;

	return memcmp(a->address, b->address, sizeof(a->address));
}

static struct image_span add_peers(struct builder *builder, const struct instance *instance)
{
	const struct unicast_peer_list *peers = &instance->unicast.peers;
	struct image_span span = {.first = parts_count(&builder->parts[PART_PEERS])};
	struct image_peer *items = calloc(peers->count + 1, sizeof(*items));
	size_t count = 0;

	if (!items) {
		parts_fail(builder, -ENOMEM);
		return span;
	}
	for (size_t i = 0; i < peers->count; i++) {
		struct image_peer *item = &items[count];
		size_t known = count;

		item->ttl_min = peers->items[i].ttl_min;
		item->ttl_max = peers->items[i].ttl_max;
		copy_octets(item->address, &peers->items[i].address);
		/* Of two that name one address the first counts. */
		if (!lfind(item, items, &known, sizeof(*items), by_address))
			count++;
	}
	qsort(items, count, sizeof(*items), by_address);
	parts_append(builder, &builder->parts[PART_PEERS], items, count * sizeof(*items));
	free(items);
	span.count = parts_count(&builder->parts[PART_PEERS]) - span.first;
	return span;
}

static void set_source(struct image_router *router, const struct unicast_settings *unicast)
{
	const struct ip_address *source =
		unicast->source.family != AF_UNSPEC ? &unicast->source : &unicast->multicast_source;

	if (source->family == AF_UNSPEC)
		return;
	router->source_family = slots_family_from_af(source->family);
	copy_octets(router->source, source);
}

/* Words about unicast without a peer: keepalived falls back to multicast, unless told otherwise. */
static bool lacks_peer(const struct instance *instance)
{
	return instance->unicast.fault_without_peer && instance->unicast.peers.count == 0 &&
	       (instance->origins[INSTANCE_UNICAST_SOURCE].kind != ORIGIN_DEFAULT ||
		       instance->origins[INSTANCE_UNICAST_PEERS].kind != ORIGIN_DEFAULT);
}

static uint16_t election_flags(const struct instance *instance)
{
	const struct election_settings *election = &instance->election;
	const struct unicast_settings *unicast = &instance->unicast;
	unsigned flags = 0;

	flags |= election->strict ? IMAGE_ELECTION_STRICT : 0;
	flags |= election->skip_address_check ? IMAGE_ELECTION_SKIP_ADDRESSES : 0;
	flags |= election->no_lower_answer ? IMAGE_ELECTION_NO_LOWER_ANSWER : 0;
	flags |= election->answer_higher ? IMAGE_ELECTION_ANSWER_HIGHER : 0;
	flags |= election->owner_ignores ? IMAGE_ELECTION_OWNER_IGNORES : 0;
	flags |= instance->ignore_link ? IMAGE_ELECTION_IGNORE_LINK : 0;
	flags |= unicast->track_source ? IMAGE_ELECTION_TRACK_SOURCE : 0;
	flags |= unicast->old_checksum == OLD_CHECKSUM_NEVER ? IMAGE_ELECTION_NO_GROUP_CHECKSUM : 0;
	flags |= lacks_peer(instance) ? IMAGE_ELECTION_NO_PEER : 0;
	return (uint16_t)flags;
}

static void set_speech(
	struct builder *builder, struct image_router *router, const struct instance *instance)
{
	const struct unicast_settings *unicast = &instance->unicast;

	router->peers = add_peers(builder, instance);
	router->ttl = unicast->ttl;
	router->down_adverts = instance->election.down_adverts;
	router->election = election_flags(instance);
	if (router->peers.count > 0 && unicast->old_checksum == OLD_CHECKSUM_ALWAYS)
		router->checksum = IMAGE_CHECKSUM_GROUP;
	set_source(router, unicast);
	set_auth(router, instance);
}

static void set_vmac(
	struct builder *builder, struct image_router *router, const struct instance *instance)
{
	if (!instance->vmac_device)
		return;
	parts_copy_name(builder, router->vmac, instance->vmac_device);
	conf_vmac_octets(instance, router->mac);
	router->vmac_xmit_base = instance->vmac_xmit_base;
}

static void set_group(
	struct builder *builder, struct image_router *router, const struct instance *instance)
{
	const struct sync_group *group = config_group_of(builder->config, instance);
	int slot = group ? slots_group(builder->slots, group) : 0;

	if (slot < 0)
		parts_fail(builder, -EINVAL);
	if (!group)
		return;
	router->group = (uint32_t)slot + 1;
	router->group_place = instance->group_place;
}

void imagerouter_add(struct builder *builder, const struct instance *instance)
{
	int slot = slots_find(builder->slots, instance);
	const char *home = instance->vmac_device ? instance->vmac_device : instance->interface;
	struct image_router router = {
		.slot = (uint32_t)slot,
		.name = parts_add_string(builder, instance->name),
		.family = slots_family_from_af(instance->family),
		.vrid = instance->vrid,
		.version = instance->version,
		.priority = instance->priority,
		.checksum = instance->checksum,
		.shown = (uint8_t)((instance->initial_state == INITIAL_MASTER ? IMAGE_SHOWN_MASTER
									      : 0) |
				   (instance->smtp_alert ? IMAGE_SHOWN_ALERT : 0)),
		.flags = (uint8_t)((instance->preempt ? IMAGE_ROUTER_PREEMPT : 0) |
				   (instance->accept ? IMAGE_ROUTER_ACCEPT : 0) |
				   (instance->promote_secondaries ? IMAGE_ROUTER_PROMOTE : 0) |
				   tells(builder->config, instance) |
				   (instance->admin_state == ADMIN_DOWN ? IMAGE_ROUTER_DISABLED
									: 0)),
		.garp_repeat = small(instance->garp.repeat),
		.garp_delay = instance->garp.delay_ns,
		.garp_refresh = instance->garp.refresh_ns,
		.garp_lower_repeat = small(instance->garp.lower_repeat),
		.garp_lower_delay = instance->garp.lower_delay_ns,
		.garp_refresh_repeat = small(instance->garp.refresh_repeat),
		.interval = instance->interval_ns,
		.preempt_delay = instance->preempt_delay_ns,
	};

	if (slot < 0) {
		parts_fail(builder, -EINVAL);
		return;
	}
	parts_copy_name(builder, router.interface, instance->interface);
	set_speech(builder, &router, instance);
	set_vmac(builder, &router, instance);
	router.addresses = imagerouter_addresses(builder, home, &instance->addresses, ADMIN_UP, 0);
	router.excluded = imagerouter_addresses(
		builder, home, &instance->excluded, ADMIN_UP, router.addresses.count);
	router.dormant = imagerouter_addresses(builder, home, &instance->addresses, ADMIN_DOWN, 0);
	router.routes = imagerouter_routes(builder, &instance->routes);
	router.rules = imagerouter_rules(builder, &instance->rules);
	router.tracks = add_tracks(builder, instance);
	router.uses = imagetracker_uses(builder, instance);
	router.commands = imagecommands_of_instance(builder, instance);
	set_group(builder, &router, instance);
	parts_append(builder, &builder->parts[PART_ROUTERS], &router, sizeof(router));
}

/* 0 stands for none, and so is never the place of a string of the globals. */
