/* SPDX-License-Identifier: ISC */
#include "lib/socketbuffer.h"

#include <errno.h>
#include <sys/socket.h>

static void set(int fd, int beyond_limit, int within_limit, int octets)
{
	if (setsockopt(fd, SOL_SOCKET, beyond_limit, &octets, sizeof(octets)) < 0)
		setsockopt(fd, SOL_SOCKET, within_limit, &octets, sizeof(octets));
}

void socketbuffer_receive(int fd, int octets)
{
	set(fd, SO_RCVBUFFORCE, SO_RCVBUF, octets);
}

void socketbuffer_send(int fd, int octets)
{
	set(fd, SO_SNDBUFFORCE, SO_SNDBUF, octets);
}

int socketbuffer_received(int fd)
{
	int octets;
	socklen_t size = sizeof(octets);

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, &size) < 0)
		return -errno;
	return octets / 2; /* the kernel says twice what was asked for */
}
