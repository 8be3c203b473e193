/* SPDX-License-Identifier: ISC */
/* What a configuration takes for granted of the host that it is read on. */
#include "agent/conf/validate.h"

#include <string.h>

#include "agent/conf/value.h"
#include "agent/conf/vmac.h"
#include "vrrp/protocol/limits.h"

#define warning(check, origin, ...) \
	conf_diagnose_origin((check)->diagnostics, CONF_WARNING, (origin), __VA_ARGS__)

struct check {
	const struct config *config;
	const struct conf_host *host;
	struct conf_diagnostics *diagnostics;
};

static bool is_made_here(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->instance_count; i++) {
		const char *device = config->instances[i]->vmac_device;

		if (device && strcmp(device, name) == 0)
			return true;
	}
	return false;
}

/* Neither there now, nor made by this configuration. */
static bool is_missing(const struct check *check, const char *name)
{
	return name && name[0] && !check->host->has_interface(check->host->context, name) &&
	       !is_made_here(check->config, name);
}

static void need_interface(const struct check *check, const char *whose, const char *name,
	const struct origin *origin, const char *consequence)
{
	/* 'ip link' writes what a VLAN or a veth is upon behind its name: eth0@if5 */
	const char *at = name ? strchr(name, '@') : NULL;

	if (!is_missing(check, name))
		return;
	if (at)
		warning(check, origin,
			"%s: there is no interface %s now, and until there is, %s; write %.*s: "
			"the @ and what follows are no part of the name",
			whose, name, consequence, (int)(at - name), name);
	else
		warning(check, origin, "%s: there is no interface %s now; until there is, %s",
			whose, name, consequence);
}

static void check_devices(const struct check *check, const char *whose,
	const struct address_list *list, const char *tracked)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct virtual_address *item = &list->items[i];

		need_interface(check, whose, item->device, &item->origin,
			item->flags & IMAGE_ADDRESS_NO_TRACK ? "the address is not set" : tracked);
	}
}

/* Of several hops none counts like the router's own interface. */
static void check_routes(const struct check *check, const char *whose,
	const struct route_list *list, const char *tracked)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct route *route = &list->items[i];

		need_interface(check, whose, route->value.hop.interface, &route->origin,
			route->value.flags & IMAGE_ROUTE_NO_TRACK ? "the route is not set"
								  : tracked);
		for (uint32_t j = 0; j < route->value.hops.count; j++)
			need_interface(check, whose, route->hops[j].interface, &route->origin,
				"the route is not set");
	}
}

/* The kernel takes a rule for an interface that will come. */
static void check_rules(const struct check *check, const char *whose, const struct rule_list *list)
{
	static const char consequence[] = "the router is in fault";

	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->items[i];

		if (rule->value.flags & IMAGE_RULE_NO_TRACK)
			continue;
		need_interface(check, whose, rule->value.in, &rule->origin, consequence);
		if (strcmp(rule->value.in, rule->value.out) != 0)
			need_interface(check, whose, rule->value.out, &rule->origin, consequence);
	}
}

static void check_tracked(const struct check *check, const struct instance *instance)
{
	for (size_t i = 0; i < instance->track_interfaces.count; i++) {
		const struct tracked_interface *tracked = &instance->track_interfaces.items[i];

		if (instance->interface && strcmp(tracked->name, instance->interface) == 0)
			warning(check, &tracked->origin,
				"%s: track_interface %s has no effect: it is the instance's own "
				"interface",
				instance->name, tracked->name);
		else
			need_interface(check, instance->name, tracked->name, &tracked->origin,
				tracked->weight == 0 ? "the router is in fault"
						     : "it counts as down");
	}
}

static void check_interfaces(const struct check *check, const struct instance *instance)
{
	static const char fault[] = "the router is in fault";

	need_interface(check, instance->name, instance->interface,
		&instance->origins[INSTANCE_INTERFACE], fault);
	check_devices(check, instance->name, &instance->addresses, fault);
	check_devices(check, instance->name, &instance->excluded, fault);
	check_routes(check, instance->name, &instance->routes, fault);
	check_rules(check, instance->name, &instance->rules);
	check_tracked(check, instance);
}

