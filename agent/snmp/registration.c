/* SPDX-License-Identifier: ISC */
#include "agent/snmp/registration.h"

#include "agent/snmp/column.h"
#include "agent/snmp/session.h"
#include "agent/snmp/snmplib.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* PDU types, a flag and an error, RFC 2741, sections 6.1, 6.1.1 and 6.2.16. */
enum {
	AGENTX_REGISTER = 3,
	AGENTX_UNREGISTER = 4,
	AGENTX_ADD_CAPABILITIES = 16,
	AGENTX_REMOVE_CAPABILITIES = 17,
	AGENTX_NON_DEFAULT_CONTEXT = 0x08,
	AGENTX_DUPLICATE_REGISTRATION = 263
};

#define PRIORITY       127		  /* the default of section 6.2.3 */
#define RESTORE_PERIOD (5 * NSEC_PER_SEC) /* of a registration that was refused */

static struct {
	const char *context;
	struct registration {
		bool serve;
		long refusal;	/* the last one told */
		uint64_t again; /* when to try again; 0: nothing is due */
	} modules[MIB_MODULES];
} state;

static int register_handler(const struct mib_module *module, Netsnmp_Node_Handler *handler)
{
	netsnmp_handler_registration *registration = snmplib.netsnmp_create_handler_registration(
		module->name, handler, module->root, module->root_length, HANDLER_CAN_RWRITE);

	if (!registration)
		return -EIO;
	if (state.context)
		registration->contextName = strdup(state.context);
	return snmplib.netsnmp_register_handler(registration) == MIB_REGISTERED_OK ? 0 : -EIO;
}

int registration_init(const char *context, Netsnmp_Node_Handler *handler)
{
	int error = 0;

	state.context = context;
	for (size_t i = 0; i < MIB_MODULES && !error; i++)
		error = register_handler(&mib_modules[i], handler);
	return error;
}

static bool set_context(netsnmp_pdu *pdu)
{
	if (!state.context)
		return true;
	pdu->flags |= AGENTX_NON_DEFAULT_CONTEXT;
	pdu->community = (u_char *)strdup(state.context);
	pdu->community_len = strlen(state.context);
	return pdu->community != NULL;
}

static void tell_refusal(const struct mib_module *module, long error)
{
	char root[MIB_ROOT_MAX * 11 + 1] = "";
	size_t length = 0;

	for (size_t i = 0; i < module->root_length; i++)
		length += (size_t)snprintf(root + length, sizeof(root) - length, "%s%lu",
			i ? "." : "", module->root[i]);
	if (error == AGENTX_DUPLICATE_REGISTRATION)
		log_message(LOG_ERR,
			"the AgentX master at %s refused to register %s: another subagent serves "
			"%s already, most likely keepalived run with -x (--snmp): stop its SNMP "
			"support; trying again every 5 s",
			session_address(), module->name, root);
	else
		log_message(LOG_ERR,
			"the AgentX master at %s refused to register %s: error %ld; trying again "
			"every 5 s",
			session_address(), module->name, error);
}

/* `magic` is the number of the module. */
static int on_registered(
	int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic)
{
	size_t number = (size_t)(uintptr_t)magic;
	struct registration *registration = &state.modules[number];
	const struct mib_module *module = &mib_modules[number];

	if (operation == NETSNMP_CALLBACK_OP_TIMED_OUT && session == session_get())
		session_drop("it did not answer the registration");
	if (!session_is_answer(operation, session))
		return 1;
	if (pdu->errstat == SNMP_ERR_NOERROR) {
		registration->refusal = 0;
		log_message(LOG_NOTICE, "%s is registered with the AgentX master at %s",
			module->name, session_address());
		return 1;
	}
	if (registration->refusal != pdu->errstat)
		tell_refusal(module, pdu->errstat);
	registration->refusal = pdu->errstat;
	registration->again = clock_now() + RESTORE_PERIOD;
	return 1;
}

static int ignore_answer(
	int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic)
{
	return 1;
}

static void change_root(size_t number, int type)
{
	netsnmp_pdu *pdu = snmplib.snmp_pdu_create(type);

	if (!pdu)
		return;
	if (!set_context(pdu)) {
		snmplib.snmp_free_pdu(pdu);
		return;
	}
	pdu->priority = PRIORITY;
	pdu->time = 0; /* the session's timeout */
	snmplib.snmp_add_null_var(pdu, mib_modules[number].root, mib_modules[number].root_length);
	session_send(pdu, type == AGENTX_REGISTER ? on_registered : ignore_answer,
		(void *)(uintptr_t)number);
}

/* sysORTable is one for all contexts: nothing is said of any. */
static void change_capabilities(const struct mib_module *module, int type)
{
	oid name[MIB_ROOT_MAX + 2] = {MIB_CAPABILITIES};
	netsnmp_pdu *pdu = snmplib.snmp_pdu_create(type);

	if (!pdu)
		return;
	name[MIB_CAPABILITIES_LEN] = module->capabilities;
	if (type == AGENTX_ADD_CAPABILITIES)
		snmplib.snmp_pdu_add_variable(pdu, name, MIB_CAPABILITIES_LEN + 1, ASN_OCTET_STR,
			module->text, strlen(module->text));
	else
		snmplib.snmp_add_null_var(pdu, name, MIB_CAPABILITIES_LEN + 1);
	session_send(pdu, ignore_answer, NULL);
}

/* Registers the module, or takes its registration back. */
static void change(size_t number, bool serve)
{
	state.modules[number].again = 0;
	change_root(number, serve ? AGENTX_REGISTER : AGENTX_UNREGISTER);
	change_capabilities(
		&mib_modules[number], serve ? AGENTX_ADD_CAPABILITIES : AGENTX_REMOVE_CAPABILITIES);
}

void registration_serve(uint32_t flags)
{
	for (size_t i = 0; i < MIB_MODULES; i++) {
		bool serve = (flags & mib_modules[i].flag) != 0;

		if (serve == state.modules[i].serve)
			continue;
		state.modules[i].serve = serve;
		if (session_get())
			change(i, serve);
	}
}

void registration_begin(void)
{
	for (size_t i = 0; i < MIB_MODULES; i++) {
		if (state.modules[i].serve)
			change(i, true);
	}
}

uint64_t registration_tick(uint64_t now)
{
	uint64_t due = UINT64_MAX;

	for (size_t i = 0; i < MIB_MODULES; i++) {
		struct registration *registration = &state.modules[i];

		if (!registration->serve || !registration->again)
			continue;
		if (now >= registration->again) {
			registration->again = 0;
			change_root(i, AGENTX_REGISTER);
		} else if (registration->again < due) {
			due = registration->again;
		}
	}
	return due;
}

uint32_t registration_taken(void)
{
	uint32_t taken = 0;

	for (size_t i = 0; i < MIB_MODULES; i++) {
		if (state.modules[i].serve &&
			state.modules[i].refusal == AGENTX_DUPLICATE_REGISTRATION)
			taken |= mib_modules[i].flag;
	}
	return taken;
}
