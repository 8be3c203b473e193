/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/conf/model.h"

#define INSTANCES 1000

static struct instance *add(
	struct config *config, const char *name, const char *interface, uint8_t vrid)
{
	struct instance *instance = config_add_instance(config, name);

	assert_non_null(instance);
	instance->interface = config_string(config, interface, strlen(interface));
	instance->vrid = vrid;
	instance->family = AF_INET;
	return instance;
}

static struct config *make(void)
{
	struct config *config = config_new();
	char name[16], interface[16];

	assert_non_null(config);
	for (int i = 0; i < INSTANCES; i++) {
		snprintf(name, sizeof(name), "VI_%d", i);
		snprintf(interface, sizeof(interface), "eth%d", i / 250);
		add(config, name, interface, (uint8_t)(i % 250 + 1));
	}
	assert_int_equal(config_reindex(config), 0);
	return config;
}

static void test_defaults(void **state)
{
	struct config *config = config_new();
	struct instance *instance = config_add_instance(config, "a");

	assert_int_equal(config->globals.vrrp_version, 2);
	assert_true(config->globals.snmp_rfcv3);
	assert_int_equal(instance->priority, 100);
	assert_int_equal(instance->interval_ns, 1000000000ull);
	assert_int_equal(instance->version, 2);
	assert_true(instance->preempt);
	assert_int_equal(instance->garp.delay_ns, 5000000000ull);
	assert_int_equal(instance->garp.repeat, 5);
	assert_null(config_add_instance(config, "a"));
	assert_null(config_free(config));
	assert_null(config_free(NULL));
}

static void test_look_up(void **state)
{
	struct config *config = make();
	struct instance *instance;
	char name[16];

	for (int i = 0; i < INSTANCES; i++) {
		snprintf(name, sizeof(name), "VI_%d", i);
		instance = config->instances[i];
		assert_ptr_equal(config_find_name(config, name), instance);
		assert_ptr_equal(
			config_find_identity(config, instance->interface, AF_INET, instance->vrid),
			instance);
	}
	assert_null(config_find_name(config, "VI_1000"));
	assert_null(config_find_identity(config, "eth0", AF_INET6, 1));
	assert_null(config_find_identity(config, "eth9", AF_INET, 1));
	config_free(config);
}

static void test_remove(void **state)
{
	struct config *config = make();
	struct instance *second = config->instances[1];

	assert_int_equal(config_remove_instance(config, second), 0);
	assert_int_equal(config_remove_instance(config, second), -ENOENT);
	assert_int_equal(config->instance_count, INSTANCES - 1);
	assert_null(config_find_name(config, "VI_1"));
	assert_null(config_find_identity(config, "eth0", AF_INET, 2));
	assert_string_equal(config->instances[1]->name, "VI_2");
	assert_ptr_equal(config_find_name(config, "VI_2"), config->instances[1]);
	config_free(config);
}

static void fill(struct config *config, struct instance *instance)
{
	static const char *const words[] = {"/bin/a", "b c", NULL};
	struct virtual_address *address = config_alloc(config, sizeof(*address));
	struct tracked_interface *tracked = config_alloc(config, sizeof(*tracked));
	const char **argv = config_alloc(config, sizeof(words));

	assert_true(address && tracked && argv);
	address->address.family = AF_INET;
	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &address->address.v4), 1);
	address->label = "eth0:1";
	address->device = "eth1";
	instance->addresses = (struct address_list){address, 1};
	tracked->name = "eth2";
	tracked->weight = -3;
	instance->track_interfaces = (struct tracked_interface_list){tracked, 1};
	memcpy(argv, words, sizeof(words));
	instance->notify_master = (struct notify_script){argv, 2, "user", "group", false};
	instance->origins[INSTANCE_PRIORITY] =
		(struct origin){.file = "file", .line = 3, .column = 4, .kind = ORIGIN_FILE};
}

static void test_copy(void **state)
{
	struct config *config = make(), *copy;
	struct instance *instance = config->instances[7], *other;

	fill(config, instance);
	config->globals.router_id = "node";
	copy = config_copy(config);
	assert_non_null(copy);
	assert_true(config_equal(config, copy));
	other = config_find_name(copy, "VI_7");
	assert_ptr_not_equal(other, instance);
	assert_ptr_not_equal(other->addresses.items, instance->addresses.items);
	assert_string_equal(other->origins[INSTANCE_PRIORITY].file, "file");
	assert_ptr_equal(config_find_identity(copy, "eth0", AF_INET, 8), other);

	/* each of these is noticed */
	other->addresses.items[0].label = "eth0:2";
	assert_false(config_equal(config, copy));
	other->addresses.items[0].label = "eth0:1";
	assert_true(config_equal(config, copy));
	other->track_interfaces.items[0].weight = 3;
	assert_false(config_equal(config, copy));
	other->track_interfaces.items[0].weight = -3;
	other->notify_master.argv[1] = "b";
	assert_false(config_equal(config, copy));
	other->notify_master.argv[1] = "b c";
	other->priority = 1;
	assert_false(config_equal(config, copy));
	other->priority = 100;
	copy->globals.router_id = NULL;
	assert_false(config_equal(config, copy));
	config_free(copy);

	/* the copy stood on its own: the original is whole */
	assert_string_equal(instance->addresses.items[0].label, "eth0:1");
	config_free(config);
}

static void test_resolve(void **state)
{
	struct config *config = config_new();
	struct instance *instance = add(config, "a", "eth0", 1);

	config->globals.vrrp_version = 3;
	config->globals.garp.repeat = 2;
	config->globals.garp.delay_ns = 7;
	config->globals.origins[GLOBAL_GARP_REPEAT].kind = ORIGIN_FILE;
	config->globals.origins[GLOBAL_GARP_DELAY].kind = ORIGIN_FILE;
	instance->garp.delay_ns = 9;
	instance->origins[INSTANCE_GARP_DELAY].kind = ORIGIN_FILE;
	config_resolve(config);
	assert_int_equal(instance->version, 3);
	assert_int_equal(instance->garp.repeat, 2);
	assert_int_equal(instance->garp.delay_ns, 9);
	assert_int_equal(instance->garp.lower_delay_ns, 7);
	assert_int_equal(instance->garp.lower_repeat, 2);

	config->globals.vrrp_version = 2;
	config_resolve(config);
	assert_int_equal(instance->version, 2);
	fill(config, instance);
	instance->addresses.items[0].address.family = AF_INET6;
	config_resolve(config);
	assert_int_equal(instance->family, AF_INET6);
	assert_int_equal(instance->version, 3);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_look_up),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
