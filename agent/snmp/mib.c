/* SPDX-License-Identifier: ISC */
#include "agent/snmp/mib.h"

#include <errno.h>
#include <string.h>

/* In the order of their OIDs. */
static const struct mib_table *const tables[] = {
	&operations_table,
	&statistics_scalars,
	&statistics_table,
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* How an OID compares with a table's prefix followed by a column: <0, 0 (it begins with it), >0. */
static int compare_prefix(
	const struct mib_table *table, uint32_t column, const unsigned long *oids, size_t length)
{
	for (size_t i = 0; i <= table->prefix_length; i++) {
		unsigned long part = i < table->prefix_length ? table->prefix[i] : column;

		if (i == length)
			return -1;
		if (oids[i] != part)
			return oids[i] < part ? -1 : 1;
	}
	return 0;
}

const struct mib_column *mib_find(const struct mib_table **table, const unsigned long *oids,
	size_t length, const unsigned long **instance, size_t *instance_length)
{
	for (size_t i = 0; i < TABLES; i++) {
		for (size_t j = 0; j < tables[i]->count; j++) {
			const struct mib_column *column = &tables[i]->columns[j];

			if (compare_prefix(tables[i], column->number, oids, length) != 0)
				continue;
			*table = tables[i];
			*instance = oids + tables[i]->prefix_length + 1;
			*instance_length = length - tables[i]->prefix_length - 1;
			return column;
		}
	}
	return NULL;
}

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

enum mib_result mib_get(const struct mib *mib, const unsigned long *oids, size_t length,
	struct mib_source *source, const struct mib_column **column, struct mib_value *value)
{
	const unsigned long *instance;
	const struct mib_table *table;
	enum mib_result result;
	size_t instance_length;
	index_key key;

	*column = mib_find(&table, oids, length, &instance, &instance_length);
	if (!*column)
		return MIB_NO_OBJECT;
	if (table->scalars) {
		if (instance_length != 1 || instance[0] != 0)
			return MIB_NO_INSTANCE;
		result = read_engine(mib, source);
	} else {
		if (!index_key_parse(instance, instance_length, &key))
			return MIB_NO_INSTANCE;
		result = of_row(index_get(mib->index, key, &source->router));
	}
	if (result == MIB_FOUND)
		(*column)->read(source, value);
	return result;
}

/* The first instance of a column: the first that follows `instance`, or the very first if that is
 * NULL.  Its sub-identifiers are stored behind the column's in *name. */
static enum mib_result next_instance(const struct mib *mib, const struct mib_table *table,
	const unsigned long *instance, size_t length, struct mib_source *source,
	struct mib_name *name)
{
	enum mib_result result;
	index_key key = 0;

	if (table->scalars) {
		if (instance && length > 0)
			return MIB_NO_INSTANCE;
		name->oids[name->length++] = 0;
		return read_engine(mib, source);
	}
	if (instance && !index_key_after(instance, length, &key))
		return MIB_NO_INSTANCE;
	result = of_row(index_next(mib->index, key, &source->router));
	if (result == MIB_FOUND) {
		index_key_oids(index_key_of(&source->router), name->oids + name->length);
		name->length += INDEX_OIDS;
	}
	return result;
}

static void begin_name(
	struct mib_name *name, const struct mib_table *table, const struct mib_column *column)
{
	memcpy(name->oids, table->prefix, table->prefix_length * sizeof(*name->oids));
	name->oids[table->prefix_length] = column->number;
	name->length = table->prefix_length + 1u;
}

enum mib_result mib_next(const struct mib *mib, const unsigned long *oids, size_t length,
	struct mib_source *source, const struct mib_column **column, struct mib_value *value,
	struct mib_name *name)
{
	for (size_t i = 0; i < TABLES; i++) {
		for (size_t j = 0; j < tables[i]->count; j++) {
			const unsigned long *instance = NULL;
			size_t instance_length = 0;
			enum mib_result result;
			int order;

			*column = &tables[i]->columns[j];
			order = compare_prefix(tables[i], (*column)->number, oids, length);
			if (order > 0)
				continue;
			if (order == 0) {
				instance = oids + tables[i]->prefix_length + 1;
				instance_length = length - tables[i]->prefix_length - 1;
			}
			begin_name(name, tables[i], *column);
			result = next_instance(
				mib, tables[i], instance, instance_length, source, name);
			if (result == MIB_FOUND)
				(*column)->read(source, value);
			if (result != MIB_NO_INSTANCE)
				return result;
		}
	}
	return MIB_END;
}
