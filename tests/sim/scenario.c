/* SPDX-License-Identifier: ISC */
#include "tests/sim/scenario.h"

#include <stdio.h>

#include "tests/sim/health.h"
#include "tests/sim/invariant.h"
#include "tests/sim/world.h"
#include "vrrp/protocol/limits.h"

#define EPISODES  7
#define DRIFT_PPM 10000

static unsigned int pick(struct world *world, unsigned int count)
{
	return (unsigned int)random_between(&world->random, 0, count - 1);
}

static uint64_t base_interval(const struct world *world)
{
	return world->hosts[0].configuration.interval;
}

/* A good link: what is lost or late beyond this would rightly cost transitions. */
static void calm(struct world *world)
{
	const uint64_t interval = base_interval(world);

	world->conditions = (struct conditions){
		.duplicate_percent = 10,
		.delay_max = interval / 200,
		.lateness_max = interval / 200,
	};
}

/* Two priorities for all, so that ties happen; or any, now and then with an owner. */
static void choose_priorities(struct world *world)
{
	const bool ties = random_chance(&world->random, 35);
	const bool owner = !ties && random_chance(&world->random, 20);

	for (unsigned int i = 0; i < world->count; i++) {
		uint64_t priority = random_between(&world->random, 1, 254);

		if (ties)
			priority = random_chance(&world->random, 70) ? 200 : 100;
		if (owner && i == 0)
			priority = VRRP_PRIORITY_OWNER;
		world->hosts[i].configuration.priority = (uint8_t)priority;
	}
}

static void choose_primary(struct world *world, unsigned int index, bool ipv6)
{
	static const uint8_t link_local[16] = {0xfe, 0x80};
	struct host *host = &world->hosts[index];

	/* Distinct in the last octet, on both sides of the sign bit. */
	host->primary = vrrp_address_make(
		ipv6 ? VRRP_IPV6 : VRRP_IPV4, ipv6 ? link_local : (const uint8_t[4]){192, 0, 2, 0});
	host->primary.bytes[ipv6 ? 15 : 3] =
		(uint8_t)(20 + 28 * index + random_between(&world->random, 0, 27));
}

static void choose_hosts(struct world *world)
{
	static const uint64_t intervals[] = {20 * VRRP_MILLISECOND, 100 * VRRP_MILLISECOND,
		VRRP_SECOND, VRRP_SECOND, 2 * VRRP_SECOND};
	const bool ipv6 = random_chance(&world->random, 33);
	const bool version_2 = !ipv6 && random_chance(&world->random, 50);
	const uint64_t interval = intervals[version_2 ? 3 + pick(world, 2) : pick(world, 4)];
	const bool some_do_not_preempt = random_chance(&world->random, 15);
	/* The same on all, as everybody is told; mostly the RFCs' three. */
	const uint8_t down_adverts =
		random_chance(&world->random, 70) ? 3 : (uint8_t)(2 + pick(world, 4));
	static const uint8_t group_6[16] = {0xff, 2, [15] = 0x12};
	static const uint8_t group_4[4] = {224, 0, 0, 18};

	for (unsigned int i = 0; i < 2; i++) {
		world->addresses[i] = (struct vrrp_address){
			.family = ipv6 ? VRRP_IPV6 : VRRP_IPV4, .bytes = {0xfe, 0x80, 0, 1}};
		world->addresses[i].bytes[ipv6 ? 15 : 3] = (uint8_t)(1 + i);
	}
	for (unsigned int i = 0; i < world->count; i++) {
		struct host *host = &world->hosts[i];

		choose_primary(world, i, ipv6);
		host->drift_ppm =
			(int32_t)random_between(&world->random, 0, 2 * DRIFT_PPM) - DRIFT_PPM;
		host->clock_offset = random_between(&world->random, 1, 1000 * VRRP_SECOND);
		host->configuration = (struct vrrp_configuration){
			.addresses = world->addresses,
			.address_count = 2,
			.group = ipv6 ? vrrp_address_make(VRRP_IPV6, group_6)
				      : vrrp_address_make(VRRP_IPV4, group_4),
			.interval = interval,
			.family = ipv6 ? VRRP_IPV6 : VRRP_IPV4,
			.vrid = 7,
			.version = version_2 ? VRRP_VERSION_2 : VRRP_VERSION_3,
			.preempt = !some_do_not_preempt || random_chance(&world->random, 50),
			.stop_from_active_only = random_chance(&world->random, 30),
			.announce_on_lower = random_chance(&world->random, 30),
			.down_adverts = down_adverts,
			.no_lower_answer = random_chance(&world->random, 20),
			.answer_higher = random_chance(&world->random, 20),
			.owner_ignores = random_chance(&world->random, 50),
		};
		health_choose(world, host);
	}
	choose_priorities(world);
}

