/* SPDX-License-Identifier: ISC */
#include "agent/core/image.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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
	struct part routers, addresses, tracks, commands, removed, strings;
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
		.tracks.element = sizeof(struct image_track),
		.commands.element = sizeof(struct image_command),
		.removed.element = sizeof(uint32_t),
		.strings.element = 1,
	};
}

static void builder_clear(struct builder *builder)
{
	free(builder->routers.bytes);
	free(builder->addresses.bytes);
	free(builder->tracks.bytes);
	free(builder->commands.bytes);
	free(builder->removed.bytes);
	free(builder->strings.bytes);
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

static void add_address(struct builder *builder, const struct instance *instance,
	const struct virtual_address *address)
{
	struct image_address item = {
		.family = slots_family_from_af(address->address.family),
		.prefix_length = address->prefix_length,
		.scope = address->scope,
	};

	copy_name(builder, item.interface, address->device ? address->device : instance->interface);
	if (address->label)
		copy_name(builder, item.label, address->label);
	copy_octets(item.address, &address->address);
	if (address->broadcast_kind == BROADCAST_ADDRESS) {
		item.flags |= IMAGE_ADDRESS_BROADCAST;
		memcpy(item.broadcast, &address->broadcast, sizeof(item.broadcast));
	}
	append(builder, &builder->addresses, &item, sizeof(item));
}

static struct image_span add_addresses(
	struct builder *builder, const struct instance *instance, enum admin_state admin_state)
{
	struct image_span span = {.first = count_of(&builder->addresses)};

	for (size_t i = 0; i < instance->addresses.count; i++) {
		if (instance->addresses.items[i].admin_state == admin_state)
			add_address(builder, instance, &instance->addresses.items[i]);
	}
	span.count = count_of(&builder->addresses) - span.first;
	return span;
}

static struct image_span add_tracks(struct builder *builder, const struct instance *instance)
{
	struct image_span span = {.first = count_of(&builder->tracks)};

	for (size_t i = 0; i < instance->track_interfaces.count; i++) {
		const struct tracked_interface *tracked = &instance->track_interfaces.items[i];
		struct image_track item = {.weight = tracked->weight};

		copy_name(builder, item.interface, tracked->name);
		append(builder, &builder->tracks, &item, sizeof(item));
	}
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

/* Authentication is version 2's; version 3 has none, whatever the file says. */
static void set_auth(struct image_router *router, const struct instance *instance)
{
	if (instance->version != 2 || instance->auth_type != AUTH_PASS)
		return;
	router->auth = IMAGE_AUTH_PASS;
	memcpy(router->auth_data, instance->auth_data, sizeof(router->auth_data));
}

static void add_router(struct builder *builder, const struct instance *instance)
{
	int slot = slots_find(builder->slots, instance);
	struct image_router router = {
		.slot = (uint32_t)slot,
		.name = add_string(builder, instance->name),
		.family = slots_family_from_af(instance->family),
		.vrid = instance->vrid,
		.version = instance->version,
		.priority = instance->priority,
		.checksum = instance->checksum,
		.flags = (uint8_t)((instance->preempt ? IMAGE_ROUTER_PREEMPT : 0) |
				   (instance->accept ? IMAGE_ROUTER_ACCEPT : 0) |
				   (instance->admin_state == ADMIN_DOWN ? IMAGE_ROUTER_DISABLED
									: 0)),
		.garp_repeat = small(instance->garp.repeat),
		.garp_delay = instance->garp.delay_ns,
		.garp_refresh = instance->garp.refresh_ns,
		.garp_refresh_repeat = small(instance->garp.refresh_repeat),
		.interval = instance->interval_ns,
		.preempt_delay = instance->preempt_delay_ns,
	};

	if (slot < 0) {
		fail(builder, -EINVAL);
		return;
	}
	copy_name(builder, router.interface, instance->interface);
	set_auth(&router, instance);
	router.addresses = add_addresses(builder, instance, ADMIN_UP);
	router.dormant = add_addresses(builder, instance, ADMIN_DOWN);
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

static void set_globals(struct image_header *header, const struct globals *globals)
{
	if (globals->snmp_traps)
		header->flags |= IMAGE_TRAPS;
	if (globals->snmp_rfcv3)
		header->flags |= IMAGE_SNMP_RFCV3;
	memcpy(header->group4, &globals->multicast_v4.v4, sizeof(header->group4));
	memcpy(header->group6, &globals->multicast_v6.v6, sizeof(header->group6));
}

static void place(char *bytes, size_t offset, const struct part *part)
{
	if (part->length > 0)
		memcpy(bytes + offset, part->bytes, part->length);
}

static int finish(struct builder *builder, uint64_t generation, uint64_t base)
{
	struct image_header header = {
		.snmp_socket = add_global_string(builder, builder->config->globals.snmp_socket),
		.magic = IMAGE_MAGIC,
		.generation = generation,
		.base_generation = base,
		.routers.count = count_of(&builder->routers),
		.addresses.count = count_of(&builder->addresses),
		.tracks.count = count_of(&builder->tracks),
		.commands.count = count_of(&builder->commands),
		.removed.count = count_of(&builder->removed),
	};
	struct image_layout layout;
	char *bytes;
	int fd;

	if (builder->error)
		return builder->error;
	header.strings.count = count_of(&builder->strings);
	layout = image_layout(&header);
	bytes = calloc(1, layout.size);
	if (!bytes)
		return -ENOMEM;
	header.size = layout.size;
	set_globals(&header, &builder->config->globals);
	memcpy(bytes, &header, sizeof(header));
	place(bytes, layout.routers, &builder->routers);
	place(bytes, layout.addresses, &builder->addresses);
	place(bytes, layout.tracks, &builder->tracks);
	place(bytes, layout.commands, &builder->commands);
	place(bytes, layout.removed, &builder->removed);
	place(bytes, layout.strings, &builder->strings);
	fd = sharedmem_document("vrrp-image", bytes, layout.size);
	free(bytes);
	return fd;
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
