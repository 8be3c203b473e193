/* SPDX-License-Identifier: ISC */
#ifndef VRRP_RECONFIGURE_H
#define VRRP_RECONFIGURE_H

#include <stdbool.h>
#include <stdint.h>

struct engine;

/* Reconfigures the engine by an image: the difference to what runs, some routers in each turn, so
 * that even a reload of thousands costs no advertisement.  Routers that did not change do not
 * notice. Only while an image is taken in does the engine allocate.  Engine thread. */

/* Begins with the image behind `fd` (which stays the caller's), announced as that generation:
 * checks it, hands it to the applier.  If it is refused, core is told at once: -EBADMSG, -EPERM:
 * not an image. -EBUSY: another one is being taken in, or the engine is stopping.  -ESTALE: a delta
 * to a generation that is not in force.  What handing it to the applier failed with: -EAGAIN, it
 * does not read. */
int reconfigure_begin(struct engine *engine, uint64_t generation, int fd);

/* Core is told that the image of that generation did not get here. */
void reconfigure_refuse(struct engine *engine, uint64_t generation, int error);

/* Goes on with it.  Returns true if there is more to do in the next turn.  When the last router is
 * done the new generation is in force and core is told. */
bool reconfigure_go_on(struct engine *engine, uint64_t now);

/* The same to its end, however long that takes. */
void reconfigure_finish(struct engine *engine, uint64_t now);

/* Whether an image is being taken in. */
bool reconfigure_busy(const struct engine *engine);

/* The core that sent what is being taken in has gone: its successor is not told of it. */
void reconfigure_orphan(struct engine *engine);

/* Forgets what is being taken in; at the engine's end. */
void reconfigure_clear(struct engine *engine);

#endif
