/* SPDX-License-Identifier: ISC */
#include "agent/core/events/audience.h"

#include <stddef.h>

void audience_init(struct audience *audience)
{
	LIST_INIT(&audience->listeners);
}

void audience_join(struct audience *audience, struct listener *listener)
{
	LIST_INSERT_HEAD(&audience->listeners, listener, others);
}

void audience_leave(struct listener *listener)
{
	LIST_REMOVE(listener, others);
}

void audience_tell(struct audience *audience, const char *line, size_t length)
{
	struct listener *listener = LIST_FIRST(&audience->listeners);

	while (listener) {
		struct listener *next = LIST_NEXT(listener, others);

		listener->hear(listener, line, length);
		listener = next;
	}
}
