/* SPDX-License-Identifier: ISC */
#include "agent/snmp/direct.h"

#include "agent/snmp/openpdu.h"
#include "agent/snmp/pdu.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <string.h>

/* In a header. */
#define AT_VERSION 0
#define AT_TYPE	   1
#define AT_SESSION 4

#define VERSION 1

/* What was found of a name. */
struct found {
	const struct mib_column *column;
	struct mib_value value;
	unsigned long oids[MIB_ROOT_MAX + MIB_NAME_MAX];
	size_t length;
};

static bool is_below(const struct pdu_name *name, const struct mib_module *module)
{
	return name->length >= module->root_length &&
	       memcmp(name->oids, module->root, module->root_length * sizeof(*module->root)) == 0;
}

static enum mib_result get(struct direct *direct, const struct pdu_name *name, struct found *found)
{
	for (size_t i = 0; i < MIB_MODULES; i++) {
		const struct mib_module *module = &mib_modules[i];

		if (is_below(name, module))
			return mib_get(direct->mib, module, name->oids + module->root_length,
				name->length - module->root_length, &direct->source, &found->column,
				&found->value);
	}
	return MIB_NO_OBJECT;
}

/* The first object of a module that follows `start`. */
static enum mib_result next_in(struct direct *direct, const struct mib_module *module,
	const struct pdu_name *start, struct found *found)
{
	const unsigned long *oids = start->oids;
	enum mib_result result;
	struct mib_name name;
	size_t length = 0;

	if (is_below(start, module)) {
		oids += module->root_length;
		length = start->length - module->root_length;
	} else if (mib_compare(start->oids, start->length, module->root, module->root_length) > 0) {
		return MIB_END;
	}
	result = mib_next(direct->mib, module, oids, length, &direct->source, &found->column,
		&found->value, &name);
	if (result != MIB_FOUND)
		return result;
	memcpy(found->oids, module->root, module->root_length * sizeof(*found->oids));
	memcpy(found->oids + module->root_length, name.oids, name.length * sizeof(*found->oids));
	found->length = module->root_length + name.length;
	return MIB_FOUND;
}

static bool is_before(const unsigned long *oids, size_t length, const struct pdu_name *end)
{
	return end->length == 0 || mib_compare(oids, length, end->oids, end->length) < 0;
}

/* The first object of all modules from `start` on, before `end` if that is not empty. */
static enum mib_result next(struct direct *direct, const struct pdu_name *start,
	const struct pdu_name *end, struct found *found)
{
	enum mib_result best = MIB_END;

	for (size_t i = 0; i < MIB_MODULES; i++) {
		const struct mib_module *module = &mib_modules[i];
		struct found here;
		enum mib_result result;

		if (!is_before(module->root, module->root_length, end))
			continue;
		result = next_in(direct, module, start, &here);
		if (result == MIB_UNREADABLE)
			return result;
		if (result != MIB_FOUND || !is_before(here.oids, here.length, end))
			continue;
		if (best == MIB_END ||
			mib_compare(here.oids, here.length, found->oids, found->length) < 0)
			*found = here;
		best = MIB_FOUND;
	}
	return best;
}

static void put_found(struct pdu_writer *writer, const struct found *found)
{
	pdu_put_variable(writer, found->column->type, found->oids, found->length);
	switch (found->column->type) {
	case ASN_OCTET_STR:
	case ASN_IPADDRESS:
		pdu_put_octets(writer, found->value.octets, found->value.length);
		break;
	case ASN_COUNTER64:
		pdu_put_u64(writer, found->value.counter);
		break;
	default:
		pdu_put_u32(writer, found->value.number);
	}
}

/* What was asked for by its own name. */
static enum mib_result get_named(
	struct direct *direct, const struct pdu_name *name, struct found *found)
{
	enum mib_result result = get(direct, name, found);

	if (result == MIB_FOUND) {
		memcpy(found->oids, name->oids, name->length * sizeof(*found->oids));
		found->length = name->length;
	}
	return result;
}

/* One range of a PDU; false: net-snmp is to answer. */
static bool answer_range(
	struct direct *direct, bool next_one, struct pdu_reader *reader, struct pdu_writer *writer)
{
	enum mib_result result = MIB_NO_OBJECT;
	struct pdu_name start, end;
	struct found found;

	if (!pdu_read_name(reader, &start) || !pdu_read_name(reader, &end))
		return false;
	if (!next_one || start.include)
		result = get_named(direct, &start, &found);
	if (next_one && result != MIB_FOUND && result != MIB_UNREADABLE)
		result = next(direct, &start, &end, &found);
	switch (result) {
	case MIB_FOUND:
		put_found(writer, &found);
		break;
	case MIB_NO_OBJECT:
		pdu_put_variable(writer, PDU_NO_SUCH_OBJECT, start.oids, start.length);
		break;
	case MIB_NO_INSTANCE:
		pdu_put_variable(writer, PDU_NO_SUCH_INSTANCE, start.oids, start.length);
		break;
	case MIB_END:
		pdu_put_variable(writer, PDU_END_OF_MIB_VIEW, start.oids, start.length);
		break;
	case MIB_UNREADABLE:
		return false;
	}
	return true;
}

bool direct_takes(const uint8_t *pdu)
{
	return pdu[AT_VERSION] == VERSION &&
	       (pdu[AT_TYPE] == PDU_GET || pdu[AT_TYPE] == PDU_GET_NEXT);
}

size_t direct_answer(
	struct direct *direct, const uint8_t *pdu, size_t length, uint8_t *answer, size_t size)
{
	struct pdu_reader reader = pdu_reader_make(pdu, length - OPENPDU_HEADER);
	struct pdu_writer writer = pdu_writer_make(&reader, answer, size);

	if (!direct_takes(pdu) || openpdu_u32(pdu, AT_SESSION) != direct->session ||
		!pdu_read_context(&reader, direct->context))
		return 0;
	while (reader.cursor.left > 0) {
		if (!answer_range(direct, pdu[AT_TYPE] == PDU_GET_NEXT, &reader, &writer))
			return 0;
	}
	return pdu_finish(&writer);
}
