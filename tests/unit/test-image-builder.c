/* SPDX-License-Identifier: ISC */
/* From the model to slots and configuration images. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/conf/syncgroup.h"
#include "agent/core/candidate.h"
#include "agent/core/imagebuilder.h"
#include "agent/core/script_user.h"
#include "agent/core/slots.h"
#include "lib/board.h"
#include "lib/image.h"
#include "tests/unit/core-lab.h"
#include "vrrp/protocol/reason.h"
#include "vrrp/status.h"

#define ROUTER_A                                                                                 \
	"vrrp_instance A {\n interface eth0\n virtual_router_id 51\n priority 150\n advert_int " \
	"3\n"                                                                                    \
	" nopreempt\n authentication {\n auth_type PASS\n auth_pass secret\n }\n"                \
	" virtual_ipaddress {\n 192.0.2.1/24 brd 192.0.2.255 dev eth1 scope link label eth1:v\n" \
	" 192.0.2.2\n }\n track_interface {\n eth2 weight -20 reverse\n eth3\n }\n"              \
	" notify_master \"/bin/m 'one word' two\"\n notify_stop /bin/s daemon\n notify /bin/n\n" \
	" garp_master_delay 7\n garp_master_repeat 4\n garp_master_refresh 60\n"                 \
	" garp_master_refresh_repeat 2\n}\n"
#define ROUTER_B                                                                        \
	"vrrp_instance B {\n interface eth0\n virtual_router_id 51\n advert_int 0.25\n" \
	" virtual_ipaddress {\n fe80::1/64\n 2001:db8::1/64\n }\n preempt_delay 9\n}\n"
#define ROUTER(name, vrid)                                                         \
	"vrrp_instance " name " {\n interface eth0\n virtual_router_id " vrid "\n" \
	" virtual_ipaddress {\n 192.0.2.2" vrid "\n }\n}\n"

static struct slots *plan(const struct slots *held, const struct config *config)
{
	struct slots *empty = held ? NULL : slots_new();
	struct slots *slots = slots_plan(held ? held : empty, config);

	slots_free(empty);
	assert_non_null(slots);
	return slots;
}

static struct image *open_image(int fd)
{
	struct image *image;

	assert_true(fd >= 0);
	image = image_open(fd);
	assert_non_null(image);
	close(fd);
	return image;
}

static struct image *whole(const struct config *config)
{
	struct slots *slots = plan(NULL, config);
	struct image *image = open_image(image_build_whole(config, slots, 1));

	slots_free(slots);
	return image;
}

static int slot_of(const struct slots *slots, const struct config *config, const char *name)
{
	return slots_find(slots, config_find_name(config, name));
}

#define GROUP(name, members) "vrrp_sync_group " name " {\n group { " members " }\n}\n"

static int group_slot(const struct slots *slots, const struct config *config, const char *name)
{
	return slots_group(slots, config_find_group(config, name));
}

/* A group keeps its slot for as long as its name is there; its members know it, in their order. */
static void test_a_group_keeps_its_slot(void **state)
{
	struct config *first = lab_config(ROUTER("A", "1") ROUTER("B", "2") ROUTER("C", "3")
			GROUP("one", "A B") GROUP("two", "C"));
	struct config *second = lab_config(ROUTER("A", "1") ROUTER("B", "2") ROUTER("C", "3")
			GROUP("three", "C") GROUP("two", "B A"));
	struct slots *before = plan(NULL, first), *after = plan(before, second);
	struct image *image = open_image(image_build_whole(second, after, 1));
	const struct image_group *groups = image_groups(image);
	const struct image_router *routers = image_routers(image);

	assert_int_equal(group_slot(before, first, "one"), 0);
	assert_int_equal(group_slot(before, first, "two"), 1);
	assert_int_equal(group_slot(after, second, "two"), 1);
	assert_int_equal(group_slot(after, second, "three"), 2);
	assert_int_equal(image_header(image)->groups.count, 2);
	assert_int_equal(groups[0].slot, 1);
	assert_string_equal(image_string(image, groups[0].name), "two");
	assert_int_equal(routers[slot_of(after, second, "A")].group, 2);
	assert_int_equal(routers[slot_of(after, second, "A")].group_place, 1);
	assert_int_equal(routers[slot_of(after, second, "B")].group_place, 0);
	assert_int_equal(routers[slot_of(after, second, "C")].group, 3);
	image_close(image);
	slots_free(before);
	slots_free(after);
	config_free(first);
	config_free(second);
}

