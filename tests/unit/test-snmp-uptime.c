/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/snmp/uptime.h"
#include "lib/clock.h"

#define BEGAN	   (1000 * NSEC_PER_SEC + 3 * NSEC_PER_MSEC)
#define PERIOD	   (5 * NSEC_PER_SEC)
#define EVENT	   (1100 * NSEC_PER_SEC)
#define EVENT_TIME 9999 /* rounded down */

/* The master answers at `at`; that is heard `late` afterwards. */
static void answer(struct uptime *uptime, uint64_t began, uint64_t at, uint64_t late)
{
	uint64_t age = (at - began) / NSEC_PER_CENTISECOND;

	uptime_heard(uptime, at + late, (uint32_t)age);
}

static void a_time_stamp_stays_what_it_is(void **state)
{
	struct uptime uptime = {0};
	uint64_t at = EVENT;
	uint32_t first;

	answer(&uptime, BEGAN, at, 0);
	first = uptime_at(uptime.began, EVENT);
	assert_in_range(first, EVENT_TIME - 1, EVENT_TIME);
	for (int i = 0; i < 100; i++) {
		at += PERIOD + (uint64_t)i * NSEC_PER_MSEC;
		answer(&uptime, BEGAN, at, (uint64_t)(i % 7) * 6 * NSEC_PER_MSEC);
		assert_int_equal(uptime_at(uptime.began, EVENT), first);
	}
}

static void one_late_answer_moves_nothing(void **state)
{
	struct uptime uptime = {0};

	answer(&uptime, BEGAN, EVENT, 0);
	for (uint64_t i = 1; i < 50; i++) {
		answer(&uptime, BEGAN, EVENT + i * PERIOD, i % 5 ? 0 : 30 * NSEC_PER_SEC);
		assert_in_range(uptime_at(uptime.began, EVENT), EVENT_TIME - 1, EVENT_TIME);
	}
}

static void a_first_answer_that_was_late_is_corrected(void **state)
{
	struct uptime uptime = {0};

	answer(&uptime, BEGAN, EVENT, 2 * NSEC_PER_SEC);
	assert_true(uptime_at(uptime.began, EVENT) <= EVENT_TIME - 200);
	answer(&uptime, BEGAN, EVENT + PERIOD, 0);
	assert_in_range(uptime_at(uptime.began, EVENT), EVENT_TIME - 1, EVENT_TIME);
}

/* A master on another host, whose clock is slower than ours by 100 ms in each period. */
static void a_clock_that_is_slower_is_followed(void **state)
{
	struct uptime uptime = {0};
	uint64_t began = BEGAN, at = EVENT;

	for (int i = 0; i < 100; i++) {
		answer(&uptime, began, at, 0);
		began += 100 * NSEC_PER_MSEC;
		at += PERIOD;
	}
	assert_in_range(uptime.began, began - 1000 * NSEC_PER_MSEC, began);
}

static void another_master_begins_anew(void **state)
{
	struct uptime uptime = {0};

	answer(&uptime, BEGAN, EVENT, 0);
	uptime_forget(&uptime);
	answer(&uptime, EVENT, EVENT + PERIOD, 0);
	assert_int_equal(uptime_at(uptime.began, EVENT - 1), 0);
	assert_int_equal(uptime_at(uptime.began, EVENT + PERIOD), 500);
}

static void a_master_may_be_older_than_our_clock(void **state)
{
	struct uptime uptime = {0};

	uptime_heard(&uptime, NSEC_PER_SEC, 5000);
	assert_int_equal(uptime_at(uptime.began, 2 * NSEC_PER_SEC), 5100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_stamp_stays_what_it_is),
		cmocka_unit_test(one_late_answer_moves_nothing),
		cmocka_unit_test(a_first_answer_that_was_late_is_corrected),
		cmocka_unit_test(a_clock_that_is_slower_is_followed),
		cmocka_unit_test(another_master_begins_anew),
		cmocka_unit_test(a_master_may_be_older_than_our_clock),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("snmp-uptime", tests, NULL, NULL);
}
