/* SPDX-License-Identifier: ISC */
#ifndef VRRP_STARTUP_H
#define VRRP_STARTUP_H

#include <stdint.h>

struct engine;
struct image_header;

/* When routers may start at the start of the program: after vrrp_startup_delay, and after
 * startup_script or its time.  Only that start is delayed: what the first image says holds for
 * good.  Engine thread. */

/* An image is being taken in, the first perhaps. */
void startup_note(struct engine *engine, const struct image_header *header, uint64_t now);

/* startup_script has ended, or there is none. */
void startup_script_ended(struct engine *engine);

/* Starts the routers that waited, once that is over. */
void startup_go_on(struct engine *engine, uint64_t now);

#endif
