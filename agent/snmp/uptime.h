/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_UPTIME_H
#define AGENT_SNMP_UPTIME_H

#include "lib/clock.h"

#include <stdint.h>

/* The master's sysUpTime at the time `at` of ours, centiseconds, when it is `uptime` at `now`: 0
 * for what was before the master's start. */
static inline uint32_t uptime_at(uint64_t at, uint64_t now, uint32_t uptime)
{
	uint64_t age = now > at ? (now - at) / NSEC_PER_CENTISECOND : 0;

	return age < uptime ? uptime - (uint32_t)age : 0;
}

#endif
