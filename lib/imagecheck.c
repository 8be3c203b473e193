/* SPDX-License-Identifier: ISC */
/* Whether every offset, count, name and range of an image is sound. */
#include "lib/image.h"

#include <string.h>

/* Enough for every slot with every address, and small enough that no sum of sizes can overflow. */
#define COUNT_MAX (1u << 24)

/* Of one router: their sum never overflows. */
#define WEIGHTS_MAX (1u << 16)

static bool whole_array(struct image_span span)
{
	return span.first == 0 && span.count <= COUNT_MAX;
}

bool image_header_is_sound(const struct image_header *header, size_t size)
{
	return header->magic == IMAGE_MAGIC && header->size == size && header->generation &&
	       header->base_generation < header->generation && whole_array(header->routers) &&
	       whole_array(header->addresses) && whole_array(header->peers) &&
	       whole_array(header->tracks) && whole_array(header->commands) &&
	       whole_array(header->removed) && whole_array(header->routes) &&
	       whole_array(header->hops) && whole_array(header->rules) &&
	       whole_array(header->paces) && whole_array(header->groups) &&
	       whole_array(header->trackers) && whole_array(header->uses) &&
	       whole_array(header->strings) && image_layout(header).size == size;
}

/* An image that is being looked through. */
struct check {
	const struct image *image;
	uint32_t unread; /* octets of strings that nothing has named yet */
};

static bool span_ok(struct image_span part, struct image_span whole)
{
	return part.first <= whole.count && part.count <= whole.count - part.first;
}

static bool name_ok(const char *name, size_t size)
{
	return name[0] && memchr(name, '\0', size);
}

static bool family_ok(uint8_t family)
{
	return family == IMAGE_IPV4 || family == IMAGE_IPV6;
}

/* Together they are no longer than the document: so is what reading all of them costs. */
static bool string_ok(struct check *check, uint32_t offset, uint32_t count)
{
	uint32_t end = image_header(check->image)->strings.count;
	const char *strings = image_string(check->image, 0);

	for (; count; count--) {
		const char *nul;
		uint32_t length;

		if (offset >= end)
			return false;
		length = end - offset < check->unread ? end - offset : check->unread;
		nul = memchr(strings + offset, '\0', length);
		if (!nul)
			return false;
		check->unread -= (uint32_t)(nul - strings) + 1 - offset;
		offset = (uint32_t)(nul - strings) + 1;
	}
	return true;
}

static bool times_ok(const struct image_router *router)
{
	return router->interval <= IMAGE_TIME_MAX && router->preempt_delay <= IMAGE_TIME_MAX &&
	       router->garp_delay <= IMAGE_TIME_MAX && router->garp_refresh <= IMAGE_TIME_MAX &&
	       router->garp_lower_delay <= IMAGE_TIME_MAX;
}

/* They follow the advertised ones, so that both can be taken as one list. */
static bool excluded_ok(const struct image_router *router, struct image_span whole)
{
	return !router->excluded.count ||
	       (span_ok(router->excluded, whole) &&
		       router->excluded.first == router->addresses.first + router->addresses.count);
}

static bool peers_rise(const struct image *image, struct image_span span)
{
	const struct image_peer *peers = image_peers(image) + span.first;

	for (uint32_t i = 1; i < span.count; i++) {
		if (memcmp(peers[i - 1].address, peers[i].address, sizeof(peers->address)) >= 0)
			return false;
	}
	return true;
}

/* How it speaks to its peers. */
static bool speech_ok(const struct image *image, const struct image_router *router)
{
	return router->auth <= IMAGE_AUTH_AH && router->checksum <= IMAGE_CHECKSUM_GROUP &&
	       (router->auth != IMAGE_AUTH_AH || router->version == 2) &&
	       (!router->source_family || router->source_family == router->family) &&
	       router->down_adverts && router->ttl &&
	       span_ok(router->peers, image_header(image)->peers) &&
	       peers_rise(image, router->peers);
}

