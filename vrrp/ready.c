/* SPDX-License-Identifier: ISC */
#include "vrrp/ready.h"

#include "lib/clock.h"
#include "lib/epollwait.h"
#include "lib/hot.h"
#include "vrrp/engine_state.h"
#include "vrrp/execute.h"

#include <errno.h>
#include <sys/epoll.h>

#define EVENTS_PER_WAIT 16

/* An advertisement that leaves so long after a look into the sockets might have left before what
 * came since: the wire is no faster. */
#define STALE (1 * NSEC_PER_MSEC)

int ready_watch(int epoll, int operation, int fd, uint32_t bit, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u32 = bit};

	return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

/* A wait that ended by the clock has looked when its time was over: nothing at all had come. */
HOT void ready_wait(struct engine *engine, uint64_t now, uint64_t pause)
{
	struct epoll_event events[EVENTS_PER_WAIT];
	int count = epollwait(engine->epoll, events, EVENTS_PER_WAIT, pause);

	engine->ready = 0;
	for (int i = 0; i < count; i++)
		engine->ready |= events[i].data.u32;
	engine->quiet = count == 0 ? now + pause : 0;
}

HOT bool ready_doubts(struct engine *engine, uint64_t now)
{
	if (execute_next_timeout(engine) <= now + ENGINE_AWAKE_BEFORE)
		return true;
	return now > engine->quiet + STALE && execute_advert_due(engine, now);
}
