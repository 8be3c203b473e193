/* SPDX-License-Identifier: ISC */
#include "lib/inherit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static int inherited(enum inherited_fd number, bool is_ours)
{
	if (!is_ours || fcntl((int)number, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	return (int)number;
}

int inherited_channel(enum inherited_fd number)
{
	int type = 0;
	socklen_t size = sizeof(type);

	getsockopt((int)number, SOL_SOCKET, SO_TYPE, &type, &size);
	return inherited(number, type == SOCK_SEQPACKET);
}

int inherited_memory(enum inherited_fd number)
{
	return inherited(number, fcntl((int)number, F_GET_SEALS) >= 0);
}

int inherited_timer(enum inherited_fd number)
{
	struct itimerspec left;

	return inherited(number, timerfd_gettime((int)number, &left) == 0);
}
