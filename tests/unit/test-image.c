/* SPDX-License-Identifier: ISC */
/* The configuration image: whatever is wrong in it is refused before anybody trusts it. */
#include "lib/image.h"
#include "lib/sharedmem.h"
#include "tests/unit/draft.h"
#include "tests/unit/imagewalk.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static struct draft draft;

/* Two routers with something of everything; in a delta, so that slots can be removed too. */
static void fill(void)
{
	static const char *const first[] = {"/usr/bin/one", "a", "", NULL};
	static const char *const second[] = {"/usr/bin/two", NULL};

	draft_begin(&draft, 5, 4);
	draft_router(&draft, 2, "VI_1", "eth0", 7);
	draft_address(&draft, "eth0");
	draft_address(&draft, "eth1")->family = IMAGE_IPV6;
	draft_peer(&draft, 2);
	draft_peer(&draft, 3);
	draft_track(&draft, "eth2", -20);
	draft_route(&draft);
	draft_rule(&draft);
	draft_command(&draft, 1, first);
	draft_command(&draft, 2, second);
	draft_router(&draft, 9, "VI_2", "eth1", 8)->family = IMAGE_IPV6;
	draft_address(&draft, "eth1");
	draft_remove(&draft, 3);
	draft_remove(&draft, 4);
}

static struct image *open_draft(void **bytes)
{
	size_t size;

	*bytes = draft_bytes(&draft, &size);
	return image_open_bytes(*bytes, size);
}

static void test_good(void **state)
{
	struct image *image;
	void *bytes;

	fill();
	image = open_draft(&bytes);
	assert_non_null(image);
	assert_int_equal(image_header(image)->generation, 5);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_string_equal(image_string(image, image_routers(image)[1].name), "VI_2");
	assert_string_equal(image_addresses(image)[2].interface, "eth1");
	assert_int_equal(image_tracks(image)[0].weight, -20);
	assert_string_equal(
		image_string(image, image_commands(image)[1].arguments), "/usr/bin/two");
	assert_int_equal(image_removed(image)[1], 4);
	assert_true(image_walk(image) != 0);
	assert_null(image_close(image));
	assert_null(image_close(NULL));
	free(bytes);
}

static void test_empty(void **state)
{
	struct image *image;
	void *bytes;

	draft_begin(&draft, 1, 0);
	image = open_draft(&bytes);
	assert_non_null(image);
	image_walk(image);
	image_close(image);
	free(bytes);
}

#define SPOIL(name, ...)               \
	static void spoil_##name(void) \
	{                              \
		__VA_ARGS__;           \
	}

SPOIL(magic, draft.header.magic++)
SPOIL(generation, draft.header.generation = 0; draft.header.base_generation = 0;
	draft.header.removed.count = 0)
