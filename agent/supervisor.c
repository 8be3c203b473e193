/* SPDX-License-Identifier: ISC */
#include "agent/supervisor.h"

#include "agent/child.h"
#include "agent/core/core.h"
#include "agent/privileges.h"
#include "agent/realtime.h"
#include "agent/service.h"
#include "lib/board.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/image.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "vrrp/engine.h"
#include "vrrp/net/applier.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#define RING_RECORDS 16384

/* An orderly stop: the routers give up their addresses, then the scripts of that are run. */
#define ROUTERS_STOP_USEC  (5 * 1000000ull)
#define CHILDREN_STOP_USEC (7 * 1000000ull)
#define ACCURACY_USEC	   10000ull

struct supervisor {
	const struct options *options;
	char **arguments;
	sd_event *loop;
	int lock;
	struct board *board;
	struct ring *ring;
	int board_fd; /* the board's and the ring's own */
	int ring_fd;
	int bookmarks;
	int wake[CONSUMER_COUNT];
	struct applier *applier;
	struct engine *engine;
	int engine_channel;
	struct child *children[ROLE_COUNT];
	int source; /* text of the configuration in force, -1 before there is one */
	bool ready;
	bool reload_waits; /* for a core that is being replaced */
	int reload_tries;  /* of a reload that core has not answered yet; 0: there is none */
	bool stopping;
	bool routers_down;
	int status; /* not 0: the start failed */
};

static const struct {
	enum consumer_id consumer;
	enum message_peer_role peer;
	int at_core; /* where core finds the channel to it */
} links[ROLE_COUNT] = {
	[ROLE_CORE] = {CONSUMER_CORE, PEER_CORE, -1},
	[ROLE_AGENTX] = {CONSUMER_AGENTX, PEER_AGENTX, INHERIT_AGENTX},
	[ROLE_CHECK] = {CONSUMER_CHECK, PEER_CHECK, INHERIT_CHECK},
};

static int copy_fd(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, INHERIT_END);
}

/* One end goes into *inherited, the other by message to the child (or without one to the engine)
 * that runs already. */
static int introduce(struct child *child, int engine, enum message_peer_role role, int *inherited)
{
	union message message;
	int ends[2];
	int error = channel_pair(ends);

	if (error)
		return error;
	message_init(&message, MESSAGE_PEER, 0);
	message.peer.role = role;
	error = child ? child_send(child, &message, ends[0])
		      : channel_send(engine, &message, ends[0]);
	*inherited = error ? -1 : copy_fd(ends[1]);
	close(ends[0]);
	close(ends[1]);
	return error;
}

/* Core is connected with everybody; whoever does not run now is connected when it starts. */
static int connect_core(struct supervisor *supervisor, int *inherited)
{
	int error =
		introduce(NULL, supervisor->engine_channel, PEER_CORE, &inherited[INHERIT_ENGINE]);

	for (int role = ROLE_AGENTX; !error && role < ROLE_COUNT; role++) {
		if (child_runs(supervisor->children[role]))
			introduce(supervisor->children[role], -1, PEER_CORE,
				&inherited[links[role].at_core]);
	}
	if (supervisor->source >= 0)
		inherited[INHERIT_SOURCE] = copy_fd(supervisor->source);
	return error;
}

static int connect_child(void *context, enum role role, int *inherited)
{
	struct supervisor *supervisor = context;

	inherited[INHERIT_BOARD] = copy_fd(supervisor->board_fd);
	inherited[INHERIT_RING] = copy_fd(supervisor->ring_fd);
	inherited[INHERIT_BOOKMARKS] = copy_fd(supervisor->bookmarks);
	inherited[INHERIT_WAKE] = copy_fd(supervisor->wake[links[role].consumer]);
	if (role == ROLE_CORE)
		return connect_core(supervisor, inherited);
	if (child_runs(supervisor->children[ROLE_CORE]))
		introduce(supervisor->children[ROLE_CORE], -1, links[role].peer,
			&inherited[INHERIT_CORE]);
	return 0;
}

static void show_status(struct supervisor *supervisor)
{
	union status_row row;

	if (board_read(supervisor->board, STATUS_ENGINE_ROW, &row) == 0)
		service_status(&row.engine);
}

