/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_MONITOR_H
#define VRRP_APPLIER_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/applier/mirror.h"
#include "vrrp/applier/report.h"
#include "vrrp/protocol/address.h"

/*
 * A mirror of the kernel's links and addresses, kept by its news, and the numbers that stand for
 * interface names.  The kernel sends the news of an IPv4 change before it answers the request that
 * made it, so that a reader who reads after each answer is never behind its own changes; the news
 * of a new IPv6 address may come later.
 *
 * Applier thread only; the board and the worklist of interfaces are read by the engine's.
 */
struct monitor;

#define MONITOR_NO_NUMBER MIRROR_NO_NUMBER

/* What changed about an interface, or-ed. */
enum monitor_change {
	MONITOR_INDEX = 1 << 0,	 /* it appeared, vanished, or the name belongs to another */
	MONITOR_ADMIN = 1 << 1,	 /* it was switched on or off */
	MONITOR_MAC = 1 << 2,	 /* it has another MAC, or its neighbours should hear of it anew */
	MONITOR_USABLE = 1 << 3, /* its MTU rose above what a family needs */
	MONITOR_UNSURE = 1 << 4, /* news were lost: anything may have happened */
};

/* Told while the monitor reads.  The mirror shows the state after the event. */
struct monitor_listener {
	void *context;
	/* changes: enum monitor_change, or-ed. */
	void (*interface_changed)(void *context, uint32_t number, unsigned int changes);
	/* The link with that index, which had that number, is gone with all its addresses. */
	void (*link_gone)(void *context, uint32_t number, uint32_t index);
	void (*address_gone)(void *context, uint32_t number, uint32_t index,
		const struct vrrp_address *address, uint8_t prefix_length);
	/* An address came, went or changed on any link, named or not. */
	void (*address_changed)(void *context, const struct vrrp_address *address);
	/* The kernel found a duplicate of an address on that interface, and does not use it. */
	void (*dad_failed)(void *context, uint32_t number, const struct vrrp_address *address);
	/* News were lost and the mirror was made anew. */
	void (*resynced)(void *context);
	/* Whether the applier has set that address on the interface. */
	bool (*is_ours)(void *context, uint32_t number, const struct vrrp_address *address,
		uint8_t prefix_length);
};

/* Opens sockets and reads all links and addresses.  NULL: errno says why.  The listener is copied;
 * nothing is told before the first monitor_read. */
struct monitor *monitor_open(const struct monitor_listener *listener);

/* Takes NULL; returns NULL.  Nobody is told of it. */
struct monitor *monitor_close(struct monitor *monitor);

/* Readable when there is news. */
int monitor_fd(const struct monitor *monitor);

/* Reads all news, and everything anew if some were lost.  Returns 0 or a negative errno; -EAGAIN:
 * there is too much change at present: call it again soon, whether there is news or not. */
int monitor_read(struct monitor *monitor);

/* The mirror may have missed something: everything is read anew with the next monitor_read. */
void monitor_doubt(struct monitor *monitor);

/* The number of an interface's name, a new one if it has none; MONITOR_NO_NUMBER when there are
 * APPLIER_INTERFACES already. */
uint32_t monitor_number(struct monitor *monitor, const char *name);

/* The number of the link with that index, or MONITOR_NO_NUMBER. */
uint32_t monitor_number_at(const struct monitor *monitor, uint32_t index);

/* What the board shows of it; index 0: it does not exist. */
const struct applier_interface *monitor_interface(const struct monitor *monitor, uint32_t number);

/* Whether it exists and is switched on, with or without a carrier. */
bool monitor_is_on(const struct monitor *monitor, uint32_t number);

/* Whether its frames are Ethernet's. */
bool monitor_is_ethernet(const struct monitor *monitor, uint32_t number);

/* Whether a link has an address, and whose it is by its tag. */
enum monitor_presence {
	MONITOR_ABSENT,
	MONITOR_TAGGED,	  /* set by this program */
	MONITOR_STRANGER, /* set by another, as the kernel's tags show */
	MONITOR_PRESENT,  /* the kernel knows no tags */
};

/* index: of the link.  The prefix length is stored where prefix_length is not NULL. */
enum monitor_presence monitor_presence(const struct monitor *monitor, uint32_t index,
	const struct vrrp_address *address, uint8_t *prefix_length);

/* Whether any link has the address, ready to be sent from. */
bool monitor_holds(const struct monitor *monitor, const struct vrrp_address *address);

/* The name of the link with that index, or NULL. */
const char *monitor_name(const struct monitor *monitor, uint32_t index);

/* Shows on the board what changed since the last time, and wakes the engine. */
void monitor_publish(struct monitor *monitor);

/* Engine: see applier.h. */
struct worklist *monitor_worklist(const struct monitor *monitor);
const struct board *monitor_board(const struct monitor *monitor);

#endif
