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

static bool is_active(const json_t *router)
{
	const char *state = json_string_value(json_object_get(router, "state"));

	return state && strcmp(state, "active") == 0;
}

static bool has_dropped(const json_t *router)
{
	for (size_t i = 0; i < REASONS; i++) {
		if (dropped(router, &reasons[i]) > 0)
			return true;
	}
	return false;
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

		if (!is_active(router) || !has_dropped(router))
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

	if (!then || !is_active(then) || !is_active(now))
		return false;
	for (size_t i = 0; i < REASONS; i++) {
		if (dropped(now, &reasons[i]) <= dropped(then, &reasons[i]))
			continue;
		finding_set(finding, VERDICT_PROBLEM,
			"%s is active here, and another host advertises it too and is not "
			"understood (%s): both may hold the addresses",
			name, reasons[i].drop);
		finding_remedy(
			finding, "%s; `vrrpctl log %s` tells who it is", reasons[i].remedy, name);
		return true;
	}
	return false;
}

void misunderstood_examine(const struct patient *patient, struct finding *finding)
{
	const json_t *router;
	size_t index;

	json_array_foreach(json_object_get(patient->later, "routers"), index, router)
	{
		const char *name = json_string_value(json_object_get(router, "name"));

		if (examine_router(named(patient->shown, name), router, finding))
			return;
	}
}
