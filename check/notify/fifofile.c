/* SPDX-License-Identifier: ISC */
#include "check/notify/fifofile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIFO_MODE (S_IRUSR | S_IWUSR)

static int open_once(const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

/* This process is root without the power to pass over permissions: what belongs to another user is
 * opened as that user. */
static int open_there(const char *path)
{
	struct stat status;
	int fd;

	if (lstat(path, &status) < 0)
		return -errno;
	if (!S_ISFIFO(status.st_mode))
		return -ENOTSUP;
	fd = open_once(path);
	if (fd != -EACCES)
		return fd;
	setfsgid(status.st_gid);
	setfsuid(status.st_uid);
	fd = open_once(path);
	setfsuid(geteuid());
	setfsgid(getegid());
	return fd;
}

static int check(int fd, struct stat *status)
{
	if (fd < 0)
		return fd;
	if (fstat(fd, status) == 0 && S_ISFIFO(status->st_mode))
		return fd;
	close(fd);
	return -ENOTSUP;
}

static bool is_ours(const struct stat *status, const struct fifofile_note *note)
{
	return atomic_load(&note->inode) == status->st_ino &&
	       atomic_load(&note->device) == status->st_dev;
}

int fifofile_open(const char *path, uid_t uid, gid_t gid, struct fifofile_note *note)
{
	struct stat status;
	bool made = mkfifo(path, FIFO_MODE) == 0;
	int fd;

	if (!made && errno != EEXIST)
		return -errno;
	fd = check(open_there(path), &status);
	if (fd < 0)
		return fd;
	if (made) {
		atomic_store(&note->device, status.st_dev);
		atomic_store(&note->inode, status.st_ino);
	}
	if (!is_ours(&status, note)) {
		atomic_store(&note->inode, 0);
		return fd;
	}
	if ((status.st_uid != uid || status.st_gid != gid) && fchown(fd, uid, gid) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

void fifofile_remove(const char *path, struct fifofile_note *note)
{
	struct stat status;

	if (lstat(path, &status) == 0 && is_ours(&status, note))
		unlink(path);
	atomic_store(&note->inode, 0);
}
