/* SPDX-License-Identifier: ISC */
#include "tests/unit/lifeline-watcher.h"

#include "lib/clock.h"
#include "lib/lifeline.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cmocka.h>

#define SLEEPS_WITHIN	 (10 * NSEC_PER_SEC)
#define LOOK_AGAIN_US	 1000
#define ASKED_AT_MOST_MS 30000 /* by who is awake */

uint32_t watcher_left(int lifeline)
{
	struct itimerspec left;

	assert_int_equal(timerfd_gettime(lifeline, &left), 0);
	return (uint32_t)(left.it_value.tv_sec * 1000 +
			  left.it_value.tv_nsec / (long)NSEC_PER_MSEC);
}

/* Who is awake promises less, even if it has asked for time. */
static bool sleeps(int lifeline)
{
	uint32_t left = watcher_left(lifeline);

	return left > ASKED_AT_MOST_MS && left <= LIFELINE_TURN_MS + LIFELINE_SLEEP_MS;
}

void watcher_await_sleep(int lifeline)
{
	uint64_t deadline = clock_now() + SLEEPS_WITHIN;

	while (!sleeps(lifeline)) {
		assert_true(clock_now() < deadline);
		usleep(LOOK_AGAIN_US);
	}
}

void watcher_assert_kept_for(int lifeline, uint32_t ms)
{
	struct pollfd broken = {.fd = lifeline, .events = POLLIN};

	assert_true(lifeline_is_kept(lifeline));
	assert_int_equal(poll(&broken, 1, (int)ms), 0);
}
