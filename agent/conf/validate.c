/* SPDX-License-Identifier: ISC */
#include "agent/conf/validate.h"
#include "agent/conf/mailrules.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/election.h"
#include "agent/conf/number.h"
#include "agent/conf/syncgroup.h"
#include "agent/conf/trackerrules.h"
#include "agent/conf/value.h"
#include "agent/conf/vmac.h"
#include "vrrp/protocol/limits.h"

#define error(diagnostics, origin, ...) \
	conf_diagnose_origin((diagnostics), CONF_ERROR, (origin), __VA_ARGS__)
#define warning(diagnostics, origin, ...) \
	conf_diagnose_origin((diagnostics), CONF_WARNING, (origin), __VA_ARGS__)

static bool is_written(const struct instance *instance, enum instance_attribute attribute)
{
	return instance->origins[attribute].kind != ORIGIN_DEFAULT;
}

static bool is_in_file(const struct instance *instance, enum instance_attribute attribute)
{
	return instance->origins[attribute].kind == ORIGIN_FILE;
}

/* As if nobody had written it; the caller puts the default value back. */
static void forget(struct instance *instance, enum instance_attribute attribute)
{
	instance->origins[attribute] = (struct origin){0};
}

/* keepalived runs a version 2 instance for nothing but its notifications; a peer of another make
 * takes no advert without addresses. */
static void check_any_address(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const bool written = is_written(instance, INSTANCE_ADDRESSES);
	const struct origin *origin =
		&instance->origins[written ? INSTANCE_ADDRESSES : INSTANCE_NAME];
	const bool allowed = instance->version == VRRP_VERSION_2 && !instance->election.strict &&
			     is_in_file(instance, INSTANCE_NAME) &&
			     instance->origins[INSTANCE_ADDRESSES].kind != ORIGIN_OVERLAY;

	if (instance->unreadable || instance->admin_state == ADMIN_DOWN ||
		instance_active_addresses(instance) > 0)
		return;
	if (instance->addresses.count > 0)
		error(diagnostics, origin,
			"%s: every address has admin_state down: leave one up, or give the "
			"instance admin_state down",
			instance->name);
	else if (!allowed)
		error(diagnostics, origin,
			"%s: virtual_ipaddress is %s: write virtual_ipaddress { ADDRESS/LENGTH }",
			instance->name, written ? "empty" : "missing");
	else
		warning(diagnostics, origin,
			"%s: virtual_ipaddress is %s: adverts name no address, and nothing moves",
			instance->name, written ? "empty" : "missing");
}

static void check_present(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct origin *name = &instance->origins[INSTANCE_NAME];

	if (instance->unreadable)
		return;
	if (!is_written(instance, INSTANCE_INTERFACE))
		error(diagnostics, name, "%s: interface is missing: add 'interface NAME'",
			instance->name);
	if (!is_written(instance, INSTANCE_VRID))
		error(diagnostics, name,
			"%s: virtual_router_id is missing: add 'virtual_router_id 1..255', the "
			"same on all its routers",
			instance->name);
}

static const char *device_of(const struct instance *instance, const struct virtual_address *address)
{
	return address->device ? address->device : instance->interface ? instance->interface : "";
}

/* Whether one of the first `count` of the list is the same address on the same interface. */
static bool is_listed(const struct instance *instance, const struct address_list *list,
	size_t count, const struct virtual_address *address)
{
	for (size_t i = 0; i < count; i++)
		if (ip_address_equal(&list->items[i].address, &address->address) &&
			strcmp(device_of(instance, &list->items[i]),
				device_of(instance, address)) == 0)
			return true;
	return false;
}

