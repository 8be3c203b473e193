/* SPDX-License-Identifier: ISC */
/* What a SET may ask for, done to a model: rows, values and addresses. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "agent/conf/dump.h"
#include "agent/core/edit/edit.h"
#include "agent/core/edit/rowstatus.h"
#include "agent/core/overlay.h"
#include "lib/image.h"
#include "tests/unit/core-lab.h"

#define ACTIVE	ROW_SET_ACTIVE
#define OUT	ROW_SET_NOT_IN_SERVICE
#define GO	ROW_CREATE_AND_GO
#define WAIT	ROW_CREATE_AND_WAIT
#define DESTROY ROW_DESTROY
#define FILE_ROUTERS                                                                           \
	"vrrp_instance UP {\n interface eth0\n virtual_router_id 1\n"                          \
	" virtual_ipaddress {\n 192.0.2.1\n 192.0.2.2/24 dev eth9 admin_state down\n }\n}\n"   \
	"vrrp_instance DOWN {\n interface eth0\n virtual_router_id 2\n admin_state down\n"     \
	" virtual_ipaddress {\n 192.0.2.3\n }\n}\n"                                            \
	"vrrp_instance EMPTY {\n interface eth0\n virtual_router_id 3\n admin_state down\n}\n" \
	"vrrp_instance OWNER {\n interface eth0\n virtual_router_id 4\n priority 255\n"        \
	" virtual_ipaddress {\n 192.0.2.4\n }\n}\n"

static struct message_set set;

static struct message_change *begin(uint8_t vrid, enum message_attribute attribute, int64_t value)
{
	struct message_change *change = &set.changes[set.count++];

	*change = (struct message_change){.interface = "eth0",
		.family = IMAGE_IPV4,
		.vrid = vrid,
		.attribute = attribute,
		.value = value};
	return change;
}

static void add_row(uint8_t vrid, int64_t status)
{
	begin(vrid, ATTRIBUTE_ROW_STATUS, status);
}

static void add_address(uint8_t vrid, const char *address, int64_t status)
{
	struct message_change *change = begin(vrid, ATTRIBUTE_ADDRESS_STATUS, status);

	assert_int_equal(inet_pton(AF_INET, address, change->address), 1);
}

/* Does the set to the file's routers; the result is the caller's, NULL if it was refused. */
static struct config *apply(struct refusal *refusal)
{
	struct config *config = lab_config(FILE_ROUTERS);

	*refusal = (struct refusal){0};
	if (!edit_apply(config, &set, NULL, refusal))
		config = config_free(config);
	assert_int_equal(config == NULL, refusal->error != MESSAGE_OK);
	assert_int_equal(config == NULL, refusal->text[0] != '\0');
	set.count = 0;
	return config;
}

static enum message_error outcome(void)
{
	struct refusal refusal;

	config_free(apply(&refusal));
	return refusal.error;
}