static bool vmac_ok(const struct image_router *router)
{
	return memchr(router->vmac, '\0', sizeof(router->vmac)) && !(router->mac[0] & 1) &&
	       strncmp(router->vmac, router->interface, sizeof(router->vmac)) != 0;
}

static bool router_ok(struct check *check, const struct image_router *router)
{
	const struct image_header *header = image_header(check->image);

	return router->slot < IMAGE_SLOTS && router->group <= IMAGE_GROUPS &&
	       string_ok(check, router->name, 1) &&
	       name_ok(router->interface, sizeof(router->interface)) && family_ok(router->family) &&
	       router->vrid && (router->version == 2 || router->version == 3) && router->priority &&
	       speech_ok(check->image, router) && router->interval && times_ok(router) &&
	       vmac_ok(router) && router->addresses.count <= UINT8_MAX &&
	       span_ok(router->addresses, header->addresses) &&
	       excluded_ok(router, header->addresses) &&
	       span_ok(router->dormant, header->addresses) &&
	       span_ok(router->tracks, header->tracks) && span_ok(router->uses, header->uses) &&
	       router->tracks.count <= WEIGHTS_MAX && router->uses.count <= WEIGHTS_MAX &&
	       span_ok(router->commands, header->commands) &&
	       span_ok(router->routes, header->routes) && span_ok(router->rules, header->rules);
}

static bool mail_ok(struct check *check)
{
	const struct image_mail *mail = &image_header(check->image)->mail;
	const uint32_t strings[] = {
		mail->from, mail->server, mail->helo, mail->ca, mail->user, mail->password_file};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (strings[i] && !string_ok(check, strings[i], 1))
			return false;
	}
	for (size_t i = 0; i < IMAGE_MAIL_STATES; i++) {
		if (mail->words[i] && !string_ok(check, mail->words[i], 1))
			return false;
	}
	return mail->tls <= IMAGE_MAIL_TLS_IMPLICIT && mail->timeout <= IMAGE_TIME_MAX &&
	       (!mail->server || mail->port) &&
	       string_ok(check, mail->recipients, mail->recipient_count);
}

static bool globals_ok(struct check *check)
{
	const struct image_header *header = image_header(check->image);
	const uint32_t strings[] = {header->snmp_socket, header->snmp_context, header->router_id};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (strings[i] && !string_ok(check, strings[i], 1))
			return false;
	}
	for (size_t i = 0; i < IMAGE_HOOKS; i++) {
		if (header->hooks[i].count > 1 || !span_ok(header->hooks[i], header->commands))
			return false;
	}
	for (size_t i = 0; i < IMAGE_FIFOS; i++) {
		if (header->fifos[i].path && !string_ok(check, header->fifos[i].path, 1))
			return false;
	}
	return mail_ok(check) && span_ok(header->static_addresses, header->addresses) &&
	       span_ok(header->static_routes, header->routes) &&
	       span_ok(header->static_rules, header->rules);
}

static bool routers_ok(struct check *check)
{
	const struct image_router *routers = image_routers(check->image);

	for (uint32_t i = 0; i < image_header(check->image)->routers.count; i++) {
		if (!router_ok(check, &routers[i]) || (i && routers[i].slot <= routers[i - 1].slot))
			return false;
	}
	return true;
}

static bool groups_ok(struct check *check)
{
	const struct image_header *header = image_header(check->image);
	const struct image_group *group = image_groups(check->image);

	for (uint32_t i = 0; i < header->groups.count; i++) {
		if (group[i].slot >= IMAGE_GROUPS || (i && group[i].slot <= group[i - 1].slot) ||
			!string_ok(check, group[i].name, 1) ||
			!span_ok(group[i].commands, header->commands))
			return false;
	}
	return !header->base_generation || !header->groups.count;
}

static bool addresses_ok(const struct image *image)
{
	const struct image_address *address = image_addresses(image);

	for (uint32_t i = 0; i < image_header(image)->addresses.count; i++, address++) {
		if (!family_ok(address->family) ||
			address->prefix_length > (address->family == IMAGE_IPV4 ? 32 : 128) ||
			!name_ok(address->interface, sizeof(address->interface)) ||
			!memchr(address->label, '\0', sizeof(address->label)))
			return false;
	}
	return true;
}

