/* SPDX-License-Identifier: ISC */
#include "agent/core/imagebuilder.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/conf/mailrules.h"
#include "agent/core/image/imagecommands.h"
#include "agent/core/image/imagegroup.h"
#include "agent/core/image/imagerouter.h"
#include "agent/core/image/imagetracker.h"
#include "agent/core/image/parts.h"
#include "agent/core/script_user.h"
#include "lib/image.h"
#include "lib/sharedmem.h"
#include "vrrp/protocol/reason.h"

static uint32_t add_global_string(struct builder *builder, const char *text)
{
	if (!text)
		return 0;
	if (!builder->parts[PART_STRINGS].length)
		parts_add_string(builder, "");
	return parts_add_string(builder, text);
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

/* A script without its FIFO has nothing to read. */
static bool is_hook(const struct hook_settings *hooks, enum image_hook hook)
{
	if (hook == IMAGE_HOOK_FIFO && hooks->fifos[IMAGE_FIFO_ALL].argc == 0)
		return false;
	if (hook == IMAGE_HOOK_VRRP_FIFO && hooks->fifos[IMAGE_FIFO_VRRP].argc == 0)
		return false;
	return hooks->commands[hook].argc > 0;
}

static void add_hooks(struct builder *builder, struct image_header *header)
{
	const struct globals *globals = &builder->config->globals;
	const struct hook_settings *hooks = &globals->hooks;

	for (enum image_hook hook = 0; hook < IMAGE_HOOKS; hook++) {
		if (!is_hook(hooks, hook))
			continue;
		header->hooks[hook].first = parts_count(&builder->parts[PART_COMMANDS]);
		header->hooks[hook].count = 1;
		imagecommands_add(builder, &hooks->commands[hook], 0, NULL);
	}
	for (size_t i = 0; i < IMAGE_FIFOS; i++) {
		struct script_user user = {0};
		int error;

		if (hooks->fifos[i].argc == 0)
			continue;
		error = script_user_resolve(&builder->accounts, globals, &hooks->fifos[i], &user);
		if (error)
			parts_fail(builder, error);
		header->fifos[i].path = add_global_string(builder, hooks->fifos[i].argv[0]);
		header->fifos[i].uid = user.uid;
		header->fifos[i].gid = user.gid;
	}
	header->startup_timeout = hooks->startup_timeout;
	header->shutdown_timeout = hooks->shutdown_timeout;
	if (hooks->states_on_reload)
		header->flags |= IMAGE_STATES_ON_RELOAD;
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
	if (!globals->kernel_filter)
		header->flags |= IMAGE_PLAIN_SOCKETS;
	if (globals->check_process.no_swap)
		header->flags |= IMAGE_CHECK_NO_SWAP;
	if (globals->firewall.counters)
		header->flags |= IMAGE_FIREWALL_COUNTERS;
	if (globals->check_process.monitor_force)
		header->flags |= IMAGE_PROCESS_FORCE;
	if (globals->log_unknown_vrids)
		header->flags |= IMAGE_LOG_UNKNOWN;
	header->check_cpusched = globals->check_process.cpusched;
	header->process_buffer = globals->check_process.monitor_buffer;
	header->umask = globals->umask;
	header->firewall_priority = globals->firewall.priority;
	header->garp_interval = globals->garp_interval_ns;
	header->gna_interval = globals->gna_interval_ns;
	header->startup_delay = globals->startup_delay_ns;
	memcpy(header->group4, &globals->multicast_v4.v4, sizeof(header->group4));
	memcpy(header->group6, &globals->multicast_v6.v6, sizeof(header->group6));
}

static void add_pace(struct builder *builder, const struct garp_group *group, uint32_t number,
	const char *interface)
{
	struct image_pace item = {.group = number,
		.garp_interval = group->garp_interval_ns,
		.gna_interval = group->gna_interval_ns};

	parts_copy_name(builder, item.interface, interface);
	parts_append(builder, &builder->parts[PART_PACES], &item, sizeof(item));
}

/* An interface belongs to the first group that names it. */
static void add_paces(struct builder *builder)
{
	const struct garp_group_list *list = &builder->config->globals.garp_groups;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct garp_group *group = &list->items[i];
		uint32_t number = parts_count(&builder->parts[PART_PACES]);

		if (group->interface)
			add_pace(builder, group, number, group->interface);
		for (size_t k = 0; k < group->interfaces.count; k++)
			add_pace(builder, group, number, group->interfaces.items[k]);
	}
}