static void check_addresses(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct address_list *list = &instance->addresses;
	int family = AF_UNSPEC;

	if (list->count > VRRP_ADDRESSES_MAX) {
		error(diagnostics, &list->items[VRRP_ADDRESSES_MAX].origin,
			"%s: more than %d addresses: move the rest to "
			"virtual_ipaddress_excluded",
			instance->name, VRRP_ADDRESSES_MAX);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct virtual_address *item = &list->items[i];

		if (item->address.family == AF_UNSPEC)
			continue;
		if (family == AF_UNSPEC)
			family = item->address.family;
		if (item->address.family != family)
			error(diagnostics, &item->origin,
				"%s: %s is an %s address, but the first one is %s; an instance "
				"is of one family",
				instance->name, conf_address_text(&item->address).text,
				item->address.family == AF_INET ? "IPv4" : "IPv6",
				family == AF_INET ? "IPv4" : "IPv6");
		else if (is_listed(instance, list, i, item))
			/* keepalived names it twice as well, and takes no other adverts */
			warning(diagnostics, &item->origin,
				"%s: %s is listed twice: adverts name it twice, and the first line "
				"says how it is held; remove one, on all routers",
				instance->name, conf_address_text(&item->address).text);
	}
}

static void check_excluded(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct address_list *list = &instance->excluded;

	for (size_t i = 0; i < list->count; i++) {
		const struct virtual_address *item = &list->items[i];

		if (item->address.family == AF_UNSPEC)
			continue;
		if (is_listed(instance, &instance->addresses, instance->addresses.count, item))
			warning(diagnostics, &item->origin,
				"%s: %s is in virtual_ipaddress already, which says how it is "
				"held; remove this line",
				instance->name, conf_address_text(&item->address).text);
		else if (is_listed(instance, list, i, item))
			warning(diagnostics, &item->origin,
				"%s: %s is listed twice; the first line says how it is held: "
				"remove the other",
				instance->name, conf_address_text(&item->address).text);
	}
}

static void check_version(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	if (instance->native_ipv6 && instance->addresses.count > 0 &&
		instance->addresses.items[0].address.family == AF_INET)
		error(diagnostics, &instance->origins[INSTANCE_NATIVE_IPV6],
			"%s: native_ipv6, but the addresses are IPv4: remove it", instance->name);
	if (is_written(instance, INSTANCE_VERSION) && instance->version == VRRP_VERSION_2 &&
		instance->addresses.count > 0 &&
		instance->addresses.items[0].address.family == AF_INET6)
		warning(diagnostics, &instance->origins[INSTANCE_VERSION],
			"%s: version 2 has no IPv6; version 3 is used: write 'version 3'",
			instance->name);
}

static void check_interval(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct origin *origin = &instance->origins[INSTANCE_INTERVAL];
	uint64_t interval = instance->interval_ns;
	uint64_t rounded = (interval + VRRP_SECOND / 2) / VRRP_SECOND;

	if (instance->version == VRRP_VERSION_2) {
		if (interval % VRRP_SECOND != 0)
			error(diagnostics, origin,
				"%s: advert_int must be whole seconds in version 2: write %" PRIu64
				", which is what keepalived makes of it, or 'version 3' on all "
				"routers",
				instance->name, rounded ? rounded : 1);
		return;
	}
	if (interval > VRRP_V3_INTERVAL_MAX)
		error(diagnostics, origin,
			"%s: advert_int is at most 40.95 in version 3; it counts seconds",
			instance->name);
	else if (interval % VRRP_CENTISECOND != 0)
		error(diagnostics, origin,
			"%s: advert_int must be a multiple of 0.01: at most two digits behind the "
			"point",
			instance->name);
}

static void clear_preempt_delay(struct instance *instance)
{
	instance->preempt_delay_ns = 0;
	forget(instance, INSTANCE_PREEMPT_DELAY);
}

static void clear_nopreempt(struct instance *instance)
{
	instance->preempt = true;
	forget(instance, INSTANCE_PREEMPT);
}