static void test_a_router_keeps_its_slot(void **state)
{
	struct config *first = lab_config(ROUTER("A", "1") ROUTER("B", "2") ROUTER("C", "3"));
	struct config *second =
		lab_config(ROUTER("D", "4") ROUTER("renamed", "3") ROUTER("A", "1"));
	struct slots *before = plan(NULL, first);
	struct slots *after = plan(before, second);

	assert_int_equal(slot_of(before, first, "A"), 0);
	assert_int_equal(slot_of(before, first, "B"), 1);
	assert_int_equal(slot_of(before, first, "C"), 2);
	assert_int_equal(slot_of(after, second, "A"), 0);
	assert_int_equal(slot_of(after, second, "renamed"), 2);
	assert_int_equal(slot_of(after, second, "D"), 3); /* 1 was B's a moment ago */
	assert_null(slots_identity(after, 1));
	assert_int_equal(slots_end(after), 4);
	assert_ptr_equal(slots_instance(after, second, 3), config_find_name(second, "D"));
	assert_null(slots_instance(after, second, 1));
	assert_null(slots_instance(after, second, IMAGE_SLOTS));
	slots_free(before);
	before = plan(after, first);
	assert_int_equal(slot_of(before, first, "B"), 1); /* free again */
	slots_free(before);
	slots_free(after);
	config_free(first);
	config_free(second);
}

static void test_families_are_different_routers(void **state)
{
	struct config *config = lab_config(ROUTER_A ROUTER_B);
	struct slots *slots = plan(NULL, config);

	assert_int_equal(slot_of(slots, config, "A"), 0);
	assert_int_equal(slot_of(slots, config, "B"), 1);
	assert_int_equal(slots_identity(slots, 0)->family, 1);
	assert_int_equal(slots_identity(slots, 1)->family, 2);
	slots_free(slots);
	config_free(config);
}

static struct config *many(size_t count)
{
	struct config *config = config_new();

	assert_non_null(config);
	for (size_t i = 0; i < count; i++) {
		struct instance *instance;
		char name[32];

		snprintf(name, sizeof(name), "v%zu", i);
		instance = config_add_instance(config, name);
		assert_non_null(instance);
		snprintf(name, sizeof(name), "eth%zu", i / 510);
		instance->interface = config_string(config, name, strlen(name));
		instance->vrid = (uint8_t)(1 + i / 2 % 255);
		instance->family = i % 2 ? AF_INET6 : AF_INET;
		instance->version = 3;
	}
	assert_int_equal(config_reindex(config), 0);
	return config;
}

static void test_as_many_routers_as_there_are_slots(void **state)
{
	struct config *config = many(IMAGE_SLOTS);
	struct slots *slots = plan(NULL, config);
	struct image *image = open_image(image_build_whole(config, slots, 1));

	assert_int_equal(image_header(image)->routers.count, IMAGE_SLOTS);
	for (size_t i = 0; i < IMAGE_SLOTS; i++)
		assert_int_equal(slots_find(slots, config->instances[i]), i);
	image_close(image);
	slots_free(slots);
	config_free(config);
	config = many(IMAGE_SLOTS + 1);
	slots = slots_new();
	assert_null(slots_plan(slots, config));
	assert_int_equal(errno, ENOSPC);
	slots_free(slots);
	config_free(config);
}

static void write_row(struct board *board, uint32_t slot, const char *interface, uint8_t vrid)
{
	union status_row row = {.router = {.used = 1, .family = 1, .vrid = vrid}};

	strncpy(row.router.interface, interface, sizeof(row.router.interface) - 1);
	board_write(board, status_row(slot), &row);
}

static void test_slots_are_recovered_from_the_board(void **state)
{
	struct config *config = lab_config(ROUTER("A", "1") ROUTER("B", "2") ROUTER("C", "3"));
	int fd;
	struct board *board = board_create(IMAGE_SLOTS + 1, sizeof(union status_row), &fd);
	struct slots *held, *slots;

	assert_non_null(board);
	write_row(board, 7, "eth0", 1);
	write_row(board, IMAGE_SLOTS - 1, "eth0", 3);
	write_row(board, 0, "eth9", 1);
	held = slots_recover(board);
	assert_non_null(held);
	slots = plan(held, config);
	assert_int_equal(slot_of(slots, config, "A"), 7);
	assert_int_equal(slot_of(slots, config, "C"), IMAGE_SLOTS - 1);
	assert_int_equal(slot_of(slots, config, "B"), 1); /* 0 is still somebody's */
	slots_free(slots);
	slots_free(held);
	write_row(board, 8, "eth0", 1);
	assert_null(slots_recover(board));
	assert_int_equal(errno, EPROTO);
	board_close(board);
	config_free(config);
}

