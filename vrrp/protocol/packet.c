/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/packet.h"

#include <errno.h>

#include "lib/cursor.h"
#include "lib/hot.h"

#define TYPE_ADVERTISEMENT 1
#define INTERVAL_MASK	   0x0fff
#define CHECKSUM_OFFSET	   6

/* The length is judged by the address count, exactly: a version 2 message must end in its 8
 * authentication octets, which is what tells it from CARP's. */
static enum vrrp_drop decode_length(struct vrrp_view *view, struct cursor *rest)
{
	/* In version 2, keepalived advertises a router without addresses like that. */
	if (view->address_count == 0 && view->version != VRRP_VERSION_2)
		return VRRP_DROP_COUNT_ZERO;
	view->addresses =
		cursor_take(rest, view->address_count * vrrp_address_length(view->family));
	if (!view->addresses)
		return VRRP_DROP_TRUNCATED;
	if (view->version == VRRP_VERSION_2) {
		if (rest->left == 0)
			return VRRP_DROP_TRAILER;
		view->trailer = cursor_take(rest, VRRP_AUTH_OCTETS);
		if (!view->trailer)
			return VRRP_DROP_TRUNCATED;
	}
	return rest->left == 0 ? VRRP_DROP_NONE : VRRP_DROP_SURPLUS;
}

static bool fits_pseudo_header(const struct vrrp_view *view, const struct vrrp_address *destination,
	uint32_t sum, size_t length)
{
	return vrrp_checksum_finish(
		       sum + vrrp_checksum_pseudo_header(&view->source, destination, length)) == 0;
}

static enum vrrp_drop decode_checksum(struct vrrp_view *view, const struct vrrp_address *group,
	const uint8_t *message, size_t length)
{
	const uint32_t sum = vrrp_checksum_add(0, message, length);

	if (view->version == VRRP_VERSION_3) {
		view->checksum_form = VRRP_CHECKSUM_PSEUDO;
		if (fits_pseudo_header(view, &view->destination, sum, length))
			return VRRP_DROP_NONE;
		if (view->family == VRRP_IPV6)
			return VRRP_DROP_CHECKSUM;
	}
	view->checksum_form = VRRP_CHECKSUM_MESSAGE;
	if (vrrp_checksum_finish(sum) == 0)
		return VRRP_DROP_NONE;
	view->checksum_form = VRRP_CHECKSUM_GROUP;
	if (view->version == VRRP_VERSION_3 && vrrp_address_is_set(group) &&
		!vrrp_address_is_multicast(&view->destination) &&
		fits_pseudo_header(view, group, sum, length))
		return VRRP_DROP_NONE;
	return VRRP_DROP_CHECKSUM;
}

/* Octets 2 to 7. */
static void decode_header(struct vrrp_view *view, struct cursor *cursor)
{
	view->priority = cursor_u8(cursor);
	view->address_count = cursor_u8(cursor);
	if (view->version == VRRP_VERSION_2) {
		view->auth_type = cursor_u8(cursor);
		view->interval = cursor_u8(cursor) * VRRP_SECOND;
	} else {
		view->interval = (cursor_u16(cursor) & INTERVAL_MASK) * VRRP_CENTISECOND;
	}
	cursor_take(cursor, sizeof(uint16_t)); /* the checksum is part of what is summed up */
}

/* Octets 0 and 1: enough to tell whose the rest is. */
static uint8_t decode_start(struct vrrp_view *view, struct cursor *cursor)
{
	const uint8_t first = cursor_u8(cursor);

	view->version = first >> 4;
	view->vrid = cursor_u8(cursor);
	return first;
}

/* How far a unicast packet may have come is for each router to say. */
static bool ttl_fits(const struct vrrp_ip_facts *facts)
{
	return facts->ttl == VRRP_TTL || !vrrp_address_is_multicast(&facts->destination);
}

static enum vrrp_drop decode_message(const uint8_t *message, size_t length, bool cut,
	const struct vrrp_ip_facts *facts, struct vrrp_view *view)
{
	struct cursor cursor = cursor_make(message, length);
	const uint8_t first = decode_start(view, &cursor);
	enum vrrp_drop drop;

	if (!ttl_fits(facts))
		return VRRP_DROP_TTL;
	if (length == 0)
		return VRRP_DROP_TRUNCATED;
	if (view->version != VRRP_VERSION_3 &&
		!(view->version == VRRP_VERSION_2 && view->family == VRRP_IPV4))
		return VRRP_DROP_VERSION;
	if ((first & 0x0f) != TYPE_ADVERTISEMENT)
		return VRRP_DROP_TYPE;
	decode_header(view, &cursor);
	if (cursor.failed || cut)
		return VRRP_DROP_TRUNCATED;
	drop = decode_length(view, &cursor);
	if (drop == VRRP_DROP_NONE)
		drop = decode_checksum(view, &facts->group, message, length);
	if (drop != VRRP_DROP_NONE)
		return drop;
	if (view->vrid == 0)
		return VRRP_DROP_VRID_ZERO;
	return view->interval == 0 ? VRRP_DROP_INTERVAL_ZERO : VRRP_DROP_NONE;
}

