/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_NOTIFICATION_H
#define AGENT_SNMP_NOTIFICATION_H

#include "agent/snmp/column.h"
#include "lib/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The notifications of all MIBs as a table: which events each is for, and what it says.  Nothing
 * here knows of net-snmp but the ASN.1 tags. */

/* Sub-identifiers of a notification's or an object's name, without and with the instance. */
#define NOTIFICATION_NAME_MAX	  16
#define NOTIFICATION_INSTANCE_MAX (NOTIFICATION_NAME_MAX + INDEX_OIDS)

/* Where an object's values come from: the event, and what is configured by now. */
struct notification_source {
	const struct event *event;
	const struct accepted_router
		*configured;	   /* of its router; NULL: it is gone, or not known */
	const struct image *image; /* the globals; NULL: not known yet */
	const char *group;	   /* of EVENT_GROUP: its name; NULL: it is gone, or not known */
};

enum notification_instance {
	NOTIFIED_V3,   /* as VRRPV3-MIB numbers the event's router */
	NOTIFIED_V2,   /* as VRRP-MIB does */
	NOTIFIED_SLOT, /* as KEEPALIVED-MIB does, routers and sync groups alike */
	NOTIFIED_SCALAR,
};

/* One varbind. */
struct notification_object {
	uint8_t type;	  /* ASN.1 tag */
	uint8_t instance; /* enum notification_instance */
	uint8_t length;
	unsigned long name[NOTIFICATION_NAME_MAX];
	void (*read)(const struct notification_source *source, struct mib_value *value);
};

struct notification {
	uint32_t flag; /* enum image_flag: the MIB is served */
	uint8_t length;
	unsigned long name[NOTIFICATION_NAME_MAX];
	bool (*is_for)(const struct event *event);
	const struct notification_object *objects;
	size_t count;
};

/* In the order in which those about one event are sent. */
#define NOTIFICATIONS 6
extern const struct notification notifications[NOTIFICATIONS];

/* The first notification, counted from `from`, that an event has with these flags (enum
 * image_flag); NOTIFICATIONS: there is none. */
size_t notification_of(const struct event *event, uint32_t flags, size_t from);

/* What is known of the event's router.  `accepted` may be NULL. */
struct notification_source notification_source_of(
	const struct event *event, const struct accepted *accepted);

/* The whole name of an object about the event's router; returns its length. */
size_t notification_name(const struct notification_object *object, const struct event *event,
	unsigned long name[NOTIFICATION_INSTANCE_MAX]);

#endif
