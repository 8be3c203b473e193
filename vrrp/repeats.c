/* SPDX-License-Identifier: ISC */
#include "vrrp/repeats.h"

#include "lib/clock.h"
#include "vrrp/engine_state.h"
#include "vrrp/net/filter.h"
#include "vrrp/protocol/repeat.h"
#include "vrrp/publish.h"

/* The engine wakes as often for its heartbeat: looking costs no wake-up of its own. */
#define ROUND (100 * NSEC_PER_MSEC)

#define ROUTERS_PER_TURN 256

/* Makes good what the kernel has kept since the last look.  True: there was something. */
static bool make_good(struct engine *engine, struct engine_router *router, uint64_t now)
{
	struct vrrp_actions actions;
	uint64_t heard;
	const uint64_t count = filter_count(engine->filter, router->kept_place, &heard);
	const uint64_t more = count - router->kept_count;

	if (!more)
		return false;
	router->kept_count = count;
	engine->status.packets += more;
	engine->status.kept += more;
	vrrp_repeat(
		&router->protocol, heard < now ? heard : now, more, router->kept_form, &actions);
	if (actions.count)
		deadline_set(router->heap, &router->deadline, actions.list[0].deadline);
	publish_changed(engine, router);
	return true;
}

static void set_kept(struct engine *engine, struct engine_router *router, bool kept)
{
	if (kept)
		TAILQ_INSERT_TAIL(&engine->keeps, router, keeps);
	else
		TAILQ_REMOVE(&engine->keeps, router, keeps);
	engine->kept_routers += kept;
	engine->kept_routers -= !kept;
	router->kept = kept;
}

/* The look comes after the last that can have been kept. */
void repeats_settle(struct engine *engine, struct engine_router *router, uint64_t now)
{
	if (!router->kept)
		return;
	filter_pass(engine->filter, router->kept_place);
	make_good(engine, router, now);
	set_kept(engine, router, false);
}

void repeats_settle_all(struct engine *engine, uint64_t now)
{
	while (!TAILQ_EMPTY(&engine->keeps))
		repeats_settle(engine, TAILQ_FIRST(&engine->keeps), now);
}

/* Interfaces get other indices, and lose them to each other. */
static uint32_t place_of(
	struct engine *engine, struct engine_router *router, const struct vrrp_datagram *datagram)
{
	const struct vrrp_configuration *identity = &router->protocol.configuration;
	const uint32_t interface = (uint32_t)datagram->interface;
	uint64_t heard;

	if (filter_holds(engine->filter, router->kept_place, interface, identity->family,
		    identity->vrid))
		return router->kept_place;
	repeats_forget(engine, router);
	router->kept_place =
		filter_claim(engine->filter, interface, identity->family, identity->vrid);
	if (router->kept_place)
		router->kept_count = filter_count(engine->filter, router->kept_place, &heard);
	return router->kept_place;
}

void repeats_learn(struct engine *engine, struct engine_router *router,
	const struct vrrp_datagram *datagram, const struct vrrp_view *view, uint64_t now)
{
	if (!engine->filter || !engine->filtering || !vrrp_repeats(&router->protocol, view))
		return;
	if (!place_of(engine, router, datagram))
		return;
	make_good(engine, router, now); /* one that was being judged when we last looked */
	router->kept_form = view->checksum_form;
	if (filter_keep(engine->filter, router->kept_place, datagram, now))
		set_kept(engine, router, true);
}

static struct engine_router *router_of(struct deadline *deadline)
{
	return (struct engine_router *)(void *)((char *)deadline -
						offsetof(struct engine_router, deadline));
}

/* One that the kernel has heard is no reason to believe the others: a round begins.  What would be
 * waited for awake is looked at as well. */
static void look_behind_deadlines(struct engine *engine, uint64_t now)
{
	const uint64_t until = now + ENGINE_AWAKE_BEFORE;
	struct deadline *first;

	while ((first = deadline_first(&engine->timeouts)) && first->at <= until) {
		struct engine_router *router = router_of(first);

		if (!router->kept || !make_good(engine, router, now) || first->at <= until)
			return;
		engine->keeps_round = now;
	}
}

bool repeats_refresh(struct engine *engine, uint64_t now)
{
	if (!engine->kept_routers)
		return false;
	look_behind_deadlines(engine, now);
	if (now >= engine->keeps_round) {
		engine->keeps_left = engine->kept_routers;
		engine->keeps_round = now + ROUND;
	}
	for (int i = 0; i < ROUTERS_PER_TURN && engine->keeps_left; i++) {
		struct engine_router *router = TAILQ_FIRST(&engine->keeps);

		engine->keeps_left--;
		if (!router)
			break;
		make_good(engine, router, now);
		TAILQ_REMOVE(&engine->keeps, router, keeps);
		TAILQ_INSERT_TAIL(&engine->keeps, router, keeps);
	}
	return engine->keeps_left && engine->kept_routers;
}

void repeats_forget(struct engine *engine, struct engine_router *router)
{
	if (router->kept)
		set_kept(engine, router, false);
	if (engine->filter)
		filter_release(engine->filter, router->kept_place);
	router->kept_place = 0;
}
