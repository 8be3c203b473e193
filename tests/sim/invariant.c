/* SPDX-License-Identifier: ISC */
#include "tests/sim/invariant.h"

#include "vrrp/protocol/limits.h"

#define SECONDS(ns) ((double)(ns) / VRRP_SECOND)

bool invariant_beats(const struct host *host, const struct host *other)
{
	if (host->router.state.priority != other->router.state.priority)
		return host->router.state.priority > other->router.state.priority;
	return vrrp_address_compare(&host->primary, &other->primary) > 0;
}

unsigned int invariant_one_active(struct world *world, unsigned int segment, const char *when)
{
	unsigned int found = NOBODY, count = 0;

	for (unsigned int i = 0; i < world->count; i++) {
		if (world->hosts[i].segment != segment)
			continue;
		if (host_is(&world->hosts[i], VRRP_STATE_ACTIVE)) {
			found = i;
			count++;
		}
	}
	if (count == 1)
		return found;
	world_breach(world, "%.6f: %u routers are Active %s", SECONDS(world->now), count, when);
	return NOBODY;
}

unsigned int invariant_settled(struct world *world, unsigned int segment, const char *when)
{
	const unsigned int active = invariant_one_active(world, segment, when);
	const struct host *best;
	bool all_preempt = true;

	if (active == NOBODY)
		return NOBODY;
	best = &world->hosts[active];
	for (unsigned int i = 0; i < world->count; i++) {
		const struct host *host = &world->hosts[i];

		if (!host->alive || host->segment != segment)
			continue;
		all_preempt = all_preempt && host->configuration.preempt;
		if (host->router.state.priority > best->router.state.priority)
			best = host;
	}
	if (all_preempt && best != &world->hosts[active]) {
		world_breach(world, "%.6f: the Active has priority %u, a Backup %u, %s",
			SECONDS(world->now), world->hosts[active].router.state.priority,
			best->router.state.priority, when);
		return NOBODY;
	}
	if (!world->hosts[active].applied) {
		world_breach(world, "%.6f: the Active lacks its addresses %s", SECONDS(world->now),
			when);
		return NOBODY;
	}
	return active;
}

bool invariant_stable(struct world *world, uint64_t duration)
{
	const unsigned int active = invariant_settled(world, 0, "at the start of a stable period");
	const uint64_t before = world->transitions;
	uint64_t sent[SIM_ROUTERS_MAX], expected;

	if (active == NOBODY)
		return false;
	for (unsigned int i = 0; i < world->count; i++)
		sent[i] = world->hosts[i].sent;
	world_run(world, world->now + duration);
	if (world->transitions != before)
		return world_breach(world, "%.6f: %llu transitions in a stable period",
			SECONDS(world->now), (unsigned long long)(world->transitions - before));
	expected = duration / world_duration(&world->hosts[active],
				      world->hosts[active].configuration.interval);
	for (unsigned int i = 0; i < world->count; i++) {
		const uint64_t count = world->hosts[i].sent - sent[i];
		const uint64_t due = i == active ? expected : 0;

		/* One more by where the period begins, one by adverts that leave early. */
		if (count > due + 2 * (due > 0) || count + 1 < due)
			return world_breach(world, "%.6f: router %u sent %llu adverts, not %llu",
				SECONDS(world->now), i, (unsigned long long)count,
				(unsigned long long)due);
	}
	return true;
}

/* When a Backup takes over, by the RFC's formulas, in the world's time. */
struct window {
	uint64_t earliest, latest;
};

static struct window takeover_window(const struct world *world, const struct host *host,
	const struct host *old, uint64_t since, bool stop)
{
	const struct vrrp_configuration *configuration = &host->configuration;
	const bool version_2 = configuration->version == VRRP_VERSION_2;
	const uint64_t interval = version_2 ? configuration->interval : old->configuration.interval;
	const uint64_t skew_of = version_2 ? VRRP_SECOND : interval;
	const uint64_t skew = (256 - host->router.state.priority) * skew_of / 256;
	const uint64_t wait =
		world_duration(host, (stop ? 0 : configuration->down_adverts * interval) + skew);
	/* A deadline is found some nanoseconds late by rounding between the clocks. */
	const uint64_t rounding = VRRP_MILLISECOND / 1000;

	return (struct window){
		.earliest = since + wait - rounding,
		.latest = since + world->conditions.delay_max + wait +
			  world->conditions.lateness_max + rounding,
	};
}

