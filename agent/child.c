/* SPDX-License-Identifier: ISC */
#include "agent/child.h"

#include "agent/activation.h"
#include "agent/rolespawn.h"
#include "agent/starvation.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/inherit.h"
#include "lib/lifeline.h"
#include "lib/log.h"
#include "lib/netspace.h"
#include "lib/procstat.h"
#include "lib/ratelimit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#define USEC_PER_MSEC 1000ull

/* Before its first promise a child may have to load its libraries on a busy machine. */
#define START_WITHIN_MS 5000

#define MESSAGES_PER_TURN 64
/* More than a channel holds. */
#define MESSAGES_LEFT	  4096

/* A child that has closed its channel has ended, or is about to. */
#define LAST_WORDS_MS 100

/* Looked at so late, it says little that its promise is broken: what held us up may have held it up
 * too. */
#define HELD_UP_USEC	  (100 * USEC_PER_MSEC)
#define RECOVER_WITHIN_MS 1000

/* One that broke its promise, and may yet go on, is looked at as often. */
#define LOOK_AGAIN_MS 200

/* A child that lived that long is replaced at once; others wait, twice as long each time. */
#define STEADY_USEC    (1000 * USEC_PER_MSEC)
#define PAUSE_MIN_USEC (20 * USEC_PER_MSEC)
#define PAUSE_MAX_USEC (1000 * USEC_PER_MSEC)

/* So long the end of one that was killed, and is not ours to wait for, may take. */
#define KILL_WAIT_MS 1000

#define ACCURACY_USEC (10 * USEC_PER_MSEC)

struct child {
	struct child_setup setup;
	bool runs;
	pid_t pid; /* 0: it is not we who have executed it */
	int pidfd; /* of one that a service manager started; -1 until it has sent it */
	int stat;  /* what tells of its processor time; -1: not known */
	int lifeline;
	int channel;
	bool let_go;
	bool own_next;	  /* the service manager's last one never said who it is */
	uint64_t started; /* µs of CLOCK_MONOTONIC */
	uint64_t pause;
	sd_event_source *end;
	sd_event_source *io;
	sd_event_source *broken; /* its promise */
	sd_event_source *judgement;
	sd_event_source *restart;
	bool killed; /* this run of it, for breaking its promise */
	struct starvation starvation;
	struct ratelimit starvation_told;
	struct ratelimit loss_told;
};

static int run(struct child *child);
static void take_messages(struct child *child, int most);
static void plan_restart(struct child *child);

static uint64_t now_of(struct child *child)
{
	uint64_t now = 0;

	sd_event_now(child->setup.loop, CLOCK_MONOTONIC, &now);
	return now;
}

static void forget_run(struct child *child)
{
	child->end = sd_event_source_disable_unref(child->end);
	child->io = sd_event_source_disable_unref(child->io);
	child->broken = sd_event_source_disable_unref(child->broken);
	child->judgement = sd_event_source_disable_unref(child->judgement);
	descriptor_close(child->channel);
	descriptor_close(child->pidfd);
	descriptor_close(child->stat);
	descriptor_close(child->lifeline);
	child->channel = -1;
	child->pidfd = -1;
	child->stat = -1;
	child->lifeline = -1;
	child->pid = 0;
	child->runs = false;
}

/* Of one that never said who it is, the end of the channel is all it can be told. */
static void kill_it(const struct child *child)
{
	if (child->pid)
		kill(child->pid, SIGKILL);
	else if (child->pidfd >= 0)
		syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
}

static void abandon(struct child *child)
{
	struct pollfd end = {.fd = child->pidfd, .events = POLLIN};

	kill_it(child);
	if (child->pid)
		waitpid(child->pid, NULL, 0);
	else if (child->pidfd >= 0)
		poll(&end, 1, KILL_WAIT_MS);
	forget_run(child);
}

static void judge_later(struct child *child, uint64_t ms)
{
	sd_event_source_set_time(child->judgement, now_of(child) + ms * USEC_PER_MSEC);
	sd_event_source_set_enabled(child->judgement, SD_EVENT_ONESHOT);
}

static void finish(struct child *child, const siginfo_t *how)
{
	forget_run(child);
	if (child->setup.ended(child->setup.context, child->setup.role, how) && !child->let_go)
		plan_restart(child);
}

/* How it ended the service manager knows, and says in its log. */
static int on_foreign_end(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct child *child = context;
	const siginfo_t unknown = {0};

	take_messages(child, MESSAGES_LEFT);
	finish(child, &unknown);
	return 0;
}

