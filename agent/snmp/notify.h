/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_NOTIFY_H
#define AGENT_SNMP_NOTIFY_H

#include "agent/snmp/accepted.h"
#include "lib/consumer.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <stdbool.h>
#include <stdint.h>

/* Notifications: events from the ring as AgentX Notify PDUs, as notification.h has them.  At most
 * NOTIFY_WINDOW are under way without the master's acknowledgement; the others wait in the ring,
 * and so they do while there is no master.  The bookmark moves only behind what is acknowledged:
 * what was under way when the session or this process ended is sent again, in order.  Told twice
 * perhaps, never forgotten. */

#define NOTIFY_WINDOW 64

/* Over a consumer and a configuration that outlive it.  NULL: no memory. */
struct notifier *notify_create(struct consumer *consumer, const struct accepted *accepted);

struct notifier *notify_free(struct notifier *notifier);

/* A session has begun, or has ended (NULL). */
void notify_session(struct notifier *notifier, netsnmp_session *session);

/* Sends what can be sent.  `flags` (enum image_flag): the MIBs whose notifications the
 * configuration wants; events that have none are passed over. */
void notify_pump(struct notifier *notifier, uint32_t flags);

#endif
