/* SPDX-License-Identifier: ISC */
/* How configurations come into force: the first one, and those after it. */
#include "agent/core/private.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/core/changes.h"
#include "agent/core/core.h"
#include "agent/core/events/eventlog.h"
#include "agent/core/memstream.h"
#include "lib/clock.h"
#include "lib/image.h"
#include "lib/lifeline.h"
#include "lib/log.h"

#define RELOAD_MS   10000
#define PATIENCE_MS 30000 /* for reading and checking: included files, users from the network */

static uint64_t real_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static transaction_rebuild rebuild;

/* Without the word the process keeps the one it was started with. */
static void take_umask(struct core *core, uint32_t wanted)
{
	bool written = wanted != IMAGE_UMASK_NONE;
	mode_t before;

	if (!written && !core->umask_written)
		return;
	before = umask(written ? (mode_t)wanted : core->umask_before);
	if (!core->umask_written)
		core->umask_before = before;
	core->umask_written = written;
}

/* To whoever looks at what is in force, when that is something else. */
static void show_current(void *context)
{
	struct core *core = context;

	core->state.config = core->current.config;
	take_umask(core, core->current.config->globals.umask);
	core->state.slots = core->current.slots;
	core->state.aside = &core->current.aside;
	if (core->state.source != core->current.source && core->started)
		core_tell_supervisor(core, OWE_SOURCE);
	core->state.source = core->current.source;
	publisher_set_current(core->publisher, core->current.config, core->current.slots);
}

static void adopt(struct core *core)
{
	struct candidate old = core->current;

	if (old.config && core->reload_runs)
		changes_log_moved(old.config, core->next.config, "reloaded");
	core->current = core->next;
	core->next = (struct candidate){0};
	show_current(core);
	transactions_set_model(core->transactions, &core->current, show_current, rebuild, core);
	if (core->current.aside.names)
		log_message(LOG_WARNING,
			"changes to %s in %s are set aside: the file has no such vrrp_instance, or "
			"has the "
			"virtual router itself",
			core->current.aside.names, store_path(core->store));
	candidate_clear(&old);
	/* Reading a file takes several times what is kept of it, and the allocator would keep it.
	 */
	malloc_trim(0);
}

static void on_installed(void *context, enum message_error error, const char *text)
{
	struct core *core = context;

	lifeline_promise(core->state.lifeline, PATIENCE_MS);
	if (error)
		candidate_clear(&core->next);
	else
		adopt(core);
	core->install_done(core->install_context, error, text);
}

int core_install(struct core *core, uint64_t timeout_ms, publisher_done *done, void *context)
{
	int error;

	core->install_done = done;
	core->install_context = context;
	error = publisher_send_whole(core->publisher, core->next.config, core->next.slots,
		timeout_ms, on_installed, core);
	if (error)
		candidate_clear(&core->next);
	return error;
}

int core_refuse_start(const struct core *core)
{
	log_plain(core->engine_ran
			  ? "vrrp-agent: the virtual routers keep the configuration they have\n"
			  : "vrrp-agent: nothing was started\n");
	return CORE_EXIT_REFUSED;
}

static int read_first(struct core *core, struct conf_diagnostics *diagnostics)
{
	if (core->source >= 0)
		return conf_source_restore(core->source, &core->next.source);
	return candidate_read(&core->next, core->state.options->path,
		core->state.options->config_id, diagnostics);
}

/* As -t does, but without waiting for ever for whoever reads it. */
static void print_diagnostics(const struct conf_diagnostics *diagnostics)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (stream)
		conf_diagnostics_print(diagnostics, stream);
	if (memstream_text(stream, &text))
		log_plain("%s", text);
	free(text);
}

int core_load_first(struct core *core, const struct slots *held)
{
	struct conf_diagnostics diagnostics = {0};
	int error;

	lifeline_promise(core->state.lifeline, PATIENCE_MS);
	error = read_first(core, &diagnostics);
	if (!error)
		error = candidate_validate(&core->next, core->store, held, &diagnostics);
	if (!error)
		error = candidate_may_replace(
			&core->next, core->state.options->net_namespace, &diagnostics);
	if (error || core->source < 0)
		print_diagnostics(&diagnostics);
	if (error && diagnostics.errors == 0)
		log_plain(
			"vrrp-agent: the configuration could not be read: %s\n", strerror(-error));
	conf_diagnostics_clear(&diagnostics);
	core->state.loaded_at = real_time();
	return error ? core_refuse_start(core) : 0;
}

/* Of one diagnostic, or NULL: of what comes behind them all. */
static void log_lines(
	const struct conf_diagnostics *diagnostics, const struct conf_diagnostic *item, int level)
{
	char *text = NULL, *rest, *line;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return;
	if (item)
		conf_diagnostic_print(item, stream);
	else
		conf_diagnostics_print_rest(diagnostics, stream);
	if (fclose(stream) == 0) {
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			log_message(level, "%s", line);
	}
	free(text);
}