/* One that the service manager started sends the means to watch it: a pidfd, then its
 * /proc/PID/stat, which may be hidden from us. */
static void take_means(struct child *child, int attached)
{
	if (attached < 0)
		return;
	if (!child->pid && child->pidfd >= 0 && child->stat < 0)
		child->stat = attached;
	else if (child->pid || child->pidfd >= 0 ||
		 sd_event_add_io(child->setup.loop, &child->end, attached, EPOLLIN, on_foreign_end,
			 child) < 0)
		close(attached);
	else
		child->pidfd = attached;
}

static void on_last_words(struct child *child)
{
	if (sd_event_source_get_enabled(child->io, NULL) <= 0)
		return;
	sd_event_source_set_enabled(child->io, SD_EVENT_OFF);
	starvation_begin(&child->starvation);
	judge_later(child, LAST_WORDS_MS);
}

/* It may be sent again and again. */
static void tell_loss(struct child *child, const union message *message)
{
	uint64_t ignored;

	if (ratelimit_passes(&child->loss_told, now_of(child) * NSEC_PER_USEC, &ignored))
		log_message(LOG_ERR,
			"no descriptor is free for the %s that %s sent (LimitNOFILE= in the unit)",
			message_type_name(message->head.type), role_name(child->setup.role));
}

static void take_messages(struct child *child, int most)
{
	union message message;
	int attached;
	int got;

	for (int i = 0; i < most && child->channel >= 0; i++) {
		got = channel_receive(child->channel, &message, &attached);
		if (got == -EPIPE)
			on_last_words(child);
		if (got == 0 || got == -EPIPE)
			break;
		if (got == -EMFILE)
			tell_loss(child, &message);
		else if (got < 0)
			continue;
		if (message.head.type == MESSAGE_MEANS)
			take_means(child, attached);
		else
			child->setup.message(
				child->setup.context, child->setup.role, &message, attached);
	}
}

/* The rest is there for the next turn, after what else there is to do: a child that never stops
 * talking shall not keep us from it. */
static int on_channel(sd_event_source *source, int fd, uint32_t events, void *context)
{
	take_messages(context, MESSAGES_PER_TURN);
	return 0;
}

/* It ended, or was refused, before it was ready. */
static int give_up_foreign(struct child *child)
{
	const siginfo_t unknown = {0};

	child->own_next = true;
	finish(child, &unknown);
	return 0;
}

static bool look_at(struct child *child, struct starvation_look *look)
{
	if (child->stat < 0 && child->pid)
		child->stat = procstat_open(child->pid);
	return child->stat >= 0 && starvation_look_at(child->stat, look) == 0;
}

/* Whether it is given more time; it is looked at again then. */
static bool wait_for(struct child *child, enum starvation_verdict verdict, uint64_t within_ms)
{
	uint64_t ignored;

	if (verdict == STARVATION_HANGS)
		return false;
	if (verdict == STARVATION_STARVES &&
		ratelimit_passes(&child->starvation_told, now_of(child) * NSEC_PER_USEC, &ignored))
		log_message(LOG_NOTICE,
			"%s gets too little processor time to give a sign of life, and is waited "
			"for",
			role_name(child->setup.role));
	judge_later(child, within_ms);
	return true;
}

/* Whether it may yet go on. */
static bool may_go_on(struct child *child, const struct starvation_look *look)
{
	return wait_for(child,
		starvation_judge(&child->starvation, look, now_of(child) / USEC_PER_MSEC),
		LOOK_AGAIN_MS);
}

/* Not even who it is was said, and nobody has closed the connection. */
static bool is_unknown(const struct child *child)
{
	return !child->pid && child->pidfd < 0 && sd_event_source_get_enabled(child->io, NULL) > 0;
}

/* The same of one that the service manager has not started yet, or that did not get so far.  In its
 * place another one would not have its rights. */
static bool may_begin(struct child *child)
{
	uint64_t idle;

	if (child->let_go || !is_unknown(child) || starvation_idle(&idle) < 0)
		return false;
	return wait_for(child,
		starvation_judge_idle(&child->starvation, idle, (unsigned int)get_nprocs(),
			now_of(child) / USEC_PER_MSEC),
		RECOVER_WITHIN_MS);
}

