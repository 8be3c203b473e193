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

static uint64_t walk_commands(const struct image *image, struct image_span span)
{
	const struct image_command *command = image_commands(image) + span.first;
	uint64_t total = 0;

	for (uint32_t i = 0; i < span.count; i++, command++) {
		const char *argument = image_string(image, command->arguments);

		for (uint32_t j = 0; j < command->argument_count; j++) {
			total += strlen(argument);
			argument += strlen(argument) + 1;
		}
	}
	return total;
}

static uint64_t walk_tracker(const struct image *image, const struct image_tracker *tracker)
{
	const char *argument = image_string(image, tracker->arguments);
	uint64_t total =
		sum(tracker, sizeof(*tracker)) + strlen(image_string(image, tracker->name));

	for (uint32_t i = 0; i < tracker->argument_count; i++) {
		total += strlen(argument);
		argument += strlen(argument) + 1;
	}
	return total;
}

static uint64_t walk_router(const struct image *image, const struct image_router *router)
{
	uint64_t total = sum(router, sizeof(*router));

	total += strlen(image_string(image, router->name)) + strlen(router->interface);
	for (uint32_t i = 0; i < router->addresses.count; i++) {
		const struct image_address *address =
			&image_addresses(image)[router->addresses.first + i];

		total += sum(address, sizeof(*address)) + strlen(address->interface) +
			 strlen(address->label);
	}
	for (uint32_t i = 0; i < router->peers.count; i++)
		total += sum(
			&image_peers(image)[router->peers.first + i], sizeof(struct image_peer));
	for (uint32_t i = 0; i < router->routes.count; i++) {
		const struct image_route *route = &image_routes(image)[router->routes.first + i];

		total += sum(route, sizeof(*route)) + strlen(route->hop.interface);
		for (uint32_t j = 0; j < route->hops.count; j++)
			total += strlen(image_hops(image)[route->hops.first + j].interface);
	}
	for (uint32_t i = 0; i < router->rules.count; i++)
		total += sum(
			&image_rules(image)[router->rules.first + i], sizeof(struct image_rule));
	for (uint32_t i = 0; i < router->tracks.count; i++)
		total += strlen(image_tracks(image)[router->tracks.first + i].interface);
	for (uint32_t i = 0; i < router->uses.count; i++)
		total += sum(&image_uses(image)[router->uses.first + i], sizeof(struct image_use));
	return total + walk_commands(image, router->commands);
}

uint64_t image_walk(const struct image *image)
{
	const struct image_header *header = image_header(image);
	uint64_t total = sum(header, sizeof(*header));

	for (uint32_t i = 0; i < header->routers.count; i++)
		total += walk_router(image, &image_routers(image)[i]);
	for (uint32_t i = 0; i < header->trackers.count; i++)
		total += walk_tracker(image, &image_trackers(image)[i]);
	for (uint32_t i = 0; i < header->removed.count; i++)
		total += image_removed(image)[i];
	return total + walk_commands(image, header->commands);
}
