/* SPDX-License-Identifier: ISC */
#ifndef VRRP_INTERFACE_H
#define VRRP_INTERFACE_H

#include "vrrp/applier/report.h"
#include "vrrp/protocol/tracking.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* The interfaces that the configuration names, and what hangs on each: its virtual routers by
 * family and VRID, and who tracks it.  Found by name when a configuration is applied, by the
 * kernel's index for every packet.  Engine thread only. */

struct engine_router;

/* One router tracking one interface. */
struct engine_track {
	LIST_ENTRY(engine_track) followers;
	struct engine_interface *interface;
	struct engine_router *router;
	int32_t weight; /* lib/image.h, struct image_track */
	bool reverse;
};

struct engine_interface {
	struct applier_interface link; /* as last shown; only .name before `shown` */
	int shown;
	uint32_t last_index; /* link.index, or while it is away what that was; 0: never there */
	struct engine_interface *next_by_name;
	struct engine_interface *next_by_index;
	LIST_HEAD(, engine_track) followers;
	struct engine_router *routers[2][256]; /* [family - 1][VRID] */
};

#define INTERFACE_BUCKETS 1024

struct interface_table {
	struct engine_interface *by_name[INTERFACE_BUCKETS];
	struct engine_interface *by_index[INTERFACE_BUCKETS];
};

/* The interface of that name, entered if it is new.  NULL: out of memory.  Never freed before
 * interface_table_clear: names are few and come back. */
struct engine_interface *interface_by_name(struct interface_table *table, const char *name);

/* The interface that the kernel numbers so, or NULL if the configuration names none. */
struct engine_interface *interface_by_index(const struct interface_table *table, uint32_t index);

/* The applier has shown a new state of it.  True if it has come back under another index. */
bool interface_show(struct interface_table *table, struct engine_interface *interface,
	const struct applier_interface *link);

/* What it means for the router that tracks it: nothing before it was shown, since a reload that
 * names it for the first time is no reason for a fault. */
struct vrrp_tracked interface_tracked(const struct engine_track *track);

/* Frees every interface; no router is on one any more. */
void interface_table_clear(struct interface_table *table);

#endif
