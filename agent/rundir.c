/* SPDX-License-Identifier: ISC */
#include "agent/rundir.h"

#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096

/* The note, and the note that somebody has seen. */
static const char *const note_names[] = {"kept", "kept.seen"};

int rundir_take(const char *run_dir)
{
	char path[PATH_SIZE];
	int lock;

	if (mkdir(run_dir, 0755) < 0 && errno != EEXIST) {
		log_message(LOG_ERR,
			"run directory %s can't be made: %m; make it, or choose another with "
			"--run-dir",
			run_dir);
		return -errno;
	}
	snprintf(path, sizeof(path), "%s/lock", run_dir);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0) {
		log_message(LOG_ERR, "%s can't be opened: %m", path);
		return -errno;
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

int rundir_leave_note(const char *run_dir, uint64_t token)
{
	char path[PATH_SIZE];
	FILE *stream;

	note_path(path, run_dir, 1);
	unlink(path);
	note_path(path, run_dir, 0);
	stream = fopen(path, "we");
	if (!stream)
		return -errno;
	fprintf(stream, "%" PRIu64 "\n", token);
	return fclose(stream) == 0 ? 0 : -errno;
}

bool rundir_take_note(const char *run_dir, uint64_t token)
{
	bool taken = false;

	for (int i = 0; i < 2; i++) {
		uint64_t read = 0;
		char path[PATH_SIZE];
		FILE *stream;

		note_path(path, run_dir, i);
		stream = fopen(path, "re");
		if (!stream)
			continue;
		taken |= fscanf(stream, "%" SCNu64, &read) == 1 && read == token;
		fclose(stream);
		unlink(path);
	}
	return taken;
}

bool rundir_note_is_new(const char *run_dir)
{
	char path[PATH_SIZE], seen[PATH_SIZE];

	note_path(path, run_dir, 0);
	note_path(seen, run_dir, 1);
	if (rename(path, seen) == 0)
		return true;
	unlink(seen);
	return false;
}
