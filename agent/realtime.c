/* SPDX-License-Identifier: ISC */
#include "agent/realtime.h"

#include "lib/log.h"

#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define PRIORITY 50
#define HIGHEST	 99

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
	const struct rlimit limit = {HIGHEST, HIGHEST};
	struct sched_param parameter = {.sched_priority = PRIORITY};

	setrlimit(RLIMIT_RTPRIO, &limit);
	if (sched_setscheduler(0, SCHED_RR, &parameter) < 0)
		log_message(LOG_NOTICE,
			"the engine has no real-time scheduling: %m; on a busy machine its "
			"advertisements may be late (LimitRTPRIO=infinity in the unit)");
}

void realtime_set(pthread_t thread, unsigned int priority)
{
	const struct sched_param parameter = {
		.sched_priority = priority ? (int)priority : PRIORITY};
	int error = pthread_setschedparam(thread, SCHED_RR, &parameter);

	if (error)
		log_message(LOG_WARNING,
			"the engine does not get the real-time priority %d: %s "
			"(LimitRTPRIO=infinity in the unit)",
			parameter.sched_priority, strerrordesc_np(error));
}

void realtime_limit(uint32_t microseconds)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	getrlimit(RLIMIT_RTTIME, &limit);
	limit.rlim_cur =
		microseconds && microseconds < limit.rlim_max ? microseconds : limit.rlim_max;
	setrlimit(RLIMIT_RTTIME, &limit);
}

void realtime_end(pthread_t thread)
{
	const struct sched_param parameter = {.sched_priority = 0};

	pthread_setschedparam(thread, SCHED_OTHER, &parameter);
}

void realtime_forgo(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_RTPRIO, &none);
}

void realtime_leave(void)
{
	struct sched_param parameter = {.sched_priority = 0};

	sched_setscheduler(0, SCHED_OTHER, &parameter);
}
