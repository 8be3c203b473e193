/* SPDX-License-Identifier: ISC */
#include "check/track/scripttrack.h"

#include "check/script/spawn.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REPORT_OCTETS 1024
#define ACCURACY_USEC 5000

/* The word that is remembered: the state, and the results in a row that contradict it. */
#define MEMORY_STATE(word) ((uint8_t)((word)&0xff))
#define MEMORY_RUN(word)   ((uint32_t)((word) >> 32))

struct scripttrack {
	struct registry_entry *entry;
	sd_event_source *tick;	/* the next run is due */
	sd_event_source *limit; /* the run takes too long */
	sd_event_source *end;	/* the run has ended */
	struct spawned process;
	uint64_t due; /* when, ns */
	bool runs;
	bool late;     /* it has been told to end */
	bool first;    /* the next result decides */
	uint8_t state; /* enum tracker_state */
	uint32_t run;  /* results in a row that contradict it */
	int error;     /* why it could not be started the last time, as logged */
	bool not_run;  /* why has been logged */
};

static const char *name_of(const struct scripttrack *script)
{
	return script->entry->name;
}

static uint64_t usec_at(uint64_t at)
{
	return (at + NSEC_PER_USEC - 1) / NSEC_PER_USEC;
}

static void remember(const struct scripttrack *script)
{
	atomic_store(&script->entry->memory->word,
		script->first ? 0 : (uint64_t)script->run << 32 | script->state);
}

static void recall(struct scripttrack *script)
{
	uint64_t word = atomic_load(&script->entry->memory->word);

	script->state =
		MEMORY_STATE(word) < TRACKER_STATE_COUNT ? MEMORY_STATE(word) : TRACKER_UNKNOWN;
	script->run = MEMORY_RUN(word);
	script->first = script->state == TRACKER_UNKNOWN;
}

static void take_result(
	struct scripttrack *script, bool good, enum tracker_result result, int32_t value)
{
	const struct image_tracker *parameters = &script->entry->parameters;
	const uint8_t found = good ? TRACKER_OK : TRACKER_FAILED;

	script->run = found == script->state ? 0 : script->run + 1;
	if (script->first || script->run >= (good ? parameters->rise : parameters->fall)) {
		script->state = found;
		script->run = 0;
	}
	script->first = false;
	remember(script);
	registry_report(script->entry, script->state, (uint8_t)result, value);
}

/* ---- The end of a run ---- */

/* A child that has not come to its own session yet is no group leader either. */
static void kill_group(const struct scripttrack *script, int number)
{
	if (kill(-script->process.pid, number) < 0)
		kill(script->process.pid, number);
}

static void forget_run(struct scripttrack *script)
{
	script->limit = sd_event_source_disable_unref(script->limit);
	script->end = sd_event_source_disable_unref(script->end);
	descriptor_close(script->process.report);
	descriptor_close(script->process.pidfd);
	script->process = (struct spawned){.pidfd = -1, .output = -1, .report = -1};
	script->runs = false;
	runlist_erase(&script->entry->memory->running);
}

static void abandon_run(struct scripttrack *script)
{
	if (!script->runs)
		return;
	kill_group(script, SIGKILL);
	waitpid(script->process.pid, NULL, 0);
	forget_run(script);
}

static void judge(struct scripttrack *script, const siginfo_t *end)
{
	char report[REPORT_OCTETS];
	ssize_t length = read(script->process.report, report, sizeof(report));

	if (length > 0 && !script->not_run)
		log_message(LOG_ERR, "script %s can't be run: %.*s", name_of(script), (int)length,
			report);
	script->not_run = length > 0;
	if (length > 0)
		take_result(script, false, TRACKER_RESULT_NOT_RUN, 0);
	else if (end->si_code == CLD_EXITED)
		take_result(script, end->si_status == 0, TRACKER_RESULT_EXIT, end->si_status);
	else
		take_result(script, false, TRACKER_RESULT_SIGNAL, end->si_status);
}

static int on_end(sd_event_source *source, int pidfd, uint32_t events, void *context)
{
	struct scripttrack *script = context;
	siginfo_t end = {0};

	/* Until the dead leader is reaped, its group's number can't be another's. */
	if (waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED | WNOHANG | WNOWAIT) < 0 || !end.si_pid)
		return 0;
	if (script->late)
		kill(-script->process.pid, SIGKILL);
	waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED | WNOHANG);
	if (!script->late)
		judge(script, &end);
	forget_run(script);
	return 0;
}

