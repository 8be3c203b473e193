/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_ELECTION_H
#define AGENT_CONF_ELECTION_H

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/* Rules across the words about peers and the election; part of conf_validate_instance(). */

/* Unicast peers and sources. */
void conf_validate_unicast(const struct instance *instance, struct conf_diagnostics *diagnostics);

/* What strict mode refuses, and what it takes away with a warning, as keepalived does.  After
 * config_resolve_instance(). */
void conf_validate_strict(struct instance *instance, struct conf_diagnostics *diagnostics);

#endif
