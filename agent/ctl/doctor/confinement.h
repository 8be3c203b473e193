/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_CONFINEMENT_H
#define AGENT_CTL_DOCTOR_CONFINEMENT_H

#include "agent/ctl/doctor/finding.h"

/* Says by what the process that speaks with snmpd is confined on this host, and what it is not
 * refused, and why. */
void confinement_examine(const struct patient *patient, struct finding *finding);

#endif
