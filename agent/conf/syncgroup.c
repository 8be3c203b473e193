/* SPDX-License-Identifier: ISC */
#include "agent/conf/syncgroup.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/trackerrules.h"

#define error(diagnostics, origin, ...) \
	conf_diagnose_origin((diagnostics), CONF_ERROR, (origin), __VA_ARGS__)
#define warning(diagnostics, origin, ...) \
	conf_diagnose_origin((diagnostics), CONF_WARNING, (origin), __VA_ARGS__)

static int reserve(struct config *config)
{
	size_t room = config->group_room ? 2 * config->group_room : 8;
	struct sync_group **grown;

	if (config->group_count < config->group_room)
		return 0;
	grown = reallocarray(config->groups, room, sizeof(struct sync_group *));
	if (!grown)
		return -1;
	config->groups = grown;
	config->group_room = room;
	return 0;
}

struct sync_group *config_add_group(struct config *config, const char *name)
{
	struct sync_group *group = config_alloc(config, sizeof(*group));

	if (!group || reserve(config) < 0)
		return NULL;
	group->name = config_string(config, name, strlen(name));
	if (!group->name)
		return NULL;
	config->groups[config->group_count++] = group;
	return group;
}

struct sync_group *config_find_group(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->group_count; i++)
		if (strcmp(config->groups[i]->name, name) == 0)
			return config->groups[i];
	return NULL;
}

const struct sync_group *config_group_of(
	const struct config *config, const struct instance *instance)
{
	return instance->group ? config->groups[instance->group - 1] : NULL;
}

bool config_own_weights_count(const struct config *config, const struct instance *instance)
{
	const struct sync_group *group = config_group_of(config, instance);

	return !group || group->tracking_weight || group->global_tracking;
}

static void resolve_members(struct config *config, size_t number)
{
	const struct group_member_list *members = &config->groups[number]->members;

	for (size_t i = 0; i < members->count; i++) {
		struct instance *instance = config_find_name(config, members->items[i].name);

		if (!instance || instance->group)
			continue;
		instance->group = (uint32_t)number + 1;
		instance->group_place = (uint32_t)i;
	}
}

void config_resolve_groups(struct config *config)
{
	for (size_t i = 0; i < config->instance_count; i++)
		config->instances[i]->group = 0;
	for (size_t i = 0; i < config->group_count; i++) {
		struct sync_group *group = config->groups[i];

		if (group->origins[GROUP_SMTP_ALERT].kind == ORIGIN_DEFAULT)
			group->smtp_alert = config->globals.mail.alert_vrrp;
		resolve_members(config, i);
	}
}

/* The name of an instance that was meant, or NULL. */
static const char *nearest(const struct config *config, const char *name)
{
	const char *near = NULL;
	unsigned least = UINT_MAX;

	for (size_t i = 0; i < config->instance_count; i++) {
		unsigned distance = conf_resembles(name, config->instances[i]->name);

		if (distance > 0 && distance < least) {
			least = distance;
			near = config->instances[i]->name;
		}
	}
	return near;
}

static void check_unknown(const struct config *config, const struct sync_group *group,
	const struct group_member *member, struct conf_diagnostics *diagnostics)
{
	const char *near;

	if (config_was_destroyed(config, member->name))
		return;
	near = nearest(config, member->name);
	if (near)
		error(diagnostics, &member->origin,
			"%s: there is no vrrp_instance '%s'; did you mean %s?", group->name,
			member->name, near);
	else
		error(diagnostics, &member->origin,
			"%s: there is no vrrp_instance '%s': write one, or remove this",
			group->name, member->name);
}

/* Every member has been told the first group that lists it, and where there. */
static void check_member(const struct config *config, size_t number, size_t place,
	struct conf_diagnostics *diagnostics)
{
	const struct sync_group *group = config->groups[number];
	const struct group_member *member = &group->members.items[place];
	const struct instance *instance = config_find_name(config, member->name);

	if (!instance)
		check_unknown(config, group, member, diagnostics);
	else if (instance->group != number + 1)
		error(diagnostics, &member->origin,
			"%s: %s is in vrrp_sync_group %s already; an instance can be in one only",
			group->name, member->name, config->groups[instance->group - 1]->name);
	else if (instance->group_place != place)
		warning(diagnostics, &member->origin, "%s: %s is listed twice: remove one",
			group->name, member->name);
}

static void check_group(
	const struct config *config, size_t number, struct conf_diagnostics *diagnostics)
{
	const struct sync_group *group = config->groups[number];
	const struct origin *origin = &group->origins[GROUP_MEMBERS];

	if (origin->kind == ORIGIN_DEFAULT)
		origin = &group->origins[GROUP_NAME];
	for (size_t i = 0; i < group->members.count; i++)
		check_member(config, number, i, diagnostics);
	if (group->members.count == 0 && !group->unreadable)
		error(diagnostics, origin,
			"%s: a vrrp_sync_group needs its instances: group { NAME... }",
			group->name);
	else if (group->members.count == 1)
		warning(diagnostics, origin,
			"%s: a vrrp_sync_group of one instance has nothing to keep together: name "
			"the others in it, or remove it",
			group->name);
}

/* What it tracks by a weight, which a group leaves out. */
static void check_weights(const struct config *config, const struct instance *instance,
	struct conf_diagnostics *diagnostics)
{
	if (config_own_weights_count(config, instance))
		return;
	for (size_t kind = 0; kind < IMAGE_TRACKER_KIND_COUNT; kind++)
		for (size_t i = 0; i < instance->tracked[kind].count; i++) {
			const struct tracked *tracked = &instance->tracked[kind].items[i];

			if (tracked->weight != 0)
				warning(diagnostics, &tracked->origin,
					"%s: %s has a weight, and is ignored in a vrrp_sync_group; "
					"track it there, or give the group "
					"sync_group_tracking_weight",
					instance->name, tracked->name);
		}
}

static void check_room(const struct config *config, struct conf_diagnostics *diagnostics)
{
	if (config->group_count > IMAGE_GROUPS)
		error(diagnostics, &config->groups[IMAGE_GROUPS]->origins[GROUP_NAME],
			"more than %d groups of vrrp_sync_group", IMAGE_GROUPS);
}

void conf_validate_groups(struct config *config, struct conf_diagnostics *diagnostics)
{
	config_resolve_groups(config);
	check_room(config, diagnostics);
	for (size_t i = 0; i < config->group_count; i++) {
		check_group(config, i, diagnostics);
		conf_validate_uses(
			config, config->groups[i]->name, config->groups[i]->tracked, diagnostics);
	}
	for (size_t i = 0; i < config->instance_count; i++)
		check_weights(config, config->instances[i], diagnostics);
}