enum vrrp_drop vrrp_packet_decode(const uint8_t *payload, size_t received,
	const struct vrrp_ip_facts *facts, struct vrrp_view *view)
{
	const size_t length = received < facts->length ? received : facts->length;
	const bool cut = received < facts->length;

	*view = (struct vrrp_view){
		.source = facts->source,
		.destination = facts->destination,
		.ah = {.ip_header = facts->ip_header, .ip_header_length = facts->ip_header_length},
		.family = facts->source.family,
		.ttl = facts->ttl,
	};
	if (!facts->ip_header)
		return decode_message(payload, length, cut, facts, view);
	if (!vrrp_ah_read(&view->ah, payload, length))
		return VRRP_DROP_TRUNCATED;
	return decode_message(payload + VRRP_AH_OCTETS, length - VRRP_AH_OCTETS, cut, facts, view);
}

static bool interval_fits(uint8_t version, uint64_t interval)
{
	if (version == VRRP_VERSION_2)
		return interval >= VRRP_V2_INTERVAL_MIN && interval <= VRRP_V2_INTERVAL_MAX &&
		       interval % VRRP_SECOND == 0;
	return interval >= VRRP_V3_INTERVAL_MIN && interval <= VRRP_V3_INTERVAL_MAX &&
	       interval % VRRP_CENTISECOND == 0;
}

static bool advert_is_valid(const struct vrrp_advert *advert)
{
	const uint8_t family = advert->source.family;

	if (advert->version != VRRP_VERSION_3 &&
		!(advert->version == VRRP_VERSION_2 && family == VRRP_IPV4))
		return false;
	if (!vrrp_address_is_set(&advert->source) || advert->destination.family != family)
		return false;
	if (advert->vrid == 0 || !interval_fits(advert->version, advert->interval))
		return false;
	if (advert->address_count > VRRP_ADDRESSES_MAX ||
		(advert->address_count == 0 && advert->version != VRRP_VERSION_2))
		return false;
	for (size_t i = 0; i < advert->address_count; i++) {
		if (advert->addresses[i].family != family)
			return false;
	}
	return true;
}

static void encode_checksum(const struct vrrp_advert *advert, uint8_t *message, size_t length)
{
	uint32_t sum = vrrp_checksum_add(0, message, length);
	bool pseudo = advert->version == VRRP_VERSION_3 &&
		      (advert->source.family == VRRP_IPV6 ||
			      advert->checksum_form != VRRP_CHECKSUM_MESSAGE);
	bool group =
		advert->source.family == VRRP_IPV4 && advert->checksum_form == VRRP_CHECKSUM_GROUP;
	uint16_t checksum;

	if (pseudo)
		sum += vrrp_checksum_pseudo_header(
			&advert->source, group ? &advert->group : &advert->destination, length);
	checksum = vrrp_checksum_finish(sum);
	message[CHECKSUM_OFFSET] = (uint8_t)(checksum >> 8);
	message[CHECKSUM_OFFSET + 1] = (uint8_t)checksum;
}

HOT ssize_t vrrp_packet_encode(const struct vrrp_advert *advert, uint8_t *buffer, size_t size)
{
	static const uint8_t no_authentication[VRRP_AUTH_OCTETS];
	const bool has_password = advert->auth.type == VRRP_AUTH_PASS;
	struct cursor_writer writer = cursor_writer_make(buffer, size);

	if (!advert_is_valid(advert))
		return -EINVAL;
	cursor_put_u8(&writer, (uint8_t)(advert->version << 4 | TYPE_ADVERTISEMENT));
	cursor_put_u8(&writer, advert->vrid);
	cursor_put_u8(&writer, advert->priority);
	cursor_put_u8(&writer, (uint8_t)advert->address_count);
	if (advert->version == VRRP_VERSION_2) {
		cursor_put_u8(&writer, advert->auth.type);
		cursor_put_u8(&writer, (uint8_t)(advert->interval / VRRP_SECOND));
	} else {
		cursor_put_u16(&writer, (uint16_t)(advert->interval / VRRP_CENTISECOND));
	}
	cursor_put_u16(&writer, 0);
	for (size_t i = 0; i < advert->address_count; i++)
		cursor_put(&writer, advert->addresses[i].bytes,
			vrrp_address_length(advert->addresses[i].family));
	if (advert->version == VRRP_VERSION_2)
		cursor_put(&writer, has_password ? advert->auth.data : no_authentication,
			VRRP_AUTH_OCTETS);
	if (writer.failed)
		return -ENOBUFS;
	encode_checksum(advert, buffer, writer.written);
	return (ssize_t)writer.written;
}
