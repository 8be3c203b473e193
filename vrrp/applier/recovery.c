/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/recovery.h"

#include <errno.h>
#include <stdlib.h>

#include "vrrp/applier/accept.h"
#include "vrrp/applier/applier_parts.h"
#include "vrrp/applier/journal.h"
#include "vrrp/applier/leftover.h"
#include "vrrp/applier/monitor.h"
#include "vrrp/applier/ownership.h"
#include "vrrp/applier/predecessor.h"
#include "vrrp/applier/routers.h"
#include "vrrp/applier/routing.h"
#include "vrrp/applier/settings.h"
#include "vrrp/applier/vmac.h"

static void undo_record(struct applier_parts *parts, const struct journal_record *record)
{
	if (record->kind == JOURNAL_SETTING)
		settings_undo(parts->settings, record);
	else if (record->kind == JOURNAL_DEVICE)
		vmacs_undo(parts->vmacs, record);
	else if (record->kind == JOURNAL_FIREWALL)
		accept_undo(parts->accept, record);
}

int recovery_undo(struct applier_parts *parts)
{
	size_t count;
	const struct journal_record *left = journal_left(parts->journal, &count);
	int error = routing_remove_left(left, count);

	if (!error)
		error = leftover_remove(parts->monitor, left, count);
	if (error)
		return error;
	for (size_t i = 0; i < count; i++)
		undo_record(parts, &left[i]);
	error = journal_rewrite(parts->journal);
	/* It is tried again and again, and is no reason to leave a router without its addresses. */
	return error == -ENOSPC ? 0 : error;
}

int recovery_take_over(struct applier_parts *parts, const int *sockets, size_t socket_count)
{
	size_t count;
	const struct journal_record *left = journal_left(parts->journal, &count);

	parts->predecessor = predecessor_new(left, count, sockets, socket_count);
	if (!parts->predecessor)
		return -ENOMEM;
	routing_set_predecessor(parts->routing, parts->predecessor);
	ownership_set_predecessor(parts->ownership, parts->predecessor);
	settings_set_predecessor(parts->settings, parts->predecessor);
	vmacs_set_predecessor(parts->vmacs, parts->predecessor);
	routers_set_resuming(parts->routers, true);
	/* Whatever keeps it from being written is tried again with every turn; meanwhile the old
	 * one says what there is, as far as it could be written. */
	journal_rewrite(parts->journal);
	return 0;
}

void recovery_sort_out(struct applier_parts *parts)
{
	size_t count, unwanted = 0;
	const struct journal_record *records = predecessor_records(parts->predecessor, &count);
	struct journal_record *left = calloc(count + 1, sizeof(*left));

	for (size_t i = 0; left && i < count; i++) {
		const struct journal_record *record = &records[i];
		uint32_t number = monitor_number(parts->monitor, record->interface);

		undo_record(parts, record);
		if (record->kind != JOURNAL_SETTING && record->kind != JOURNAL_DEVICE &&
			record->kind != JOURNAL_FIREWALL &&
			!routing_is_ours(parts->routing, record) &&
			!ownership_is_ours(
				parts->ownership, number, &record->address, record->prefix_length))
			left[unwanted++] = *record;
	}
	routing_remove_left(left, unwanted);
	leftover_remove(parts->monitor, left, unwanted);
	free(left);
	routing_set_predecessor(parts->routing, NULL);
	ownership_set_predecessor(parts->ownership, NULL);
	settings_set_predecessor(parts->settings, NULL);
	vmacs_set_predecessor(parts->vmacs, NULL);
	routers_set_resuming(parts->routers, false);
	parts->predecessor = predecessor_free(parts->predecessor);
	journal_rewrite(parts->journal);
}
