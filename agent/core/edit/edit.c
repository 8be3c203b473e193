/* SPDX-License-Identifier: ISC */
#include "agent/core/edit/edit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/edit/editrow.h"
#include "agent/core/edit/edittext.h"
#include "agent/core/edit/rowstatus.h"
#include "agent/core/slots.h"
#include "lib/image.h"
#include "vrrp/protocol/limits.h"

/* What a manager may set: the word for it, its range, and whether it is RowStatus. */
static const struct {
	const char *word;
	int64_t minimum, maximum;
	bool row_status;
} attributes[ATTRIBUTE_COUNT] = {
	[ATTRIBUTE_PRIORITY] = {"priority", VRRP_PRIORITY_MIN, VRRP_PRIORITY_MAX, false},
	[ATTRIBUTE_INTERVAL] = {"advert_int", 1, 4095, false},
	[ATTRIBUTE_PREEMPT] = {"preempt", 0, 1, false},
	[ATTRIBUTE_ACCEPT] = {"accept", 0, 1, false},
	[ATTRIBUTE_PRIMARY_ADDRESS] = {"the primary address", 0, 0, false},
	[ATTRIBUTE_ROW_STATUS] = {"RowStatus", 1, ROW_REQUESTS - 1, true},
	[ATTRIBUTE_ADDRESS_STATUS] = {"RowStatus", 1, ROW_REQUESTS - 1, true},
};

static bool check_range(
	const struct message_change *change, uint32_t index, struct refusal *refusal)
{
	int64_t minimum = attributes[change->attribute].minimum;
	int64_t maximum = attributes[change->attribute].maximum;

	if (change->value >= minimum && change->value <= maximum &&
		(!attributes[change->attribute].row_status || row_is_request(change->value)))
		return true;
	return refuse(refusal, MESSAGE_WRONG_VALUE, index, "%s can't be set to %" PRId64,
		attributes[change->attribute].word, change->value);
}

static bool is_of(const struct edit_row *row, const struct message_change *change)
{
	return row->identity->vrid == change->vrid && row->identity->family == change->family &&
	       strcmp(row->identity->interface, change->interface) == 0;
}

/* The virtual router that a change is about. */
static struct edit_row *row_of(struct edit_rows *rows, const struct message_change *change)
{
	struct edit_row *row = rows->list;

	for (size_t i = 0; i < rows->count; i++, row++) {
		if (is_of(row, change))
			return row;
	}
	edit_row_begin(row, rows->config, change);
	rows->count++;
	return row;
}

static bool set_status(const struct edit_rows *rows, struct edit_row *row,
	const struct message_change *change, uint32_t index, struct refusal *refusal)
{
	if (row->status_change >= 0 && row->request != change->value)
		return refuse(refusal, MESSAGE_INCONSISTENT, index,
			"two values are given for RowStatus of one row");
	if (!row_allows(row->state, (enum row_request)change->value))
		return refuse(refusal, MESSAGE_INCONSISTENT, index,
			"%s: RowStatus %" PRId64 " is not possible where it %s", row->name,
			change->value, row->state == ROW_ABSENT ? "does not exist" : "exists");
	if (row_creates((enum row_request)change->value) &&
		config_find_name(rows->config, row->name))
		return refuse(refusal, MESSAGE_INCONSISTENT, index,
			"the file calls another virtual router %s", row->name);
	row->status_change = (int)index;
	row->request = (enum row_request)change->value;
	return true;
}

/* First of all what makes and destroys rows: the other changes need to know. */
static bool gather(struct edit_rows *rows, const struct message_set *set, struct refusal *refusal)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct message_change *change = &set->changes[i];
		struct edit_row *row = row_of(rows, change);

		if (!row->name)
			return refuse(refusal, MESSAGE_BUSY, i, "out of memory");
		if (!check_range(change, i, refusal) ||
			(change->attribute == ATTRIBUTE_ROW_STATUS &&
				!set_status(rows, row, change, i, refusal)))
			return false;
	}
	return true;
}

static bool change_value(struct edit_row *row, const struct message_change *change, uint32_t index,
	struct refusal *refusal)
{
	if (edit_row_is_gone(row))
		return refuse(refusal,
			row->state == ROW_ABSENT ? MESSAGE_NO_ROUTER : MESSAGE_INCONSISTENT, index,
			"there is no virtual router %u of IPv%d on %s", change->vrid,
			change->family == IMAGE_IPV4 ? 4 : 6, change->interface);
	if (change->attribute == ATTRIBUTE_PRIORITY && row->instance &&
		row->instance->priority == VRRP_PRIORITY_OWNER)
		return refuse(refusal, MESSAGE_READ_ONLY, index,
			"%s: the owner of the addresses has priority 255", row->name);
	if (change->attribute == ATTRIBUTE_PRIMARY_ADDRESS)
		row->primary_set = true;
	return true;
}

static bool change_rows(
	struct edit_rows *rows, const struct message_set *set, struct refusal *refusal)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct message_change *change = &set->changes[i];
		struct edit_row *row = row_of(rows, change);
		bool good = true;

		if (change->attribute == ATTRIBUTE_ADDRESS_STATUS)
			good = edit_row_address(row, rows->config, change, i, refusal);
		else if (change->attribute != ATTRIBUTE_ROW_STATUS)
			good = change_value(row, change, i, refusal);
		if (!good)
			return false;
	}
	return true;
}

static bool destroy(struct edit_rows *rows, const struct edit_row *row, struct refusal *refusal)
{
	bool is_ours = row->instance->origins[INSTANCE_NAME].kind == ORIGIN_OVERLAY;
	struct instance *instance = row->instance;
	int error = is_ours ? config_remove_instance(rows->config, instance)
			    : config_destroy_instances(rows->config, &instance, 1);

	if (error)
		return refuse(refusal, MESSAGE_BUSY, (uint32_t)row->status_change, "%s: %s",
			row->name, strerror(-error));
	return true;
}

static bool destroy_rows(struct edit_rows *rows, struct refusal *refusal)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct edit_row *row = &rows->list[i];

		if (row->instance && edit_row_is_gone(row) && !destroy(rows, row, refusal))
			return false;
	}
	return true;
}

static bool check_complete(
	const struct edit_rows *rows, const struct host *host, struct refusal *refusal)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (!edit_row_complete(&rows->list[i], host, refusal))
			return false;
	}
	return true;
}

bool edit_apply(struct config *config, const struct message_set *set, const struct host *host,
	struct refusal *refusal)
{
	struct edit_rows *rows = calloc(1, sizeof(*rows));
	bool good;

	if (!rows)
		return refuse(refusal, MESSAGE_BUSY, 0, "out of memory");
	rows->config = config;
	good = gather(rows, set, refusal) && change_rows(rows, set, refusal) &&
	       check_complete(rows, host, refusal) && destroy_rows(rows, refusal) &&
	       edit_text_apply(rows, set, refusal);
	for (size_t i = 0; i < rows->count; i++)
		edit_row_end(&rows->list[i]);
	free(rows);
	return good;
}

bool edit_activates(const struct message_set *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct message_change *change = &set->changes[i];

		if (change->attribute == ATTRIBUTE_ROW_STATUS && row_is_request(change->value) &&
			row_serves((enum row_request)change->value))
			return true;
	}
	return false;
}
