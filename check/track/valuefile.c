/* SPDX-License-Identifier: ISC */
#include "check/track/valuefile.h"

#include "lib/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX 128

enum valuefile_result valuefile_parse(const char *text, int32_t *value)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 0);
	if (end == text) {
		*value = 0;
		return VALUEFILE_NO_NUMBER;
	}
	if (errno == ERANGE || number < INT32_MIN || number > INT32_MAX)
		return VALUEFILE_RANGE;
	*value = (int32_t)number;
	return VALUEFILE_NUMBER;
}

/* For this thread's dealings with files alone.  Where that is not permitted nothing changes. */
static void act_as(uid_t uid, gid_t gid)
{
	if (uid == 0) {
		setfsuid(uid);
		setfsgid(gid);
	} else {
		setfsgid(gid);
		setfsuid(uid);
	}
}

static void act_as_before(void)
{
	act_as(geteuid(), getegid());
}

/* A fifo or a device shall not hold up anything. */
static int open_to_read(const char *path)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = open(path, flags);
	struct stat status;
	int error;

	if (fd >= 0 || errno != EACCES || stat(path, &status) < 0)
		return fd;
	act_as(status.st_uid, status.st_gid);
	fd = open(path, flags);
	error = errno;
	act_as_before();
	errno = error;
	return fd;
}

static enum valuefile_result read_number(int fd, int32_t *value)
{
	char text[TEXT_MAX];
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status) < 0)
		return VALUEFILE_UNREADABLE;
	if (!S_ISREG(status.st_mode)) {
		errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
		return VALUEFILE_UNREADABLE;
	}
	got = read(fd, text, sizeof(text) - 1);
	if (got < 0)
		return VALUEFILE_UNREADABLE;
	text[got] = '\0';
	return valuefile_parse(text, value);
}

enum valuefile_result valuefile_read(const char *path, int32_t *value)
{
	enum valuefile_result result;
	int fd = open_to_read(path);
	int error;

	if (fd < 0) {
		*value = 0;
		return errno == ENOENT || errno == ENOTDIR ? VALUEFILE_NONE : VALUEFILE_UNREADABLE;
	}
	result = read_number(fd, value);
	error = errno;
	close(fd);
	errno = error;
	if (result == VALUEFILE_UNREADABLE)
		*value = 0;
	return result;
}

/* A file of its own that takes the name when it is whole. */
static int replace(int folder, const char *name, int32_t value)
{
	char other[NAME_MAX + 1];
	int error = 0;
	int fd;

	snprintf(other, sizeof(other), ".%.200s.%d", name, (int)getpid());
	unlinkat(folder, other, 0);
	fd = openat(folder, other, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%d\n", value) < 0)
		error = -errno;
	if (close(fd) < 0 && !error)
		error = -errno;
	if (!error && renameat(folder, other, folder, name) < 0)
		error = -errno;
	if (error)
		unlinkat(folder, other, 0);
	return error ? error : 1;
}

static int init_in(int folder, const char *name, int32_t value, bool overwrite)
{
	struct stat status;
	int result;

	if (!overwrite && fstatat(folder, name, &status, 0) == 0)
		return 0;
	if (fstat(folder, &status) < 0)
		return -errno;
	act_as(status.st_uid, status.st_gid);
	result = replace(folder, name, value);
	act_as_before();
	return result;
}

int valuefile_init(const char *path, int32_t value, bool overwrite)
{
	char *folder_name = strdup(path), *name = strdup(path);
	int folder = -1;
	int result = -ENOMEM;

	if (folder_name && name) {
		folder = open(dirname(folder_name), O_PATH | O_DIRECTORY | O_CLOEXEC);
		result = folder < 0 ? -errno : init_in(folder, basename(name), value, overwrite);
	}
	descriptor_close(folder);
	free(folder_name);
	free(name);
	return result;
}