/* Each line of what -t would print is a message of its own, at the level of what it is about. */
static void log_diagnostics(const struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct conf_diagnostic *item = &diagnostics->items[i];

		log_lines(diagnostics, item, item->severity == CONF_ERROR ? LOG_ERR : LOG_WARNING);
	}
	log_lines(diagnostics, NULL,
		conf_diagnostics_result(diagnostics) == CONF_REFUSED ? LOG_ERR : LOG_WARNING);
}

static void describe_refusal(struct core_reload *reload, const struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct conf_diagnostic *item = &diagnostics->items[i];
		char place[32] = "";

		if (item->severity != CONF_ERROR)
			continue;
		if (item->line > 0)
			snprintf(place, sizeof(place), ":%u:%u", item->line, item->column);
		snprintf(reload->text, sizeof(reload->text),
			"%zu error(s), %zu warning(s); %s%s%s%s", diagnostics->errors,
			diagnostics->warnings, item->file, place, item->file[0] ? ": " : "",
			item->message);
		return;
	}
}

static void end_reload(struct core *core, enum message_error error)
{
	struct core_reload *reload = &core->state.reload;
	char line[sizeof(reload->text) + 32];

	core->reload_runs = false;
	reload->error = error;
	reload->at = real_time();
	snprintf(line, sizeof(line), "%s: %s", error ? "nothing was reloaded" : "reloaded",
		reload->text);
	eventlog_reload(error ? LOG_ERR : LOG_NOTICE, error ? "refused" : "reloaded", line);
	core_tell_supervisor(core, OWE_RELOADED);
	reloads_end(&core->reloads, reload);
}

static void on_reloaded(void *context, enum message_error error, const char *text)
{
	struct core *core = context;
	struct core_reload *reload = &core->state.reload;

	if (error) {
		snprintf(reload->text, sizeof(reload->text), "%s", text);
	} else {
		core->state.loaded_at = real_time();
		snprintf(reload->text, sizeof(reload->text), "%zu virtual router(s), %u warning(s)",
			core->current.config->instance_count, reload->warnings);
	}
	end_reload(core, error);
}

static void reload(struct core *core)
{
	struct conf_diagnostics diagnostics = {0};
	struct core_reload *outcome = &core->state.reload;
	enum message_error failure = MESSAGE_BAD_FILE;
	int error;

	core->reload_runs = true;
	reloads_begin(&core->reloads);
	*outcome = (struct core_reload){0};
	lifeline_promise(core->state.lifeline, PATIENCE_MS);
	error = candidate_read(&core->next, core->state.options->path,
		core->state.options->config_id, &diagnostics);
	if (!error)
		error = candidate_validate(
			&core->next, core->store, core->current.slots, &diagnostics);
	if (!error)
		error = candidate_may_replace(
			&core->next, core->state.options->net_namespace, &diagnostics);
	log_diagnostics(&diagnostics);
	outcome->errors = (uint32_t)diagnostics.errors;
	outcome->warnings = (uint32_t)diagnostics.warnings;
	if (error) {
		snprintf(outcome->text, sizeof(outcome->text), "%s", strerror(-error));
		describe_refusal(outcome, &diagnostics);
		candidate_clear(&core->next);
	} else {
		error = core_install(core, RELOAD_MS, on_reloaded, core);
		failure = MESSAGE_REFUSED;
		if (error)
			snprintf(outcome->text, sizeof(outcome->text), "%s", strerror(-error));
	}
	conf_diagnostics_clear(&diagnostics);
	if (error)
		end_reload(core, failure);
}

/* The next image could not be got to the engine either: whoever asks is told so now, and nothing is
 * reloaded when nobody waits for it any more. */
static void refuse_reload(struct core *core, const char *problem)
{
	struct core_reload *outcome = &core->state.reload;

	reloads_begin(&core->reloads);
	*outcome = (struct core_reload){0};
	snprintf(outcome->text, sizeof(outcome->text),
		"the engine does not even take the configuration in force again: %s", problem);
	end_reload(core, MESSAGE_REFUSED);
}

void core_reload_if_due(struct core *core)
{
	const char *problem;

	if (!(core->reload_wanted || reloads_are_wanted(&core->reloads)) || !core->started ||
		core->reload_runs)
		return;
	problem = publisher_problem(core->publisher);
	if (!problem && (publisher_busy(core->publisher) || !transactions_idle(core->transactions)))
		return;
	core->reload_wanted = false;
	if (problem)
		refuse_reload(core, problem);
	else
		reload(core);
}

/* The accepted text again, with what the store holds now. */
static int rebuild(void *context, publisher_done *done, void *done_context)
{
	struct core *core = context;
	struct conf_diagnostics diagnostics = {0};
	int error = candidate_copy_source(&core->next, core->current.source);

	if (!error)
		error = candidate_validate(
			&core->next, core->store, core->current.slots, &diagnostics);
	if (error)
		log_diagnostics(&diagnostics);
	conf_diagnostics_clear(&diagnostics);
	if (error) {
		candidate_clear(&core->next);
		return error;
	}
	return core_install(core, TRANSACTION_ENGINE_MS, done, done_context);
}