static void check_preempt(struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct origin *nopreempt = &instance->origins[INSTANCE_PREEMPT];
	const struct origin *delay = &instance->origins[INSTANCE_PREEMPT_DELAY];

	if (!instance->preempt && is_in_file(instance, INSTANCE_PREEMPT)) {
		if (instance->priority == VRRP_PRIORITY_OWNER) {
			warning(diagnostics, nopreempt,
				"%s: nopreempt has no effect with priority 255: remove it",
				instance->name);
			clear_nopreempt(instance);
		} else if (instance->initial_state == INITIAL_MASTER) {
			warning(diagnostics, nopreempt,
				"%s: nopreempt has no effect with state MASTER; use state BACKUP",
				instance->name);
			clear_nopreempt(instance);
		}
	}
	if (instance->preempt_delay_ns == 0 || !is_in_file(instance, INSTANCE_PREEMPT_DELAY))
		return;
	if (instance->initial_state == INITIAL_MASTER) {
		warning(diagnostics, delay,
			"%s: preempt_delay has no effect with state MASTER; use state BACKUP",
			instance->name);
		clear_preempt_delay(instance);
	} else if (!instance->preempt) {
		warning(diagnostics, delay,
			"%s: preempt_delay has no effect with nopreempt: remove one of them",
			instance->name);
		clear_preempt_delay(instance);
	}
}

static void check_authentication(struct instance *instance, struct conf_diagnostics *diagnostics)
{
	bool has_type = is_written(instance, INSTANCE_AUTH_TYPE);
	bool has_data = is_written(instance, INSTANCE_AUTH_DATA);
	const struct origin *where =
		&instance->origins[has_type ? INSTANCE_AUTH_TYPE : INSTANCE_AUTH_DATA];

	if (!has_type && !has_data)
		return;
	if (instance->version == VRRP_VERSION_3)
		warning(diagnostics, where,
			"%s: version 3 has no authentication; it is not used: remove it",
			instance->name);
	else if (!has_data)
		error(diagnostics, where, "%s: auth_type needs auth_pass: add 'auth_pass PASSWORD'",
			instance->name);
	else if (!has_type)
		warning(diagnostics, where,
			"%s: auth_pass has no effect without auth_type: add 'auth_type PASS', if "
			"the peers have it",
			instance->name);
	if (instance->version != VRRP_VERSION_3 && has_type)
		return;
	instance->auth_type = AUTH_NONE;
	memset(instance->auth_data, 0, sizeof(instance->auth_data));
	forget(instance, INSTANCE_AUTH_TYPE);
	forget(instance, INSTANCE_AUTH_DATA);
}

void conf_validate_instance(
	struct config *config, struct instance *instance, struct conf_diagnostics *diagnostics)
{
	check_present(instance, diagnostics);
	check_addresses(instance, diagnostics);
	check_excluded(instance, diagnostics);
	check_version(instance, diagnostics);
	config_resolve_instance(config, instance);
	check_any_address(instance, diagnostics);
	conf_validate_unicast(instance, diagnostics);
	check_interval(instance, diagnostics);
	check_preempt(instance, diagnostics);
	check_authentication(instance, diagnostics);
	conf_validate_strict(instance, diagnostics);
}

void conf_validate_identity(const struct config *config, const struct instance *instance,
	struct conf_diagnostics *diagnostics)
{
	const struct instance *first;

	if (!instance->interface || instance->vrid == 0 || instance->family == AF_UNSPEC)
		return;
	first = config_find_identity(config, instance->interface, instance->family, instance->vrid);
	if (first && first != instance)
		error(diagnostics, &instance->origins[INSTANCE_VRID],
			"%s: %s uses VRID %u with %s on %s already: give one of them another, on "
			"all its routers",
			instance->name, first->name, instance->vrid,
			instance->family == AF_INET ? "IPv4" : "IPv6", instance->interface);
}

/*
 * `state` is what new users take for the decision. Who gives it a priority above the default has
 * decided; else say once that the priority decides.
 */
static void check_states(const struct config *config, struct conf_diagnostics *diagnostics)
{
	const struct instance *first = NULL;
	size_t more = 0;
	char others[40] = "";

	for (size_t i = 0; i < config->instance_count; i++) {
		const struct instance *instance = config->instances[i];

		if (instance->initial_state != INITIAL_MASTER ||
			!is_in_file(instance, INSTANCE_STATE) ||
			instance->priority > VRRP_PRIORITY_DEFAULT)
			continue;
		more += first != NULL;
		if (!first)
			first = instance;
	}
	if (!first)
		return;
	if (more > 0)
		snprintf(others, sizeof(others), " (and %zu more)", more);
	warning(diagnostics, &first->origins[INSTANCE_STATE],
		"%s%s: state MASTER does not decide who is active; the highest priority does, and "
		"among equals the greatest address. %u is not above the default, %d: make sure "
		"that the peers' is lower",
		first->name, others, first->priority, VRRP_PRIORITY_DEFAULT);
}

