/* SPDX-License-Identifier: ISC */
/* Is the agent itself well, and do its neighbours agree with it? */
#include <stdbool.h>
#include <string.h>

#include "agent/ctl/doctor/confinement.h"
#include "agent/ctl/doctor/finding.h"
#include "agent/ctl/doctor/misunderstood.h"
#include "agent/ctl/fault.h"

/* So many intervals without an advertisement are silence. */
#define SILENCE 4

/* Seconds: what has passed before them may have been a link that was down. */
#define UNSENT_LATELY 60

/* Seconds: an interval is 40 s at most (version 3), or as long as a user thought fit (version 2).
 */
#define STRANGERS_LATELY 300

/* Seconds: who goes on with an address is heard, and told of, once a minute at most. */
#define ADDRESS_HEARD 120

static json_int_t number(const json_t *object, const char *member)
{
	return json_integer_value(json_object_get(object, member));
}

static const char *name_of(const json_t *router)
{
	return json_string_value(json_object_get(router, "name"));
}

static void examine_realtime(const struct patient *patient, struct finding *finding)
{
	const json_t *process = json_object_get(patient->facts, "process");

	if (number(process, "real_time_priority") > 0) {
		finding_set(finding, VERDICT_GOOD, "the engine is scheduled in real time");
		return;
	}
	finding_set(finding, VERDICT_ADVICE,
		"the engine is not scheduled in real time: on a busy machine it may be late");
	finding_remedy(finding, "in the unit: LimitRTPRIO=infinity, and no RestrictRealtime=yes");
}

static void examine_memory(const struct patient *patient, struct finding *finding)
{
	if (number(json_object_get(patient->facts, "process"), "locked_memory") > 0) {
		finding_set(finding, VERDICT_GOOD, "the engine's memory is locked");
		return;
	}
	finding_set(finding, VERDICT_ADVICE, "the engine's memory may be swapped out");
	finding_remedy(finding, "in the unit: LimitMEMLOCK=infinity");
}

static void examine_lateness(const struct patient *patient, struct finding *finding)
{
	const json_t *engine = json_object_get(patient->shown, "engine");
	double worst = json_number_value(json_object_get(engine, "worst_lateness"));

	if (worst < 0.1)
		finding_set(finding, VERDICT_GOOD, "the engine was never later than %.1f ms",
			worst * 1000);
	else
		finding_set(finding, VERDICT_ADVICE,
			"the engine was %.0f ms late once, %.0f s ago: something held the whole "
			"machine up, or the engine has no real-time scheduling",
			worst * 1000,
			json_number_value(json_object_get(engine, "worst_lateness_age")));
}

static bool was_refused_lately(const json_t *object)
{
	const json_t *age = json_object_get(object, "unsent_age");

	return json_is_number(age) && json_number_value(age) < UNSENT_LATELY;
}

/* The first router whose advertisements were refused, or NULL. */
static const json_t *refused_router(const json_t *shown)
{
	const json_t *router;
	size_t index;

	json_array_foreach(json_object_get(shown, "routers"), index, router)
	{
		if (was_refused_lately(router))
			return router;
	}
	return NULL;
}

/* They count as sent, and the others hear none of them. */
static void examine_sending(const struct patient *patient, struct finding *finding)
{
	const json_t *engine = json_object_get(patient->shown, "engine");
	const json_t *router = refused_router(patient->shown);

	if (!was_refused_lately(engine)) {
		finding_set(finding, VERDICT_GOOD,
			"the kernel has lately refused to send no advertisement");
		return;
	}
	finding_set(finding, VERDICT_PROBLEM,
		"the kernel refused to send an advertisement%s%s %.0f s ago (%" JSON_INTEGER_FORMAT
		" of all routers since the start): the others do not hear us",
		router ? " of " : "", router ? name_of(router) : "",
		json_number_value(json_object_get(router ? router : engine, "unsent_age")),
		number(engine, "unsent"));
	finding_remedy(finding,
		"`vrrpctl log %s` says why; where that is \"Operation not permitted\", a firewall "
		"of this host: nft list ruleset",
		router ? name_of(router) : "engine");
}

static void examine_files(const struct patient *patient, struct finding *finding)
{
	const json_t *file;
	size_t index;

	json_array_foreach(json_object_get(patient->facts, "files"), index, file)
	{
		if (!json_is_true(json_object_get(file, "changed")))
			continue;
		finding_set(finding, VERDICT_ADVICE, "%s has changed since the agent read it",
			json_string_value(json_object_get(file, "file")));
		finding_remedy(finding, "vrrpctl config check && vrrpctl config reload");
		return;
	}
	finding_set(finding, VERDICT_GOOD, "the configuration in force is the one on the disk");
}

/* Says what is wrong with a router; false: nothing is. */
typedef bool router_check(const json_t *router, struct finding *finding);

