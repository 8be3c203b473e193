/* SPDX-License-Identifier: ISC */
#include "check/notify/dispatch.h"

#include "check/config/eventreader.h"
#include "check/script/runlist.h"
#include "check/script/script.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

static_assert(DISPATCH_RUNNING_MAX <= RUNLIST_ENTRIES, "every running script has a note");

#define START_AGAIN_MS 500 /* after a script could not be started for lack of something */
#define USEC_PER_MSEC  (NSEC_PER_MSEC / NSEC_PER_USEC)

/* Of the routers by their slots, then of the groups by theirs. */
#define QUEUES (IMAGE_SLOTS + IMAGE_GROUPS)

/* A transition whose scripts have not all ended. */
struct job {
	TAILQ_ENTRY(job) age;  /* in dispatch.jobs, by number */
	TAILQ_ENTRY(job) turn; /* in its queue */
	uint64_t number;
	struct instance *instance;
	uint32_t next;	  /* the command that comes next, or runs */
	uint8_t occasion; /* enum image_occasion */
	uint8_t priority;
	bool was_in_fault;
};

TAILQ_HEAD(job_list, job);

struct queue {
	struct dispatch *dispatch;
	struct job_list jobs; /* the first one is the one whose scripts run */
	unsigned int length;
	uint64_t given_up;
	struct script *script;
	struct runlist_entry *note; /* the running script's */
	bool ready;		    /* in dispatch.ready */
	TAILQ_ENTRY(queue) turn;
};

TAILQ_HEAD(queue_list, queue);

struct dispatch {
	sd_event *loop;
	struct consumer *consumer;
	const struct scripttable *table;
	struct eventreader events;
	sd_event_source *again;	     /* try to start scripts again */
	struct runlist_entry *notes; /* of the running scripts, kept for a next life */
	struct job_list jobs;
	struct queue_list ready; /* queues with something to run and nothing running */
	struct queue *queues[QUEUES];
	bool failing; /* scripts could not be started: said already */
	struct dispatch_counts counts;
};

static void serve(struct dispatch *dispatch);

static struct queue *queue_of(struct dispatch *dispatch, const struct event *event)
{
	const uint32_t slot =
		event->kind == EVENT_GROUP ? IMAGE_SLOTS + event->slot % IMAGE_GROUPS : event->slot;
	struct queue *queue = dispatch->queues[slot];

	if (queue)
		return queue;
	queue = calloc(1, sizeof(*queue));
	if (!queue)
		return NULL;
	queue->dispatch = dispatch;
	TAILQ_INIT(&queue->jobs);
	dispatch->queues[slot] = queue;
	return queue;
}

static bool is_due(const struct job *job, uint32_t index)
{
	const uint8_t occasion = job->instance->commands[index].occasion;

	if (occasion == IMAGE_ON_GONE)
		return job->occasion == IMAGE_ON_DELETED && !job->was_in_fault;
	return occasion == job->occasion;
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
	TAILQ_REMOVE(&queue->dispatch->jobs, job, age);
	TAILQ_REMOVE(&queue->jobs, job, turn);
	queue->length--;
	queue->dispatch->counts.waiting--;
	instance_drop(job->instance);
	free(job);
}

/* The bookmark: nothing before it is left to be done. */
static void settle(struct dispatch *dispatch)
{
	const struct job *oldest = TAILQ_FIRST(&dispatch->jobs);

	consumer_done_before(
		dispatch->consumer, oldest ? oldest->number : eventreader_place(&dispatch->events));
}

static void make_ready(struct queue *queue)
{
	if (queue->ready || queue->script || TAILQ_EMPTY(&queue->jobs))
		return;
	queue->ready = true;
	TAILQ_INSERT_TAIL(&queue->dispatch->ready, queue, turn);
}

static void on_script_ended(void *context)
{
	struct queue *queue = context;
	struct dispatch *dispatch = queue->dispatch;
	struct job *job = TAILQ_FIRST(&queue->jobs);

	queue->script = NULL;
	runlist_erase(queue->note);
	queue->note = NULL;
	dispatch->counts.running--;
	job->next++;
	if (!seek_command(job))
		finish(queue, job);
	make_ready(queue);
	settle(dispatch);
	serve(dispatch);
}

