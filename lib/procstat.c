/* SPDX-License-Identifier: ISC */
#include "lib/procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_SIZE 1024

/* What stands behind the name: the fields 3 and 4, 14 and 15, and 22. */
#define FIELDS	    ") %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %llu"
#define FIELDS_READ 5

int procstat_open(pid_t pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int procstat_read(int fd, struct procstat *stat)
{
	char text[TEXT_SIZE];
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	if (got < 0)
		return -errno;
	text[got] = '\0';
	return procstat_parse(text, stat);
}

int procstat_look(pid_t pid, struct procstat *stat)
{
	int fd = procstat_open(pid);
	int error;

	if (fd < 0)
		return fd;
	error = procstat_read(fd, stat);
	close(fd);
	return error;
}

/* The name is in parentheses, and may hold anything, these too. */
int procstat_parse(const char *text, struct procstat *stat)
{
	const char *name = strchr(text, '('), *end = strrchr(text, ')');
	unsigned long long user, system, start;
	int parent;

	if (!name || !end || end < name ||
		sscanf(end, FIELDS, &stat->state, &parent, &user, &system, &start) != FIELDS_READ)
		return -EPROTO;
	snprintf(stat->name, sizeof(stat->name), "%.*s", (int)(end - name - 1), name + 1);
	stat->parent = parent;
	stat->ran = user + system;
	stat->start = start;
	return 0;
}
