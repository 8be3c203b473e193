/* SPDX-License-Identifier: ISC */
#ifndef LIB_EPOLLWAIT_H
#define LIB_EPOLLWAIT_H

#include <stdint.h>
#include <sys/epoll.h>

/* epoll_wait(2) for so many nanoseconds: Linux 5.11 has it, but glibc's epoll_pwait2() begins with
 * 2.35.  How many events there are, 0 if the time is over, or -1 with errno. */
int epollwait(int epoll, struct epoll_event *events, int most, uint64_t pause);

#endif
