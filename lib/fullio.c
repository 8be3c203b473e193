/* SPDX-License-Identifier: ISC */
#include "lib/fullio.h"

#include <errno.h>
#include <unistd.h>

ssize_t fullio_read(int fd, void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t part = read(fd, (char *)bytes + done, size - done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -errno;
		if (part == 0)
			break;
		done += (size_t)part;
	}
	return (ssize_t)done;
}

int fullio_write(int fd, const void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t part = write(fd, (const char *)bytes + done, size - done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -errno;
		done += (size_t)part;
	}
	return 0;
}
