/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_LEFTOVER_H
#define VRRP_APPLIER_LEFTOVER_H

#include <stddef.h>

#include "vrrp/applier/journal.h"
#include "vrrp/applier/monitor.h"

/*
 * Removes the addresses among the records that a dead predecessor left, as far as they are still
 * its own: what bears another's tag by now stays, and where the kernel has no tags, what has
 * another prefix length.  The interface is the one with the record's index, whatever its name is by
 * now. Waits for the RTNL lock.  Returns 0 or a negative errno.
 */
int leftover_remove(
	const struct monitor *monitor, const struct journal_record *records, size_t count);

#endif
