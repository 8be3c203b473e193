/* SPDX-License-Identifier: ISC */
/*
 * The applier alone, for tests, with this program in the engine's place.  Runs in the namespace it
 *is started in, prints JSON lines of what the applier says, and does what its standard input says:
 *
 *	router SLOT INTERFACE FAMILY VRID REPEAT DELAY-MS REFRESH-MS ADDRESS...
 *	remove SLOT                           (both: for the next image)
 *	track INTERFACE                       (of the router of the last line)
 *	image whole|delta
 *	own FIRST LAST 0|1 | announce FIRST LAST      (slots)
 *	go                                    (wakes the applier; times are counted from here)
 *	stop                                  (as does the end of the input)
 *
 * ADDRESS is ADDRESS/LENGTH and, after commas, dev=, brd=, label=, scope= with their values.
 *
 *	applier RUN-DIRECTORY SLOTS
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/board.h"
#include "lib/clock.h"
#include "lib/image.h"
#include "lib/sharedmem.h"
#include "vrrp/applier/applier.h"

#define ROUTERS	  16384
#define ADDRESSES 65536
#define STRINGS	  32 /* more than are named in one place; all are empty */

struct test {
	struct applier *applier;
	struct image_router routers[ROUTERS];
	struct image_address addresses[ADDRESSES];
	struct image_track tracks[ROUTERS];
	uint32_t removed[ROUTERS];
	struct image_header header;
	uint64_t started;
};

static struct test test;

static void die(const char *what, int error)
{
	fprintf(stderr, "applier: %s: %s\n", what, strerror(error));
	exit(1);
}

/* ---- Images ---- */

static void parse_option(struct image_address *address, const char *option)
{
	if (strncmp(option, "dev=", 4) == 0)
		snprintf(address->interface, sizeof(address->interface), "%s", option + 4);
	else if (strncmp(option, "label=", 6) == 0)
		snprintf(address->label, sizeof(address->label), "%s", option + 6);
	else if (strncmp(option, "scope=", 6) == 0)
		address->scope = (uint8_t)atoi(option + 6);
	else if (strncmp(option, "brd=", 4) == 0 &&
		 inet_pton(AF_INET, option + 4, address->broadcast) == 1)
		address->flags |= IMAGE_ADDRESS_BROADCAST;
	else
		die(option, EINVAL);
}

static void parse_address(struct image_address *address, char *text, const char *interface)
{
	char *options, *option, *slash = strchr(text, '/');

	if (!slash)
		die(text, EINVAL);
	memset(address, 0, sizeof(*address));
	snprintf(address->interface, sizeof(address->interface), "%s", interface);
	option = strtok_r(text, ",", &options);
	*slash = '\0';
	if (inet_pton(AF_INET, option, address->address) == 1)
		address->family = IMAGE_IPV4;
	else if (inet_pton(AF_INET6, option, address->address) == 1)
		address->family = IMAGE_IPV6;
	else
		die(option, EINVAL);
	address->prefix_length = (uint8_t)atoi(slash + 1);
	while ((option = strtok_r(NULL, ",", &options)) != NULL)
		parse_option(address, option);
}

static void add_router(char **words, int count)
{
	struct image_router *router = &test.routers[test.header.routers.count++];

	memset(router, 0, sizeof(*router));
	router->slot = (uint32_t)atoi(words[1]);
	snprintf(router->interface, sizeof(router->interface), "%s", words[2]);
	router->family = (uint8_t)(atoi(words[3]) == 4 ? IMAGE_IPV4 : IMAGE_IPV6);
	router->vrid = (uint8_t)atoi(words[4]);
	router->garp_repeat = (uint8_t)atoi(words[5]);
	router->garp_delay = (uint64_t)atoi(words[6]) * NSEC_PER_MSEC;
	router->garp_refresh = (uint64_t)atoi(words[7]) * NSEC_PER_MSEC;
	router->garp_refresh_repeat = 1;
	router->version = 3;
	router->priority = 100;
	router->down_adverts = 3;
	router->flags = IMAGE_ROUTER_ACCEPT;
	router->ttl = 255;
	router->interval = NSEC_PER_SEC;
	router->addresses.first = test.header.addresses.count;
	router->addresses.count = (uint32_t)(count - 8);
	router->tracks.first = test.header.tracks.count;
	for (int i = 8; i < count; i++)
		parse_address(&test.addresses[test.header.addresses.count++], words[i], words[2]);
}

static void add_track(char **words, int count)
{
	struct image_track *track = &test.tracks[test.header.tracks.count++];

	memset(track, 0, sizeof(*track));
	snprintf(track->interface, sizeof(track->interface), "%s", words[1]);
	test.routers[test.header.routers.count - 1].tracks.count++;
}

static void add_removed(char **words, int count)
{
	test.removed[test.header.removed.count++] = (uint32_t)atoi(words[1]);
}

static void send_document(const void *bytes, size_t size)
{
	int error, fd = sharedmem_document("image", bytes, size);
	struct image *image;

	if (fd < 0)
		die("sharedmem_document", -fd);
	image = image_open(fd);
	if (!image)
		die("image_open", errno);
	close(fd);
	error = applier_configure(test.applier, image);
	if (error)
		die("applier_configure", -error);
	applier_wake(test.applier);
	image_close(image);
}