static int start(struct queue *queue, const struct job *job)
{
	const struct instance *instance = job->instance;
	const struct command *command = &instance->commands[job->next];
	char name[512], interface[48], family[32], vrid[32], priority[32], number[8];
	const char *const variables[] = {
		name, instance->is_group ? NULL : interface, family, vrid, priority, NULL};
	struct spawn_request request = {.arguments = command->arguments,
		.variables = variables,
		.uid = command->uid,
		.gid = command->gid,
		.note = runlist_claim(queue->dispatch->notes)};
	int error;

	snprintf(name, sizeof(name), "VRRP_%s=%s", instance->is_group ? "GROUP" : "INSTANCE",
		instance->name);
	snprintf(interface, sizeof(interface), "VRRP_INTERFACE=%s", instance->interface);
	snprintf(family, sizeof(family), "VRRP_FAMILY=%s",
		instance->family == IMAGE_IPV4 ? "ipv4" : "ipv6");
	snprintf(vrid, sizeof(vrid), "VRRP_VRID=%u", instance->vrid);
	snprintf(priority, sizeof(priority), "VRRP_PRIORITY=%u", job->priority);
	snprintf(number, sizeof(number), "%u", job->priority);
	if (command->flags & IMAGE_COMMAND_PRIORITY)
		request.appended = number;
	error = script_start(&queue->script, queue->dispatch->loop, instance->name, &request,
		SCRIPT_TIMEOUT_MS, on_script_ended, queue);
	if (error)
		runlist_erase(request.note);
	else
		queue->note = request.note;
	return error;
}

static void try_again_later(struct dispatch *dispatch, const struct job *job, int error)
{
	if (!dispatch->failing)
		log_message(LOG_ERR, "%s: scripts can't be started: %s; trying on",
			job->instance->name, strerror(-error));
	dispatch->failing = true;
	sd_event_source_set_time_relative(dispatch->again, START_AGAIN_MS * USEC_PER_MSEC);
	sd_event_source_set_enabled(dispatch->again, SD_EVENT_ONESHOT);
}

