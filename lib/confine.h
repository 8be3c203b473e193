/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONFINE_H
#define LIB_CONFINE_H

#include <stdbool.h>

/* What a process takes from itself, for good, before it reads what strangers send: a hole in it
 * then is no way to others that run as the same user.  It goes on with the descriptors that it has,
 * and with its own memory.  It can't any more
 *
 *   make, change, remove, rename or write a file by its name, nor its mode, owner or times;
 *   execute a program, make a process, take over or look into another one;
 *   send a signal to another one, or change its limits, its scheduling, its memory's place;
 *   use shared memory, semaphores and queues by name, or another namespace.
 *
 * By two means of the kernel, each of which holds without the other: Landlock (lib/landlock.h), and
 * a filter of system calls (lib/callfilter.h).  Changing modes and limits is the filter's alone.
 * For processes of one thread, which gain no privileges from then on (PR_SET_NO_NEW_PRIVS). */

enum confine_reach {
	CONFINE_ALONE,	 /* opens no file and makes no socket either */
	CONFINE_NETWORK, /* reads files, a resolver's among them; has sockets of IPv4 and IPv6 */
};

/* What has become of it. */
struct confinement {
	bool unwanted; /* a sanitizer watches: its reports need files and processes */
	int landlock;  /* the version that the kernel has, or a negative errno: there is none */
	int filter;    /* 0, or a negative errno */
};

/* One after the other: Landlock, and the filter, which would refuse Landlock's own calls.  A
 * process that is forked in between is confined by the first alone: it can make sockets, and
 * signals go from the one to the other. */
struct confinement confine_begin(enum confine_reach reach);
void confine_finish(enum confine_reach reach, struct confinement *confinement);

#endif
