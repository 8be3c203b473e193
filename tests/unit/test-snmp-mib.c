/* SPDX-License-Identifier: ISC */
/* VRRPV3-MIB's tables without a master: GETNEXT visits exactly what GET finds, in OID order. */
#include "agent/snmp/mib.h"
#include "lib/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define ROUTERS 5
#define OBJECTS (11 + 13) /* columns that can be read */
#define SCALARS 4

struct bed {
	struct board *board;
	struct mib mib;
};

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	int fd;

	bed->board = board_create(ROUTERS + 1, sizeof(union status_row), &fd);
	bed->mib = (struct mib){bed->board, index_create(bed->board)};
	for (uint32_t slot = 0; slot < ROUTERS; slot++) {
		union status_row row = {.router = {.used = 1,
						.family = (uint8_t)(1 + slot % 2),
						.vrid = (uint8_t)(10 - slot),
						.priority = (uint8_t)(100 + slot),
						.interface_index = 3 + slot / 2}};

		board_write(bed->board, status_row(slot), &row);
	}
	*state = bed;
	return index_refresh(bed->mib.index, NSEC_PER_SEC);
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	index_free(bed->mib.index);
	board_close(bed->board);
	free(bed);
	return 0;
}

static int compare_names(const struct mib_name *one, const struct mib_name *other)
{
	for (size_t i = 0; i < one->length && i < other->length; i++) {
		if (one->oids[i] != other->oids[i])
			return one->oids[i] < other->oids[i] ? -1 : 1;
	}
	return one->length < other->length ? -1 : one->length > other->length;
}

static void a_walk_visits_everything_in_order(void **state)
{
	struct bed *bed = *state;
	struct mib_name at = {.length = 0};
	size_t visited = 0;

	for (;;) {
		const struct mib_column *column, *got_column;
		struct mib_value value = {0}, got = {0};
		struct mib_source source = {0};
		struct mib_name next;
		enum mib_result result =
			mib_next(&bed->mib, at.oids, at.length, &source, &column, &value, &next);

		if (result == MIB_END)
			break;
		assert_int_equal(result, MIB_FOUND);
		assert_true(compare_names(&at, &next) < 0);
		assert_int_equal(
			mib_get(&bed->mib, next.oids, next.length, &source, &got_column, &got),
			MIB_FOUND);
		assert_ptr_equal(got_column, column);
		assert_memory_equal(&got, &value, sizeof(value));
		at = next;
		visited++;
	}
	assert_int_equal(visited, OBJECTS * ROUTERS + SCALARS);
}

/* Everything there is, in the order of a walk. */
static size_t collect(struct bed *bed, struct mib_name *names, size_t room)
{
	const struct mib_column *column;
	struct mib_source source = {0};
	struct mib_name at = {.length = 0};
	struct mib_value value;
	size_t count = 0;

	while (count < room && mib_next(&bed->mib, at.oids, at.length, &source, &column, &value,
				       &names[count]) == MIB_FOUND)
		at = names[count++];
	return count;
}

/* From any name at all, also an impossible one, the next is the first of all that is greater. */
static void the_next_is_the_nearest(void **state)
{
	static const unsigned long parts[] = {0, 1, 2, 3, 5, 7, 10, 13, 14, 256, 4294967295};
	static struct mib_name names[OBJECTS * ROUTERS + SCALARS];
	struct bed *bed = *state;
	size_t count = collect(bed, names, OBJECTS * ROUTERS + SCALARS);
	unsigned seed = 1;

	for (int turn = 0; turn < 100000; turn++) {
		const struct mib_column *column;
		struct mib_source source = {0};
		struct mib_value value;
		struct mib_name from = names[(size_t)rand_r(&seed) % count];
		struct mib_name next;
		enum mib_result result;
		size_t expected = 0;

		for (size_t i = (size_t)rand_r(&seed) % from.length; i < from.length; i++)
			from.oids[i] = parts[(size_t)rand_r(&seed) % 11];
		from.length -= (size_t)rand_r(&seed) % from.length;
		while (expected < count && compare_names(&names[expected], &from) <= 0)
			expected++;
		result = mib_next(
			&bed->mib, from.oids, from.length, &source, &column, &value, &next);
		assert_int_equal(result, expected == count ? MIB_END : MIB_FOUND);
		if (result == MIB_FOUND)
			assert_int_equal(compare_names(&next, &names[expected]), 0);
	}
}

static enum mib_result get(struct bed *bed, const unsigned long *oids, size_t length)
{
	const struct mib_column *column;
	struct mib_source source = {0};
	struct mib_value value;

	return mib_get(&bed->mib, oids, length, &source, &column, &value);
}

static void what_is_not_there_is_told_apart(void **state)
{
	struct bed *bed = *state;
	const unsigned long here[] = {1, 1, 1, 1, 7, 3, 10, 1};
	const unsigned long absent[] = {1, 1, 1, 1, 7, 3, 10, 2};
	const unsigned long hidden[] = {1, 1, 1, 1, 2, 3, 10, 1};
	const unsigned long scalar[] = {1, 2, 1, 0};
	const unsigned long scalar_one[] = {1, 2, 1, 1};

	assert_int_equal(get(bed, here, 8), MIB_FOUND);
	assert_int_equal(get(bed, here, 7), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, absent, 8), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, hidden, 8), MIB_NO_OBJECT);
	assert_int_equal(get(bed, here, 4), MIB_NO_OBJECT);
	assert_int_equal(get(bed, here, 0), MIB_NO_OBJECT);
	assert_int_equal(get(bed, scalar, 4), MIB_FOUND);
	assert_int_equal(get(bed, scalar, 3), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, scalar_one, 4), MIB_NO_INSTANCE);
}

static void only_the_priority_can_be_written(void **state)
{
	for (size_t i = 0; i < operations_table.count; i++) {
		const struct mib_column *column = &operations_table.columns[i];

		assert_int_equal(column->write != NULL, column->number == 7);
	}
	for (size_t i = 0; i < statistics_table.count; i++)
		assert_null(statistics_table.columns[i].write);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_walk_visits_everything_in_order),
		TEST(the_next_is_the_nearest),
		TEST(what_is_not_there_is_told_apart),
		TEST(only_the_priority_can_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
