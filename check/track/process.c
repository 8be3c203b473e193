/* SPDX-License-Identifier: ISC */
#include "check/track/process.h"

#include "check/track/procconnector.h"
#include "lib/clock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#define USEC_PER_MSEC (NSEC_PER_MSEC / NSEC_PER_USEC)
#define BUCKETS	      1024
#define EVENTS_A_TURN 1024 /* of the connector, before others have their turn */

enum cause {
	CAUSE_END,
	CAUSE_FORK,
	CAUSE_OTHER, /* it began or ceased to be what is looked for: counts at once */
};

/* A memory: bits, and above them a time in us. */
enum {
	MEMORY_TOLD = 1 << 0,
	MEMORY_OK = 1 << 1, /* that was told */
	MEMORY_UNTIL = 2,   /* the time's first bit: another state is told then; 0: none waits */
};

/* A process that counts for a tracker. */
struct counted {
	LIST_ENTRY(counted) others; /* of the same bucket */
	struct process_tracker *tracker;
	pid_t pid;
	uint32_t look; /* when it was seen last */
};

struct process_tracker {
	LIST_ENTRY(process_tracker) others;
	struct process_watch *watch;
	struct process_want want;
	char *words; /* the pattern's */
	process_told told;
	void *context;
	uint32_t count;
	uint32_t told_count;
	bool looked; /* it has been counted in /proc: until then nothing is complete */
	bool known;  /* it has been told */
	bool ok;
	enum cause cause;	  /* of the change that is under way */
	sd_event_source *pending; /* a change that has to last before it counts */
};

struct process_watch {
	sd_event *loop;
	process_ask ask;
	void *context;
	LIST_HEAD(, process_tracker) trackers;
	LIST_HEAD(, counted) buckets[BUCKETS];
	sd_event_source *look; /* through /proc, next time */
	sd_event_source *connector;
	uint32_t looks;
	bool lost;	 /* news of the connector */
	bool by_name;	 /* some tracker compares names, */
	bool by_command; /* command lines */
};

/* `until`: when what waits will be told, in us; 0: nothing waits. */
static void remember(const struct process_tracker *tracker, uint64_t until)
{
	if (tracker->want.memory)
		atomic_store(tracker->want.memory,
			until << MEMORY_UNTIL | (tracker->ok ? MEMORY_OK : 0) | MEMORY_TOLD);
}

static void tell(struct process_tracker *tracker, bool ok)
{
	bool same = tracker->known && tracker->ok == ok && tracker->told_count == tracker->count;

	tracker->pending = sd_event_source_disable_unref(tracker->pending);
	tracker->known = true;
	tracker->ok = ok;
	tracker->told_count = tracker->count;
	remember(tracker, 0);
	if (!same)
		tracker->told(tracker->context, ok, tracker->count);
}

static bool is_met(const struct process_tracker *tracker)
{
	return tracker->count >= tracker->want.quorum && tracker->count <= tracker->want.quorum_max;
}

static int on_lasted(sd_event_source *source, uint64_t usec, void *context)
{
	struct process_tracker *tracker = context;

	tell(tracker, is_met(tracker));
	return 0;
}

/* Goes on from what its predecessor has told: when what it still had to tell is due, or 0. */
static uint64_t resume(struct process_tracker *tracker)
{
	uint64_t memory =
		tracker->known || !tracker->want.memory ? 0 : atomic_load(tracker->want.memory);

	if (memory)
		tell(tracker, memory & MEMORY_OK);
	return memory >> MEMORY_UNTIL;
}

static void wait_until(struct process_tracker *tracker, uint64_t until)
{
	remember(tracker, until);
	if (sd_event_add_time(tracker->watch->loop, &tracker->pending, CLOCK_MONOTONIC, until, 1,
		    on_lasted, tracker) < 0)
		tell(tracker, is_met(tracker));
}

/* What must have happened between the predecessor's last look and our first. */
static enum cause missed_cause(const struct process_tracker *tracker)
{
	if (tracker->count < tracker->want.quorum)
		return CAUSE_END;
	return tracker->count > tracker->want.quorum_max ? CAUSE_FORK : CAUSE_OTHER;
}

/* A change by `cause` is complete. */
static void settle(struct process_tracker *tracker)
{
	bool ok = is_met(tracker), known = tracker->known;
	uint64_t until, delay = 0;

	if (!tracker->looked)
		return;
	until = resume(tracker);
	if (tracker->known != known)
		tracker->cause = missed_cause(tracker);
	if (tracker->cause == CAUSE_FORK)
		delay = tracker->want.fork_delay;
	else if (tracker->cause == CAUSE_END)
		delay = tracker->want.terminate_delay;
	if (!until && delay)
		until = (clock_now() + delay) / NSEC_PER_USEC;
	if (!tracker->known || ok == tracker->ok || !until) {
		/* A change that waits goes on waiting, unless it is taken back. */
		if (!tracker->pending || ok == tracker->ok)
			tell(tracker, ok);
	} else if (!tracker->pending) {
		wait_until(tracker, until);
	}
	tracker->cause = CAUSE_END;
}

