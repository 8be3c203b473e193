/* SPDX-License-Identifier: ISC */
#include "agent/conf/model.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/text/arena.h"
#include "lib/cpulatency.h"
#include "vrrp/protocol/limits.h"

#define GARP_REFRESH_REPEAT_DEFAULT 1
#define HOOK_TIMEOUT_DEFAULT	    10
#define SMTP_TIMEOUT_DEFAULT	    (30 * VRRP_SECOND)
#define FIREWALL_PRIORITY_DEFAULT   (-1)

static void globals_defaults(struct globals *globals)
{
	globals->vrrp_version = VRRP_VERSION_2;
	globals->multicast_v4.family = AF_INET;
	inet_pton(AF_INET, "224.0.0.18", &globals->multicast_v4.v4);
	globals->multicast_v6.family = AF_INET6;
	inet_pton(AF_INET6, "ff02::12", &globals->multicast_v6.v6);
	globals->election.down_adverts = VRRP_DOWN_ADVERTS_DEFAULT;
	globals->script_security = true;
	globals->kernel_filter = true;
	globals->hooks.startup_timeout = HOOK_TIMEOUT_DEFAULT;
	globals->hooks.shutdown_timeout = HOOK_TIMEOUT_DEFAULT;
	globals->snmp_rfcv3 = true;
	globals->mail.timeout_ns = SMTP_TIMEOUT_DEFAULT;
	globals->umask = IMAGE_UMASK_NONE;
	globals->cpu_latency = CPULATENCY_NONE;
	globals->firewall.priority = FIREWALL_PRIORITY_DEFAULT;
	globals->garp.delay_ns = GARP_DELAY_DEFAULT;
	globals->garp.lower_delay_ns = GARP_DELAY_DEFAULT;
	globals->garp.lower_repeat = GARP_REPEAT_DEFAULT;
	globals->garp.repeat = GARP_REPEAT_DEFAULT;
	globals->garp.refresh_repeat = GARP_REFRESH_REPEAT_DEFAULT;
}

struct config *config_new(void)
{
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return NULL;
	config->arena = arena_new();
	config->index = config_index_new();
	if (!config->arena || !config->index)
		return config_free(config);
	globals_defaults(&config->globals);
	return config;
}

struct config *config_free(struct config *config)
{
	if (!config)
		return NULL;
	config_index_free(config->index);
	arena_free(config->arena);
	free(config->instances);
	free(config->groups);
	free(config);
	return NULL;
}

void *config_alloc(struct config *config, size_t size)
{
	return arena_alloc(config->arena, size);
}

const char *config_string(struct config *config, const char *text, size_t length)
{
	return arena_string(config->arena, text, length);
}

static void instance_defaults(struct instance *instance)
{
	instance->priority = VRRP_PRIORITY_DEFAULT;
	instance->interval_ns = VRRP_INTERVAL_DEFAULT;
	instance->initial_state = INITIAL_BACKUP;
	instance->preempt = true;
	instance->accept = true;
	instance->unicast.ttl = VRRP_TTL;
}

static int instances_reserve(struct config *config)
{
	size_t room = config->instance_room ? 2 * config->instance_room : 16;
	struct instance **grown;

	if (config->instance_count < config->instance_room)
		return 0;
	grown = reallocarray(config->instances, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	config->instances = grown;
	config->instance_room = room;
	return 0;
}

struct instance *config_add_instance(struct config *config, const char *name)
{
	struct instance *instance;

	if (config_find_name(config, name) || instances_reserve(config) < 0)
		return NULL;
	instance = config_alloc(config, sizeof(*instance));
	if (!instance)
		return NULL;
	instance->name = config_string(config, name, strlen(name));
	if (!instance->name)
		return NULL;
	instance_defaults(instance);
	config_resolve_instance(config, instance);
	config->instances[config->instance_count++] = instance;
	if (config_index_added(config) < 0) {
		config->instance_count--;
		return NULL;
	}
	return instance;
}

static int by_pointer(const void *left, const void *right)
{
	const struct instance *a = *(struct instance *const *)left;
	const struct instance *b = *(struct instance *const *)right;

	return (a > b) - (a < b);
}

/* Takes out those of the list, which is sorted by it, and puts the names where `names` points to,
 * unless that is NULL, in the order of the instances; how many they are. */
static size_t take_out(
	struct config *config, struct instance **list, size_t count, const char **names)
{
	size_t kept = 0, gone = 0;

	if (count > 1)
		qsort(list, count, sizeof(*list), by_pointer);
	for (size_t i = 0; count && i < config->instance_count; i++) {
		struct instance *instance = config->instances[i];

		if (!bsearch(&instance, list, count, sizeof(*list), by_pointer))
			config->instances[kept++] = instance;
		else if (gone++, names)
			*names++ = instance->name;
	}
	if (gone) {
		config->instance_count = kept;
		config_index_fill(config);
	}
	return gone;
}

int config_remove_instance(struct config *config, struct instance *instance)
{
	return take_out(config, &instance, 1, NULL) ? 0 : -ENOENT;
}

static int by_string(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

int config_destroy_instances(struct config *config, struct instance **list, size_t count)
{
	struct string_list *destroyed = &config->destroyed;
	size_t size = sizeof(*destroyed->items);
	const char **grown = config_alloc(config, (destroyed->count + count) * size);

	if (!grown)
		return -ENOMEM;
	if (destroyed->count > 0)
		memcpy(grown, destroyed->items, destroyed->count * size);
	destroyed->items = grown;
	destroyed->count += take_out(config, list, count, grown + destroyed->count);
	if (destroyed->count > 1)
		qsort(grown, destroyed->count, size, by_string);
	return 0;
}

bool config_was_destroyed(const struct config *config, const char *name)
{
	return config->destroyed.count > 0 &&
	       bsearch(&name, config->destroyed.items, config->destroyed.count,
		       sizeof(*config->destroyed.items), by_string);
}

size_t instance_active_addresses(const struct instance *instance)
{
	size_t count = 0;

	for (size_t i = 0; i < instance->addresses.count; i++)
		count += instance->addresses.items[i].admin_state == ADMIN_UP;
	return count;
}

const char *config_default_interface(const struct config *config)
{
	return config->globals.default_interface ? config->globals.default_interface : "eth0";
}

struct garp_group *config_add_garp_group(struct config *config)
{
	struct garp_group_list *list = &config->globals.garp_groups;
	struct garp_group *items = config_alloc(config, (list->count + 1) * sizeof(*items));

	if (!items)
		return NULL;
	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof(*items));
	list->items = items;
	return &list->items[list->count++];
}
