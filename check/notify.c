/* SPDX-License-Identifier: ISC */
#include "check/notify.h"

#include "check/leftover.h"
#include "check/script.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

static_assert(NOTIFY_RUNNING_MAX <= LEFTOVER_NOTES, "every running script has a note");

#define PUMP_BATCH     256 /* events that are read before other work gets its turn */
#define START_AGAIN_MS 500 /* after a script could not be started for lack of something */
#define USEC_PER_MSEC  (NSEC_PER_MSEC / NSEC_PER_USEC)

/* A transition whose scripts have not all ended. */
struct job {
	TAILQ_ENTRY(job) age;  /* in notify.jobs, by number */
	TAILQ_ENTRY(job) turn; /* in its queue */
	uint64_t number;
	struct instance *instance;
	uint32_t next; /* the command that comes next, or runs */
	uint8_t state;
	uint8_t priority;
};

TAILQ_HEAD(job_list, job);

struct queue {
	struct notify *notify;
	struct job_list jobs; /* the first one is the one whose scripts run */
	unsigned int length;
	uint64_t given_up;
	struct script *script;
	struct leftover_note *note; /* the running script's */
	bool ready;		    /* in notify.ready */
	TAILQ_ENTRY(queue) turn;
};

TAILQ_HEAD(queue_list, queue);

struct notify {
	sd_event *loop;
	struct consumer *consumer;
	const struct table *table;
	sd_event_source *more;	     /* continue with the ring */
	sd_event_source *patience;   /* an event waits for an image */
	sd_event_source *again;	     /* try to start scripts again */
	struct leftover_note *notes; /* of the running scripts, kept for a next life */
	struct job_list jobs;
	struct queue_list ready; /* queues with something to run and nothing running */
	struct queue *queues[IMAGE_SLOTS];
	struct event held;    /* waits for an image */
	uint64_t held_number; /* 0: none */
	uint64_t lost;	      /* as logged */
	bool impatient;	      /* no event waits for an image before the next one has come */
	bool stopping;
	bool failing; /* scripts could not be started: said already */
	struct notify_counts counts;
};

static void serve(struct notify *notify);

static struct queue *queue_of(struct notify *notify, uint32_t slot)
{
	struct queue *queue = notify->queues[slot];

	if (queue)
		return queue;
	queue = calloc(1, sizeof(*queue));
	if (!queue)
		return NULL;
	queue->notify = notify;
	TAILQ_INIT(&queue->jobs);
	notify->queues[slot] = queue;
	return queue;
}

static bool is_due(const struct job *job, uint32_t index)
{
	return job->instance->commands[index].on_state == job->state;
}

/* Moves to the next command that the transition asks for: false if none is left. */
static bool seek_command(struct job *job)
{
	while (job->next < job->instance->command_count && !is_due(job, job->next))
		job->next++;
	return job->next < job->instance->command_count;
}

static void finish(struct queue *queue, struct job *job)
{
	TAILQ_REMOVE(&queue->notify->jobs, job, age);
	TAILQ_REMOVE(&queue->jobs, job, turn);
	queue->length--;
	queue->notify->counts.waiting--;
	instance_drop(job->instance);
	free(job);
}

/* The bookmark: nothing before it is left to be done. */
static void settle(struct notify *notify)
{
	const struct job *oldest = TAILQ_FIRST(&notify->jobs);
	uint64_t number = consumer_ahead(notify->consumer);

	if (notify->held_number)
		number = notify->held_number;
	if (oldest)
		number = oldest->number;
	consumer_done_before(notify->consumer, number);
}

static void make_ready(struct queue *queue)
{
	if (queue->ready || queue->script || TAILQ_EMPTY(&queue->jobs))
		return;
	queue->ready = true;
	TAILQ_INSERT_TAIL(&queue->notify->ready, queue, turn);
}

static void on_script_ended(void *context)
{
	struct queue *queue = context;
	struct notify *notify = queue->notify;
	struct job *job = TAILQ_FIRST(&queue->jobs);

	queue->script = NULL;
	leftover_erase(queue->note);
	queue->note = NULL;
	notify->counts.running--;
	job->next++;
	if (!seek_command(job))
		finish(queue, job);
	make_ready(queue);
	settle(notify);
	serve(notify);
}

