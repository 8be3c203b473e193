/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_RECOVERY_H
#define VRRP_APPLIER_RECOVERY_H

#include <stddef.h>

/*
 * What the predecessor left in the kernel, as its journal says (journal_left): after a crash it is
 * undone at the start, after a handover taken over, and sorted out once it is known what of it is
 * wished.
 *
 * Applier thread, or before it runs.
 */

struct applier_parts;

/* Removes addresses, routes and rules, devices and firewall tables, and puts settings back: a
 * router starts as Backup, which must have none of them.  Waits for the kernel's RTNL lock.  0 or a
 * negative errno, and then some of it may be left; a full disk, on which the journal will be tried
 * again, is no error. */
int recovery_undo(struct applier_parts *parts);

/* Takes all of that for ours, with the predecessor's `socket_count` sockets that hold its group
 * memberships, which become the parts' own, also on failure.  0 or -ENOMEM: nothing else is a
 * reason not to go on. */
int recovery_take_over(struct applier_parts *parts, const int *sockets, size_t socket_count);

/* Once everything wished is done, after recovery_take_over(): what nobody wants by now goes.
 * Waits for the kernel's RTNL lock. */
void recovery_sort_out(struct applier_parts *parts);

#endif
