/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_NOTIFIER_H
#define AGENT_SNMP_NOTIFIER_H

#include "agent/snmp/accepted.h"
#include "lib/consumer.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <stdbool.h>
#include <stdint.h>

/* Notifications: events from the ring as AgentX Notify PDUs, as notification.h has them.  At most
 * NOTIFIER_WINDOW are under way without the master's acknowledgement; the others wait in the ring,
 * and so they do while there is no master.  The bookmark moves only behind what is acknowledged:
 * what was under way when the session or this process ended is sent again, in order.  Told twice
 * perhaps, never forgotten. */

#define NOTIFIER_WINDOW 64

/* Over a consumer and a configuration that outlive it.  NULL: no memory. */
struct notifier *notifier_create(struct consumer *consumer, const struct accepted *accepted);

struct notifier *notifier_free(struct notifier *notifier);

/* A session has begun, or has ended (NULL). */
void notifier_session(struct notifier *notifier, netsnmp_session *session);

/* Sends what can be sent.  `flags` (enum image_flag): the MIBs whose notifications the
 * configuration wants; events that have none are passed over. */
void notifier_pump(struct notifier *notifier, uint32_t flags);

#endif
