/* SPDX-License-Identifier: ISC */
#include "agent/snmp/notification.h"

#include "agent/snmp/put.h"
#include "lib/image.h"
#include "vrrp/protocol/reason.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <string.h>

#define V3_ROOT		1, 3, 6, 1, 2, 1, 207
#define V2_ROOT		1, 3, 6, 1, 2, 1, 68
#define KEEPALIVED_ROOT 1, 3, 6, 1, 4, 1, 9586, 100, 5

/* Sub-identifiers, behind their number. */
#define OIDS(...)                                                                 \
	.length = sizeof((unsigned long[]){__VA_ARGS__}) / sizeof(unsigned long), \
	.name = {__VA_ARGS__}

/* ---- what is said ---- */

/* A router that becomes Active is the master that it tells of. */
static void read_own_address(const struct notification_source *source, struct mib_value *value)
{
	put_octets(value, source->event->source, source->event->family == IMAGE_IPV4 ? 4 : 16);
}

static void read_new_master_reason(
	const struct notification_source *source, struct mib_value *value)
{
	value->number = source->event->new_master_reason;
}

static int protocol_error(const struct event *event)
{
	return vrrp_counter_proto_error(vrrp_drop_counter((enum vrrp_drop)event->drop));
}

static void read_protocol_error(const struct notification_source *source, struct mib_value *value)
{
	value->number = (uint32_t)protocol_error(source->event);
}

static void read_packet_source(const struct notification_source *source, struct mib_value *value)
{
	put_octets(value, source->event->peer, 4);
}

/* vrrpTrapAuthErrorType, or 0. */
static uint32_t auth_error(const struct event *event)
{
	switch (event->drop) {
	case VRRP_DROP_AUTH_UNKNOWN:
		return 1;
	case VRRP_DROP_AUTH_TYPE:
		return 2;
	case VRRP_DROP_AUTH_FAILED:
		return 3;
	default:
		return 0;
	}
}

static void read_auth_error(const struct notification_source *source, struct mib_value *value)
{
	value->number = auth_error(source->event);
}

/* An object can't be left out of a notification: the name of a router that is gone is empty. */
static void read_name(const struct notification_source *source, struct mib_value *value)
{
	const struct accepted_router *configured = source->configured;

	put_text(
		value, configured ? image_string(configured->image, configured->router->name) : "");
}

static void read_state(const struct notification_source *source, struct mib_value *value)
{
	value->number =
		(uint32_t)vrrp_state_keepalived_status((enum vrrp_state)source->event->new_state);
}

static void read_group_name(const struct notification_source *source, struct mib_value *value)
{
	put_text(value, source->group ? source->group : "");
}

static void read_initial_state(const struct notification_source *source, struct mib_value *value)
{
	const struct accepted_router *configured = source->configured;
	bool master = configured && (configured->router->shown & IMAGE_SHOWN_MASTER);

	value->number = (uint32_t)vrrp_state_keepalived_status(
		master ? VRRP_STATE_ACTIVE : VRRP_STATE_BACKUP);
}

static void read_router_id(const struct notification_source *source, struct mib_value *value)
{
	uint32_t string = source->image ? image_header(source->image)->router_id : 0;

	put_text(value, string ? image_string(source->image, string) : "");
}

static const struct notification_object v3_new_master[] = {
	{ASN_OCTET_STR, NOTIFIED_V3, OIDS(V3_ROOT, 1, 1, 1, 1, 3), read_own_address},
	{ASN_INTEGER, NOTIFIED_V3, OIDS(V3_ROOT, 1, 2, 5, 1, 2), read_new_master_reason},
};

static const struct notification_object v3_protocol_error[] = {
	{ASN_INTEGER, NOTIFIED_V3, OIDS(V3_ROOT, 1, 2, 5, 1, 6), read_protocol_error},
};

static const struct notification_object v2_new_master[] = {
	{ASN_IPADDRESS, NOTIFIED_V2, OIDS(V2_ROOT, 1, 3, 1, 7), read_own_address},
};

static const struct notification_object v2_auth_failure[] = {
	{ASN_IPADDRESS, NOTIFIED_SCALAR, OIDS(V2_ROOT, 1, 5), read_packet_source},
	{ASN_INTEGER, NOTIFIED_SCALAR, OIDS(V2_ROOT, 1, 6), read_auth_error},
};

static const struct notification_object keepalived_state[] = {
	{ASN_OCTET_STR, NOTIFIED_SLOT, OIDS(KEEPALIVED_ROOT, 2, 3, 1, 2), read_name},
	{ASN_INTEGER, NOTIFIED_SLOT, OIDS(KEEPALIVED_ROOT, 2, 3, 1, 4), read_state},
	{ASN_INTEGER, NOTIFIED_SLOT, OIDS(KEEPALIVED_ROOT, 2, 3, 1, 5), read_initial_state},
	{ASN_OCTET_STR, NOTIFIED_SCALAR, OIDS(KEEPALIVED_ROOT, 1, 2), read_router_id},
};

