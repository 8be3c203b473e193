/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_MISUNDERSTOOD_H
#define AGENT_CTL_DOCTOR_MISUNDERSTOOD_H

#include "agent/ctl/doctor/finding.h"

/* Another host that advertises a router which is Active here, in advertisements that are dropped:
 * both hold the addresses, and neither knows of the other. */

/* How many seconds to wait before `show` is asked again: the counters say what was dropped, and not
 * when.  0: nothing was dropped, so there is no need to. */
double misunderstood_wait(const json_t *shown);

/* Says whom patient->later has found meanwhile; without it, or when there is none, nothing. */
void misunderstood_examine(const struct patient *patient, struct finding *finding);

#endif
