/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_CHANGES_H
#define AGENT_CORE_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/model.h"
#include "agent/core/slots.h"

/* Logs a line for each difference between two configurations in the given virtual routers, and what
 * became of it: "VI_1: priority 100 -> 150, set by management". */
void changes_log(const struct config *before, const struct config *after,
	const struct slot_identity *touched, size_t count, const char *verb);

/* The same for every virtual router of either. */
void changes_log_all(const struct config *before, const struct config *after, const char *verb);

/* The same for those alone that have their name from before and another identity: they end and
 * begin, which the events that follow tell of as of two routers. */
void changes_log_moved(const struct config *before, const struct config *after, const char *verb);

/* Whether one of the given virtual routers is new, or has other addresses or another device for
 * them. */
bool changes_addresses(const struct config *before, const struct config *after,
	const struct slot_identity *touched, size_t count);

#endif
