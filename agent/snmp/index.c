/* SPDX-License-Identifier: ISC */
#include "agent/snmp/index.h"

#include "agent/snmp/ifindex.h"
#include "lib/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_AGE NSEC_PER_SEC

struct entry {
	index_key key;
	uint32_t row;
};

struct sorted {
	struct entry *entries;
	struct entry *spare; /* where the next ones are gathered; both have room for every row */
	size_t count;
};

struct row_index {
	const struct board *board;
	struct sorted orders[INDEX_ORDERS];
	uint64_t generation;
	uint64_t built; /* 0: never */
	bool stale;	/* a row was found under another key than its own */
};

/* What an instance of each order is made of: the width of its sub-identifiers in the key, bits. */
static const struct {
	uint8_t length;
	uint8_t bits[INDEX_OIDS];
} shapes[INDEX_ORDERS] = {
	[INDEX_V3] = {3, {32, 8, 8}},
	[INDEX_V2] = {2, {32, 8}},
	[INDEX_SLOT] = {1, {32}},
};

/* The engine's row and those of the virtual routers. */
static size_t router_rows(const struct board *board)
{
	size_t rows = board_rows(board);

	return rows < status_row(IMAGE_SLOTS) ? rows : status_row(IMAGE_SLOTS);
}

struct row_index *index_create(const struct board *board)
{
	struct row_index *index = calloc(1, sizeof(*index));

	if (!index)
		return NULL;
	index->board = board;
	for (int i = 0; i < INDEX_ORDERS; i++) {
		struct sorted *order = &index->orders[i];

		order->entries = calloc(router_rows(board), sizeof(*order->entries));
		order->spare = calloc(router_rows(board), sizeof(*order->spare));
		if (!order->entries || !order->spare)
			return index_free(index);
	}
	return index;
}

struct row_index *index_free(struct row_index *index)
{
	if (!index)
		return NULL;
	for (int i = 0; i < INDEX_ORDERS; i++) {
		free(index->orders[i].entries);
		free(index->orders[i].spare);
	}
	free(index);
	return NULL;
}

static int compare(const void *left, const void *right)
{
	index_key one = ((const struct entry *)left)->key;
	index_key other = ((const struct entry *)right)->key;

	return one < other ? -1 : one > other;
}

static bool shown(enum index_order order, const struct status_router *router)
{
	if (!router->used)
		return false;
	switch (order) {
	case INDEX_V3:
		return router->interface_index != 0;
	case INDEX_V2:
		return router->interface_index != 0 && router->version == 2;
	default:
		return true;
	}
}

index_key index_row_key(enum index_order order, const struct index_row *row)
{
	switch (order) {
	case INDEX_V3:
		return index_key_of(&row->router);
	case INDEX_V2:
		return (index_key)row->router.interface_index << 8 | row->router.vrid;
	default:
		return (index_key)row->slot + 1;
	}
}

static void gather_row(struct row_index *index, uint32_t number, const struct status_router *router)
{
	struct index_row row = {*router, number - status_row(0)};

	for (int i = 0; i < INDEX_ORDERS; i++) {
		struct sorted *order = &index->orders[i];

		if (shown((enum index_order)i, router))
			order->spare[order->count++] =
				(struct entry){index_row_key((enum index_order)i, &row), number};
	}
}

/* The engine learns an interface's number a moment after a router on it was made; a manager who
 * made it asks for its row at once. */
static int read_row(const struct board *board, uint32_t number, union status_row *row)
{
	int error = board_read(board, number, row);

	if (!error && row->router.used && !row->router.interface_index)
		row->router.interface_index = ifindex_of(row->router.interface);
	return error;
}

/* Gathers the rows that are shown.  0 or -EAGAIN. */
static int gather(struct row_index *index)
{
	size_t rows = router_rows(index->board);
	union status_row row;

	for (uint32_t i = status_row(0); i < rows; i++) {
		int error = read_row(index->board, i, &row);

		if (error)
			return error;
		if (row.router.used)
			gather_row(index, i, &row.router);
	}
	return 0;
}