static const struct notification_object keepalived_group_state[] = {
	{ASN_OCTET_STR, NOTIFIED_SLOT, OIDS(KEEPALIVED_ROOT, 2, 1, 1, 2), read_group_name},
	{ASN_INTEGER, NOTIFIED_SLOT, OIDS(KEEPALIVED_ROOT, 2, 1, 1, 3), read_state},
	{ASN_OCTET_STR, NOTIFIED_SCALAR, OIDS(KEEPALIVED_ROOT, 1, 2), read_router_id},
};

/* ---- of what ---- */

/* Without an ifIndex there is no row that it could be about. */
static bool is_new_master(const struct event *event)
{
	return event->kind == EVENT_TRANSITION && event->new_state == VRRP_STATE_ACTIVE &&
	       event->interface_index != 0;
}

/* An error that belongs to no router has no row. */
static bool is_protocol_error(const struct event *event)
{
	return event->kind == EVENT_PROTOCOL_ERROR && event->interface_index != 0 &&
	       event->vrid != 0 && protocol_error(event) != 0 &&
	       event->drop != VRRP_DROP_VRID_UNKNOWN;
}

static bool is_v2(const struct event *event)
{
	return event->version == 2 && event->family == IMAGE_IPV4;
}

static bool is_v2_new_master(const struct event *event)
{
	return is_new_master(event) && is_v2(event);
}

static bool is_auth_failure(const struct event *event)
{
	return event->kind == EVENT_NOTE && is_v2(event) && auth_error(event) != 0;
}

static bool is_transition(const struct event *event)
{
	return event->kind == EVENT_TRANSITION;
}

static bool is_group_transition(const struct event *event)
{
	return event->kind == EVENT_GROUP;
}

#define OBJECTS(list) .objects = (list), .count = sizeof(list) / sizeof((list)[0])

const struct notification notifications[NOTIFICATIONS] = {
	{IMAGE_SNMP_RFCV3, OIDS(V3_ROOT, 0, 1), is_new_master, OBJECTS(v3_new_master)},
	{IMAGE_SNMP_RFCV3, OIDS(V3_ROOT, 0, 2), is_protocol_error, OBJECTS(v3_protocol_error)},
	{IMAGE_SNMP_RFCV2, OIDS(V2_ROOT, 0, 1), is_v2_new_master, OBJECTS(v2_new_master)},
	{IMAGE_SNMP_RFCV2, OIDS(V2_ROOT, 0, 2), is_auth_failure, OBJECTS(v2_auth_failure)},
	{IMAGE_SNMP_KEEPALIVED, OIDS(KEEPALIVED_ROOT, 2, 10, 0, 2), is_transition,
		OBJECTS(keepalived_state)},
	{IMAGE_SNMP_KEEPALIVED, OIDS(KEEPALIVED_ROOT, 2, 10, 0, 1), is_group_transition,
		OBJECTS(keepalived_group_state)},
};

size_t notification_of(const struct event *event, uint32_t flags, size_t from)
{
	if (!(flags & IMAGE_TRAPS))
		return NOTIFICATIONS;
	while (from < NOTIFICATIONS &&
		!((flags & notifications[from].flag) && notifications[from].is_for(event)))
		from++;
	return from;
}

struct notification_source notification_source_of(
	const struct event *event, const struct accepted *accepted)
{
	struct notification_source source = {.event = event};
	struct status_router router = {.vrid = event->vrid, .family = event->family};

	if (!accepted)
		return source;
	if (event->kind == EVENT_GROUP)
		source.group = accepted_group_name(accepted, event->slot);
	memcpy(router.interface, event->interface, sizeof(router.interface));
	source.configured = accepted_find(accepted, event->slot, &router);
	source.image = accepted_image(accepted);
	return source;
}

size_t notification_name(const struct notification_object *object, const struct event *event,
	unsigned long name[NOTIFICATION_INSTANCE_MAX])
{
	size_t length = object->length;

	memcpy(name, object->name, length * sizeof(*name));
	switch (object->instance) {
	case NOTIFIED_V3:
		index_key_oids(INDEX_V3,
			index_key_make(event->interface_index, event->vrid, event->family),
			name + length);
		return length + index_length(INDEX_V3);
	case NOTIFIED_V2:
		name[length++] = event->interface_index;
		name[length++] = event->vrid;
		return length;
	case NOTIFIED_SLOT:
		name[length++] = event->slot + 1ul;
		return length;
	default:
		name[length++] = 0;
		return length;
	}
}