/* An address of an instance, on the device that gets it. */
struct holding {
	const struct instance *instance;
	const struct virtual_address *address;
	const char *device;
	size_t order;
};

static int compare_places(const struct holding *left, const struct holding *right)
{
	const struct ip_address *a = &left->address->address, *b = &right->address->address;
	int result = a->family - b->family;

	if (result == 0)
		result = a->family == AF_INET ? memcmp(&a->v4, &b->v4, sizeof(a->v4))
					      : memcmp(&a->v6, &b->v6, sizeof(a->v6));
	return result ? result : strcmp(left->device, right->device);
}

static int compare_holdings(const void *a, const void *b)
{
	const struct holding *left = a, *right = b;
	int result = compare_places(left, right);

	return result ? result : (left->order > right->order) - (left->order < right->order);
}

static size_t add_holdings(const struct instance *instance, const struct address_list *list,
	struct holding *holdings, size_t count)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct virtual_address *address = &list->items[i];
		const char *device = conf_address_device(instance, address);

		if (!device || address->address.family == AF_UNSPEC)
			continue;
		holdings[count] = (struct holding){instance, address, device, count};
		count++;
	}
	return count;
}

static size_t collect_holdings(const struct config *config, struct holding *holdings)
{
	size_t count = 0;

	for (size_t i = 0; i < config->instance_count; i++) {
		const struct instance *instance = config->instances[i];

		count = add_holdings(instance, &instance->addresses, holdings, count);
		count = add_holdings(instance, &instance->excluded, holdings, count);
	}
	return count;
}

int conf_validate_shared(const struct config *config, struct conf_diagnostics *diagnostics)
{
	struct holding *holdings;
	size_t room = 0, count;

	for (size_t i = 0; i < config->instance_count; i++)
		room += config->instances[i]->addresses.count +
			config->instances[i]->excluded.count;
	holdings = calloc(room + 1, sizeof(*holdings));
	if (!holdings)
		return -ENOMEM;
	count = collect_holdings(config, holdings);
	qsort(holdings, count, sizeof(*holdings), compare_holdings);
	for (size_t i = 1; i < count; i++)
		if (compare_places(&holdings[i - 1], &holdings[i]) == 0 &&
			holdings[i - 1].instance != holdings[i].instance)
			warning(diagnostics, &holdings[i].address->origin,
				"%s: %s on %s is an address of %s as well: leave it to one of them",
				holdings[i].instance->name,
				conf_address_text(&holdings[i].address->address).text,
				holdings[i].device, holdings[i - 1].instance->name);
	free(holdings);
	return 0;
}

int conf_validate(
	struct config *config, const struct conf_host *host, struct conf_diagnostics *diagnostics)
{
	int result;

	config_resolve_globals(config);
	for (size_t i = 0; i < config->instance_count; i++)
		conf_validate_instance(config, config->instances[i], diagnostics);
	result = config_reindex(config);
	if (result < 0)
		return result;
	for (size_t i = 0; i < config->instance_count; i++)
		conf_validate_identity(config, config->instances[i], diagnostics);
	result = conf_validate_vmacs(config, diagnostics);
	if (result < 0)
		return result;
	conf_validate_tracked(config, diagnostics);
	check_states(config, diagnostics);
	conf_validate_groups(config, diagnostics);
	conf_validate_garp_groups(config, diagnostics);
	conf_validate_hooks(config, diagnostics);
	conf_validate_mail(config, diagnostics);
	conf_number_rules(config, diagnostics);
	conf_check_host(config, host, diagnostics);
	return conf_validate_shared(config, diagnostics);
}
