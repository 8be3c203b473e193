/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_PROMOTE_H
#define VRRP_NET_PROMOTE_H

#include <stdint.h>

#include "vrrp/net/journal.h"
#include "vrrp/net/monitor.h"

/*
 * promote_secondaries: unless it is on, the kernel takes an interface's other IPv4 addresses of a
 * subnet away along with the first of them.  Switched on while a router that asks for it is on the
 * interface, switched off again if it was off before.  Applier thread only: waits for the RTNL
 * lock.
 */
struct promote;

/* Borrows both.  NULL: errno says why. */
struct promote *promote_new(struct monitor *monitor, struct journal *journal);

/* Undoes everything; takes NULL; returns NULL. */
struct promote *promote_free(struct promote *promote);

/* One router more or less that asks for it on the interface with that number. */
void promote_add(struct promote *promote, uint32_t number);
void promote_remove(struct promote *promote, uint32_t number);

/* The interface may be another one now. */
void promote_changed(struct promote *promote, uint32_t number);

/* Adds the records that hold to the journal. */
void promote_describe(const struct promote *promote, struct journal *journal);

/* Of a predecessor: switches it off where nobody asks for it; else it is ours to do so. */
void promote_undo(struct promote *promote, const struct journal_record *record);

#endif
