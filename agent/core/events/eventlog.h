/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EVENTS_EVENTLOG_H
#define AGENT_CORE_EVENTS_EVENTLOG_H

#include <jansson.h>

/* Events in the log.  Where the journal reads it, each has a message id, which
 * etc/vrrp-agent.catalog explains (journalctl -x), and every member of its document as a field:
 * "interface" is VRRP_INTERFACE.  Elsewhere the line alone. */

/* `document`: event_document()'s, or one with "kind" reloaded or refused; its "text" is what is
 * said. */
void eventlog_write(int level, const json_t *document);

/* How a reload ended. */
void eventlog_reload(int level, const char *kind, const char *text);

#endif
