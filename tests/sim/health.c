/* SPDX-License-Identifier: ISC */
#include "tests/sim/health.h"

#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/tracking.h"

void health_choose(struct world *world, struct host *host)
{
	for (unsigned int i = 0; i < SIM_TRACKERS; i++)
		host->trackers[i] = (struct vrrp_tracked){
			.reverse = random_chance(&world->random, 30),
			.weight = i ? (int32_t)random_between(&world->random, 0, 2 * 253) - 253 : 0,
		};
}

/* From the manual, not from the library. */
static int expected_priority(const struct host *host)
{
	int sum = host->configuration.priority;

	if (sum == VRRP_PRIORITY_OWNER)
		return sum;
	for (unsigned int i = 0; i < SIM_TRACKERS; i++) {
		const struct vrrp_tracked *tracker = &host->trackers[i];
		int size = tracker->weight < 0 ? -tracker->weight : tracker->weight;

		if (!tracker->known)
			continue;
		if (tracker->weight > 0 && !tracker->failed)
			sum += tracker->reverse ? -size : size;
		if (tracker->weight < 0 && tracker->failed)
			sum -= tracker->reverse ? -size : size;
	}
	return sum < 1 ? 1 : sum > 254 ? 254 : sum;
}

static bool expected_fault(const struct host *host)
{
	for (unsigned int i = 0; i < SIM_TRACKERS; i++) {
		const struct vrrp_tracked *tracker = &host->trackers[i];

		if (tracker->known && tracker->weight == 0 &&
			(tracker->reverse ? !tracker->failed : tracker->failed))
			return true;
	}
	return false;
}

static void check(struct world *world, unsigned int index)
{
	const struct host *host = &world->hosts[index];
	const bool fault = host->router.state.faults & VRRP_FAULT_TRACKING;

	if (host->router.state.priority != expected_priority(host))
		world_breach(world, "router %u has priority %u, and its trackers make it %d", index,
			host->router.state.priority, expected_priority(host));
	if (fault != expected_fault(host))
		world_breach(world, "router %u is %sin fault by what it tracks", index,
			fault ? "" : "not ");
}

static void tell(struct world *world, unsigned int index)
{
	const struct host *host = &world->hosts[index];
	struct vrrp_event event = {.type = VRRP_EVENT_TRACKED};

	for (unsigned int i = 0; i < SIM_TRACKERS; i++) {
		event.tracked.sum += vrrp_tracked_weight(&host->trackers[i]);
		event.tracked.failed |= vrrp_tracked_is_fault(&host->trackers[i]);
	}
	mutate_tracked(world->mutation, &event);
	world_event(world, index, &event);
	check(world, index);
}

void health_change(
	struct world *world, unsigned int index, unsigned int tracker, bool known, bool failed)
{
	struct vrrp_tracked *changed = &world->hosts[index].trackers[tracker];

	changed->known = known;
	changed->failed = failed;
	tell(world, index);
}

void health_forget(struct world *world, unsigned int index)
{
	for (unsigned int i = 0; i < SIM_TRACKERS; i++)
		world->hosts[index].trackers[i].known = false;
	tell(world, index);
}

unsigned int health_find(const struct host *host, bool fault, bool *failed)
{
	for (unsigned int i = 0; i < SIM_TRACKERS; i++) {
		struct vrrp_tracked tried = host->trackers[i];

		tried.known = true;
		for (int state = 0; state < 2; state++) {
			tried.failed = *failed = state;
			if (fault ? vrrp_tracked_is_fault(&tried) : vrrp_tracked_weight(&tried) < 0)
				return i;
		}
	}
	return SIM_TRACKERS;
}