static bool is_terminated(const char name[16])
{
	return memchr(name, '\0', 16);
}

static unsigned int octets_of(uint8_t family)
{
	return family == IMAGE_IPV4 ? 4 : 16;
}

static bool routes_ok(const struct image *image)
{
	const struct image_header *header = image_header(image);
	const struct image_route *route = image_routes(image);
	const struct image_hop *hop = image_hops(image);

	for (uint32_t i = 0; i < header->routes.count; i++, route++) {
		if (!family_ok(route->family) || !route->table ||
			route->destination_length > 8 * octets_of(route->family) ||
			route->from_length > 8 * octets_of(route->family) ||
			!is_terminated(route->hop.interface) ||
			!span_ok(route->hops, header->hops) || route->hops.count > IMAGE_HOPS_MAX ||
			route->metrics_set >> IMAGE_ROUTE_METRICS)
			return false;
	}
	for (uint32_t i = 0; i < header->hops.count; i++)
		if (!is_terminated(hop[i].interface))
			return false;
	return true;
}

static bool rules_ok(const struct image *image)
{
	const struct image_rule *rule = image_rules(image);

	for (uint32_t i = 0; i < image_header(image)->rules.count; i++, rule++) {
		if (!family_ok(rule->family) || rule->from_length > 8 * octets_of(rule->family) ||
			rule->to_length > 8 * octets_of(rule->family) || !is_terminated(rule->in) ||
			!is_terminated(rule->out))
			return false;
	}
	return true;
}

static bool paces_ok(const struct image *image)
{
	const struct image_header *header = image_header(image);
	const struct image_pace *pace = image_paces(image);

	for (uint32_t i = 0; i < header->paces.count; i++, pace++) {
		if (!name_ok(pace->interface, sizeof(pace->interface)) ||
			pace->group >= header->paces.count ||
			pace->garp_interval > IMAGE_TIME_MAX || pace->gna_interval > IMAGE_TIME_MAX)
			return false;
	}
	return header->garp_interval <= IMAGE_TIME_MAX && header->gna_interval <= IMAGE_TIME_MAX &&
	       header->startup_delay <= IMAGE_TIME_MAX &&
	       (header->umask <= 0777 || header->umask == IMAGE_UMASK_NONE) &&
	       header->check_cpusched.nice >= -20 && header->check_cpusched.nice <= 19;
}

static bool tracks_ok(const struct image *image)
{
	const struct image_track *track = image_tracks(image);

	for (uint32_t i = 0; i < image_header(image)->tracks.count; i++, track++) {
		if (!name_ok(track->interface, sizeof(track->interface)) || track->weight < -254 ||
			track->weight > 254 || track->reverse > 1)
			return false;
	}
	return true;
}

static bool script_ok(const struct image_tracker *tracker)
{
	return tracker->argument_count && tracker->interval && tracker->timeout &&
	       tracker->interval <= IMAGE_TIME_MAX && tracker->timeout <= IMAGE_TIME_MAX &&
	       tracker->rise && tracker->fall;
}

static bool process_ok(const struct image_tracker *tracker)
{
	return tracker->argument_count && tracker->parameters < IMAGE_PARAMETERS_COUNT &&
	       tracker->fork_delay <= IMAGE_TIME_MAX && tracker->terminate_delay <= IMAGE_TIME_MAX;
}

static bool kind_ok(const struct image_tracker *tracker)
{
	switch (tracker->kind) {
	case IMAGE_TRACKER_SCRIPT:
		return script_ok(tracker);
	case IMAGE_TRACKER_PROCESS:
		return process_ok(tracker);
	default:
		return tracker->argument_count == 1;
	}
}

