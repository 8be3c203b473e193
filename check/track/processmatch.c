/* SPDX-License-Identifier: ISC */
#include "check/track/processmatch.h"
#include "lib/procstat.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool process_pattern_needs_command(const struct process_pattern *pattern)
{
	return pattern->full_command || pattern->parameters != IMAGE_PARAMETERS_UNSAID ||
	       strlen(pattern->words) + 1 < pattern->length;
}

/* Without parameters the last word is the program, which has to be whole. */
static bool begins(const struct process_pattern *pattern, const struct process_seen *process,
	bool last_may_be_longer)
{
	bool alone = strlen(pattern->words) + 1 == pattern->length;
	size_t length = pattern->length - (last_may_be_longer && !alone);

	return process->length >= length && memcmp(process->command, pattern->words, length) == 0;
}

bool process_pattern_matches(
	const struct process_pattern *pattern, const struct process_seen *process)
{
	if (!process_pattern_needs_command(pattern))
		return strcmp(pattern->words, process->name) == 0;
	switch (pattern->parameters) {
	case IMAGE_PARAMETERS_INITIAL:
		return begins(pattern, process, true);
	case IMAGE_PARAMETERS_PARTIAL:
		return begins(pattern, process, false);
	case IMAGE_PARAMETERS_UNSAID:
		if (strlen(pattern->words) + 1 == pattern->length)
			return begins(pattern, process, false);
		/* fall through */
	default:
		return process->length == pattern->length && begins(pattern, process, false);
	}
}

/* Its command line, as far as there is room; 0: none, or it can't be read. */
static size_t read_command(pid_t pid, char *text, size_t room)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	got = read(fd, text, room);
	close(fd);
	return got > 0 ? (size_t)got : 0;
}

bool process_look(pid_t pid, bool command, struct process_seen *process)
{
	struct procstat stat;

	if (procstat_look(pid, &stat) < 0 || stat.state == 'Z' || stat.state == 'X')
		return false;
	process->pid = pid;
	process->parent = stat.parent;
	memcpy(process->name, stat.name, sizeof(process->name));
	process->length =
		command ? read_command(pid, process->command, sizeof(process->command)) : 0;
	return true;
}
