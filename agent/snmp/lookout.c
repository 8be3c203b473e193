/* SPDX-License-Identifier: ISC */
#include "agent/snmp/lookout.h"

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
} lookout = {.fd = -1, .watch = -1};

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
	int watch = inotify_add_watch(lookout.fd, folder, CHANGES);

	if (lookout.watch >= 0 && lookout.watch != watch)
		inotify_rm_watch(lookout.fd, lookout.watch);
	lookout.watch = watch;
	return watch >= 0;
}

/* A folder without the file may be one that was removed: while somebody has a file of it open, it
 * does not say so. */
bool lookout_watch(const char *path)
{
	char folder[PATH_MAX];

	if (lookout.fd < 0)
		lookout.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return lookout.fd >= 0 && folder_of(path, folder) && watch_folder(folder) &&
	       access(path, F_OK) == 0;
}

int lookout_fd(void)
{
	return lookout.fd;
}

bool lookout_heard(void)
{
	char events[4096];
	bool heard = false;

	while (read(lookout.fd, events, sizeof(events)) > 0)
		heard = true;
	return heard;
}
