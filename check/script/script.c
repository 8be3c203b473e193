/* SPDX-License-Identifier: ISC */
#include "check/script/script.h"

#include "check/script/scriptoutput.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/log.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REPORT_OCTETS 1024

struct script {
	struct spawned process;
	struct scriptoutput *output;
	sd_event_source *child;
	sd_event_source *timer;
	char *name;
	char *program;
	uint32_t timeout_ms;
	bool timed_out;
	bool unwanted; /* it was told to end */
	script_ended ended;
	void *context;
};

static struct script *script_free(struct script *script)
{
	sd_event_source_disable_unref(script->child);
	sd_event_source_disable_unref(script->timer);
	if (script->output)
		scriptoutput_release(script->output);
	descriptor_close(script->process.report);
	descriptor_close(script->process.pidfd);
	free(script->name);
	free(script->program);
	free(script);
	return NULL;
}

/* A child that has not come to its own session yet is no group leader either. */
static void kill_group(const struct script *script, int number)
{
	if (kill(-script->process.pid, number) < 0)
		kill(script->process.pid, number);
}

static void log_end(const struct script *script, const siginfo_t *end)
{
	char report[REPORT_OCTETS];
	ssize_t length = read(script->process.report, report, sizeof(report));

	if (length > 0)
		log_message(LOG_ERR, "%s: %s was not run: %.*s", script->name, script->program,
			(int)length, report);
	else if (script->unwanted)
		log_message(LOG_DEBUG, "%s: %s was told to end, and did", script->name,
			script->program);
	else if (script->timed_out)
		log_message(LOG_ERR, "%s: %s was ended after %u ms: it did not end by itself",
			script->name, script->program, script->timeout_ms);
	else if (end->si_code == CLD_EXITED && end->si_status == 0)
		log_message(LOG_DEBUG, "%s: %s ended", script->name, script->program);
	else if (end->si_code == CLD_EXITED)
		log_message(LOG_WARNING, "%s: %s ended with status %d", script->name,
			script->program, end->si_status);
	else
		log_message(LOG_WARNING, "%s: %s was ended by signal %d (%s)", script->name,
			script->program, end->si_status, strsignal(end->si_status));
}

static int on_pidfd(sd_event_source *source, int pidfd, uint32_t events, void *context)
{
	struct script *script = context;
	script_ended ended = script->ended;
	void *owner = script->context;
	siginfo_t end = {0};

	/* Until the dead leader is reaped, its group's number can't be another's. */
	if (waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED | WNOHANG | WNOWAIT) < 0 || !end.si_pid)
		return 0;
	if (script->timed_out)
		kill(-script->process.pid, SIGKILL);
	waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED | WNOHANG);
	scriptoutput_release(script->output);
	script->output = NULL;
	log_end(script, &end);
	script_free(script);
	ended(owner);
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *context)
{
	struct script *script = context;

	kill_group(script, script->timed_out ? SIGKILL : SIGTERM);
	if (script->timed_out)
		return 0;
	script->timed_out = true;
	sd_event_source_set_time_relative(source, SCRIPT_KILL_MS * (NSEC_PER_MSEC / NSEC_PER_USEC));
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int watch(struct script *script, sd_event *loop)
{
	int output = script->process.output;
	uint64_t end;
	int error;

	script->output = scriptoutput_open(loop, output, script->name, script->program);
	if (!script->output)
		return -ENOMEM;
	error = sd_event_add_io(
		loop, &script->child, script->process.pidfd, EPOLLIN, on_pidfd, script);
	if (error < 0)
		return error;
	/* From the script's own start: the loop's idea of now is as old as its last wake-up. */
	end = clock_now() + script->timeout_ms * NSEC_PER_MSEC;
	error = sd_event_add_time(loop, &script->timer, CLOCK_MONOTONIC,
		(end + NSEC_PER_USEC - 1) / NSEC_PER_USEC, 0, on_time, script);
	if (error >= 0 && script->timeout_ms == SCRIPT_NO_TIMEOUT)
		error = sd_event_source_set_enabled(script->timer, SD_EVENT_OFF);
	return error;
}

int script_start(struct script **started, sd_event *loop, const char *name,
	const struct spawn_request *request, uint32_t timeout_ms, script_ended ended, void *context)
{
	struct script *script = calloc(1, sizeof(*script));
	int error = -ENOMEM;

	if (!script)
		return error;
	script->process = (struct spawned){.pidfd = -1, .output = -1, .report = -1};
	script->timeout_ms = timeout_ms;
	script->ended = ended;
	script->context = context;
	script->name = strdup(name);
	script->program = strdup(request->arguments[0]);
	if (script->name && script->program)
		error = spawn(request, &script->process);
	if (error) {
		script_free(script);
		return error;
	}
	error = watch(script, loop);
	if (error < 0) {
		script_abandon(script);
		return error;
	}
	*started = script;
	return 0;
}

void script_terminate(struct script *script)
{
	if (script->unwanted)
		return;
	script->unwanted = true;
	sd_event_source_set_time_relative(script->timer, 0);
	sd_event_source_set_enabled(script->timer, SD_EVENT_ONESHOT);
}

struct script *script_abandon(struct script *script)
{
	if (!script)
		return NULL;
	kill_group(script, SIGKILL);
	waitpid(script->process.pid, NULL, 0);
	return script_free(script);
}