static void test_router_fields(void **state)
{
	struct config *config = lab_config(ROUTER_A ROUTER_B);
	struct image *image = whole(config);
	const struct image_router *a = lab_router(image, "A");
	const struct image_router *b = lab_router(image, "B");

	assert_non_null(a);
	assert_non_null(b);
	assert_string_equal(a->interface, "eth0");
	assert_int_equal(a->slot, 0);
	assert_int_equal(a->family, IMAGE_IPV4);
	assert_int_equal(a->vrid, 51);
	assert_int_equal(a->version, 2);
	assert_int_equal(a->priority, 150);
	assert_int_equal(a->auth, IMAGE_AUTH_PASS);
	assert_memory_equal(a->auth_data, "secret\0\0", 8);
	assert_int_equal(a->flags, IMAGE_ROUTER_ACCEPT);
	assert_int_equal(a->interval, 3000000000ull);
	assert_int_equal(a->preempt_delay, 0);
	assert_int_equal(a->garp_repeat, 4);
	assert_int_equal(a->garp_delay, 7000000000ull);
	assert_int_equal(a->garp_refresh, 60000000000ull);
	assert_int_equal(a->garp_refresh_repeat, 2);
	assert_int_equal(b->slot, 1);
	assert_int_equal(b->family, IMAGE_IPV6);
	assert_int_equal(b->version, 3);
	assert_int_equal(b->priority, 100);
	assert_int_equal(b->auth, IMAGE_AUTH_NONE);
	assert_int_equal(b->flags, IMAGE_ROUTER_PREEMPT | IMAGE_ROUTER_ACCEPT);
	assert_int_equal(b->preempt_delay, 9000000000ull);
	assert_int_equal(b->interval, 250000000ull);
	assert_int_equal(b->commands.count, 0);
	image_close(image);
	config_free(config);
}

static void test_address_fields(void **state)
{
	static const uint8_t expected[16] = {0xfe, 0x80, [15] = 1};
	struct config *config = lab_config(ROUTER_A ROUTER_B);
	struct image *image = whole(config);
	const struct image_router *a = lab_router(image, "A"), *b = lab_router(image, "B");
	const struct image_address *first = &image_addresses(image)[a->addresses.first];
	const struct image_address *second = first + 1;

	assert_int_equal(a->addresses.count, 2);
	assert_int_equal(first->family, IMAGE_IPV4);
	assert_int_equal(first->prefix_length, 24);
	assert_int_equal(first->scope, RT_SCOPE_LINK);
	assert_string_equal(first->interface, "eth1");
	assert_string_equal(first->label, "eth1:v");
	assert_memory_equal(first->address, "\xc0\x00\x02\x01", 4);
	assert_int_equal(first->flags, IMAGE_ADDRESS_BROADCAST);
	assert_memory_equal(first->broadcast, "\xc0\x00\x02\xff", 4);
	assert_int_equal(second->prefix_length, 32);
	assert_string_equal(second->interface, "eth0");
	assert_string_equal(second->label, "");
	assert_int_equal(second->flags, 0);
	first = &image_addresses(image)[b->addresses.first];
	assert_int_equal(b->addresses.count, 2);
	assert_int_equal(first->family, IMAGE_IPV6);
	assert_memory_equal(first->address, expected, 16);
	image_close(image);
	config_free(config);
}

static void test_track_fields(void **state)
{
	struct config *config = lab_config(ROUTER_A);
	struct image *image = whole(config);
	const struct image_router *a = lab_router(image, "A");
	const struct image_track *track = &image_tracks(image)[a->tracks.first];

	/* the last one because an address is on it */
	assert_int_equal(a->tracks.count, 3);
	assert_string_equal(track[2].interface, "eth1");
	assert_int_equal(track[2].weight, 0);
	assert_string_equal(track[0].interface, "eth2");
	assert_int_equal(track[0].weight, -20);
	assert_int_equal(track[0].reverse, 1);
	assert_int_equal(track[1].reverse, 0);
	assert_string_equal(track[1].interface, "eth3");
	assert_int_equal(track[1].weight, 0);
	image_close(image);
	config_free(config);
}

