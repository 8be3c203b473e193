/* SPDX-License-Identifier: ISC */
/* Deep copies and comparison of the configuration model. */
#include <string.h>

#include "agent/conf/model.h"
#include "agent/conf/syncgroup.h"

/* Where a copy goes; a failure is remembered instead of checked at each string. */
struct copier {
	struct config *config;
	const char *old_file; /* origins mostly repeat one file name */
	const char *new_file;
	const char *old_via;
	const char *new_via;
	bool failed;
};

static const char *copy_string(struct copier *copier, const char *text)
{
	const char *copy;

	if (!text)
		return NULL;
	copy = config_string(copier->config, text, strlen(text));
	if (!copy)
		copier->failed = true;
	return copy;
}

static void *copy_array(struct copier *copier, const void *items, size_t count, size_t size)
{
	void *copy;

	if (count == 0)
		return NULL;
	copy = config_alloc(copier->config, count * size);
	if (copy)
		memcpy(copy, items, count * size);
	else
		copier->failed = true;
	return copy;
}

static void copy_origin(struct copier *copier, struct origin *origin)
{
	if (!origin->file)
		return;
	if (origin->file != copier->old_file) {
		copier->old_file = origin->file;
		copier->new_file = copy_string(copier, origin->file);
	}
	origin->file = copier->new_file;
	if (origin->via != copier->old_via) {
		copier->old_via = origin->via;
		copier->new_via = copy_string(copier, origin->via);
	}
	origin->via = copier->new_via;
}

static void copy_strings(struct copier *copier, struct string_list *list)
{
	list->items = copy_array(copier, list->items, list->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < list->count; i++)
		list->items[i] = copy_string(copier, list->items[i]);
}

static void copy_script(struct copier *copier, struct notify_script *script)
{
	if (script->argc > 0)
		script->argv =
			copy_array(copier, script->argv, script->argc + 1, sizeof(*script->argv));
	for (size_t i = 0; script->argv && i < script->argc; i++)
		script->argv[i] = copy_string(copier, script->argv[i]);
	script->user = copy_string(copier, script->user);
	script->group = copy_string(copier, script->group);
}

static void copy_addresses(struct copier *copier, struct address_list *list)
{
	list->items = copy_array(copier, list->items, list->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < list->count; i++) {
		list->items[i].device = copy_string(copier, list->items[i].device);
		list->items[i].label = copy_string(copier, list->items[i].label);
		copy_origin(copier, &list->items[i].origin);
	}
}

static void copy_routes(struct copier *copier, struct route_list *list)
{
	list->items = copy_array(copier, list->items, list->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < list->count; i++) {
		struct route *route = &list->items[i];

		route->hops = copy_array(
			copier, route->hops, route->value.hops.count, sizeof(*route->hops));
		copy_origin(copier, &route->origin);
	}
}

static void copy_rules(struct copier *copier, struct rule_list *list)
{
	list->items = copy_array(copier, list->items, list->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < list->count; i++)
		copy_origin(copier, &list->items[i].origin);
}

static void copy_garp_groups(struct copier *copier, struct garp_group_list *list)
{
	list->items = copy_array(copier, list->items, list->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < list->count; i++) {
		struct garp_group *group = &list->items[i];

		group->interface = copy_string(copier, group->interface);
		copy_strings(copier, &group->interfaces);
		for (size_t k = 0; k < GARP_GROUP_ATTRIBUTES; k++)
			copy_origin(copier, &group->origins[k]);
	}
}

static void copy_mail(struct copier *copier, struct mail_settings *mail)
{
	copy_strings(copier, &mail->to);
	mail->from = copy_string(copier, mail->from);
	mail->server = copy_string(copier, mail->server);
	mail->helo = copy_string(copier, mail->helo);
	mail->ca = copy_string(copier, mail->ca);
	mail->user = copy_string(copier, mail->user);
	mail->password_file = copy_string(copier, mail->password_file);
}

static void copy_globals(struct copier *copier, struct globals *globals)
{
	globals->router_id = copy_string(copier, globals->router_id);
	globals->net_namespace = copy_string(copier, globals->net_namespace);
	globals->script_user = copy_string(copier, globals->script_user);
	globals->script_group = copy_string(copier, globals->script_group);
	for (size_t i = 0; i < IMAGE_HOOKS; i++)
		copy_script(copier, &globals->hooks.commands[i]);
	for (size_t i = 0; i < IMAGE_FIFOS; i++)
		copy_script(copier, &globals->hooks.fifos[i]);
	globals->snmp_socket = copy_string(copier, globals->snmp_socket);
	globals->change_group = copy_string(copier, globals->change_group);
	globals->view_group = copy_string(copier, globals->view_group);
	globals->snmp_context = copy_string(copier, globals->snmp_context);
	globals->vmac_prefix = copy_string(copier, globals->vmac_prefix);
	globals->default_interface = copy_string(copier, globals->default_interface);
	copy_mail(copier, &globals->mail);
	copy_garp_groups(copier, &globals->garp_groups);
	copy_addresses(copier, &globals->static_addresses);
	copy_routes(copier, &globals->static_routes);
	copy_rules(copier, &globals->static_rules);
	for (size_t i = 0; i < GLOBAL_ATTRIBUTES; i++)
		copy_origin(copier, &globals->origins[i]);
}