static int start(struct queue *queue, const struct job *job)
{
	const struct instance *instance = job->instance;
	const struct command *command = &instance->commands[job->next];
	char name[512], interface[48], family[32], vrid[32], priority[32], number[8];
	const char *const variables[] = {name, interface, family, vrid, priority, NULL};
	struct spawn_request request = {.arguments = command->arguments,
		.variables = variables,
		.uid = command->uid,
		.gid = command->gid,
		.note = leftover_claim(queue->notify->notes)};
	int error;

	snprintf(name, sizeof(name), "VRRP_INSTANCE=%s", instance->name);
	snprintf(interface, sizeof(interface), "VRRP_INTERFACE=%s", instance->interface);
	snprintf(family, sizeof(family), "VRRP_FAMILY=%s",
		instance->family == IMAGE_IPV4 ? "ipv4" : "ipv6");
	snprintf(vrid, sizeof(vrid), "VRRP_VRID=%u", instance->vrid);
	snprintf(priority, sizeof(priority), "VRRP_PRIORITY=%u", job->priority);
	snprintf(number, sizeof(number), "%u", job->priority);
	if (command->flags & IMAGE_COMMAND_PRIORITY)
		request.appended = number;
	error = script_start(&queue->script, queue->notify->loop, instance->name, &request,
		SCRIPT_TIMEOUT_MS, on_script_ended, queue);
	if (error)
		leftover_erase(request.note);
	else
		queue->note = request.note;
	return error;
}

static void try_again_later(struct notify *notify, const struct job *job, int error)
{
	if (!notify->failing)
		log_message(LOG_ERR, "%s: scripts can't be started: %s; trying on",
			job->instance->name, strerror(-error));
	notify->failing = true;
	sd_event_source_set_time_relative(notify->again, START_AGAIN_MS * USEC_PER_MSEC);
	sd_event_source_set_enabled(notify->again, SD_EVENT_ONESHOT);
}

/* Starts what is ready, the longest waiting first. */
static void serve(struct notify *notify)
{
	struct queue *queue;

	while (notify->counts.running < NOTIFY_RUNNING_MAX &&
		(queue = TAILQ_FIRST(&notify->ready))) {
		const struct job *job = TAILQ_FIRST(&queue->jobs);
		int error = start(queue, job);

		if (error) {
			try_again_later(notify, job, error);
			return;
		}
		notify->failing = false;
		notify->counts.running++;
		queue->ready = false;
		TAILQ_REMOVE(&notify->ready, queue, turn);
	}
}

/* Of a full queue, the oldest transition of which nothing was run yet: so the last state is always
 * told. */
static void give_up_one(struct queue *queue)
{
	struct job *job = TAILQ_FIRST(&queue->jobs);

	if (queue->script || job->next > 0)
		job = TAILQ_NEXT(job, turn);
	queue->given_up++;
	queue->notify->counts.given_up++;
	if ((queue->given_up & (queue->given_up - 1)) == 0)
		log_message(LOG_ERR,
			"%s: its scripts are too slow: %u transitions wait, and the scripts of "
			"%llu "
			"were given up",
			job->instance->name, NOTIFY_QUEUE_MAX, (unsigned long long)queue->given_up);
	finish(queue, job);
}

static void enqueue(struct queue *queue, uint64_t number, struct job *job)
{
	struct notify *notify = queue->notify;

	if (queue->length >= NOTIFY_QUEUE_MAX + (queue->script ? 1 : 0))
		give_up_one(queue);
	job->number = number;
	TAILQ_INSERT_TAIL(&notify->jobs, job, age);
	TAILQ_INSERT_TAIL(&queue->jobs, job, turn);
	queue->length++;
	notify->counts.waiting++;
	make_ready(queue);
}

static void ask_for_scripts(struct notify *notify, struct instance *instance,
	const struct event *event, uint64_t number)
{
	struct job *job = calloc(1, sizeof(*job));
	struct queue *queue = queue_of(notify, event->slot);

	if (!job || !queue) {
		free(job);
		notify->counts.given_up++;
		log_message(LOG_ERR, "%s: the scripts of a transition were given up: no memory",
			instance->name);
		return;
	}
	job->instance = instance_hold(instance);
	job->state = event->new_state;
	job->priority = event->priority;
	if (seek_command(job)) {
		enqueue(queue, number, job);
		return;
	}
	instance_drop(job->instance);
	free(job);
}

/* False: the event waits for an image. */
static bool take(struct notify *notify, const struct event *event, uint64_t number)
{
	struct instance *instance;

	if (event->kind != EVENT_TRANSITION)
		return true;
	instance = table_find(notify->table, event);
	if (instance) {
		ask_for_scripts(notify, instance, event, number);
		return true;
	}
	if (!notify->impatient && !notify->stopping)
		return false;
	notify->counts.unknown++;
	log_message(LOG_NOTICE,
		"IPv%d VRID %u on %.16s changed its state, but is not in the configuration (any "
		"more): no script is run",
		event->family == IMAGE_IPV4 ? 4 : 6, event->vrid, event->interface);
	return true;
}

