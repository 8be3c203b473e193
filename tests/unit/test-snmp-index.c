/* SPDX-License-Identifier: ISC */
/* The sorted index of the status board: order, look-up, what makes it stale. */
#include "agent/snmp/index.h"
#include "lib/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define ROWS  64
#define START NSEC_PER_SEC

struct bed {
	struct board *board;
	struct row_index *index;
};

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	int fd;

	bed->board = board_create(ROWS + 1, sizeof(union status_row), &fd);
	bed->index = index_create(bed->board);
	*state = bed;
	return bed->board && bed->index ? 0 : -1;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	index_free(bed->index);
	board_close(bed->board);
	free(bed);
	return 0;
}

static void put(
	struct bed *bed, uint32_t slot, uint32_t interface_index, uint8_t vrid, uint8_t family)
{
	union status_row row = {.router = {.used = 1,
					.family = family,
					.vrid = vrid,
					.interface_index = interface_index}};

	board_write(bed->board, status_row(slot), &row);
}

static void drop(struct bed *bed, uint32_t slot)
{
	union status_row row = {.router = {.used = 0}};

	board_write(bed->board, status_row(slot), &row);
}

static void check_order(
	struct bed *bed, enum index_order order, const index_key *expected, size_t count)
{
	struct index_row row;
	index_key from = 0;

	assert_int_equal(index_count(bed->index, order), count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(index_next(bed->index, order, from, &row), 1);
		assert_int_equal(index_row_key(order, &row), expected[i]);
		assert_int_equal(index_get(bed->index, order, expected[i], &row), 1);
		from = expected[i] + 1;
	}
	assert_int_equal(index_next(bed->index, order, from, &row), 0);
}

static void sorts_by_ifindex_vrid_family(void **state)
{
	struct bed *bed = *state;
	const index_key expected[] = {index_key_make(2, 255, 1), index_key_make(3, 1, 1),
		index_key_make(3, 1, 2), index_key_make(3, 2, 1), index_key_make(256, 1, 1),
		index_key_make(UINT32_MAX, 255, 2)};

	put(bed, 0, UINT32_MAX, 255, 2);
	put(bed, 1, 256, 1, 1);
	put(bed, 2, 3, 2, 1);
	put(bed, 5, 3, 1, 2);
	put(bed, 63, 3, 1, 1);
	put(bed, 9, 2, 255, 1);
	assert_int_equal(index_refresh(bed->index, START), 0);
	check_order(bed, INDEX_V3, expected, 6);
}

static void hides_unused_rows_and_absent_interfaces(void **state)
{
	struct bed *bed = *state;
	const index_key expected[] = {index_key_make(5, 1, 1)};

	put(bed, 0, 0, 1, 1);
	put(bed, 1, 5, 1, 1);
	put(bed, 2, 6, 1, 1);
	drop(bed, 2);
	assert_int_equal(index_refresh(bed->index, START), 0);
	check_order(bed, INDEX_V3, expected, 1);
}

/* The other orders: version 2 alone, and every slot with or without an interface. */
static void each_mib_has_its_order(void **state)
{
	struct bed *bed = *state;
	const index_key version_2[] = {(index_key)3 << 8 | 9, (index_key)4 << 8 | 2};
	const index_key slots[] = {1, 2, 5, 64};
	union status_row row = {.router = {.used = 1, .family = 1, .version = 2}};

	put(bed, 0, 0, 1, 1);
	put(bed, 1, 3, 9, 2);
	row.router.interface_index = 4;
	row.router.vrid = 2;
	board_write(bed->board, status_row(4), &row);
	row.router.interface_index = 3;
	row.router.vrid = 9;
	board_write(bed->board, status_row(63), &row);
	assert_int_equal(index_refresh(bed->index, START), 0);
	check_order(bed, INDEX_V2, version_2, 2);
	check_order(bed, INDEX_SLOT, slots, 4);
	assert_int_equal(index_count(bed->index, INDEX_V3), 3);
}

static void engine_row_is_no_router(void **state)
{
	struct bed *bed = *state;
	union status_row row;

	memset(&row, 0xff, sizeof(row));
	board_write(bed->board, STATUS_ENGINE_ROW, &row);
	assert_int_equal(index_refresh(bed->index, START), 0);
	assert_int_equal(index_count(bed->index, INDEX_V3), 0);
}

static void follows_the_generation(void **state)
{
	struct bed *bed = *state;
	struct index_row row;

	assert_int_equal(index_refresh(bed->index, START), 0);
	put(bed, 0, 5, 1, 1);
	assert_int_equal(index_refresh(bed->index, START + 1), 0);
	assert_int_equal(index_get(bed->index, INDEX_V3, index_key_make(5, 1, 1), &row), 0);
	board_bump(bed->board);
	assert_int_equal(index_refresh(bed->index, START + 2), 0);
	assert_int_equal(index_get(bed->index, INDEX_V3, index_key_make(5, 1, 1), &row), 1);
}

