/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_REVERT_H
#define AGENT_CORE_REVERT_H

#include "agent/core/candidate.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/proposal.h"

/* Proposes what is in force without what management changed: in everything (name NULL), in one
 * vrrp_instance, or in one attribute of it (`word`: its keyword).  A router that management made
 * goes, one that it destroyed comes back, and a block that was set aside is forgotten.  The
 * accepted text is read anew. */
bool revert_make(struct proposal *proposal, const struct candidate *current, const char *name,
	const char *word, struct refusal *refusal);

#endif
