/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_OWNERSHIP_H
#define VRRP_APPLIER_OWNERSHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/applier/journal.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/predecessor.h"
#include "vrrp/applier/wanted_addresses.h"
#include "vrrp/protocol/address.h"

/*
 * Desired against actual addresses: brings the kernel's to what the book says is wanted, in
 * batches, and puts back what somebody else removed.
 *
 * An address that is present and not ours is a stranger's: it counts as being there, and is left
 * alone; when its owner takes it away while it is wanted, it is set, and ours from then on.
 *
 * Applier thread only.
 */
struct ownership;

/* Borrows all three.  NULL: errno says why. */
struct ownership *ownership_new(
	struct monitor *monitor, struct journal *journal, struct owned_book *book);

/* What the predecessor has set is ours where it is wanted; NULL: there is none, or no longer.
 * Borrowed. */
void ownership_set_predecessor(struct ownership *ownership, const struct predecessor *predecessor);

/* Frees it; takes NULL; returns NULL. */
struct ownership *ownership_free(struct ownership *ownership);

/* Does one batch of what waits.  Returns 0 if more waits, else when to call again although nothing
 * happened, or UINT64_MAX. */
uint64_t ownership_work(struct ownership *ownership, uint64_t now);

/* What the monitor tells (monitor.h). */
void ownership_interface_changed(
	struct ownership *ownership, uint32_t number, unsigned int changes);
void ownership_link_gone(struct ownership *ownership, uint32_t number, uint32_t index);
void ownership_address_gone(struct ownership *ownership, uint32_t number, uint32_t index,
	const struct vrrp_address *address, uint8_t prefix_length);
void ownership_resynced(struct ownership *ownership);
bool ownership_is_ours(struct ownership *ownership, uint32_t number,
	const struct vrrp_address *address, uint8_t prefix_length);

/* Adds the records that hold to the journal. */
void ownership_describe(struct ownership *ownership, struct journal *journal);

#endif