static int replace(struct child *child)
{
	if (!child->killed)
		log_message(LOG_WARNING, "%s gives no sign of life and is replaced",
			role_name(child->setup.role));
	child->killed = true;
	if (!child->pid && child->pidfd < 0)
		return give_up_foreign(child);
	kill_it(child);
	/* The news of its end may have come before the end itself, when a debugger had it. */
	sd_event_source_set_enabled(child->end, SD_EVENT_OFF);
	sd_event_source_set_enabled(child->end, SD_EVENT_ONESHOT);
	judge_later(child, LAST_WORDS_MS);
	return 0;
}

/* Of one that could be looked at, or NULL.  One that was stopped has promised something for later,
 * one that has closed its channel has nothing more to say. */
static bool is_well(const struct child *child, const struct starvation_look *look)
{
	return !child->killed && lifeline_is_kept(child->lifeline) &&
	       sd_event_source_get_enabled(child->io, NULL) > 0 && !(look && look->state == 'T');
}

/* `held_up`: so may it have been by what held us up. */
static int judge(struct child *child, bool held_up)
{
	struct starvation_look look;
	bool known;

	if (child->let_go && (child->pid || child->pidfd >= 0))
		return 0;
	/* Before the lifeline is: a promise that was made meanwhile counts. */
	known = look_at(child, &look);
	take_messages(child, MESSAGES_PER_TURN);
	if (is_well(child, known ? &look : NULL))
		return 0;
	if (!child->killed && held_up) {
		judge_later(child, RECOVER_WITHIN_MS);
		return 0;
	}
	if (!child->killed && (known ? may_go_on(child, &look) : may_begin(child)))
		return 0;
	return replace(child);
}

static int on_judgement(sd_event_source *source, uint64_t usec, void *context)
{
	struct child *child = context;

	sd_event_source_set_enabled(child->broken, SD_EVENT_ON);
	return judge(child, now_of(child) > usec + HELD_UP_USEC);
}

/* Once, then it is for the judgement to be repeated: the timer is the child's as well, which may
 * have it expire without end.  How long ago it was is not known: one that is stopped may have been
 * so with us, and go on a little later. */
static int on_broken(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct child *child = context;
	struct starvation_look look;
	uint64_t expirations;

	if (read(fd, &expirations, sizeof(expirations)) < 0)
		return 0;
	if (child->pid || child->pidfd >= 0)
		starvation_begin(&child->starvation);
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	judge_later(child, LOOK_AGAIN_MS);
	return judge(child, look_at(child, &look) && look.state == 'T');
}

void child_heed_stop(struct child *child)
{
	siginfo_t how = {0};

	if (!child || !child->pid || child->killed ||
		waitid(P_PID, (id_t)child->pid, &how, WSTOPPED | WNOHANG) < 0 || !how.si_pid)
		return;
	starvation_begin(&child->starvation);
	judge_later(child, LIFELINE_TURN_MS);
}

static int on_restart(sd_event_source *source, uint64_t usec, void *context)
{
	struct child *child = context;
	int error;

	child->restart = sd_event_source_disable_unref(child->restart);
	error = run(child);
	if (error < 0) {
		log_message(LOG_ERR, "%s could not be started and is tried again: %s",
			role_name(child->setup.role), strerrordesc_np(-error));
		plan_restart(child);
	}
	return 0;
}

static void plan_restart(struct child *child)
{
	if (now_of(child) - child->started >= STEADY_USEC)
		child->pause = 0;
	sd_event_add_time_relative(child->setup.loop, &child->restart, CLOCK_MONOTONIC,
		child->pause, ACCURACY_USEC, on_restart, child);
	child->pause = child->pause ? child->pause * 2 : PAUSE_MIN_USEC;
	if (child->pause > PAUSE_MAX_USEC)
		child->pause = PAUSE_MAX_USEC;
}

static int on_end(sd_event_source *source, const siginfo_t *how, void *context)
{
	struct child *child = context;
	siginfo_t copy = *how;

	take_messages(child, MESSAGES_LEFT);
	finish(child, &copy);
	return 0;
}

static int watch(struct child *child)
{
	sd_event *loop = child->setup.loop;
	int error = child->pid ? sd_event_add_child(
					 loop, &child->end, child->pid, WEXITED, on_end, child)
			       : 0;

	if (error >= 0)
		error = sd_event_add_io(
			loop, &child->io, child->channel, EPOLLIN, on_channel, child);
	if (error >= 0)
		error = sd_event_add_io(
			loop, &child->broken, child->lifeline, EPOLLIN, on_broken, child);
	if (error >= 0)
		error = sd_event_add_time_relative(loop, &child->judgement, CLOCK_MONOTONIC, 0,
			ACCURACY_USEC, on_judgement, child);
	if (error >= 0)
		error = sd_event_source_set_enabled(child->judgement, SD_EVENT_OFF);
	return error < 0 ? error : 0;
}

