/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/ratelimit.h"

#define SECOND 1000000000ull
#define DAY    (86400 * SECOND)

/* Once a second for a day, as a peer does whose list differs: a few dozen lines, nothing lost. */
static void test_once_a_second(void **state)
{
	struct ratelimit limit = {0};
	uint64_t told = 0, held_back = 0, since = 0, longest = 0;

	for (uint64_t now = SECOND; now < DAY; now += SECOND) {
		uint64_t suppressed = 0;

		if (!ratelimit_passes(&limit, now, &suppressed))
			continue;
		if (told && now - since > longest)
			longest = now - since;
		since = now;
		told++;
		held_back += suppressed;
	}
	assert_in_range(told, 30, 60);
	assert_in_range(longest, 2500 * SECOND, 2600 * SECOND);
	assert_int_equal(told + held_back + limit.suppressed, DAY / SECOND - 1);
}

static void test_rare_things_are_always_told(void **state)
{
	struct ratelimit limit = {0};
	uint64_t suppressed;

	for (uint64_t now = SECOND; now < 100 * 11 * SECOND; now += 11 * SECOND)
		assert_true(ratelimit_passes(&limit, now, &suppressed));
}

/* After a pause the next incident is told, and the one after it 10 s later. */
static void test_begins_anew(void **state)
{
	struct ratelimit limit = {0};
	uint64_t suppressed, now = SECOND;

	for (; now < 3600 * SECOND; now += SECOND)
		ratelimit_passes(&limit, now, &suppressed);
	now += 2 * 3600 * SECOND;
	assert_true(ratelimit_passes(&limit, now, &suppressed));
	assert_false(ratelimit_passes(&limit, now + 9 * SECOND, &suppressed));
	assert_true(ratelimit_passes(&limit, now + 10 * SECOND, &suppressed));
	assert_int_equal(suppressed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once_a_second),
		cmocka_unit_test(test_rare_things_are_always_told),
		cmocka_unit_test(test_begins_anew),
	};

	return cmocka_run_group_tests_name("ratelimit", tests, NULL, NULL);
}
