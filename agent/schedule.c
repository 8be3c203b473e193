/* SPDX-License-Identifier: ISC */
#include "agent/schedule.h"

#include <string.h>

#include "agent/realtime.h"
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

	if (memcmp(&schedule->placement, &source->placement, sizeof(source->placement)) != 0)
		error = placement_apply(&source->placement);
	schedule->placement = source->placement;
	if (schedule->limit != source->rt_limit)
		realtime_limit(source->rt_limit);
	schedule->limit = source->rt_limit;
	if (error)
		log_message(LOG_WARNING,
			"the engine does not get its nice value or processors: %s (vrrp_priority: "
			"LimitNICE=40 in the unit)",
			placement_problem(error));
}

void schedule_follow(
	struct schedule *schedule, pthread_t engine, const struct message_source *source)
{
	set_priority(schedule, engine, source->rt_priority);
	place(schedule, source);
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
