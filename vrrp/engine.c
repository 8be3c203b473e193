/* SPDX-License-Identifier: ISC */
#include "vrrp/engine.h"

#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/epollwait.h"
#include "lib/hot.h"
#include "vrrp/applier/applier.h"
#include "vrrp/engine_state.h"
#include "vrrp/execute.h"
#include "vrrp/groups.h"
#include "vrrp/inbox.h"
#include "vrrp/input.h"
#include "vrrp/lifecycle.h"
#include "vrrp/net/filter.h"
#include "vrrp/publish.h"
#include "vrrp/ready.h"
#include "vrrp/reconfigure.h"
#include "vrrp/rehearse.h"
#include "vrrp/repeats.h"
#include "vrrp/startup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* The heartbeat on the board is never older than this. */
#define IDLE_MAX NSEC_PER_SEC

/* A takeover is waited for awake, but not again within this: many in a row cost a tenth of it. */
#define AWAKE_PAUSE (3 * NSEC_PER_MSEC)

/* Later than this, what waits in the sockets is read before any deadline is believed. */
#define LATE (5 * NSEC_PER_MSEC)

/* Later than this, the log shall know. */
#define LATE_TO_TELL (50 * NSEC_PER_MSEC)

/* So long the routers of the predecessor are waited for before the others go their way. */
#define RESUME_MAX (5 * NSEC_PER_SEC)

/* A stop is complete when the last address is gone. */
static void finish_stop(struct engine *engine)
{
	union message message;

	if (!engine->stopping || engine->owned_count || atomic_load(&engine->end))
		return;
	message_init(&message, MESSAGE_STOPPED, 0);
	channel_send(engine->supervisor, &message, -1);
	atomic_store(&engine->end, true);
}

static void send_adverts(struct engine *engine, uint64_t now)
{
	unsigned int refused = engine_output_flush(engine->output);
	uint32_t slot;
	int error;

	if (!refused)
		return;
	engine->status.unsent += refused;
	engine->status.unsent_at = now;
	while (engine_output_take_refusal(engine->output, &slot, &error))
		publish_send_failure(engine, engine->routers[slot], now, error);
}

static void tell_resumed(struct engine *engine)
{
	union message message;

	message_init(&message, MESSAGE_RESUMED, 0);
	channel_send(engine->supervisor, &message, -1);
}

/* Every router that the predecessor left has gone on, or will not. */
static void end_resume(struct engine *engine)
{
	engine->resume = NULL;
	applier_resumed(engine->applier);
	engine->wishes_pending = true;
	tell_resumed(engine);
	input_watch(engine->input);
}

/* A configuration is there, or on its way. */
static bool has_configuration(const struct engine *engine)
{
	return engine->generation || reconfigure_busy(engine);
}

static bool is_resumed(const struct engine *engine)
{
	return engine->resume && engine->generation && !reconfigure_busy(engine) &&
	       engine->resume_waits == 0;
}

/* What is being taken in comes first, to its end, since the applier knows it already. */
static void stop(struct engine *engine, uint64_t now)
{
	engine->stopping = true;
	reconfigure_finish(engine, now);
	lifecycle_shut_down_all(engine, now);
}

/* What the predecessor left is taken up first, or nobody would give it up.  While the program stops
 * there is no core that could still bring a configuration. */
static void stop_if_wanted(struct engine *engine, uint64_t now)
{
	if (!engine->stop_wanted || engine->stopping ||
		(engine->resume && has_configuration(engine)))
		return;
	if (engine->resume)
		end_resume(engine);
	stop(engine, now);
}

/* Less than this is a thread that was held up between two clocks. */
#define SLEEP_MIN (10 * NSEC_PER_MSEC)

/* How long the machine slept since the last turn: the others may have taken over meanwhile.  What
 * one look at the clock, which comes later than `now`, can't tell from a sleep is looked into. */
