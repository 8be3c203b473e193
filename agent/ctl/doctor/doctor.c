/* SPDX-License-Identifier: ISC */
#include "agent/ctl/doctor/doctor.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/ctl/doctor/finding.h"
#include "agent/ctl/doctor/misunderstood.h"
#include "agent/ctl/request.h"

#define DOCTOR_SCHEMA 1

static const struct {
	const char *word, *mark, *colour;
} verdicts[] = {
	[VERDICT_GOOD] = {"good", "ok", "\033[32m"},
	[VERDICT_NOT_ASKED] = {"not-asked", "-", ""},
	[VERDICT_ADVICE] = {"advice", "note", "\033[33m"},
	[VERDICT_PROBLEM] = {"problem", "PROBLEM", "\033[31m"},
};

void finding_set(struct finding *finding, enum verdict verdict, const char *format, ...)
{
	va_list arguments;

	finding->verdict = verdict;
	va_start(arguments, format);
	vsnprintf(finding->text, sizeof(finding->text), format, arguments);
	va_end(arguments);
}

void finding_remedy(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->remedy, sizeof(finding->remedy), format, arguments);
	va_end(arguments);
}

bool router_is_active(const json_t *router)
{
	const char *state = json_string_value(json_object_get(router, "state"));

	return state && strcmp(state, "active") == 0;
}

static void print_finding(const struct finding *finding, bool colour)
{
	printf("%s%-8s%s %s\n", colour ? verdicts[finding->verdict].colour : "",
		verdicts[finding->verdict].mark, colour ? "\033[0m" : "", finding->text);
	if (finding->remedy[0])
		printf("%-8s -> %s\n", "", finding->remedy);
}

/* Adds the findings to the list, if there is one, else prints them.  How many problems there were.
 */
static unsigned run(const struct check *checks, const struct patient *patient, json_t *list)
{
	unsigned problems = 0;

	for (; checks->name; checks++) {
		struct finding finding = {0};

		checks->examine(patient, &finding);
		problems += finding.verdict == VERDICT_PROBLEM;
		if (list)
			json_array_append_new(
				list, json_pack("{s:s, s:s, s:s, s:s}", "check", checks->name,
					      "verdict", verdicts[finding.verdict].word, "text",
					      finding.text, "remedy", finding.remedy));
		else
			print_finding(&finding, isatty(STDOUT_FILENO));
	}
	return problems;
}

static int examine(const struct patient *patient, bool json)
{
	json_t *list = json ? json_array() : NULL;
	unsigned problems = run(snmp_checks, patient, list) + run(agent_checks, patient, list);

	if (json) {
		json_t *document =
			json_pack("{s:i, s:o}", "schema", DOCTOR_SCHEMA, "findings", list);

		request_print(document);
		json_decref(document);
	}
	return problems ? 1 : 0;
}

/* NULL: one look is enough, or there is no second answer. */
static json_t *look_again(const char *socket, const json_t *shown)
{
	double wait = misunderstood_wait(shown);
	struct timespec time = {(time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9)};

	if (wait <= 0)
		return NULL;
	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
	return request_answer(socket, json_pack("{s:s}", "command", "show"));
}

int doctor_command(const char *socket, bool json, const char *snmpd_conf)
{
	json_t *shown = request_answer(socket, json_pack("{s:s}", "command", "show"));
	json_t *facts =
		shown ? request_answer(socket, json_pack("{s:s}", "command", "facts")) : NULL;
	json_t *later = facts ? look_again(socket, shown) : NULL;
	struct snmpdconf conf;
	int status = 1;

	snmpdconf_read(&conf, snmpd_conf);
	if (facts)
		status = examine(&(struct patient){shown, later, facts, &conf, snmpd_conf}, json);
	json_decref(shown);
	json_decref(later);
	json_decref(facts);
	return status;
}
