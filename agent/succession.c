/* SPDX-License-Identifier: ISC */
#include "agent/succession.h"

#include "agent/dataplane.h"
#include "agent/legacy.h"
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

/* Beyond what is left: state, source, image, bookmarks, three sockets and the filter. */
#define LEFT_MAX (LEGACY_SOCKETS_MAX + 10)

struct succession {
	struct succession_setup setup;
	enum succession_kind kind;
	int image;
	pid_t trial; /* 0: does not run */
	bool leaving;
	uint64_t token;	  /* of the note that is ready in the run directory; 0: none */
	sigset_t signals; /* for the program that is executed */
	sd_event_source *timeout;
	sd_event_source *trial_end;
};

/* A descriptor that is left, under its name. */
struct left {
	const char *name;
	int fd;
};

static void give_up(struct succession *succession, const char *reason)
{
	log_message(LOG_ERR, "the program is not replaced in place: %s", reason);
	succession->setup.given_up(succession->setup.context, succession->kind);
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *context)
{
	struct succession *succession = context;

	if (succession->leaving)
		succession_alone(succession);
	else
		give_up(succession, succession->trial ? "the new program's trial takes too long"
						      : "core does not answer");
	return 0;
}

static int expect(struct succession *succession, uint64_t usec)
{
	sd_event_source_disable_unref(succession->timeout);
	succession->timeout = NULL;
	return sd_event_add_time_relative(succession->setup.loop, &succession->timeout,
		CLOCK_MONOTONIC, usec, ACCURACY_USEC, on_timeout, succession);
}

