/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_UPTIME_H
#define AGENT_SNMP_UPTIME_H

#include <stdint.h>

/* The master's sysUpTime at any time of ours.  What the master says of it is rounded down and late
 * by the way here, so taken alone it would move a time stamp to and fro, and to a manager each move
 * of a discontinuity time is a discontinuity.  So its start is kept, on our clock, and moved only
 * when the best of the last answers say that it is clearly wrong. */

#define UPTIME_SAMPLES	    8
/* What an answer may be wrong by without moving the start. */
#define UPTIME_TOLERANCE_MS 50

struct uptime {
	int64_t samples[UPTIME_SAMPLES]; /* the start as the last answers say, ns of CLOCK_MONOTONIC
					  */
	uint32_t heard;			 /* answers of this master */
	int64_t began;			 /* the start as it is kept; may be before our clock's */
};

/* Another master: the next answer is its first. */
void uptime_forget(struct uptime *uptime);

/* The master answered at `now` that its sysUpTime is so many centiseconds. */
void uptime_heard(struct uptime *uptime, uint64_t now, uint32_t centiseconds);

/* The master's sysUpTime at the time `at` of ours, centiseconds: 0 for what was before the start
 * that uptime.began says. */
uint32_t uptime_at(int64_t began, uint64_t at);

#endif
