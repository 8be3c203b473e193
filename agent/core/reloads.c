/* SPDX-License-Identifier: ISC */
#include "agent/core/reloads.h"

#include <stddef.h>

void reloads_ask(struct core_reloads *reloads, struct reload_waiter *waiter)
{
	waiter->begun = false;
	LIST_INSERT_HEAD(&reloads->waiters, waiter, others);
}

bool reloads_are_wanted(const struct core_reloads *reloads)
{
	const struct reload_waiter *waiter;

	LIST_FOREACH (waiter, &reloads->waiters, others) {
		if (!waiter->begun)
			return true;
	}
	return false;
}

void reloads_forget(struct reload_waiter *waiter)
{
	LIST_REMOVE(waiter, others);
}

void reloads_begin(struct core_reloads *reloads)
{
	struct reload_waiter *waiter;

	LIST_FOREACH (waiter, &reloads->waiters, others)
		waiter->begun = true;
}

void reloads_end(struct core_reloads *reloads, const struct core_reload *outcome)
{
	struct reload_waiter *waiter = LIST_FIRST(&reloads->waiters);

	while (waiter) {
		struct reload_waiter *next = LIST_NEXT(waiter, others);

		if (waiter->begun) {
			LIST_REMOVE(waiter, others);
			waiter->ended(waiter, outcome);
		}
		waiter = next;
	}
}