static_assert(VRRP_STATES == (int)IMAGE_MAIL_STATES, "a mail has a word for each state");

/* As keepalived: nothing is told of a stop. */
static void add_mail_words(struct builder *builder, struct image_mail *mail)
{
	for (enum vrrp_state state = 0; state < VRRP_STATES; state++) {
		if (state == VRRP_STATE_INITIALIZE ||
			(state == VRRP_STATE_FAULT && builder->config->globals.mail.no_faults))
			continue;
		mail->words[state] = add_global_string(builder, vrrp_state_keepalived_word(state));
	}
}

static void add_mail(struct builder *builder, struct image_mail *mail)
{
	const struct mail_settings *settings = &builder->config->globals.mail;
	char server[IMAGE_HOST_MAX + 1];

	mail->timeout = settings->timeout_ns;
	mail->tls = settings->tls;
	add_mail_words(builder, mail);
	mail->from = add_global_string(builder, settings->from);
	mail->helo = add_global_string(builder, settings->helo);
	mail->ca = add_global_string(builder, settings->ca);
	mail->user = add_global_string(builder, settings->user);
	mail->password_file = add_global_string(builder, settings->password_file);
	if (settings->server) {
		if (conf_mail_server(
			    settings->server, settings->tls, server, sizeof(server), &mail->port))
			parts_fail(builder, -EINVAL);
		mail->server = add_global_string(builder, server);
	}
	for (size_t i = 0; i < settings->to.count; i++) {
		uint32_t at = add_global_string(builder, settings->to.items[i]);

		if (i == 0)
			mail->recipients = at;
	}
	mail->recipient_count = (uint32_t)settings->to.count;
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
	};
	struct image_layout layout;
	char *bytes;
	int fd;

	add_mail(builder, &header.mail);
	add_paces(builder);
	add_hooks(builder, &header);
	if (builder->error)
		return builder->error;
	parts_describe(builder, &header);
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
	parts_place(builder, &layout, bytes);
	fd = sharedmem_document("vrrp-image", bytes, layout.size);
	free(bytes);
	return fd;
}

static void add_statics(struct builder *builder)
{
	const struct globals *globals = &builder->config->globals;

	builder->static_addresses = imagerouter_addresses(builder,
		config_default_interface(builder->config), &globals->static_addresses, ADMIN_UP, 0);
	builder->static_routes = imagerouter_routes(builder, &globals->static_routes);
	builder->static_rules = imagerouter_rules(builder, &globals->static_rules);
}

int image_build_whole(const struct config *config, const struct slots *slots, uint64_t generation)
{
	struct builder builder;
	int fd;

	parts_init(&builder, config, slots);
	for (uint32_t slot = 0; slot < slots_end(slots); slot++) {
		const struct instance *instance = slots_instance(slots, config, slot);

		if (instance)
			imagerouter_add(&builder, instance);
	}
	imagegroup_add_all(&builder);
	add_statics(&builder);
	imagetracker_add_all(&builder);
	if (parts_count(&builder.parts[PART_ROUTERS]) != config->instance_count)
		parts_fail(&builder, -EINVAL);
	fd = finish(&builder, generation, 0);
	parts_clear(&builder);
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
	parts_init(&builder, config, slots);
	for (size_t i = 0; i < changes->changed_count; i++)
		imagerouter_add(&builder, changes->changed[i]);
	parts_append(&builder, &builder.parts[PART_REMOVED], changes->removed,
		changes->removed_count * sizeof(*changes->removed));
	fd = finish(&builder, generation, base);
	parts_clear(&builder);
	return fd;
}
