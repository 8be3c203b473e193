/* SPDX-License-Identifier: ISC */
#ifndef VRRP_INBOX_H
#define VRRP_INBOX_H

#include <stdint.h>

struct engine;

/* What the others tell the engine: the applier its results and news, the supervisor, core and check
 * by messages.  Engine thread. */

/* From now on whatever they say wakes the engine.  0 or a negative errno. */
int inbox_watch(struct engine *engine);

/* Takes what epoll has reported, and a bounded number of messages of core and check. */
void inbox_take(struct engine *engine, uint64_t now);

#endif