static uint64_t slept(struct engine *engine, uint64_t now)
{
	uint64_t asleep, before = engine->asleep;

	if (clock_since_boot() < now + before + SLEEP_MIN)
		return 0;
	asleep = clock_asleep();
	if (asleep < before + SLEEP_MIN)
		return 0;
	engine->asleep = asleep;
	return asleep - before;
}

/* Packets before deadlines: one that lies in a socket may say that the deadline no longer holds.
 * What came since the predecessor read the sockets waits there until its routers are back. */
static bool keep_time(struct engine *engine, uint64_t now)
{
	bool unfinished = repeats_refresh(engine, now);
	uint64_t late = execute_lateness(engine, now);
	bool resumed = is_resumed(engine) || (engine->resume && now >= engine->resume_until);
	uint64_t sleep = slept(engine, now);
	bool held_up = resumed || sleep || late > LATE;
	bool more;

	if (resumed)
		end_resume(engine);
	if (engine->resume)
		return false;
	if (held_up || ready_doubts(engine, now))
		engine->ready |= READY_SOCKETS;
	more = input_read(engine, now, held_up);
	/* By the stamp of a packet a takeover can be due at once, and the next refute it. */
	if (more && !held_up && execute_next_timeout(engine) <= now)
		more = input_read(engine, now, true);
	if (sleep) {
		publish_sleep(engine, now, sleep);
		execute_slept(engine, now, sleep);
	}
	if (late > LATE_TO_TELL)
		publish_lateness(engine, now, late);
	execute_deadlines(engine, now);
	send_adverts(engine, now);
	return more || unfinished;
}

static void wake_applier(struct engine *engine)
{
	if (engine->wishes_pending)
		applier_wake(engine->applier);
	engine->wishes_pending = false;
}

static bool turn(struct engine *engine, uint64_t now)
{
	bool more = keep_time(engine, now);

	inbox_take(engine, now);
	more |= reconfigure_go_on(engine, now);
	startup_go_on(engine, now);
	stop_if_wanted(engine, now);
	send_adverts(engine, now);
	wake_applier(engine);
	publish_turn(engine, now);
	finish_stop(engine);
	engine->ready = 0;
	return more || is_resumed(engine);
}

/* Waits, without sleeping, for the timeout that is so near that sleeping would make it late, and
 * rehearses it; the next turn reads the sockets before it believes it.  False: there is none. */
static bool stay_awake(struct engine *engine, uint64_t now, uint64_t timeout)
{
	if (timeout > now + ENGINE_AWAKE_BEFORE || now < engine->awake_again)
		return false;
	rehearse_timeout(engine);
	while (clock_now() < timeout)
		;
	engine->awake_again = timeout + AWAKE_PAUSE;
	return true;
}

/* When there is something to do, though nothing comes in. */
static uint64_t next_turn(struct engine *engine, uint64_t timeout)
{
	uint64_t next = clock_sooner(execute_next_advert(engine), engine->next_read);

	if (engine->start_waits)
		next = clock_sooner(next, engine->start_at);
	if (timeout < engine->awake_again + ENGINE_AWAKE_BEFORE || timeout == UINT64_MAX)
		return clock_sooner(next, timeout);
	return clock_sooner(next, timeout - ENGINE_AWAKE_BEFORE);
}

static void wait_until(struct engine *engine, uint64_t now, bool more)
{
	uint64_t timeout = execute_next_timeout(engine);
	uint64_t next = next_turn(engine, timeout);
	uint64_t pause = more || next <= now ? 0 : clock_sooner(next - now, IDLE_MAX);

	if (more || timeout <= now || !stay_awake(engine, now, timeout))
		ready_wait(engine, now, pause);
}

static HOT void *run(void *argument)
{
	struct engine *engine = argument;
	bool more = false;

	pthread_setname_np(pthread_self(), "engine");
	engine->asleep = clock_asleep();
	if (!engine->status.started)
		engine->status.started = clock_now();
	while (!atomic_load(&engine->end)) {
		uint64_t now = clock_now();

		more = turn(engine, now);
		wait_until(engine, clock_now(), more);
	}
	return NULL;
}