/* The first router that something is wrong with is told of. */
static void examine_routers(const struct patient *patient, struct finding *finding,
	router_check *is_wrong, const char *good)
{
	const json_t *router;
	size_t index;

	json_array_foreach(json_object_get(patient->shown, "routers"), index, router)
	{
		if (is_wrong(router, finding))
			return;
	}
	finding_set(finding, VERDICT_GOOD, "%s", good);
}

#define FAILED_ROOM 256

/* What is tracked without a weight, and is why: ": eth1 (interface) down". */
static void write_failed(char out[FAILED_ROOM], const json_t *router)
{
	const json_t *tracker;
	size_t index;

	out[0] = '\0';
	json_array_foreach(json_object_get(router, "trackers"), index, tracker)
	{
		bool reverse = json_is_true(json_object_get(tracker, "reverse"));
		const char *state = json_string_value(json_object_get(tracker, "state"));
		const size_t length = strlen(out);

		if (!state || strcmp(state, reverse ? "ok" : "failed") != 0 ||
			json_integer_value(json_object_get(tracker, "weight")) != 0)
			continue;
		snprintf(out + length, FAILED_ROOM - length, "%s%s (%s) %s", length ? ", " : ": ",
			json_string_value(json_object_get(tracker, "name")),
			json_string_value(json_object_get(tracker, "kind")),
			json_string_value(json_object_get(tracker, "result")));
	}
}

static bool is_in_fault(const json_t *router, struct finding *finding)
{
	const char *interface = json_string_value(json_object_get(router, "interface"));
	const char *other = fault_other_name(router);
	char fault[FAULT_ROOM], failed[FAILED_ROOM];

	if (json_array_size(json_object_get(router, "faults")) == 0)
		return false;
	fault_write(fault, router);
	write_failed(failed, router);
	finding_set(finding, VERDICT_PROBLEM, "%s is in fault: %s%s", name_of(router), fault,
		strcmp(fault, "tracking") == 0 ? failed : "");
	if (other)
		finding_remedy(finding,
			"ip link set %s name %s; or let the file say `interface %s`", other,
			interface, other);
	else if (json_is_true(json_object_get(router, "interface_missing")))
		finding_remedy(finding, "is %s its right name?  ip link", interface);
	else if (strcmp(fault, "no-address") == 0)
		finding_remedy(finding,
			"ip address show dev %s: one of its family is needed, and the one that "
			"unicast_src_ip or mcast_src_ip names",
			interface);
	else
		finding_remedy(finding, "vrrpctl log %s", name_of(router));
	return true;
}

/* One that is not only in fault because its group is: what the others wait for. */
static bool is_the_cause(const json_t *router, struct finding *finding)
{
	const char *first = json_string_value(json_array_get(json_object_get(router, "faults"), 0));

	return first && strcmp(first, "sync-group") != 0 && is_in_fault(router, finding);
}

static void examine_faults(const struct patient *patient, struct finding *finding)
{
	examine_routers(patient, finding, is_the_cause, "");
	if (finding->verdict != VERDICT_PROBLEM)
		examine_routers(patient, finding, is_in_fault, "no virtual router is in fault");
}

static bool is_out_of_service(const json_t *router, struct finding *finding)
{
	if (!json_is_false(json_object_get(router, "in_service")))
		return false;
	finding_set(finding, VERDICT_ADVICE, "%s is out of service: it will not take over",
		name_of(router));
	finding_remedy(finding, "vrrpctl undrain %s", name_of(router));
	return true;
}

static void examine_service(const struct patient *patient, struct finding *finding)
{
	examine_routers(patient, finding, is_out_of_service, "every virtual router is in service");
}

static void examine_mail(const struct patient *patient, struct finding *finding)
{
	const json_t *mail = json_object_get(patient->shown, "mail");

	if (number(mail, "attempts_failed") == 0) {
		finding_set(finding, VERDICT_GOOD, "no mail is held up");
		return;
	}
	finding_set(finding, VERDICT_ADVICE,
		"mail does not leave: %" JSON_INTEGER_FORMAT
		" attempts have failed one after the other, %" JSON_INTEGER_FORMAT " mails wait",
		number(mail, "attempts_failed"), number(mail, "waiting"));
	finding_remedy(finding, "the log says why; smtp_server of global_defs says where it goes");
}

static void examine_unknown(const struct patient *patient, struct finding *finding)
{
	const json_t *engine = json_object_get(patient->shown, "engine");
	const json_t *age = json_object_get(engine, "vrid_errors_age");
	double ago = json_number_value(age);

	if (!json_is_number(age)) {
		finding_set(finding, VERDICT_GOOD, "no router of an unknown VRID was heard");
		return;
	}
	if (ago >= STRANGERS_LATELY) {
		finding_set(finding, VERDICT_GOOD,
			"no router of an unknown VRID was heard for %.0f s", ago);
		return;
	}
	finding_set(finding, VERDICT_ADVICE,
		"an advertisement of a VRID that no instance here has was heard %.0f s ago "
		"(%" JSON_INTEGER_FORMAT
		" since the start): other routers on the link, or a virtual_router_id that is "
		"mistyped",
		ago, number(engine, "vrid_errors"));
	finding_remedy(finding, "log_unknown_vrids in global_defs has them logged, with VRID and "
				"sender");
}

