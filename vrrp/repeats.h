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

/* The router has been given this advert, and everything that came before `now` had been read. */
void repeats_learn(struct engine *engine, struct engine_router *router,
	const struct vrrp_datagram *datagram, const struct vrrp_view *view, uint64_t now);

/* Makes good what was kept, and lets everything through.  Before any event of that router. */
void repeats_settle(struct engine *engine, struct engine_router *router, uint64_t now);

/* The same of all. */
void repeats_settle_all(struct engine *engine, uint64_t now);

/* Deadlines that are due but for what was kept are put off; and ten times a second what was kept
 * is made good for all, so many routers in each turn.  True: there are more. */
bool repeats_refresh(struct engine *engine, uint64_t now);

/* The router is to be freed. */
void repeats_forget(struct engine *engine, struct engine_router *router);

#endif
