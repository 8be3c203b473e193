/* SPDX-License-Identifier: ISC */
#include "vrrp/repeats.h"

#include "lib/clock.h"
#include "lib/hot.h"
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
	const uint64_t count = filter_count(engine->filter, router->repeats.place, &heard);
	const uint64_t more = count - router->repeats.count;

	if (!more)
		return false;
	router->repeats.count = count;
	engine->status.packets += more;
	engine->status.kept += more;
	vrrp_repeat(
		&router->protocol, heard < now ? heard : now, more, router->repeats.form, &actions);
	if (actions.count)
		deadline_set(router->heap, &router->deadline, actions.list[0].deadline);
	publish_changed(engine, router);
	return true;
}

static void set_kept(struct engine *engine, struct engine_router *router, bool kept)
{
	if (kept)
		TAILQ_INSERT_TAIL(&engine->repeats.routers, router, repeats.fellows);
	else
		TAILQ_REMOVE(&engine->repeats.routers, router, repeats.fellows);
	engine->repeats.count += kept;
	engine->repeats.count -= !kept;
	router->repeats.kept = kept;
}

/* The look comes after the last that can have been kept. */
HOT void repeats_settle(struct engine *engine, struct engine_router *router, uint64_t now)
{
	if (!router->repeats.kept)
		return;
	filter_pass(engine->filter, router->repeats.place);
	make_good(engine, router, now);
	set_kept(engine, router, false);
}

void repeats_settle_all(struct engine *engine, uint64_t now)
{
	while (!TAILQ_EMPTY(&engine->repeats.routers))
		repeats_settle(engine, TAILQ_FIRST(&engine->repeats.routers), now);
}

static void set_unplaced(struct engine *engine, struct engine_router *router, bool unplaced)
{
	engine->status.unplaced += unplaced;
	engine->status.unplaced -= router->repeats.unplaced;
	router->repeats.unplaced = unplaced;
}

static bool claim(struct engine *engine, struct engine_router *router, uint32_t interface)
{
	struct engine_repeats *repeats = &router->repeats;
	const struct vrrp_configuration *identity = &router->protocol.configuration;
	uint64_t heard;

	repeats->place = filter_claim(engine->filter, interface, identity->family, identity->vrid);
	set_unplaced(engine, router, !repeats->place);
	if (!repeats->place)
		return false;
	repeats->count = filter_count(engine->filter, repeats->place, &heard);
	repeats->in_step = false;
	repeats->gap_passed = UINT64_MAX;
	repeats->stepped = filter_passed(engine->filter, repeats->place);
	return true;
}

/* What to compare with at the next.  No look again where the kernel counts none of them: it takes
 * those on a VRF's slave for the VRF's. */
static void note_gap(struct engine *engine, struct engine_router *router, uint64_t passed)
{
	struct engine_repeats *repeats = &router->repeats;

	engine->look_again |= passed != repeats->gap_passed;
	repeats->gap_passed = passed;
	repeats->gap_stepped = repeats->stepped;
	repeats->gap_emptied = engine->emptied[router->protocol.configuration.family - 1];
}

/* Whether nothing that the kernel has let through for the router is still to be dealt with.
 *
 * The counts differ by what is on its way, by what was lost (a full socket), and after the claim by
 * what had been let through before.  When it has stayed the same from one advert to the next, and
 * the socket was read to its end in between (once more may be the reading of this one), none of it
 * is on its way: the engine takes over the kernel's count. */
static bool is_in_step(struct engine *engine, struct engine_router *router)
{
	struct engine_repeats *repeats = &router->repeats;
	const uint64_t emptied = engine->emptied[router->protocol.configuration.family - 1];
	const uint64_t passed = filter_passed(engine->filter, repeats->place);

	if (repeats->in_step && passed == repeats->stepped)
		return true;
	if (repeats->stepped == repeats->gap_stepped + 1 && passed == repeats->gap_passed + 1 &&
		emptied >= repeats->gap_emptied + 2) {
		repeats->stepped = passed;
		repeats->in_step = true;
		return true;
	}
	note_gap(engine, router, passed);
	return false;
}

void repeats_stepped(struct engine_router *router)
{
	router->repeats.stepped++;
}

uint64_t repeats_came(const struct engine *engine, const struct engine_router *router)
{
	uint64_t at;

	if (!engine->filter || !router->repeats.place || !router->repeats.in_step)
		return 0;
	at = filter_passed_at(engine->filter, router->repeats.place);
	return filter_passed(engine->filter, router->repeats.place) == router->repeats.stepped ? at
											       : 0;
}

void repeats_learn(struct engine *engine, struct engine_router *router,
	const struct vrrp_datagram *datagram, const struct vrrp_view *view, uint64_t now)
{
	if (!engine->filter || !engine->filtering || !vrrp_repeats(&router->protocol, view))
		return;
	if (!router->repeats.place) {
		if (claim(engine, router, (uint32_t)datagram->interface))
			note_gap(engine, router, router->repeats.stepped);
		return;
	}
	make_good(engine, router, now); /* one that was being judged when we last looked */
	if (!is_in_step(engine, router))
		return;
	router->repeats.form = view->checksum_form;
	if (filter_keep(engine->filter, router->repeats.place, datagram, router->repeats.stepped))
		set_kept(engine, router, true);
}

/* One that the kernel has heard is no reason to believe the others: a round begins.  What would be
 * waited for awake is looked at as well. */
static void look_behind_deadlines(struct engine *engine, uint64_t now)
{
	const uint64_t until = now + ENGINE_AWAKE_BEFORE;
	struct deadline *first;

	while ((first = deadline_first(&engine->timeouts)) && first->at <= until) {
		struct engine_router *router = engine_router_of(first);

		if (!router->repeats.kept || !make_good(engine, router, now) || first->at <= until)
			return;
		engine->repeats.round = now;
	}
}

HOT bool repeats_refresh(struct engine *engine, uint64_t now)
{
	if (!engine->repeats.count)
		return false;
	look_behind_deadlines(engine, now);
	if (now >= engine->repeats.round) {
		engine->repeats.left = engine->repeats.count;
		engine->repeats.round = now + ROUND;
	}
	for (int i = 0; i < ROUTERS_PER_TURN && engine->repeats.left; i++) {
		struct engine_router *router = TAILQ_FIRST(&engine->repeats.routers);

		engine->repeats.left--;
		if (!router)
			break;
		make_good(engine, router, now);
		TAILQ_REMOVE(&engine->repeats.routers, router, repeats.fellows);
		TAILQ_INSERT_TAIL(&engine->repeats.routers, router, repeats.fellows);
	}
	return engine->repeats.left && engine->repeats.count;
}

void repeats_forget(struct engine *engine, struct engine_router *router, uint64_t now)
{
	repeats_settle(engine, router, now);
	if (engine->filter)
		filter_release(engine->filter, router->repeats.place);
	router->repeats.place = 0;
	set_unplaced(engine, router, false);
}

void repeats_forget_all(struct engine *engine, uint64_t now)
{
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (engine->routers[slot])
			repeats_forget(engine, engine->routers[slot], now);
	}
}