static int send_core(struct supervisor *supervisor, enum message_type type)
{
	union message message;

	message_init(&message, type, 0);
	return child_send(supervisor->children[ROLE_CORE], &message, -1);
}

static void reload(struct supervisor *supervisor)
{
	supervisor->reload_waits = send_core(supervisor, MESSAGE_RELOAD) < 0;
	if (!supervisor->reload_waits)
		supervisor->reload_tries++;
}

/* Whoever asked for a reload waits for its end.  The next core tries once more; a file of which
 * that one dies too shall not kill one core after the other. */
static void reload_is_lost(struct supervisor *supervisor)
{
	if (supervisor->reload_tries == 1)
		supervisor->reload_waits = true;
	if (supervisor->reload_tries <= 1)
		return;
	log_message(LOG_ERR, "core ended twice while it reloaded; what was in force stays so");
	supervisor->reload_tries = 0;
	service_ready();
}

static void core_is_ready(struct supervisor *supervisor)
{
	if (!supervisor->ready) {
		supervisor->ready = true;
		service_ready();
		log_message(LOG_INFO, "ready");
	}
	if (supervisor->reload_waits)
		reload(supervisor);
	show_status(supervisor);
}

static void on_message(void *context, enum role role, const union message *message, int attached)
{
	struct supervisor *supervisor = context;

	if (role == ROLE_CORE && message->head.type == MESSAGE_READY)
		core_is_ready(supervisor);
	if (role == ROLE_CORE && message->head.type == MESSAGE_RELOADED) {
		supervisor->reload_tries = 0;
		service_ready();
	}
	if (role == ROLE_CORE && message->head.type == MESSAGE_SOURCE && attached >= 0) {
		if (supervisor->source >= 0)
			close(supervisor->source);
		supervisor->source = attached;
		attached = -1;
	}
	if (attached >= 0)
		close(attached);
}

static bool none_runs(const struct supervisor *supervisor)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		if (child_runs(supervisor->children[role]))
			return false;
	}
	return true;
}

static int give_up_waiting(sd_event_source *source, uint64_t usec, void *context)
{
	struct supervisor *supervisor = context;

	log_message(LOG_WARNING, "not everything stopped in time");
	sd_event_exit(supervisor->loop, supervisor->status);
	return 0;
}

static void plan_end(struct supervisor *supervisor, uint64_t usec)
{
	sd_event_add_time_relative(supervisor->loop, NULL, CLOCK_MONOTONIC, usec, ACCURACY_USEC,
		give_up_waiting, supervisor);
}

/* The routers are down: now the processes, which still have to log, notify and run scripts.  After
 * a start that failed nobody waits for that. */
static void stop_children(struct supervisor *supervisor)
{
	union message message;

	supervisor->routers_down = true;
	if (supervisor->status) {
		sd_event_exit(supervisor->loop, supervisor->status);
		return;
	}
	message_init(&message, MESSAGE_STOP, 0);
	for (int role = ROLE_CORE; role < ROLE_COUNT; role++) {
		child_let_go(supervisor->children[role]);
		child_send(supervisor->children[role], &message, -1);
	}
	plan_end(supervisor, CHILDREN_STOP_USEC);
	if (none_runs(supervisor))
		sd_event_exit(supervisor->loop, supervisor->status);
}

static void begin_stop(struct supervisor *supervisor)
{
	union message message;

	supervisor->stopping = true;
	service_stopping();
	log_message(LOG_INFO, "stopping");
	message_init(&message, MESSAGE_STOP, 0);
	if (channel_send(supervisor->engine_channel, &message, -1) < 0)
		stop_children(supervisor);
	else
		plan_end(supervisor, ROUTERS_STOP_USEC + CHILDREN_STOP_USEC);
}

