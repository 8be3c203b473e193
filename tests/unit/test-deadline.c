/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "vrrp/deadline.h"

#define COUNT 500

/* A small generator of our own, so that every run sees the same sequence. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static uint64_t earliest_of(const struct deadline *deadlines)
{
	uint64_t earliest = UINT64_MAX;

	for (int i = 0; i < COUNT; i++) {
		if (deadlines[i].place && deadlines[i].at < earliest)
			earliest = deadlines[i].at;
	}
	return earliest;
}

static void test_first_is_earliest_through_every_change(void **state)
{
	static struct deadline deadlines[COUNT];
	struct deadline_heap heap;
	uint32_t random = 1;

	assert_int_equal(deadline_heap_init(&heap, COUNT), 0);
	for (int step = 0; step < 20000; step++) {
		struct deadline *deadline = &deadlines[next_random(&random) % COUNT];
		const struct deadline *first;

		if (next_random(&random) % 3)
			deadline_set(&heap, deadline, next_random(&random) % 1000);
		else
			deadline_cancel(&heap, deadline);
		first = deadline_first(&heap);
		assert_int_equal(first ? first->at : UINT64_MAX, earliest_of(deadlines));
	}
	deadline_heap_clear(&heap);
}

static void test_cancelling_what_is_not_there_is_harmless(void **state)
{
	struct deadline one = {0};
	struct deadline other = {0};
	struct deadline_heap heap;

	assert_int_equal(deadline_heap_init(&heap, 2), 0);
	deadline_set(&heap, &one, 5);
	deadline_cancel(&heap, &other);
	assert_ptr_equal(deadline_first(&heap), &one);
	deadline_cancel(&heap, &one);
	deadline_cancel(&heap, &one);
	assert_null(deadline_first(&heap));
	assert_int_equal(one.place, 0);
	deadline_heap_clear(&heap);
}

static void test_fires_in_order(void **state)
{
	static struct deadline deadlines[COUNT];
	struct deadline_heap heap;
	uint32_t random = 7;
	uint64_t last = 0;

	assert_int_equal(deadline_heap_init(&heap, COUNT), 0);
	for (int i = 0; i < COUNT; i++)
		deadline_set(&heap, &deadlines[i], next_random(&random));
	for (int i = 0; i < COUNT; i++) {
		struct deadline *first = deadline_first(&heap);

		assert_true(first->at >= last);
		last = first->at;
		deadline_cancel(&heap, first);
	}
	assert_null(deadline_first(&heap));
	deadline_heap_clear(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_is_earliest_through_every_change),
		cmocka_unit_test(test_cancelling_what_is_not_there_is_harmless),
		cmocka_unit_test(test_fires_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
