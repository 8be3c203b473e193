/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_APPLIER_H
#define VRRP_NET_APPLIER_H

#include "vrrp/protocol/address.h"

#include <stdbool.h>
#include <stdint.h>

struct board;
struct applier;

/*
 * The applier: the thread that changes the kernel's configuration for the engine and may wait for
 * the kernel's RTNL lock while doing so.
 *
 * The engine says what it wants (own the addresses of a router or not, announce them); the applier
 * brings the kernel there, in batches, and says what came of it.  Wishes are states, not commands:
 * they coalesce, and none is lost.  It also watches links and addresses (with a new dump whenever the
 * kernel dropped messages), puts back an address of ours that somebody else removed, and shows the
 * engine the interfaces that the configuration names.
 *
 * What it owns is written to a journal in the run directory before it is set, so that whatever is left
 * after a crash is taken away by the next start.  An address that was there before it was wanted is
 * not ours: it is announced but neither changed nor removed.
 *
 * Functions marked "engine" are called by the engine thread only, and neither wait nor allocate.
 */

#define APPLIER_INTERFACES 4096 /* interfaces a configuration can name */

struct applier_setup {
	const char *run_dir; /* where the journal lies; must exist */
	uint32_t slots;      /* virtual routers, at most */
};

/* Opens sockets, reads the journal and the kernel's state, removes what a dead predecessor left that
 * is older than this boot's or no longer ours to keep, and starts the thread.  Returns when the first
 * dump of links and addresses is complete.  NULL: errno says why. */
struct applier *applier_start(const struct applier_setup *setup);

/* Ends the thread and frees everything.  Does not give addresses up: that is a wish of the engine's. */
struct applier *applier_stop(struct applier *applier);

/* The engine's end of the channel to the applier: IMAGE messages, with the descriptor attached, whole
 * or delta, in the order in which the engine accepts them. */
int applier_channel(const struct applier *applier);

/* ---- Wishes: engine ---- */

/* Addresses of the router in that slot shall (not) be on their interfaces.  Wanting them again looks
 * at them again.  The answer comes by applier_take_result. */
void applier_own(struct applier *applier, uint32_t slot, bool own);

/* Send gratuitous ARP or unsolicited NA for the router's addresses: garp_repeat rounds now, again
 * after garp_delay, and every garp_refresh for as long as the addresses are owned.  All routers get
 * their first round before any gets a second. */
void applier_announce(struct applier *applier, uint32_t slot);

/* Wakes the applier if anything was wished since the last call: once per wake-up of the engine. */
void applier_wake(struct applier *applier);

/* ---- Results: engine ---- */

struct applier_result {
	uint32_t slot;
	bool owned;        /* what was wished when it was done */
	int error;         /* 0, or the negative errno of the first address that failed */
	uint32_t restored; /* addresses put back so far because somebody else had removed them */
};

/* Readable when results wait; call applier_results_awake once, then take until it says false. */
int applier_results_fd(const struct applier *applier);
void applier_results_awake(struct applier *applier);
bool applier_take_result(struct applier *applier, struct applier_result *result);

/* ---- Interfaces: engine ---- */

struct applier_interface {
	char name[16];
	uint32_t index;   /* 0: there is no such interface */
	uint8_t mac[6];
	bool up;          /* exists, administratively up, carrier, not dormant */
	bool has_primary4;
	bool has_primary6;
	uint8_t reserved[3];
	uint8_t primary4[4];  /* first IPv4 address of its own, ours to serve excluded */
	uint8_t primary6[16]; /* its link-local address, not tentative */
	uint32_t flaps;       /* times it went down */
};

/* Row i of this board (lib/board.h, rows of sizeof(struct applier_interface) rounded up to 8) is
 * interface number i, shown once the image that names it has been read.  A number is never given to
 * another name. */
const struct board *applier_interfaces(const struct applier *applier);
int applier_interfaces_fd(const struct applier *applier);
void applier_interfaces_awake(struct applier *applier);
bool applier_take_interface(struct applier *applier, uint32_t *number);

#endif