static uint8_t down_adverts(const struct world *world)
{
	return world->hosts[0].configuration.down_adverts;
}

/* Enough for any Backup to lose patience, take over and be heard. */
static uint64_t settling_time(const struct world *world)
{
	uint64_t longest = base_interval(world);

	for (unsigned int i = 0; i < world->count; i++) {
		const struct vrrp_router *router = &world->hosts[i].router;

		if (router->state.active_interval > longest)
			longest = router->state.active_interval;
		if (router->configuration.interval > longest)
			longest = router->configuration.interval;
	}
	return (3u + down_adverts(world)) * longest +
	       VRRP_SECOND * (world->hosts[0].configuration.version == 2);
}

static unsigned int settle(struct world *world, const char *when)
{
	world_run(world, world->now + settling_time(world));
	return world->breach[0] ? NOBODY : invariant_settled(world, 0, when);
}

/* Any time within an interval, so that events fall between any two adverts. */
static void wander(struct world *world)
{
	world_run(world, world->now + random_between(&world->random, 0, base_interval(world)));
}

static void bring_back(struct world *world, unsigned int index)
{
	world->hosts[index].configuration.interval = base_interval(world);
	world_boot(world, index);
	settle(world, "after a router came back");
}

static void crash(struct world *world, unsigned int active)
{
	const uint64_t since = world->hosts[active].last_sent;

	world_crash(world, active);
	if (invariant_takeover(world, active, since, false))
		bring_back(world, active);
}

static void stop(struct world *world, unsigned int active)
{
	const uint64_t since = world->now;

	world_event(world, active, &(struct vrrp_event){.type = VRRP_EVENT_SHUTDOWN});
	world->hosts[active].alive = false;
	if (invariant_takeover(world, active, since, true))
		bring_back(world, active);
}

static unsigned int best_active(const struct world *world)
{
	unsigned int best = NOBODY;

	for (unsigned int i = 0; i < world->count; i++) {
		if (!host_is(&world->hosts[i], VRRP_STATE_ACTIVE))
			continue;
		if (best == NOBODY || invariant_beats(&world->hosts[i], &world->hosts[best]))
			best = i;
	}
	return best;
}

/* The link parts and heals: then the higher (priority, address) of the two Actives stays, and the
 * other is gone within one interval. */
static void split(struct world *world, unsigned int active)
{
	const unsigned int apart = (active + 1 + pick(world, world->count - 1)) % world->count;
	const struct host *winner;
	unsigned int best, left;

	for (unsigned int i = 0; i < world->count; i++)
		world->hosts[i].segment = i == apart || (i != active && pick(world, 2));
	if (settle(world, "in one half of a split link") == NOBODY ||
		invariant_settled(world, 1, "in the other half of a split link") == NOBODY)
		return;
	wander(world);
	best = best_active(world);
	if (best == NOBODY)
		return;
	for (unsigned int i = 0; i < world->count; i++)
		world->hosts[i].segment = 0;
	winner = &world->hosts[best];
	world_run(world, world->now + world_duration(winner, base_interval(world)) +
				 2 * world->conditions.delay_max + world->conditions.lateness_max);
	left = invariant_one_active(world, 0, "one interval after the link healed");
	if (left != NOBODY && left != best)
		world_breach(world, "router %u, not %u, won after the link healed", left, best);
}

