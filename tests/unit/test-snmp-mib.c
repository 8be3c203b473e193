/* SPDX-License-Identifier: ISC */
/* The MIBs' tables without a master: GETNEXT visits exactly what GET finds, in OID order. */
#include "agent/snmp/mib.h"
#include "lib/clock.h"
#include "tests/unit/draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUTERS 6
#define VRRPV3	(&mib_modules[0])

struct bed {
	struct board *board;
	struct accepted *accepted;
	struct mib mib;
};

/* Addresses are not in the order of the MIB, and one router has none. */
static void add_addresses(struct draft *draft, const struct image_router *router)
{
	for (uint32_t i = 0; i < router->slot; i++) {
		struct image_address *address = draft_address(draft, router->interface);

		address->family = router->family;
		memcpy(address->address, (uint8_t[]){192, 0, 2, (uint8_t)(7 * (i + 1) % 5)}, 4);
	}
}

static void add_router(struct bed *bed, struct draft *draft, uint32_t slot)
{
	struct image_router *router =
		draft_router(draft, slot, "name", slot < 4 ? "eth0" : "eth1", (uint8_t)(10 - slot));
	union status_row row = {.router = {.used = 1,
					.family = (uint8_t)(1 + slot % 2),
					.version = (uint8_t)(2 + slot % 2),
					.vrid = router->vrid,
					.priority = (uint8_t)(100 + slot),
					.interface_index = 3 + slot / 2}};

	router->family = row.router.family;
	router->version = row.router.version;
	memcpy(row.router.interface, router->interface, sizeof(row.router.interface));
	add_addresses(draft, router);
	board_write(bed->board, status_row(slot), &row);
}

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	static struct draft draft;
	int fd;

	bed->board = board_create(ROUTERS + 1, sizeof(union status_row), &fd);
	bed->accepted = accepted_new();
	bed->mib = (struct mib){bed->board, index_create(bed->board), bed->accepted};
	draft_begin(&draft, 1, 0);
	draft_string(&draft, "");
	for (uint32_t slot = 0; slot < ROUTERS; slot++)
		add_router(bed, &draft, slot);
	draft.header.static_addresses = (struct image_span){draft.header.addresses.count, 2};
	for (int i = 0; i < 2; i++)
		draft_address(&draft, "lo");
	draft.routers[ROUTERS - 1].addresses.count -= 2;
	fd = draft_document(&draft);
	assert_int_equal(accepted_take(bed->accepted, fd), 0);
	close(fd);
	*state = bed;
	return index_refresh(bed->mib.index, NSEC_PER_SEC);
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	index_free(bed->mib.index);
	accepted_free(bed->accepted);
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

/* Walks through a module: how many instances there are; what GETNEXT visits GET finds. */
static size_t walk(struct bed *bed, const struct mib_module *module)
{
	struct mib_name at = {.length = 0};

	for (size_t visited = 0;; visited++) {
		const struct mib_column *column, *got_column;
		struct mib_source source = {.now = NSEC_PER_SEC};
		struct mib_value value, got;
		struct mib_name next;
		enum mib_result result = mib_next(
			&bed->mib, module, at.oids, at.length, &source, &column, &value, &next);

		if (result == MIB_END)
			return visited;
		assert_int_equal(result, MIB_FOUND);
		assert_true(compare_names(&at, &next) < 0);
		assert_int_equal(mib_get(&bed->mib, module, next.oids, next.length, &source,
					 &got_column, &got),
			MIB_FOUND);
		assert_ptr_equal(got_column, column);
		assert_memory_equal(&got, &value, sizeof(value));
		at = next;
	}
}

static void a_walk_visits_everything_in_order(void **state)
{
	struct bed *bed = *state;

	/* columns, scalars, and 0 + 1 + ... addresses; of the other MIBs three are version 2's */
	assert_int_equal(walk(bed, VRRPV3), (11 + 13) * ROUTERS + 4 + ROUTERS * (ROUTERS - 1) / 2);
	assert_int_equal(walk(bed, &mib_modules[1]), (14 + 12) * 3 + 5 + (0 + 2 + 4));
	assert_int_equal(walk(bed, &mib_modules[2]), 3);
	for (size_t i = 0; i < MIB_MODULES; i++)
		assert_true(walk(bed, &mib_modules[i]) > 0);
}

/* Everything there is, in the order of a walk. */
static size_t collect(
	struct bed *bed, const struct mib_module *module, struct mib_name *names, size_t room)
{
	const struct mib_column *column;
	struct mib_source source = {.now = NSEC_PER_SEC};
	struct mib_name at = {.length = 0};
	struct mib_value value;
	size_t count = 0;

	while (count < room && mib_next(&bed->mib, module, at.oids, at.length, &source, &column,
				       &value, &names[count]) == MIB_FOUND)
		at = names[count++];
	return count;
}

/* A name that may or may not exist, near one that does. */
static struct mib_name distort(const struct mib_name *name, unsigned *seed)
{
	static const unsigned long parts[] = {
		0, 1, 2, 3, 4, 5, 7, 10, 13, 14, 16, 192, 256, 4294967295};
	struct mib_name from = *name;

	for (size_t i = (size_t)rand_r(seed) % from.length; i < from.length; i++)
		from.oids[i] = parts[(size_t)rand_r(seed) % (sizeof(parts) / sizeof(parts[0]))];
	from.length -= (size_t)rand_r(seed) % from.length;
	return from;
}

