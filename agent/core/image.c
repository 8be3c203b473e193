/* SPDX-License-Identifier: ISC */
#include "agent/core/image.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/conf/vmac.h"
#include "agent/core/notify.h"
#include "agent/core/script_user.h"
#include "lib/image.h"
#include "lib/sharedmem.h"

#define ROOM_MIN 4096

/* An array that grows; offsets into it are counted in its elements. */
struct part {
	char *bytes;
	size_t length, room;
	size_t element;
};

struct builder {
	const struct config *config;
	const struct slots *slots;
	struct part routers, addresses, peers, tracks, commands, removed, strings;
	struct part routes, hops, rules, paces;
	struct image_span static_addresses, static_routes, static_rules;
	int error; /* the first one; everything after it does nothing */
};

static void builder_init(
	struct builder *builder, const struct config *config, const struct slots *slots)
{
	*builder = (struct builder){
		.config = config,
		.slots = slots,
		.routers.element = sizeof(struct image_router),
		.addresses.element = sizeof(struct image_address),
		.peers.element = sizeof(struct image_peer),
		.tracks.element = sizeof(struct image_track),
		.commands.element = sizeof(struct image_command),
		.removed.element = sizeof(uint32_t),
		.strings.element = 1,
		.routes.element = sizeof(struct image_route),
		.hops.element = sizeof(struct image_hop),
		.paces.element = sizeof(struct image_pace),
		.rules.element = sizeof(struct image_rule),
	};
}

static void builder_clear(struct builder *builder)
{
	free(builder->routers.bytes);
	free(builder->addresses.bytes);
	free(builder->peers.bytes);
	free(builder->tracks.bytes);
	free(builder->commands.bytes);
	free(builder->removed.bytes);
	free(builder->strings.bytes);
	free(builder->routes.bytes);
	free(builder->hops.bytes);
	free(builder->paces.bytes);
	free(builder->rules.bytes);
}

static void fail(struct builder *builder, int error)
{
	if (!builder->error)
		builder->error = error;
}

static uint32_t count_of(const struct part *part)
{
	return (uint32_t)(part->length / part->element);
}

static bool reserve(struct part *part, size_t length)
{
	size_t room = part->room ? part->room : ROOM_MIN;
	char *grown;

	while (room < part->length + length)
		room *= 2;
	if (room == part->room)
		return true;
	grown = realloc(part->bytes, room);
	if (!grown)
		return false;
	part->bytes = grown;
	part->room = room;
	return true;
}

/* Appends `length` bytes and returns the number of the first element. */
static uint32_t append(struct builder *builder, struct part *part, const void *bytes, size_t length)
{
	uint32_t first = count_of(part);

	if (part->length + length > UINT32_MAX || !reserve(part, length)) {
		fail(builder, -ENOMEM);
		return 0;
	}
	memcpy(part->bytes + part->length, bytes, length);
	part->length += length;
	return first;
}

static uint32_t add_string(struct builder *builder, const char *text)
{
	return append(builder, &builder->strings, text, strlen(text) + 1);
}

/* Interface names and labels were checked to fit when the file was read. */
static void copy_name(struct builder *builder, char name[16], const char *text)
{
	size_t length = strlen(text);

	if (length >= 16)
		fail(builder, -EINVAL);
	else
		memcpy(name, text, length + 1);
}

static void copy_octets(uint8_t *octets, const struct ip_address *address)
{
	if (address->family == AF_INET)
		memcpy(octets, &address->v4, sizeof(address->v4));
	else
		memcpy(octets, &address->v6, sizeof(address->v6));
}

static void add_address(
	struct builder *builder, const char *interface, const struct virtual_address *address)
{
	struct image_address item = {
		.family = slots_family_from_af(address->address.family),
		.prefix_length = address->prefix_length,
		.scope = address->scope,
		.flags = (uint8_t)address->flags,
		.preferred = address->preferred,
	};

	copy_name(builder, item.interface, address->device ? address->device : interface);
	if (address->label)
		copy_name(builder, item.label, address->label);
	copy_octets(item.address, &address->address);
	if (address->broadcast_kind == BROADCAST_ADDRESS) {
		item.flags |= IMAGE_ADDRESS_BROADCAST;
		memcpy(item.broadcast, &address->broadcast, sizeof(item.broadcast));
	}
	append(builder, &builder->addresses, &item, sizeof(item));
}

