/* SPDX-License-Identifier: ISC */
#include "agent/snmp/set.h"

#include "agent/snmp/snmplib.h"
#include "agent/snmp/varbind.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <errno.h>
#include <string.h>

/* How long the core may take: to validate it computes only, to apply it waits for the disk. snmpd's
 * master gives up after six seconds, whatever an Open or Register PDU asks for; it repeats its
 * request every second until then (agentXTimeout, agentXRetries). */
#define PREPARE_WITHIN_MS 500
#define APPLY_WITHIN_MS	  5000

enum phase {
	PHASE_NONE,
	PHASE_CHECKED, /* the syntax is right */
	PHASE_STAGED,  /* the core holds it, nothing has changed */
	PHASE_APPLIED, /* durable and effective */
};

/* The one SET under way: the master sends one at a time (RFC 2741, section 7.2.4). */
static struct {
	long transaction; /* the master's number for it */
	uint64_t id;	  /* the core's: never used twice, even by the next process */
	enum phase phase;
} set;

static const struct {
	uint32_t message;
	int snmp;
} errors[] = {
	{MESSAGE_OK, SNMP_ERR_NOERROR},
	{MESSAGE_NO_ROUTER, SNMP_ERR_INCONSISTENTNAME},
	{MESSAGE_NO_CREATION, SNMP_ERR_NOCREATION},
	{MESSAGE_NO_ROOM, SNMP_ERR_RESOURCEUNAVAILABLE},
	{MESSAGE_WRONG_VALUE, SNMP_ERR_WRONGVALUE},
	{MESSAGE_INCONSISTENT, SNMP_ERR_INCONSISTENTVALUE},
	{MESSAGE_READ_ONLY, SNMP_ERR_NOTWRITABLE},
	{MESSAGE_BUSY, SNMP_ERR_RESOURCEUNAVAILABLE},
	{MESSAGE_STORE_FAILED, SNMP_ERR_RESOURCEUNAVAILABLE},
	{MESSAGE_REFUSED, SNMP_ERR_INCONSISTENTVALUE},
};

/* SNMP's error for an answer of the core to SET_PREPARE. */
static int to_snmp_error(uint32_t message_error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].message == message_error)
			return errors[i].snmp;
	}
	return SNMP_ERR_GENERR;
}

static int reserve_syntax(const struct mib_module *module, netsnmp_agent_request_info *info,
	netsnmp_request_info *requests)
{
	for (netsnmp_request_info *request = requests; request; request = request->next) {
		int error = varbind_check(module, request->requestvb);

		if (error != SNMP_ERR_NOERROR) {
			snmplib.netsnmp_set_request_error(info, request, error);
			return error;
		}
	}
	return SNMP_ERR_NOERROR;
}

/* One PDU may name a variable twice (RFC 3416 leaves open what that means), but not with two
 * values. */
static bool contradicts(const struct message_set *changes)
{
	const struct message_change *last = &changes->changes[changes->count - 1];

	for (const struct message_change *change = changes->changes; change < last; change++) {
		if (varbind_same_target(change, last) && !varbind_same_value(change, last))
			return true;
	}
	return false;
}

static int gather(const struct mib *mib, const struct mib_module *module,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests,
	struct message_set *changes)
{
	for (netsnmp_request_info *request = requests; request; request = request->next) {
		int error = SNMP_ERR_RESOURCEUNAVAILABLE;

		if (changes->count < MESSAGE_CHANGES_MAX)
			error = varbind_change(mib, module, request->requestvb,
				&changes->changes[changes->count++]);
		if (error == SNMP_ERR_NOERROR && contradicts(changes))
			error = SNMP_ERR_INCONSISTENTVALUE;
		if (error != SNMP_ERR_NOERROR) {
			snmplib.netsnmp_set_request_error(info, request, error);
			return error;
		}
	}
	return SNMP_ERR_NOERROR;
}

static netsnmp_request_info *nth(netsnmp_request_info *requests, uint32_t number)
{
	netsnmp_request_info *request = requests;

	while (request->next && number-- > 0)
		request = request->next;
	return request;
}

static int fail(netsnmp_agent_request_info *info, netsnmp_request_info *request, int error)
{
	snmplib.netsnmp_set_request_error(info, request, error);
	return error;
}

static void log_refusal(const char *what, int result, const struct message_outcome *outcome)
{
	if (result < 0)
		log_message(LOG_WARNING, "SET: the core did not %s: %s", what, strerror(-result));
	else
		log_message(LOG_NOTICE, "SET: the core refused to %s: %s", what, outcome->text);
}

