/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_NOTES_H
#define VRRP_APPLIER_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"

/*
 * What the applier has to say besides results, for the log: a ring of a fixed size, from the
 * applier's thread to the engine's.  Neither waits or allocates.  What finds no room is left out
 * and counted.
 */

struct notes;

#define NOTES_NO_SLOT UINT32_MAX

enum note_kind {
	NOTE_ROUTE_FAILED, /* route `item` of the slot's router could not be set: `error`;
			    -EADDRNOTAVAIL: this host does not have its src */
	NOTE_RULE_FAILED,
	NOTE_ROUTE_RESTORED, /* somebody else had removed it */
	NOTE_RULE_RESTORED,
	NOTE_STATIC_FAILED, /* static address: `address`, `error` */
	NOTE_DUPLICATE,	    /* `mac` uses `address` too, which we hold */
	NOTE_DAD_FAILED,    /* the kernel found a duplicate of `address` and does not use it */
	NOTE_ACCEPT_FAILED, /* the firewall could not be told what no_accept asks for: `error` */
	NOTE_ROUTE_SET,	    /* one that could not be set before is there */
	NOTE_RULE_SET,
	NOTE_STATIC_SET, /* so are all static addresses */
};

struct note {
	uint32_t kind; /* enum note_kind */
	uint32_t slot; /* or NOTES_NO_SLOT: static, or nobody's */
	uint32_t item;
	int32_t error;
	uint32_t left_out; /* notes just before it that found no room */
	struct vrrp_address address;
	uint8_t mac[6];
};

/* NULL: errno says why. */
struct notes *notes_new(void);
struct notes *notes_free(struct notes *notes);

/* Applier.  The engine is woken by notes_wake, if anything came since the last time. */
void notes_post(struct notes *notes, const struct note *note);
void notes_wake(struct notes *notes);

/* Engine: readable after notes_wake; notes_awake, then take until it says false. */
int notes_fd(const struct notes *notes);
void notes_awake(struct notes *notes);
bool notes_take(struct notes *notes, struct note *note);

#endif
