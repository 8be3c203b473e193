/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_WANTED_ROUTES_H
#define VRRP_APPLIER_WANTED_ROUTES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "lib/image.h"
#include "vrrp/applier/journal.h"

/*
 * Who wants which route and which routing rule.  One that several routers have is one thing, and
 * is there as long as one of them wants it; one that differs in anything is another.  Those found
 * wanting, or not wanted any more, wait in two queues, which routing.h works off.
 *
 * Applier thread only; no system call.
 */

#define ROUTED_BUCKETS 8192

enum routed_state {
	ROUTED_ABSENT,
	ROUTED_OURS,	 /* set by us, and in the journal */
	ROUTED_STRANGER, /* there, and not ours */
};

struct routed_use;

/* What the kernel's news about it have in common with it. */
struct routed_key {
	uint8_t is_rule;
	uint8_t family; /* enum image_family */
	uint8_t length; /* of the destination */
	uint8_t reserved;
	uint32_t number; /* table, or preference */
	uint8_t destination[16];
};

struct routed {
	LIST_ENTRY(routed) in_bucket;
	LIST_ENTRY(routed) in_key;
	TAILQ_ENTRY(routed) in_queue;
	LIST_HEAD(, routed_use) uses;
	struct routed_key key;
	union {
		struct image_route route; /* the first of its hops is 0 */
		struct image_rule rule;
	};
	struct image_hop *hops;
	uint32_t wanted;	       /* uses by groups that want them */
	int error;		       /* why it is not there, or 0 */
	uint64_t retry_at;	       /* not before, ns */
	uint8_t state;		       /* enum routed_state */
	bool coming;		       /* in the queue of those to set, or look at */
	bool leaving;		       /* in the other one */
	bool lost;		       /* it was ours, and somebody else removed it */
	bool excused;		       /* it was ours, and failed once: nobody was told */
	struct journal_record removal; /* what removes it, while it is ours */
};

struct routed_use {
	LIST_ENTRY(routed_use) in_routed;
	struct routed *routed;
	struct routed_group *group;
	uint32_t item; /* its place in the list of routes, or of rules */
};

/* The routes and rules of one router; zeroed at first, the caller's, read-only to it. */
struct routed_group {
	struct routed_use *uses;
	uint32_t count;
	uint32_t slot; /* the caller's: NOTES_NO_SLOT for static ones */
	bool wanted;
};

LIST_HEAD(routed_list, routed);
TAILQ_HEAD(routed_queue, routed);

struct routed_book {
	struct routed_list buckets[ROUTED_BUCKETS];
	struct routed_list keys[ROUTED_BUCKETS];
	struct routed_queue coming;
	struct routed_queue leaving;
};

struct routed_book *routed_book_new(void);

/* Frees it, not its groups; takes NULL; returns NULL. */
struct routed_book *routed_book_free(struct routed_book *book);

/* Replaces a group's routes and rules by those of an image.  What it has now and had before is not
 * touched.  Returns 0 or -ENOMEM, and then nothing has changed. */
int routed_set(struct routed_book *book, struct routed_group *group, const struct image *image,
	struct image_span routes, struct image_span rules);

/* Gives up a group's and forgets them. */
void routed_clear(struct routed_book *book, struct routed_group *group);

void routed_want(struct routed_book *book, struct routed_group *group, bool wanted);

/* It is to be set, or looked at, or removed. */
void routed_enqueue(struct routed_book *book, struct routed *routed);

/* It was.  Frees it if nobody needs it. */
void routed_settle(struct routed_book *book, struct routed *routed);

/* Whether it shall be put back when somebody else removes it. */
bool routed_is_tracked(const struct routed *routed);

/* Those with that key: the first, and the next after one. */
struct routed *routed_first(struct routed_book *book, const struct routed_key *key);
struct routed *routed_next(struct routed *routed, const struct routed_key *key);

#endif