static void take_gathered(struct sorted *order)
{
	struct entry *gathered = order->spare;

	qsort(gathered, order->count, sizeof(*gathered), compare);
	order->spare = order->entries;
	order->entries = gathered;
}

int index_refresh(struct row_index *index, uint64_t now)
{
	uint64_t generation = board_generation(index->board);
	size_t before[INDEX_ORDERS];
	int error;

	if (index->built && !index->stale && generation == index->generation &&
		now - index->built < MAX_AGE)
		return 0;
	for (int i = 0; i < INDEX_ORDERS; i++) {
		before[i] = index->orders[i].count;
		index->orders[i].count = 0;
	}
	error = gather(index);
	for (int i = 0; i < INDEX_ORDERS; i++) {
		if (error)
			index->orders[i].count = before[i];
		else
			take_gathered(&index->orders[i]);
	}
	if (error)
		return error;
	index->generation = generation;
	index->built = now;
	index->stale = false;
	return 0;
}

size_t index_count(const struct row_index *index, enum index_order order)
{
	return index->orders[order].count;
}

static size_t lower_bound(const struct sorted *order, index_key key)
{
	size_t low = 0;
	size_t high = order->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order->entries[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Reads an entry's row: 1, 0 if the row is another one by now, -EAGAIN. */
static int read_entry(struct row_index *index, enum index_order order, const struct entry *entry,
	struct index_row *found)
{
	union status_row row;
	int error = read_row(index->board, entry->row, &row);

	if (error)
		return error;
	*found = (struct index_row){row.router, entry->row - status_row(0)};
	if (shown(order, &row.router) && index_row_key(order, found) == entry->key)
		return 1;
	index->stale = true;
	return 0;
}

int index_get(struct row_index *index, enum index_order order, index_key key, struct index_row *row)
{
	const struct sorted *sorted = &index->orders[order];
	size_t at = lower_bound(sorted, key);

	if (at == sorted->count || sorted->entries[at].key != key)
		return 0;
	return read_entry(index, order, &sorted->entries[at], row);
}

int index_next(
	struct row_index *index, enum index_order order, index_key from, struct index_row *row)
{
	const struct sorted *sorted = &index->orders[order];

	for (size_t at = lower_bound(sorted, from); at < sorted->count; at++) {
		int found = read_entry(index, order, &sorted->entries[at], row);

		if (found != 0)
			return found;
	}
	return 0;
}

size_t index_length(enum index_order order)
{
	return shapes[order].length;
}

static uint64_t largest(enum index_order order, size_t part)
{
	return ((uint64_t)1 << shapes[order].bits[part]) - 1;
}

bool index_key_parse(
	enum index_order order, const unsigned long *oids, size_t count, index_key *key)
{
	if (count != shapes[order].length)
		return false;
	*key = 0;
	for (size_t i = 0; i < count; i++) {
		if (oids[i] > largest(order, i))
			return false;
		*key = *key << shapes[order].bits[i] | oids[i];
	}
	return true;
}

/* A sub-identifier beyond its range means: after everything that begins with those before it. */
bool index_key_after(
	enum index_order order, const unsigned long *oids, size_t count, index_key *key)
{
	size_t length = shapes[order].length;
	bool beyond = count >= length; /* an instance, even with more behind it, is passed */
	bool out_of_range = false;

	if (count > 0 && oids[0] > largest(order, 0))
		return false;
	*key = 0;
	for (size_t i = 0; i < length; i++) {
		uint64_t limit = largest(order, i);
		uint64_t part = i < count && !out_of_range ? oids[i] : 0;

		if (part > limit)
			out_of_range = true;
		*key = *key << shapes[order].bits[i] | (out_of_range ? limit : part);
	}
	if (beyond || out_of_range)
		++*key;
	return true;
}

void index_key_oids(enum index_order order, index_key key, unsigned long *oids)
{
	for (size_t i = shapes[order].length; i-- > 0;) {
		oids[i] = (unsigned long)(key & largest(order, i));
		key >>= shapes[order].bits[i];
	}
}
