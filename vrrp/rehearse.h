/* SPDX-License-Identifier: ISC */
#ifndef VRRP_REHEARSE_H
#define VRRP_REHEARSE_H

struct engine;

/* Plays through what the next timeout will need, without effect: the protocol decides for a copy of
 * its router, the advertisement is made, and the kernel prepares to send it and does not.  After
 * seconds of sleep none of that is in the processor's caches, and fetching it costs more than doing
 * it: measured in docs/measurements.md.  For the engine's thread, while it waits awake. */
void rehearse_timeout(struct engine *engine);

#endif
