/* SPDX-License-Identifier: ISC */
#include "agent/snmp/answer.h"

#include "agent/snmp/snmplib.h"

#include <string.h>

const oid *answer_below(
	const struct mib_module *module, const netsnmp_variable_list *varbind, size_t *length)
{
	if (varbind->name_length < module->root_length ||
		snmplib.snmp_oidtree_compare(
			varbind->name, module->root_length, module->root, module->root_length) != 0)
		return NULL;
	*length = varbind->name_length - module->root_length;
	return varbind->name + module->root_length;
}

/* For GETNEXT a name before the root counts as the root.  NULL: it is behind it. */
static const oid *below_or_before(
	const struct mib_module *module, const netsnmp_variable_list *varbind, size_t *length)
{
	const oid *name = answer_below(module, varbind, length);

	if (name)
		return name;
	*length = 0;
	if (snmplib.snmp_oid_compare(
		    varbind->name, varbind->name_length, module->root, module->root_length) < 0)
		return varbind->name;
	return NULL;
}

static void put_value(netsnmp_variable_list *varbind, const struct mib_column *column,
	const struct mib_value *value)
{
	struct counter64 counter;

	switch (column->type) {
	case ASN_OCTET_STR:
	case ASN_IPADDRESS:
		snmplib.snmp_set_var_typed_value(
			varbind, column->type, value->octets, value->length);
		break;
	case ASN_COUNTER64:
		counter.high = (u_long)(value->counter >> 32);
		counter.low = (u_long)(value->counter & UINT32_MAX);
		snmplib.snmp_set_var_typed_value(varbind, ASN_COUNTER64, &counter, sizeof(counter));
		break;
	default:
		snmplib.snmp_set_var_typed_integer(varbind, column->type, value->number);
	}
}

static void answer_get(const struct mib *mib, const struct mib_module *module,
	struct mib_source *source, netsnmp_agent_request_info *info, netsnmp_request_info *request)
{
	const struct mib_column *column;
	struct mib_value value;
	size_t length;
	const oid *name = answer_below(module, request->requestvb, &length);

	switch (name ? mib_get(mib, module, name, length, source, &column, &value)
		     : MIB_NO_OBJECT) {
	case MIB_FOUND:
		put_value(request->requestvb, column, &value);
		break;
	case MIB_NO_INSTANCE:
		snmplib.netsnmp_set_request_error(info, request, SNMP_NOSUCHINSTANCE);
		break;
	case MIB_UNREADABLE:
		snmplib.netsnmp_set_request_error(info, request, SNMP_ERR_GENERR);
		break;
	default:
		snmplib.netsnmp_set_request_error(info, request, SNMP_NOSUCHOBJECT);
	}
}

/* Where nothing follows the varbind stays as it is, and the library goes on behind the root. */
static void answer_next(const struct mib *mib, const struct mib_module *module,
	struct mib_source *source, netsnmp_agent_request_info *info, netsnmp_request_info *request)
{
	oid full[MIB_ROOT_MAX + MIB_NAME_MAX];
	const struct mib_column *column;
	enum mib_result result = MIB_END;
	struct mib_value value;
	struct mib_name next;
	size_t length;
	const oid *name = below_or_before(module, request->requestvb, &length);

	if (name)
		result = mib_next(mib, module, name, length, source, &column, &value, &next);
	if (result == MIB_UNREADABLE)
		snmplib.netsnmp_set_request_error(info, request, SNMP_ERR_GENERR);
	if (result != MIB_FOUND)
		return;
	memcpy(full, module->root, module->root_length * sizeof(oid));
	memcpy(full + module->root_length, next.oids, next.length * sizeof(oid));
	snmplib.snmp_set_var_objid(request->requestvb, full, module->root_length + next.length);
	put_value(request->requestvb, column, &value);
}

void answer_requests(const struct mib *mib, const struct mib_module *module,
	struct mib_source *source, bool next, netsnmp_agent_request_info *info,
	netsnmp_request_info *requests)
{
	for (netsnmp_request_info *request = requests; request; request = request->next) {
		if (request->processed)
			continue;
		if (next)
			answer_next(mib, module, source, info, request);
		else
			answer_get(mib, module, source, info, request);
	}
}
