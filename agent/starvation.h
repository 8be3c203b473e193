/* SPDX-License-Identifier: ISC */
#ifndef AGENT_STARVATION_H
#define AGENT_STARVATION_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a child that has broken its promise (lib/lifeline.h) hangs or starves: on a machine with
 * more to do than it can, a process that would go on gets no processor for seconds, and another one
 * in its place would get none either.
 *
 * So one that wants a processor is waited for until it has had some more time of one; not for ever.
 * One that is stopped hangs; one that waits for something does if it still waits at the next look.
 * Of one that could not be looked at yet, what all processors do is the next best thing.
 * Supervisor thread. */

enum starvation_verdict {
	STARVATION_HANGS,
	STARVATION_WAITS, /* it is to be looked at once more */
	STARVATION_STARVES
};

/* Of one child, and one broken promise. */
struct starvation {
	uint64_t since;	 /* ms; when it was first looked at, 0: it was not */
	uint32_t ran;	 /* ms of processor time it had had then, modulo 2^32 */
	bool waits;	 /* it wanted no processor at the last look */
	uint64_t looked; /* ms; at all processors, the last time */
	uint64_t idle;	 /* ms that these had been idle by then, together */
	bool starved;	 /* they had no time for it, once */
};

/* What a process does. */
struct starvation_look {
	char state;   /* as lib/procstat.h has it */
	uint32_t ran; /* ms of processor time it has had, modulo 2^32 */
};

/* fd: of procstat_open(); the process may have ended.  0 or a negative errno. */
int starvation_look_at(int fd, struct starvation_look *look);

/* A promise was broken, or might be. */
void starvation_begin(struct starvation *starvation);

/* now_ms: of CLOCK_MONOTONIC. */
enum starvation_verdict starvation_judge(
	struct starvation *starvation, const struct starvation_look *look, uint64_t now_ms);

/* ms that all processors together have been idle, without what they waited for a disk.  0 or a
 * negative errno. */
int starvation_idle(uint64_t *ms);

/* For a child that can't be looked at: begins to look at the processors. */
void starvation_watch_idle(struct starvation *starvation, uint64_t idle_ms, uint64_t now_ms);

/* It broke its promise: it starves if since the last look no processor was idle.  When one was
 * again it is looked at once more, a second later or so: it may have got it. */
enum starvation_verdict starvation_judge_idle(
	struct starvation *starvation, uint64_t idle_ms, unsigned int processors, uint64_t now_ms);

#endif
