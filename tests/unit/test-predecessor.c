/* SPDX-License-Identifier: ISC */
/* What the predecessor left is found by what it is about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vrrp/applier/predecessor.h"

#define INDEX 3

static struct vrrp_address address_of(uint8_t last)
{
	const uint8_t octets[] = {192, 0, 2, last};

	return vrrp_address_make(VRRP_IPV4, octets);
}

static struct journal_record address(uint8_t last, uint8_t prefix_length)
{
	struct journal_record record = {.kind = JOURNAL_ADDRESS,
		.index = INDEX,
		.address = address_of(last),
		.prefix_length = prefix_length};

	strcpy(record.interface, "eth0");
	return record;
}

/* The kernel has both, and so may the journal. */
static void an_address_with_two_prefix_lengths_is_two(void **state)
{
	const struct journal_record records[] = {address(1, 32), address(1, 24), address(2, 24)};
	const struct vrrp_address first = address_of(1), second = address_of(2);
	struct predecessor *predecessor = predecessor_new(records, 3, NULL, 0);

	assert_non_null(predecessor);
	assert_true(predecessor_has_address(predecessor, INDEX, &first, 24));
	assert_true(predecessor_has_address(predecessor, INDEX, &first, 32));
	assert_false(predecessor_has_address(predecessor, INDEX, &first, 25));
	assert_true(predecessor_has_address(predecessor, INDEX, &second, 24));
	assert_false(predecessor_has_address(predecessor, INDEX, &second, 32));
	assert_false(predecessor_has_address(predecessor, INDEX + 1, &first, 24));
	predecessor_free(predecessor);
}

static void each_kind_is_found(void **state)
{
	struct journal_record records[] = {
		{.kind = JOURNAL_SETTING, .index = INDEX, .setting = 8, .value = 2},
		{.kind = JOURNAL_SETTING, .index = INDEX, .setting = 9, .value = 1},
		{.kind = JOURNAL_DEVICE, .index = INDEX},
		{.kind = JOURNAL_ROUTE, .length = 2, .request = {1, 2}},
	};
	struct journal_record route = records[3];
	struct predecessor *predecessor;
	uint32_t value = 0;

	strcpy(records[2].interface, "vrrp.51");
	predecessor = predecessor_new(records, 4, NULL, 0);
	assert_non_null(predecessor);
	assert_true(predecessor_has_setting(predecessor, INDEX, 8, &value));
	assert_int_equal(value, 2);
	assert_false(predecessor_has_setting(predecessor, INDEX, 7, &value));
	assert_true(predecessor_has_device(predecessor, INDEX, "vrrp.51"));
	assert_false(predecessor_has_device(predecessor, INDEX, "vrrp.52"));
	assert_true(predecessor_has_request(predecessor, &route));
	route.request[1] = 3;
	assert_false(predecessor_has_request(predecessor, &route));
	predecessor_free(predecessor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_with_two_prefix_lengths_is_two),
		cmocka_unit_test(each_kind_is_found),
	};

	return cmocka_run_group_tests_name("predecessor", tests, NULL, NULL);
}