static bool is_own_file(const char *path)
{
	struct stat own, named;

	return stat("/proc/self/exe", &own) == 0 && stat(path, &named) == 0 &&
	       own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

void succession_find_program(const char *name, char path[PATH_MAX])
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

struct succession *succession_begin(const struct succession_setup *setup, enum succession_kind kind)
{
	struct succession *succession = calloc(1, sizeof(*succession));
	int error;

	if (!succession)
		return NULL;
	*succession = (struct succession){.setup = *setup, .kind = kind, .image = -1};
	sigemptyset(&succession->signals);
	error = expect(succession, SUCCESSION_ANSWER_USEC);
	if (error >= 0)
		error = setup->ask_core(setup->context);
	if (error >= 0)
		return succession;
	succession_end(succession);
	errno = -error;
	return NULL;
}

struct succession *succession_end(struct succession *succession)
{
	if (!succession)
		return NULL;
	sd_event_source_disable_unref(succession->timeout);
	sd_event_source_disable_unref(succession->trial_end);
	if (succession->trial) {
		kill(succession->trial, SIGKILL);
		waitpid(succession->trial, NULL, 0);
	}
	if (succession->token)
		rundir_drop_note(succession->setup.run_dir);
	descriptor_close(succession->image);
	free(succession);
	return NULL;
}

bool succession_is_leaving(const struct succession *succession)
{
	return succession && succession->leaving;
}

bool succession_takes(struct succession *succession, uint32_t signal)
{
	if (!succession_is_leaving(succession))
		return false;
	sigaddset(&succession->signals, (int)signal);
	return true;
}

/* ---- The trial ---- */

/* What --release, which systemd runs between this program and the next, is told by. */
static int prepare_note(struct succession *succession)
{
	uint64_t token = 0;
	int error;

	while (!token) {
		if (getrandom(&token, sizeof(token), 0) < 0)
			token = 0;
	}
	error = rundir_prepare_note(succession->setup.run_dir, token);
	if (!error)
		succession->token = token;
	return error;
}

static int on_trial_end(sd_event_source *source, const siginfo_t *how, void *context)
{
	struct succession *succession = context;
	int error;

	succession->trial = 0;
	if (how->si_code != CLD_EXITED || how->si_status > 1) {
		give_up(succession, "the new program would not start with the configuration in "
				    "force");
		return 0;
	}
	error = succession->kind == SUCCESSION_STORE ? prepare_note(succession) : 0;
	if (error) {
		log_message(LOG_ERR, "nothing can be made in %s: %s", succession->setup.run_dir,
			strerrordesc_np(-error));
		give_up(succession, "the next one would not know of it");
		return 0;
	}
	succession->leaving = true;
	if (expect(succession, SUCCESSION_CHILDREN_USEC) < 0)
		log_message(LOG_ERR, "no timer for the end of the other processes");
	succession->setup.stop_children(succession->setup.context);
	return 0;
}

/* The program with the accepted configuration's text at the number where core would find it. */
static int execute_trial(struct succession *succession, int source)
{
	char *arguments[] = {(char *)succession->setup.program, "--check-source", NULL};
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
	error = -posix_spawn(&succession->trial, succession->setup.program, &actions, &attributes,
		arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (error)
		succession->trial = 0;
	return error;
}

static int try_program(struct succession *succession)
{
	int source = fcntl(
		succession->setup.source(succession->setup.context), F_DUPFD_CLOEXEC, INHERIT_END);
	int error = source < 0 ? -errno : execute_trial(succession, source);

	descriptor_close(source);
	if (!error)
		error = expect(succession, SUCCESSION_ANSWER_USEC);
	if (error >= 0)
		error = sd_event_add_child(succession->setup.loop, &succession->trial_end,
			succession->trial, WEXITED, on_trial_end, succession);
	return error < 0 ? error : 0;
}

/* Whether everything that is open may be opened once more: what is left has two numbers while it is
 * passed, and then it is too late to give up. */
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

void succession_image(struct succession *succession, int image)
{
	int error;

	if (succession->image >= 0) {
		close(image);
		return;
	}
	succession->image = image;
	if (!is_wanted(image)) {
		give_up(succession, "vrrp_keep_on_restart is off");
		return;
	}
	error = succession->kind == SUCCESSION_EXECUTE ? check_room() : 0;
	if (!error)
		error = try_program(succession);
	if (error)
		give_up(succession, strerrordesc_np(-error));
}

/* ---- Leaving ---- */

static void add(struct left *left, size_t *count, const char *name, int fd)
{
	if (fd >= 0 && *count < LEFT_MAX)
		left[(*count)++] = (struct left){.name = name, .fd = fd};
}

/* Something was changed after core had built the image: core's next life brings another. */
static bool is_current(const struct succession *succession)
{
	struct image *image = image_open(succession->image);
	union status_row row;
	bool current =
		image &&
		board_read(succession->setup.dataplane->board, STATUS_ENGINE_ROW, &row) == 0 &&
		row.engine.generation == image_header(image)->generation;

	image_close(image);
	return current;
}

static size_t collect(const struct succession *succession, struct left *left, int state)
{
	const struct dataplane *dataplane = succession->setup.dataplane;
	static int groups[LEGACY_SOCKETS_MAX];
	size_t group_count, count = 0;
	int sockets[INPUT_SOCKETS];

	group_count = dataplane_sockets(dataplane, sockets, groups, LEGACY_SOCKETS_MAX);
	add(left, &count, LEGACY_STATE, state);
	add(left, &count, LEGACY_SOURCE, succession->setup.source(succession->setup.context));
	if (is_current(succession))
		add(left, &count, LEGACY_IMAGE, succession->image);
	add(left, &count, LEGACY_BOOKMARKS, dataplane->bookmarks);
	add(left, &count, LEGACY_SOCKET4, sockets[0]);
	add(left, &count, LEGACY_SOCKET6, sockets[1]);
	add(left, &count, LEGACY_SOCKET51, sockets[INPUT_AH]);
	if (dataplane->filter) {
		add(left, &count, LEGACY_FILTER, filter_descriptor(dataplane->filter, FILTER_MAP));
		add(left, &count, LEGACY_FILTER4,
			filter_descriptor(dataplane->filter, FILTER_PROGRAM4));
		add(left, &count, LEGACY_FILTER6,
			filter_descriptor(dataplane->filter, FILTER_PROGRAM6));
	}
	for (size_t i = 0; i < group_count && i < LEGACY_SOCKETS_MAX; i++)
		add(left, &count, LEGACY_GROUPS, groups[i]);
	return count;
}

/* Where sd_listen_fds() looks for them, and as it wants to be told. */
static int pass(struct left *left, size_t count)
{
	const int first = SD_LISTEN_FDS_START;
	char number[16], names[LEFT_MAX * sizeof(LEGACY_BOOKMARKS)] = "";
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		left[i].fd = fcntl(left[i].fd, F_DUPFD_CLOEXEC, first + (int)count);
		if (left[i].fd < 0)
			return -errno;
		length += (size_t)snprintf(
			names + length, sizeof(names) - length, "%s%s", i ? ":" : "", left[i].name);
	}
	log_yield_descriptors();
	for (size_t i = 0; i < count; i++) {
		if (dup2(left[i].fd, first + (int)i) < 0)
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
static void execute(struct succession *succession, struct left *left, size_t count)
{
	int error = pass(left, count);

	send_again(&succession->signals);
	if (!error)
		execv(succession->setup.program, succession->setup.arguments);
	error = error ? error : -errno;
	log_message(LOG_ERR, "%s can't be executed: %s; the old program goes on",
		succession->setup.program, strerrordesc_np(-error));
	execv("/proc/self/exe", succession->setup.arguments);
}

static void store(struct succession *succession, const struct left *left, size_t count)
{
	int error = rundir_leave_note(succession->setup.run_dir);

	for (size_t i = 0; !error && i < count; i++)
		error = service_store(left[i].name, left[i].fd);
	if (!error)
		error = service_flush();
	if (!error)
		_exit(EXIT_SUCCESS);
	rundir_take_note(succession->setup.run_dir, succession->token);
	log_message(LOG_ERR, "systemd does not take what is left: %s", strerrordesc_np(-error));
}

void succession_alone(struct succession *succession)
{
	static struct left left[LEFT_MAX];
	size_t count;
	int state;

	succession->setup.kill_children(succession->setup.context);
	while (!dataplane_freeze_applier(succession->setup.dataplane, WAITING))
		succession->setup.waiting(succession->setup.context);
	state = dataplane_leave(succession->setup.dataplane, succession->token);
	if (state >= 0) {
		count = collect(succession, left, state);
		if (succession->kind == SUCCESSION_STORE)
			store(succession, left, count);
		else
			execute(succession, left, count);
	}
	/* The threads have stopped: whoever is started next cleans up. */
	log_message(LOG_ERR, "the virtual routers could not be handed over");
	_exit(EXIT_FAILURE);
}
