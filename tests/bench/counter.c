/* SPDX-License-Identifier: ISC */
/*
 * A subagent that only counts: so many objects below the subtree of VRRPV3-MIB, the value of each
 * its place.  What a walk of it costs is the way through snmpd.
 *
 *	counter SOCKET OBJECTS	until it is killed
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <stdio.h>
#include <stdlib.h>

/* Names have as many parts as those of vrrpv3OperationsTable. */
#define ROOT	1, 3, 6, 1, 2, 1, 207
#define PREFIX	ROOT, 1, 1, 1, 1, 1
#define LEAST	12 /* sub-identifiers of PREFIX */
#define OF_ROW	1000

static unsigned long objects;

/* The place behind a name; a name that is none of ours stands before the first. */
static unsigned long place_after(const oid *name, size_t length)
{
	return length < LEAST + 3 ? 0 : (name[LEAST] - 1) * OF_ROW + name[LEAST + 1];
}

static int answer(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	(void)handler;
	(void)registration;
	if (info->mode != MODE_GETNEXT)
		return SNMP_ERR_NOERROR;
	for (; requests; requests = requests->next) {
		netsnmp_variable_list *varbind = requests->requestvb;
		const unsigned long place = place_after(varbind->name, varbind->name_length);
		const oid name[] = {PREFIX, place / OF_ROW + 1, place % OF_ROW + 1, 1};

		if (requests->processed || place >= objects)
			continue;
		snmp_set_var_objid(varbind, name, OID_LENGTH(name));
		snmp_set_var_typed_value(varbind, ASN_UNSIGNED, &place, sizeof(place));
	}
	return SNMP_ERR_NOERROR;
}

int main(int argc, char **argv)
{
	static const oid root[] = {ROOT};

	if (argc != 3) {
		fputs("counter SOCKET OBJECTS\n", stderr);
		return 2;
	}
	objects = strtoul(argv[2], NULL, 10);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, argv[1]);
	init_agent("counter");
	netsnmp_register_handler(netsnmp_create_handler_registration(
		"counter", answer, root, OID_LENGTH(root), HANDLER_CAN_RONLY));
	init_snmp("counter");
	puts("ready");
	fflush(stdout);
	for (;;)
		agent_check_and_process(1);
}