static struct counted *find(
	const struct process_watch *watch, const struct process_tracker *tracker, pid_t pid)
{
	struct counted *each;

	LIST_FOREACH (each, &watch->buckets[(uint32_t)pid % BUCKETS], others)
		if (each->pid == pid && each->tracker == tracker)
			break;
	return each;
}

/* Without memory the process is missing until the next look. */
static void count(struct process_tracker *tracker, pid_t pid, enum cause cause)
{
	struct counted *one = calloc(1, sizeof(*one));

	if (!one)
		return;
	*one = (struct counted){.tracker = tracker, .pid = pid, .look = tracker->watch->looks};
	LIST_INSERT_HEAD(&tracker->watch->buckets[(uint32_t)pid % BUCKETS], one, others);
	tracker->count++;
	if (cause > tracker->cause)
		tracker->cause = cause;
}

static void discount(struct counted *one, enum cause cause)
{
	one->tracker->count--;
	if (cause > one->tracker->cause)
		one->tracker->cause = cause;
	LIST_REMOVE(one, others);
	free(one);
}

static void on_fork(struct process_watch *watch, pid_t parent, pid_t child)
{
	struct process_tracker *tracker;

	LIST_FOREACH (tracker, &watch->trackers, others) {
		if (!find(watch, tracker, parent) || find(watch, tracker, child))
			continue;
		count(tracker, child, CAUSE_FORK);
		settle(tracker);
	}
}

static void on_end(struct process_watch *watch, pid_t pid)
{
	struct counted *one = LIST_FIRST(&watch->buckets[(uint32_t)pid % BUCKETS]);
	struct counted *next;

	for (; one; one = next) {
		struct process_tracker *tracker = one->tracker;

		next = LIST_NEXT(one, others);
		if (one->pid != pid)
			continue;
		discount(one, CAUSE_END);
		settle(tracker);
	}
}

/* It is another program, or has another name, now. */
static void on_change(struct process_watch *watch, pid_t pid, bool command)
{
	struct process_seen process;
	struct process_tracker *tracker;

	/* Of one that has gone by now its end is told next. */
	if ((!command && !watch->by_name) ||
		!process_look(pid, command && watch->by_command, &process))
		return;
	LIST_FOREACH (tracker, &watch->trackers, others) {
		struct counted *one;

		if (!command && process_pattern_needs_command(&tracker->want.pattern))
			continue;
		one = find(watch, tracker, pid);
		if (process_pattern_matches(&tracker->want.pattern, &process) == (one != NULL))
			continue;
		if (one)
			discount(one, CAUSE_OTHER);
		else
			count(tracker, pid, CAUSE_OTHER);
		settle(tracker);
	}
}

/* The fork of one that counted already is told from a program that was started. */
static void see(struct process_watch *watch, const struct process_seen *process)
{
	struct process_tracker *tracker;

	LIST_FOREACH (tracker, &watch->trackers, others) {
		struct counted *one;

		if (!process_pattern_matches(&tracker->want.pattern, process))
			continue;
		one = find(watch, tracker, process->pid);
		if (one)
			one->look = watch->looks;
		else
			count(tracker, process->pid,
				find(watch, tracker, process->parent) ? CAUSE_FORK : CAUSE_OTHER);
	}
}

static void forget_unseen(struct process_watch *watch)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct counted *one = LIST_FIRST(&watch->buckets[i]);
		struct counted *next;

		for (; one; one = next) {
			next = LIST_NEXT(one, others);
			if (one->look != watch->looks)
				discount(one, CAUSE_END);
		}
	}
}

static void look_through(struct process_watch *watch)
{
	DIR *folder = opendir("/proc");
	struct process_tracker *tracker;
	struct process_seen process;
	struct dirent *entry;

	if (!folder)
		return;
	watch->looks++;
	while ((entry = readdir(folder))) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
			process_look((pid_t)strtol(entry->d_name, NULL, 10), watch->by_command,
				&process))
			see(watch, &process);
	}
	closedir(folder);
	forget_unseen(watch);
	LIST_FOREACH (tracker, &watch->trackers, others) {
		tracker->looked = true;
		settle(tracker);
	}
}

