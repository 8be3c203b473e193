/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/ah.h"

#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "lib/cursor.h"

#define AH_PROTOCOL	 51
#define AH_LENGTH_WORDS	 4 /* 32-bit words, less two (RFC 4302 2.2) */
#define AH_ICV_OFFSET	 12
#define AH_ICV_OCTETS	 12
#define IPV4_HEADER_MAX	 60
#define CLASS_SELECTOR_6 0xc0

/* HMAC-MD5 (RFC 2104), cut. */
static void compute_icv(
	const struct vrrp_ah_view *view, const uint8_t *password, uint8_t icv[AH_ICV_OCTETS])
{
	uint8_t ip[IPV4_HEADER_MAX], header[VRRP_AH_OCTETS];
	const struct vrrp_address destination = vrrp_address_make(VRRP_IPV4, view->ip_header + 16);
	struct hmac_md5_ctx context;

	memcpy(ip, view->ip_header, view->ip_header_length);
	ip[1] = 0;
	if (!vrrp_address_is_multicast(&destination))
		ip[8] = 0;
	memset(ip + 6, 0, 2);
	memset(ip + 10, 0, 2);
	memcpy(header, view->header, sizeof(header));
	memset(header + AH_ICV_OFFSET, 0, AH_ICV_OCTETS);
	hmac_md5_set_key(&context, VRRP_AUTH_OCTETS, password);
	hmac_md5_update(&context, view->ip_header_length, ip);
	hmac_md5_update(&context, sizeof(header), header);
	hmac_md5_update(&context, view->message_length, view->header + VRRP_AH_OCTETS);
	hmac_md5_digest(&context, AH_ICV_OCTETS, icv);
}

bool vrrp_ah_carries_vrrp(const uint8_t *payload, size_t received)
{
	return received > 0 && payload[0] == VRRP_IP_PROTOCOL;
}

bool vrrp_ah_read(struct vrrp_ah_view *view, const uint8_t *payload, size_t length)
{
	struct cursor cursor = cursor_make(payload, length);

	if (length < VRRP_AH_OCTETS || view->ip_header_length < VRRP_IPV4_OCTETS ||
		view->ip_header_length > IPV4_HEADER_MAX)
		return false;
	if (cursor_u8(&cursor) != VRRP_IP_PROTOCOL || cursor_u8(&cursor) != AH_LENGTH_WORDS ||
		cursor_u16(&cursor) != 0)
		return false;
	cursor_take(&cursor, sizeof(uint32_t)); /* the SPI is compared with the source later */
	view->sequence = (uint32_t)cursor_u16(&cursor) << 16;
	view->sequence |= cursor_u16(&cursor);
	view->header = payload;
	view->message_length = length - VRRP_AH_OCTETS;
	return true;
}

bool vrrp_ah_verify(const struct vrrp_ah_view *view, const struct vrrp_address *source,
	const uint8_t password[VRRP_AUTH_OCTETS])
{
	uint8_t icv[AH_ICV_OCTETS];

	if (memcmp(view->header + 4, source->bytes, 4) != 0)
		return false;
	compute_icv(view, password, icv);
	return memeql_sec(icv, view->header + AH_ICV_OFFSET, AH_ICV_OCTETS);
}

static void put_u32(struct cursor_writer *writer, uint32_t value)
{
	cursor_put_u16(writer, (uint16_t)(value >> 16));
	cursor_put_u16(writer, (uint16_t)value);
}

/* An identification of 0 the kernel would replace, after the ICV was computed. */
static uint16_t identification(uint32_t sequence)
{
	return sequence & UINT16_MAX ? (uint16_t)sequence : 1;
}

void vrrp_ah_authenticate(uint8_t *datagram, size_t length, const struct vrrp_ah_headers *headers)
{
	struct cursor_writer writer = cursor_writer_make(datagram, VRRP_AH_HEADROOM);
	const struct vrrp_ah_view view = {
		.ip_header = datagram,
		.ip_header_length = VRRP_IPV4_OCTETS,
		.header = datagram + VRRP_IPV4_OCTETS,
		.message_length = length,
	};
	static const uint8_t zero_icv[AH_ICV_OCTETS];
	uint8_t icv[AH_ICV_OCTETS];

	cursor_put_u8(&writer, 4 << 4 | VRRP_IPV4_OCTETS / 4);
	cursor_put_u8(&writer, CLASS_SELECTOR_6);
	cursor_put_u16(&writer, (uint16_t)(VRRP_AH_HEADROOM + length));
	cursor_put_u16(&writer, identification(headers->sequence));
	cursor_put_u16(&writer, 0);
	cursor_put_u8(&writer, headers->ttl);
	cursor_put_u8(&writer, AH_PROTOCOL);
	cursor_put_u16(&writer, 0);
	cursor_put(&writer, headers->source.bytes, 4);
	cursor_put(&writer, headers->destination.bytes, 4);
	cursor_put_u8(&writer, VRRP_IP_PROTOCOL);
	cursor_put_u8(&writer, AH_LENGTH_WORDS);
	cursor_put_u16(&writer, 0);
	cursor_put(&writer, headers->source.bytes, 4);
	put_u32(&writer, headers->sequence);
	cursor_put(&writer, zero_icv, sizeof(zero_icv));
	compute_icv(&view, headers->password, icv);
	memcpy(datagram + VRRP_IPV4_OCTETS + AH_ICV_OFFSET, icv, AH_ICV_OCTETS);
}

bool vrrp_ah_is_new(const struct vrrp_ah_state *state, const struct vrrp_address *source,
	uint32_t sequence, uint64_t now, uint64_t forget_after)
{
	for (size_t i = 0; i < VRRP_AH_SENDERS; i++) {
		const struct vrrp_ah_sender *sender = &state->senders[i];

		if (vrrp_address_equal(&sender->source, source))
			return sequence > sender->sequence ||
			       (now > sender->heard && now - sender->heard >= forget_after);
	}
	return true;
}

void vrrp_ah_remember(struct vrrp_ah_state *state, const struct vrrp_address *source,
	uint32_t sequence, uint64_t now)
{
	struct vrrp_ah_sender *place = &state->senders[0];

	for (size_t i = 0; i < VRRP_AH_SENDERS; i++) {
		struct vrrp_ah_sender *sender = &state->senders[i];

		if (vrrp_address_equal(&sender->source, source)) {
			place = sender;
			break;
		}
		if (sender->heard < place->heard)
			place = sender;
	}
	*place = (struct vrrp_ah_sender){.source = *source, .sequence = sequence, .heard = now};
	if (sequence > state->sequence)
		state->sequence = sequence;
}
