/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_ACCEPT_H
#define VRRP_APPLIER_ACCEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/image.h"
#include "vrrp/applier/journal.h"
#include "vrrp/applier/notes.h"

/*
 * Accept mode (RFC 9568 6.1): packets to the addresses of a router that shall not accept them are
 * dropped by the kernel, neighbour solicitations and advertisements excepted.  One table of
 * nftables, with sets that hold the addresses of all such routers, whatever their state: a Backup
 * lacks the address anyway, so nothing has to be done at a takeover.  The table is there while
 * there is such an address, bears the number of the process in its name, and is in the journal.
 *
 * Applier thread only: libnftables allocates, and waits for the kernel.
 */
struct accept;

/* For that many slots; borrows the others.  NULL: errno says why. */
struct accept *accept_new(uint32_t slots, struct journal *journal, struct notes *notes);

/* Leaves the table as it is; takes NULL; returns NULL. */
struct accept *accept_free(struct accept *accept);

/* Packets to these addresses shall be dropped on behalf of the slot's router, instead of those it
 * named before.  Returns 0 or -ENOMEM, and then nothing has changed. */
int accept_drop(struct accept *accept, uint32_t slot, const struct image_address *addresses,
	uint32_t count);

/* The priority of its chain, and whether its rules count packets.  One that is there is made anew
 * if need be. */
void accept_shape(struct accept *accept, int32_t priority, bool counters);

/* Tells the kernel what changed.  Returns when to call again, or UINT64_MAX. */
uint64_t accept_work(struct accept *accept, uint64_t now);

/* Removes the table. */
void accept_remove(struct accept *accept);

/* Readable when the kernel has news of tables; the other one reads them: a table of ours that
 * somebody else removed is made again. */
int accept_fd(const struct accept *accept);
void accept_read(struct accept *accept);

/* Adds its record to the journal, if the table is there. */
void accept_describe(const struct accept *accept, struct journal *journal);

/* Removes the table of a dead predecessor, unless it is this process' own. */
void accept_undo(struct accept *accept, const struct journal_record *record);

#endif
