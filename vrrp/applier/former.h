/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_FORMER_H
#define VRRP_APPLIER_FORMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/applier/journal.h"
#include "vrrp/protocol/address.h"

/*
 * What a former program left in the kernel for this one to go on with: the records of its journal,
 * and the sockets that hold its group memberships.  It lasts until it is known what of it is
 * wanted.  Applier thread only.
 */
struct former;

/* Copies the records.  The sockets become its own.  NULL: out of memory, and they are closed. */
struct former *former_new(const struct journal_record *records, size_t count, const int *sockets,
	size_t socket_count);

/* Takes NULL; returns NULL. */
struct former *former_free(struct former *former);

const struct journal_record *former_records(const struct former *former, size_t *count);

/* Whether it had set that address on the link, changed that setting (and what it was before), or
 * made that device on that parent.  False if there is no former program. */
bool former_has_address(const struct former *former, uint32_t index,
	const struct vrrp_address *address, uint8_t prefix_length);
bool former_has_setting(
	const struct former *former, uint32_t index, uint32_t setting, uint32_t *value);
bool former_has_device(const struct former *former, uint32_t parent, const char *name);

/* Whether it had set the route or rule that is removed so. */
bool former_has_request(const struct former *former, const struct journal_record *removal);

/* Adds its records to the journal: they still hold. */
void former_describe(const struct former *former, struct journal *journal);

#endif
