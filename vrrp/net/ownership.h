/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_OWNERSHIP_H
#define VRRP_NET_OWNERSHIP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "lib/image.h"
#include "vrrp/net/journal.h"
#include "vrrp/net/monitor.h"
#include "vrrp/protocol/address.h"

/*
 * Desired against actual addresses.  An address on an interface is one thing, however many routers
 * have it: it is there as long as one of them wants it.  So an address that moves from one router
 * to another stays where it is.  What has to be done waits in one queue and is done in batches.
 *
 * An address that is present and not ours is a stranger's: it counts as being there, and is left
 * alone; when its owner takes it away while it is wanted, it is set, and ours from then on.
 *
 * Applier thread only.
 */
struct ownership;

enum owned_state {
	OWNED_ABSENT,	/* not set by us */
	OWNED_OURS,	/* set by us, and in the journal */
	OWNED_STRANGER, /* there, and not ours */
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
	uint8_t state;		   /* enum owned_state */
	uint8_t changing;	   /* enum owned_change: a request is under way */
	bool queued;
	bool lost;  /* it was ours, and somebody else removed it */
	bool again; /* it was lost while a request was under way */
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
	bool done;  /* listed in ownership_take_done */
};

/* Borrows the monitor and the journal.  NULL: errno says why. */
struct ownership *ownership_new(struct monitor *monitor, struct journal *journal);

/* Frees it, not its groups; takes NULL; returns NULL. */
struct ownership *ownership_free(struct ownership *ownership);

/* Replaces a group's addresses.  What it has now and had before is not touched.  Returns 0 or
 * -ENOMEM, and then nothing has changed. */
int ownership_set(struct ownership *ownership, struct owned_group *group,
	const struct image_address *addresses, uint32_t count);

/* Gives up a group's addresses and forgets them; the group is zeroed. */
void ownership_clear(struct ownership *ownership, struct owned_group *group);

/* The group wants its addresses, or no longer; wanting again looks again. */
void ownership_want(struct ownership *ownership, struct owned_group *group, bool wanted);

/* Does one batch of what waits.  Returns 0 if more waits, else when to call again although nothing
 * happened, or UINT64_MAX. */
uint64_t ownership_work(struct ownership *ownership, uint64_t now);

/* A group of which every address is settled, each once after something in it changed, or NULL. */
struct owned_group *ownership_take_done(struct ownership *ownership);

/* The first error among its addresses, or 0. */
int ownership_error(const struct owned_group *group);

/* What the monitor tells (monitor.h). */
void ownership_interface_changed(
	struct ownership *ownership, uint32_t number, unsigned int changes);
void ownership_link_gone(struct ownership *ownership, uint32_t number, uint32_t index);
void ownership_address_gone(struct ownership *ownership, uint32_t number, uint32_t index,
	const struct vrrp_address *address, uint8_t prefix_length);
void ownership_resynced(struct ownership *ownership);
bool ownership_is_ours(struct ownership *ownership, uint32_t number,
	const struct vrrp_address *address, uint8_t prefix_length);

/* Calls visit for each group that has an address on the interface, perhaps more than once. */
void ownership_each_group(struct ownership *ownership, uint32_t number,
	void (*visit)(void *context, struct owned_group *group), void *context);

/* Adds the records that hold to the journal. */
void ownership_describe(struct ownership *ownership, struct journal *journal);

#endif
