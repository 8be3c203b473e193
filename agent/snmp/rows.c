/* SPDX-License-Identifier: ISC */
#include "agent/snmp/rows.h"

#include "agent/snmp/grouprows.h"
#include "agent/snmp/ifindex.h"

#include <string.h>

static size_t count_addresses(const struct mib_source *source)
{
	return source->configured ? accepted_address_count(source->configured) : 0;
}

static size_t count_listed(const struct mib_source *source)
{
	return source->configured ? accepted_listed_count(source->configured) : 0;
}

static size_t append_octets(unsigned long *oids, const struct image_address *address)
{
	size_t octets = address->family == IMAGE_IPV4 ? 4 : 16;

	for (size_t i = 0; i < octets; i++)
		oids[i] = address->address[i];
	return octets;
}

/* InetAddress: its length, then its octets. */
static size_t name_inet_address(const struct mib_source *source, size_t nth, unsigned long *oids)
{
	size_t octets = append_octets(oids + 1, accepted_address(source->configured, nth));

	oids[0] = octets;
	return octets + 1;
}

static void choose_sorted(struct mib_source *source, size_t nth)
{
	source->address = accepted_address(source->configured, nth);
}

/* IpAddress: its octets. */
static size_t name_ip_address(const struct mib_source *source, size_t nth, unsigned long *oids)
{
	return append_octets(oids, accepted_address(source->configured, nth));
}

static size_t name_number(const struct mib_source *source, size_t nth, unsigned long *oids)
{
	oids[0] = nth + 1;
	return 1;
}

static void choose_listed(struct mib_source *source, size_t nth)
{
	source->address = accepted_listed_address(source->configured, nth);
}

static const struct mib_items ip_addresses = {count_addresses, name_ip_address, choose_sorted};
static const struct mib_items listed_addresses = {count_listed, name_number, choose_listed};
static const struct mib_items inet_addresses = {count_addresses, name_inet_address, choose_sorted};

const struct mib_rows rows_engine = {.scalars = true};
const struct mib_rows rows_v3 = {.order = INDEX_V3};
const struct mib_rows rows_v2 = {.order = INDEX_V2};
const struct mib_rows rows_v2_addresses = {.order = INDEX_V2, .items = &ip_addresses};
const struct mib_rows rows_slots = {.order = INDEX_SLOT};
const struct mib_rows rows_groups = {.groups = true};
const struct mib_rows rows_members = {.groups = true, .members = true};
const struct mib_rows rows_slot_addresses = {
	.order = INDEX_SLOT, .items = &listed_addresses, .statics = true};
const struct mib_rows rows_v3_addresses = {.order = INDEX_V3, .items = &inet_addresses};

static enum mib_result of_row(int found)
{
	if (found < 0)
		return MIB_UNREADABLE;
	return found ? MIB_FOUND : MIB_NO_INSTANCE;
}

static enum mib_result read_engine(const struct mib *mib, struct mib_source *source)
{
	union status_row row;

	if (board_read(mib->board, STATUS_ENGINE_ROW, &row) != 0)
		return MIB_UNREADABLE;
	source->engine = row.engine;
	return MIB_FOUND;
}

static void configure(const struct mib *mib, struct mib_source *source)
{
	source->configured = accepted_find(mib->accepted, source->row.slot, &source->row.router);
}

static enum mib_result get_router(const struct mib *mib, const struct mib_rows *rows,
	const unsigned long *oids, struct mib_source *source)
{
	enum mib_result result = MIB_NO_INSTANCE;
	index_key key;

	if (index_key_parse(rows->order, oids, index_length(rows->order), &key))
		result = of_row(index_get(mib->index, rows->order, key, &source->row));
	if (result == MIB_FOUND)
		configure(mib, source);
	return result;
}

/* The first item of the router whose name is not before `oids`, or with `after` the first whose
 * name is behind it; as many as there are, if there is none. */