/* Those of one administrative state; `interface`: of those that name none. */
static struct image_span add_addresses(struct builder *builder, const char *interface,
	const struct address_list *list, enum admin_state admin_state)
{
	struct image_span span = {.first = count_of(&builder->addresses)};

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].admin_state == admin_state)
			add_address(builder, interface, &list->items[i]);
	}
	span.count = count_of(&builder->addresses) - span.first;
	return span;
}

static struct image_span add_routes(struct builder *builder, const struct route_list *list)
{
	struct image_span span = {
		.first = count_of(&builder->routes), .count = (uint32_t)list->count};

	for (size_t i = 0; i < list->count; i++) {
		struct image_route item = list->items[i].value;

		item.hops.first = count_of(&builder->hops);
		if (item.hops.count > 0)
			append(builder, &builder->hops, list->items[i].hops,
				item.hops.count * sizeof(struct image_hop));
		append(builder, &builder->routes, &item, sizeof(item));
	}
	return span;
}

static struct image_span add_rules(struct builder *builder, const struct rule_list *list)
{
	struct image_span span = {
		.first = count_of(&builder->rules), .count = (uint32_t)list->count};

	for (size_t i = 0; i < list->count; i++)
		append(builder, &builder->rules, &list->items[i].value,
			sizeof(list->items[i].value));
	return span;
}

static bool tracks_already(const struct builder *builder, uint32_t first, const char *interface)
{
	const struct image_track *tracks = (const void *)builder->tracks.bytes;

	for (uint32_t i = first; i < count_of(&builder->tracks); i++)
		if (strncmp(tracks[i].interface, interface, sizeof(tracks[i].interface)) == 0)
			return true;
	return false;
}

static void add_track(struct builder *builder, const char *interface, int32_t weight)
{
	struct image_track item = {.weight = weight};

	copy_name(builder, item.interface, interface);
	append(builder, &builder->tracks, &item, sizeof(item));
}

