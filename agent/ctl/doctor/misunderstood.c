/* SPDX-License-Identifier: ISC */
#include "agent/ctl/doctor/misunderstood.h"

#include <stdbool.h>
#include <string.h>

/* Of two intervals one at least has an advertisement; nobody waits longer for an answer. */
#define INTERVALS     2.5
#define WAIT_SHORTEST 1.0
#define WAIT_LONGEST  10.0

/* Of the words of `drops`, what has to be alike on both sides.  Those that are missing here are no
 * sign of another host's advertisements (echoes of our own ones, a farewell), or told of elsewhere.
 */
static const struct reason {
	const char *drop, *remedy;
} reasons[] = {
	{"ttl", "it must be on this very link: nothing may forward VRRP"},
	{"version", "give both the same `version`"},
	{"type", "is it VRRP at all?"},
	{"truncated", "give both the same `version`"},
	{"no-address", "give the other one virtual_ipaddress too"},
	{"no-trailer", "is it CARP?  then give this router another virtual_router_id"},
	{"surplus", "give both the same `version` and `authentication`"},
	{"checksum", "set v3_checksum_as_v2 alike on both"},
	{"interval-zero", "give the other one an advert_int"},
	{"version-differs", "give both the same `version`"},
	{"destination", "let both use multicast, or both unicast_peer"},
	{"source", "give the other one an address it may send from"},
	{"auth-unknown", "give both the same `authentication`"},
	{"auth-type", "give both the same auth_type"},
	{"auth-failed", "give both the same auth_pass"},
	{"auth-replayed", "restart the other one, or stop who repeats its packets"},
	{"not-a-peer", "name it in unicast_peer, or give it another virtual_router_id"},
	{"interval-differs", "give both the same advert_int"},
	{"addresses-differ", "give both the same virtual_ipaddress"},
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

static json_int_t dropped(const json_t *router, const struct reason *reason)
{
	return json_integer_value(json_object_get(json_object_get(router, "drops"), reason->drop));
}

static bool has_dropped(const json_t *router)
{
	for (size_t i = 0; i < REASONS; i++) {
		if (dropped(router, &reasons[i]) > 0)
			return true;
	}
	return false;
}

/* What the router heard between the two looks; NULL: nothing that was wrong. */
static const struct reason *heard_between(const json_t *then, const json_t *now)
{
	for (size_t i = 0; then && i < REASONS; i++) {
		if (dropped(now, &reasons[i]) > dropped(then, &reasons[i]))
			return &reasons[i];
	}
	return NULL;
}

double misunderstood_wait(const json_t *shown)
{
	const json_t *router;
	double wait = 0;
	size_t index;

	json_array_foreach(json_object_get(shown, "routers"), index, router)
	{
		double own =
			INTERVALS * json_number_value(json_object_get(router, "advert_interval"));

		if (!has_dropped(router))
			continue;
		own = own < WAIT_SHORTEST ? WAIT_SHORTEST : own;
		wait = own > wait ? own : wait;
	}
	return wait > WAIT_LONGEST ? WAIT_LONGEST : wait;
}

static const json_t *named(const json_t *shown, const char *name)
{
	const json_t *router;
	size_t index;

	json_array_foreach(json_object_get(shown, "routers"), index, router)
	{
		const char *its = json_string_value(json_object_get(router, "name"));

		if (its && name && strcmp(its, name) == 0)
			return router;
	}
	return NULL;
}

/* Whether the router is Active and drops what somebody sends for it. */
static bool examine_router(const json_t *then, const json_t *now, struct finding *finding)
{
	const char *name = json_string_value(json_object_get(now, "name"));
	const struct reason *reason = heard_between(then, now);

	if (!reason || !router_is_active(then) || !router_is_active(now))
		return false;
	finding_set(finding, VERDICT_PROBLEM,
		"%s is active here, and another host advertises it too and is not "
		"understood (%s): both may hold the addresses",
		name, reason->drop);
	finding_remedy(finding, "%s; `vrrpctl log %s` tells who it is", reason->remedy, name);
	return true;
}

typedef bool (*router_judge)(const json_t *then, const json_t *now, struct finding *finding);

/* Judges the routers by both looks until one is found wanting; false: none is. */
static bool judge_routers(
	const struct patient *patient, router_judge judge, struct finding *finding)
{
	const json_t *router;
	size_t index;

	json_array_foreach(json_object_get(patient->later, "routers"), index, router)
	{
		const char *name = json_string_value(json_object_get(router, "name"));

		if (judge(named(patient->shown, name), router, finding))
			return true;
	}
	return false;
}

void misunderstood_examine(const struct patient *patient, struct finding *finding)
{
	judge_routers(patient, examine_router, finding);
}

static bool hears_wrong_ones(const json_t *then, const json_t *now, struct finding *finding)
{
	const char *name = json_string_value(json_object_get(now, "name"));
	const struct reason *reason = heard_between(then, now);

	if (!reason)
		return false;
	finding_set(finding, VERDICT_ADVICE,
		"%s hears advertisements that are wrong (%s): %" JSON_INTEGER_FORMAT
		" since the agent counts",
		name, reason->drop, dropped(now, reason));
	finding_remedy(finding, "%s; `vrrpctl log %s` tells who sends them", reason->remedy, name);
	return true;
}

static bool heard_wrong_ones(const json_t *router, bool looked_again, struct finding *finding)
{
	const char *name = json_string_value(json_object_get(router, "name")), *drop;
	json_t *count;

	json_object_foreach(json_object_get(router, "drops"), drop, count)
	{
		if (json_integer_value(count) == 0)
			continue;
		finding_set(finding, VERDICT_ADVICE,
			"%s heard %" JSON_INTEGER_FORMAT " advertisements that were wrong (%s)%s",
			name, json_integer_value(count), drop,
			looked_again ? ", none of them just now" : "");
		finding_remedy(finding, "vrrpctl log %s tells who sends them", name);
		return true;
	}
	return false;
}

void misunderstood_neighbours(const struct patient *patient, struct finding *finding)
{
	const json_t *router;
	size_t index;

	if (judge_routers(patient, hears_wrong_ones, finding))
		return;
	json_array_foreach(json_object_get(patient->shown, "routers"), index, router)
	{
		if (heard_wrong_ones(router, patient->later != NULL, finding))
			return;
	}
	finding_set(
		finding, VERDICT_GOOD, "all advertisements that were heard fit the configuration");
}