static void assert_arguments(
	const struct image *image, const struct image_command *command, const char *expected)
{
	char joined[256] = "";
	uint32_t offset = command->arguments;

	for (uint32_t i = 0; i < command->argument_count; i++) {
		const char *argument = image_string(image, offset);

		snprintf(
			joined + strlen(joined), sizeof(joined) - strlen(joined), "[%s]", argument);
		offset += (uint32_t)strlen(argument) + 1;
	}
	assert_string_equal(joined, expected);
}

static void test_commands(void **state)
{
	static const struct {
		unsigned occasion;
		uint8_t flags;
		const char *arguments;
	} expected[] = {
		{VRRP_STATE_ACTIVE, 0, "[/bin/m][one word][two]"},
		{VRRP_STATE_INITIALIZE, 0, "[/bin/s]"},
		{VRRP_STATE_INITIALIZE, IMAGE_COMMAND_PRIORITY, "[/bin/n][INSTANCE][A][STOP]"},
		{VRRP_STATE_BACKUP, IMAGE_COMMAND_PRIORITY, "[/bin/n][INSTANCE][A][BACKUP]"},
		{VRRP_STATE_ACTIVE, IMAGE_COMMAND_PRIORITY, "[/bin/n][INSTANCE][A][MASTER]"},
		{VRRP_STATE_FAULT, IMAGE_COMMAND_PRIORITY, "[/bin/n][INSTANCE][A][FAULT]"},
		{IMAGE_ON_GONE, IMAGE_COMMAND_PRIORITY, "[/bin/n][INSTANCE][A][FAULT]"},
	};
	struct config *config = lab_config("global_defs {\n script_user nobody root\n}\n" ROUTER_A);
	struct image *image = whole(config);
	const struct image_router *a = lab_router(image, "A");
	const struct image_command *command = &image_commands(image)[a->commands.first];

	assert_int_equal(a->commands.count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < a->commands.count; i++, command++) {
		bool own_user = i == 1;

		assert_int_equal(command->occasion, expected[i].occasion);
		assert_int_equal(command->flags, expected[i].flags);
		assert_arguments(image, command, expected[i].arguments);
		assert_int_equal(command->uid,
			own_user ? getpwnam("daemon")->pw_uid : getpwnam("nobody")->pw_uid);
		assert_int_equal(command->gid, own_user ? getpwnam("daemon")->pw_gid : 0);
	}
	image_close(image);
	config_free(config);
}

static void test_script_user_by_default(void **state)
{
	struct config *config = lab_config(ROUTER_A);
	const struct passwd *keepalived = getpwnam("keepalived_script");
	struct script_user user = {12, 12};
	struct accounts accounts = {0};

	assert_int_equal(script_user_resolve(&accounts, &config->globals, NULL, &user), 0);
	assert_int_equal(user.uid, keepalived ? keepalived->pw_uid : 0);
	assert_int_equal(user.gid, keepalived ? keepalived->pw_gid : 0);
	config_free(config);
}

static void test_unknown_users_are_errors(void **state)
{
	static const char text[] = "global_defs {\n script_user nobody no-such-group\n}\n"
				   "vrrp_instance A {\n interface eth0\n virtual_router_id 51\n"
				   " virtual_ipaddress {\n 192.0.2.1\n }\n"
				   " notify_backup /bin/m no-such-user\n}\n";
	struct conf_diagnostics diagnostics = {0};
	char *folder = lab_folder(), *path = lab_path(folder, "vrrp-agent.conf");
	struct config *config = lab_config(text);
	struct slots *slots = plan(NULL, config);

	lab_write(path, text);
	assert_int_equal(candidate_test(path, NULL, &diagnostics), CONF_REFUSED);
	assert_int_equal(diagnostics.errors, 2);
	assert_non_null(strstr(diagnostics.items[0].message, "'no-such-group'"));
	assert_int_equal(diagnostics.items[0].line, 2);
	assert_non_null(strstr(diagnostics.items[1].message, "'no-such-user'"));
	assert_int_equal(diagnostics.items[1].line, 10);
	assert_int_equal(image_build_whole(config, slots, 1), -ENOENT);
	conf_diagnostics_clear(&diagnostics);
	slots_free(slots);
	config_free(config);
	free(path);
	lab_remove(folder);
}

