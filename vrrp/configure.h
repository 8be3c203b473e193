/* SPDX-License-Identifier: ISC */
#ifndef VRRP_CONFIGURE_H
#define VRRP_CONFIGURE_H

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct engine_router;
struct applier_interface;
struct message_trackers;

/* Takes in configuration images: the difference to what runs, some routers in each turn, so that
 * even a reload of thousands costs no advertisement.  Routers that did not change do not notice.
 * This is the only place where the engine allocates. */

/* Begins with the image behind `fd` (which stays the caller's), announced as that generation:
 * checks it, hands it to the applier.  If it is refused, core is told at once: -EBADMSG, -EPERM:
 * not an image. -EBUSY: another one is being taken in, or the engine is stopping.  -ESTALE: a delta
 * to a generation that is not in force.  What handing it to the applier failed with: -EAGAIN, it
 * does not read. */
int configure_begin(struct engine *engine, uint64_t generation, int fd);

/* Goes on with it.  Returns true if there is more to do in the next turn.  When the last router is
 * done the new generation is in force and core is told. */
bool configure_go_on(struct engine *engine, uint64_t now);

/* Whether an image is being taken in. */
bool configure_busy(const struct engine *engine);

/* The core that sent what is being taken in has gone: its successor is not told of it. */
void configure_orphan(struct engine *engine);

/* An interface was shown: its routers start, or learn that it changed. */
void configure_interface(struct engine *engine, const struct applier_interface *link, uint64_t now);

/* The check process tells how trackers are: whoever uses one that changed learns of it.
 * How many did. */
uint32_t configure_trackers(
	struct engine *engine, const struct message_trackers *message, uint64_t now);

/* Whether there is the address that a router is to send from has turned out anew. */
void configure_source(struct engine *engine, struct engine_router *router, uint64_t now);

/* Starts the routers that waited for vrrp_startup_delay, once it is over. */
/* startup_script has ended. */
void configure_begun(struct engine *engine);

void configure_start(struct engine *engine, uint64_t now);

/* Every router is told to shut down, after what is being taken in has been taken in to its end,
 * since the applier knows it already; nothing is taken in any more. */
void configure_stop(struct engine *engine, uint64_t now);

/* Frees all routers, whatever their state. */
void configure_clear(struct engine *engine);

#endif
