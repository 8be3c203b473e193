/* SPDX-License-Identifier: ISC */
#include "lib/lifeline.h"

#include "lib/clock.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>

#define MSEC_PER_SEC 1000

int lifeline_create(void)
{
	int lifeline = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	return lifeline < 0 ? -errno : lifeline;
}

void lifeline_promise(int lifeline, uint32_t within_ms)
{
	const struct itimerspec within = {
		.it_value = {.tv_sec = within_ms / MSEC_PER_SEC,
			.tv_nsec = (long)(within_ms % MSEC_PER_SEC * NSEC_PER_MSEC)}};

	if (lifeline >= 0)
		timerfd_settime(lifeline, 0, &within, NULL);
}

void lifeline_promise_sleep(int lifeline, uint32_t sleep_ms)
{
	lifeline_promise(lifeline, sleep_ms + LIFELINE_TURN_MS);
}

bool lifeline_is_kept(int lifeline)
{
	struct itimerspec left;

	return timerfd_gettime(lifeline, &left) == 0 &&
	       (left.it_value.tv_sec || left.it_value.tv_nsec);
}