SPOIL(base_generation, draft.header.base_generation = 5)
SPOIL(removed_in_a_whole, draft.header.base_generation = 0)
SPOIL(removed_slot, draft.removed[1] = IMAGE_SLOTS)
SPOIL(removed_order, draft.removed[1] = 3)
SPOIL(array_begin, draft.header.routers.first = 1)
SPOIL(slot, draft.routers[1].slot = IMAGE_SLOTS)
SPOIL(slot_order, draft.routers[1].slot = 2)
SPOIL(name, draft.routers[0].name = draft.header.strings.count)
SPOIL(interface_empty, draft.routers[0].interface[0] = '\0')
SPOIL(interface_endless, memset(draft.routers[0].interface, 'x', 16))
SPOIL(family_none, draft.routers[0].family = 0)
SPOIL(family, draft.routers[0].family = 3)
SPOIL(vrid, draft.routers[0].vrid = 0)
SPOIL(version_old, draft.routers[0].version = 1)
SPOIL(version_new, draft.routers[0].version = 4)
SPOIL(priority, draft.routers[0].priority = 0)
SPOIL(auth, draft.routers[0].auth = IMAGE_AUTH_AH + 1)
SPOIL(auth_version, draft.routers[0].auth = IMAGE_AUTH_AH)
SPOIL(group, draft.routers[0].group = IMAGE_GROUPS + 1)
SPOIL(checksum, draft.routers[0].checksum = IMAGE_CHECKSUM_GROUP + 1)
SPOIL(down_adverts, draft.routers[0].down_adverts = 0)
SPOIL(ttl, draft.routers[0].ttl = 0)
SPOIL(source_family, draft.routers[0].source_family = IMAGE_IPV6)
SPOIL(peer_count, draft.routers[0].peers.count = 3)
SPOIL(peer_order, draft.peers[1].address[3] = 1)
SPOIL(peer_twice, draft.peers[1].address[3] = 2)
SPOIL(interval, draft.routers[0].interval = 0)
SPOIL(interval_long, draft.routers[0].interval = IMAGE_TIME_MAX + 1)
SPOIL(preempt_delay, draft.routers[0].preempt_delay = IMAGE_TIME_MAX + 1)
SPOIL(garp_delay, draft.routers[0].garp_delay = IMAGE_TIME_MAX + 1)
SPOIL(garp_refresh, draft.routers[0].garp_refresh = UINT64_MAX)
SPOIL(address_count, draft.routers[0].addresses.count = 4)
SPOIL(address_first, draft.routers[0].addresses.first = 4)
SPOIL(address_sum, draft.routers[0].addresses = (struct image_span){2, UINT32_MAX})
SPOIL(excluded_count, draft.routers[0].excluded = (struct image_span){2, 9})
SPOIL(excluded_apart, draft.routers[0].excluded = (struct image_span){1, 1})
SPOIL(route_count, draft.routers[0].routes.count = 2)
SPOIL(rule_count, draft.routers[0].rules.count = 2)
SPOIL(route_family, draft.routes[0].family = 3)
SPOIL(route_table, draft.routes[0].table = 0)
SPOIL(route_prefix, draft.routes[0].destination_length = 33)
SPOIL(route_from, draft.routes[0].from_length = 33)
SPOIL(route_interface, memset(draft.routes[0].hop.interface, 'x', 16))
SPOIL(route_metrics, draft.routes[0].metrics_set = 1u << IMAGE_ROUTE_METRICS)
SPOIL(hop_count, draft.routes[0].hops.count = 3)
SPOIL(hop_interface, memset(draft.hops[1].interface, 'x', 16))
SPOIL(rule_family, draft.rules[0].family = 0)
SPOIL(rule_from, draft.rules[0].from_length = 129)
SPOIL(rule_to, draft.rules[0].to_length = 129)
SPOIL(rule_in, memset(draft.rules[0].in, 'x', 16))
SPOIL(rule_out, memset(draft.rules[0].out, 'x', 16))
SPOIL(static_addresses, draft.header.static_addresses.count = 9)
SPOIL(static_routes, draft.header.static_routes.count = 9)
SPOIL(static_rules, draft.header.static_rules.count = 9)
SPOIL(track_count, draft.routers[0].tracks.count = 2)
SPOIL(command_count, draft.routers[1].commands.count = 1)
SPOIL(address_family, draft.addresses[0].family = 0)
SPOIL(address_prefix4, draft.addresses[0].prefix_length = 33)
SPOIL(address_prefix6, draft.addresses[1].prefix_length = 129)
SPOIL(address_interface, draft.addresses[0].interface[0] = '\0')
SPOIL(address_interface_endless, memset(draft.addresses[0].interface, 'x', 16))
SPOIL(address_label, memset(draft.addresses[0].label, 'x', 16))
SPOIL(track_interface, draft.tracks[0].interface[0] = '\0')
SPOIL(track_low, draft.tracks[0].weight = -255)
SPOIL(track_high, draft.tracks[0].weight = 255)
SPOIL(command_occasion, draft.commands[0].occasion = IMAGE_OCCASIONS)
SPOIL(hook_many, draft.header.hooks[0].count = 2)
SPOIL(hook_beyond, (draft.header.hooks[1] = (struct image_span){9999, 1}))
SPOIL(fifo_path, draft.header.fifos[1].path = draft.header.strings.count)
SPOIL(command_empty, draft.commands[0].argument_count = 0)
SPOIL(command_beyond, draft.commands[1].argument_count = 4)
SPOIL(command_offset, draft.commands[0].arguments = draft.header.strings.count)
SPOIL(string_shared, draft.routers[1].name = draft.commands[0].arguments)
SPOIL(address_shared, draft.routers[1].addresses = (struct image_span){1, 2})
SPOIL(dormant_shared, draft.routers[0].dormant = (struct image_span){0, 1})
SPOIL(static_address_shared, draft.header.static_addresses = (struct image_span){0, 1})
SPOIL(peer_shared, draft.routers[1].peers = (struct image_span){0, 2})
SPOIL(track_shared, draft.routers[1].tracks = (struct image_span){0, 1})
SPOIL(route_shared, draft.routers[1].routes = (struct image_span){0, 1})
SPOIL(rule_shared, draft.header.static_rules = (struct image_span){0, 1})
SPOIL(command_shared, draft.routers[1].commands = (struct image_span){0, 2})
SPOIL(hook_shared, draft.header.hooks[0] = (struct image_span){0, 1})
SPOIL(string_end, draft.strings[draft.header.strings.count - 1] = 'x')

