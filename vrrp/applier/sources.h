/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_SOURCES_H
#define VRRP_APPLIER_SOURCES_H

#include <stdbool.h>
#include <sys/queue.h>

#include "vrrp/applier/monitor.h"
#include "vrrp/protocol/address.h"

/*
 * The addresses that routers are told to send from, and whether this host has them.  Applier thread
 * only.
 */
struct sources;

/* One router's; a zeroed one watches nothing. */
struct source_use {
	LIST_ENTRY(source_use) in_bucket;
	struct vrrp_address address; /* none: nothing is watched */
	bool held;		     /* some interface has it, ready to be sent from */
};

/* changed: `held` of that use is another than before.  NULL: errno says why. */
struct sources *sources_new(const struct monitor *monitor,
	void (*changed)(void *context, struct source_use *use), void *context);

/* The uses are the caller's and are not touched. */
struct sources *sources_free(struct sources *sources);

/* Watches that address for the use from now on, or nothing; tells nothing, but sets `held`. */
void sources_watch(
	struct sources *sources, struct source_use *use, const struct vrrp_address *address);

/* The address came, went or changed somewhere. */
void sources_address_changed(struct sources *sources, const struct vrrp_address *address);

/* Any address may have. */
void sources_unsure(struct sources *sources);

#endif
