/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_FINDING_H
#define AGENT_CTL_DOCTOR_FINDING_H

#include <jansson.h>
#include <stdbool.h>

#include "agent/ctl/doctor/snmpdconf.h"

/* What doctor looks for, one check each. */

enum verdict {
	VERDICT_GOOD,
	VERDICT_NOT_ASKED, /* it does not matter in this configuration */
	VERDICT_ADVICE,	   /* it works; what could be better */
	VERDICT_PROBLEM,
};

struct finding {
	enum verdict verdict;
	char text[512];	  /* what is so */
	char remedy[512]; /* the line to add or the command to run; or empty */
};

struct patient {
	const json_t *shown; /* of `show` */
	const json_t *later; /* the same a while later; NULL: it was not asked again */
	const json_t *facts; /* of `facts` */
	const struct snmpdconf *snmpd;
	const char *snmpd_path;
};

struct check {
	const char *name; /* stable, for programs */
	void (*examine)(const struct patient *patient, struct finding *finding);
};

/* Set the finding's texts, as printf does. */
void finding_set(struct finding *finding, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void finding_remedy(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Of a router as `show` has it. */
bool router_is_active(const json_t *router);

extern const struct check snmp_checks[];  /* a NULL name ends them */
extern const struct check agent_checks[]; /* the same */

#endif
