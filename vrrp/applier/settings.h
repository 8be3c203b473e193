/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_SETTINGS_H
#define VRRP_APPLIER_SETTINGS_H

#include <stdint.h>

#include "vrrp/applier/journal.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/predecessor.h"

/*
 * IPv4 settings of interfaces that are not ours, changed for as long as somebody needs it.  What
 * they were is journalled and put back.  Applier thread only: waits for the RTNL lock.
 */
struct settings;

enum setting {
	/* Without it the kernel throws packets away whose source is an address of this host, and an
	 * Active router never hears the owner of its address come back. */
	SETTING_ACCEPT_LOCAL,
	/* The parent of a virtual MAC device answers for its own addresses only, and asks with
	 * them: those of the device are never seen with the parent's MAC (RFC 9568 8.1.2). */
	SETTING_ARP_IGNORE,
	SETTING_ARP_ANNOUNCE,
	/* Strict filtering would undo SETTING_ACCEPT_LOCAL for addresses on the device. */
	SETTING_RP_FILTER,
	/* Unless it is on, the kernel takes an interface's other addresses of a subnet away along
	 * with the first of them. */
	SETTING_PROMOTE_SECONDARIES,
	SETTINGS
};

/* Borrows both.  NULL: errno says why. */
struct settings *settings_new(struct monitor *monitor, struct journal *journal);

/* Puts everything back, journals that but does not flush it; takes NULL; returns NULL. */
struct settings *settings_free(struct settings *settings);

/* What the predecessor changed is ours where it is needed; NULL: there is none, or no longer.
 * Borrowed. */
void settings_set_predecessor(struct settings *settings, const struct predecessor *predecessor);

/* One more or one less who needs the setting on the interface with that number. */
void settings_need(struct settings *settings, uint32_t number, enum setting setting);
void settings_release(struct settings *settings, uint32_t number, enum setting setting);

/* Brings the kernel to that.  Returns 0 or a negative errno: call it again. */
int settings_attend(struct settings *settings, uint32_t number);

/* The link with that index, which had that number, is gone. */
void settings_link_gone(struct settings *settings, uint32_t number, uint32_t index);

/* The kernel may have made the interface's settings anew. */
void settings_renew(struct settings *settings, uint32_t number);

/* Adds the records that hold to the journal. */
void settings_describe(struct settings *settings, struct journal *journal);

/* Puts back what a record that was left says, if nobody needs it: on the link with its index, which
 * may have been renamed since; one of another name must still have what was set. */
void settings_undo(struct settings *settings, const struct journal_record *record);

/* The reverse-path filter that holds for every interface at least (net.ipv4.conf.all). */
uint32_t settings_common_rp_filter(void);

#endif
