/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_VMAC_H
#define VRRP_APPLIER_VMAC_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/applier/journal.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/predecessor.h"
#include "vrrp/applier/settings.h"
#include "vrrp/protocol/address.h"

/*
 * Virtual MAC devices: a macvlan for each router that wants one, which bears its virtual addresses
 * and answers for them with the virtual MAC.  It exists while its parent does, and is made anew
 * when somebody removed it or the parent comes back.  It is switched on while its router is Active:
 * a Backup neither hears frames to the virtual MAC nor sends any (RFC 9568 6.4.2).
 *
 * A device is journalled before it is made.  Applier thread only: waits for the RTNL lock.
 */
struct vmacs;
struct vmac;

struct vmac_wish {
	const char *name;
	uint32_t parent;    /* number of the interface */
	const uint8_t *mac; /* six octets */
	enum vrrp_family family;
	bool has_ipv6; /* among the addresses it will bear */
};

/* Borrows all three.  NULL: errno says why. */
struct vmacs *vmacs_new(
	struct monitor *monitor, struct journal *journal, struct settings *settings);

/* Removes every device, journals that but does not flush it; takes NULL; returns NULL. */
struct vmacs *vmacs_free(struct vmacs *vmacs);

/* What the predecessor made is ours where it is wanted, and stays switched on until it is said
 * otherwise or the predecessor is no more: NULL.  Borrowed. */
void vmacs_set_predecessor(struct vmacs *vmacs, const struct predecessor *predecessor);

/* A device more; owner is what vmacs_take_news gives.  NULL: errno says why. */
struct vmac *vmacs_add(struct vmacs *vmacs, const struct vmac_wish *wish, void *owner);

/* It is to go; the caller forgets it. */
void vmacs_remove(struct vmacs *vmacs, struct vmac *vmac);

/* It shall be switched on, or off. */
void vmacs_switch(struct vmacs *vmacs, struct vmac *vmac, bool on);

/* Whether it is what the wish says. */
bool vmac_is(const struct vmac *vmac, const struct vmac_wish *wish);

/* Why it is not as it should be, or 0; also 0 while its parent is missing or off. */
int vmac_error(const struct vmac *vmac);

/* Brings the kernel nearer to where it should be.  Returns 0 if more is to be done, else when to
 * call again although nothing happened, or UINT64_MAX. */
uint64_t vmacs_work(struct vmacs *vmacs, uint64_t now);

/* The owner of a device whose error changed, each once, or NULL. */
void *vmacs_take_news(struct vmacs *vmacs);

/* What the monitor tells (monitor.h): enum monitor_change, or-ed. */
void vmacs_interface_changed(struct vmacs *vmacs, uint32_t number, unsigned int changes);

/* Adds the records that hold to the journal. */
void vmacs_describe(const struct vmacs *vmacs, struct journal *journal);

/* Removes the device that a record that was left names, if it still is that one and nobody wants
 * it. */
void vmacs_undo(struct vmacs *vmacs, const struct journal_record *record);

#endif
