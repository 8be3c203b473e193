/* SPDX-License-Identifier: ISC */
#include "check/script/runlist.h"
#include "lib/procstat.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLAIMED	    1
#define END_WAIT_MS 500

static_assert(sizeof(struct runlist_entry) == 2 * sizeof(uint64_t), "an entry is two words");

/* 0 if there is no such process. */
static uint64_t start_time(pid_t pid)
{
	struct procstat stat;

	return procstat_look(pid, &stat) == 0 ? stat.start : 0;
}

struct runlist_entry *runlist_claim(struct runlist_entry *entries)
{
	for (int i = 0; i < RUNLIST_ENTRIES; i++) {
		if (atomic_load(&entries[i].pid) == 0) {
			atomic_store(&entries[i].pid, CLAIMED);
			return &entries[i];
		}
	}
	return NULL;
}

void runlist_enter(struct runlist_entry *entry)
{
	pid_t self = getpid();

	atomic_store(&entry->start, start_time(self));
	atomic_store(&entry->pid, (uint64_t)self);
}

void runlist_erase(struct runlist_entry *entry)
{
	if (!entry)
		return;
	atomic_store(&entry->start, 0);
	atomic_store(&entry->pid, 0);
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

bool runlist_kill_one(struct runlist_entry *entry)
{
	uint64_t pid = atomic_load(&entry->pid);
	bool killed = pid > CLAIMED && kill_one((pid_t)pid, atomic_load(&entry->start));

	runlist_erase(entry);
	return killed;
}

int runlist_kill(struct runlist_entry *entries)
{
	int killed = 0;

	for (int i = 0; i < RUNLIST_ENTRIES; i++)
		killed += runlist_kill_one(&entries[i]);
	return killed;
}