#define ROW(name)                   \
	{                           \
#name, spoil_##name \
	}

struct row {
	const char *name;
	void (*spoil)(void);
};

static const struct row rows[] = {
	ROW(magic),
	ROW(generation),
	ROW(base_generation),
	ROW(removed_in_a_whole),
	ROW(removed_slot),
	ROW(removed_order),
	ROW(array_begin),
	ROW(slot),
	ROW(slot_order),
	ROW(name),
	ROW(interface_empty),
	ROW(interface_endless),
	ROW(family_none),
	ROW(family),
	ROW(vrid),
	ROW(version_old),
	ROW(version_new),
	ROW(priority),
	ROW(auth),
	ROW(auth_version),
	ROW(group),
	ROW(checksum),
	ROW(down_adverts),
	ROW(ttl),
	ROW(source_family),
	ROW(peer_count),
	ROW(peer_order),
	ROW(peer_twice),
	ROW(interval),
	ROW(interval_long),
	ROW(preempt_delay),
	ROW(garp_delay),
	ROW(garp_refresh),
	ROW(address_count),
	ROW(address_first),
	ROW(address_sum),
	ROW(track_count),
	ROW(command_count),
	ROW(address_family),
	ROW(address_prefix4),
	ROW(address_prefix6),
	ROW(address_interface),
	ROW(address_interface_endless),
	ROW(address_label),
	ROW(excluded_count),
	ROW(excluded_apart),
	ROW(route_count),
	ROW(rule_count),
	ROW(route_family),
	ROW(route_table),
	ROW(route_prefix),
	ROW(route_from),
	ROW(route_interface),
	ROW(route_metrics),
	ROW(hop_count),
	ROW(hop_interface),
	ROW(rule_family),
	ROW(rule_from),
	ROW(rule_to),
	ROW(rule_in),
	ROW(rule_out),
	ROW(static_addresses),
	ROW(static_routes),
	ROW(static_rules),
	ROW(track_interface),
	ROW(track_low),
	ROW(track_high),
	ROW(command_occasion),
	ROW(hook_many),
	ROW(hook_beyond),
	ROW(fifo_path),
	ROW(command_empty),
	ROW(command_beyond),
	ROW(command_offset),
	ROW(string_shared),
	ROW(address_shared),
	ROW(dormant_shared),
	ROW(static_address_shared),
	ROW(peer_shared),
	ROW(track_shared),
	ROW(route_shared),
	ROW(rule_shared),
	ROW(command_shared),
	ROW(hook_shared),
	ROW(string_end),
};

static void test_refused(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct image *image;
		void *bytes;

		fill();
		rows[i].spoil();
		image = open_draft(&bytes);
		if (image)
			fail_msg("%s was accepted", rows[i].name);
		assert_int_equal(errno, EBADMSG);
		free(bytes);
	}
}

/* A whole image, which alone has trackers. */
static void fill_tracking(void)
{
	static const char *const command[] = {"/usr/bin/check", "-x", NULL};
	static const char *const path[] = {"/run/value", NULL};

	draft_begin(&draft, 5, 0);
	draft_tracker(&draft, 1, "one", command);
	draft_tracker(&draft, 4, "two", path)->kind = IMAGE_TRACKER_FILE;
	draft_tracker(&draft, 6, "three", command)->kind = IMAGE_TRACKER_PROCESS;
	draft_router(&draft, 2, "VI_1", "eth0", 7);
	draft_use(&draft, 4, -IMAGE_WEIGHT_MAX);
	draft_use(&draft, 1, 0)->reverse = 1;
}

