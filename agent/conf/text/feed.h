/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_FEED_H
#define AGENT_CONF_TEXT_FEED_H

#include <stddef.h>

#include "agent/conf/text/definition.h"

/*
 * The rest of a line, in pieces. A value that takes the place of a name is put in front, so
 * that it is read as if it had been written there.
 */
struct conf_feed {
	struct conf_piece *pieces; /* the last one comes first */
	size_t count;
	size_t room;
};

/* Put a piece in front. 0 or -ENOMEM. */
int conf_feed_push(struct conf_feed *feed, const struct conf_piece *piece);

/* The character so many behind the next one; -1: the line ends before it. */
int conf_feed_peek(const struct conf_feed *feed, size_t ahead);

/* Drop so many characters. */
void conf_feed_skip(struct conf_feed *feed, size_t count);
void conf_feed_skip_space(struct conf_feed *feed);

/* The length of the name that begins so far ahead, and the name if it is not too long. */
size_t conf_feed_name(const struct conf_feed *feed, size_t ahead, char name[CONF_NAME_MAX + 1]);

/* Where the next character was written; nowhere at the end. */
struct conf_place conf_feed_place(const struct conf_feed *feed);

void conf_feed_clear(struct conf_feed *feed);
void conf_feed_free(struct conf_feed *feed);

#endif
