/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EVENTS_AUDIENCE_H
#define AGENT_CORE_EVENTS_AUDIENCE_H

#include <stddef.h>
#include <sys/queue.h>

/* Those who are told each event as it happens.  Core; one thread. */

struct listener {
	LIST_ENTRY(listener) others;
	/* `line` is a JSON document with a line's end.  It may leave the audience. */
	void (*hear)(struct listener *listener, const char *line, size_t length);
};

struct audience {
	LIST_HEAD(, listener) listeners;
};

void audience_init(struct audience *audience);

/* The listener stays the caller's, until it leaves. */
void audience_join(struct audience *audience, struct listener *listener);
void audience_leave(struct listener *listener);

void audience_tell(struct audience *audience, const char *line, size_t length);

#endif