static bool is_backup(const struct world *world, unsigned int index)
{
	return host_is(&world->hosts[index], VRRP_STATE_BACKUP);
}

/* The Backup of the highest priority, if its advert, however late, reaches the others before the
 * first of them wakes.  Where the clocks differ by more than the skews, a lesser one comes first.
 */
static unsigned int sole_candidate(const struct world *world, const struct window *windows)
{
	for (unsigned int i = 0; i < world->count; i++) {
		const uint8_t priority = world->hosts[i].router.state.priority;
		bool sole = is_backup(world, i);

		for (unsigned int j = 0; j < world->count && sole; j++) {
			if (j != i && is_backup(world, j))
				sole = priority >= world->hosts[j].router.state.priority &&
				       windows[i].latest + world->conditions.delay_max <
					       windows[j].earliest;
		}
		if (sole)
			return i;
	}
	return NOBODY;
}

static uint64_t activations(const struct world *world)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < world->count; i++)
		sum += world->hosts[i].activations;
	return sum;
}

bool invariant_takeover(struct world *world, unsigned int old, uint64_t since, bool stop)
{
	struct window windows[SIM_ROUTERS_MAX], first = {UINT64_MAX, UINT64_MAX};
	const uint64_t before = activations(world);
	unsigned int sole;

	for (unsigned int i = 0; i < world->count; i++) {
		windows[i] =
			takeover_window(world, &world->hosts[i], &world->hosts[old], since, stop);
		if (!is_backup(world, i))
			continue;
		if (windows[i].earliest < first.earliest)
			first.earliest = windows[i].earliest;
		if (windows[i].latest < first.latest)
			first.latest = windows[i].latest;
	}
	if (first.latest == UINT64_MAX)
		return true;
	sole = sole_candidate(world, windows);
	if (first.earliest > world->now)
		world_run(world, first.earliest);
	if (activations(world) != before)
		return world_breach(world, "%.6f: a takeover before its time, %.6f",
			SECONDS(world->now), SECONDS(first.earliest));
	world_run(world, first.latest);
	if (activations(world) == before)
		return world_breach(world, "%.6f: no takeover within 3 intervals, skew and delay",
			SECONDS(world->now));
	world_run(world, first.latest + world->hosts[old].configuration.interval);
	if (sole != NOBODY && activations(world) != before + 1)
		return world_breach(world, "%.6f: %llu routers took over where one was due",
			SECONDS(world->now), (unsigned long long)(activations(world) - before));
	if (sole != NOBODY && !host_is(&world->hosts[sole], VRRP_STATE_ACTIVE))
		return world_breach(world, "%.6f: the wrong router took over", SECONDS(world->now));
	return !world->breach[0];
}

uint64_t invariant_causes(const struct host *host)
{
	return host->commands + host->activations;
}

bool invariant_bounded(struct world *world, unsigned int index, uint64_t sent_before,
	uint64_t caused_before, uint64_t duration)
{
	const struct host *host = &world->hosts[index];
	/* Once each interval by itself, and 4 answers, 4 more at once; a clock may be 1 % fast. */
	const uint64_t intervals = duration * 102 / 100 / host->configuration.interval + 1;
	const uint64_t most = 5 * intervals + 4 + 2 * (invariant_causes(host) - caused_before);

	if (host->sent - sent_before > most)
		return world_breach(world, "%.6f: router %u sent %llu adverts, more than %llu",
			SECONDS(world->now), index, (unsigned long long)(host->sent - sent_before),
			(unsigned long long)most);
	return true;
}