static void tell(struct corelink *link, enum message_type type)
{
	union message message;

	message_init(&message, type, set.id);
	corelink_send(link, &message);
}

static int stage(const struct mib *mib, const struct mib_module *module, struct corelink *link,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	struct message_outcome outcome;
	union message message;
	int result;

	set.id = clock_now();
	message_init(&message, MESSAGE_SET_PREPARE, set.id);
	result = gather(mib, module, info, requests, &message.set);
	if (result != SNMP_ERR_NOERROR)
		return result;
	result = corelink_ask(link, &message, PREPARE_WITHIN_MS, &outcome);
	if (result == 0 && outcome.error == MESSAGE_OK) {
		set.phase = PHASE_STAGED;
		return SNMP_ERR_NOERROR;
	}
	/* What it found wrong the core has logged itself. */
	if (result < 0 || outcome.error == MESSAGE_BUSY)
		log_refusal("accept the change", result, &outcome);
	if (result == -ETIMEDOUT)
		tell(link, MESSAGE_SET_FORGET);
	if (result < 0)
		return fail(info, requests, SNMP_ERR_RESOURCEUNAVAILABLE);
	return fail(info, nth(requests, outcome.index), to_snmp_error(outcome.error));
}

static int apply(
	struct corelink *link, netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	struct message_outcome outcome;
	union message message;
	int result;

	/* Until the core says no, it must be taken to have done it. */
	set.phase = PHASE_APPLIED;
	message_init(&message, MESSAGE_SET_APPLY, set.id);
	result = corelink_ask_again(link, &message, APPLY_WITHIN_MS, &outcome);
	if (result == 0 && outcome.error == MESSAGE_OK)
		return SNMP_ERR_NOERROR;
	log_refusal("apply the change", result, &outcome);
	if (result == 0 && outcome.error != MESSAGE_UNKNOWN)
		set.phase = PHASE_STAGED;
	return fail(
		info, result == 0 ? nth(requests, outcome.index) : requests, SNMP_ERR_COMMITFAILED);
}

static int undo(
	struct corelink *link, netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	struct message_outcome outcome;
	union message message;
	int result = 0;

	if (set.phase == PHASE_APPLIED) {
		message_init(&message, MESSAGE_SET_UNDO, set.id);
		result = corelink_ask_again(link, &message, APPLY_WITHIN_MS, &outcome);
		/* A core that knows nothing of it has not done it either. */
		if (result < 0 ||
			(outcome.error != MESSAGE_OK && outcome.error != MESSAGE_UNKNOWN)) {
			log_refusal("undo the change", result, &outcome);
			result = fail(info, requests, SNMP_ERR_UNDOFAILED);
		}
	}
	if (set.phase >= PHASE_STAGED)
		tell(link, MESSAGE_SET_FORGET);
	set.phase = PHASE_NONE;
	return result;
}

void set_abandon(struct corelink *link)
{
	if (set.phase >= PHASE_STAGED)
		tell(link, MESSAGE_SET_FORGET);
	set.phase = PHASE_NONE;
}

/* A phase of a SET that is not under way, or not that far. */
static int out_of_turn(netsnmp_agent_request_info *info, netsnmp_request_info *requests, int mode)
{
	if (mode == MODE_SET_ACTION)
		return fail(info, requests, SNMP_ERR_COMMITFAILED);
	return SNMP_ERR_NOERROR;
}

int set_handle(const struct mib *mib, const struct mib_module *module, struct corelink *link,
	int mode, long transaction, netsnmp_agent_request_info *info,
	netsnmp_request_info *requests)
{
	if (mode == MODE_SET_RESERVE1) {
		set_abandon(link);
		set.transaction = transaction;
		set.phase = PHASE_CHECKED;
		return reserve_syntax(module, info, requests);
	}
	if (transaction != set.transaction || set.phase == PHASE_NONE)
		return out_of_turn(info, requests, mode);
	switch (mode) {
	case MODE_SET_RESERVE2:
		return stage(mib, module, link, info, requests);
	case MODE_SET_ACTION:
		if (set.phase != PHASE_STAGED)
			return out_of_turn(info, requests, mode);
		return apply(link, info, requests);
	case MODE_SET_UNDO:
		return undo(link, info, requests);
	default: /* COMMIT, FREE: no answer is waited for */
		set_abandon(link);
		return SNMP_ERR_NOERROR;
	}
}
