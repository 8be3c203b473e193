/* SPDX-License-Identifier: ISC */
#include "agent/snmp/uptime.h"

#include "lib/clock.h"

#include <stdlib.h>

void uptime_forget(struct uptime *uptime)
{
	uptime->heard = 0;
}

/* Rounding and delay make the start seem later, never earlier. */
static int64_t earliest(const struct uptime *uptime)
{
	uint32_t count = uptime->heard < UPTIME_SAMPLES ? uptime->heard : UPTIME_SAMPLES;
	int64_t best = uptime->samples[0];

	for (uint32_t i = 1; i < count; i++) {
		if (uptime->samples[i] < best)
			best = uptime->samples[i];
	}
	return best;
}

void uptime_heard(struct uptime *uptime, uint64_t now, uint32_t centiseconds)
{
	int64_t age = (int64_t)centiseconds * (int64_t)NSEC_PER_CENTISECOND;
	int64_t best;

	uptime->samples[uptime->heard % UPTIME_SAMPLES] = (int64_t)now - age;
	uptime->heard++;
	best = earliest(uptime);
	if (uptime->heard == 1 ||
		llabs(best - uptime->began) > UPTIME_TOLERANCE_MS * (int64_t)NSEC_PER_MSEC)
		uptime->began = best;
}

uint32_t uptime_at(int64_t began, uint64_t at)
{
	int64_t age = (int64_t)at - began;

	return age > 0 ? (uint32_t)((uint64_t)age / NSEC_PER_CENTISECOND) : 0;
}
