/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_WANTED_ADDRESSES_H
#define VRRP_APPLIER_WANTED_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "lib/image.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/report.h"
#include "vrrp/protocol/address.h"

/*
 * Who wants which address.  An address on an interface is one thing, however many routers have it:
 * it is to be there as long as one of them wants it.  So an address that moves from one router to
 * another stays where it is.  What may have to be done waits in one queue, which ownership.h works
 * off; a router hears once everything of its own is settled.
 *
 * Applier thread only; no system call.
 */

#define OWNED_BUCKETS 32768

enum owned_state {
	OWNED_ABSENT,	/* not set by us */
	OWNED_OURS,	/* set by us, and in the journal */
	OWNED_STRANGER, /* there, and not ours */
};

/* The request that is under way. */
enum owned_change {
	OWNED_CHANGE_NONE,
	OWNED_CHANGE_ADD,
	OWNED_CHANGE_REMOVE
};

struct owned_use;

/* An address on an interface. */
struct owned {
	LIST_ENTRY(owned) in_bucket;
	LIST_ENTRY(owned) in_interface;
	TAILQ_ENTRY(owned) in_queue;
	LIST_HEAD(, owned_use) uses;
	uint32_t number; /* of the interface, or MONITOR_NO_NUMBER */
	uint32_t index;	 /* of the link it was set on */
	struct vrrp_address address;
	struct image_address wish; /* how it shall be, as one of those who want it has it */
	struct image_address set;  /* how it was set, while ours */
	uint32_t wanted;	   /* groups that want it */
	int error;		   /* why it is not as it should be, or 0 */
	uint64_t retry_at;	   /* lost so often that it waits: ns */
	uint64_t set_at;	   /* when it was last set by us: ns, 0: never */
	uint8_t state;		   /* enum owned_state */
	uint8_t changing;	   /* enum owned_change */
	bool queued;
	bool lost;	/* it was ours, and somebody else removed it */
	bool again;	/* it was lost while a request was under way */
	bool abandoned; /* it was lost and not to be put back while it is wanted (no_track) */
};

/* One router's part in an address. */
struct owned_use {
	LIST_ENTRY(owned_use) in_address;
	struct owned *address;
	struct owned_group *group;
	struct image_address wish; /* how it shall be while the group wants it */
};

/* The addresses of one router; zeroed at first, the caller's, read-only to it. */
struct owned_group {
	TAILQ_ENTRY(owned_group) in_done;
	struct owned_use *uses;
	uint32_t count;
	uint32_t unsettled; /* addresses that wait in the queue */
	uint32_t restored;  /* addresses put back, ever */
	bool wanted;
	bool fresh; /* an address was set since the caller cleared this */
	bool done;  /* listed in owned_take_done */
};

LIST_HEAD(owned_list, owned);

struct owned_book {
	struct monitor *monitor;
	struct owned_list buckets[OWNED_BUCKETS];
	struct owned_list interfaces[APPLIER_INTERFACES];
	struct owned_list nowhere; /* those without a number */
	TAILQ_HEAD(, owned) queue;
	TAILQ_HEAD(, owned_group) done;
};

/* Borrows the monitor.  NULL: errno says why. */
struct owned_book *owned_book_new(struct monitor *monitor);

/* Frees it, not its groups; takes NULL; returns NULL. */
struct owned_book *owned_book_free(struct owned_book *book);

/* ---- Routers ---- */

/* Replaces a group's addresses.  What it has now and had before is not touched.  Returns 0 or
 * -ENOMEM, and then nothing has changed. */
int owned_set(struct owned_book *book, struct owned_group *group,
	const struct image_address *addresses, uint32_t count);

/* Gives up a group's addresses and forgets them; the group is zeroed. */
void owned_clear(struct owned_book *book, struct owned_group *group);

/* The group wants its addresses, or no longer; wanting again looks again. */
void owned_want(struct owned_book *book, struct owned_group *group, bool wanted);

/* A group of which every address is settled, each once after something in it changed, or NULL. */
struct owned_group *owned_take_done(struct owned_book *book);

/* The first error among its addresses, or 0. */
int owned_error(const struct owned_group *group);

/* Calls visit for each group that has an address on the interface, perhaps more than once. */
void owned_each_group(struct owned_book *book, uint32_t number,
	void (*visit)(void *context, struct owned_group *group), void *context);

/* ---- Addresses ---- */

/* The address on the interface, or NULL. */
struct owned *owned_find(
	struct owned_book *book, uint32_t number, const struct vrrp_address *address);

/* It is to be looked at. */
void owned_enqueue(struct owned_book *book, struct owned *owned);

/* It was; error says why it is not as it should be, or 0.  Frees it if nobody needs it. */
void owned_settle(struct owned_book *book, struct owned *owned, int error);

#endif