/* A Backup set above everyone takes over within its Active_Down. */
static void raise_backup(struct world *world, unsigned int active)
{
	const unsigned int chosen = (active + 1 + pick(world, world->count - 1)) % world->count;
	struct host *host = &world->hosts[chosen];
	const uint64_t interval = base_interval(world);
	uint64_t skew, highest = 0;

	for (unsigned int i = 0; i < world->count; i++) {
		if (world->hosts[i].configuration.priority > highest)
			highest = world->hosts[i].configuration.priority;
	}
	if (highest >= VRRP_PRIORITY_MAX || !host->configuration.preempt)
		return;
	host->configuration.priority =
		(uint8_t)random_between(&world->random, highest + 1, VRRP_PRIORITY_MAX);
	skew = host->configuration.version == VRRP_VERSION_2 ? VRRP_SECOND : interval;
	skew = (256 - host->configuration.priority) * skew / 256;
	world_configure(world, chosen);
	world_run(world, world->now + world_duration(host, down_adverts(world) * interval + skew) +
				 2 * world->conditions.delay_max +
				 2 * world->conditions.lateness_max);
	if (invariant_one_active(world, 0, "after a Backup was set above the Active") != NOBODY &&
		!host_is(host, VRRP_STATE_ACTIVE))
		world_breach(world, "router %u was set above the Active and is not Active", chosen);
}

static void lower_active(struct world *world, unsigned int active)
{
	struct host *host = &world->hosts[active];

	if (host->configuration.priority == VRRP_PRIORITY_OWNER)
		return;
	host->configuration.priority = VRRP_PRIORITY_MIN;
	world_configure(world, active);
	settle(world, "after the Active was set below the others");
}

/* Something that the Active tracks fails: another takes over in the time of an orderly stop. */
static void fail_active(struct world *world, unsigned int active)
{
	const uint64_t since = world->now;
	bool failed;
	unsigned int tracker = health_find(&world->hosts[active], true, &failed);

	health_change(world, active, tracker, true, failed);
	if (!invariant_takeover(world, active, since, true))
		return;
	health_change(world, active, tracker, true, !failed);
	settle(world, "after a router's fault was gone");
	health_forget(world, active);
}

/* Or it weighs the Active down: then the one with the highest priority that is left is Active. */
static void weigh_down(struct world *world, unsigned int active)
{
	bool failed;
	unsigned int tracker = health_find(&world->hosts[active], false, &failed);

	if (tracker == SIM_TRACKERS)
		return;
	health_change(world, active, tracker, true, failed);
	settle(world, "after a tracker lowered the Active");
	wander(world);
	health_forget(world, active);
	settle(world, "after the tracker was good again");
}

/* Version 3 follows the Active's interval: nothing happens, though up to two adverts in a row are
 * lost, and a takeover goes by the new interval. */
static void set_interval(struct world *world, unsigned int active)
{
	struct vrrp_configuration *configuration = &world->hosts[active].configuration;
	const uint64_t interval = base_interval(world);
	const bool longer = interval < 40 * VRRP_MILLISECOND || random_chance(&world->random, 50);
	const unsigned int lost = pick(world, 3);
	const uint64_t before = world->transitions, sent = world->hosts[active].sent;

	/* The first router's interval is the one all others go back to. */
	if (configuration->version == VRRP_VERSION_2 || active == 0)
		return;
	configuration->interval = longer ? 5 * interval : interval / 2;
	if (lost > 0)
		world->conditions.loss_percent = 100;
	world_configure(world, active);
	while (world->hosts[active].sent < sent + lost && !world->breach[0])
		world_run(world, world->now + interval / 100);
	world->conditions.loss_percent = 0;
	world_run(world, world->now + 5 * interval);
	if (world->transitions != before) {
		world_breach(world, "a longer interval of the Active cost %llu transitions",
			(unsigned long long)(world->transitions - before));
		return;
	}
	if (!invariant_stable(world, 10 * configuration->interval))
		return;
	wander(world);
	crash(world, active);
}

/* The Active stands still until another takes over, then goes on: within an interval one is left.
 */
static void pause_active(struct world *world, unsigned int active)
{
	const uint64_t interval = base_interval(world);

	world_pause(world, active,
		random_between(&world->random, (2u + down_adverts(world)) * interval,
			(5u + down_adverts(world)) * interval) +
			VRRP_SECOND);
	world_run(world, world->hosts[active].paused_until +
				 world_duration(&world->hosts[active], interval) +
				 4 * world->conditions.delay_max + world->conditions.lateness_max);
	invariant_one_active(world, 0, "one interval after a paused router went on");
}

