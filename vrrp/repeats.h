/* SPDX-License-Identifier: ISC */
#ifndef VRRP_REPEATS_H
#define VRRP_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

/* What a Backup hears again and again, the kernel keeps to itself (vrrp/net/filter.h), once the
 * engine has had one of them that changed nothing.  Whatever else happens to a router first ends
 * that, after what was kept has been made good: each advert as if it had been read when it came.
 *
 * Engine thread only; nothing here is a system call. */

struct engine;
struct engine_router;
struct vrrp_datagram;
struct vrrp_view;

/* A datagram for the router has been read, whatever it is, and is being dealt with: nothing behind
 * it has been, and it will have been when repeats_learn is called. */
void repeats_stepped(struct engine_router *router);

/* When the datagram that was just stepped over came (CLOCK_MONOTONIC, ns), if the kernel's filter
 * has noted it and let nothing through for the router since; otherwise 0. */
uint64_t repeats_came(const struct engine *engine, const struct engine_router *router);

/* The router has been given this advert.  What waits behind it, in the same batch or in the socket
 * or on its way there, keeps it from being learned. */
void repeats_learn(struct engine *engine, struct engine_router *router,
	const struct vrrp_datagram *datagram, const struct vrrp_view *view, uint64_t now);

/* Makes good what was kept, and lets everything through.  Before any event of that router. */
void repeats_settle(struct engine *engine, struct engine_router *router, uint64_t now);

/* The same of all. */
void repeats_settle_all(struct engine *engine, uint64_t now);

/* Deadlines that are due but for what was kept are put off; and ten times a second what was kept
 * is made good for all, so many routers in each turn.  True: there are more. */
bool repeats_refresh(struct engine *engine, uint64_t now);

/* What was kept is made good, and the place is another's to have: the router is to be freed, or its
 * interface has another index, or none. */
void repeats_forget(struct engine *engine, struct engine_router *router, uint64_t now);

/* The same of all: the filter comes to the sockets, or goes, and counts what it sees only. */
void repeats_forget_all(struct engine *engine, uint64_t now);

#endif