static void send_image(char **words, int count)
{
	static const uint8_t group4[] = {224, 0, 0, 18};
	static const uint8_t group6[16] = {0xff, 0x02, [15] = 0x12};
	struct image_header *header = &test.header;
	struct image_layout at;
	char *bytes;

	header->magic = IMAGE_MAGIC;
	header->base_generation = strcmp(words[1], "delta") == 0 ? header->generation : 0;
	header->generation++;
	header->strings.count = STRINGS * (1 + header->routers.count);
	memcpy(header->group4, group4, sizeof(group4));
	memcpy(header->group6, group6, sizeof(group6));
	at = image_layout(header);
	header->size = at.size;
	bytes = calloc(1, at.size);
	if (!bytes)
		die("calloc", errno);
	memcpy(bytes, header, sizeof(*header));
	memcpy(bytes + at.routers, test.routers, header->routers.count * sizeof(test.routers[0]));
	memcpy(bytes + at.addresses, test.addresses,
		header->addresses.count * sizeof(test.addresses[0]));
	memcpy(bytes + at.tracks, test.tracks, header->tracks.count * sizeof(test.tracks[0]));
	memcpy(bytes + at.removed, test.removed, header->removed.count * sizeof(test.removed[0]));
	send_document(bytes, at.size);
	free(bytes);
	header->routers.count = 0;
	header->addresses.count = 0;
	header->tracks.count = 0;
	header->removed.count = 0;
}

/* ---- Wishes ---- */

static void own(char **words, int count)
{
	for (uint32_t slot = (uint32_t)atoi(words[1]); slot <= (uint32_t)atoi(words[2]); slot++)
		applier_own(test.applier, slot, atoi(words[3]));
}

static void announce(char **words, int count)
{
	for (uint32_t slot = (uint32_t)atoi(words[1]); slot <= (uint32_t)atoi(words[2]); slot++)
		applier_announce(test.applier, slot, false);
}

static void go(char **words, int count)
{
	test.started = clock_now();
	applier_wake(test.applier);
}

static void stop(char **words, int count)
{
	applier_stop(test.applier);
	puts("{\"stopped\": true}");
	exit(0);
}

static const struct command {
	const char *name;
	int words; /* at least */
	void (*run)(char **words, int count);
} commands[] = {
	{"router", 8, add_router},
	{"track", 2, add_track},
	{"remove", 2, add_removed},
	{"image", 2, send_image},
	{"own", 4, own},
	{"announce", 3, announce},
	{"go", 1, go},
	{"stop", 1, stop},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void obey(char *line)
{
	static char *words[512];
	int count = 0;
	char *rest;

	for (char *word = strtok_r(line, " \n", &rest); word && count < 512;
		word = strtok_r(NULL, " \n", &rest))
		words[count++] = word;
	for (size_t i = 0; i < COMMANDS; i++) {
		if (count < commands[i].words || strcmp(words[0], commands[i].name) != 0)
			continue;
		commands[i].run(words, count);
		return;
	}
	die(count ? words[0] : "empty line", EINVAL);
}

/* ---- What the applier says ---- */

static void show_results(void)
{
	struct applier_result result;

	applier_results_awake(test.applier);
	while (applier_take_result(test.applier, &result))
		printf("{\"slot\": %u, \"owned\": %s, \"error\": %d, \"restored\": %u, \"ms\": "
		       "%.3f}\n",
			result.slot, result.owned ? "true" : "false", result.error, result.restored,
			(double)(clock_now() - test.started) / NSEC_PER_MSEC);
}

static const char *text(int family, const uint8_t *octets, bool set)
{
	static char buffers[2][INET6_ADDRSTRLEN];
	char *buffer = buffers[family == AF_INET];

	if (set)
		inet_ntop(family, octets, buffer, INET6_ADDRSTRLEN);
	else
		buffer[0] = '\0';
	return buffer;
}

static void show_interfaces(void)
{
	struct applier_interface row;
	uint32_t number;

	applier_interfaces_awake(test.applier);
	while (applier_take_interface(test.applier, &number)) {
		while (board_read(applier_interfaces(test.applier), number, &row) < 0)
			;
		printf("{\"interface\": %u, \"name\": \"%s\", \"index\": %u, \"up\": %s, "
		       "\"flaps\": %u, \"primary4\": \"%s\", \"primary6\": \"%s\", "
		       "\"mac\": \"%02x:%02x:%02x:%02x:%02x:%02x\"}\n",
			number, row.name, row.index, row.up ? "true" : "false", row.flaps,
			text(AF_INET, row.primary4, row.has_primary4),
			text(AF_INET6, row.primary6, row.has_primary6), row.mac[0], row.mac[1],
			row.mac[2], row.mac[3], row.mac[4], row.mac[5]);
	}
}

static void read_commands(void)
{
	static char buffer[1 << 20];
	static size_t length;
	ssize_t got = read(STDIN_FILENO, buffer + length, sizeof(buffer) - 1 - length);
	char *line = buffer, *end;

	if (got <= 0)
		stop(NULL, 0);
	length += (size_t)got;
	buffer[length] = '\0';
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		obey(line);
	}
	length -= (size_t)(line - buffer);
	memmove(buffer, line, length);
}

int main(int argc, char **argv)
{
	struct pollfd polled[3] = {{.events = POLLIN}, {.events = POLLIN}, {.events = POLLIN}};
	struct applier_setup setup;

	if (argc != 3)
		die("usage: applier RUN-DIRECTORY SLOTS", EINVAL);
	setup = (struct applier_setup){.run_dir = argv[1], .slots = (uint32_t)atoi(argv[2])};
	setvbuf(stdout, NULL, _IOLBF, 1 << 16);
	test.applier = applier_start(&setup);
	if (!test.applier)
		die("applier_start", errno);
	puts("{\"started\": true}");
	polled[0].fd = STDIN_FILENO;
	polled[1].fd = applier_results_fd(test.applier);
	polled[2].fd = applier_interfaces_fd(test.applier);
	for (;;) {
		if (poll(polled, 3, -1) < 0)
			die("poll", errno);
		if (polled[1].revents)
			show_results();
		if (polled[2].revents)
			show_interfaces();
		if (polled[0].revents)
			read_commands();
	}
}
