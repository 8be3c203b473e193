/* SPDX-License-Identifier: ISC */
#include "agent/snmp/index.h"

#include "lib/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_AGE NSEC_PER_SEC

struct entry {
	index_key key;
	uint32_t row;
};

struct row_index {
	const struct board *board;
	struct entry *entries; /* sorted */
	struct entry *spare;   /* where the next ones are gathered; both have room for every row */
	size_t count;
	uint64_t generation;
	uint64_t built; /* 0: never */
	bool stale;	/* a row was found under another key than its own */
};

struct row_index *index_create(const struct board *board)
{
	struct row_index *index = calloc(1, sizeof(*index));

	if (!index)
		return NULL;
	index->board = board;
	index->entries = calloc(board_rows(board), sizeof(*index->entries));
	index->spare = calloc(board_rows(board), sizeof(*index->spare));
	if (!index->entries || !index->spare)
		return index_free(index);
	return index;
}

struct row_index *index_free(struct row_index *index)
{
	if (!index)
		return NULL;
	free(index->entries);
	free(index->spare);
	free(index);
	return NULL;
}

static int compare(const void *left, const void *right)
{
	index_key one = ((const struct entry *)left)->key;
	index_key other = ((const struct entry *)right)->key;

	return one < other ? -1 : one > other;
}

static bool shown(const struct status_router *router)
{
	return router->used && router->interface_index != 0;
}

/* Gathers the rows that are shown: their number, or -EAGAIN. */
static ssize_t gather(const struct row_index *index, struct entry *entries)
{
	size_t rows = board_rows(index->board);
	size_t count = 0;
	union status_row row;

	for (size_t i = status_row(0); i < rows; i++) {
		int error = board_read(index->board, i, &row);

		if (error)
			return error;
		if (shown(&row.router))
			entries[count++] = (struct entry){index_key_of(&row.router), (uint32_t)i};
	}
	return (ssize_t)count;
}

int index_refresh(struct row_index *index, uint64_t now)
{
	uint64_t generation = board_generation(index->board);
	struct entry *entries = index->spare;
	ssize_t count;

	if (index->built && !index->stale && generation == index->generation &&
		now - index->built < MAX_AGE)
		return 0;
	count = gather(index, entries);
	if (count < 0)
		return (int)count;
	qsort(entries, (size_t)count, sizeof(*entries), compare);
	index->spare = index->entries;
	index->entries = entries;
	index->count = (size_t)count;
	index->generation = generation;
	index->built = now;
	index->stale = false;
	return 0;
}

size_t index_count(const struct row_index *index)
{
	return index->count;
}

static size_t lower_bound(const struct row_index *index, index_key key)
{
	size_t low = 0;
	size_t high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->entries[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Reads an entry's row: 1, 0 if the row is another one by now, -EAGAIN. */
static int read_entry(
	struct row_index *index, const struct entry *entry, struct status_router *router)
{
	union status_row row;
	int error = board_read(index->board, entry->row, &row);

	if (error)
		return error;
	if (!shown(&row.router) || index_key_of(&row.router) != entry->key) {
		index->stale = true;
		return 0;
	}
	*router = row.router;
	return 1;
}

int index_get(struct row_index *index, index_key key, struct status_router *router)
{
	size_t at = lower_bound(index, key);

	if (at == index->count || index->entries[at].key != key)
		return 0;
	return read_entry(index, &index->entries[at], router);
}

int index_next(struct row_index *index, index_key from, struct status_router *router)
{
	for (size_t at = lower_bound(index, from); at < index->count; at++) {
		int found = read_entry(index, &index->entries[at], router);

		if (found != 0)
			return found;
	}
	return 0;
}

bool index_key_parse(const unsigned long *oids, size_t count, index_key *key)
{
	if (count != INDEX_OIDS || oids[0] > UINT32_MAX || oids[1] > UINT8_MAX ||
		oids[2] > UINT8_MAX)
		return false;
	*key = index_key_make((uint32_t)oids[0], (uint8_t)oids[1], (uint8_t)oids[2]);
	return true;
}

/* A sub-identifier beyond its range means: after everything that begins with those before it. */
bool index_key_after(const unsigned long *oids, size_t count, index_key *key)
{
	uint8_t vrid = 0;
	uint8_t family = 0;
	bool beyond = count >= INDEX_OIDS; /* an instance, even with more behind it, is passed */

	if (count == 0) {
		*key = 0;
		return true;
	}
	if (oids[0] > UINT32_MAX)
		return false;
	if (count > 1) {
		beyond = beyond || oids[1] > UINT8_MAX;
		vrid = oids[1] > UINT8_MAX ? UINT8_MAX : (uint8_t)oids[1];
	}
	if (count > 1 && oids[1] > UINT8_MAX)
		family = UINT8_MAX;
	else if (count > 2)
		family = oids[2] > UINT8_MAX ? UINT8_MAX : (uint8_t)oids[2];
	*key = index_key_make((uint32_t)oids[0], vrid, family) + (beyond ? 1 : 0);
	return true;
}

void index_key_oids(index_key key, unsigned long oids[INDEX_OIDS])
{
	oids[0] = (unsigned long)(key >> 16);
	oids[1] = (unsigned long)(key >> 8 & UINT8_MAX);
	oids[2] = (unsigned long)(key & UINT8_MAX);
}
