/* SPDX-License-Identifier: ISC */
#include "agent/rolespawn.h"

#include "lib/cpusched.h"
#include "lib/inherit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The program anew, in its role: argv is our own with "--role=NAME" and what else it is told after
 * the name. */
static char **role_arguments(char **ours, char *title, char *role, const char *argument)
{
	size_t count = 0;
	size_t own = 0;
	char **theirs;

	while (ours[count])
		count++;
	theirs = calloc(count + 3, sizeof(*theirs));
	if (!theirs)
		return NULL;
	theirs[own++] = title;
	theirs[own++] = role;
	if (argument && *argument)
		theirs[own++] = (char *)argument;
	memcpy(theirs + own, ours + 1, count * sizeof(*theirs) - sizeof(*theirs));
	return theirs;
}

int spawn_role(
	enum role role, char **arguments, const char *argument, const int *inherited, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	const struct sched_param usual = {.sched_priority = 0};
	sigset_t none;
	char title[32];
	char option[32];
	char **theirs;
	int error;

	snprintf(title, sizeof(title), "vrrp-agent: %s", role_name(role));
	snprintf(option, sizeof(option), "--role=%s", role_name(role));
	theirs = role_arguments(arguments, title, option, argument);
	if (!theirs)
		return -ENOMEM;
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setschedpolicy(&attributes, SCHED_OTHER);
	posix_spawnattr_setschedparam(&attributes, &usual);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSCHEDULER);
	posix_spawn_file_actions_init(&actions);
	for (int fd = INHERIT_SUPERVISOR; fd < INHERIT_END; fd++) {
		if (inherited[fd] >= 0)
			posix_spawn_file_actions_adddup2(&actions, inherited[fd], fd);
		else
			posix_spawn_file_actions_addclose(&actions, fd);
	}
	/* Whatever our own parent left open. */
	posix_spawn_file_actions_addclosefrom_np(&actions, INHERIT_END);
	cpusched_reset();
	error = -posix_spawn(pid, "/proc/self/exe", &actions, &attributes, theirs, environ);
	cpusched_restore();
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	free(theirs);
	return error;
}
