/* SPDX-License-Identifier: ISC */
#ifndef VRRP_EXECUTE_H
#define VRRP_EXECUTE_H

#include "vrrp/protocol/router.h"

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct engine_router;
struct snapshot_router;

/* Lets the protocol decide about one event of one router, and carries out what it says: queues
 * advertisements, sets the deadline, tells the applier, appends events; its sync group follows.
 * Engine thread. */
void execute_event(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_event *event);

/* Lets a router that was never started go on as the record of the predecessor says.  False: it is
 * to be started. */
bool execute_resume(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct snapshot_router *snapshot);

/* Fires the deadlines that are due: those of Active routers also if they are so near that sending
 * early saves a wake-up. */
void execute_deadlines(struct engine *engine, uint64_t now);

/* Whether the next advertisement of an Active router is due, in that sense. */
bool execute_advert_due(struct engine *engine, uint64_t now);

/* How late the earliest deadline is, 0 if none is due. */
uint64_t execute_lateness(struct engine *engine, uint64_t now);

/* The earliest deadlines: when an Active router has to advertise next, and when another one has
 * waited long enough.  UINT64_MAX: there is none. */
uint64_t execute_next_advert(struct engine *engine);
uint64_t execute_next_timeout(struct engine *engine);

/* Tells a router what is known of its own interface and of those it tracks. */
void execute_link(struct engine *engine, struct engine_router *router, uint64_t now);
void execute_tracks(struct engine *engine, struct engine_router *router, uint64_t now);

/* The machine slept for so long, and its clock stood still. */
void execute_slept(struct engine *engine, uint64_t now, uint64_t slept);

#endif
