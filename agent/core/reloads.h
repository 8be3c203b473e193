/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_RELOADS_H
#define AGENT_CORE_RELOADS_H

#include <stdbool.h>
#include <sys/queue.h>

struct core_reload;

/* Those who asked for a reload and wait for its end.  Core; one thread. */

struct reload_waiter {
	LIST_ENTRY(reload_waiter) others;
	bool begun; /* the reload that answers it; one that ran before it asked does not */
	/* It is not waiting any more. */
	void (*ended)(struct reload_waiter *waiter, const struct core_reload *outcome);
};

struct core_reloads {
	LIST_HEAD(, reload_waiter) waiters;
};

/* A reload is to begin as soon as nothing else is under way.  The waiter stays the caller's, until
 * it has ended or is forgotten: for one that was forgotten before it began there is none. */
void reloads_ask(struct core_reloads *reloads, struct reload_waiter *waiter);
void reloads_forget(struct reload_waiter *waiter);

/* Whether somebody waits for one to begin. */
bool reloads_are_wanted(const struct core_reloads *reloads);

/* A reload begins; one that has begun ends. */
void reloads_begin(struct core_reloads *reloads);
void reloads_end(struct core_reloads *reloads, const struct core_reload *outcome);

#endif
