/* SPDX-License-Identifier: ISC */
#include "check/script/leftover.h"
#include "lib/procstat.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLAIMED	    1
#define END_WAIT_MS 500

static_assert(sizeof(struct leftover_note) == 2 * sizeof(uint64_t), "a note is two words");

/* 0 if there is no such process. */
static uint64_t start_time(pid_t pid)
{
	struct procstat stat;

	return procstat_look(pid, &stat) == 0 ? stat.start : 0;
}

struct leftover_note *leftover_claim(struct leftover_note *notes)
{
	for (int i = 0; i < LEFTOVER_NOTES; i++) {
		if (atomic_load(&notes[i].pid) == 0) {
			atomic_store(&notes[i].pid, CLAIMED);
			return &notes[i];
		}
	}
	return NULL;
}

void leftover_enter(struct leftover_note *note)
{
	pid_t self = getpid();

	atomic_store(&note->start, start_time(self));
	atomic_store(&note->pid, (uint64_t)self);
}

void leftover_erase(struct leftover_note *note)
{
	if (!note)
		return;
	atomic_store(&note->start, 0);
	atomic_store(&note->pid, 0);
}

/* The descriptor is opened before the comparison, so that it can't be of a later process. */
static bool kill_one(pid_t pid, uint64_t start)
{
	struct pollfd end = {.events = POLLIN};
	bool same;

	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (end.fd < 0)
		return false;
	same = start && start_time(pid) == start;
	if (same) {
		kill(-pid, SIGKILL);
		poll(&end, 1, END_WAIT_MS);
	}
	close(end.fd);
	return same;
}

bool leftover_kill_one(struct leftover_note *note)
{
	uint64_t pid = atomic_load(&note->pid);
	bool killed = pid > CLAIMED && kill_one((pid_t)pid, atomic_load(&note->start));

	leftover_erase(note);
	return killed;
}

int leftover_kill(struct leftover_note *notes)
{
	int killed = 0;

	for (int i = 0; i < LEFTOVER_NOTES; i++)
		killed += leftover_kill_one(&notes[i]);
	return killed;
}
