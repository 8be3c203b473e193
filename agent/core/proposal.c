/* SPDX-License-Identifier: ISC */
#include "agent/core/proposal.h"

#include <errno.h>
#include <string.h>

#include "agent/core/edit/edit.h"
#include "agent/core/host.h"
#include "agent/core/overlay.h"

static void touch(struct proposal *proposal, const struct slot_identity *identity)
{
	for (size_t i = 0; i < proposal->touched_count; i++) {
		if (slots_same_identity(&proposal->touched[i], identity))
			return;
	}
	if (proposal->touched_count == MESSAGE_CHANGES_MAX)
		proposal->whole = true;
	else
		proposal->touched[proposal->touched_count++] = *identity;
}

void proposal_touch(struct proposal *proposal, const struct instance *instance)
{
	struct slot_identity identity = slots_identity_of(instance);

	touch(proposal, &identity);
}

bool proposal_begin(
	struct proposal *proposal, const struct candidate *current, struct refusal *refusal)
{
	*proposal = (struct proposal){.config = config_copy(current->config)};
	if (proposal->config && overlay_aside_without(&current->aside, "", &proposal->aside) == 0)
		return true;
	proposal_clear(proposal);
	return refuse(refusal, MESSAGE_BUSY, 0, "out of memory");
}

bool proposal_plan(
	struct proposal *proposal, const struct candidate *current, struct refusal *refusal)
{
	proposal->slots = slots_plan(current->slots, proposal->config);
	if (proposal->slots)
		return true;
	return refuse(refusal, errno == ENOSPC ? MESSAGE_NO_ROOM : MESSAGE_BUSY, 0, "%s",
		errno == ENOSPC ? "there is no room for more virtual routers" : strerror(errno));
}

static void touch_all(struct proposal *proposal, const struct message_set *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct message_change *change = &set->changes[i];
		struct slot_identity identity = {.family = change->family, .vrid = change->vrid};

		memcpy(identity.interface, change->interface, sizeof(identity.interface));
		touch(proposal, &identity);
	}
}

bool proposal_make(struct proposal *proposal, const struct candidate *current,
	const struct message_set *set, struct refusal *refusal)
{
	struct host *host;
	bool good;

	if (!proposal_begin(proposal, current, refusal))
		return false;
	touch_all(proposal, set);
	host = edit_activates(set) ? host_look() : NULL;
	good = edit_apply(proposal->config, set, host, refusal);
	host_free(host);
	return good && proposal_plan(proposal, current, refusal);
}

void proposal_clear(struct proposal *proposal)
{
	config_free(proposal->config);
	slots_free(proposal->slots);
	overlay_aside_clear(&proposal->aside);
	conf_source_free(proposal->source);
	*proposal = (struct proposal){0};
}

void proposal_swap(struct proposal *proposal, struct candidate *current)
{
	struct candidate old = *current;

	current->config = proposal->config;
	current->slots = proposal->slots;
	current->aside = proposal->aside;
	proposal->config = old.config;
	proposal->slots = old.slots;
	proposal->aside = old.aside;
	if (proposal->source) {
		current->source = proposal->source;
		proposal->source = old.source;
	}
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
