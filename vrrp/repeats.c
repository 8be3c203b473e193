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

static void set_unplaced(struct engine *engine, struct engine_router *router, bool unplaced)
{
	engine->status.unplaced += unplaced;
	engine->status.unplaced -= router->unplaced;
	router->unplaced = unplaced;
}

static bool claim(struct engine *engine, struct engine_router *router, uint32_t interface)
{
	const struct vrrp_configuration *identity = &router->protocol.configuration;
	uint64_t heard;

	router->kept_place =
		filter_claim(engine->filter, interface, identity->family, identity->vrid);
	set_unplaced(engine, router, !router->kept_place);
	if (!router->kept_place)
		return false;
	router->kept_count = filter_count(engine->filter, router->kept_place, &heard);
	router->in_step = false;
	router->gap_passed = UINT64_MAX;
	router->stepped = filter_passed(engine->filter, router->kept_place);
	return true;
}

/* What to compare with at the next.  No look again where the kernel counts none of them: it takes
 * those on a VRF's slave for the VRF's. */
static void note_gap(struct engine *engine, struct engine_router *router, uint64_t passed)
{
	engine->look_again |= passed != router->gap_passed;
	router->gap_passed = passed;
	router->gap_stepped = router->stepped;
	router->gap_emptied = engine->emptied[router->protocol.configuration.family - 1];
}

/* Whether nothing that the kernel has let through for the router is still to be dealt with.
 *
 * The counts differ by what is on its way, by what was lost (a full socket), and after the claim by
 * what had been let through before.  When it has stayed the same from one advert to the next, and
 * the socket was read to its end in between (once more may be the reading of this one), none of it
 * is on its way: the engine takes over the kernel's count. */
static bool is_in_step(struct engine *engine, struct engine_router *router)
{
	const uint64_t emptied = engine->emptied[router->protocol.configuration.family - 1];
	const uint64_t passed = filter_passed(engine->filter, router->kept_place);

	if (router->in_step && passed == router->stepped)
		return true;
	if (router->stepped == router->gap_stepped + 1 && passed == router->gap_passed + 1 &&
		emptied >= router->gap_emptied + 2) {
		router->stepped = passed;
		router->in_step = true;
		return true;
	}
	note_gap(engine, router, passed);
	return false;
}

void repeats_stepped(struct engine_router *router)
{
	router->stepped++;
}

uint64_t repeats_came(const struct engine *engine, const struct engine_router *router)
{
	uint64_t at;

	if (!engine->filter || !router->kept_place || !router->in_step)
		return 0;
	at = filter_passed_at(engine->filter, router->kept_place);
	return filter_passed(engine->filter, router->kept_place) == router->stepped ? at : 0;
}

void repeats_learn(struct engine *engine, struct engine_router *router,
	const struct vrrp_datagram *datagram, const struct vrrp_view *view, uint64_t now)
{
	if (!engine->filter || !engine->filtering || !vrrp_repeats(&router->protocol, view))
		return;
	if (!router->kept_place) {
		if (claim(engine, router, (uint32_t)datagram->interface))
			note_gap(engine, router, router->stepped);
		return;
	}
	make_good(engine, router, now); /* one that was being judged when we last looked */
	if (!is_in_step(engine, router))
		return;
	router->kept_form = view->checksum_form;
	if (filter_keep(engine->filter, router->kept_place, datagram, router->stepped))
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

void repeats_forget(struct engine *engine, struct engine_router *router, uint64_t now)
{
	repeats_settle(engine, router, now);
	if (engine->filter)
		filter_release(engine->filter, router->kept_place);
	router->kept_place = 0;
	set_unplaced(engine, router, false);
}

void repeats_forget_all(struct engine *engine, uint64_t now)
{
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (engine->routers[slot])
			repeats_forget(engine, engine->routers[slot], now);
	}
}