static int open_engine(struct engine *engine, const struct engine_setup *setup)
{
	struct epoll_event event;
	int error = deadline_heap_init(&engine->adverts, IMAGE_SLOTS);

	if (!error)
		error = deadline_heap_init(&engine->timeouts, IMAGE_SLOTS);
	if (error)
		return error;
	engine->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (engine->epoll < 0)
		return -errno;
	/* Without it (Linux before 5.11) the engine would never wait. */
	if (epollwait(engine->epoll, &event, 1, 0) < 0)
		return -errno;
	engine->input = input_open(engine->epoll, setup->sockets);
	if (!engine->input)
		return -errno;
	input_use_filter(engine, false, clock_now()); /* the predecessor's goes */
	if (!engine->resume)
		error = input_watch(engine->input);
	if (error)
		return error;
	engine->output = engine_output_open(input_socket(engine->input, VRRP_IPV4 - 1),
		input_socket(engine->input, VRRP_IPV6 - 1));
	if (!engine->output)
		return -ENOMEM;
	return inbox_watch(engine);
}

/* An image that this version does not understand is none: core, for which nobody is to wait then,
 * brings one. */
static void begin_resume(struct engine *engine, const struct engine_setup *setup)
{
	const struct status_engine *snapshot = snapshot_engine(setup->resume);

	engine->status = *snapshot;
	engine->start_known = true;
	engine->resume_until = clock_now() + RESUME_MAX;
	if (setup->image < 0 || reconfigure_begin(engine, snapshot->generation, setup->image) < 0)
		engine->status.generation = 0;
	if (!engine->status.generation)
		tell_resumed(engine);
}

static struct engine *free_engine(struct engine *engine)
{
	reconfigure_clear(engine);
	lifecycle_clear(engine);
	groups_clear(engine);
	interface_table_clear(&engine->interfaces);
	engine->core = descriptor_close(engine->core);
	engine->check = descriptor_close(engine->check);
	engine->epoll = descriptor_close(engine->epoll);
	engine->supervisor = descriptor_close(engine->supervisor);
	input_close(engine->input);
	engine_output_close(engine->output);
	filter_close(engine->filter);
	deadline_heap_clear(&engine->adverts);
	deadline_heap_clear(&engine->timeouts);
	free(engine);
	return NULL;
}

struct engine *engine_start(const struct engine_setup *setup)
{
	struct engine *engine = calloc(1, sizeof(*engine));
	int error;

	if (!engine)
		return NULL;
	engine->applier = setup->applier;
	engine->board = setup->board;
	engine->ring = setup->ring;
	engine->supervisor = setup->supervisor;
	memcpy(engine->wake, setup->wake, sizeof(engine->wake));
	engine->resume = setup->resume;
	engine->epoll = -1;
	engine->next_read = UINT64_MAX;
	engine->core = -1;
	engine->check = -1;
	engine->filter = setup->filter;
	engine->filter_unwanted = setup->filter_unwanted;
	STAILQ_INIT(&engine->changes);
	TAILQ_INIT(&engine->repeats.routers);
	error = open_engine(engine, setup);
	if (!error && setup->resume)
		begin_resume(engine, setup);
	if (!error)
		error = -pthread_create(&engine->thread, NULL, run, engine);
	if (error) {
		free_engine(engine);
		errno = -error;
		return NULL;
	}
	return engine;
}

void engine_frozen(struct engine *engine)
{
	pthread_join(engine->thread, NULL);
	engine->joined = true;
	repeats_settle_all(engine, clock_now());
}

pthread_t engine_thread(const struct engine *engine)
{
	return engine->thread;
}

void engine_sockets(const struct engine *engine, int sockets[INPUT_SOCKETS])
{
	for (int i = 0; i < INPUT_SOCKETS; i++)
		sockets[i] = input_socket(engine->input, i);
}

struct engine *engine_end(struct engine *engine)
{
	if (!engine)
		return NULL;
	atomic_store(&engine->end, true);
	if (!engine->joined)
		pthread_join(engine->thread, NULL);
	return free_engine(engine);
}