static bool hears_both_checksums(const json_t *router, struct finding *finding)
{
	const json_t *counters = json_object_get(router, "counters");

	if (number(counters, "checksum_pseudo") == 0 || number(counters, "checksum_message") == 0)
		return false;
	finding_set(finding, VERDICT_ADVICE,
		"%s hears both ways to compute the checksum: its neighbours disagree",
		name_of(router));
	finding_remedy(finding, "set v3_checksum_as_v2 alike on all of them");
	return true;
}

static void examine_checksum(const struct patient *patient, struct finding *finding)
{
	examine_routers(patient, finding, hears_both_checksums,
		"the neighbours compute the checksum in one way");
}

/* Someone whose advertisements go on while ours do. */
static bool is_contested(const json_t *router)
{
	const json_t *heard = json_object_get(router, "last_heard");
	double interval = json_number_value(json_object_get(router, "advert_interval"));

	return router_is_active(router) && json_is_number(heard) &&
	       json_number_value(heard) < SILENCE * interval &&
	       json_number_value(json_object_get(router, "since")) > SILENCE * interval;
}

static bool has_rival(const json_t *router, struct finding *finding)
{
	if (is_contested(router)) {
		finding_set(finding, VERDICT_PROBLEM,
			"%s is active here, and another router sends advertisements too",
			name_of(router));
		finding_remedy(finding,
			"does it hear ours?  there: tcpdump -ni INTERFACE vrrp; a "
			"second pair with the same virtual_router_id needs another");
		return true;
	}
	if (number(json_object_get(router, "drops"), "owner-conflict") == 0)
		return false;
	finding_set(finding, VERDICT_PROBLEM, "another router claims to own the addresses of %s",
		name_of(router));
	finding_remedy(finding, "priority 255 on one of them only");
	return true;
}

static void examine_duplicates(const struct patient *patient, struct finding *finding)
{
	examine_routers(patient, finding, has_rival,
		"nobody else is heard to be active for our virtual routers");
	if (finding->verdict == VERDICT_GOOD)
		misunderstood_examine(patient, finding);
}

/* A host that uses an address may well be silent as a router: it is Active as well and does not get
 * through, or is none. */
static bool shares_address(const json_t *router, struct finding *finding)
{
	const json_t *heard = json_object_get(router, "duplicate_heard");
	double ago = json_number_value(heard);
	const char *name = name_of(router);

	if (json_is_true(json_object_get(router, "address_refused"))) {
		finding_set(finding, VERDICT_PROBLEM,
			"the kernel does not use an address of %s: another host has it", name);
		finding_remedy(
			finding, "take it from the other host; `vrrpctl log %s` names it", name);
		return true;
	}
	if (!router_is_active(router) || !json_is_number(heard) ||
		ago > json_number_value(json_object_get(router, "since")))
		return false;
	finding_set(finding, ago < ADDRESS_HEARD ? VERDICT_PROBLEM : VERDICT_ADVICE,
		"another host used an address of %s %.0f s ago, while it was active here", name,
		ago);
	finding_remedy(finding,
		"`vrrpctl log %s` tells its MAC address; if it is the other router: does it hear "
		"ours?  there: nft list ruleset, tcpdump -ni INTERFACE vrrp",
		name);
	return true;
}

static void examine_addresses(const struct patient *patient, struct finding *finding)
{
	examine_routers(patient, finding, shares_address,
		"no other host was heard to use an address that is held here");
}

static bool has_other_priority(const json_t *router, struct finding *finding)
{
	const char *origin = json_string_value(json_object_get(router, "priority_origin"));

	if (!origin || strcmp(origin, "overlay") != 0)
		return false;
	finding_set(finding, VERDICT_ADVICE,
		"the priority of %s is not the file's: SNMP or vrrpctl has set it",
		name_of(router));
	finding_remedy(finding, "vrrpctl config diff; then config save or config revert");
	return true;
}

static void examine_overlay(const struct patient *patient, struct finding *finding)
{
	examine_routers(
		patient, finding, has_other_priority, "every priority is as the file has it");
}

const struct check agent_checks[] = {
	{"real-time", examine_realtime},
	{"memory", examine_memory},
	{"confinement", confinement_examine},
	{"lateness", examine_lateness},
	{"sending", examine_sending},
	{"configuration", examine_files},
	{"overlay", examine_overlay},
	{"service", examine_service},
	{"faults", examine_faults},
	{"duplicates", examine_duplicates},
	{"addresses", examine_addresses},
	{"neighbours", misunderstood_neighbours},
	{"strangers", examine_unknown},
	{"checksum", examine_checksum},
	{"mail", examine_mail},
	{0},
};