static void check_static(const struct check *check)
{
	const struct globals *globals = &check->config->globals;

	check_devices(
		check, "static_ipaddress", &globals->static_addresses, "the address is not set");
	check_routes(check, "static_routes", &globals->static_routes, "the route is not set");
}

static void check_own_addresses(const struct check *check, const struct instance *instance)
{
	if (instance->priority == VRRP_PRIORITY_OWNER || !instance->interface)
		return;
	for (size_t i = 0; i < instance->addresses.count; i++) {
		const struct virtual_address *item = &instance->addresses.items[i];
		const char *device = item->device ? item->device : instance->interface;

		if (item->address.family != AF_UNSPEC &&
			check->host->is_local_address(check->host->context, device, &item->address))
			warning(check, &item->origin,
				"%s: %s is an address of this node on %s already, so it cannot "
				"move: expected while keepalived or another program is active with "
				"it; else use an address that no node has, or priority 255 where "
				"it belongs",
				instance->name, conf_address_text(&item->address).text, device);
	}
}

static void check_peers(const struct check *check, const struct instance *instance)
{
	const struct unicast_peer_list *peers = &instance->unicast.peers;

	for (size_t i = 0; i < peers->count; i++) {
		const struct unicast_peer *peer = &peers->items[i];

		if (peer->address.family != AF_UNSPEC && instance->interface &&
			!ip_address_equal(&peer->address, &instance->unicast.source) &&
			check->host->is_local_address(
				check->host->context, instance->interface, &peer->address))
			warning(check, &peer->origin,
				"%s: unicast peer %s is an address of this node; name the other "
				"routers only",
				instance->name, conf_address_text(&peer->address).text);
	}
}

static bool holds(const struct address_list *list, const struct ip_address *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (ip_address_equal(&list->items[i].address, address))
			return true;
	return false;
}

/* One that the configuration itself sets is there when it is needed. */
static bool is_set_here(const struct config *config, const struct ip_address *address)
{
	if (holds(&config->globals.static_addresses, address))
		return true;
	for (size_t i = 0; i < config->instance_count; i++)
		if (holds(&config->instances[i]->addresses, address) ||
			holds(&config->instances[i]->excluded, address))
			return true;
	return false;
}

/* Where the interface is missing too, that has been said. */
static void check_source(const struct check *check, const struct instance *instance)
{
	const struct unicast_settings *unicast = &instance->unicast;
	const bool is_unicast = unicast->peers.count > 0 && unicast->source.family != AF_UNSPEC;
	const struct ip_address *source =
		is_unicast ? &unicast->source : &unicast->multicast_source;
	const struct conf_host *host = check->host;

	if (source->family == AF_UNSPEC || !(is_unicast || unicast->track_source) ||
		!instance->interface || is_missing(check, instance->interface) ||
		host->is_local_address(host->context, instance->interface, source) ||
		host->is_local_address(host->context, NULL, source) ||
		is_set_here(check->config, source))
		return;
	warning(check,
		&instance->origins[is_unicast ? INSTANCE_UNICAST_SOURCE
					      : INSTANCE_MULTICAST_SOURCE],
		"%s: %s %s is no address of this node now; until it is, the router is in fault: "
		"name one that is",
		instance->name, is_unicast ? "unicast_src_ip" : "mcast_src_ip",
		conf_address_text(source).text);
}

void conf_check_host(const struct config *config, const struct conf_host *host,
	struct conf_diagnostics *diagnostics)
{
	const struct check check = {config, host, diagnostics};

	if (!host)
		return;
	for (size_t i = 0; i < config->instance_count; i++) {
		const struct instance *instance = config->instances[i];

		if (host->has_interface)
			check_interfaces(&check, instance);
		if (host->is_local_address) {
			check_own_addresses(&check, instance);
			check_peers(&check, instance);
			if (host->has_interface)
				check_source(&check, instance);
		}
	}
	if (host->has_interface)
		check_static(&check);
}
