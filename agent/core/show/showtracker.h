/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_SHOW_SHOWTRACKER_H
#define AGENT_CORE_SHOW_SHOWTRACKER_H

#include <jansson.h>
#include <stdint.h>

#include "agent/core/state.h"

/* How trackers stand, as parts of the document that show_document makes. */

/* All of them. */
json_t *show_trackers(const struct core_state *state, uint64_t now);

/* Those of an instance, each with its weight there. */
json_t *show_tracked(const struct core_state *state, const struct instance *instance, uint64_t now);

#endif
