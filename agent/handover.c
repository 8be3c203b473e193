/* SPDX-License-Identifier: ISC */
#include "agent/handover.h"

#include "agent/dataplane.h"
#include "agent/handed_over.h"
#include "agent/rundir.h"
#include "agent/service.h"
#include "lib/board.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/image.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "vrrp/status.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define ACCURACY_USEC 10000ull
#define WAITING	      (500 * NSEC_PER_MSEC)

/* Beyond the groups' sockets: state, source, image, bookmarks, journal, three sockets and the
 * filter. */
#define HANDED_MAX (HANDED_OVER_SOCKETS_MAX + 11)

struct handover {
	struct handover_setup setup;
	enum handover_kind kind;
	int image;
	pid_t trial; /* 0: does not run */
	bool stopping;
	uint64_t token;	  /* of the note that is ready in the run directory; 0: none */
	sigset_t signals; /* for the program that is executed */
	sd_event_source *timeout;
	sd_event_source *trial_end;
};

/* A descriptor that is handed over, under its name. */
struct handed_fd {
	const char *name;
	int fd;
};

static void give_up(struct handover *handover, const char *reason)
{
	log_message(LOG_ERR, "the program is not replaced in place: %s", reason);
	handover->setup.given_up(handover->setup.context, handover->kind);
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *context)
{
	struct handover *handover = context;

	if (handover->stopping)
		handover_finish(handover);
	else
		give_up(handover, handover->trial ? "the new program's trial takes too long"
						  : "core does not answer");
	return 0;
}

static int expect(struct handover *handover, uint64_t usec)
{
	sd_event_source_disable_unref(handover->timeout);
	handover->timeout = NULL;
	return sd_event_add_time_relative(handover->setup.loop, &handover->timeout, CLOCK_MONOTONIC,
		usec, ACCURACY_USEC, on_timeout, handover);
}

