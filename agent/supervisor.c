/* SPDX-License-Identifier: ISC */
#include "agent/supervisor.h"

#include "agent/child.h"
#include "agent/children.h"
#include "agent/core/core.h"
#include "agent/dataplane.h"
#include "agent/handed_over.h"
#include "agent/handover.h"
#include "agent/kernelfilter.h"
#include "agent/netentry.h"
#include "agent/privileges.h"
#include "agent/realtime.h"
#include "agent/rundir.h"
#include "agent/schedule.h"
#include "agent/service.h"
#include "check/check.h"
#include "check/track/procconnector.h"
#include "lib/board.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/cpusched.h"
#include "lib/descriptor.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/message.h"
#include "vrrp/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-event.h>

#define USEC_PER_SEC	   1000000ull
#define MSEC(ms)	   ((ms)*1000ull)
/* An orderly stop: the routers give up their addresses, then the scripts of that are run, and the
 * one that says that all is over.  Whoever is waited for keeps to its own time; it is waited for a
 * little longer. */
#define ROUTERS_STOP_USEC  (12 * USEC_PER_SEC)
#define CHILDREN_STOP_USEC (MSEC(CHECK_STOP_MS) + 2 * USEC_PER_SEC)
#define OTHERS_STOP_USEC   (7 * USEC_PER_SEC) /* of them those that have no script to wait for */
#define SHUTDOWN_KILL_USEC (MSEC(SCRIPT_KILL_MS) + 1 * USEC_PER_SEC)
/* What is left to be done then; a service manager waits longer by that. */
#define END_USEC	   (5 * USEC_PER_SEC)
/* So long the children of a program that took another's place wait for its engine. */
#define RESUME_USEC	   1000000ull
#define ACCURACY_USEC	   10000ull

struct supervisor {
	const struct options *options;
	char program[PATH_MAX]; /* its name, at which there may be another file by now */
	sd_event *loop;
	int lock;
	struct dataplane dataplane;
	struct handed_over handed_over;
	struct handover *handover; /* NULL: none is under way */
	sd_event_source *children_late;
	sd_event_source *stop_late;
	sd_event_source *others_late;
	struct children children;
	uint64_t shutdown_usec; /* that shutdown_script takes at most */
	struct schedule schedule;
	bool ready;
	bool reload_waits; /* for a core that is being replaced */
	int reload_tries;  /* of a reload that core has not answered yet; 0: there is none */
	bool stopping;
	bool routers_down;
	int status; /* not 0: the start failed */
};

static void show_status(struct supervisor *supervisor)
{
	union status_row row;

	if (board_read(supervisor->dataplane.board, STATUS_ENGINE_ROW, &row) == 0)
		service_status(&row.engine);
}

