/* SPDX-License-Identifier: ISC */
/* Does the network management see the agent? */
#include <errno.h>
#include <string.h>

#include "agent/ctl/doctor/finding.h"
#include "agent/ctl/doctor/keepalived.h"
#include "agent/ctl/doctor/masterping.h"

static const struct {
	const char *module, *subtree;
} subtrees[] = {
	{"VRRPV3-MIB", "1.3.6.1.2.1.207"},
	{"VRRP-MIB", "1.3.6.1.2.1.68"},
	{"KEEPALIVED-MIB", "1.3.6.1.4.1.9586.100.5"},
};

#define RESTART "; then systemctl restart snmpd"

static const json_t *snmp_of(const struct patient *patient)
{
	return json_object_get(patient->facts, "snmp");
}

static const char *session_of(const struct patient *patient)
{
	const char *session = json_string_value(json_object_get(snmp_of(patient), "session"));

	return session ? session : "never";
}

/* By its file, as far as that can be read. */
static bool listens_elsewhere(const struct patient *patient, const char *address)
{
	return patient->snmpd->read && !snmpdconf_listens(patient->snmpd, address);
}

/* The agent itself learns only after a while that a master says nothing any more. */
static bool is_silent(const struct patient *patient, const char *path, struct finding *finding)
{
	switch (path ? masterping_ask(path) : MASTERPING_UNKNOWN) {
	case MASTERPING_SILENT:
		finding_set(finding, VERDICT_PROBLEM,
			"snmpd hangs: it says nothing at its AgentX socket %s", path);
		finding_remedy(finding, "systemctl restart snmpd");
		return true;
	case MASTERPING_ABSENT:
		finding_set(
			finding, VERDICT_PROBLEM, "no snmpd listens at the AgentX socket %s", path);
		if (listens_elsewhere(patient, path))
			finding_remedy(finding,
				"let %s say: agentXSocket unix:%s; and systemctl restart snmpd",
				patient->snmpd_path, path);
		else
			finding_remedy(finding, "systemctl start snmpd");
		return true;
	default:
		return false;
	}
}

static void examine_session(const struct patient *patient, struct finding *finding)
{
	const char *problem = json_string_value(json_object_get(snmp_of(patient), "problem"));
	const char *path = json_string_value(json_object_get(snmp_of(patient), "socket"));
	const char *session = session_of(patient);

	if (strcmp(session, "never") == 0) {
		finding_set(finding, VERDICT_ADVICE, "the agent runs without SNMP");
		finding_remedy(finding, "start vrrp-agent without --no-snmp");
	} else if (problem && strcmp(problem, strerror(ELIBACC)) == 0) {
		finding_set(finding, VERDICT_PROBLEM, "the libraries of net-snmp are missing");
		finding_remedy(
			finding, "apt install libsnmp40, or start vrrp-agent with --no-snmp");
	} else if (is_silent(patient, path, finding)) {
		return;
	} else if (strcmp(session, "attached") == 0) {
		finding_set(finding, VERDICT_GOOD, "attached to snmpd");
	} else {
		finding_set(finding, VERDICT_PROBLEM, "snmpd does not answer over AgentX%s%s",
			problem ? ": " : "", problem ? problem : "");
		finding_remedy(finding, "systemctl status snmpd");
	}
}

static void examine_master(const struct patient *patient, struct finding *finding)
{
	const char *session = session_of(patient);

	if (strcmp(session, "attached") == 0)
		finding_set(finding, VERDICT_GOOD, "snmpd is an AgentX master");
	else if (!patient->snmpd->read)
		finding_set(finding, VERDICT_ADVICE, "%s can't be read", patient->snmpd_path);
	else if (patient->snmpd->master)
		finding_set(finding, VERDICT_GOOD, "%s makes snmpd an AgentX master",
			patient->snmpd_path);
	else {
		finding_set(finding, VERDICT_PROBLEM, "%s does not make snmpd an AgentX master",
			patient->snmpd_path);
		finding_remedy(finding, "add to %s: master agentx" RESTART, patient->snmpd_path);
	}
}

