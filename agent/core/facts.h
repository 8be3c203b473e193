/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_FACTS_H
#define AGENT_CORE_FACTS_H

#include <jansson.h>

struct core_state;

/* How the agent stands in its host, for `vrrpctl doctor`:
 *
 *     snmp       where the AgentX master is looked for ("master"), "session" (never, trying,
 *                attached), the "problem" with it, or null, the modules that are "served" and those
 *                "taken" by another subagent, "traps" (enable_traps), and the "confinement" of
 *                what speaks with it (lib/confine.h): its "reach" (none-yet, unconfined, alone,
 *                network), "landlock" (the version, or a negative errno), "filter" (0, or a
 *                negative errno), and of the host the "kernel" and the "machine"
 *     process    the engine's "real_time_priority" (0: none) and the "locked_memory" in octets
 *     network    the number of the network namespace that it runs in
 *     files      of the configuration: "file", and whether it is "changed" since it was read
 *
 * A new reference, or NULL when memory is short.  Reads the files; may block on the disk. */
json_t *facts_document(const struct core_state *state);

#endif
