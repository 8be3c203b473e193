/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_APPLIER_H
#define VRRP_APPLIER_APPLIER_H

#include "vrrp/applier/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;
struct applier;
struct image;
struct note;

/*
 * The applier: the thread that changes the kernel's configuration for the engine and may wait for
 * the kernel's RTNL lock while doing so.
 *
 * The engine says what it wants (own the addresses of a router or not, announce them); the applier
 * brings the kernel there, in batches, and says what came of it.  Wishes are states, not commands:
 * they coalesce, and none is lost.  It also watches links and addresses (with a new dump whenever
 * the kernel dropped messages), puts back an address of ours that somebody else removed, and shows
 * the engine the interfaces that the configuration names.
 *
 * Routes and routing rules of a router follow its addresses; static ones are there for as long as
 * the thread runs.
 *
 * What it owns is written to a journal in the run directory before it is set, so that whatever is
 * left after a crash is taken away by the next start.  An address that was there before it was
 * wanted is not ours: it is announced but neither changed nor removed.
 *
 * Functions marked "engine" are called by the engine thread only, and neither wait nor allocate.
 */

struct applier_setup {
	const char *run_dir; /* where the journal lies; must exist */
	uint32_t slots;	     /* virtual routers, at most */
	bool resume;	     /* a predecessor of this run directory left what it had */
	const int *sockets;  /* its memberships (applier_sockets); they become the applier's */
	size_t socket_count;
	int journal; /* the predecessor's (applier_journal), the caller's, or -1: in the folder */
};

/* With `resume` nothing is removed at the start: what the predecessor had set is taken for ours
 * where it is wished, without an announcement, and removed if it is not wished by the time of
 * applier_resumed.
 *
 * Opens sockets, reads the kernel's links and addresses, removes whatever a dead predecessor of
 * this boot and network namespace left (addresses, accept_local) as its journal says, and starts
 * the thread.  Returns when all that is done.  NULL: errno says why. */
struct applier *applier_start(const struct applier_setup *setup);

/* Carries out what was wished so far, puts the interfaces' accept_local back, leaves the groups,
 * ends the thread and frees everything; takes NULL; returns NULL.  Addresses still wished stay:
 * giving them up is a wish of the engine's.  The journal goes if nothing is owned. */
struct applier *applier_stop(struct applier *applier);

/* For a successor: carries out what was wished so far, ends the thread and leaves everything in the
 * kernel and in the journal as it is.  The thread may have to wait for the kernel's RTNL lock: it
 * is waited for `wait` ns at most, and false says that this is to be called again.  The engine is
 * to run until it says true; what it wishes meanwhile may be carried out or not.  Then
 * applier_sockets and applier_journal are to be called, and nothing is undone: the process ends or
 * executes another program. */
bool applier_freeze(struct applier *applier, uint64_t wait);

/* The sockets that hold the group memberships, as many as fit; they stay the applier's.  Returns
 * how many there are. */
size_t applier_sockets(const struct applier *applier, int *sockets, size_t room);

/* What it has set, for its successor, since the journal in the run directory may not have been
 * writable.  A descriptor, the caller's, or a negative errno. */
int applier_journal(const struct applier *applier);

/* ---- Configuration: engine ---- */

/* Gives the applier an image, whole or delta, in the order in which the engine accepts them; the
 * caller goes on holding it.  A slot's wishes are about the router that the last image given before
 * the wish has there; a wish for a slot without a router is dropped, and a router that an image
 * takes away gives its addresses up: wish that before the image is given, lest the wish meet the
 * slot's next router.  Wake the applier afterwards.  0, or -EAGAIN: it has too many to read yet,
 * and does not get this one. */
int applier_configure(struct applier *applier, struct image *image);

/* What the predecessor left and is not wished by now may go.  Wake the applier afterwards. */
void applier_resumed(struct applier *applier);

/* ---- Wishes: engine ---- */

/* Addresses of the router in that slot shall (not) be on their interfaces.  Wanting them again
 * looks at them again.  The answer comes by applier_take_result.
 *
 * Addresses that get onto an interface are announced at once, as by applier_announce, without
 * waiting for the engine; also after they were put back, and when the interface that carries them
 * changes its MAC.  The applier_announce with which the engine answers the result, within a second,
 * is taken as the same wish and adds nothing; so is one that is wished together with the owning. */
void applier_own(struct applier *applier, uint32_t slot, bool own);

/* Send gratuitous ARP or unsolicited NA for the router's addresses: garp_repeat rounds now (10 ms
 * apart), again after garp_delay, and every garp_refresh for as long as the addresses are owned.
 * All routers get their first round before any gets a second.  Frames of an interface keep the
 * pause that the configuration asks for.  Nothing is sent for a router that does not own its
 * addresses.  `lower`: since a lower priority was heard; garp_lower_repeat and garp_lower_delay
 * count, and the refreshes go on as they are. */
void applier_announce(struct applier *applier, uint32_t slot, bool lower);

/* Wakes the applier if it was told anything since the last call: once per wake-up of the engine. */
void applier_wake(struct applier *applier);

/* ---- Results: engine ---- */

/* A router's latest result, once for each wish that was not overtaken by another, and whenever
 * something in it changed.  Readable when results wait; call applier_results_awake once, then take
 * until it says false. */
int applier_results_fd(const struct applier *applier);
void applier_results_awake(struct applier *applier);
bool applier_take_result(struct applier *applier, struct applier_result *result);

/* ---- Notes: engine ---- */

/* What is to be logged (vrrp/applier/notes.h).  Readable when notes wait; call applier_notes_awake
 * once, then take until it says false. */
int applier_notes_fd(const struct applier *applier);
void applier_notes_awake(struct applier *applier);
bool applier_take_note(struct applier *applier, struct note *note);

/* ---- Interfaces: engine ---- */

/* Row i of this board (lib/board.h, rows of struct applier_interface) is interface number i.
 * Numbers rise from 0 in the order in which images name the interfaces (of routers, of addresses,
 * tracked ones), and applier_take_interface tells of each number when its row is shown first and
 * whenever it changes.  A number is never given to another name; names beyond APPLIER_INTERFACES
 * get none, and owning an address there fails with -ENOSPC. */
const struct board *applier_interfaces(const struct applier *applier);
int applier_interfaces_fd(const struct applier *applier);
void applier_interfaces_awake(struct applier *applier);
bool applier_take_interface(struct applier *applier, uint32_t *number);

#endif