static void test_header(void **state)
{
	struct config *config = lab_config(
		"global_defs {\n enable_traps\n vrrp_mcast_group4 224.0.38.12\n}\n" ROUTER_A);
	struct slots *slots = plan(NULL, config);
	struct image *image = open_image(image_build_whole(config, slots, 77));
	static const uint8_t group6[16] = {0xff, 0x02, [15] = 0x12};

	assert_int_equal(image_header(image)->generation, 77);
	assert_int_equal(image_header(image)->base_generation, 0);
	assert_int_equal(image_header(image)->flags, IMAGE_TRAPS | IMAGE_SNMP_RFCV3);
	assert_memory_equal(image_header(image)->group4, "\xe0\x00\x26\x0c", 4);
	assert_memory_equal(image_header(image)->group6, group6, 16);
	image_close(image);
	slots_free(slots);
	config_free(config);
}

static void test_empty_configuration(void **state)
{
	struct config *config = config_new();
	struct image *image = whole(config);

	assert_int_equal(image_header(image)->routers.count, 0);
	image_close(image);
	config_free(config);
}

static void test_delta_holds_what_changed_by_slot(void **state)
{
	struct config *config = lab_config(ROUTER("A", "1") ROUTER("B", "2") ROUTER("C", "3"));
	struct slots *slots = plan(NULL, config);
	struct image_changes changes = {
		.changed = {config_find_name(config, "C"), config_find_name(config, "A")},
		.changed_count = 2,
		.removed = {9, 4},
		.removed_count = 2,
	};
	struct image *image = open_image(image_build_delta(config, slots, 9, 7, &changes));

	assert_int_equal(image_header(image)->generation, 9);
	assert_int_equal(image_header(image)->base_generation, 7);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(image_routers(image)[0].slot, 0);
	assert_int_equal(image_routers(image)[1].slot, 2);
	assert_int_equal(image_header(image)->addresses.count, 2);
	assert_int_equal(image_header(image)->removed.count, 2);
	assert_int_equal(image_removed(image)[0], 4);
	assert_int_equal(image_removed(image)[1], 9);
	image_close(image);
	slots_free(slots);
	config_free(config);
}

static void test_router_without_slot_is_no_image(void **state)
{
	struct config *one = lab_config(ROUTER("A", "1"));
	struct config *two = lab_config(ROUTER("A", "1") ROUTER("B", "2"));
	struct slots *slots = plan(NULL, one);
	struct image_changes changes = {
		.changed = {config_find_name(two, "B")}, .changed_count = 1};

	assert_int_equal(image_build_whole(two, slots, 1), -EINVAL);
	assert_int_equal(image_build_delta(two, slots, 2, 1, &changes), -EINVAL);
	slots_free(slots);
	config_free(one);
	config_free(two);
}

/* Whoever says it, and each with its line. */
static void test_diagnostics_in_order(void **state)
{
	static const char text[] = "vrrp_instance A {\n interface eth0\n virtual_router_id 51\n"
				   " notify_master /nowhere/one nobody\n"
				   " virtual_ipaddress {\n 192.0.2.1 dev away1\n }\n"
				   " notify_backup /nowhere/two nobody\n}\n"
				   "vrrp_instance B {\n interface eth0\n virtual_router_id 52\n"
				   " virtual_ipaddress {\n 192.0.2.2 dev away1\n }\n}\n";
	struct conf_diagnostics diagnostics = {0};
	char *folder = lab_folder(), *path = lab_path(folder, "vrrp-agent.conf");

	lab_write(path, text);
	assert_int_equal(candidate_test(path, NULL, &diagnostics), CONF_USABLE);
	conf_diagnostics_print(&diagnostics, stdout);
	assert_true(diagnostics.count > 2);
	for (size_t i = 0; i < diagnostics.count; i++)
		assert_non_null(diagnostics.items[i].text);
	for (size_t i = 1; i < diagnostics.count; i++)
		assert_true(diagnostics.items[i].line >= diagnostics.items[i - 1].line);
	conf_diagnostics_clear(&diagnostics);
	free(path);
	lab_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_router_keeps_its_slot),
		cmocka_unit_test(test_a_group_keeps_its_slot),
		cmocka_unit_test(test_families_are_different_routers),
		cmocka_unit_test(test_as_many_routers_as_there_are_slots),
		cmocka_unit_test(test_slots_are_recovered_from_the_board),
		cmocka_unit_test(test_router_fields),
		cmocka_unit_test(test_address_fields),
		cmocka_unit_test(test_track_fields),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_script_user_by_default),
		cmocka_unit_test(test_unknown_users_are_errors),
		cmocka_unit_test(test_diagnostics_in_order),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_empty_configuration),
		cmocka_unit_test(test_delta_holds_what_changed_by_slot),
		cmocka_unit_test(test_router_without_slot_is_no_image),
	};

	return cmocka_run_group_tests_name("image builder", tests, NULL, NULL);
}
