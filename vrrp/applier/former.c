/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/former.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct former {
	struct journal_record *records; /* in the order of journal_compare */
	size_t count;
	int *sockets;
	size_t socket_count;
};

static struct former *fail(const int *sockets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(sockets[i]);
	return NULL;
}

struct former *former_new(
	const struct journal_record *records, size_t count, const int *sockets, size_t socket_count)
{
	struct former *former = calloc(1, sizeof(*former));

	if (!former)
		return fail(sockets, socket_count);
	former->records = calloc(count + 1, sizeof(*records));
	former->sockets = calloc(socket_count + 1, sizeof(*sockets));
	if (!former->records || !former->sockets) {
		former_free(former);
		return fail(sockets, socket_count);
	}
	if (count)
		memcpy(former->records, records, count * sizeof(*records));
	if (socket_count)
		memcpy(former->sockets, sockets, socket_count * sizeof(*sockets));
	former->count = count;
	former->socket_count = socket_count;
	qsort(former->records, count, sizeof(*records), journal_compare);
	return former;
}

struct former *former_free(struct former *former)
{
	if (!former)
		return NULL;
	for (size_t i = 0; i < former->socket_count; i++)
		close(former->sockets[i]);
	free(former->sockets);
	free(former->records);
	free(former);
	return NULL;
}

const struct journal_record *former_records(const struct former *former, size_t *count)
{
	*count = former->count;
	return former->records;
}

static const struct journal_record *find(
	const struct former *former, const struct journal_record *key)
{
	if (!former)
		return NULL;
	return bsearch(key, former->records, former->count, sizeof(*key), journal_compare);
}

bool former_has_address(const struct former *former, uint32_t index,
	const struct vrrp_address *address, uint8_t prefix_length)
{
	const struct journal_record key = {.kind = JOURNAL_ADDRESS,
		.index = index,
		.address = *address,
		.prefix_length = prefix_length};

	return find(former, &key);
}

bool former_has_setting(
	const struct former *former, uint32_t index, uint32_t setting, uint32_t *value)
{
	const struct journal_record key = {
		.kind = JOURNAL_SETTING, .index = index, .setting = setting};
	const struct journal_record *found = find(former, &key);

	if (found)
		*value = found->value;
	return found;
}

bool former_has_device(const struct former *former, uint32_t parent, const char *name)
{
	struct journal_record key = {.kind = JOURNAL_DEVICE, .index = parent};

	snprintf(key.interface, sizeof(key.interface), "%s", name);
	return find(former, &key);
}

bool former_has_request(const struct former *former, const struct journal_record *removal)
{
	return find(former, removal);
}

void former_describe(const struct former *former, struct journal *journal)
{
	for (size_t i = 0; former && i < former->count; i++)
		journal_add(journal, &former->records[i]);
}
