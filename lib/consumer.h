/* SPDX-License-Identifier: ISC */
#ifndef LIB_CONSUMER_H
#define LIB_CONSUMER_H

#include "lib/event.h"

#include <stdbool.h>
#include <stdint.h>

/* One reader of the event ring, whose place survives its restart: the place is kept in a small
 * region of shared memory (bookmarks) that the supervisor owns, and moves only when the reader says
 * that it is done with an event.  A reader that is killed in between meets the event again: an
 * event may be told twice, never be forgotten in silence. */

enum consumer_id {
	CONSUMER_SUPERVISOR,
	CONSUMER_CORE,
	CONSUMER_AGENTX,
	CONSUMER_CHECK,
	CONSUMER_WOKEN, /* those before it have an eventfd, which says that there are events */
	CONSUMER_FIFO = CONSUMER_WOKEN, /* check's too, and those of enum image_fifo_kind */
	CONSUMER_VRRP_FIFO,
	CONSUMER_MAIL, /* check's as well: mail may lag behind scripts for hours */
	CONSUMER_COUNT
};

/* A region of bookmarks: created by the supervisor, mapped by the consumers.  Who has it may write
 * to all of it, and check's notes say which processes its next life kills; so agentx, which hears
 * strangers, has a region for itself. */
int consumer_bookmarks_create(void);

/* Supervisor: one reader's part of a region, its place and its notes, is from now on as it is in
 * another.  0 or a negative errno. */
int consumer_bookmarks_copy(int from, int to, enum consumer_id id);

/* Whether a region is one that consumers of this version can use. */
bool consumer_bookmarks_fit(int fd);

/* The place of the reader that is farthest behind, among those that have ever read. */
uint64_t consumer_bookmarks_oldest(int fd);

struct consumer;

/* `ring_fd`, `bookmarks_fd`: what ring_create and consumer_bookmarks_create gave; both may be
 * closed afterwards.  NULL: errno says why. */
struct consumer *consumer_open(int ring_fd, int bookmarks_fd, enum consumer_id id);

struct consumer *consumer_close(struct consumer *consumer);

/* Copies the event at the place into *event: true, or false if there is none yet. */
bool consumer_peek(struct consumer *consumer, struct event *event);

/* The number of the event at the place, 0 if this consumer has never read. */
uint64_t consumer_place(const struct consumer *consumer);

/* Is done with the event that consumer_peek gave. */
void consumer_done(struct consumer *consumer);

/* For a consumer that has several events under way at once: reads ahead of the bookmark, which
 * stays. Copies the first event that this opening has not given yet into *event and its number into
 * *number: true, or false if there is none.  Not to be mixed with consumer_peek. */
bool consumer_next(struct consumer *consumer, struct event *event, uint64_t *number);

/* The number of the event that consumer_next gives next, unless it is overwritten before. */
uint64_t consumer_ahead(const struct consumer *consumer);

/* How many events have come since the bookmark: not done yet, or overwritten.  0 for a consumer
 * that has never run. */
uint64_t consumer_behind(const struct consumer *consumer);

/* Whether consumer_next has something to give. */
bool consumer_pending(const struct consumer *consumer);

/* Is done with every event whose number is less than `number`. */
void consumer_done_before(struct consumer *consumer, uint64_t number);

/* Words beside the bookmark, zero at first, for the consumer to use as it likes: what it writes
 * there its next life will find. */
#define CONSUMER_NOTES 128
_Atomic uint64_t *consumer_notes(struct consumer *consumer);

/* The same, and more of them, for the consumer that keeps a record of trackers: four words each. */
#define CONSUMER_TRACKER_NOTES (4 * 4096)
_Atomic uint64_t *consumer_tracker_notes(struct consumer *consumer);

/* Events lost so far because this consumer was too slow, over all its lives. */
uint64_t consumer_lost(const struct consumer *consumer);

#endif
