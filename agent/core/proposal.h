/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_PROPOSAL_H
#define AGENT_CORE_PROPOSAL_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/model.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/image.h"
#include "agent/core/slots.h"
#include "lib/message.h"

/* A configuration beside the one in force, and in which virtual routers the two differ.  Before a
 * change is applied it is what would be; after that, what was.  Begins as {0}; owns its parts. */
struct proposal {
	struct config *config;
	struct slots *slots;
	struct slot_identity touched[MESSAGE_CHANGES_MAX];
	size_t touched_count;
};

/* What `config` with slots `held` would be with all changes of the set. */
bool proposal_make(struct proposal *proposal, const struct config *config, const struct slots *held,
	const struct message_set *set, struct refusal *refusal);

void proposal_clear(struct proposal *proposal);

/* The difference that leads from what is in force, whose slots are `held`, to the proposal. */
void proposal_changes(
	const struct proposal *proposal, const struct slots *held, struct image_changes *changes);

#endif