static int on_limit(sd_event_source *source, uint64_t usec, void *context)
{
	struct scripttrack *script = context;

	kill_group(script, script->late ? SIGKILL : SIGTERM);
	if (script->late)
		return 0;
	script->late = true;
	take_result(script, false, TRACKER_RESULT_TIMEOUT, 0);
	sd_event_source_set_time_relative(
		source, SCRIPTTRACK_KILL_MS * (NSEC_PER_MSEC / NSEC_PER_USEC));
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- Its beginning ---- */

static int watch_run(struct scripttrack *script)
{
	const uint64_t limit = clock_now() + script->entry->parameters.timeout;
	sd_event *loop = script->entry->loop;
	int error =
		sd_event_add_io(loop, &script->end, script->process.pidfd, EPOLLIN, on_end, script);

	if (error >= 0)
		error = sd_event_add_time(loop, &script->limit, CLOCK_MONOTONIC, usec_at(limit),
			ACCURACY_USEC, on_limit, script);
	return error;
}

/* What can't be started, for lack of processes or descriptors, is no result. */
static void begin_run(struct scripttrack *script)
{
	struct registry_entry *entry = script->entry;
	const struct spawn_request request = {
		.arguments = entry->arguments,
		.uid = entry->parameters.uid,
		.gid = entry->parameters.gid,
		.note = &entry->memory->running,
		.is_quiet = true,
	};
	int error = spawn(&request, &script->process);

	if (!error) {
		script->runs = true;
		script->late = false;
		error = watch_run(script);
		if (error < 0)
			abandon_run(script);
	}
	if (error < 0 && error != script->error)
		log_message(LOG_ERR, "script %s could not be started: %s", name_of(script),
			strerror(-error));
	script->error = error < 0 ? error : 0;
}

/* The next one that is still to come. */
static void plan(struct scripttrack *script, uint64_t now)
{
	const uint64_t interval = script->entry->parameters.interval;

	script->due += interval;
	if (script->due <= now)
		script->due += (now - script->due + interval) / interval * interval;
	sd_event_source_set_time(script->tick, usec_at(script->due));
	sd_event_source_set_enabled(script->tick, SD_EVENT_ONESHOT);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *context)
{
	struct scripttrack *script = context;

	if (script->runs)
		log_message(
			LOG_DEBUG, "script %s still runs: this run is left out", name_of(script));
	else
		begin_run(script);
	plan(script, clock_now());
	return 0;
}

static int start(struct registry_entry *entry)
{
	struct scripttrack *script = calloc(1, sizeof(*script));
	int error;

	if (!script)
		return -ENOMEM;
	script->entry = entry;
	script->process = (struct spawned){.pidfd = -1, .output = -1, .report = -1};
	script->due = clock_now();
	recall(script);
	error = sd_event_add_time(entry->loop, &script->tick, CLOCK_MONOTONIC, usec_at(script->due),
		ACCURACY_USEC, on_tick, script);
	if (error < 0) {
		free(script);
		return error;
	}
	entry->object = script;
	return 0;
}

static bool same_command(const struct registry_entry *a, const struct registry_entry *b)
{
	if (a->parameters.uid != b->parameters.uid || a->parameters.gid != b->parameters.gid ||
		a->parameters.argument_count != b->parameters.argument_count)
		return false;
	for (uint32_t i = 0; i < a->parameters.argument_count; i++)
		if (strcmp(a->arguments[i], b->arguments[i]) != 0)
			return false;
	return true;
}

/* Another command has a first result of its own; until then that of the one before holds. */
static void change(struct registry_entry *entry, const struct registry_entry *before)
{
	struct scripttrack *script = entry->object;
	const uint64_t now = clock_now();

	if (!same_command(entry, before)) {
		abandon_run(script);
		script->first = true;
		script->not_run = false;
		remember(script);
	}
	if (script->first || script->due > now + entry->parameters.interval) {
		script->due = now;
		sd_event_source_set_time(script->tick, usec_at(now));
		sd_event_source_set_enabled(script->tick, SD_EVENT_ONESHOT);
	}
}

static void stop(struct registry_entry *entry)
{
	struct scripttrack *script = entry->object;

	abandon_run(script);
	sd_event_source_disable_unref(script->tick);
	free(script);
	entry->object = NULL;
}

const struct registry_kind scripttrack_kind = {
	.start = start,
	.change = change,
	.stop = stop,
};
