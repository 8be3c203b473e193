/* SPDX-License-Identifier: ISC */
#include "agent/ctl/doctor/confinement.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define NEVER 1000

/* What the filter of system calls refuses, and from which version on Landlock does as well. */
static const struct {
	const char *what;
	int landlock;
} refused[] = {
	{"change files", 1},
	{"run programs", 1},
	{"look into other processes", 1},
	{"truncate files", 3},
	{"signal other processes", 6},
	{"change files' modes and owners", NEVER},
	{"change other processes' limits and scheduling", NEVER},
	{"fork", NEVER},
	{"make sockets", NEVER},
};

/* "this, that and those" that a version of Landlock leaves to it. */
static void list_left(char *text, size_t room, int landlock)
{
	const size_t count = sizeof(refused) / sizeof(refused[0]);
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (landlock >= refused[i].landlock)
			continue;
		length += (size_t)snprintf(text + length, room - length, "%s%s",
			length == 0	 ? ""
			: i + 1 == count ? " and "
					 : ", ",
			refused[i].what);
	}
}

static const char *without_landlock(int error)
{
	return error == EOPNOTSUPP ? "it is switched off at boot (lsm=)"
	       : error == ENOSYS   ? "this kernel has none"
				   : strerrordesc_np(error);
}

static const char *without_filter(int error)
{
	return error == EOPNOTSUPP ? "it knows the system calls of x86-64 and arm64 alone"
	       : error == ENOSYS || error == EINVAL ? "this kernel has no CONFIG_SECCOMP_FILTER"
						    : strerrordesc_np(error);
}

static void examine_filtered(struct finding *finding, int landlock, const char *kernel,
	const char *machine, bool network)
{
	const char *also =
		network ? "; it reads files and connects, as its master's address needs" : "";

	if (landlock < 0)
		finding_set(finding, VERDICT_GOOD,
			"what speaks with snmpd is confined by a filter of system calls (%s), and "
			"not by Landlock as well: %s (Linux %s)%s",
			machine, without_landlock(-landlock), kernel, also);
	else
		finding_set(finding, VERDICT_GOOD,
			"what speaks with snmpd is confined, by Landlock (version %d, Linux %s) "
			"and by a filter of system calls (%s)%s",
			landlock, kernel, machine, also);
}

static void examine_unfiltered(
	struct finding *finding, int landlock, int filter, const char *kernel, const char *machine)
{
	char left[300];

	list_left(left, sizeof(left), landlock);
	if (landlock > 0)
		finding_set(finding, VERDICT_ADVICE,
			"what speaks with snmpd is confined by Landlock alone (version %d, Linux "
			"%s); a hole in it could still %s: system calls are not filtered, %s (%s)",
			landlock, kernel, left, without_filter(-filter), machine);
	else
		finding_set(finding, VERDICT_ADVICE,
			"what speaks with snmpd is not confined; a hole in it could %s: system "
			"calls are not filtered, %s (%s), and there is no Landlock, %s (Linux %s)",
			left, without_filter(-filter), machine, without_landlock(-landlock),
			kernel);
	finding_remedy(
		finding, filter == -EOPNOTSUPP && landlock > 0
				 ? "nothing on this processor; a newer kernel has more of Landlock"
			 : filter == -EOPNOTSUPP
				 ? "a kernel with CONFIG_SECURITY_LANDLOCK, and landlock in lsm="
				 : "a kernel with CONFIG_SECCOMP_FILTER, and a container that "
				   "permits seccomp(2)");
}

void confinement_examine(const struct patient *patient, struct finding *finding)
{
	const json_t *confinement =
		json_object_get(json_object_get(patient->facts, "snmp"), "confinement");
	const char *reach = json_string_value(json_object_get(confinement, "reach"));
	const char *kernel = json_string_value(json_object_get(confinement, "kernel"));
	const char *machine = json_string_value(json_object_get(confinement, "machine"));
	int landlock = (int)json_integer_value(json_object_get(confinement, "landlock"));
	int filter = (int)json_integer_value(json_object_get(confinement, "filter"));

	if (!reach || !kernel || !machine || strcmp(reach, "none-yet") == 0)
		finding_set(finding, VERDICT_NOT_ASKED,
			"nothing speaks with snmpd yet that would have to be confined");
	else if (strcmp(reach, "unconfined") == 0)
		finding_set(finding, VERDICT_ADVICE,
			"what speaks with snmpd is not confined: this build has a sanitizer, which "
			"needs files and processes");
	else if (filter < 0)
		examine_unfiltered(finding, landlock, filter, kernel, machine);
	else
		examine_filtered(finding, landlock, kernel, machine, strcmp(reach, "network") == 0);
}