static void reload(struct supervisor *supervisor)
{
	supervisor->reload_waits = children_send_core(&supervisor->children, MESSAGE_RELOAD) < 0;
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

/* Check has no power to ask the kernel itself, and none is needed to listen. */
static void give_processes(struct supervisor *supervisor, const struct message_processes *wanted)
{
	union message answer;
	int fd = procconnector_open(wanted->buffer, wanted->force);

	message_init(&answer, MESSAGE_PROCESSES, 0);
	answer.refusal.error = fd < 0 ? fd : 0;
	child_send(supervisor->children.members[ROLE_CHECK], &answer, fd);
	descriptor_close(fd);
}

/* Without its text the next core would begin with a configuration that is no longer in force. */
static void take_source(
	struct supervisor *supervisor, const struct message_source *source, int attached)
{
	if (attached < 0) {
		children_send_core(&supervisor->children, MESSAGE_SOURCE_LOST);
		return;
	}
	children_note_agentx(&supervisor->children, source->agentx);
	if (!handover_stops_children(supervisor->handover))
		schedule_follow(
			&supervisor->schedule, engine_thread(supervisor->dataplane.engine), source);
	supervisor->shutdown_usec = source->shutdown * USEC_PER_SEC;
	if (supervisor->shutdown_usec)
		supervisor->shutdown_usec += SHUTDOWN_KILL_USEC;
	descriptor_close(supervisor->children.source);
	supervisor->children.source = attached;
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
	if (role == ROLE_CORE && message->head.type == MESSAGE_SOURCE) {
		take_source(supervisor, &message->source, attached);
		attached = -1;
	}
	if (role == ROLE_CHECK && message->head.type == MESSAGE_PROCESSES_WANTED)
		give_processes(supervisor, &message->processes);
	if (role == ROLE_CORE && message->head.type == MESSAGE_IMAGE && attached >= 0 &&
		supervisor->handover) {
		handover_image(supervisor->handover, attached);
		attached = -1;
	}
	descriptor_close(attached);
}

static int give_up_waiting(sd_event_source *source, uint64_t usec, void *context)
{
	struct supervisor *supervisor = context;

	log_message(LOG_WARNING, "not everything stopped in time");
	sd_event_exit(supervisor->loop, supervisor->status);
	return 0;
}

/* What comes now takes that long at most. */
static void plan_end(struct supervisor *supervisor, uint64_t usec)
{
	supervisor->stop_late = sd_event_source_disable_unref(supervisor->stop_late);
	if (sd_event_add_time_relative(supervisor->loop, &supervisor->stop_late, CLOCK_MONOTONIC,
		    usec, ACCURACY_USEC, give_up_waiting, supervisor) < 0)
		log_message(LOG_ERR, "no timer for the end of the stop");
	service_stopping(usec + END_USEC);
}

/* Again and again: check may come to a stand later, too. */
static int on_others_late(sd_event_source *source, uint64_t usec, void *context)
{
	struct supervisor *supervisor = context;

	children_hurry(&supervisor->children);
	if (!children_run(&supervisor->children))
		sd_event_exit(supervisor->loop, supervisor->status);
	sd_event_source_set_time_relative(source, OTHERS_STOP_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* The routers are down: now the processes, which still have to log, notify and run scripts.  After
 * a start that failed nobody waits for that. */
static void stop_children(struct supervisor *supervisor)
{
	supervisor->routers_down = true;
	if (supervisor->status) {
		sd_event_exit(supervisor->loop, supervisor->status);
		return;
	}
	children_let_go(&supervisor->children, false);
	plan_end(supervisor, CHILDREN_STOP_USEC + supervisor->shutdown_usec);
	sd_event_add_time_relative(supervisor->loop, &supervisor->others_late, CLOCK_MONOTONIC,
		OTHERS_STOP_USEC, ACCURACY_USEC, on_others_late, supervisor);
	if (!children_run(&supervisor->children))
		sd_event_exit(supervisor->loop, supervisor->status);
}

static void begin_stop(struct supervisor *supervisor)
{
	union message message;

	supervisor->stopping = true;
	supervisor->handover = handover_end(supervisor->handover);
	log_message(LOG_INFO, "stopping");
	message_init(&message, MESSAGE_STOP, 0);
	if (channel_send(supervisor->dataplane.channel, &message, -1) < 0)
		stop_children(supervisor);
	else
		plan_end(supervisor, ROUTERS_STOP_USEC);
}

/* ---- Handover to a successor ---- */

static int ask_core(void *context)
{
	struct supervisor *supervisor = context;

	return children_send_core(&supervisor->children, MESSAGE_HANDOVER);
}

static int accepted_source(void *context)
{
	const struct supervisor *supervisor = context;

	return supervisor->children.source;
}

static void end_children(void *context)
{
	struct supervisor *supervisor = context;

	children_let_go(&supervisor->children, true);
	if (!children_run(&supervisor->children))
		handover_finish(supervisor->handover);
}

static void kill_children(void *context)
{
	struct supervisor *supervisor = context;

	children_kill(&supervisor->children);
}

static bool engine_lives(const struct supervisor *supervisor)
{
	union status_row row;

	return board_read(supervisor->dataplane.board, STATUS_ENGINE_ROW, &row) == 0 &&
	       clock_now() - row.engine.heartbeat < service_watchdog_usec() * NSEC_PER_USEC / 2;
}

/* The engine's heartbeat alone feeds the watchdog: if it stands still, systemd shall replace us.
 * Once it has stopped in order, the last scripts have their time. */
static void feed_watchdog(void *context)
{
	const struct supervisor *supervisor = context;

	if (supervisor->routers_down || engine_lives(supervisor))
		service_watchdog_feed();
}

/* A stop that systemd has ordered is carried out; whoever wanted another program goes on with this.
 */
static void handover_given_up(void *context, enum handover_kind kind)
{
	struct supervisor *supervisor = context;

	supervisor->handover = handover_end(supervisor->handover);
	if (kind == HANDOVER_STORE)
		begin_stop(supervisor);
}

static void hand_over(struct supervisor *supervisor, enum handover_kind kind)
{
	const struct handover_setup setup = {
		.loop = supervisor->loop,
		.dataplane = &supervisor->dataplane,
		.arguments = supervisor->children.arguments,
		.program = supervisor->program,
		.run_dir = supervisor->options->run_dir,
		.context = supervisor,
		.ask_core = ask_core,
		.source = accepted_source,
		.stop_children = end_children,
		.kill_children = kill_children,
		.waiting = feed_watchdog,
		.given_up = handover_given_up,
	};

	if (supervisor->ready && supervisor->children.source >= 0)
		supervisor->handover = handover_begin(&setup, kind);
	if (supervisor->handover && kind == HANDOVER_STORE)
		service_extend(HANDOVER_USEC + END_USEC);
	if (supervisor->handover)
		return;
	log_message(LOG_WARNING, "the program can't be replaced in place now");
	handover_given_up(supervisor, kind);
}

static int on_hand_over(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct supervisor *supervisor = context;

	if (!supervisor->stopping && !supervisor->handover)
		hand_over(supervisor, HANDOVER_EXECUTE);
	return 0;
}

/* An agentx that can't go on with what the configuration says now has said why, and ended. */
static bool wants_another(enum role role, const siginfo_t *how)
{
	return role == ROLE_AGENTX && how->si_code == CLD_EXITED && how->si_status == EXIT_SUCCESS;
}

static bool on_child_end(void *context, enum role role, const siginfo_t *how)
{
	struct supervisor *supervisor = context;

	if (handover_stops_children(supervisor->handover)) {
		if (!children_run(&supervisor->children))
			handover_finish(supervisor->handover);
		return false;
	}
	if (supervisor->stopping) {
		if (supervisor->routers_down && !children_run(&supervisor->children))
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
	if (wants_another(role, how))
		log_message(LOG_INFO, "%s is replaced, as it wants to be", role_name(role));
	else if (!how->si_code)
		log_message(LOG_WARNING, "%s ended and is replaced", role_name(role));
	else if (how->si_code == CLD_EXITED)
		log_message(LOG_WARNING, "%s ended with status %d and is replaced", role_name(role),
			how->si_status);
	else
		log_message(LOG_WARNING, "%s was killed by signal %d (%s) and is replaced",
			role_name(role), how->si_status, strsignal(how->si_status));
	return true;
}

static void start_late_children(struct supervisor *supervisor)
{
	if (!supervisor->children_late)
		return;
	supervisor->children_late = sd_event_source_disable_unref(supervisor->children_late);
	if (!supervisor->stopping && children_start(&supervisor->children) < 0) {
		supervisor->status = CORE_EXIT_FAILED;
		begin_stop(supervisor);
	}
}

static int on_children_late(sd_event_source *source, uint64_t usec, void *context)
{
	start_late_children(context);
	return 0;
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
		if (message.head.type == MESSAGE_RESUMED)
			start_late_children(supervisor);
		descriptor_close(attached);
	}
	return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct supervisor *supervisor = context;

	if (supervisor->stopping || handover_defers(supervisor->handover, info->ssi_signo))
		return 0;
	supervisor->handover = handover_end(supervisor->handover);
	if (info->ssi_signo == SIGTERM && service_is_restarting())
		hand_over(supervisor, HANDOVER_STORE);
	else
		begin_stop(supervisor);
	return 0;
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct supervisor *supervisor = context;

	if (supervisor->stopping || handover_defers(supervisor->handover, info->ssi_signo))
		return 0;
	service_reloading();
	supervisor->reload_tries = 0;
	reload(supervisor);
	return 0;
}

static int on_time_limit(
	sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct supervisor *supervisor = context;

	if (!handover_stops_children(supervisor->handover))
		schedule_limit_reached(
			&supervisor->schedule, engine_thread(supervisor->dataplane.engine));
	return 0;
}

static int on_child_signal(
	sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct supervisor *supervisor = context;

	children_heed_stops(&supervisor->children);
	return 0;
}

static int on_dump(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct supervisor *supervisor = context;

	children_send_core(&supervisor->children, MESSAGE_DUMP);
	return 0;
}

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *context)
{
	eventfd_t ignored;

	eventfd_read(fd, &ignored);
	show_status(context);
	return 0;
}

static int on_watchdog(sd_event_source *source, uint64_t usec, void *context)
{
	struct supervisor *supervisor = context;

	feed_watchdog(supervisor);
	sd_event_source_set_time_relative(source, service_watchdog_usec() / 4);
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
	} signals[] = {{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_reload},
		{SIGUSR1, on_dump}, {SIGUSR2, on_hand_over}, {SIGXCPU, on_time_limit},
		{SIGCHLD, on_child_signal}};
	int error = 0;

	for (size_t i = 0; error >= 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		error = sd_event_add_signal(
			supervisor->loop, NULL, signals[i].signal, signals[i].handler, supervisor);
	if (error >= 0)
		error = sd_event_add_io(supervisor->loop, NULL, supervisor->dataplane.channel,
			EPOLLIN, on_engine, supervisor);
	if (error >= 0)
		error = sd_event_add_io(supervisor->loop, NULL,
			supervisor->dataplane.wake[CONSUMER_SUPERVISOR], EPOLLIN, on_wake,
			supervisor);
	if (error >= 0)
		error = watch_watchdog(supervisor);
	return error < 0 ? error : 0;
}

static void block_signals(void)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU, SIGCHLD};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* What the children read shall be complete: those of a program that took another's place wait until
 * the engine has its routers. */
static int start_children_in_time(struct supervisor *supervisor)
{
	if (!supervisor->handed_over.archive)
		return children_start(&supervisor->children);
	return sd_event_add_time_relative(supervisor->loop, &supervisor->children_late,
		CLOCK_MONOTONIC, RESUME_USEC, ACCURACY_USEC, on_children_late, supervisor);
}

static int take_run_dir(struct supervisor *supervisor)
{
	const char *run_dir = supervisor->options->run_dir;

	supervisor->lock = rundir_take(run_dir);
	if (supervisor->lock == -EWOULDBLOCK)
		log_message(LOG_ERR,
			"another vrrp-agent runs with the run directory %s; stop it, or give this "
			"one a directory of its own with --run-dir",
			run_dir);
	return supervisor->lock < 0 ? supervisor->lock : 0;
}

/* Whoever says `systemctl restart` means the file as it is by then: it is read once core is ready.
 * The state is stored in that case alone; a handover by execution (SIGUSR2) goes on with what is in
 * force. */
static void take_handed_over(struct supervisor *supervisor)
{
	struct handed_over *handed = &supervisor->handed_over;

	if (!handed_over_check(handed, supervisor->options->run_dir))
		return;
	supervisor->children.source = handed->source;
	handed->source = -1;
	supervisor->reload_waits = handed->stored;
}

/* What to do about an error of the start. */
static const char *remedy(int error)
{
	switch (error) {
	case -EPERM:
		return "; start it as root, or with CAP_NET_ADMIN and CAP_NET_RAW";
	case -ENOSYS:
		return "; Linux 5.11 or later is needed";
	default:
		return "";
	}
}

/* Of a start that failed: whether another one may be any better. */
static int failed_start(int error)
{
	switch (error) {
	case -EPERM:
	case -EACCES:
	case -EROFS:
	case -ENOSYS:
		return CORE_EXIT_UNABLE;
	default:
		return CORE_EXIT_FAILED;
	}
}

static int set_up(struct supervisor *supervisor)
{
	struct firstlook look;
	int error = take_run_dir(supervisor);

	if (!error)
		error = netentry_enter(supervisor->options, &supervisor->handed_over, &look);
	if (error)
		return error;
	children_note_namespace(&supervisor->children, look.namespace);
	take_handed_over(supervisor);
	realtime_lock_memory();
	realtime_enter();
	cpusched_begin();
	error = sd_event_new(&supervisor->loop);
	supervisor->children.loop = supervisor->loop;
	if (error >= 0)
		error = dataplane_prepare(&supervisor->dataplane, &supervisor->handed_over);
	/* It reads the file while the filter is loaded and the threads are started. */
	if (!error && !supervisor->handed_over.archive)
		error = children_start_core(&supervisor->children);
	supervisor->dataplane.filter_unwanted = supervisor->options->no_kernel_filter;
	if (!error && !supervisor->dataplane.filter_unwanted)
		supervisor->dataplane.filter =
			kernelfilter_take(&supervisor->handed_over, look.routers);
	if (!error)
		error = privileges_drop(ROLE_SUPERVISOR, NULL);
	if (!error)
		error = dataplane_start(&supervisor->dataplane, supervisor->options->run_dir,
			&supervisor->handed_over);
	realtime_leave();
	if (!error)
		error = watch_all(supervisor);
	if (!error)
		error = start_children_in_time(supervisor);
	if (error < 0)
		log_message(LOG_ERR, "can't start: %s%s", strerrordesc_np(-error), remedy(error));
	return error < 0 ? error : 0;
}

static void tear_down(struct supervisor *supervisor)
{
	children_kill(&supervisor->children);
	handover_end(supervisor->handover);
	dataplane_stop(&supervisor->dataplane);
	handed_over_close(&supervisor->handed_over);
	sd_event_source_disable_unref(supervisor->children_late);
	sd_event_source_disable_unref(supervisor->stop_late);
	sd_event_source_disable_unref(supervisor->others_late);
	sd_event_unref(supervisor->loop);
	descriptor_close(supervisor->children.source);
	schedule_end(&supervisor->schedule);
	descriptor_close(supervisor->lock);
}

int supervisor_run(const struct options *options, char **arguments)
{
	struct supervisor supervisor = {
		.options = options,
		.lock = -1,
		.dataplane = DATAPLANE_NONE,
		.schedule = SCHEDULE_NONE,
		.children = {.arguments = arguments,
			.no_snmp = options->no_snmp,
			.level = options->level,
			.check_unit = options->check_socket,
			.source = -1},
	};
	int error, status;

	supervisor.children.dataplane = &supervisor.dataplane;
	supervisor.children.context = &supervisor;
	supervisor.children.message = on_message;
	supervisor.children.ended = on_child_end;
	handed_over_take(&supervisor.handed_over);
	handover_find_program(arguments[0], supervisor.program);
	block_signals();
	error = set_up(&supervisor);
	status = error ? failed_start(error) : sd_event_loop(supervisor.loop);
	if (status < 0)
		status = CORE_EXIT_FAILED;
	tear_down(&supervisor);
	if (status == CORE_EXIT_FAILED && !supervisor.ready)
		service_pause();
	return status;
}