/* What the service manager starts, where there is such a unit; what it can't, we execute. */
static bool connect_unit(struct child *child)
{
	const char *unit = child->setup.unit;
	int fd;

	if (!unit || child->own_next) {
		child->own_next = false;
		return false;
	}
	fd = activation_connect(unit);
	if (fd < 0) {
		log_message(LOG_NOTICE, "nothing listens at %s (%s): %s is started without it",
			unit, strerrordesc_np(-fd), role_name(child->setup.role));
		return false;
	}
	child->channel = fd;
	return true;
}

static int open_channel(struct child *child, int *inherited)
{
	int ends[2];
	int error = channel_pair(ends);

	if (error)
		return error;
	child->channel = ends[0];
	/* Beyond the numbers to which they are duplicated, lest one overwrite another. */
	inherited[INHERIT_SUPERVISOR] = fcntl(ends[1], F_DUPFD_CLOEXEC, INHERIT_END);
	if (inherited[INHERIT_SUPERVISOR] < 0)
		error = -errno;
	close(ends[1]);
	return error;
}

/* The first promise is made for it. */
static int open_lifeline(struct child *child, int *inherited)
{
	int lifeline = lifeline_create();

	if (lifeline < 0)
		return lifeline;
	child->lifeline = lifeline;
	lifeline_promise(lifeline, START_WITHIN_MS);
	inherited[INHERIT_LIFELINE] = fcntl(lifeline, F_DUPFD_CLOEXEC, INHERIT_END);
	return inherited[INHERIT_LIFELINE] < 0 ? -errno : 0;
}

static int run(struct child *child)
{
	int inherited[INHERIT_END];
	bool is_unit = connect_unit(child);
	uint64_t idle;
	int error = 0;

	child->started = now_of(child);
	child->killed = false;
	starvation_begin(&child->starvation);
	if (is_unit && starvation_idle(&idle) == 0)
		starvation_watch_idle(&child->starvation, idle, child->started / USEC_PER_MSEC);
	for (int fd = 0; fd < INHERIT_END; fd++)
		inherited[fd] = -1;
	if (is_unit)
		inherited[INHERIT_NETSPACE] = netspace_open_own();
	else
		error = open_channel(child, inherited);
	if (!error)
		error = open_lifeline(child, inherited);
	if (!error)
		error = child->setup.connect(child->setup.context, child->setup.role, inherited);
	if (!error)
		error = is_unit ? activation_hand_over(
					  child->channel, inherited, child->setup.level)
				: spawn_role(child->setup.role, child->setup.arguments,
					  child->setup.argument, inherited, &child->pid);
	for (int fd = 0; fd < INHERIT_END; fd++)
		descriptor_close(inherited[fd]);
	if (!error)
		error = watch(child);
	child->runs = !error;
	if (error)
		abandon(child);
	return error;
}

struct child *child_start(const struct child_setup *setup)
{
	struct child *child = calloc(1, sizeof(*child));
	int error;

	if (!child)
		return NULL;
	child->setup = *setup;
	child->channel = -1;
	child->pidfd = -1;
	child->stat = -1;
	child->lifeline = -1;
	error = run(child);
	if (error < 0) {
		free(child);
		errno = -error;
		return NULL;
	}
	return child;
}

struct child *child_free(struct child *child)
{
	if (!child)
		return NULL;
	sd_event_source_disable_unref(child->restart);
	abandon(child);
	free(child);
	return NULL;
}

int child_send(struct child *child, const union message *message, int attached)
{
	return child && child->channel >= 0 ? channel_send(child->channel, message, attached)
					    : -EPIPE;
}

bool child_runs(const struct child *child)
{
	return child && child->runs;
}

bool child_stands_still(struct child *child)
{
	struct starvation_look look;

	return child_runs(child) &&
	       (!lifeline_is_kept(child->lifeline) || (look_at(child, &look) && look.state == 'T'));
}

void child_let_go(struct child *child)
{
	if (!child)
		return;
	child->let_go = true;
	child->restart = sd_event_source_disable_unref(child->restart);
}
