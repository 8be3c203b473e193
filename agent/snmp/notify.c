/* SPDX-License-Identifier: ISC */
#include "agent/snmp/notify.h"

#include "agent/snmp/mib.h"
#include "agent/snmp/session.h"
#include "agent/snmp/uptime.h"
#include "lib/log.h"
#include "vrrp/protocol/reason.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AGENTX_NOTIFY	 12   /* PDU type, RFC 2741, section 6.1 */
#define UNTIL_DISCONNECT 3600 /* s: a stopped master answers when it goes on, however late */

static const oid sys_up_time[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
static const oid snmp_trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};

struct pending {
	struct event event;
	uint64_t number; /* in the ring */
};

/* Events under way, the oldest first.  They are counted for ever; the nth is in
 * pending[n % NOTIFY_WINDOW]. */
struct notifier {
	struct consumer *consumer;
	netsnmp_session *session;
	struct pending pending[NOTIFY_WINDOW];
	uint64_t acknowledged; /* so many are acknowledged */
	uint64_t sent;	       /* so many were sent, in this session or acknowledged before */
	uint64_t taken;	       /* so many were taken from the ring */
	uint64_t lost;	       /* of the ring's losses, how many have been logged */
	uint64_t refused;
};

struct notifier *notify_create(struct consumer *consumer)
{
	struct notifier *notifier = calloc(1, sizeof(*notifier));

	if (notifier) {
		notifier->consumer = consumer;
		notifier->lost = consumer_lost(consumer);
	}
	return notifier;
}

struct notifier *notify_free(struct notifier *notifier)
{
	free(notifier);
	return NULL;
}

void notify_session(struct notifier *notifier, netsnmp_session *session)
{
	notifier->session = session;
	notifier->sent = notifier->acknowledged;
}

/* A column of the event's virtual router. */
static size_t instance_of(const struct mib_table *table, uint32_t column, const struct event *event,
	oid name[MAX_OID_LEN])
{
	static const oid root[] = {MIB_ROOT};
	size_t length = MIB_ROOT_LEN;

	memcpy(name, root, sizeof(root));
	memcpy(name + length, table->prefix, table->prefix_length * sizeof(oid));
	length += table->prefix_length;
	name[length++] = column;
	index_key_oids(INDEX_V3, index_key_make(event->interface_index, event->vrid, event->family),
		name + length);
	return length + INDEX_OIDS;
}

static bool add_new_master(netsnmp_variable_list **varbinds, const struct event *event)
{
	static const oid new_master[] = {MIB_ROOT, 0, 1};
	int32_t reason = event->new_master_reason;
	oid name[MAX_OID_LEN];
	size_t length;

	if (!snmp_varlist_add_variable(varbinds, snmp_trap_oid, OID_LENGTH(snmp_trap_oid),
		    ASN_OBJECT_ID, new_master, sizeof(new_master)))
		return false;
	length = instance_of(&operations_table, 3, event, name);
	if (!snmp_varlist_add_variable(varbinds, name, length, ASN_OCTET_STR, event->source,
		    event->family == 2 ? 16 : 4))
		return false;
	length = instance_of(&statistics_table, 2, event, name);
	return snmp_varlist_add_variable(
		varbinds, name, length, ASN_INTEGER, &reason, sizeof(reason));
}

static bool add_protocol_error(netsnmp_variable_list **varbinds, const struct event *event)
{
	static const oid protocol_error[] = {MIB_ROOT, 0, 2};
	enum vrrp_counter counter = vrrp_drop_counter((enum vrrp_drop)event->drop);
	int32_t reason = vrrp_counter_proto_error(counter);
	oid name[MAX_OID_LEN];
	size_t length = instance_of(&statistics_table, 6, event, name);

	return snmp_varlist_add_variable(varbinds, snmp_trap_oid, OID_LENGTH(snmp_trap_oid),
		       ASN_OBJECT_ID, protocol_error, sizeof(protocol_error)) &&
	       snmp_varlist_add_variable(
		       varbinds, name, length, ASN_INTEGER, &reason, sizeof(reason));
}