/* Starts what is ready, the longest waiting first. */
static void serve(struct dispatch *dispatch)
{
	struct queue *queue;

	while (dispatch->counts.running < DISPATCH_RUNNING_MAX &&
		(queue = TAILQ_FIRST(&dispatch->ready))) {
		const struct job *job = TAILQ_FIRST(&queue->jobs);
		int error = start(queue, job);

		if (error) {
			try_again_later(dispatch, job, error);
			return;
		}
		dispatch->failing = false;
		dispatch->counts.running++;
		queue->ready = false;
		TAILQ_REMOVE(&dispatch->ready, queue, turn);
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
	queue->dispatch->counts.given_up++;
	if ((queue->given_up & (queue->given_up - 1)) == 0)
		log_message(LOG_ERR,
			"%s: its scripts are too slow: %u transitions wait, and the scripts of "
			"%llu "
			"were given up",
			job->instance->name, DISPATCH_QUEUE_MAX,
			(unsigned long long)queue->given_up);
	finish(queue, job);
}

static void enqueue(struct queue *queue, uint64_t number, struct job *job)
{
	struct dispatch *dispatch = queue->dispatch;

	if (queue->length >= DISPATCH_QUEUE_MAX + (queue->script ? 1 : 0))
		give_up_one(queue);
	job->number = number;
	TAILQ_INSERT_TAIL(&dispatch->jobs, job, age);
	TAILQ_INSERT_TAIL(&queue->jobs, job, turn);
	queue->length++;
	dispatch->counts.waiting++;
	make_ready(queue);
}

/* What the event asks scripts for, or IMAGE_OCCASIONS: nothing. */
static uint8_t occasion_of(const struct event *event)
{
	if (event->kind == EVENT_LOWER_HEARD)
		return IMAGE_ON_LOWER;
	if (event->kind != EVENT_TRANSITION && event->kind != EVENT_GROUP)
		return IMAGE_OCCASIONS;
	if (event->kind == EVENT_TRANSITION && event->reason == EVENT_REASON_REMOVED)
		return IMAGE_ON_DELETED;
	return event->new_state;
}

static void ask_for_scripts(struct dispatch *dispatch, struct instance *instance,
	const struct event *event, uint64_t number)
{
	struct job *job = calloc(1, sizeof(*job));
	struct queue *queue = queue_of(dispatch, event);

	if (!job || !queue) {
		free(job);
		dispatch->counts.given_up++;
		log_message(LOG_ERR, "%s: the scripts of a transition were given up: no memory",
			instance->name);
		return;
	}
	job->instance = instance_hold(instance);
	job->occasion = occasion_of(event);
	job->priority = event->kind == EVENT_GROUP ? 0 : event->priority;
	job->was_in_fault = event->old_state == IMAGE_ON_FAULT;
	if (seek_command(job)) {
		enqueue(queue, number, job);
		return;
	}
	instance_drop(job->instance);
	free(job);
}

/* False: the event waits for an image. */
static bool take(void *context, const struct event *event, uint64_t number)
{
	struct dispatch *dispatch = context;
	struct instance *instance;

	if (occasion_of(event) == IMAGE_OCCASIONS)
		return true;
	instance = scripttable_find(dispatch->table, event);
	if (instance) {
		ask_for_scripts(dispatch, instance, event, number);
		return true;
	}
	if (!eventreader_is_impatient(&dispatch->events))
		return false;
	dispatch->counts.unknown++;
	log_message(LOG_NOTICE,
		"IPv%d VRID %u on %.16s changed its state, but is not in the configuration (any "
		"more): no script is run",
		event->family == IMAGE_IPV4 ? 4 : 6, event->vrid, event->interface);
	return true;
}

static void on_lost(void *context, uint64_t count)
{
	log_message(LOG_ERR,
		"%llu events were overwritten before they were read: scripts of transitions among "
		"them were not run",
		(unsigned long long)count);
}

void dispatch_pump(struct dispatch *dispatch)
{
	if (!scripttable_generation(dispatch->table))
		return;
	eventreader_read(&dispatch->events);
	settle(dispatch);
	serve(dispatch);
	eventreader_go_on(&dispatch->events);
}

void dispatch_image(struct dispatch *dispatch)
{
	eventreader_image(&dispatch->events);
	dispatch_pump(dispatch);
}

void dispatch_stop(struct dispatch *dispatch)
{
	eventreader_stop(&dispatch->events);
	dispatch_pump(dispatch);
}

uint64_t dispatch_taken(const struct dispatch *dispatch)
{
	return eventreader_place(&dispatch->events);
}

bool dispatch_idle(const struct dispatch *dispatch)
{
	if (!TAILQ_EMPTY(&dispatch->jobs))
		return false;
	return !scripttable_generation(dispatch->table) || eventreader_is_done(&dispatch->events);
}

struct dispatch_counts dispatch_counts(const struct dispatch *dispatch)
{
	return dispatch->counts;
}

static void on_events(void *context)
{
	dispatch_pump(context);
}

static const struct eventreader_user reading = {.take = take, .pump = on_events, .lost = on_lost};

static int on_again(sd_event_source *source, uint64_t usec, void *context)
{
	serve(context);
	return 0;
}

static int add_timer(struct dispatch *dispatch)
{
	int error = sd_event_add_time_relative(
		dispatch->loop, &dispatch->again, CLOCK_MONOTONIC, 0, 0, on_again, dispatch);

	return error < 0 ? error : sd_event_source_set_enabled(dispatch->again, SD_EVENT_OFF);
}

struct dispatch *dispatch_create(
	sd_event *loop, struct consumer *consumer, const struct scripttable *table)
{
	struct dispatch *dispatch = calloc(1, sizeof(*dispatch));
	int error;

	if (!dispatch)
		return NULL;
	dispatch->loop = loop;
	dispatch->consumer = consumer;
	dispatch->table = table;
	dispatch->notes = (struct runlist_entry *)consumer_notes(consumer);
	TAILQ_INIT(&dispatch->jobs);
	TAILQ_INIT(&dispatch->ready);
	error = eventreader_open(&dispatch->events, loop, consumer, &reading, dispatch);
	if (error >= 0)
		error = add_timer(dispatch);
	if (error >= 0)
		return dispatch;
	errno = -error;
	return dispatch_free(dispatch);
}

struct dispatch *dispatch_free(struct dispatch *dispatch)
{
	if (!dispatch)
		return NULL;
	for (uint32_t slot = 0; slot < QUEUES; slot++) {
		struct queue *queue = dispatch->queues[slot];

		if (!queue)
			continue;
		if (queue->script) {
			script_abandon(queue->script);
			runlist_erase(queue->note);
		}
		while (!TAILQ_EMPTY(&queue->jobs))
			finish(queue, TAILQ_FIRST(&queue->jobs));
		free(queue);
	}
	eventreader_close(&dispatch->events);
	sd_event_source_disable_unref(dispatch->again);
	free(dispatch);
	return NULL;
}