static bool on_child_end(void *context, enum role role, const siginfo_t *how)
{
	struct supervisor *supervisor = context;

	if (supervisor->stopping) {
		if (supervisor->routers_down && none_runs(supervisor))
			sd_event_exit(supervisor->loop, supervisor->status);
		return false;
	}
	if (role == ROLE_CORE && !supervisor->ready && how->si_code == CLD_EXITED &&
		how->si_status) {
		supervisor->status = how->si_status;
		begin_stop(supervisor);
		return false;
	}
	if (role == ROLE_CORE)
		reload_is_lost(supervisor);
	if (how->si_code == CLD_EXITED)
		log_message(LOG_WARNING, "%s ended with status %d and is replaced", role_name(role),
			how->si_status);
	else
		log_message(LOG_WARNING, "%s was killed by signal %d (%s) and is replaced",
			role_name(role), how->si_status, strsignal(how->si_status));
	return true;
}

static int on_engine(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct supervisor *supervisor = context;
	union message message;
	int attached;
	int got;

	while ((got = channel_receive(fd, &message, &attached)) == 1) {
		if (message.head.type == MESSAGE_STOPPED && supervisor->stopping) {
			show_status(supervisor);
			stop_children(supervisor);
		}
		if (attached >= 0)
			close(attached);
	}
	return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct supervisor *supervisor = context;

	if (!supervisor->stopping)
		begin_stop(supervisor);
	return 0;
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct supervisor *supervisor = context;

	if (supervisor->stopping)
		return 0;
	service_reloading();
	supervisor->reload_tries = 0;
	reload(supervisor);
	return 0;
}

static int on_dump(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	send_core(context, MESSAGE_DUMP);
	return 0;
}

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *context)
{
	eventfd_t ignored;

	eventfd_read(fd, &ignored);
	show_status(context);
	return 0;
}

