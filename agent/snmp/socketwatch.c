/* SPDX-License-Identifier: ISC */
#include "agent/snmp/socketwatch.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Once: in a busy folder each file would wake us. */
#define CHANGES (IN_CREATE | IN_DELETE | IN_MOVE | IN_MOVE_SELF | IN_ONLYDIR | IN_ONESHOT)

static struct {
	int fd;
	int watch; /* -1: none */
} socketwatch = {.fd = -1, .watch = -1};

static bool folder_of(const char *path, char *folder)
{
	const char *slash = strrchr(path, '/');
	int length = slash ? (int)(slash - path) : 1;

	return snprintf(folder, PATH_MAX, "%.*s/", length, slash ? path : ".") < PATH_MAX;
}

/* While it has heard nothing, the same folder is the same watch; another one is where the path
 * leads now. */
static bool watch_folder(const char *folder)
{
	int watch = inotify_add_watch(socketwatch.fd, folder, CHANGES);

	if (socketwatch.watch >= 0 && socketwatch.watch != watch)
		inotify_rm_watch(socketwatch.fd, socketwatch.watch);
	socketwatch.watch = watch;
	return watch >= 0;
}

/* A folder without the file may be one that was removed: while somebody has a file of it open, it
 * does not say so. */
bool socketwatch_watch(const char *path)
{
	char folder[PATH_MAX];

	if (socketwatch.fd < 0)
		socketwatch.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return socketwatch.fd >= 0 && folder_of(path, folder) && watch_folder(folder) &&
	       access(path, F_OK) == 0;
}

int socketwatch_fd(void)
{
	return socketwatch.fd;
}

bool socketwatch_heard(void)
{
	char events[4096];
	bool heard = false;

	while (read(socketwatch.fd, events, sizeof(events)) > 0)
		heard = true;
	return heard;
}
