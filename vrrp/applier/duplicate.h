/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_DUPLICATE_H
#define VRRP_APPLIER_DUPLICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/applier/monitor.h"
#include "vrrp/applier/wanted_addresses.h"

/*
 * Hears whether somebody else on the link uses an address that we hold: ARP and neighbour
 * advertisements with another MAC.  Only while addresses are held, and on a busy link once a
 * second, for there a wake-up for each frame would cost more than it tells; on a quiet one the next
 * frame is waited for.  At a takeover both routers have the address for a moment, so that it is
 * told if we still hold it a second later, and then not again of the same host for a minute; of an
 * address not of more than a few hosts.  Applier thread only.
 */
struct duplicates;

/* Told of each, with the MAC that uses it too. */
typedef void (*duplicate_teller)(void *context, const struct owned *owned, const uint8_t mac[6]);

/* Borrows monitor and book.  NULL: errno says why. */
struct duplicates *duplicates_new(
	struct monitor *monitor, struct owned_book *book, duplicate_teller tell, void *context);

struct duplicates *duplicates_free(struct duplicates *duplicates);

/* Readable when there may be work for duplicates_work(). */
int duplicates_fd(const struct duplicates *duplicates);

/* `holding`: some address is held.  Returns when to call again, or UINT64_MAX. */
uint64_t duplicates_work(struct duplicates *duplicates, bool holding, uint64_t now);

#endif