static bool is_own_file(const char *path)
{
	struct stat own, named;

	return stat("/proc/self/exe", &own) == 0 && stat(path, &named) == 0 &&
	       own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

void handover_find_program(const char *name, char path[PATH_MAX])
{
	static const char mark[] = " (deleted)";
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	size_t end = length > 0 ? (size_t)length : 0;

	if (name && name[0] == '/' && strlen(name) < PATH_MAX && is_own_file(name)) {
		strcpy(path, name);
		return;
	}
	if (end >= sizeof(mark) && strncmp(path + end - strlen(mark), mark, strlen(mark)) == 0)
		end -= strlen(mark);
	path[end] = '\0';
}

struct handover *handover_begin(const struct handover_setup *setup, enum handover_kind kind)
{
	struct handover *handover = calloc(1, sizeof(*handover));
	int error;

	if (!handover)
		return NULL;
	*handover = (struct handover){.setup = *setup, .kind = kind, .image = -1};
	sigemptyset(&handover->signals);
	error = expect(handover, HANDOVER_ANSWER_USEC);
	if (error >= 0)
		error = setup->ask_core(setup->context);
	if (error >= 0)
		return handover;
	handover_end(handover);
	errno = -error;
	return NULL;
}

struct handover *handover_end(struct handover *handover)
{
	if (!handover)
		return NULL;
	sd_event_source_disable_unref(handover->timeout);
	sd_event_source_disable_unref(handover->trial_end);
	if (handover->trial) {
		kill(handover->trial, SIGKILL);
		waitpid(handover->trial, NULL, 0);
	}
	if (handover->token)
		rundir_drop_note(handover->setup.run_dir);
	descriptor_close(handover->image);
	free(handover);
	return NULL;
}

bool handover_stops_children(const struct handover *handover)
{
	return handover && handover->stopping;
}

bool handover_defers(struct handover *handover, uint32_t signal)
{
	if (!handover_stops_children(handover))
		return false;
	sigaddset(&handover->signals, (int)signal);
	return true;
}

/* ---- The trial ---- */

/* What --release, which systemd runs between this program and the next, is told by. */
static int prepare_note(struct handover *handover)
{
	uint64_t token = 0;
	int error;

	while (!token) {
		if (getrandom(&token, sizeof(token), 0) < 0)
			token = 0;
	}
	error = rundir_prepare_note(handover->setup.run_dir, token);
	if (!error)
		handover->token = token;
	return error;
}

static int on_trial_end(sd_event_source *source, const siginfo_t *how, void *context)
{
	struct handover *handover = context;
	int error;

	handover->trial = 0;
	if (how->si_code != CLD_EXITED || how->si_status > 1) {
		give_up(handover, "the new program would not start with the configuration in "
				  "force");
		return 0;
	}
	error = handover->kind == HANDOVER_STORE ? prepare_note(handover) : 0;
	if (error) {
		log_message(LOG_ERR, "nothing can be made in %s: %s", handover->setup.run_dir,
			strerrordesc_np(-error));
		give_up(handover, "the next one would not know of it");
		return 0;
	}
	handover->stopping = true;
	if (expect(handover, HANDOVER_CHILDREN_USEC) < 0)
		log_message(LOG_ERR, "no timer for the end of the other processes");
	handover->setup.stop_children(handover->setup.context);
	return 0;
}

/* The program with the accepted configuration's text at the number where core would find it. */
static int execute_trial(struct handover *handover, int source)
{
	char *arguments[] = {(char *)handover->setup.program, "--check-source", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int error;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, source, INHERIT_SOURCE);
	posix_spawn_file_actions_addclosefrom_np(&actions, INHERIT_END);
	error = -posix_spawn(&handover->trial, handover->setup.program, &actions, &attributes,
		arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (error)
		handover->trial = 0;
	return error;
}

static int try_program(struct handover *handover)
{
	int source = fcntl(
		handover->setup.source(handover->setup.context), F_DUPFD_CLOEXEC, INHERIT_END);
	int error = source < 0 ? -errno : execute_trial(handover, source);

	descriptor_close(source);
	if (!error)
		error = expect(handover, HANDOVER_ANSWER_USEC);
	if (error >= 0)
		error = sd_event_add_child(handover->setup.loop, &handover->trial_end,
			handover->trial, WEXITED, on_trial_end, handover);
	return error < 0 ? error : 0;
}

/* Whether everything that is open may be opened once more: what is handed over has two numbers
 * while it is passed, and then it is too late to give up. */
static int check_room(void)
{
	DIR *folder = opendir("/proc/self/fd");
	struct rlimit limit;
	rlim_t open = 0;

	if (!folder || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	while (readdir(folder))
		open++;
	closedir(folder);
	return 2 * open <= limit.rlim_cur ? 0 : -EMFILE;
}

static bool is_wanted(int fd)
{
	struct image *image = image_open(fd);
	bool wanted = image && (image_header(image)->flags & IMAGE_KEEP_ON_RESTART);

	image_close(image);
	return wanted;
}

void handover_image(struct handover *handover, int image)
{
	int error;

	if (handover->image >= 0) {
		close(image);
		return;
	}
	handover->image = image;
	if (!is_wanted(image)) {
		give_up(handover, "vrrp_keep_on_restart is off (`vrrpctl stats` has the counters "
				  "that keepalived writes at SIGUSR2)");
		return;
	}
	error = handover->kind == HANDOVER_EXECUTE ? check_room() : 0;
	if (!error)
		error = try_program(handover);
	if (error)
		give_up(handover, strerrordesc_np(-error));
}

/* ---- Handing over ---- */

static void add(struct handed_fd *fds, size_t *count, const char *name, int fd)
{
	if (fd >= 0 && *count < HANDED_MAX)
		fds[(*count)++] = (struct handed_fd){.name = name, .fd = fd};
}

/* Something was changed after core had built the image: core's next life brings another. */
static bool is_current(const struct handover *handover)
{
	struct image *image = image_open(handover->image);
	union status_row row;
	bool current = image &&
		       board_read(handover->setup.dataplane->board, STATUS_ENGINE_ROW, &row) == 0 &&
		       row.engine.generation == image_header(image)->generation;

	image_close(image);
	return current;
}

static size_t collect(const struct handover *handover, struct handed_fd *fds, int state)
{
	const struct dataplane *dataplane = handover->setup.dataplane;
	static int groups[HANDED_OVER_SOCKETS_MAX];
	size_t group_count, count = 0;
	int sockets[INPUT_SOCKETS];

	group_count = dataplane_sockets(dataplane, sockets, groups, HANDED_OVER_SOCKETS_MAX);
	add(fds, &count, HANDED_OVER_STATE, state);
	add(fds, &count, HANDED_OVER_SOURCE, handover->setup.source(handover->setup.context));
	if (is_current(handover))
		add(fds, &count, HANDED_OVER_IMAGE, handover->image);
	add(fds, &count, HANDED_OVER_BOOKMARKS, dataplane->bookmarks);
	add(fds, &count, HANDED_OVER_JOURNAL, dataplane_journal(dataplane));
	add(fds, &count, HANDED_OVER_SOCKET4, sockets[0]);
	add(fds, &count, HANDED_OVER_SOCKET6, sockets[1]);
	add(fds, &count, HANDED_OVER_SOCKET51, sockets[INPUT_AH]);
	if (dataplane->filter) {
		add(fds, &count, HANDED_OVER_FILTER,
			filter_descriptor(dataplane->filter, FILTER_MAP));
		add(fds, &count, HANDED_OVER_FILTER4,
			filter_descriptor(dataplane->filter, FILTER_PROGRAM4));
		add(fds, &count, HANDED_OVER_FILTER6,
			filter_descriptor(dataplane->filter, FILTER_PROGRAM6));
	}
	for (size_t i = 0; i < group_count && i < HANDED_OVER_SOCKETS_MAX; i++)
		add(fds, &count, HANDED_OVER_GROUPS, groups[i]);
	return count;
}

/* Where sd_listen_fds() looks for them, and as it wants to be told. */
static int pass(struct handed_fd *fds, size_t count)
{
	const int first = SD_LISTEN_FDS_START;
	char number[16], names[HANDED_MAX * sizeof(HANDED_OVER_BOOKMARKS)] = "";
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		fds[i].fd = fcntl(fds[i].fd, F_DUPFD_CLOEXEC, first + (int)count);
		if (fds[i].fd < 0)
			return -errno;
		length += (size_t)snprintf(
			names + length, sizeof(names) - length, "%s%s", i ? ":" : "", fds[i].name);
	}
	log_yield_descriptors();
	for (size_t i = 0; i < count; i++) {
		if (dup2(fds[i].fd, first + (int)i) < 0)
			return -errno;
	}
	setenv("LISTEN_FDNAMES", names, 1);
	snprintf(number, sizeof(number), "%zu", count);
	setenv("LISTEN_FDS", number, 1);
	snprintf(number, sizeof(number), "%d", getpid());
	setenv("LISTEN_PID", number, 1);
	return 0;
}

/* Blocked, they are still there when the successor looks for them. */
static void send_again(const sigset_t *signals)
{
	for (int signal = 1; signal < NSIG; signal++) {
		if (sigismember(signals, signal) == 1)
			kill(getpid(), signal);
	}
}

/* If the new file is none that can be executed, the one that runs goes on anew. */
static void execute(struct handover *handover, struct handed_fd *fds, size_t count)
{
	int error = pass(fds, count);

	send_again(&handover->signals);
	if (!error)
		execv(handover->setup.program, handover->setup.arguments);
	error = error ? error : -errno;
	log_message(LOG_ERR, "%s can't be executed: %s; the old program goes on",
		handover->setup.program, strerrordesc_np(-error));
	execv("/proc/self/exe", handover->setup.arguments);
}

static void store(struct handover *handover, const struct handed_fd *fds, size_t count)
{
	int error = rundir_leave_note(handover->setup.run_dir);

	for (size_t i = 0; !error && i < count; i++)
		error = service_store(fds[i].name, fds[i].fd);
	if (!error)
		error = service_flush();
	if (!error)
		_exit(EXIT_SUCCESS);
	rundir_take_note(handover->setup.run_dir, handover->token);
	log_message(LOG_ERR, "systemd does not take what is left: %s", strerrordesc_np(-error));
}

void handover_finish(struct handover *handover)
{
	static struct handed_fd fds[HANDED_MAX];
	size_t count;
	int state;

	handover->setup.kill_children(handover->setup.context);
	while (!dataplane_freeze_applier(handover->setup.dataplane, WAITING))
		handover->setup.waiting(handover->setup.context);
	state = dataplane_hand_over(handover->setup.dataplane, handover->token);
	if (state >= 0) {
		count = collect(handover, fds, state);
		if (handover->kind == HANDOVER_STORE)
			store(handover, fds, count);
		else
			execute(handover, fds, count);
	}
	/* The threads have stopped: whoever is started next cleans up. */
	log_message(LOG_ERR, "the virtual routers could not be handed over");
	_exit(EXIT_FAILURE);
}
