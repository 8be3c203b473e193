/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_WORDNOTATION_H
#define AGENT_CONF_WORDNOTATION_H

#include "agent/conf/globals.h"
#include "agent/conf/instance.h"
#include "agent/conf/schema.h"
#include "agent/conf/syncgroup.h"
#include "agent/conf/trackermodel.h"
#include "vrrp/protocol/limits.h"

#include <stddef.h>
#include <stdint.h>

/* How the rows of the table of words are written (struct conf_word); for words.c and its parts
 * alone. */

/* Where the value is kept: attribute, offset, size. */
#define IN_GLOBALS(number, member)                                         \
	.attribute = (number), .offset = offsetof(struct globals, member), \
	.size = sizeof(((struct globals *)0)->member)
#define IN_INSTANCE(number, member)                                         \
	.attribute = (number), .offset = offsetof(struct instance, member), \
	.size = sizeof(((struct instance *)0)->member)
#define IN_GARP_GROUP(number, member)                                         \
	.attribute = (number), .offset = offsetof(struct garp_group, member), \
	.size = sizeof(((struct garp_group *)0)->member)
#define IN_GROUP(number, member)                                              \
	.attribute = (number), .offset = offsetof(struct sync_group, member), \
	.size = sizeof(((struct sync_group *)0)->member)
#define IN_TRACKER(number, member)                                         \
	.attribute = (number), .offset = offsetof(struct tracker, member), \
	.size = sizeof(((struct tracker *)0)->member)

/* What a value may be, its default as the manual shows it, and what it is for. */
#define SIGNED(low, high) .minimum = (uint64_t)(int64_t)(low), .maximum = (high)
#define RANGE(low, high)  .minimum = (low), .maximum = (high)
#define DEFAULT(text)	  .fallback = (text)
#define DOC(text)	  .documentation = (text)

#define DAY   (86400 * VRRP_SECOND)
/* Up to 32 bits of microseconds. */
#define PAUSE RANGE(0, 4294967295 * 1000ull)

/* A word that opens a block of words. */
#define BLOCK(place, name, kind_, status_, inside_, text)                                 \
	{                                                                                 \
		.word = (name), .context = (place), .kind = (kind_), .status = (status_), \
		.attribute = -1, .inside = (inside_), .documentation = (text)             \
	}

/* Words that are known and not looked into. */
#define KNOWN(place, name, status_, text)                                                      \
	{                                                                                      \
		.word = (name), .context = (place), .kind = KIND_SKIPPED, .status = (status_), \
		.attribute = -1, .documentation = (text)                                       \
	}
/* The same with an on/off value: off asks for nothing. */
#define SWITCH(place, name, status_, text)                                                  \
	{                                                                                   \
		.word = (name), .context = (place), .kind = KIND_BOOL, .status = (status_), \
		.flags = CONF_OFF_IS_FINE, .attribute = -1, .documentation = (text)         \
	}
#define TOP(name, status_, text)	   KNOWN(CONTEXT_TOP, name, STATUS_##status_, text)
#define GLOBAL(name, status_, text)	   KNOWN(CONTEXT_GLOBAL, name, STATUS_##status_, text)
#define GLOBAL_SWITCH(name, status_, text) SWITCH(CONTEXT_GLOBAL, name, STATUS_##status_, text)
#define INSTANCE(name, status_, text)	   KNOWN(CONTEXT_INSTANCE, name, STATUS_##status_, text)
#define INSIDE(place, name, text)	   KNOWN(place, name, STATUS_IGNORED, text)
/* A word within a line. */
#define IN_LINE(place, name, status_, text)                                          \
	{                                                                            \
		.word = (name), .context = (place), .kind = KIND_OPTION,             \
		.status = STATUS_##status_, .attribute = -1, .documentation = (text) \
	}
#define OPTION(name, status_, text) IN_LINE(CONTEXT_ADDRESS, name, status_, text)
#define ROUTE(name, status_, text)  IN_LINE(CONTEXT_ROUTE, name, status_, text)
#define RULE(name, status_, text)   IN_LINE(CONTEXT_RULE, name, status_, text)

#endif
