/* SPDX-License-Identifier: ISC */
#include "agent/conf/model.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/text/arena.h"
#include "vrrp/protocol/limits.h"

#define GARP_DELAY_DEFAULT	    (5 * VRRP_SECOND)
#define GARP_REPEAT_DEFAULT	    5
#define GARP_REFRESH_REPEAT_DEFAULT 1
#define HOOK_TIMEOUT_DEFAULT	    10
#define SMTP_TIMEOUT_DEFAULT	    (30 * VRRP_SECOND)
#define FIREWALL_PRIORITY_DEFAULT   (-1)
#define INDEX_ROOM_MIN		    64

/*
 * Two open-addressed tables of twice as many slots as instances, or more; a power of two.
 * NULL ends a run of collisions, so entries are never taken out one by one: the tables
 * are filled anew instead.
 */
struct config_index {
	size_t slots;
	struct instance **by_name;
	struct instance **by_identity;
};

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *octet = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ octet[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_name(const char *name)
{
	uint64_t hash = hash_bytes(0xcbf29ce484222325ull, name, strlen(name));

	return hash ^ hash >> 32;
}

static uint64_t hash_identity(const char *interface, int family, uint8_t vrid)
{
	const unsigned char tail[2] = {(unsigned char)family, vrid};
	uint64_t hash = hash_bytes(0xcbf29ce484222325ull, interface, strlen(interface));

	hash = hash_bytes(hash, tail, sizeof(tail));
	return hash ^ hash >> 32;
}

static bool same_identity(
	const struct instance *instance, const char *interface, int family, uint8_t vrid)
{
	return instance->vrid == vrid && instance->family == family &&
	       strcmp(instance->interface, interface) == 0;
}

static bool has_identity(const struct instance *instance)
{
	return instance->interface && instance->vrid != 0 && instance->family != AF_UNSPEC;
}

/* The slot that holds the name, or the empty one where it belongs. */
static struct instance **name_slot(const struct config_index *index, const char *name)
{
	size_t i = hash_name(name) & (index->slots - 1);

	while (index->by_name[i] && strcmp(index->by_name[i]->name, name) != 0)
		i = (i + 1) & (index->slots - 1);
	return &index->by_name[i];
}

static struct instance **identity_slot(
	const struct config_index *index, const char *interface, int family, uint8_t vrid)
{
	size_t i = hash_identity(interface, family, vrid) & (index->slots - 1);

	while (index->by_identity[i] &&
		!same_identity(index->by_identity[i], interface, family, vrid))
		i = (i + 1) & (index->slots - 1);
	return &index->by_identity[i];
}

static void index_insert(struct config_index *index, struct instance *instance)
{
	struct instance **slot = name_slot(index, instance->name);

	if (!*slot)
		*slot = instance;
	if (!has_identity(instance))
		return;
	slot = identity_slot(index, instance->interface, instance->family, instance->vrid);
	if (!*slot)
		*slot = instance;
}

static void index_fill(struct config *config)
{
	struct config_index *index = config->index;

	memset(index->by_name, 0, index->slots * sizeof(*index->by_name));
	memset(index->by_identity, 0, index->slots * sizeof(*index->by_identity));
	for (size_t i = 0; i < config->instance_count; i++)
		index_insert(index, config->instances[i]);
}

static int index_reserve(struct config_index *index, size_t instances)
{
	size_t slots = index->slots ? index->slots : INDEX_ROOM_MIN;
	struct instance **by_name, **by_identity;

	while (slots < 2 * instances)
		slots *= 2;
	if (slots == index->slots)
		return 0;
	by_name = calloc(slots, sizeof(*by_name));
	by_identity = calloc(slots, sizeof(*by_identity));
	if (!by_name || !by_identity) {
		free(by_name);
		free(by_identity);
		return -ENOMEM;
	}
	free(index->by_name);
	free(index->by_identity);
	*index = (struct config_index){slots, by_name, by_identity};
	return 1;
}

static void globals_defaults(struct globals *globals)
{
	globals->vrrp_version = VRRP_VERSION_2;
	globals->multicast_v4.family = AF_INET;
	inet_pton(AF_INET, "224.0.0.18", &globals->multicast_v4.v4);
	globals->multicast_v6.family = AF_INET6;
	inet_pton(AF_INET6, "ff02::12", &globals->multicast_v6.v6);
	globals->election.down_adverts = VRRP_DOWN_ADVERTS_DEFAULT;
	globals->script_security = true;
	globals->hooks.startup_timeout = HOOK_TIMEOUT_DEFAULT;
	globals->hooks.shutdown_timeout = HOOK_TIMEOUT_DEFAULT;
	globals->snmp_rfcv3 = true;
	globals->mail.timeout_ns = SMTP_TIMEOUT_DEFAULT;
	globals->umask = IMAGE_UMASK_NONE;
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
	config->index = calloc(1, sizeof(*config->index));
	if (!config->arena || !config->index || index_reserve(config->index, 0) < 0)
		return config_free(config);
	globals_defaults(&config->globals);
	return config;
}

struct config *config_free(struct config *config)
{
	if (!config)
		return NULL;
	if (config->index) {
		free(config->index->by_name);
		free(config->index->by_identity);
		free(config->index);
	}
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
	int grown;

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
	grown = index_reserve(config->index, config->instance_count + 1);
	if (grown < 0)
		return NULL;
	config->instances[config->instance_count++] = instance;
	if (grown > 0)
		index_fill(config);
	else
		index_insert(config->index, instance);
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
		index_fill(config);
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

int config_reindex(struct config *config)
{
	int grown = index_reserve(config->index, config->instance_count);

	if (grown < 0)
		return grown;
	index_fill(config);
	return config_index_trackers(config);
}

struct instance *config_find_name(const struct config *config, const char *name)
{
	return *name_slot(config->index, name);
}

struct instance *config_find_identity(
	const struct config *config, const char *interface, int family, uint8_t vrid)
{
	return *identity_slot(config->index, interface, family, vrid);
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

static bool is_default(const struct instance *instance, enum instance_attribute attribute)
{
	return instance->origins[attribute].kind == ORIGIN_DEFAULT;
}

/* Without addresses, which tell it otherwise, the family is that of what is spoken to. */
static int family_of(const struct instance *instance)
{
	if (instance->addresses.count > 0)
		return instance->addresses.items[0].address.family;
	if (instance->native_ipv6)
		return AF_INET6;
	if (instance->unicast.source.family != AF_UNSPEC)
		return instance->unicast.source.family;
	if (instance->unicast.multicast_source.family != AF_UNSPEC)
		return instance->unicast.multicast_source.family;
	if (instance->unicast.peers.count > 0)
		return instance->unicast.peers.items[0].address.family;
	return AF_INET;
}

static void resolve_election(const struct config *config, struct instance *instance)
{
	const struct election_settings *globals = &config->globals.election;
	struct election_settings *election = &instance->election;

	if (is_default(instance, INSTANCE_STRICT))
		election->strict = globals->strict;
	if (is_default(instance, INSTANCE_SKIP_ADDRESS_CHECK))
		election->skip_address_check = globals->skip_address_check;
	if (is_default(instance, INSTANCE_NO_LOWER_ANSWER))
		election->no_lower_answer = globals->no_lower_answer || election->strict;
	if (is_default(instance, INSTANCE_ANSWER_HIGHER))
		election->answer_higher = globals->answer_higher && !election->strict;
	if (is_default(instance, INSTANCE_OWNER_IGNORES))
		election->owner_ignores = globals->owner_ignores;
	if (is_default(instance, INSTANCE_DOWN_ADVERTS))
		election->down_adverts = globals->down_adverts;
	/* Strictly, only the owner of the addresses is a host that has them. */
	if (is_default(instance, INSTANCE_ACCEPT))
		instance->accept = !election->strict || instance->priority == VRRP_PRIORITY_OWNER;
}

void config_resolve_instance(const struct config *config, struct instance *instance)
{
	const struct garp_settings *garp = &config->globals.garp;

	instance->family = family_of(instance);
	resolve_election(config, instance);
	if (instance->family == AF_INET6)
		instance->version = VRRP_VERSION_3;
	else if (is_default(instance, INSTANCE_VERSION))
		instance->version = (uint8_t)config->globals.vrrp_version;
	if (is_default(instance, INSTANCE_GARP_DELAY))
		instance->garp.delay_ns = garp->delay_ns;
	if (is_default(instance, INSTANCE_GARP_REPEAT))
		instance->garp.repeat = garp->repeat;
	if (is_default(instance, INSTANCE_GARP_REFRESH))
		instance->garp.refresh_ns = garp->refresh_ns;
	if (is_default(instance, INSTANCE_GARP_REFRESH_REPEAT))
		instance->garp.refresh_repeat = garp->refresh_repeat;
	if (is_default(instance, INSTANCE_GARP_LOWER_DELAY))
		instance->garp.lower_delay_ns = garp->lower_delay_ns;
	if (is_default(instance, INSTANCE_GARP_LOWER_REPEAT))
		instance->garp.lower_repeat = garp->lower_repeat;
	if (is_default(instance, INSTANCE_SMTP_ALERT))
		instance->smtp_alert = config->globals.mail.alert_vrrp;
	if (is_default(instance, INSTANCE_PRIORITY_CHANGES))
		instance->priority_changes = config->globals.hooks.priority_changes;
}

void config_resolve_globals(struct config *config)
{
	struct globals *globals = &config->globals;
	const struct origin *origins = globals->origins;
	struct garp_settings *garp = &globals->garp;

	if (origins[GLOBAL_SMTP_ALERT_VRRP].kind == ORIGIN_DEFAULT)
		globals->mail.alert_vrrp = globals->mail.alert;
	if (origins[GLOBAL_GARP_DELAY].kind == ORIGIN_DEFAULT)
		garp->delay_ns = globals->min_garp ? 0 : GARP_DELAY_DEFAULT;
	if (origins[GLOBAL_GARP_REPEAT].kind == ORIGIN_DEFAULT)
		garp->repeat = globals->min_garp ? 1 : GARP_REPEAT_DEFAULT;
	if (origins[GLOBAL_GARP_LOWER_DELAY].kind == ORIGIN_DEFAULT)
		garp->lower_delay_ns = garp->delay_ns;
	if (origins[GLOBAL_GARP_LOWER_REPEAT].kind == ORIGIN_DEFAULT)
		garp->lower_repeat = garp->repeat;
}

void config_resolve(struct config *config)
{
	config_resolve_globals(config);
	for (size_t i = 0; i < config->instance_count; i++)
		config_resolve_instance(config, config->instances[i]);
}
