/* SPDX-License-Identifier: ISC */
#include "agent/rundir.h"

#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE   4096
#define ROOT_NEEDED "; vrrp-agent has to be started as root"

enum {
	NOTE,
	NOTE_SEEN,
	NOTES,
	NOTE_READY = NOTES,
};

static const char *const note_names[] = {"kept", "kept.seen", "kept.ready"};

int rundir_take(const char *run_dir)
{
	char path[PATH_SIZE];
	int lock;

	if (mkdir(run_dir, 0755) < 0 && errno != EEXIST) {
		int error = -errno;

		log_message(LOG_ERR,
			"run directory %s can't be made: %s; make it, or choose another with "
			"--run-dir%s",
			run_dir, strerrordesc_np(-error), error == -EACCES ? ROOT_NEEDED : "");
		return error;
	}
	snprintf(path, sizeof(path), "%s/lock", run_dir);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0) {
		int error = -errno;

		log_message(LOG_ERR, "%s can't be opened: %s%s", path, strerrordesc_np(-error),
			error == -EACCES ? ROOT_NEEDED : "");
		return error;
	}
	if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		int error = -errno;

		close(lock);
		return error;
	}
	return lock;
}

static void note_path(char *path, const char *run_dir, int which)
{
	snprintf(path, PATH_SIZE, "%s/%s", run_dir, note_names[which]);
}

/* A link that leads to the token, and nowhere: where the file system is full, a tmpfs still has
 * room for that, and none for a file with something in it. */
int rundir_prepare_note(const char *run_dir, uint64_t token)
{
	char path[PATH_SIZE], text[24];

	snprintf(text, sizeof(text), "%" PRIu64, token);
	note_path(path, run_dir, NOTE_READY);
	unlink(path);
	return symlink(text, path) < 0 ? -errno : 0;
}

int rundir_leave_note(const char *run_dir)
{
	char ready[PATH_SIZE], path[PATH_SIZE];

	note_path(path, run_dir, NOTE_SEEN);
	unlink(path);
	note_path(ready, run_dir, NOTE_READY);
	note_path(path, run_dir, NOTE);
	return rename(ready, path) < 0 ? -errno : 0;
}

void rundir_drop_note(const char *run_dir)
{
	char path[PATH_SIZE];

	note_path(path, run_dir, NOTE_READY);
	unlink(path);
}

/* Older programs left a file that has the token in it.  0: there is none. */
static uint64_t read_note(const char *path)
{
	char text[24] = "";
	uint64_t token = 0;
	FILE *stream;

	if (readlink(path, text, sizeof(text) - 1) > 0)
		return strtoull(text, NULL, 10);
	stream = fopen(path, "re");
	if (!stream)
		return 0;
	if (fscanf(stream, "%" SCNu64, &token) != 1)
		token = 0;
	fclose(stream);
	return token;
}

bool rundir_take_note(const char *run_dir, uint64_t token)
{
	bool taken = false;

	for (int i = 0; i < NOTES; i++) {
		char path[PATH_SIZE];

		note_path(path, run_dir, i);
		taken |= token && read_note(path) == token;
		unlink(path);
	}
	return taken;
}

bool rundir_note_is_new(const char *run_dir)
{
	char path[PATH_SIZE], seen[PATH_SIZE];

	note_path(path, run_dir, NOTE);
	note_path(seen, run_dir, NOTE_SEEN);
	if (rename(path, seen) == 0)
		return true;
	unlink(seen);
	return false;
}

static void namespace_path(char *path, const char *run_dir, const char *suffix)
{
	snprintf(path, PATH_SIZE, "%s/net_namespace%s", run_dir, suffix);
}

void rundir_read_namespace(const char *run_dir, char name[NETSPACE_NAME_MAX + 1])
{
	char path[PATH_SIZE];
	FILE *stream;

	name[0] = '\0';
	namespace_path(path, run_dir, "");
	stream = fopen(path, "re");
	if (!stream)
		return;
	if (!fgets(name, NETSPACE_NAME_MAX + 1, stream))
		name[0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	fclose(stream);
}

static int write_line(const char *path, const char *line)
{
	FILE *stream = fopen(path, "we");

	if (!stream)
		return -errno;
	fprintf(stream, "%s\n", line);
	return fclose(stream) == 0 ? 0 : -errno;
}

/* Whole or not at all: by a wrong name the next start would clean up in the wrong place. */
int rundir_write_namespace(const char *run_dir, const char *name)
{
	char path[PATH_SIZE], new_path[PATH_SIZE];
	int error;

	namespace_path(path, run_dir, "");
	namespace_path(new_path, run_dir, ".new");
	if (!name[0]) {
		error = unlink(path) < 0 && errno != ENOENT ? -errno : 0;
	} else {
		error = write_line(new_path, name);
		if (!error && rename(new_path, path) < 0)
			error = -errno;
	}
	if (error)
		log_message(LOG_ERR, "%s can't be written: %s", path, strerrordesc_np(-error));
	return error;
}