static bool trackers_ok(struct check *check)
{
	const struct image_header *header = image_header(check->image);
	const struct image_tracker *tracker = image_trackers(check->image);

	if (header->base_generation && header->trackers.count)
		return false;
	for (uint32_t i = 0; i < header->trackers.count; i++, tracker++) {
		if (tracker->slot >= IMAGE_TRACKERS || (i && tracker->slot <= tracker[-1].slot) ||
			tracker->kind >= IMAGE_TRACKER_KIND_COUNT ||
			!string_ok(check, tracker->name, 1) ||
			!string_ok(check, tracker->arguments, tracker->argument_count) ||
			!kind_ok(tracker))
			return false;
	}
	return true;
}

static bool has_tracker(const struct image *image, uint32_t slot)
{
	const struct image_tracker *trackers = image_trackers(image);
	uint32_t low = 0, high = image_header(image)->trackers.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (trackers[middle].slot == slot)
			return true;
		if (trackers[middle].slot < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Whether the trackers that a delta means exist, only the engine can tell. */
static bool uses_ok(const struct image *image)
{
	const struct image_header *header = image_header(image);
	const struct image_use *use = image_uses(image);

	for (uint32_t i = 0; i < header->uses.count; i++, use++) {
		if (use->tracker >= IMAGE_TRACKERS || use->weight < -IMAGE_WEIGHT_MAX ||
			use->weight > IMAGE_WEIGHT_MAX || use->reverse > 1 ||
			(!header->base_generation && !has_tracker(image, use->tracker)))
			return false;
	}
	return true;
}

static bool commands_ok(struct check *check)
{
	const struct image_command *command = image_commands(check->image);

	for (uint32_t i = 0; i < image_header(check->image)->commands.count; i++, command++) {
		if (!command->argument_count || command->occasion >= IMAGE_OCCASIONS ||
			!string_ok(check, command->arguments, command->argument_count))
			return false;
	}
	return true;
}

static bool removed_ok(const struct image *image)
{
	const uint32_t *removed = image_removed(image);

	for (uint32_t i = 0; i < image_header(image)->removed.count; i++) {
		if (removed[i] >= IMAGE_SLOTS || (i && removed[i] <= removed[i - 1]))
			return false;
	}
	return image_header(image)->base_generation || !image_header(image)->removed.count;
}

/* How many elements of each array routers, groups and the header name. */
struct shares {
	uint64_t addresses, peers, tracks, uses, commands, routes, rules;
};

static void add_router(struct shares *shares, const struct image_router *router)
{
	shares->addresses +=
		router->addresses.count + router->excluded.count + router->dormant.count;
	shares->peers += router->peers.count;
	shares->tracks += router->tracks.count;
	shares->uses += router->uses.count;
	shares->commands += router->commands.count;
	shares->routes += router->routes.count;
	shares->rules += router->rules.count;
}

/* Nothing belongs to two of them, as far as the numbers tell: what reading all of it costs is bound
 * by the document's size. */
static bool shares_ok(const struct image *image)
{
	const struct image_header *header = image_header(image);
	struct shares shares = {.addresses = header->static_addresses.count,
		.routes = header->static_routes.count,
		.rules = header->static_rules.count};

	for (uint32_t i = 0; i < header->routers.count; i++)
		add_router(&shares, &image_routers(image)[i]);
	for (uint32_t i = 0; i < header->groups.count; i++)
		shares.commands += image_groups(image)[i].commands.count;
	for (size_t i = 0; i < IMAGE_HOOKS; i++)
		shares.commands += header->hooks[i].count;
	return shares.addresses <= header->addresses.count && shares.peers <= header->peers.count &&
	       shares.tracks <= header->tracks.count && shares.uses <= header->uses.count &&
	       shares.commands <= header->commands.count && shares.routes <= header->routes.count &&
	       shares.rules <= header->rules.count;
}

bool image_is_sound(const struct image *image)
{
	struct check check = {image, image_header(image)->strings.count};

	return globals_ok(&check) && routers_ok(&check) && addresses_ok(image) &&
	       tracks_ok(image) && trackers_ok(&check) && uses_ok(image) && routes_ok(image) &&
	       rules_ok(image) && paces_ok(image) && commands_ok(&check) && groups_ok(&check) &&
	       removed_ok(image) && shares_ok(image);
}