static void copy_peers(struct copier *copier, struct unicast_peer_list *list)
{
	list->items = copy_array(copier, list->items, list->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < list->count; i++)
		copy_origin(copier, &list->items[i].origin);
}

static void copy_tracked(struct copier *copier, struct tracked_interface_list *list)
{
	list->items = copy_array(copier, list->items, list->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < list->count; i++) {
		list->items[i].name = copy_string(copier, list->items[i].name);
		copy_origin(copier, &list->items[i].origin);
	}
}

static void copy_uses(struct copier *copier, struct tracked_list *list)
{
	list->items = copy_array(copier, list->items, list->count, sizeof(*list->items));
	for (size_t i = 0; list->items && i < list->count; i++) {
		list->items[i].name = copy_string(copier, list->items[i].name);
		copy_origin(copier, &list->items[i].origin);
	}
}

static void copy_trackers(struct copier *copier, const struct tracker_list *list)
{
	for (size_t i = 0; i < list->count && !copier->failed; i++) {
		const struct tracker *original = &list->items[i];
		struct tracker *copy =
			config_add_tracker(copier->config, original->kind, original->name);
		const char *name;

		if (!copy) {
			copier->failed = true;
			return;
		}
		name = copy->name;
		*copy = *original;
		copy->name = name;
		copy_script(copier, &copy->command);
		copy->path = copy_string(copier, copy->path);
		copy_origin(copier, &copy->origin);
		for (size_t k = 0; k < TRACKER_ATTRIBUTES; k++)
			copy_origin(copier, &copy->origins[k]);
	}
}

/* What an instance or a group watches. */
static void copy_watched(struct copier *copier, struct tracked_interface_list *interfaces,
	struct tracked_list *trackers)
{
	copy_tracked(copier, interfaces);
	for (size_t kind = 0; kind < IMAGE_TRACKER_KIND_COUNT; kind++)
		copy_uses(copier, &trackers[kind]);
}

static void copy_instance(
	struct copier *copier, struct instance *copy, const struct instance *original)
{
	const char *name = copy->name;

	*copy = *original;
	copy->name = name;
	copy->interface = copy_string(copier, original->interface);
	copy->vmac.name = copy_string(copier, original->vmac.name);
	copy->vmac_device = copy_string(copier, original->vmac_device);
	copy_addresses(copier, &copy->addresses);
	copy_addresses(copier, &copy->excluded);
	copy_routes(copier, &copy->routes);
	copy_rules(copier, &copy->rules);
	copy_peers(copier, &copy->unicast.peers);
	copy_watched(copier, &copy->track_interfaces, copy->tracked);
	copy_script(copier, &copy->notify_master);
	copy_script(copier, &copy->notify_backup);
	copy_script(copier, &copy->notify_fault);
	copy_script(copier, &copy->notify_stop);
	copy_script(copier, &copy->notify);
	copy_script(copier, &copy->notify_deleted);
	copy_script(copier, &copy->notify_lower);
	for (size_t i = 0; i < INSTANCE_ATTRIBUTES; i++)
		copy_origin(copier, &copy->origins[i]);
}

static void copy_group(struct copier *copier, const struct sync_group *original)
{
	struct sync_group *copy = config_add_group(copier->config, original->name);
	const char *name = copy ? copy->name : NULL;

	if (!copy) {
		copier->failed = true;
		return;
	}
	*copy = *original;
	copy->name = name;
	copy->members.items = copy_array(copier, original->members.items, original->members.count,
		sizeof(*original->members.items));
	for (size_t i = 0; copy->members.items && i < copy->members.count; i++) {
		struct group_member *member = &copy->members.items[i];

		member->name = copy_string(copier, member->name);
		copy_origin(copier, &member->origin);
	}
	copy_watched(copier, &copy->track_interfaces, copy->tracked);
	copy_script(copier, &copy->notify_master);
	copy_script(copier, &copy->notify_backup);
	copy_script(copier, &copy->notify_fault);
	copy_script(copier, &copy->notify_stop);
	copy_script(copier, &copy->notify);
	for (size_t i = 0; i < GROUP_ATTRIBUTES; i++)
		copy_origin(copier, &copy->origins[i]);
}

struct config *config_copy(const struct config *config)
{
	struct copier copier = {.config = config_new()};

	if (!copier.config)
		return NULL;
	copier.config->globals = config->globals;
	copy_globals(&copier, &copier.config->globals);
	copier.config->destroyed = config->destroyed;
	copy_strings(&copier, &copier.config->destroyed);
	copy_trackers(&copier, &config->trackers);
	for (size_t i = 0; i < config->instance_count && !copier.failed; i++) {
		const struct instance *original = config->instances[i];
		struct instance *copy = config_add_instance(copier.config, original->name);

		if (copy)
			copy_instance(&copier, copy, original);
		else
			copier.failed = true;
	}
	for (size_t i = 0; i < config->group_count && !copier.failed; i++)
		copy_group(&copier, config->groups[i]);
	if (copier.failed || config_reindex(copier.config) < 0)
		return config_free(copier.config);
	return copier.config;
}