static size_t find_item(const struct mib_items *items, const struct mib_source *source,
	const unsigned long *oids, size_t length, bool after)
{
	unsigned long name[MIB_INSTANCE_MAX];
	size_t high = items->count(source);
	size_t low = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t name_length = items->name(source, middle, name);

		if (mib_compare(name, name_length, oids, length) < (after ? 1 : 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Static addresses are held for as long as there is an interface for them. */
static enum mib_result get_static(const struct mib *mib, size_t nth, struct mib_source *source)
{
	size_t count;
	const struct image_address *addresses = accepted_statics(mib->accepted, &count);

	if (nth >= count)
		return MIB_NO_INSTANCE;
	source->configured = NULL;
	source->address = &addresses[nth];
	source->row = (struct index_row){
		.router.addresses_set = ifindex_of(source->address->interface) != 0};
	return MIB_FOUND;
}

static enum mib_result next_static(const struct mib *mib, const unsigned long *instance,
	size_t length, struct mib_source *source, struct mib_name *name)
{
	size_t nth = instance && length > 1 ? instance[1] : 0;

	if (instance && length > 0 && instance[0] != 0)
		return MIB_NO_INSTANCE;
	if (get_static(mib, nth, source) != MIB_FOUND)
		return MIB_NO_INSTANCE;
	name->oids[name->length++] = 0;
	name->oids[name->length++] = nth + 1;
	return MIB_FOUND;
}

enum mib_result rows_get(const struct mib *mib, const struct mib_rows *rows,
	const unsigned long *instance, size_t length, struct mib_source *source)
{
	size_t outer = index_length(rows->order);
	unsigned long name[MIB_INSTANCE_MAX];
	enum mib_result result;
	size_t at;

	if (rows->groups)
		return grouprows_get(mib, rows->members, instance, length, source);
	if (rows->scalars)
		return length == 1 && instance[0] == 0 ? read_engine(mib, source) : MIB_NO_INSTANCE;
	if (rows->items ? length <= outer : length != outer)
		return MIB_NO_INSTANCE;
	if (rows->statics && instance[0] == 0)
		return length == 2 && instance[1] > 0 ? get_static(mib, instance[1] - 1, source)
						      : MIB_NO_INSTANCE;
	result = get_router(mib, rows, instance, source);
	if (result != MIB_FOUND || !rows->items)
		return result;
	at = find_item(rows->items, source, instance + outer, length - outer, false);
	if (at == rows->items->count(source) ||
		mib_compare(name, rows->items->name(source, at, name), instance + outer,
			length - outer) != 0)
		return MIB_NO_INSTANCE;
	rows->items->choose(source, at);
	return MIB_FOUND;
}

/* Completes *name with the router's sub-identifiers and those of its nth item. */
static void finish(
	const struct mib_rows *rows, struct mib_source *source, size_t nth, struct mib_name *name)
{
	index_key_oids(
		rows->order, index_row_key(rows->order, &source->row), name->oids + name->length);
	name->length += index_length(rows->order);
	if (!rows->items)
		return;
	name->length += rows->items->name(source, nth, name->oids + name->length);
	rows->items->choose(source, nth);
}

/* The next item of the very router that the instance names. */
static enum mib_result next_here(const struct mib *mib, const struct mib_rows *rows,
	const unsigned long *instance, size_t length, struct mib_source *source,
	struct mib_name *name)
{
	size_t outer = index_length(rows->order);
	enum mib_result result;
	size_t nth;

	if (!rows->items || length < outer)
		return MIB_NO_INSTANCE;
	result = get_router(mib, rows, instance, source);
	if (result != MIB_FOUND)
		return result;
	nth = find_item(rows->items, source, instance + outer, length - outer, true);
	if (nth == rows->items->count(source))
		return MIB_NO_INSTANCE;
	finish(rows, source, nth, name);
	return MIB_FOUND;
}

enum mib_result rows_next(const struct mib *mib, const struct mib_rows *rows,
	const unsigned long *instance, size_t length, struct mib_source *source,
	struct mib_name *name)
{
	enum mib_result result;
	index_key key = 0;

	if (rows->groups)
		return grouprows_next(mib, rows->members, instance, length, source, name);
	if (rows->scalars) {
		if (instance && length > 0)
			return MIB_NO_INSTANCE;
		name->oids[name->length++] = 0;
		return read_engine(mib, source);
	}
	if (rows->statics && next_static(mib, instance, length, source, name) == MIB_FOUND)
		return MIB_FOUND;
	if (instance) {
		result = next_here(mib, rows, instance, length, source, name);
		if (result != MIB_NO_INSTANCE)
			return result;
		if (!index_key_after(rows->order, instance, length, &key))
			return MIB_NO_INSTANCE;
	}
	for (;;) {
		result = of_row(index_next(mib->index, rows->order, key, &source->row));
		if (result != MIB_FOUND)
			return result;
		configure(mib, source);
		if (!rows->items || rows->items->count(source) > 0)
			break;
		key = index_row_key(rows->order, &source->row) + 1;
	}
	finish(rows, source, 0, name);
	return MIB_FOUND;
}
