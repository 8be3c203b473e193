/* SPDX-License-Identifier: ISC */
#include "agent/schedule.h"

#include <string.h>

#include "agent/realtime.h"
#include "lib/descriptor.h"
#include "lib/log.h"

/* Nothing is said again of a priority that is not permitted. */
static void set_priority(struct schedule *schedule, pthread_t engine, unsigned int priority)
{
	if (priority == schedule->priority && !schedule->lost)
		return;
	schedule->lost = false;
	realtime_set(engine, priority);
	schedule->priority = priority;
}

/* Nothing is said again of what is not permitted either. */
static void place(struct schedule *schedule, const struct message_source *source)
{
	int error = 0;

	if (memcmp(&schedule->cpusched, &source->cpusched, sizeof(source->cpusched)) != 0)
		error = cpusched_apply(&source->cpusched);
	schedule->cpusched = source->cpusched;
	if (schedule->limit != source->rt_limit)
		realtime_limit(source->rt_limit);
	schedule->limit = source->rt_limit;
	if (error)
		log_message(LOG_WARNING,
			"the engine does not get its nice value or processors: %s (vrrp_priority: "
			"LimitNICE=40 in the unit)",
			cpusched_problem(error));
}

/* Nor of a device that can't be had. */
static void ask_of_processors(struct schedule *schedule, uint32_t latency)
{
	if (latency == schedule->latency)
		return;
	schedule->latency = latency;
	if (latency == CPULATENCY_NONE) {
		schedule->latency_fd = descriptor_close(schedule->latency_fd);
		return;
	}
	schedule->latency_fd = cpulatency_ask(schedule->latency_fd, latency);
	if (schedule->latency_fd < 0)
		log_message(LOG_WARNING,
			"processors may take longer than %u microseconds to wake: %s: %s "
			"(vrrp_cpu_latency: BindPaths= and DeviceAllow= of it in the unit; few "
			"containers have it)",
			latency, CPULATENCY_DEVICE, strerrordesc_np(-schedule->latency_fd));
}

void schedule_follow(
	struct schedule *schedule, pthread_t engine, const struct message_source *source)
{
	set_priority(schedule, engine, source->rt_priority);
	place(schedule, source);
	ask_of_processors(schedule, source->cpu_latency);
}

void schedule_limit_reached(struct schedule *schedule, pthread_t engine)
{
	if (schedule->lost)
		return;
	schedule->lost = true;
	realtime_end(engine);
	log_message(LOG_ERR,
		"the engine used more than %u microseconds of CPU without a pause "
		"(vrrp_rlimit_rttime): it has no real-time priority until the next reload",
		schedule->limit);
}

void schedule_end(struct schedule *schedule)
{
	schedule->latency_fd = descriptor_close(schedule->latency_fd);
}