/* The engine's heartbeat alone feeds the watchdog: if it stands still, systemd shall replace us. */
static int on_watchdog(sd_event_source *source, uint64_t usec, void *context)
{
	struct supervisor *supervisor = context;
	uint64_t period = service_watchdog_usec();
	union status_row row;

	if (board_read(supervisor->board, STATUS_ENGINE_ROW, &row) == 0 &&
		clock_now() - row.engine.heartbeat < period * NSEC_PER_USEC / 2)
		service_watchdog_feed();
	sd_event_source_set_time_relative(source, period / 4);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int watch_watchdog(struct supervisor *supervisor)
{
	if (!service_watchdog_usec())
		return 0;
	return sd_event_add_time_relative(
		supervisor->loop, NULL, CLOCK_MONOTONIC, 0, ACCURACY_USEC, on_watchdog, supervisor);
}

static int watch_all(struct supervisor *supervisor)
{
	static const struct {
		int signal;
		sd_event_signal_handler_t handler;
	} signals[] = {
		{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_reload}, {SIGUSR1, on_dump}};
	int error = 0;

	for (size_t i = 0; error >= 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		error = sd_event_add_signal(
			supervisor->loop, NULL, signals[i].signal, signals[i].handler, supervisor);
	if (error >= 0)
		error = sd_event_add_io(supervisor->loop, NULL, supervisor->engine_channel, EPOLLIN,
			on_engine, supervisor);
	if (error >= 0)
		error = sd_event_add_io(supervisor->loop, NULL,
			supervisor->wake[CONSUMER_SUPERVISOR], EPOLLIN, on_wake, supervisor);
	if (error >= 0)
		error = watch_watchdog(supervisor);
	return error < 0 ? error : 0;
}

static void block_signals(void)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Two agents with one run directory would take each other's addresses away. */
static int take_run_dir(struct supervisor *supervisor)
{
	const char *run_dir = supervisor->options->run_dir;
	char path[4096];

	if (mkdir(run_dir, 0755) < 0 && errno != EEXIST) {
		log_message(LOG_ERR,
			"run directory %s can't be made: %m; make it, or choose another with "
			"--run-dir",
			run_dir);
		return -errno;
	}
	snprintf(path, sizeof(path), "%s/lock", run_dir);
	supervisor->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (supervisor->lock < 0) {
		log_message(LOG_ERR, "%s can't be opened: %m", path);
		return -errno;
	}
	if (flock(supervisor->lock, LOCK_EX | LOCK_NB) < 0) {
		log_message(LOG_ERR,
			"another vrrp-agent runs with the run directory %s; stop it, or give this "
			"one a "
			"directory of its own with --run-dir",
			run_dir);
		return -errno;
	}
	return 0;
}

static int make_shared(struct supervisor *supervisor)
{
	supervisor->board =
		board_create(IMAGE_SLOTS + 1, sizeof(union status_row), &supervisor->board_fd);
	supervisor->ring = ring_create(RING_RECORDS, &supervisor->ring_fd);
	supervisor->bookmarks = consumer_bookmarks_create();
	if (!supervisor->board || !supervisor->ring || supervisor->bookmarks < 0)
		return -errno;
	for (int i = 0; i < CONSUMER_COUNT; i++) {
		supervisor->wake[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (supervisor->wake[i] < 0)
			return -errno;
	}
	return 0;
}

static int start_threads(struct supervisor *supervisor)
{
	struct applier_setup applier = {
		.run_dir = supervisor->options->run_dir, .slots = IMAGE_SLOTS};
	struct engine_setup engine = {.board = supervisor->board, .ring = supervisor->ring};
	int ends[2];
	int error = channel_pair(ends);

	if (error)
		return error;
	supervisor->engine_channel = ends[0];
	supervisor->applier = applier_start(&applier);
	if (!supervisor->applier) {
		error = -errno;
		close(ends[1]);
		return error;
	}
	engine.applier = supervisor->applier;
	engine.supervisor = ends[1];
	memcpy(engine.wake, supervisor->wake, sizeof(engine.wake));
	supervisor->engine = engine_start(&engine);
	if (!supervisor->engine)
		return -errno;
	return 0;
}

static int start_children(struct supervisor *supervisor)
{
	struct child_setup setup = {
		.loop = supervisor->loop,
		.arguments = supervisor->arguments,
		.context = supervisor,
		.connect = connect_child,
		.message = on_message,
		.ended = on_child_end,
	};

	for (int role = ROLE_CORE; role < ROLE_COUNT; role++) {
		if (role == ROLE_AGENTX && supervisor->options->no_snmp)
			continue;
		setup.role = (enum role)role;
		supervisor->children[role] = child_start(&setup);
		if (!supervisor->children[role])
			return -errno;
	}
	return 0;
}

static int set_up(struct supervisor *supervisor)
{
	int error = take_run_dir(supervisor);

	if (error)
		return error;
	realtime_lock_memory();
	realtime_enter();
	error = privileges_drop(ROLE_SUPERVISOR, NULL);
	if (!error)
		error = sd_event_new(&supervisor->loop);
	if (error >= 0)
		error = make_shared(supervisor);
	if (!error)
		error = start_threads(supervisor);
	realtime_leave();
	if (!error)
		error = watch_all(supervisor);
	if (!error)
		error = start_children(supervisor);
	if (error)
		log_message(LOG_ERR, "can't start: %s%s", strerrordesc_np(-error),
			error == -EPERM
				? "; start it as root, or with CAP_NET_ADMIN and CAP_NET_RAW"
				: "");
	return error;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void tear_down(struct supervisor *supervisor)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		child_free(supervisor->children[role]);
	engine_end(supervisor->engine);
	applier_stop(supervisor->applier);
	sd_event_unref(supervisor->loop);
	ring_close(supervisor->ring);
	board_close(supervisor->board);
	for (int i = 0; i < CONSUMER_COUNT; i++)
		close_fd(supervisor->wake[i]);
	close_fd(supervisor->bookmarks);
	close_fd(supervisor->engine_channel);
	close_fd(supervisor->source);
	close_fd(supervisor->lock);
}

int supervisor_run(const struct options *options, char **arguments)
{
	struct supervisor supervisor = {
		.options = options,
		.arguments = arguments,
		.lock = -1,
		.bookmarks = -1,
		.wake = {-1, -1, -1, -1},
		.engine_channel = -1,
		.source = -1,
	};
	int status = CORE_EXIT_FAILED;

	block_signals();
	if (set_up(&supervisor) == 0)
		status = sd_event_loop(supervisor.loop);
	tear_down(&supervisor);
	return status < 0 ? CORE_EXIT_FAILED : status;
}
