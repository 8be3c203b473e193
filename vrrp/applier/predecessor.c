/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/predecessor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct predecessor {
	struct journal_record *records; /* in the order of journal_compare */
	size_t count;
	int *sockets;
	size_t socket_count;
};

static struct predecessor *fail(const int *sockets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(sockets[i]);
	return NULL;
}

struct predecessor *predecessor_new(
	const struct journal_record *records, size_t count, const int *sockets, size_t socket_count)
{
	struct predecessor *predecessor = calloc(1, sizeof(*predecessor));

	if (!predecessor)
		return fail(sockets, socket_count);
	predecessor->records = calloc(count + 1, sizeof(*records));
	predecessor->sockets = calloc(socket_count + 1, sizeof(*sockets));
	if (!predecessor->records || !predecessor->sockets) {
		predecessor_free(predecessor);
		return fail(sockets, socket_count);
	}
	if (count)
		memcpy(predecessor->records, records, count * sizeof(*records));
	if (socket_count)
		memcpy(predecessor->sockets, sockets, socket_count * sizeof(*sockets));
	predecessor->count = count;
	predecessor->socket_count = socket_count;
	qsort(predecessor->records, count, sizeof(*records), journal_compare);
	return predecessor;
}

struct predecessor *predecessor_free(struct predecessor *predecessor)
{
	if (!predecessor)
		return NULL;
	for (size_t i = 0; i < predecessor->socket_count; i++)
		close(predecessor->sockets[i]);
	free(predecessor->sockets);
	free(predecessor->records);
	free(predecessor);
	return NULL;
}

const struct journal_record *predecessor_records(
	const struct predecessor *predecessor, size_t *count)
{
	*count = predecessor->count;
	return predecessor->records;
}

static const struct journal_record *find(
	const struct predecessor *predecessor, const struct journal_record *key)
{
	if (!predecessor)
		return NULL;
	return bsearch(
		key, predecessor->records, predecessor->count, sizeof(*key), journal_compare);
}

bool predecessor_has_address(const struct predecessor *predecessor, uint32_t index,
	const struct vrrp_address *address, uint8_t prefix_length)
{
	const struct journal_record key = {.kind = JOURNAL_ADDRESS,
		.index = index,
		.address = *address,
		.prefix_length = prefix_length};

	return find(predecessor, &key);
}

bool predecessor_has_setting(
	const struct predecessor *predecessor, uint32_t index, uint32_t setting, uint32_t *value)
{
	const struct journal_record key = {
		.kind = JOURNAL_SETTING, .index = index, .setting = setting};
	const struct journal_record *found = find(predecessor, &key);

	if (found)
		*value = found->value;
	return found;
}

bool predecessor_has_device(
	const struct predecessor *predecessor, uint32_t parent, const char *name)
{
	struct journal_record key = {.kind = JOURNAL_DEVICE, .index = parent};

	snprintf(key.interface, sizeof(key.interface), "%s", name);
	return find(predecessor, &key);
}

bool predecessor_has_request(
	const struct predecessor *predecessor, const struct journal_record *removal)
{
	return find(predecessor, removal);
}

void predecessor_describe(const struct predecessor *predecessor, struct journal *journal)
{
	for (size_t i = 0; predecessor && i < predecessor->count; i++)
		journal_add(journal, &predecessor->records[i]);
}
