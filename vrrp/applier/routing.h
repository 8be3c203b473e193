/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_ROUTING_H
#define VRRP_APPLIER_ROUTING_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/applier/journal.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/notes.h"
#include "vrrp/applier/predecessor.h"
#include "vrrp/applier/wanted_routes.h"

/*
 * Desired against actual routes and routing rules: brings the kernel's to what the book says is
 * wanted, in batches, and puts back what somebody else removed.
 *
 * The kernel's tables are not mirrored, for they may hold a million routes of others.  Whether one
 * of ours is there is found out by setting it: the kernel refuses what is there already.  What was
 * there before counts as being there, and is neither changed nor removed; when its owner takes it
 * away while it is wanted, it is set, and ours from then on.  One that can't be set is told of
 * once, and tried again every second.
 *
 * Applier thread only.
 */
struct routing;

/* Borrows all of them.  NULL: errno says why. */
struct routing *routing_new(struct monitor *monitor, struct journal *journal,
	struct routed_book *book, struct notes *notes);

/* A route or rule that the predecessor has set is ours where it is wanted; NULL: there is none, or
 * no longer.  Borrowed. */
void routing_set_predecessor(struct routing *routing, const struct predecessor *predecessor);

/* Whether the record is of one that is set and ours. */
bool routing_is_ours(const struct routing *routing, const struct journal_record *record);

struct routing *routing_free(struct routing *routing);

/* Removes all that is to go. */
void routing_remove(struct routing *routing);

/* Sets one batch of what is to come.  Returns 0 if more waits, else when to call again although
 * nothing happened, or UINT64_MAX. */
uint64_t routing_add(struct routing *routing, uint64_t now);

/* Readable when the kernel has news of routes or rules; the other one reads them. */
int routing_fd(const struct routing *routing);
void routing_read(struct routing *routing);

/* Something happened on which the kernel removes routes without a word: all are looked at. */
void routing_look_again(struct routing *routing);

/* Adds the records that hold to the journal. */
void routing_describe(const struct routing *routing, struct journal *journal);

/* Removes the routes and rules among the records that a dead predecessor left.  Returns 0 or a
 * negative errno. */
int routing_remove_left(const struct journal_record *records, size_t count);

#endif