/* From any name at all, also an impossible one, the next is the first of all that is greater. */
static void the_next_is_the_nearest(void **state)
{
	static struct mib_name names[1024];
	struct bed *bed = *state;
	unsigned seed = 1;

	for (size_t i = 0; i < MIB_MODULES; i++) {
		const struct mib_module *module = &mib_modules[i];
		size_t count = collect(bed, module, names, 1024);

		for (int turn = 0; turn < 100000; turn++) {
			struct mib_name from =
				distort(&names[(size_t)rand_r(&seed) % count], &seed);
			struct mib_source source = {.now = NSEC_PER_SEC};
			const struct mib_column *column;
			struct mib_value value;
			struct mib_name next;
			enum mib_result result;
			size_t expected = 0;

			while (expected < count && compare_names(&names[expected], &from) <= 0)
				expected++;
			result = mib_next(&bed->mib, module, from.oids, from.length, &source,
				&column, &value, &next);
			assert_int_equal(result, expected == count ? MIB_END : MIB_FOUND);
			if (result == MIB_FOUND)
				assert_int_equal(compare_names(&next, &names[expected]), 0);
		}
	}
}

static enum mib_result get(struct bed *bed, const unsigned long *oids, size_t length)
{
	const struct mib_column *column;
	struct mib_source source = {.now = NSEC_PER_SEC};
	struct mib_value value;

	return mib_get(&bed->mib, VRRPV3, oids, length, &source, &column, &value);
}

static void what_is_not_there_is_told_apart(void **state)
{
	struct bed *bed = *state;
	const unsigned long here[] = {1, 1, 1, 1, 7, 3, 10, 1};
	const unsigned long absent[] = {1, 1, 1, 1, 7, 3, 10, 2};
	const unsigned long hidden[] = {1, 1, 1, 1, 2, 3, 10, 1};
	const unsigned long scalar[] = {1, 2, 1, 0};
	const unsigned long scalar_one[] = {1, 2, 1, 1};
	const unsigned long address[] = {1, 1, 2, 1, 2, 4, 8, 1, 4, 192, 0, 2, 2};
	const unsigned long no_address[] = {1, 1, 2, 1, 2, 4, 8, 1, 4, 192, 0, 2, 3};
	const unsigned long no_length[] = {1, 1, 2, 1, 2, 4, 8, 1, 192, 0, 2, 2};

	assert_int_equal(get(bed, here, 8), MIB_FOUND);
	assert_int_equal(get(bed, here, 7), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, absent, 8), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, hidden, 8), MIB_NO_OBJECT);
	assert_int_equal(get(bed, here, 4), MIB_NO_OBJECT);
	assert_int_equal(get(bed, here, 0), MIB_NO_OBJECT);
	assert_int_equal(get(bed, scalar, 4), MIB_FOUND);
	assert_int_equal(get(bed, scalar, 3), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, scalar_one, 4), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, address, 13), MIB_FOUND);
	assert_int_equal(get(bed, address, 12), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, address, 8), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, no_address, 13), MIB_NO_INSTANCE);
	assert_int_equal(get(bed, no_length, 12), MIB_NO_INSTANCE);
}

/* What the board says of a slot counts only as far as the configuration is about the same router.
 */
static void a_slot_that_changed_hands_has_no_addresses(void **state)
{
	struct bed *bed = *state;
	const unsigned long address[] = {1, 1, 2, 1, 2, 4, 8, 1, 4, 192, 0, 2, 2};
	union status_row row;

	board_read(bed->board, status_row(2), &row);
	strcpy(row.router.interface, "eth9");
	board_write(bed->board, status_row(2), &row);
	assert_int_equal(get(bed, address, 13), MIB_NO_INSTANCE);
}

/* CPU time of a GETNEXT in a table of so many routers, ns. */
static double cost_of_next(uint32_t rows)
{
	enum {
		STEPS = 20000
	};
	int fd;
	struct board *board = board_create(IMAGE_SLOTS + 1, sizeof(union status_row), &fd);
	struct accepted *accepted = accepted_new();
	struct mib mib = {board, index_create(board), accepted};
	struct mib_name at = {.oids = {1, 1, 1, 1, 7}, .length = 5};
	clock_t began;

	for (uint32_t slot = 0; slot < rows; slot++) {
		union status_row row = {.router = {.used = 1,
						.family = 1,
						.vrid = (uint8_t)(1 + slot % 128),
						.interface_index = 2 + slot / 128}};

		board_write(board, status_row(slot), &row);
	}
	assert_int_equal(index_refresh(mib.index, NSEC_PER_SEC), 0);
	began = clock();
	for (int i = 0; i < STEPS; i++) {
		const struct mib_column *column;
		struct mib_source source = {.now = NSEC_PER_SEC};
		struct mib_value value;
		struct mib_name next;

		assert_int_equal(
			mib_next(&mib, VRRPV3, at.oids, at.length, &source, &column, &value, &next),
			MIB_FOUND);
		at = next.oids[4] == 7 ? next : (struct mib_name){{1, 1, 1, 1, 7}, 5};
	}
	began = clock() - began;
	index_free(mib.index);
	accepted_free(accepted);
	board_close(board);
	return (double)began * 1e9 / CLOCKS_PER_SEC / STEPS;
}

/* 128 times as many rows may not cost 128 times as much; twice would do for a binary search. */
static void looking_up_hardly_grows_with_the_rows(void **state)
{
	double few = cost_of_next(128);
	double many = cost_of_next(IMAGE_SLOTS);

	print_message(
		"a GETNEXT: %.0f ns with 128 rows, %.0f ns with %d\n", few, many, IMAGE_SLOTS);
	assert_true(many < 20 * few);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_walk_visits_everything_in_order),
		TEST(the_next_is_the_nearest),
		TEST(what_is_not_there_is_told_apart),
		TEST(a_slot_that_changed_hands_has_no_addresses),
		cmocka_unit_test(looking_up_hardly_grows_with_the_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
