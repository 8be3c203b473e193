/* SPDX-License-Identifier: ISC */
#include "lib/epollwait.h"

#include "lib/clock.h"
#include "lib/hot.h"

#include <linux/time_types.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

HOT int epollwait(int epoll, struct epoll_event *events, int most, uint64_t pause)
{
	const struct __kernel_timespec time = {
		.tv_sec = (long long)(pause / NSEC_PER_SEC),
		.tv_nsec = (long long)(pause % NSEC_PER_SEC),
	};

	return (int)syscall(SYS_epoll_pwait2, epoll, events, most, &time, NULL, (size_t)0);
}