static void finds_out_that_a_row_moved(void **state)
{
	struct bed *bed = *state;
	struct index_row row;

	put(bed, 0, 5, 1, 1);
	assert_int_equal(index_refresh(bed->index, START), 0);
	put(bed, 0, 6, 1, 1);
	assert_int_equal(index_get(bed->index, INDEX_V3, index_key_make(5, 1, 1), &row), 0);
	assert_int_equal(index_refresh(bed->index, START + 1), 0);
	assert_int_equal(index_get(bed->index, INDEX_V3, index_key_make(6, 1, 1), &row), 1);
}

static void is_built_anew_after_a_second(void **state)
{
	struct bed *bed = *state;

	assert_int_equal(index_refresh(bed->index, START), 0);
	put(bed, 0, 5, 1, 1);
	assert_int_equal(index_refresh(bed->index, START + NSEC_PER_SEC - 1), 0);
	assert_int_equal(index_count(bed->index, INDEX_V3), 0);
	assert_int_equal(index_refresh(bed->index, START + NSEC_PER_SEC), 0);
	assert_int_equal(index_count(bed->index, INDEX_V3), 1);
}

static void next_passes_over_rows_that_went(void **state)
{
	struct bed *bed = *state;
	struct index_row row;

	for (uint32_t slot = 0; slot < 10; slot++)
		put(bed, slot, 5, (uint8_t)(slot + 1), 1);
	assert_int_equal(index_refresh(bed->index, START), 0);
	for (uint32_t slot = 2; slot < 8; slot++)
		drop(bed, slot);
	assert_int_equal(index_next(bed->index, INDEX_V3, index_key_make(5, 3, 1), &row), 1);
	assert_int_equal(row.router.vrid, 9);
}

static void parses_only_whole_instances(void **state)
{
	const unsigned long good[] = {7, 51, 2};
	const unsigned long far[] = {(unsigned long)UINT32_MAX + 1, 1, 1};
	const unsigned long vrid[] = {7, 256, 1};
	const unsigned long family[] = {7, 1, 256};
	const unsigned long longer[] = {7, 51, 2, 0};
	unsigned long oids[INDEX_OIDS];
	index_key key = 0;

	assert_true(index_key_parse(INDEX_V3, good, 3, &key));
	assert_int_equal(key, index_key_make(7, 51, 2));
	index_key_oids(INDEX_V3, key, oids);
	assert_memory_equal(oids, good, sizeof(good));
	assert_false(index_key_parse(INDEX_V3, good, 2, &key));
	assert_false(index_key_parse(INDEX_V3, longer, 4, &key));
	assert_false(index_key_parse(INDEX_V3, far, 3, &key));
	assert_false(index_key_parse(INDEX_V3, vrid, 3, &key));
	assert_false(index_key_parse(INDEX_V3, family, 3, &key));
}

static void after_is_the_order_of_oids(void **state)
{
	static const struct {
		unsigned long oids[4];
		size_t count;
		index_key after;
	} cases[] = {
		{{0}, 0, 0},
		{{7}, 1, (index_key)7 << 16},
		{{7, 51}, 2, (index_key)7 << 16 | 51 << 8},
		{{7, 51, 1}, 3, ((index_key)7 << 16 | 51 << 8 | 1) + 1},
		{{7, 51, 1, 0}, 4, ((index_key)7 << 16 | 51 << 8 | 1) + 1},
		{{7, 51, 255}, 3, (index_key)7 << 16 | 52 << 8},
		{{7, 51, 300}, 3, (index_key)7 << 16 | 52 << 8},
		{{7, 255, 300}, 3, (index_key)8 << 16},
		{{7, 256}, 2, (index_key)8 << 16},
		{{7, 4294967295, 1}, 3, (index_key)8 << 16},
		{{UINT32_MAX, 255, 255}, 3, (index_key)1 << 48},
	};
	const unsigned long far[] = {(unsigned long)UINT32_MAX + 1};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		index_key key = 0;

		assert_true(index_key_after(INDEX_V3, cases[i].oids, cases[i].count, &key));
		assert_int_equal(key, cases[i].after);
	}
	assert_false(index_key_after(INDEX_V3, far, 1, &(index_key){0}));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(sorts_by_ifindex_vrid_family),
		TEST(hides_unused_rows_and_absent_interfaces),
		TEST(each_mib_has_its_order),
		TEST(engine_row_is_no_router),
		TEST(follows_the_generation),
		TEST(finds_out_that_a_row_moved),
		TEST(is_built_anew_after_a_second),
		TEST(next_passes_over_rows_that_went),
		cmocka_unit_test(parses_only_whole_instances),
		cmocka_unit_test(after_is_the_order_of_oids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
