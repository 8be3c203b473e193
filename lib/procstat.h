/* SPDX-License-Identifier: ISC */
#ifndef LIB_PROCSTAT_H
#define LIB_PROCSTAT_H

#include <stdint.h>
#include <sys/types.h>

/* What /proc/PID/stat says of a process.  Any thread. */

#define PROCSTAT_NAME 64

struct procstat {
	char name[PROCSTAT_NAME]; /* the kernel's own threads have longer ones than the rest */
	char state;		  /* R, S, D, T, Z, ... */
	pid_t parent;
	uint64_t ran;	/* ticks of processor time, in user mode and in the kernel */
	uint64_t start; /* tick since the boot: tells it from a later process of that number */
};

/* A descriptor for procstat_read(), the caller's; -ENOENT: there is no such process; or another
 * negative errno. */
int procstat_open(pid_t pid);

/* What it says now.  0; -ESRCH: the process is gone; -EPROTO: it is something else; or another
 * negative errno. */
int procstat_read(int fd, struct procstat *stat);

/* Both, once. */
int procstat_look(pid_t pid, struct procstat *stat);

/* The file's text.  0 or -EPROTO. */
int procstat_parse(const char *text, struct procstat *stat);

#endif
