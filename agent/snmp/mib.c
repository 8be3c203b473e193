/* SPDX-License-Identifier: ISC */
#include "agent/snmp/mib.h"

#include "agent/snmp/rows.h"

#include <string.h>

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

const struct mib_column *mib_find(const struct mib_module *module, const struct mib_table **table,
	const unsigned long *oids, size_t length, const unsigned long **instance,
	size_t *instance_length)
{
	for (size_t i = 0; i < module->count; i++) {
		const struct mib_table *at = module->tables[i];

		for (size_t j = 0; j < at->count; j++) {
			const struct mib_column *column = &at->columns[j];

			if (compare_prefix(at, column->number, oids, length) != 0)
				continue;
			*table = at;
			*instance = oids + at->prefix_length + 1;
			*instance_length = length - at->prefix_length - 1;
			return column;
		}
	}
	return NULL;
}

static void read_column(const struct mib *mib, const struct mib_column *column,
	struct mib_source *source, struct mib_value *value)
{
	*value = (struct mib_value){.absent = false};
	source->image = accepted_image(mib->accepted);
	source->accepted = mib->accepted;
	column->read(source, value);
}

enum mib_result mib_get(const struct mib *mib, const struct mib_module *module,
	const unsigned long *oids, size_t length, struct mib_source *source,
	const struct mib_column **column, struct mib_value *value)
{
	const unsigned long *instance;
	const struct mib_table *table;
	enum mib_result result;
	size_t instance_length;

	*column = mib_find(module, &table, oids, length, &instance, &instance_length);
	if (!*column)
		return MIB_NO_OBJECT;
	result = rows_get(mib, table->rows, instance, instance_length, source);
	if (result != MIB_FOUND)
		return result;
	read_column(mib, *column, source, value);
	return value->absent ? MIB_NO_INSTANCE : MIB_FOUND;
}

static void begin_name(
	struct mib_name *name, const struct mib_table *table, const struct mib_column *column)
{
	memcpy(name->oids, table->prefix, table->prefix_length * sizeof(*name->oids));
	name->oids[table->prefix_length] = column->number;
	name->length = table->prefix_length + 1u;
}

/* The first instance of a column that has a value: the first behind `instance`, or the very first
 * if that is NULL. */
static enum mib_result next_instance(const struct mib *mib, const struct mib_table *table,
	const struct mib_column *column, const unsigned long *instance, size_t length,
	struct mib_source *source, struct mib_value *value, struct mib_name *name)
{
	unsigned long passed[MIB_INSTANCE_MAX];
	size_t prefix = table->prefix_length + 1u;

	for (;;) {
		enum mib_result result;

		begin_name(name, table, column);
		result = rows_next(mib, table->rows, instance, length, source, name);
		if (result != MIB_FOUND)
			return result;
		read_column(mib, column, source, value);
		if (!value->absent)
			return MIB_FOUND;
		length = name->length - prefix;
		memcpy(passed, name->oids + prefix, length * sizeof(*passed));
		instance = passed;
	}
}

enum mib_result mib_next(const struct mib *mib, const struct mib_module *module,
	const unsigned long *oids, size_t length, struct mib_source *source,
	const struct mib_column **column, struct mib_value *value, struct mib_name *name)
{
	for (size_t i = 0; i < module->count; i++) {
		const struct mib_table *table = module->tables[i];

		for (size_t j = 0; j < table->count; j++) {
			const unsigned long *instance = NULL;
			size_t instance_length = 0;
			enum mib_result result;
			int order;

			*column = &table->columns[j];
			order = compare_prefix(table, (*column)->number, oids, length);
			if (order > 0)
				continue;
			if (order == 0) {
				instance = oids + table->prefix_length + 1;
				instance_length = length - table->prefix_length - 1;
			}
			result = next_instance(mib, table, *column, instance, instance_length,
				source, value, name);
			if (result != MIB_NO_INSTANCE)
				return result;
		}
	}
	return MIB_END;
}
