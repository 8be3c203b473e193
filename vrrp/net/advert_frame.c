/* SPDX-License-Identifier: ISC */
#include "vrrp/net/advert_frame.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdbool.h>
#include <string.h>

#include "vrrp/protocol/checksum.h"
#include "vrrp/protocol/packet.h"

#define HOPS	       255
#define TRAFFIC_CLASS  IPTOS_CLASS_CS6
#define FRAGMENT_UNITS 8u /* octets: where a fragment may begin */

_Static_assert(sizeof(struct ether_header) + sizeof(struct ip6_hdr) + sizeof(struct ip6_frag) ==
		       ADVERT_FRAME_HEADERS,
	"the largest headers are those of an IPv6 fragment");

/* How much of the message fits behind headers of that length. */
static size_t take(const struct advert_frame *frame, size_t offset, size_t headers, bool *more)
{
	size_t mtu = frame->mtu > ADVERT_FRAME_MTU_MIN ? frame->mtu : ADVERT_FRAME_MTU_MIN;
	size_t left = frame->length - offset;
	size_t room = mtu - headers;

	*more = left > room;
	return *more ? room - room % FRAGMENT_UNITS : left;
}

static size_t put_ethernet(const struct advert_frame *frame, uint8_t *buffer)
{
	bool ipv4 = frame->destination->family == VRRP_IPV4;
	struct ether_header header = {.ether_type = htons(ipv4 ? ETHERTYPE_IP : ETHERTYPE_IPV6)};

	vrrp_address_group_mac(frame->destination, header.ether_dhost);
	memcpy(header.ether_shost, frame->mac, sizeof(header.ether_shost));
	memcpy(buffer, &header, sizeof(header));
	return sizeof(header);
}

static size_t put_ipv4(
	const struct advert_frame *frame, size_t offset, uint8_t *buffer, size_t *taken)
{
	struct ip header = {.ip_v = 4,
		.ip_hl = sizeof(header) / 4,
		.ip_tos = TRAFFIC_CLASS,
		.ip_id = htons(frame->id),
		.ip_ttl = HOPS,
		.ip_p = VRRP_IP_PROTOCOL};
	bool more;

	*taken = take(frame, offset, sizeof(header), &more);
	header.ip_len = htons((uint16_t)(sizeof(header) + *taken));
	header.ip_off = htons((uint16_t)(offset / FRAGMENT_UNITS | (more ? IP_MF : 0)));
	memcpy(&header.ip_src, frame->source->bytes, sizeof(header.ip_src));
	memcpy(&header.ip_dst, frame->destination->bytes, sizeof(header.ip_dst));
	header.ip_sum = htons(vrrp_checksum_finish(
		vrrp_checksum_add(0, (const uint8_t *)&header, sizeof(header))));
	memcpy(buffer, &header, sizeof(header));
	return sizeof(header);
}

static size_t put_ipv6(
	const struct advert_frame *frame, size_t offset, uint8_t *buffer, size_t *taken)
{
	struct ip6_hdr header = {.ip6_flow = htonl(6u << 28 | TRAFFIC_CLASS << 20),
		.ip6_nxt = VRRP_IP_PROTOCOL,
		.ip6_hlim = HOPS};
	struct ip6_frag fragment = {.ip6f_nxt = VRRP_IP_PROTOCOL, .ip6f_ident = htonl(frame->id)};
	size_t extra = 0;
	bool more;

	*taken = take(frame, offset, sizeof(header), &more);
	if (more || offset) {
		extra = sizeof(fragment);
		*taken = take(frame, offset, sizeof(header) + extra, &more);
		fragment.ip6f_offlg = htons((uint16_t)offset) | (more ? IP6F_MORE_FRAG : 0);
		header.ip6_nxt = IPPROTO_FRAGMENT;
	}
	header.ip6_plen = htons((uint16_t)(extra + *taken));
	memcpy(&header.ip6_src, frame->source->bytes, sizeof(header.ip6_src));
	memcpy(&header.ip6_dst, frame->destination->bytes, sizeof(header.ip6_dst));
	memcpy(buffer, &header, sizeof(header));
	memcpy(buffer + sizeof(header), &fragment, extra);
	return sizeof(header) + extra;
}

static size_t put_packet(const struct advert_frame *frame, uint8_t *buffer, size_t *taken)
{
	struct ip header;
	uint16_t sum;

	memcpy(buffer, frame->message, frame->length);
	memcpy(&header, buffer, sizeof(header));
	memset(buffer + offsetof(struct ip, ip_sum), 0, sizeof(header.ip_sum));
	sum = htons(vrrp_checksum_finish(vrrp_checksum_add(0, buffer, header.ip_hl * 4u)));
	memcpy(buffer + offsetof(struct ip, ip_sum), &sum, sizeof(sum));
	*taken = frame->length;
	return frame->length;
}

size_t advert_frame_build(
	const struct advert_frame *frame, size_t offset, uint8_t *buffer, size_t *taken)
{
	size_t length = put_ethernet(frame, buffer);

	if (frame->is_packet)
		return length + put_packet(frame, buffer + length, taken);
	if (frame->destination->family == VRRP_IPV4)
		length += put_ipv4(frame, offset, buffer + length, taken);
	else
		length += put_ipv6(frame, offset, buffer + length, taken);
	memcpy(buffer + length, frame->message + offset, *taken);
	return length + *taken;
}
