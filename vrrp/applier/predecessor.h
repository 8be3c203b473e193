/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_PREDECESSOR_H
#define VRRP_APPLIER_PREDECESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/applier/journal.h"
#include "vrrp/protocol/address.h"

/*
 * What the predecessor left in the kernel for this one to go on with: the records of its journal,
 * and the sockets that hold its group memberships.  It lasts until it is known what of it is
 * wanted.  Applier thread only.
 */
struct predecessor;

/* Copies the records.  The sockets become its own.  NULL: out of memory, and they are closed. */
struct predecessor *predecessor_new(const struct journal_record *records, size_t count,
	const int *sockets, size_t socket_count);

/* Takes NULL; returns NULL. */
struct predecessor *predecessor_free(struct predecessor *predecessor);

const struct journal_record *predecessor_records(
	const struct predecessor *predecessor, size_t *count);

/* Whether it had set that address on the link, changed that setting (and what it was before), or
 * made that device on that parent.  False if there is none. */
bool predecessor_has_address(const struct predecessor *predecessor, uint32_t index,
	const struct vrrp_address *address, uint8_t prefix_length);
bool predecessor_has_setting(
	const struct predecessor *predecessor, uint32_t index, uint32_t setting, uint32_t *value);
bool predecessor_has_device(
	const struct predecessor *predecessor, uint32_t parent, const char *name);

/* Whether it had set the route or rule that is removed so. */
bool predecessor_has_request(
	const struct predecessor *predecessor, const struct journal_record *removal);

/* Adds its records to the journal: they still hold. */
void predecessor_describe(const struct predecessor *predecessor, struct journal *journal);

#endif
