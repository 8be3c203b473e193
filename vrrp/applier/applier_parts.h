/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_APPLIER_PARTS_H
#define VRRP_APPLIER_APPLIER_PARTS_H

#include <stdint.h>

/*
 * What the applier is made of, and how its parts hear of each other: each is told what the monitor
 * sees happen in the kernel as far as it is its business, and each describes what it has set when
 * the journal is written anew.
 *
 * Opened and closed while there is no applier thread, and that thread's alone in between, but for
 * what exchange.h, notes.h and monitor.h give to the engine.
 */
struct applier_parts {
	struct exchange *exchange;
	struct monitor *monitor;
	struct journal *journal;
	struct owned_book *owned;
	struct ownership *ownership;
	struct routed_book *routed;
	struct accept *accept;
	struct duplicates *duplicates;
	struct routing *routing;
	struct notes *notes;
	struct settings *settings;
	struct multicast *multicast;
	struct vmacs *vmacs;
	struct burst *burst;
	struct routers *routers;
	struct predecessor
		*predecessor; /* what recovery.h took over and is not sorted out; or NULL */
};

/* Makes the parts, for so many virtual routers, with the journal in the existing run directory, or
 * the one that a predecessor has saved (-1: none), and reads the kernel's links and addresses.
 * `parts` is zeroed before, and stays where it is.  0 or a negative errno: then close what there
 * is. */
int applier_parts_open(
	struct applier_parts *parts, const char *run_dir, int journal, uint32_t slots);

/* Frees the parts, as many as there are.  What is set in the kernel is not looked at, but for what
 * each part says of being freed. */
void applier_parts_close(struct applier_parts *parts);

#endif
