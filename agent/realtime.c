/* SPDX-License-Identifier: ISC */
#include "agent/realtime.h"

#include "lib/log.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define PRIORITY 50

void realtime_lock_memory(void)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_MEMLOCK, &limit);
	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur != RLIM_INFINITY) {
		log_message(LOG_INFO,
			"memory is not locked: the limit on locked memory can't be lifted "
			"(LimitMEMLOCK=infinity in the unit)");
		return;
	}
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		log_message(LOG_INFO, "memory is not locked: %m");
}

void realtime_enter(void)
{
	struct sched_param parameter = {.sched_priority = PRIORITY};

	if (sched_setscheduler(0, SCHED_RR, &parameter) < 0)
		log_message(LOG_NOTICE,
			"the engine has no real-time scheduling: %m; on a busy machine its "
			"advertisements may be late (LimitRTPRIO=infinity in the unit)");
}

void realtime_leave(void)
{
	struct sched_param parameter = {.sched_priority = 0};

	sched_setscheduler(0, SCHED_OTHER, &parameter);
}
