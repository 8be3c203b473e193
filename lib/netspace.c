/* SPDX-License-Identifier: ISC */
#include "lib/netspace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OWN "/proc/self/ns/net"

/* A name that was given up while something still ran there leaves an ordinary file behind. */
static int open_named(const char *name)
{
	char path[sizeof("/run/netns/") + NETSPACE_NAME_MAX];
	struct statfs system;
	int fd, error = 0;

	if (snprintf(path, sizeof(path), "/run/netns/%s", name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &system) < 0)
		error = -errno;
	else if (system.f_type != NSFS_MAGIC)
		error = -EINVAL;
	if (!error)
		return fd;
	close(fd);
	return error;
}

int netspace_look(const char *name)
{
	int fd = open_named(name);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int netspace_enter(const char *name)
{
	int fd = open_named(name);
	int error;

	if (fd < 0)
		return fd;
	error = netspace_enter_fd(fd);
	close(fd);
	return error;
}

int netspace_open_own(void)
{
	int fd = open(OWN, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int netspace_enter_fd(int fd)
{
	struct stat wanted, own;

	if (fstat(fd, &wanted) < 0 || stat(OWN, &own) < 0)
		return -errno;
	if (wanted.st_dev == own.st_dev && wanted.st_ino == own.st_ino)
		return 0;
	return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}
