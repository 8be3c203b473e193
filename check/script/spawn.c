/* SPDX-License-Identifier: ISC */
#include "check/script/spawn.h"

#include "lib/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct pipes {
	int output[2];
	int report[2];
};

static void close_pair(int ends[2])
{
	for (int i = 0; i < 2; i++)
		descriptor_close(ends[i]);
}

/* Only our end does not block. */
static bool open_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static int open_pipes(struct pipes *pipes, bool is_quiet)
{
	int error;

	if ((is_quiet || open_pipe(pipes->output)) && open_pipe(pipes->report))
		return 0;
	error = -errno;
	close_pair(pipes->output);
	close_pair(pipes->report);
	return error;
}

int spawn(const struct spawn_request *request, struct spawned *spawned)
{
	struct pipes pipes = {.output = {-1, -1}, .report = {-1, -1}};
	pid_t self = getpid();
	int error = open_pipes(&pipes, request->is_quiet);

	if (error)
		return error;
	spawned->pid = fork();
	if (spawned->pid == 0)
		become(request, self, pipes.output[1], pipes.report[1]);
	spawned->pidfd = spawned->pid > 0 ? (int)syscall(SYS_pidfd_open, spawned->pid, 0) : -1;
	if (spawned->pidfd < 0) {
		error = -errno;
		if (spawned->pid > 0 && kill(spawned->pid, SIGKILL) == 0)
			waitpid(spawned->pid, NULL, 0);
		close_pair(pipes.output);
		close_pair(pipes.report);
		return error;
	}
	descriptor_close(pipes.output[1]);
	close(pipes.report[1]);
	spawned->output = pipes.output[0];
	spawned->report = pipes.report[0];
	return 0;
}