/* Each request of each state of a virtual router: 9 is one that the file does not have. */
static void test_row_status_of_routers(void **state)
{
	static const struct {
		int64_t request;
		enum message_error absent, not_ready, not_in_service, active;
	} rows[] = {
		{GO, MESSAGE_INCONSISTENT, MESSAGE_INCONSISTENT, MESSAGE_INCONSISTENT,
			MESSAGE_INCONSISTENT},
		{WAIT, MESSAGE_OK, MESSAGE_INCONSISTENT, MESSAGE_INCONSISTENT,
			MESSAGE_INCONSISTENT},
		{ACTIVE, MESSAGE_INCONSISTENT, MESSAGE_INCONSISTENT, MESSAGE_OK, MESSAGE_OK},
		{OUT, MESSAGE_INCONSISTENT, MESSAGE_INCONSISTENT, MESSAGE_OK, MESSAGE_OK},
		{DESTROY, MESSAGE_OK, MESSAGE_OK, MESSAGE_OK, MESSAGE_OK},
		{0, MESSAGE_WRONG_VALUE, MESSAGE_WRONG_VALUE, MESSAGE_WRONG_VALUE,
			MESSAGE_WRONG_VALUE},
		{3, MESSAGE_WRONG_VALUE, MESSAGE_WRONG_VALUE, MESSAGE_WRONG_VALUE,
			MESSAGE_WRONG_VALUE},
		{7, MESSAGE_WRONG_VALUE, MESSAGE_WRONG_VALUE, MESSAGE_WRONG_VALUE,
			MESSAGE_WRONG_VALUE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		add_row(9, rows[i].request);
		assert_int_equal(outcome(), rows[i].absent);
		add_row(3, rows[i].request);
		assert_int_equal(outcome(), rows[i].not_ready);
		add_row(2, rows[i].request);
		assert_int_equal(outcome(), rows[i].not_in_service);
		add_row(1, rows[i].request);
		assert_int_equal(outcome(), rows[i].active);
	}
}

static void test_row_status_of_addresses(void **state)
{
	static const struct {
		int64_t request;
		enum message_error absent, not_in_service, active;
	} rows[] = {
		{GO, MESSAGE_OK, MESSAGE_INCONSISTENT, MESSAGE_INCONSISTENT},
		{WAIT, MESSAGE_OK, MESSAGE_INCONSISTENT, MESSAGE_INCONSISTENT},
		{ACTIVE, MESSAGE_INCONSISTENT, MESSAGE_OK, MESSAGE_OK},
		{OUT, MESSAGE_INCONSISTENT, MESSAGE_OK, MESSAGE_INCONSISTENT}, /* its last */
		{DESTROY, MESSAGE_OK, MESSAGE_OK, MESSAGE_INCONSISTENT},       /* its last */
		{3, MESSAGE_WRONG_VALUE, MESSAGE_WRONG_VALUE, MESSAGE_WRONG_VALUE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		add_address(1, "192.0.2.9", rows[i].request);
		assert_int_equal(outcome(), rows[i].absent);
		add_address(1, "192.0.2.2", rows[i].request);
		assert_int_equal(outcome(), rows[i].not_in_service);
		add_address(1, "192.0.2.1", rows[i].request);
		assert_int_equal(outcome(), rows[i].active);
	}
	add_address(9, "192.0.2.9", GO);
	assert_int_equal(outcome(), MESSAGE_NO_ROUTER);
	add_address(9, "192.0.2.9", OUT);
	assert_int_equal(outcome(), MESSAGE_INCONSISTENT);
	add_address(9, "192.0.2.9", DESTROY);
	assert_int_equal(outcome(), MESSAGE_OK);
}

/* The order of the changes in one set does not matter. */
static void test_a_router_in_one_set(void **state)
{
	struct refusal refusal;

	for (int backwards = 0; backwards < 2; backwards++) {
		struct message_change last;
		const struct instance *made;
		struct config *config;

		add_row(9, GO);
		begin(9, ATTRIBUTE_PRIORITY, 150);
		begin(9, ATTRIBUTE_INTERVAL, 25);
		begin(9, ATTRIBUTE_PREEMPT, 0);
		add_address(9, "192.0.2.9", GO);
		add_address(9, "192.0.2.10", WAIT);
		for (uint32_t i = 0; backwards && i < set.count / 2; i++) {
			last = set.changes[i];
			set.changes[i] = set.changes[set.count - 1 - i];
			set.changes[set.count - 1 - i] = last;
		}
		config = apply(&refusal);
		assert_non_null(config);
		made = config_find_name(config, "snmp-eth0-9-4");
		assert_non_null(made);
		assert_ptr_equal(config_find_identity(config, "eth0", AF_INET, 9), made);
		assert_int_equal(made->priority, 150);
		assert_int_equal(made->interval_ns, 250000000);
		assert_int_equal(made->version, 3);
		assert_false(made->preempt);
		assert_int_equal(made->admin_state, ADMIN_UP);
		assert_int_equal(made->addresses.count, 2);
		assert_int_equal(instance_active_addresses(made), 1);
		config_free(config);
	}
}

static void test_an_ipv6_router_without_addresses(void **state)
{
	struct refusal refusal;
	struct config *config;
	const struct instance *made;

	begin(9, ATTRIBUTE_ROW_STATUS, WAIT)->family = IMAGE_IPV6;
	config = apply(&refusal);
	assert_non_null(config);
	made = config_find_identity(config, "eth0", AF_INET6, 9);
	assert_non_null(made);
	assert_string_equal(made->name, "snmp-eth0-9-6");
	assert_int_equal(made->admin_state, ADMIN_DOWN);
	config_free(config);
}

static void test_the_last_address_may_be_exchanged(void **state)
{
	struct refusal refusal;
	struct config *config;
	const struct instance *router;

	add_address(1, "192.0.2.1", DESTROY);
	add_address(1, "192.0.2.9", GO);
	config = apply(&refusal);
	assert_non_null(config);
	router = config_find_name(config, "UP");
	assert_int_equal(router->addresses.count, 2);
	/* the one that stays keeps all that was written of it */
	assert_string_equal(router->addresses.items[0].device, "eth9");
	assert_int_equal(router->addresses.items[0].prefix_length, 24);
	assert_int_equal(router->addresses.items[1].prefix_length, 32);
	config_free(config);
}

static void test_completed_and_activated_in_one_set(void **state)
{
	add_row(3, ACTIVE);
	add_address(3, "192.0.2.9", GO);
	assert_int_equal(outcome(), MESSAGE_OK);
	add_row(3, ACTIVE);
	add_address(3, "192.0.2.9", WAIT);
	assert_int_equal(outcome(), MESSAGE_INCONSISTENT);
	add_row(1, OUT);
	add_address(1, "192.0.2.1", DESTROY);
	assert_int_equal(outcome(), MESSAGE_OK);
}

/* The error names the change to blame, wherever it stands. */
static void test_the_change_to_blame(void **state)
{
	struct refusal refusal;

	for (uint32_t at = 0; at < 5; at++) {
		for (uint32_t i = 0; i < 5; i++) {
			if (i == at)
				begin(9, ATTRIBUTE_PRIORITY, 100);
			else
				begin(1, ATTRIBUTE_PRIORITY, 100 + i);
		}
		assert_null(apply(&refusal));
		assert_int_equal(refusal.error, MESSAGE_NO_ROUTER);
		assert_int_equal(refusal.index, at);
	}
	begin(1, ATTRIBUTE_PRIORITY, 120);
	begin(1, ATTRIBUTE_INTERVAL, 50); /* version 2 has whole seconds */
	begin(2, ATTRIBUTE_PRIORITY, 130);
	assert_null(apply(&refusal));
	assert_int_equal(refusal.error, MESSAGE_INCONSISTENT);
	assert_int_equal(refusal.index, 1);
	begin(1, ATTRIBUTE_PRIORITY, 120);
	add_address(1, "192.0.2.9", GO);
	add_address(2, "224.0.0.9", GO);
	assert_null(apply(&refusal));
	assert_int_equal(refusal.error, MESSAGE_INCONSISTENT);
	assert_int_equal(refusal.index, 2);
	begin(4, ATTRIBUTE_PREEMPT, 0);
	begin(4, ATTRIBUTE_PRIORITY, 100);
	assert_null(apply(&refusal));
	assert_int_equal(refusal.error, MESSAGE_READ_ONLY);
	assert_int_equal(refusal.index, 1);
	add_row(1, ACTIVE);
	add_row(1, OUT);
	assert_null(apply(&refusal));
	assert_int_equal(refusal.error, MESSAGE_INCONSISTENT);
	assert_int_equal(refusal.index, 1);
	add_row(1, DESTROY);
	begin(1, ATTRIBUTE_PRIORITY, 7);
	assert_null(apply(&refusal));
	assert_int_equal(refusal.error, MESSAGE_INCONSISTENT);
	assert_int_equal(refusal.index, 1);
}

static void test_ranges(void **state)
{
	static const struct {
		enum message_attribute attribute;
		int64_t value;
		enum message_error error;
	} cases[] = {
		{ATTRIBUTE_PRIORITY, 0, MESSAGE_WRONG_VALUE},
		{ATTRIBUTE_PRIORITY, 1, MESSAGE_OK},
		{ATTRIBUTE_PRIORITY, 254, MESSAGE_OK},
		{ATTRIBUTE_PRIORITY, 255, MESSAGE_WRONG_VALUE},
		{ATTRIBUTE_PRIORITY, 256, MESSAGE_WRONG_VALUE},
		{ATTRIBUTE_INTERVAL, 0, MESSAGE_WRONG_VALUE},
		{ATTRIBUTE_INTERVAL, 100, MESSAGE_OK},
		{ATTRIBUTE_INTERVAL, 150, MESSAGE_INCONSISTENT},
		{ATTRIBUTE_INTERVAL, 4096, MESSAGE_WRONG_VALUE},
		{ATTRIBUTE_PREEMPT, 2, MESSAGE_WRONG_VALUE},
		{ATTRIBUTE_PREEMPT, 1, MESSAGE_OK},
		{ATTRIBUTE_ACCEPT, -1, MESSAGE_WRONG_VALUE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(1, cases[i].attribute, cases[i].value);
		assert_int_equal(outcome(), cases[i].error);
	}
}

static char *stored(const struct config *config)
{
	const struct overlay_aside none = {0};
	size_t length;
	char *text;

	assert_int_equal(overlay_render(config, &none, &text, &length), 0);
	return text;
}

/* What the store would hold brings the file to the same model. */
static void test_the_overlay_says_the_same(void **state)
{
	struct conf_diagnostics diagnostics = {0};
	struct overlay_aside aside;
	struct refusal refusal;
	struct config *config, *again;
	char *text;

	add_row(1, DESTROY);
	add_row(2, ACTIVE);
	begin(2, ATTRIBUTE_PREEMPT, 0);
	add_address(2, "192.0.2.7", WAIT);
	add_row(9, GO);
	add_address(9, "192.0.2.1", GO);
	config = apply(&refusal);
	assert_non_null(config);
	assert_null(config_find_name(config, "UP"));
	text = stored(config);
	again = lab_config(FILE_ROUTERS);
	assert_int_equal(
		overlay_apply(again, "overlay", text, strlen(text), &aside, &diagnostics), 0);
	assert_true(config_equal(config, again));
	assert_null(aside.names);
	config_free(again);
	free(text);
	/* a router that SNMP made leaves nothing behind */
	add_row(9, DESTROY);
	assert_true(edit_apply(config, &set, NULL, &refusal));
	set.count = 0;
	text = stored(config);
	assert_null(strstr(text, "snmp-"));
	assert_non_null(strstr(text, "vrrp_instance UP {\n    destroyed\n}\n"));
	free(text);
	config_free(config);
	conf_diagnostics_clear(&diagnostics);
}

/* The file has the router by now that SNMP had made: the file's holds, the other waits. */
static void test_the_file_wins_an_identity(void **state)
{
	static const char made[] = "vrrp_instance snmp-eth0-1-4 {\n    interface eth0\n"
				   "    virtual_router_id 1\n    version 3\n"
				   "    virtual_ipaddress {\n"
				   "        192.0.2.77/32\n    }\n}\n";
	static const char tombstone[] = "vrrp_instance UP {\n    destroyed\n}\n";
	struct conf_diagnostics diagnostics = {0};
	struct config *config = lab_config(FILE_ROUTERS);
	struct overlay_aside aside;
	char both[sizeof(made) + sizeof(tombstone)];

	assert_int_equal(
		overlay_apply(config, "overlay", made, strlen(made), &aside, &diagnostics), 0);
	assert_string_equal(aside.names, "snmp-eth0-1-4");
	assert_string_equal(aside.text, made);
	assert_string_equal(config_find_identity(config, "eth0", AF_INET, 1)->name, "UP");
	overlay_aside_clear(&aside);
	config_free(config);

	snprintf(both, sizeof(both), "%s%s", made, tombstone);
	config = lab_config(FILE_ROUTERS);
	assert_int_equal(
		overlay_apply(config, "overlay", both, strlen(both), &aside, &diagnostics), 0);
	assert_null(aside.names);
	assert_string_equal(
		config_find_identity(config, "eth0", AF_INET, 1)->name, "snmp-eth0-1-4");
	config_free(config);
	conf_diagnostics_clear(&diagnostics);
}

/* The file calls another router as management would call this one. */
static void test_the_file_wins_a_name(void **state)
{
	static const char file[] =
		"vrrp_instance snmp-eth0-1-4 {\n interface eth0\n"
		" virtual_router_id 2\n virtual_ipaddress {\n 192.0.2.1\n }\n}\n";
	static const char made[] = "vrrp_instance snmp-eth0-1-4 {\n    interface eth0\n"
				   "    virtual_router_id 1\n    version 3\n"
				   "    virtual_ipaddress {\n        192.0.2.77/32\n    }\n}\n";
	struct conf_diagnostics diagnostics = {0};
	struct config *config = lab_config(file);
	struct overlay_aside aside;
	struct refusal refusal;

	assert_int_equal(
		overlay_apply(config, "overlay", made, strlen(made), &aside, &diagnostics), 0);
	assert_string_equal(aside.text, made);
	assert_int_equal(config_find_name(config, "snmp-eth0-1-4")->vrid, 2);
	overlay_aside_clear(&aside);
	set.count = 0;
	add_row(1, GO);
	add_address(1, "192.0.2.9", GO);
	assert_false(edit_apply(config, &set, NULL, &refusal));
	assert_int_equal(refusal.error, MESSAGE_INCONSISTENT);
	assert_int_equal(refusal.index, 0);
	set.count = 0;
	config_free(config);
	conf_diagnostics_clear(&diagnostics);
}

/* What management changed of the file's router does not make one when that is gone. */
static void test_another_interface_makes_no_router(void **state)
{
	static const char moved[] = "vrrp_instance GONE {\n    interface eth1\n"
				    "    virtual_router_id 9\n}\n";
	struct conf_diagnostics diagnostics = {0};
	struct config *config = lab_config(FILE_ROUTERS);
	struct overlay_aside aside;

	assert_int_equal(
		overlay_apply(config, "overlay", moved, strlen(moved), &aside, &diagnostics), 0);
	assert_string_equal(aside.text, moved);
	assert_null(config_find_name(config, "GONE"));
	overlay_aside_clear(&aside);
	config_free(config);
	conf_diagnostics_clear(&diagnostics);
}

static void test_a_refusal_is_cut_between_characters(void **state)
{
	struct refusal refusal;
	char text[2 * sizeof(refusal.text)];

	for (size_t before = 0; before < 4; before++) {
		memset(text, 'x', before);
		text[before] = '\0';
		while (strlen(text) + 4 < sizeof(text))
			strcat(text, "\u20ac");
		refuse(&refusal, MESSAGE_BUSY, 0, "%s", text);
		assert_int_equal((strlen(refusal.text) - before) % strlen("\u20ac"), 0);
		assert_true(strlen(refusal.text) + 2 * strlen("\u20ac") > sizeof(refusal.text));
	}
}

/* Whatever the interface is called: its name can neither end its line nor add to it. */
static void test_the_name_of_an_interface_is_one_word(void **state)
{
	static const char *const names[] = {"a#b", "a!", "}", "$x", "a\"b", "~SEQ(x,1,2)"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct refusal refusal;
		struct config *config;
		const struct instance *instance;

		add_row(9, WAIT);
		snprintf(
			set.changes[0].interface, sizeof(set.changes[0].interface), "%s", names[i]);
		config = apply(&refusal);
		assert_non_null(config);
		instance = config_find_identity(config, names[i], AF_INET, 9);
		assert_non_null(instance);
		assert_string_equal(instance->interface, names[i]);
		assert_null(instance->notify.argv);
		config_free(config);
	}
	add_row(9, WAIT);
	strcpy(set.changes[0].interface, "a\nnotify /x");
	assert_int_equal(outcome(), MESSAGE_INCONSISTENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_name_of_an_interface_is_one_word),
		cmocka_unit_test(test_row_status_of_routers),
		cmocka_unit_test(test_row_status_of_addresses),
		cmocka_unit_test(test_a_router_in_one_set),
		cmocka_unit_test(test_an_ipv6_router_without_addresses),
		cmocka_unit_test(test_the_last_address_may_be_exchanged),
		cmocka_unit_test(test_completed_and_activated_in_one_set),
		cmocka_unit_test(test_the_change_to_blame),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_the_overlay_says_the_same),
		cmocka_unit_test(test_the_file_wins_an_identity),
		cmocka_unit_test(test_the_file_wins_a_name),
		cmocka_unit_test(test_another_interface_makes_no_router),
		cmocka_unit_test(test_a_refusal_is_cut_between_characters),
	};

	return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
