/* SPDX-License-Identifier: ISC */
#include "agent/snmp/notifier.h"

#include "agent/snmp/notification.h"
#include "agent/snmp/session.h"
#include "agent/snmp/snmplib.h"
#include "agent/snmp/uptime.h"
#include "lib/agentxnotes.h"
#include "lib/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AGENTX_NOTIFY	 12   /* PDU type, RFC 2741, section 6.1 */
#define UNTIL_DISCONNECT 3600 /* s: a stopped master answers when it goes on, however late */

static const oid sys_up_time[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
static const oid snmp_trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};

/* One notification; an event may have several. */
struct pending {
	struct event event;
	uint64_t number; /* in the ring */
	size_t notification;
};

/* Notifications under way, the oldest first.  They are counted for ever; the nth is in
 * pending[n % NOTIFIER_WINDOW]. */
struct notifier {
	struct consumer *consumer;
	const struct accepted *accepted;
	netsnmp_session *session;
	struct pending pending[NOTIFIER_WINDOW];
	uint64_t acknowledged; /* so many are acknowledged */
	uint64_t sent;	       /* so many were sent, in this session or acknowledged before */
	uint64_t taken;	       /* so many were made of the ring's events */
	bool more;	       /* the event that was taken last may have further ones */
	uint64_t lost;	       /* of the ring's losses, how many have been logged */
};

struct notifier *notifier_create(struct consumer *consumer, const struct accepted *accepted)
{
	struct notifier *notifier = calloc(1, sizeof(*notifier));

	if (notifier) {
		notifier->consumer = consumer;
		notifier->accepted = accepted;
		notifier->lost = consumer_lost(consumer);
	}
	return notifier;
}

struct notifier *notifier_free(struct notifier *notifier)
{
	free(notifier);
	return NULL;
}

void notifier_session(struct notifier *notifier, netsnmp_session *session)
{
	notifier->session = session;
	notifier->sent = notifier->acknowledged;
}

/* The types that the notifications' objects have; an integer is kept in 64 bits by the library. */
static bool add_value(netsnmp_variable_list **varbinds, const oid *name, size_t length,
	uint8_t type, const struct mib_value *value)
{
	long number = (long)value->number;

	if (type == ASN_INTEGER)
		return snmplib.snmp_varlist_add_variable(
			varbinds, name, length, type, &number, sizeof(number));
	return snmplib.snmp_varlist_add_variable(
		varbinds, name, length, type, value->octets, value->length);
}

static bool add_objects(netsnmp_variable_list **varbinds, const struct notification *notification,
	const struct notification_source *source)
{
	oid name[NOTIFICATION_INSTANCE_MAX];

	for (size_t i = 0; i < notification->count; i++) {
		const struct notification_object *object = &notification->objects[i];
		size_t length = notification_name(object, source->event, name);
		struct mib_value value = {0};

		object->read(source, &value);
		if (!add_value(varbinds, name, length, object->type, &value))
			return false;
	}
	return true;
}

static netsnmp_pdu *make_pdu(const struct notifier *notifier, const struct pending *pending)
{
	const struct notification *notification = &notifications[pending->notification];
	struct notification_source source =
		notification_source_of(&pending->event, notifier->accepted);
	uint32_t uptime = uptime_at(session_master_began(), pending->event.at);
	netsnmp_pdu *pdu = snmplib.snmp_pdu_create(AGENTX_NOTIFY);

	if (!pdu)
		return NULL;
	if (!snmplib.snmp_varlist_add_variable(&pdu->variables, sys_up_time,
		    OID_LENGTH(sys_up_time), ASN_TIMETICKS, &uptime, sizeof(uptime)) ||
		!snmplib.snmp_varlist_add_variable(&pdu->variables, snmp_trap_oid,
			OID_LENGTH(snmp_trap_oid), ASN_OBJECT_ID, notification->name,
			notification->length * sizeof(oid)) ||
		!add_objects(&pdu->variables, notification, &source)) {
		snmplib.snmp_free_pdu(pdu);
		return NULL;
	}
	pdu->flags |= UCD_MSG_FLAG_PDU_TIMEOUT;
	pdu->time = UNTIL_DISCONNECT;
	return pdu;
}

static const struct pending *last_taken(const struct notifier *notifier)
{
	return &notifier->pending[(notifier->taken + NOTIFIER_WINDOW - 1) % NOTIFIER_WINDOW];
}

/* The bookmark follows the oldest event that is not acknowledged: one that was sent when snmpd or
 * this process died is sent again. */
static void move_bookmark(struct notifier *notifier)
{
	uint64_t oldest = consumer_ahead(notifier->consumer);

	if (notifier->acknowledged < notifier->taken)
		oldest = notifier->pending[notifier->acknowledged % NOTIFIER_WINDOW].number;
	else if (notifier->more)
		oldest = last_taken(notifier)->number;
	consumer_done_before(notifier->consumer, oldest);
}

/* The master answers in the order in which it was sent to. */
static int acknowledged(
	int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic)
{
	struct notifier *notifier = magic;
	_Atomic uint64_t *notes = consumer_notes(notifier->consumer);

	if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || session != notifier->session)
		return 1;
	if (notifier->acknowledged < notifier->sent)
		notifier->acknowledged++;
	move_bookmark(notifier);
	if (pdu->errstat == SNMP_ERR_NOERROR)
		notes[NOTE_NOTIFIED]++;
	else if (notes[NOTE_REFUSED]++ % NOTIFIER_WINDOW == 0)
		log_message(LOG_WARNING,
			"the AgentX master refused a notification: error %ld (%" PRIu64 " so far)",
			pdu->errstat, notes[NOTE_REFUSED]);
	return 1;
}

static bool send_pending(struct notifier *notifier, const struct pending *pending)
{
	netsnmp_pdu *pdu = make_pdu(notifier, pending);

	if (!pdu)
		return false;
	pdu->sessid = notifier->session->sessid;
	if (snmplib.snmp_async_send(notifier->session, pdu, acknowledged, notifier) == 0) {
		snmplib.snmp_free_pdu(pdu);
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

/* The same event's next notification. */
static bool take_another(struct notifier *notifier, struct pending *pending, uint32_t flags)
{
	const struct pending *last = last_taken(notifier);

	if (!notifier->more)
		return false;
	*pending = *last;
	pending->notification = notification_of(&last->event, flags, last->notification + 1);
	return pending->notification < NOTIFICATIONS;
}

/* The next notification into the window; events without one are passed over. */
static bool take(struct notifier *notifier, uint32_t flags)
{
	struct pending *pending = &notifier->pending[notifier->taken % NOTIFIER_WINDOW];

	notifier->more = take_another(notifier, pending, flags);
	while (!notifier->more &&
		consumer_next(notifier->consumer, &pending->event, &pending->number)) {
		pending->notification = notification_of(&pending->event, flags, 0);
		notifier->more = pending->notification < NOTIFICATIONS;
	}
	notifier->taken += notifier->more;
	return notifier->more;
}

static bool send_next(struct notifier *notifier, uint32_t flags)
{
	if (notifier->sent == notifier->acknowledged + NOTIFIER_WINDOW)
		return false;
	if (notifier->sent == notifier->taken && !take(notifier, flags))
		return false;
	if (!send_pending(notifier, &notifier->pending[notifier->sent % NOTIFIER_WINDOW]))
		return false;
	notifier->sent++;
	return true;
}

void notifier_pump(struct notifier *notifier, uint32_t flags)
{
	if (!notifier->session)
		return;
	while (send_next(notifier, flags))
		;
	move_bookmark(notifier);
	log_losses(notifier);
}
