/* SPDX-License-Identifier: ISC */
#include "agent/snmp/varbind.h"

#include "agent/snmp/answer.h"
#include "agent/snmp/ifindex.h"
#include "agent/snmp/mib.h"
#include "agent/snmp/rows.h"

#include <string.h>

#define ROW_STATUS_NOT_READY 3
#define TRUTH_TRUE	     1

/* What a varbind is about. */
struct target {
	const struct mib_column *column;
	index_key key;
	bool possible; /* the instance can be a row's: `key`, and `address` of such a table */
	bool has_address;
	uint8_t address[16];
};

static size_t octets_of(index_key key)
{
	return index_key_family(key) == IMAGE_IPV4 ? 4 : 16;
}

/* The sub-identifiers of a virtual address: its length and octets. */
static bool parse_address(struct target *target, const unsigned long *oids, size_t length)
{
	size_t octets = octets_of(target->key);

	target->has_address = true;
	if (length != octets + 1 || oids[0] != octets)
		return false;
	for (size_t i = 0; i < octets; i++) {
		if (oids[i + 1] > UINT8_MAX)
			return false;
		target->address[i] = (uint8_t)oids[i + 1];
	}
	return true;
}

static void parse_instance(struct target *target, const struct mib_table *table,
	const unsigned long *instance, size_t length)
{
	if (table->rows->scalars || length < INDEX_OIDS ||
		!index_key_parse(INDEX_V3, instance, INDEX_OIDS, &target->key) ||
		index_key_vrid(target->key) == 0 ||
		(index_key_family(target->key) != IMAGE_IPV4 &&
			index_key_family(target->key) != IMAGE_IPV6))
		return;
	if (table->rows->items)
		target->possible =
			parse_address(target, instance + INDEX_OIDS, length - INDEX_OIDS);
	else
		target->possible = length == INDEX_OIDS;
}

static bool find_target(const struct mib_module *module, const netsnmp_variable_list *varbind,
	struct target *target)
{
	const struct mib_table *table;
	const unsigned long *instance;
	const oid *name;
	size_t length;

	*target = (struct target){0};
	name = answer_below(module, varbind, &length);
	if (!name)
		return false;
	target->column = mib_find(module, &table, name, length, &instance, &length);
	if (!target->column)
		return false;
	parse_instance(target, table, instance, length);
	return true;
}

static uint32_t number_of(const netsnmp_variable_list *varbind)
{
	return (uint32_t)(*varbind->val.integer & UINT32_MAX);
}

static int check_address(const struct target *target, const netsnmp_variable_list *varbind)
{
	static const uint8_t none[16];

	if (target->possible ? varbind->val_len != octets_of(target->key)
			     : varbind->val_len != 4 && varbind->val_len != 16)
		return SNMP_ERR_WRONGLENGTH;
	return memcmp(varbind->val.string, none, varbind->val_len) == 0 ? SNMP_ERR_WRONGVALUE
									: SNMP_ERR_NOERROR;
}

static int check_number(const struct mib_write *write, const netsnmp_variable_list *varbind)
{
	uint32_t value;

	if (varbind->val_len != sizeof(*varbind->val.integer))
		return SNMP_ERR_WRONGLENGTH;
	value = number_of(varbind);
	if (value < write->low || value > write->high ||
		(write->kind == MIB_ROW_STATUS && value == ROW_STATUS_NOT_READY))
		return SNMP_ERR_WRONGVALUE;
	return SNMP_ERR_NOERROR;
}

int varbind_check(const struct mib_module *module, const netsnmp_variable_list *varbind)
{
	const struct mib_write *write;
	struct target target;
	int error;

	if (!find_target(module, varbind, &target) || !target.column->write)
		return SNMP_ERR_NOTWRITABLE;
	write = target.column->write;
	if (varbind->type != target.column->type)
		return SNMP_ERR_WRONGTYPE;
	error = write->kind == MIB_ADDRESS ? check_address(&target, varbind)
					   : check_number(write, varbind);
	if (error == SNMP_ERR_NOERROR && !target.possible)
		error = SNMP_ERR_NOCREATION;
	return error;
}

/* The router that a row is or would be: its interface by its name. */
static int identify(const struct mib *mib, index_key key, struct message_change *change)
{
	struct index_row row;
	int found = index_get(mib->index, INDEX_V3, key, &row);

	if (found < 0)
		return SNMP_ERR_RESOURCEUNAVAILABLE;
	if (found)
		memcpy(change->interface, row.router.interface, sizeof(change->interface));
	else if (!ifindex_name(index_key_interface(key), change->interface))
		return SNMP_ERR_NOCREATION;
	change->family = index_key_family(key);
	change->vrid = index_key_vrid(key);
	return SNMP_ERR_NOERROR;
}

int varbind_change(const struct mib *mib, const struct mib_module *module,
	const netsnmp_variable_list *varbind, struct message_change *change)
{
	const struct mib_write *write;
	struct target target;
	int error;

	if (!find_target(module, varbind, &target) || !target.possible)
		return SNMP_ERR_NOCREATION;
	error = identify(mib, target.key, change);
	if (error != SNMP_ERR_NOERROR)
		return error;
	write = target.column->write;
	change->attribute = write->attribute;
	if (target.has_address)
		memcpy(change->address, target.address, sizeof(change->address));
	if (write->kind == MIB_ADDRESS)
		memcpy(change->address, varbind->val.string, varbind->val_len);
	else if (write->kind == MIB_TRUTH)
		change->value = number_of(varbind) == TRUTH_TRUE;
	else
		change->value = number_of(varbind);
	return SNMP_ERR_NOERROR;
}

bool varbind_same_target(const struct message_change *one, const struct message_change *other)
{
	return one->attribute == other->attribute && one->vrid == other->vrid &&
	       one->family == other->family && strcmp(one->interface, other->interface) == 0 &&
	       (one->attribute != ATTRIBUTE_ADDRESS_STATUS ||
		       memcmp(one->address, other->address, sizeof(one->address)) == 0);
}

bool varbind_same_value(const struct message_change *one, const struct message_change *other)
{
	return one->value == other->value &&
	       memcmp(one->address, other->address, sizeof(one->address)) == 0;
}
