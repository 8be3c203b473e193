/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_PROPOSAL_H
#define AGENT_CORE_PROPOSAL_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/conf/model.h"
#include "agent/core/candidate.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/imagebuilder.h"
#include "agent/core/slots.h"
#include "lib/message.h"

/* A configuration beside the one in force, and in which virtual routers the two differ.  Before a
 * change is applied it is what would be; after that, what was.  Begins as {0}; owns its parts. */
struct proposal {
	struct config *config;
	struct slots *slots;
	struct overlay_aside aside;
	struct conf_source *source; /* NULL: it is the same */
	struct slot_identity touched[MESSAGE_CHANGES_MAX];
	size_t touched_count;
	bool whole; /* too many were touched, or it is not known which */
};

/* A copy of what is in force, to be changed, and after that its slots. */
bool proposal_begin(
	struct proposal *proposal, const struct candidate *current, struct refusal *refusal);
bool proposal_plan(
	struct proposal *proposal, const struct candidate *current, struct refusal *refusal);

/* The instance is to be different; called again after its identity changed. */
void proposal_touch(struct proposal *proposal, const struct instance *instance);

/* What is in force with all changes of the set. */
bool proposal_make(struct proposal *proposal, const struct candidate *current,
	const struct message_set *set, struct refusal *refusal);

void proposal_clear(struct proposal *proposal);

/* Exchanges the proposal's parts with those of what is in force. */
void proposal_swap(struct proposal *proposal, struct candidate *current);

/* The difference that leads from what is in force, whose slots are `held`, to the proposal.  Not of
 * a whole one. */
void proposal_changes(
	const struct proposal *proposal, const struct slots *held, struct image_changes *changes);

#endif