static void imply_track(struct builder *builder, const struct instance *instance, uint32_t first,
	const char *interface)
{
	/* The device of its virtual MAC is off while it is Backup. */
	if (instance->vmac_device && interface && strcmp(interface, instance->vmac_device) == 0)
		return;
	if (interface && interface[0] && strcmp(interface, instance->interface) != 0 &&
		!tracks_already(builder, first, interface))
		add_track(builder, interface, 0);
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

static struct image_span add_tracks(struct builder *builder, const struct instance *instance)
{
	struct image_span span = {.first = count_of(&builder->tracks)};

	for (size_t i = 0; i < instance->track_interfaces.count; i++)
		add_track(builder, instance->track_interfaces.items[i].name,
			instance->track_interfaces.items[i].weight);
	add_implied_tracks(builder, instance, span.first);
	span.count = count_of(&builder->tracks) - span.first;
	return span;
}

static void add_command(struct builder *builder, const struct notify_script *script,
	enum vrrp_state state, const char *const *extra)
{
	struct image_command item = {
		.argument_count = (uint32_t)script->argc,
		.arguments = count_of(&builder->strings),
		.on_state = (uint8_t)state,
	};
	struct script_user user;
	int error = script_user_resolve(&builder->config->globals, script, &user);

	if (error) {
		fail(builder, error);
		return;
	}
	item.uid = user.uid;
	item.gid = user.gid;
	for (size_t i = 0; i < script->argc; i++)
		add_string(builder, script->argv[i]);
	for (; extra && *extra; extra++) {
		add_string(builder, *extra);
		item.argument_count++;
		item.flags = IMAGE_COMMAND_PRIORITY;
	}
	append(builder, &builder->commands, &item, sizeof(item));
}

/* `notify`: one command for each state, which is told as keepalived tells it. */
static void add_commands_of_every_state(struct builder *builder, const struct instance *instance,
	const struct notify_script *script)
{
	for (enum vrrp_state state = 0; state < VRRP_STATES; state++) {
		const char *const extra[] = {
			"INSTANCE", instance->name, vrrp_state_keepalived_word(state), NULL};

		add_command(builder, script, state, extra);
	}
}

static struct image_span add_commands(struct builder *builder, const struct instance *instance)
{
	struct image_span span = {.first = count_of(&builder->commands)};

	for (size_t i = 0; i < NOTIFY_KINDS; i++) {
		const struct notify_kind *kind = &notify_kinds[i];
		const struct notify_script *script = notify_script_of(instance, kind);

		if (script->argc == 0)
			continue;
		if (kind->every_state)
			add_commands_of_every_state(builder, instance, script);
		else
			add_command(builder, script, kind->state, NULL);
	}
	span.count = count_of(&builder->commands) - span.first;
	return span;
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
	struct image_span span = {.first = count_of(&builder->peers)};
	struct image_peer *items = calloc(peers->count + 1, sizeof(*items));
	size_t count = 0;

	if (!items) {
		fail(builder, -ENOMEM);
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
	append(builder, &builder->peers, items, count * sizeof(*items));
	free(items);
	span.count = count_of(&builder->peers) - span.first;
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
	copy_name(builder, router->vmac, instance->vmac_device);
	conf_vmac_octets(instance, router->mac);
	router->vmac_xmit_base = instance->vmac_xmit_base;
}

static void add_router(struct builder *builder, const struct instance *instance)
{
	int slot = slots_find(builder->slots, instance);
	const char *home = instance->vmac_device ? instance->vmac_device : instance->interface;
	struct image_router router = {
		.slot = (uint32_t)slot,
		.name = add_string(builder, instance->name),
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
		fail(builder, -EINVAL);
		return;
	}
	copy_name(builder, router.interface, instance->interface);
	set_speech(builder, &router, instance);
	set_vmac(builder, &router, instance);
	router.addresses = add_addresses(builder, home, &instance->addresses, ADMIN_UP);
	router.excluded = add_addresses(builder, home, &instance->excluded, ADMIN_UP);
	router.dormant = add_addresses(builder, home, &instance->addresses, ADMIN_DOWN);
	router.routes = add_routes(builder, &instance->routes);
	router.rules = add_rules(builder, &instance->rules);
	router.tracks = add_tracks(builder, instance);
	router.commands = add_commands(builder, instance);
	append(builder, &builder->routers, &router, sizeof(router));
}

/* 0 stands for none, and so is never the place of a string of the globals. */
static uint32_t add_global_string(struct builder *builder, const char *text)
{
	if (!text)
		return 0;
	if (!builder->strings.length)
		add_string(builder, "");
	return add_string(builder, text);
}

/* The configured name of this node, or the host's. */
static uint32_t add_router_id(struct builder *builder)
{
	char name[HOST_NAME_MAX + 1] = "";

	if (builder->config->globals.router_id)
		return add_global_string(builder, builder->config->globals.router_id);
	gethostname(name, sizeof(name) - 1);
	return add_global_string(builder, name);
}

static void set_globals(struct image_header *header, const struct globals *globals)
{
	if (globals->snmp_traps)
		header->flags |= IMAGE_TRAPS;
	if (globals->snmp_rfcv3)
		header->flags |= IMAGE_SNMP_RFCV3;
	if (globals->snmp_rfcv2)
		header->flags |= IMAGE_SNMP_RFCV2;
	if (globals->snmp_keepalived)
		header->flags |= IMAGE_SNMP_KEEPALIVED;
	if (globals->keep_on_restart)
		header->flags |= IMAGE_KEEP_ON_RESTART;
	header->garp_interval = globals->garp_interval_ns;
	header->gna_interval = globals->gna_interval_ns;
	header->startup_delay = globals->startup_delay_ns;
	memcpy(header->group4, &globals->multicast_v4.v4, sizeof(header->group4));
	memcpy(header->group6, &globals->multicast_v6.v6, sizeof(header->group6));
}

static void place(char *bytes, size_t offset, const struct part *part)
{
	if (part->length > 0)
		memcpy(bytes + offset, part->bytes, part->length);
}

static void add_pace(struct builder *builder, const struct garp_group *group, uint32_t number,
	const char *interface)
{
	struct image_pace item = {.group = number,
		.garp_interval = group->garp_interval_ns,
		.gna_interval = group->gna_interval_ns};

	copy_name(builder, item.interface, interface);
	append(builder, &builder->paces, &item, sizeof(item));
}

/* An interface belongs to the first group that names it. */
static void add_paces(struct builder *builder)
{
	const struct garp_group_list *list = &builder->config->globals.garp_groups;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct garp_group *group = &list->items[i];
		uint32_t number = count_of(&builder->paces);

		if (group->interface)
			add_pace(builder, group, number, group->interface);
		for (size_t k = 0; k < group->interfaces.count; k++)
			add_pace(builder, group, number, group->interfaces.items[k]);
	}
}

static int finish(struct builder *builder, uint64_t generation, uint64_t base)
{
	struct image_header header = {
		.snmp_socket = add_global_string(builder, builder->config->globals.snmp_socket),
		.snmp_context = add_global_string(builder, builder->config->globals.snmp_context),
		.router_id = add_router_id(builder),
		.magic = IMAGE_MAGIC,
		.generation = generation,
		.base_generation = base,
		.routers.count = count_of(&builder->routers),
		.addresses.count = count_of(&builder->addresses),
		.peers.count = count_of(&builder->peers),
		.tracks.count = count_of(&builder->tracks),
		.commands.count = count_of(&builder->commands),
		.removed.count = count_of(&builder->removed),
	};
	struct image_layout layout;
	char *bytes;
	int fd;

	add_paces(builder);
	if (builder->error)
		return builder->error;
	header.strings.count = count_of(&builder->strings);
	header.routes.count = count_of(&builder->routes);
	header.hops.count = count_of(&builder->hops);
	header.rules.count = count_of(&builder->rules);
	header.paces.count = count_of(&builder->paces);
	header.static_addresses = builder->static_addresses;
	header.static_routes = builder->static_routes;
	header.static_rules = builder->static_rules;
	layout = image_layout(&header);
	bytes = calloc(1, layout.size);
	if (!bytes)
		return -ENOMEM;
	header.size = layout.size;
	set_globals(&header, &builder->config->globals);
	memcpy(bytes, &header, sizeof(header));
	place(bytes, layout.routers, &builder->routers);
	place(bytes, layout.addresses, &builder->addresses);
	place(bytes, layout.peers, &builder->peers);
	place(bytes, layout.tracks, &builder->tracks);
	place(bytes, layout.commands, &builder->commands);
	place(bytes, layout.removed, &builder->removed);
	place(bytes, layout.routes, &builder->routes);
	place(bytes, layout.hops, &builder->hops);
	place(bytes, layout.rules, &builder->rules);
	place(bytes, layout.paces, &builder->paces);
	place(bytes, layout.strings, &builder->strings);
	fd = sharedmem_document("vrrp-image", bytes, layout.size);
	free(bytes);
	return fd;
}

static void add_statics(struct builder *builder)
{
	const struct globals *globals = &builder->config->globals;

	builder->static_addresses = add_addresses(builder,
		config_default_interface(builder->config), &globals->static_addresses, ADMIN_UP);
	builder->static_routes = add_routes(builder, &globals->static_routes);
	builder->static_rules = add_rules(builder, &globals->static_rules);
}

int image_build_whole(const struct config *config, const struct slots *slots, uint64_t generation)
{
	struct builder builder;
	int fd;

	builder_init(&builder, config, slots);
	for (uint32_t slot = 0; slot < slots_end(slots); slot++) {
		const struct instance *instance = slots_instance(slots, config, slot);

		if (instance)
			add_router(&builder, instance);
	}
	add_statics(&builder);
	if (count_of(&builder.routers) != config->instance_count)
		fail(&builder, -EINVAL);
	fd = finish(&builder, generation, 0);
	builder_clear(&builder);
	return fd;
}

static int by_slot(const void *left, const void *right, void *slots)
{
	const struct instance *const *a = left, *const *b = right;

	return slots_find(slots, *a) - slots_find(slots, *b);
}

static int by_number(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

int image_build_delta(const struct config *config, const struct slots *slots, uint64_t generation,
	uint64_t base, struct image_changes *changes)
{
	struct builder builder;
	int fd;

	qsort_r(changes->changed, changes->changed_count, sizeof(*changes->changed), by_slot,
		(void *)slots);
	qsort(changes->removed, changes->removed_count, sizeof(*changes->removed), by_number);
	builder_init(&builder, config, slots);
	for (size_t i = 0; i < changes->changed_count; i++)
		add_router(&builder, changes->changed[i]);
	append(&builder, &builder.removed, changes->removed,
		changes->removed_count * sizeof(*changes->removed));
	fd = finish(&builder, generation, base);
	builder_clear(&builder);
	return fd;
}
