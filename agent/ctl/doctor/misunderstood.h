/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_MISUNDERSTOOD_H
#define AGENT_CTL_DOCTOR_MISUNDERSTOOD_H

#include "agent/ctl/doctor/finding.h"

/* Advertisements that are wrong: which ones just now, and not only since the start.  Where the
 * router is Active here both hosts hold the addresses, and neither knows of the other. */

/* How many seconds to wait before `show` is asked again: the counters say what was wrong, and not
 * when.  0: nothing was, so there is no need to. */
double misunderstood_wait(const json_t *shown);

/* Says whom patient->later has found meanwhile of those that are Active here; without it, or when
 * there is none, nothing. */
void misunderstood_examine(const struct patient *patient, struct finding *finding);

/* Says what any router hears that is wrong, first of what is heard now. */
void misunderstood_neighbours(const struct patient *patient, struct finding *finding);

#endif
