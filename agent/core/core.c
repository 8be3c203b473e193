/* SPDX-License-Identifier: ISC */
#include "agent/core/core.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/core/events/history.h"
#include "agent/core/private.h"
#include "lib/descriptor.h"
#include "lib/inherit.h"
#include "lib/lifeline.h"
#include "lib/lifeloop.h"
#include "lib/log.h"
#include "vrrp/status.h"

/* Generations that a core before this one may have used without the board showing them yet. */
#define GENERATIONS_IN_DOUBT 16

static int fail(const char *what, int error)
{
	log_message(LOG_ERR, "cannot %s: %s", what, strerror(-error));
	return CORE_EXIT_FAILED;
}

static void stop_services(struct core *core)
{
	const struct core_service *service = core->state.options->services;

	for (size_t i = 0; core->services && service[i].name; i++) {
		if (core->services[i])
			service[i].stop(core->services[i]);
	}
	free(core->services);
	core->services = NULL;
}

static int start_services(struct core *core)
{
	const struct core_service *service = core->state.options->services;
	size_t count = 0;

	while (service && service[count].name)
		count++;
	if (count == 0)
		return 0;
	core->services = calloc(count, sizeof(*core->services));
	if (!core->services)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		core->services[i] = service[i].start(core->loop, &core->state);
		if (!core->services[i]) {
			int error = errno ? -errno : -EIO;

			log_message(LOG_ERR, "cannot start the %s: %s", service[i].name,
				strerror(-error));
			return error;
		}
	}
	return 0;
}

static void on_first(void *context, enum message_error error, const char *text)
{
	struct core *core = context;

	if (error) {
		log_plain("vrrp-agent: the engine refused the configuration: %s\n", text);
		sd_event_exit(core->loop, core_refuse_start(core));
		return;
	}
	core->started = true;
	log_message(
		LOG_INFO, "%zu virtual router(s) in force", core->current.config->instance_count);
	if (start_services(core) < 0) {
		sd_event_exit(core->loop, CORE_EXIT_FAILED);
		return;
	}
	if (core->agentx.source)
		sd_event_source_set_enabled(core->agentx.source, SD_EVENT_ON);
	core_tell_supervisor(core, OWE_SOURCE | OWE_READY);
}

static int on_turn_end(sd_event_source *source, void *context)
{
	core_reload_if_due(context);
	core_hand_over_if_due(context);
	return 0;
}

static int watch(struct core *core)
{
	int error = sd_event_new(&core->loop);

	if (error >= 0)
		error = core_watch_supervisor(core);
	if (error >= 0)
		error = sd_event_add_post(core->loop, &core->after_turn, on_turn_end, core);
	return error < 0 ? error : 0;
}

/* The generation that a running engine has, 0 if it has none yet, or a negative errno. */
static int read_engine(struct core *core, uint64_t *generation)
{
	union status_row row;
	int error;

	core->board = board_open(INHERIT_BOARD, sizeof(union status_row));
	if (!core->board)
		return -errno;
	core->state.board = core->board;
	error = board_read(core->board, STATUS_ENGINE_ROW, &row);
	if (!error)
		*generation = row.engine.generation;
	return error;
}

static int open_store(struct core *core)
{
	int error = store_open(core->state.options->state_dir, core->state.lifeline, &core->store);

	core->state.store = core->store;
	if (!error)
		return 0;
	log_plain("vrrp-agent: %s\n", core->store ? store_problem(core->store) : strerror(-error));
	return core_refuse_start(core);
}

static int make_parts(struct core *core, int engine, uint64_t generation)
{
	core->publisher = publisher_new(core->loop, engine,
		generation ? generation + GENERATIONS_IN_DOUBT : 1, core->state.lifeline);
	if (!core->publisher) {
		int error = -errno;

		close(engine);
		return error;
	}
	core->state.publisher = core->publisher;
	core->transactions =
		transactions_new(core->loop, core->store, core->publisher, core->state.lifeline);
	if (!core->transactions)
		return -ENOMEM;
	core->state.transactions = core->transactions;
	core->state.reloads = &core->reloads;
	audience_init(&core->audience);
	core->state.audience = &core->audience;
	core->state.history = history_open(core->state.options->state_dir);
	return core->state.history ? 0 : -ENOMEM;
}

/* Requests of agentx wait in its channel until there is a configuration to change. */
static void open_peers(struct core *core, int agentx, int check)
{
	core_set_peer(core, PEER_AGENTX, agentx);
	core_set_peer(core, PEER_CHECK, check);
	if (core->agentx.source)
		sd_event_source_set_enabled(core->agentx.source, SD_EVENT_OFF);
}

static int load(struct core *core)
{
	struct slots *held = core->engine_ran ? slots_recover(core->board) : slots_new();
	int status;

	if (!held)
		return fail("recover the slots from the status board", -errno);
	status = core_load_first(core, held);
	slots_free(held);
	return status;
}

static int start(struct core *core, int engine, int agentx, int check)
{
	uint64_t generation = 0;
	int error = read_engine(core, &generation);
	int status;

	if (error)
		return fail("read the status board", error);
	core->engine_ran = generation != 0;
	error = watch(core);
	if (error)
		return fail("start the event loop", error);
	status = open_store(core);
	if (!status)
		status = load(core);
	if (status)
		return status;
	error = make_parts(core, engine, generation);
	if (error)
		return fail("watch the engine", error);
	open_peers(core, agentx, check);
	error = core_install(core, 0, on_first, core);
	return error ? fail("send the configuration to the engine", error) : 0;
}

static void stop(struct core *core)
{
	stop_services(core);
	transactions_free(core->transactions);
	publisher_free(core->publisher);
	core_channel_close(&core->agentx);
	core_channel_close(&core->check);
	core_channel_close(&core->supervisor);
	candidate_clear(&core->current);
	candidate_clear(&core->next);
	history_close(core->state.history);
	store_close(core->store);
	board_close(core->board);
	sd_event_source_disable_unref(core->after_turn);
	sd_event_source_disable_unref(core->debts);
	sd_event_unref(core->loop);
	descriptor_close(core->source);
}

/* The supervisor alone answers signals: what a terminal sends to the group must not end core. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

int core_run(const struct core_options *options)
{
	int engine = inherited_channel(INHERIT_ENGINE);
	int agentx = inherited_channel(INHERIT_AGENTX);
	int check = inherited_channel(INHERIT_CHECK);
	struct core core = {
		.state.options = options,
		.supervisor.fd = inherited_channel(INHERIT_SUPERVISOR),
		.agentx.fd = -1,
		.check.fd = -1,
		.source = inherited_memory(INHERIT_SOURCE),
	};
	int status;

	inherited_memory(INHERIT_BOARD);
	inherited_memory(INHERIT_AGENTX_BOOKMARKS);
	if (engine < 0 || core.supervisor.fd < 0)
		return fail("find the channels", -EBADF);
	core.state.lifeline = inherited_timer(INHERIT_LIFELINE);
	ignore_signals();
	status = start(&core, engine, agentx, check);
	if (!status)
		status = lifeloop_run(core.loop, core.state.lifeline, LIFELINE_SLEEP_MS);
	if (status < 0)
		status = fail("turn the event loop", status);
	stop(&core);
	return status;
}
