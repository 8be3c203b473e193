/* SPDX-License-Identifier: ISC */
#ifndef CHECK_NOTIFY_FIFOLINE_H
#define CHECK_NOTIFY_FIFOLINE_H

#include "check/config/scripttable.h"

#include <stddef.h>

/* Makes the line that FIFOs get of an event, as keepalived writes it:
 *   INSTANCE "NAME" STATE PRIORITY
 *   GROUP "NAME" STATE 0
 * `instance` is what the event is about.  1: *line, to be freed, of *length octets, ends with a
 * newline; 0: the event is not told; -ENOMEM. */
int fifoline_make(
	const struct instance *instance, const struct event *event, char **line, size_t *length);

/* Whether FIFOs are told of such events at all. */
bool fifoline_tells(const struct event *event);

#endif