static void examine_socket(const struct patient *patient, struct finding *finding)
{
	const char *ours = json_string_value(json_object_get(snmp_of(patient), "master"));
	const char *problem = json_string_value(json_object_get(snmp_of(patient), "problem"));

	if (strcmp(session_of(patient), "trying") != 0) {
		finding_set(finding, VERDICT_GOOD, "the AgentX socket is open to the agent");
	} else if (problem && strcmp(problem, strerror(EACCES)) == 0) {
		finding_set(finding, VERDICT_PROBLEM, "the AgentX socket is closed to the agent");
		finding_remedy(finding,
			"add to %s: agentXPerms 0660 0755 Debian-snmp vrrp-agent" RESTART,
			patient->snmpd_path);
	} else if (ours && listens_elsewhere(patient, ours)) {
		finding_set(finding, VERDICT_PROBLEM,
			"snmpd listens for AgentX at %s, the agent looks at %s",
			snmpdconf_socket(patient->snmpd), ours);
		finding_remedy(finding, "let global_defs say: snmp_socket %s",
			snmpdconf_socket(patient->snmpd));
	} else {
		finding_set(finding, VERDICT_GOOD, "both name the same AgentX socket");
	}
}

static void examine_registration(const struct patient *patient, struct finding *finding)
{
	const json_t *taken = json_object_get(snmp_of(patient), "taken");

	if (json_array_size(taken) == 0) {
		finding_set(finding, VERDICT_GOOD, "no other subagent serves our objects");
		return;
	}
	finding_set(finding, VERDICT_PROBLEM, "another subagent serves %s%s",
		json_string_value(json_array_get(taken, 0)),
		json_array_size(taken) > 1 ? " and more" : "");
	finding_remedy(finding, "end keepalived's SNMP support: run it without -x");
}

/* AgentX lets it register single columns below our roots, and the longer name wins. */
static void examine_keepalived(const struct patient *patient, struct finding *finding)
{
	switch (keepalived_look(
		(uint64_t)json_integer_value(json_object_get(patient->facts, "network")))) {
	case KEEPALIVED_SERVES_SNMP:
		finding_set(finding, VERDICT_PROBLEM,
			"keepalived runs here with -x: it answers for objects that are ours");
		finding_remedy(finding, "systemctl disable --now keepalived, or run it without -x");
		break;
	case KEEPALIVED_RUNS:
		finding_set(finding, VERDICT_ADVICE, "keepalived runs here as well");
		finding_remedy(finding, "systemctl disable --now keepalived, unless its virtual "
					"routers are others than ours");
		break;
	case KEEPALIVED_NONE:
		finding_set(finding, VERDICT_GOOD, "no keepalived runs beside the agent");
		break;
	}
}

static bool is_served(const struct patient *patient, const char *module)
{
	const json_t *served = json_object_get(snmp_of(patient), "served");
	const json_t *name;
	size_t index;

	json_array_foreach(served, index, name)
	{
		if (strcmp(json_string_value(name), module) == 0)
			return true;
	}
	return false;
}

/* One more piece behind what is there. */
static void append(char *out, size_t room, const char *before, const char *text)
{
	const size_t length = strlen(out);

	snprintf(out + length, room - length, "%s%s", before, text);
}

static void examine_view(const struct patient *patient, struct finding *finding)
{
	char modules[128] = "", lines[256] = "";

	if (!patient->snmpd->read) {
		finding_set(finding, VERDICT_ADVICE, "%s can't be read", patient->snmpd_path);
		return;
	}
	for (size_t i = 0; i < sizeof(subtrees) / sizeof(subtrees[0]); i++) {
		if (!is_served(patient, subtrees[i].module) ||
			snmpdrules_anybody(&patient->snmpd->rules, subtrees[i].subtree))
			continue;
		append(modules, sizeof(modules), modules[0] ? ", " : "", subtrees[i].module);
		append(lines, sizeof(lines), "view vrrp included .", subtrees[i].subtree);
		append(lines, sizeof(lines), "; ", "");
	}
	if (!modules[0]) {
		finding_set(finding, VERDICT_GOOD, "somebody may read what the agent serves");
		return;
	}
	finding_set(finding, VERDICT_PROBLEM,
		"nobody may read %s: no view of %s that is granted shows it", modules,
		patient->snmpd_path);
	finding_remedy(finding, "add to %s: %sand grant it: rouser USER priv -V vrrp" RESTART,
		patient->snmpd_path, lines);
}

