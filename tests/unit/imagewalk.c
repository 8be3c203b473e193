/* SPDX-License-Identifier: ISC */
#include "tests/unit/imagewalk.h"

#include <stddef.h>
#include <string.h>

static uint64_t sum(const void *bytes, size_t size)
{
	const unsigned char *octets = bytes;
	uint64_t total = 0;

	for (size_t i = 0; i < size; i++)
		total = total * 31 + octets[i];
	return total;
}

static uint64_t walk_strings(const struct image *image, uint32_t first, uint32_t count)
{
	uint64_t total = 0;
	const char *string;

	if (!count)
		return 0;
	string = image_string(image, first);
	for (uint32_t i = 0; i < count; i++) {
		size_t length = strlen(string);

		total += sum(string, length);
		string += length + 1;
	}
	return total;
}

/* Those for which 0 is none. */
static uint64_t walk_optional(const struct image *image, const uint32_t *strings, size_t count)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += walk_strings(image, strings[i], strings[i] != 0);
	return total;
}

static uint64_t walk_commands(const struct image *image, struct image_span span)
{
	const struct image_command *command = image_commands(image) + span.first;
	uint64_t total = 0;

	for (uint32_t i = 0; i < span.count; i++, command++)
		total += sum(command, sizeof(*command)) +
			 walk_strings(image, command->arguments, command->argument_count);
	return total;
}

static uint64_t walk_tracker(const struct image *image, const struct image_tracker *tracker)
{
	return sum(tracker, sizeof(*tracker)) + walk_strings(image, tracker->name, 1) +
	       walk_strings(image, tracker->arguments, tracker->argument_count);
}

static uint64_t walk_addresses(const struct image *image, struct image_span span)
{
	const struct image_address *address = image_addresses(image) + span.first;
	uint64_t total = 0;

	for (uint32_t i = 0; i < span.count; i++, address++)
		total += sum(address, sizeof(*address)) + strlen(address->interface) +
			 strlen(address->label);
	return total;
}

static uint64_t walk_routes(const struct image *image, struct image_span span)
{
	const struct image_route *route = image_routes(image) + span.first;
	uint64_t total = 0;

	for (uint32_t i = 0; i < span.count; i++, route++) {
		total += sum(route, sizeof(*route)) + strlen(route->hop.interface);
		for (uint32_t j = 0; j < route->hops.count; j++)
			total += strlen(image_hops(image)[route->hops.first + j].interface);
	}
	return total;
}

static uint64_t walk_rules(const struct image *image, struct image_span span)
{
	const struct image_rule *rule = image_rules(image) + span.first;
	uint64_t total = 0;

	for (uint32_t i = 0; i < span.count; i++, rule++)
		total += sum(rule, sizeof(*rule)) + strlen(rule->in) + strlen(rule->out);
	return total;
}

static uint64_t walk_router(const struct image *image, const struct image_router *router)
{
	uint64_t total = sum(router, sizeof(*router));

	total += walk_strings(image, router->name, 1) + strlen(router->interface) +
		 strlen(router->vmac);
	total += walk_addresses(image, router->addresses) +
		 walk_addresses(image, router->excluded) + walk_addresses(image, router->dormant);
	total += walk_routes(image, router->routes) + walk_rules(image, router->rules);
	total += sum(image_peers(image) + router->peers.first,
		router->peers.count * sizeof(struct image_peer));
	for (uint32_t i = 0; i < router->tracks.count; i++)
		total += strlen(image_tracks(image)[router->tracks.first + i].interface);
	total += sum(image_uses(image) + router->uses.first,
		router->uses.count * sizeof(struct image_use));
	return total + walk_commands(image, router->commands);
}

static uint64_t walk_globals(const struct image *image)
{
	const struct image_header *header = image_header(image);
	const struct image_mail *mail = &header->mail;
	const uint32_t strings[] = {header->snmp_socket, header->snmp_context, header->router_id,
		header->fifos[IMAGE_FIFO_ALL].path, header->fifos[IMAGE_FIFO_VRRP].path, mail->from,
		mail->server, mail->helo, mail->ca, mail->user, mail->password_file};
	uint64_t total = sum(header, sizeof(*header)) +
			 walk_optional(image, strings, sizeof(strings) / sizeof(strings[0])) +
			 walk_optional(image, mail->words, IMAGE_MAIL_STATES) +
			 walk_strings(image, mail->recipients, mail->recipient_count);

	for (size_t i = 0; i < IMAGE_HOOKS; i++)
		total += walk_commands(image, header->hooks[i]);
	return total + walk_addresses(image, header->static_addresses) +
	       walk_routes(image, header->static_routes) + walk_rules(image, header->static_rules);
}

uint64_t image_walk(const struct image *image)
{
	const struct image_header *header = image_header(image);
	const struct image_group *group = image_groups(image);
	uint64_t total = walk_globals(image);

	for (uint32_t i = 0; i < header->routers.count; i++)
		total += walk_router(image, &image_routers(image)[i]);
	for (uint32_t i = 0; i < header->groups.count; i++, group++)
		total += sum(group, sizeof(*group)) + walk_strings(image, group->name, 1) +
			 walk_commands(image, group->commands);
	for (uint32_t i = 0; i < header->trackers.count; i++)
		total += walk_tracker(image, &image_trackers(image)[i]);
	for (uint32_t i = 0; i < header->paces.count; i++)
		total += strlen(image_paces(image)[i].interface) +
			 image_paces(image)[image_paces(image)[i].group].garp_interval;
	for (uint32_t i = 0; i < header->removed.count; i++)
		total += image_removed(image)[i];
	return total + walk_commands(image, header->commands);
}