/* Whether RFC 6527 has a notification for the event.  An error that belongs to no row has none. */
static bool notifiable(const struct event *event)
{
	if (event->interface_index == 0)
		return false;
	if (event->kind == EVENT_PROTOCOL_ERROR)
		return event->vrid != 0 &&
		       vrrp_counter_proto_error(vrrp_drop_counter((enum vrrp_drop)event->drop)) !=
			       0 &&
		       event->drop != VRRP_DROP_VRID_UNKNOWN;
	return event->kind == EVENT_TRANSITION && event->new_state == VRRP_STATE_ACTIVE;
}

static netsnmp_pdu *make_pdu(const struct event *event, uint64_t now)
{
	uint32_t uptime = uptime_at(event->at, now, session_uptime());
	netsnmp_pdu *pdu = snmp_pdu_create(AGENTX_NOTIFY);
	bool made;

	if (!pdu)
		return NULL;
	made = snmp_varlist_add_variable(&pdu->variables, sys_up_time, OID_LENGTH(sys_up_time),
		ASN_TIMETICKS, &uptime, sizeof(uptime));
	if (made && event->kind == EVENT_TRANSITION)
		made = add_new_master(&pdu->variables, event);
	else if (made)
		made = add_protocol_error(&pdu->variables, event);
	if (!made) {
		snmp_free_pdu(pdu);
		return NULL;
	}
	pdu->flags |= UCD_MSG_FLAG_PDU_TIMEOUT;
	pdu->time = UNTIL_DISCONNECT;
	return pdu;
}

/* The bookmark follows the oldest event that is not acknowledged: one that was sent when snmpd or
 * this process died is sent again. */
static void move_bookmark(struct notifier *notifier)
{
	uint64_t oldest = consumer_ahead(notifier->consumer);

	if (notifier->acknowledged < notifier->taken)
		oldest = notifier->pending[notifier->acknowledged % NOTIFY_WINDOW].number;
	consumer_done_before(notifier->consumer, oldest);
}

/* The master answers in the order in which it was sent to. */
static int acknowledged(
	int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic)
{
	struct notifier *notifier = magic;

	if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || session != notifier->session)
		return 1;
	if (notifier->acknowledged < notifier->sent)
		notifier->acknowledged++;
	move_bookmark(notifier);
	if (pdu->errstat != SNMP_ERR_NOERROR && notifier->refused++ % NOTIFY_WINDOW == 0)
		log_message(LOG_WARNING,
			"the AgentX master refused a notification: error %ld (%" PRIu64 " so far)",
			pdu->errstat, notifier->refused);
	return 1;
}

static bool send_event(struct notifier *notifier, const struct event *event, uint64_t now)
{
	netsnmp_pdu *pdu = make_pdu(event, now);

	if (!pdu)
		return false;
	pdu->sessid = notifier->session->sessid;
	if (snmp_async_send(notifier->session, pdu, acknowledged, notifier) == 0) {
		snmp_free_pdu(pdu);
		return false;
	}
	return true;
}

static void log_losses(struct notifier *notifier)
{
	uint64_t lost = consumer_lost(notifier->consumer);

	if (lost == notifier->lost)
		return;
	log_message(LOG_WARNING,
		"%" PRIu64 " events were overwritten before they could be notified",
		lost - notifier->lost);
	notifier->lost = lost;
}

/* The next event to notify, from the ring into the window; others are passed over. */
static bool take(struct notifier *notifier, bool traps)
{
	struct pending *pending = &notifier->pending[notifier->taken % NOTIFY_WINDOW];

	while (consumer_next(notifier->consumer, &pending->event, &pending->number)) {
		if (traps && notifiable(&pending->event)) {
			notifier->taken++;
			return true;
		}
	}
	return false;
}

static bool send_next(struct notifier *notifier, bool traps, uint64_t now)
{
	if (notifier->sent == notifier->acknowledged + NOTIFY_WINDOW)
		return false;
	if (notifier->sent == notifier->taken && !take(notifier, traps))
		return false;
	if (!send_event(notifier, &notifier->pending[notifier->sent % NOTIFY_WINDOW].event, now))
		return false;
	notifier->sent++;
	return true;
}

void notify_pump(struct notifier *notifier, bool traps, uint64_t now)
{
	if (!notifier->session)
		return;
	while (send_next(notifier, traps, now))
		;
	move_bookmark(notifier);
	log_losses(notifier);
}
