/* SPDX-License-Identifier: ISC */
#include "lib/cpulatency.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int cpulatency_ask(int fd, uint32_t microseconds)
{
	const int32_t wanted = (int32_t)microseconds;
	ssize_t written;
	int error;

	if (fd < 0)
		fd = open(CPULATENCY_DEVICE, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	written = write(fd, &wanted, sizeof(wanted));
	if (written == sizeof(wanted))
		return fd;
	error = written < 0 ? -errno : -EIO;
	close(fd);
	return error;
}
