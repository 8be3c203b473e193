/* SPDX-License-Identifier: ISC */
#include "agent/core/show/showgroups.h"

#include "agent/conf/syncgroup.h"
#include "agent/core/jsontext.h"
#include "agent/core/state.h"
#include "lib/clock.h"
#include "vrrp/protocol/reason.h"
#include "vrrp/status.h"

json_t *show_group_of(const struct core_state *state, const struct instance *instance)
{
	const struct sync_group *group = config_group_of(state->config, instance);

	return group ? json_text(group->name) : json_null();
}

/* In the order of the file, without those that management destroyed. */
static json_t *members(const struct core_state *state, const struct sync_group *group)
{
	json_t *list = json_array();

	for (size_t i = 0; i < group->members.count; i++) {
		const struct instance *instance =
			config_find_name(state->config, group->members.items[i].name);

		if (instance && instance->group_place == i &&
			config_group_of(state->config, instance) == group)
			json_array_append_new(list, json_text(instance->name));
	}
	return list;
}

static json_t *cause(const struct core_state *state, const struct status_group *row)
{
	const struct instance *instance =
		row->cause ? slots_instance(state->slots, state->config, row->cause - 1) : NULL;

	return instance ? json_text(instance->name) : json_null();
}

static json_t *describe(const struct core_state *state, const struct sync_group *group,
	const struct status_group *row, uint64_t now)
{
	uint64_t age = now > row->since ? now - row->since : 0;

	return json_pack("{s:o, s:s, s:s, s:f, s:o, s:I, s:o}", "name", json_text(group->name),
		"state", vrrp_state_word((enum vrrp_state)row->state), "keepalived_state",
		vrrp_state_keepalived_word((enum vrrp_state)row->state), "since",
		(double)age / (double)NSEC_PER_SEC, "moved_by", cause(state, row), "transitions",
		(json_int_t)row->transitions, "members", members(state, group));
}

json_t *show_groups(const struct core_state *state, uint64_t now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < state->config->group_count; i++) {
		const struct sync_group *group = state->config->groups[i];
		int slot = slots_group(state->slots, group);
		union status_row row;

		if (slot >= 0 &&
			board_read(state->board, status_group_row((uint32_t)slot), &row) == 0 &&
			row.group.used)
			json_array_append_new(list, describe(state, group, &row.group, now));
	}
	return list;
}