static void disturb(struct world *world)
{
	const unsigned int index = pick(world, world->count);
	struct host *host = &world->hosts[index];
	const uint64_t interval = base_interval(world);

	if (!host->alive) {
		world_boot(world, index);
		return;
	}
	if (host->paused_until)
		return;
	switch (pick(world, 8)) {
	case 0:
		world_crash(world, index);
		break;
	case 1:
		world_pause(world, index, random_between(&world->random, 1, 6 * interval));
		break;
	case 2:
		world_link(world, index, !host->link_up);
		break;
	case 3:
		host->segment ^= 1;
		break;
	case 4:
		world_event(world, index, &(struct vrrp_event){.type = VRRP_EVENT_SHUTDOWN});
		break;
	case 5:
		world_event(world, index, &(struct vrrp_event){.type = VRRP_EVENT_START});
		break;
	case 6:
		health_change(world, index, pick(world, SIM_TRACKERS),
			random_chance(&world->random, 90), random_chance(&world->random, 50));
		break;
	default:
		if (host->configuration.priority != VRRP_PRIORITY_OWNER)
			host->configuration.priority =
				(uint8_t)random_between(&world->random, 1, VRRP_PRIORITY_MAX);
		world_configure(world, index);
		break;
	}
}

static void heal(struct world *world)
{
	calm(world);
	for (unsigned int i = 0; i < world->count; i++) {
		struct host *host = &world->hosts[i];

		host->segment = 0;
		if (!host->alive) {
			world_boot(world, i);
			continue;
		}
		world_link(world, i, true);
		health_forget(world, i);
		world_event(world, i, &(struct vrrp_event){.type = VRRP_EVENT_START});
		world_configure(world, i);
	}
}

/* Everything at once, on a bad link; only what must hold even then is checked, until it heals. */
static void chaos(struct world *world)
{
	const uint64_t interval = base_interval(world), began = world->now;
	uint64_t sent[SIM_ROUTERS_MAX], causes[SIM_ROUTERS_MAX];

	for (unsigned int i = 0; i < world->count; i++) {
		sent[i] = world->hosts[i].sent;
		causes[i] = invariant_causes(&world->hosts[i]);
	}
	world->conditions = (struct conditions){
		.loss_percent = pick(world, 60),
		.duplicate_percent = pick(world, 30),
		.reorders = true,
		.apply_failure_percent = 5,
		.delay_max = random_between(&world->random, interval / 100, interval),
		.lateness_max = interval / 20,
	};
	for (unsigned int i = 20 + pick(world, 40); i > 0 && !world->breach[0]; i--) {
		world_run(world, world->now + random_between(&world->random, 0, 2 * interval));
		disturb(world);
	}
	/* Until the last pause is over. */
	world_run(world, world->now + 7 * interval);
	for (unsigned int i = 0; i < world->count; i++)
		invariant_bounded(world, i, sent[i], causes[i], world->now - began);
	heal(world);
	settle(world, "after all faults were healed");
}

static void live(struct world *world)
{
	static void (*const episodes[])(struct world *, unsigned int) = {crash, stop, split,
		raise_backup, lower_active, fail_active, weigh_down, set_interval, pause_active};
	const unsigned int episode_count = sizeof(episodes) / sizeof(episodes[0]);

	calm(world);
	for (unsigned int i = 0; i < world->count; i++) {
		world_boot(world, i);
		wander(world);
	}
	settle(world, "after the start");
	for (unsigned int i = 0; i < EPISODES && !world->breach[0]; i++) {
		unsigned int chosen = pick(world, episode_count + 1), active;

		if (!invariant_stable(world, 8 * base_interval(world)))
			return;
		wander(world);
		active = invariant_settled(world, 0, "before an episode");
		if (active == NOBODY)
			return;
		if (chosen == episode_count)
			chaos(world);
		else
			episodes[chosen](world, active);
		if (!world->breach[0])
			settle(world, "after an episode");
	}
}

bool scenario_run(const struct scenario_options *options, char *breach, size_t size)
{
	struct world world = {
		.random = {options->seed},
		.mutation = options->mutation,
		.trace = options->trace,
	};

	world.count = (unsigned int)random_between(&world.random, 2, SIM_ROUTERS_MAX);
	if (options->routers)
		world.count = options->routers;
	choose_hosts(&world);
	live(&world);
	snprintf(breach, size, "%s", world.breach);
	world_free(&world);
	return breach[0] == '\0';
}
