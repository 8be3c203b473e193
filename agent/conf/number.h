/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_NUMBER_H
#define AGENT_CONF_NUMBER_H

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/*
 * Gives routing rules without a preference one, as keepalived does: 16384 downwards for each
 * family, static ones first, then those of the instances as they come in the file.  The warning
 * says so once, since a rule's number changes with those before it.
 */
void conf_number_rules(struct config *config, struct conf_diagnostics *diagnostics);

#endif
