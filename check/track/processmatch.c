/* SPDX-License-Identifier: ISC */
#include "check/track/processmatch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

/* What a file of /proc says, with a zero behind it; -1 if it can't be read. */
static ssize_t read_file(pid_t pid, const char *name, char *text, size_t room)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	got = read(fd, text, room - 1);
	close(fd);
	if (got >= 0)
		text[got] = '\0';
	return got;
}

/* "PID (NAME) STATE PARENT ...", where a name may contain anything. */
static bool read_stat(char *text, struct process_seen *process)
{
	char *name = strchr(text, '(');
	char *end = strrchr(text, ')');
	size_t length;

	if (!name || !end || end < name || end[1] != ' ' || !end[2] || end[2] == 'Z' ||
		end[2] == 'X' || end[3] != ' ')
		return false;
	process->parent = (pid_t)strtol(end + 4, NULL, 10);
	length = (size_t)(end - name - 1);
	if (length >= sizeof(process->name))
		length = sizeof(process->name) - 1;
	memcpy(process->name, name + 1, length);
	process->name[length] = '\0';
	return true;
}

bool process_look(pid_t pid, bool command, struct process_seen *process)
{
	ssize_t got;

	process->pid = pid;
	process->length = 0;
	/* The command line's place serves for the other file first. */
	if (read_file(pid, "stat", process->command, sizeof(process->command)) <= 0 ||
		!read_stat(process->command, process))
		return false;
	if (!command)
		return true;
	got = read_file(pid, "cmdline", process->command, sizeof(process->command));
	process->length = got > 0 ? (size_t)got : 0;
	return true;
}