/* What a line does, and what to write instead. */
static const struct {
	enum verdict verdict;
	const char *text, *remedy;
} openness[] = {
	[SNMPD_READ_BY_ALL] = {VERDICT_ADVICE,
		"shows the virtual routers to everybody, without a key",
		"rouser USER priv -V VIEW; or name who may ask: rocommunity COMMUNITY 192.0.2.0/24 "
		"-V VIEW"},
	[SNMPD_WRITTEN_HERE] = {VERDICT_ADVICE,
		"lets each user of this host change the virtual routers",
		"rwuser USER priv -V VIEW"},
	[SNMPD_WRITTEN_LOOSE] = {VERDICT_PROBLEM,
		"lets others change the virtual routers without a key: whoever sees one packet can "
		"move the addresses",
		"rwuser USER priv -V VIEW"},
};

/* The one that leaves most open, and how open. */
static const struct snmpd_grant *most_open(
	const struct patient *patient, enum snmpd_openness *worst)
{
	const struct snmpd_rules *rules = &patient->snmpd->rules;
	const struct snmpd_grant *found = NULL;

	*worst = SNMPD_CLOSED;
	for (size_t i = 0; i < rules->grant_count; i++) {
		for (size_t j = 0; j < sizeof(subtrees) / sizeof(subtrees[0]); j++) {
			enum snmpd_openness open =
				snmpdrules_openness(rules, &rules->grants[i], subtrees[j].subtree);

			if (open <= *worst || !is_served(patient, subtrees[j].module))
				continue;
			*worst = open;
			found = &rules->grants[i];
		}
	}
	return found;
}

static void examine_access(const struct patient *patient, struct finding *finding)
{
	enum snmpd_openness worst;
	const struct snmpd_grant *grant;

	if (!patient->snmpd->read) {
		finding_set(finding, VERDICT_ADVICE, "%s can't be read", patient->snmpd_path);
		return;
	}
	grant = most_open(patient, &worst);
	if (!grant) {
		finding_set(finding, VERDICT_GOOD,
			"what the agent serves is open to nobody without a key, or only to hosts "
			"that are named");
		return;
	}
	finding_set(finding, openness[worst].verdict, "%s %s", grant->place, openness[worst].text);
	finding_remedy(finding, "instead of %s: %s", grant->place, openness[worst].remedy);
}

static void examine_address(const struct patient *patient, struct finding *finding)
{
	if (!patient->snmpd->read) {
		finding_set(finding, VERDICT_ADVICE, "%s can't be read", patient->snmpd_path);
	} else if (patient->snmpd->outside) {
		finding_set(finding, VERDICT_GOOD, "snmpd listens on more than the loopback");
	} else {
		finding_set(finding, VERDICT_ADVICE,
			"snmpd listens on the loopback only: no other host can ask it");
		finding_remedy(finding, "add to %s: agentAddress udp:161,udp6:161" RESTART,
			patient->snmpd_path);
	}
}

static void examine_notifications(const struct patient *patient, struct finding *finding)
{
	bool traps = json_is_true(json_object_get(snmp_of(patient), "traps"));

	if (traps && patient->snmpd->sinks) {
		finding_set(finding, VERDICT_GOOD, "notifications are sent, and go somewhere");
	} else if (traps) {
		finding_set(finding, VERDICT_PROBLEM, "snmpd has nowhere to send notifications to");
		finding_remedy(finding,
			"add to %s: trap2sink HOST COMMUNITY, or a trapsess line" RESTART,
			patient->snmpd_path);
	} else if (patient->snmpd->sinks) {
		finding_set(finding, VERDICT_ADVICE, "no notification is sent of a failover");
		finding_remedy(finding, "add to global_defs: enable_traps");
	} else {
		finding_set(finding, VERDICT_NOT_ASKED, "notifications are not asked for");
	}
}

const struct check snmp_checks[] = {
	{"snmpd", examine_session},
	{"agentx-master", examine_master},
	{"agentx-socket", examine_socket},
	{"registration", examine_registration},
	{"keepalived", examine_keepalived},
	{"view", examine_view},
	{"access", examine_access},
	{"listening", examine_address},
	{"notifications", examine_notifications},
	{0},
};