static void log_losses(struct notify *notify)
{
	uint64_t lost = consumer_lost(notify->consumer);

	if (lost > notify->lost)
		log_message(LOG_ERR,
			"%llu events were overwritten before they were read: scripts of "
			"transitions among them were not run",
			(unsigned long long)(lost - notify->lost));
	notify->lost = lost;
}

static void hold(struct notify *notify, const struct event *event, uint64_t number)
{
	notify->held = *event;
	notify->held_number = number;
	sd_event_source_set_time_relative(notify->patience, NOTIFY_IMAGE_WAIT_MS * USEC_PER_MSEC);
	sd_event_source_set_enabled(notify->patience, SD_EVENT_ONESHOT);
}

static void read_batch(struct notify *notify)
{
	struct event event;
	uint64_t number;

	if (notify->held_number) {
		if (!take(notify, &notify->held, notify->held_number))
			return;
		notify->held_number = 0;
	}
	for (int i = 0; i < PUMP_BATCH && consumer_next(notify->consumer, &event, &number); i++) {
		if (!take(notify, &event, number)) {
			hold(notify, &event, number);
			return;
		}
	}
}

void notify_pump(struct notify *notify)
{
	if (!table_generation(notify->table))
		return;
	read_batch(notify);
	log_losses(notify);
	settle(notify);
	serve(notify);
	sd_event_source_set_enabled(notify->more,
		!notify->held_number && consumer_pending(notify->consumer) ? SD_EVENT_ONESHOT
									   : SD_EVENT_OFF);
}

void notify_image(struct notify *notify)
{
	notify->impatient = false;
	notify_pump(notify);
}

void notify_stop(struct notify *notify)
{
	notify->stopping = true;
	notify_pump(notify);
}

bool notify_idle(const struct notify *notify)
{
	if (!TAILQ_EMPTY(&notify->jobs))
		return false;
	return !table_generation(notify->table) ||
	       (!notify->held_number && !consumer_pending(notify->consumer));
}

struct notify_counts notify_counts(const struct notify *notify)
{
	return notify->counts;
}

static int on_more(sd_event_source *source, void *context)
{
	notify_pump(context);
	return 0;
}

static int on_patience(sd_event_source *source, uint64_t usec, void *context)
{
	struct notify *notify = context;

	notify->impatient = true;
	notify_pump(notify);
	return 0;
}

static int on_again(sd_event_source *source, uint64_t usec, void *context)
{
	serve(context);
	return 0;
}

static int add_timer(
	struct notify *notify, sd_event_source **timer, sd_event_time_handler_t handler)
{
	int error = sd_event_add_time_relative(
		notify->loop, timer, CLOCK_MONOTONIC, 0, 0, handler, notify);

	return error < 0 ? error : sd_event_source_set_enabled(*timer, SD_EVENT_OFF);
}

struct notify *notify_create(sd_event *loop, struct consumer *consumer, const struct table *table)
{
	struct notify *notify = calloc(1, sizeof(*notify));
	int error;

	if (!notify)
		return NULL;
	notify->loop = loop;
	notify->consumer = consumer;
	notify->table = table;
	notify->lost = consumer_lost(consumer);
	notify->notes = (struct leftover_note *)consumer_notes(consumer);
	TAILQ_INIT(&notify->jobs);
	TAILQ_INIT(&notify->ready);
	error = sd_event_add_defer(loop, &notify->more, on_more, notify);
	if (error >= 0)
		error = sd_event_source_set_enabled(notify->more, SD_EVENT_OFF);
	if (error >= 0)
		error = add_timer(notify, &notify->patience, on_patience);
	if (error >= 0)
		error = add_timer(notify, &notify->again, on_again);
	if (error >= 0)
		return notify;
	errno = -error;
	return notify_free(notify);
}

struct notify *notify_free(struct notify *notify)
{
	if (!notify)
		return NULL;
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		struct queue *queue = notify->queues[slot];

		if (!queue)
			continue;
		if (queue->script) {
			script_abandon(queue->script);
			leftover_erase(queue->note);
		}
		while (!TAILQ_EMPTY(&queue->jobs))
			finish(queue, TAILQ_FIRST(&queue->jobs));
		free(queue);
	}
	sd_event_source_disable_unref(notify->more);
	sd_event_source_disable_unref(notify->patience);
	sd_event_source_disable_unref(notify->again);
	free(notify);
	return NULL;
}