SPOIL(tracker_slot, draft.trackers[2].slot = IMAGE_TRACKERS)
SPOIL(tracker_order, draft.trackers[1].slot = 1)
SPOIL(tracker_kind, draft.trackers[0].kind = IMAGE_TRACKER_KIND_COUNT)
SPOIL(tracker_name, draft.trackers[0].name = draft.header.strings.count)
SPOIL(tracker_arguments, draft.trackers[2].argument_count = 9)
SPOIL(tracker_paths, draft.trackers[1].argument_count = 2)
SPOIL(tracker_process, draft.trackers[2].argument_count = 0)
SPOIL(tracker_parameters, draft.trackers[2].parameters = IMAGE_PARAMETERS_COUNT)
SPOIL(tracker_delay, draft.trackers[2].fork_delay = IMAGE_TIME_MAX + 1)
SPOIL(tracker_command, draft.trackers[0].argument_count = 0)
SPOIL(tracker_interval, draft.trackers[0].interval = 0)
SPOIL(tracker_interval_long, draft.trackers[0].interval = IMAGE_TIME_MAX + 1)
SPOIL(tracker_timeout, draft.trackers[0].timeout = 0)
SPOIL(tracker_rise, draft.trackers[0].rise = 0)
SPOIL(tracker_fall, draft.trackers[0].fall = 0)
SPOIL(tracker_in_delta, draft.header.base_generation = 4)
SPOIL(use_unknown, draft.uses[0].tracker = 3)
SPOIL(use_beyond, draft.uses[0].tracker = IMAGE_TRACKERS)
SPOIL(use_low, draft.uses[0].weight--)
SPOIL(use_high, draft.uses[0].weight = IMAGE_WEIGHT_MAX + 1)
SPOIL(use_reverse, draft.uses[0].reverse = 2)
SPOIL(use_count, draft.routers[0].uses.count = 3)

static const struct row tracking_rows[] = {
	ROW(tracker_slot),
	ROW(tracker_order),
	ROW(tracker_kind),
	ROW(tracker_name),
	ROW(tracker_arguments),
	ROW(tracker_paths),
	ROW(tracker_process),
	ROW(tracker_parameters),
	ROW(tracker_delay),
	ROW(tracker_command),
	ROW(tracker_interval),
	ROW(tracker_interval_long),
	ROW(tracker_timeout),
	ROW(tracker_rise),
	ROW(tracker_fall),
	ROW(tracker_in_delta),
	ROW(use_unknown),
	ROW(use_beyond),
	ROW(use_low),
	ROW(use_high),
	ROW(use_reverse),
	ROW(use_count),
};

static void test_tracking(void **state)
{
	struct image *image;
	void *bytes;

	fill_tracking();
	image = open_draft(&bytes);
	assert_non_null(image);
	assert_int_equal(image_trackers(image)[1].slot, 4);
	assert_int_equal(image_uses(image)[0].tracker, 4);
	assert_true(image_walk(image) != 0);
	image_close(image);
	free(bytes);
	for (size_t i = 0; i < sizeof(tracking_rows) / sizeof(*tracking_rows); i++) {
		fill_tracking();
		tracking_rows[i].spoil();
		image = open_draft(&bytes);
		if (image)
			fail_msg("%s was accepted", tracking_rows[i].name);
		free(bytes);
	}
}

/* Refused, or safe to read. */
static void try(const void *bytes, size_t size)
{
	struct image *image = image_open_bytes(bytes, size);

	if (image)
		image_walk(image);
	else
		assert_int_equal(errno, EBADMSG);
	image_close(image);
}

static void test_every_word(void **state)
{
	static const uint32_t extremes[] = {0, 1, 0x7f, 0xff, 0xffff, 0x1000000, 0x7fffffff,
		0x80000000, 0xfffffffe, 0xffffffff};
	uint32_t *words;
	size_t size;

	fill();
	words = draft_bytes(&draft, &size);
	for (size_t i = 0; i < size / sizeof(*words); i++) {
		uint32_t old = words[i];

		for (size_t j = 0; j < sizeof(extremes) / sizeof(*extremes); j++) {
			words[i] = extremes[j];
			try(words, size);
		}
		words[i] = old + 1;
		try(words, size);
		words[i] = old - 1;
		try(words, size);
		words[i] = old;
	}
	free(words);
}

static void test_every_length(void **state)
{
	size_t size;
	void *bytes;

	fill();
	bytes = draft_bytes(&draft, &size);
	for (size_t length = 0; length < size; length++) {
		void *part = malloc(length);
		struct image *image;

		assert_true(part || !length);
		if (length)
			memcpy(part, bytes, length);
		image = image_open_bytes(part, length);
		assert_null(image);
		free(part);
	}
	free(bytes);
}

static void test_documents(void **state)
{
	static const char zeros[4096];
	struct image *image;
	void *map;
	int fd;

	fill();
	fd = draft_document(&draft);
	image = image_open(fd);
	close(fd);
	assert_non_null(image);
	assert_int_equal(image_routers(image)[0].vrid, 7);
	image_close(image);
	fd = sharedmem_region("unsealed", 4096, 1, &map);
	assert_null(image_open(fd));
	assert_int_equal(errno, EPERM);
	munmap(map, 4096);
	close(fd);
	fd = sharedmem_document("zeros", zeros, sizeof(zeros));
	assert_null(image_open(fd));
	assert_int_equal(errno, EBADMSG);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tracking),
		cmocka_unit_test(test_every_word),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
