/* SPDX-License-Identifier: ISC */
#include "lib/lifeloop.h"

#include "lib/lifeline.h"

#define USEC_PER_MSEC 1000ull

/* Positive: there is something to do. */
static int await(sd_event *loop, int lifeline, uint32_t sleep_ms)
{
	int result = sd_event_prepare(loop);

	if (result != 0)
		return result;
	lifeline_promise_sleep(lifeline, sleep_ms);
	return sd_event_wait(loop, sleep_ms * USEC_PER_MSEC);
}

int lifeloop_run(sd_event *loop, int lifeline, uint32_t sleep_ms)
{
	int result = 0;
	int code = 0;

	while (result >= 0 && sd_event_get_state(loop) != SD_EVENT_FINISHED) {
		result = await(loop, lifeline, sleep_ms);
		if (result <= 0)
			continue;
		lifeline_promise(lifeline, LIFELINE_TURN_MS);
		result = sd_event_dispatch(loop);
	}
	if (result >= 0)
		result = sd_event_get_exit_code(loop, &code);
	return result < 0 ? result : code;
}
