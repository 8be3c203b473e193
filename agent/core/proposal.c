/* SPDX-License-Identifier: ISC */
#include "agent/core/proposal.h"

#include <errno.h>
#include <string.h>

#include "agent/core/edit/edit.h"

static bool is_same(const struct slot_identity *one, const struct message_change *other)
{
	return one->vrid == other->vrid && one->family == other->family &&
	       strcmp(one->interface, other->interface) == 0;
}

static void touch(struct proposal *proposal, const struct message_change *change)
{
	struct slot_identity *identity = proposal->touched;

	for (size_t i = 0; i < proposal->touched_count; i++, identity++) {
		if (is_same(identity, change))
			return;
	}
	*identity = (struct slot_identity){.family = change->family, .vrid = change->vrid};
	memcpy(identity->interface, change->interface, sizeof(identity->interface));
	proposal->touched_count++;
}

static bool plan_slots(struct proposal *proposal, const struct slots *held, struct refusal *refusal)
{
	proposal->slots = slots_plan(held, proposal->config);
	if (proposal->slots)
		return true;
	return refuse(refusal, errno == ENOSPC ? MESSAGE_NO_ROOM : MESSAGE_BUSY, 0, "%s",
		errno == ENOSPC ? "there is no room for more virtual routers" : strerror(errno));
}

bool proposal_make(struct proposal *proposal, const struct config *config, const struct slots *held,
	const struct message_set *set, struct refusal *refusal)
{
	*proposal = (struct proposal){.config = config_copy(config)};
	if (!proposal->config)
		return refuse(refusal, MESSAGE_BUSY, 0, "out of memory");
	for (uint32_t i = 0; i < set->count; i++)
		touch(proposal, &set->changes[i]);
	if (edit_apply(proposal->config, set, refusal) && plan_slots(proposal, held, refusal))
		return true;
	proposal_clear(proposal);
	return false;
}

void proposal_clear(struct proposal *proposal)
{
	config_free(proposal->config);
	slots_free(proposal->slots);
	*proposal = (struct proposal){0};
}

void proposal_changes(
	const struct proposal *proposal, const struct slots *held, struct image_changes *changes)
{
	*changes = (struct image_changes){0};
	for (size_t i = 0; i < proposal->touched_count; i++) {
		const struct slot_identity *identity = &proposal->touched[i];
		const struct instance *instance = config_find_identity(proposal->config,
			identity->interface, slots_family_to_af(identity->family), identity->vrid);
		int slot = slots_find_identity(held, identity);

		if (instance)
			changes->changed[changes->changed_count++] = instance;
		else if (slot >= 0)
			changes->removed[changes->removed_count++] = (uint32_t)slot;
	}
}