static void plan_look(struct process_watch *watch, uint64_t milliseconds)
{
	sd_event_source_set_time_relative(watch->look, milliseconds * USEC_PER_MSEC);
	sd_event_source_set_enabled(
		watch->look, LIST_EMPTY(&watch->trackers) ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static int on_look(sd_event_source *source, uint64_t usec, void *context)
{
	struct process_watch *watch = context;

	look_through(watch);
	plan_look(watch, watch->connector ? PROCESS_REVISIT_MS : PROCESS_LOOK_MS);
	return 0;
}

static void on_event(struct process_watch *watch, const struct procconnector_event *event)
{
	switch (event->kind) {
	case CONNECTOR_FORK:
		on_fork(watch, event->parent, event->pid);
		break;
	case CONNECTOR_EXEC:
	case CONNECTOR_COMM:
		on_change(watch, event->pid, event->kind == CONNECTOR_EXEC);
		break;
	case CONNECTOR_EXIT:
		on_end(watch, event->pid);
		break;
	default:
		break;
	}
}

static int on_connector(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct process_watch *watch = context;
	struct procconnector_event event;
	int got = 1;

	for (int i = 0; i < EVENTS_A_TURN && (got == 1 || got == -ENOBUFS); i++) {
		got = procconnector_receive(fd, &event);
		if (got == 1)
			on_event(watch, &event);
		watch->lost |= got < 0;
	}
	/* What is left of the news is read before /proc is: the end of a process may be missing. */
	if (watch->lost && got <= 0 && got != -ENOBUFS) {
		watch->lost = false;
		plan_look(watch, 0);
	}
	if (got < 0 && got != -ENOBUFS) {
		watch->connector = sd_event_source_disable_unref(watch->connector);
		watch->ask(watch->context, true);
	}
	return 0;
}

void process_watch_connect(struct process_watch *watch, int fd)
{
	watch->connector = sd_event_source_disable_unref(watch->connector);
	if (fd < 0)
		return;
	if (LIST_EMPTY(&watch->trackers) || sd_event_add_io(watch->loop, &watch->connector, fd,
						    EPOLLIN, on_connector, watch) < 0) {
		close(fd);
		return;
	}
	sd_event_source_set_io_fd_own(watch->connector, 1);
	/* Before everything was told, everything is looked at. */
	plan_look(watch, 0);
}

struct process_watch *process_watch_create(sd_event *loop, process_ask ask, void *context)
{
	struct process_watch *watch = calloc(1, sizeof(*watch));
	int error;

	if (!watch)
		return NULL;
	watch->loop = sd_event_ref(loop);
	watch->ask = ask;
	watch->context = context;
	LIST_INIT(&watch->trackers);
	error = sd_event_add_time_relative(
		loop, &watch->look, CLOCK_MONOTONIC, 0, 0, on_look, watch);
	if (error >= 0)
		error = sd_event_source_set_enabled(watch->look, SD_EVENT_OFF);
	if (error >= 0)
		return watch;
	errno = -error;
	return process_watch_free(watch);
}

struct process_watch *process_watch_free(struct process_watch *watch)
{
	if (!watch)
		return NULL;
	while (!LIST_EMPTY(&watch->trackers))
		process_untrack(LIST_FIRST(&watch->trackers));
	sd_event_source_disable_unref(watch->connector);
	sd_event_source_disable_unref(watch->look);
	sd_event_unref(watch->loop);
	free(watch);
	return NULL;
}

static void note_needs(struct process_watch *watch)
{
	struct process_tracker *tracker;

	watch->by_name = false;
	watch->by_command = false;
	LIST_FOREACH (tracker, &watch->trackers, others) {
		bool command = process_pattern_needs_command(&tracker->want.pattern);

		watch->by_name |= !command;
		watch->by_command |= command;
	}
}

struct process_tracker *process_track(struct process_watch *watch, const struct process_want *want,
	process_told told, void *context)
{
	struct process_tracker *tracker = calloc(1, sizeof(*tracker));
	bool first = LIST_EMPTY(&watch->trackers);

	if (!tracker)
		return NULL;
	tracker->words = malloc(want->pattern.length);
	if (!tracker->words) {
		free(tracker);
		return NULL;
	}
	memcpy(tracker->words, want->pattern.words, want->pattern.length);
	tracker->watch = watch;
	tracker->want = *want;
	tracker->want.pattern.words = tracker->words;
	tracker->told = told;
	tracker->context = context;
	LIST_INSERT_HEAD(&watch->trackers, tracker, others);
	note_needs(watch);
	plan_look(watch, 0);
	if (first)
		watch->ask(watch->context, true);
	return tracker;
}

struct process_tracker *process_untrack(struct process_tracker *tracker)
{
	struct process_watch *watch = tracker ? tracker->watch : NULL;

	if (!tracker)
		return NULL;
	for (size_t i = 0; i < BUCKETS; i++) {
		struct counted *one = LIST_FIRST(&watch->buckets[i]);
		struct counted *next;

		for (; one; one = next) {
			next = LIST_NEXT(one, others);
			if (one->tracker == tracker)
				discount(one, CAUSE_END);
		}
	}
	LIST_REMOVE(tracker, others);
	sd_event_source_disable_unref(tracker->pending);
	free(tracker->words);
	free(tracker);
	note_needs(watch);
	if (LIST_EMPTY(&watch->trackers)) {
		watch->connector = sd_event_source_disable_unref(watch->connector);
		plan_look(watch, 0);
		watch->ask(watch->context, false);
	}
	return NULL;
}
