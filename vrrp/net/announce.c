/* SPDX-License-Identifier: ISC */
#include "vrrp/net/announce.h"

#include "lib/socketbuffer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vrrp/protocol/checksum.h"

#define ANNOUNCE_BUFFER (8 * 1024 * 1024)

struct arp_frame {
	struct ether_header ethernet;
	struct ether_arp arp;
} __attribute__((packed));

struct na_frame {
	struct ether_header ethernet;
	struct ip6_hdr ip;
	struct nd_neighbor_advert advert;
	struct nd_opt_hdr option;
	uint8_t mac[VRRP_ANNOUNCE_MAC];
} __attribute__((packed));

_Static_assert(sizeof(struct arp_frame) == VRRP_ANNOUNCE_ARP, "gratuitous ARP is 42 octets");
_Static_assert(sizeof(struct na_frame) == VRRP_ANNOUNCE_NA, "neighbour advert is 86 octets");

static const uint8_t broadcast_mac[VRRP_ANNOUNCE_MAC] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t all_nodes_mac[VRRP_ANNOUNCE_MAC] = {0x33, 0x33, 0, 0, 0, 1};
static const struct in6_addr all_nodes = {{{0xff, 0x02, [15] = 1}}};

int vrrp_announce_open(void)
{
	/* Protocol 0 hears nothing. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	socketbuffer_send(fd, ANNOUNCE_BUFFER);
	return fd;
}

static void fill_ethernet(
	struct ether_header *ethernet, const uint8_t *to, const uint8_t *from, uint16_t type)
{
	memcpy(ethernet->ether_dhost, to, VRRP_ANNOUNCE_MAC);
	memcpy(ethernet->ether_shost, from, VRRP_ANNOUNCE_MAC);
	ethernet->ether_type = htons(type);
}

static int build_arp(uint8_t *buffer, const uint8_t *mac, const struct vrrp_address *address)
{
	struct arp_frame frame = {
		.arp.ea_hdr = {htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), VRRP_ANNOUNCE_MAC,
			sizeof(struct in_addr), htons(ARPOP_REQUEST)},
	};

	fill_ethernet(&frame.ethernet, broadcast_mac, mac, ETHERTYPE_ARP);
	memcpy(frame.arp.arp_sha, mac, VRRP_ANNOUNCE_MAC);
	memcpy(frame.arp.arp_spa, address->bytes, sizeof(frame.arp.arp_spa));
	memcpy(frame.arp.arp_tha, mac, VRRP_ANNOUNCE_MAC);
	memcpy(frame.arp.arp_tpa, address->bytes, sizeof(frame.arp.arp_tpa));
	memcpy(buffer, &frame, sizeof(frame));
	return sizeof(frame);
}

/* ICMPv6's checksum over its message and the pseudo-header (RFC 4443 section 2.3). */
static uint16_t icmp6_checksum(const struct na_frame *frame)
{
	const uint8_t *message = (const uint8_t *)&frame->advert;
	const size_t length = sizeof(*frame) - offsetof(struct na_frame, advert);
	uint32_t sum = (uint32_t)length + IPPROTO_ICMPV6;

	sum = vrrp_checksum_add(
		sum, (const uint8_t *)&frame->ip.ip6_src, 2 * sizeof(struct in6_addr));
	return vrrp_checksum_finish(vrrp_checksum_add(sum, message, length));
}

static int build_na(uint8_t *buffer, const uint8_t *mac, const struct vrrp_address *address,
	const struct vrrp_address *source)
{
	struct na_frame frame = {
		.ip.ip6_flow = htonl(6u << 28),
		.ip.ip6_plen = htons(sizeof(frame) - offsetof(struct na_frame, advert)),
		.ip.ip6_nxt = IPPROTO_ICMPV6,
		.ip.ip6_hlim = 255,
		.ip.ip6_dst = all_nodes,
		.advert.nd_na_type = ND_NEIGHBOR_ADVERT,
		.advert.nd_na_flags_reserved = ND_NA_FLAG_ROUTER | ND_NA_FLAG_OVERRIDE,
		.option = {ND_OPT_TARGET_LINKADDR, 1},
	};

	fill_ethernet(&frame.ethernet, all_nodes_mac, mac, ETHERTYPE_IPV6);
	memcpy(&frame.ip.ip6_src, source->bytes, sizeof(frame.ip.ip6_src));
	memcpy(&frame.advert.nd_na_target, address->bytes, sizeof(frame.advert.nd_na_target));
	memcpy(frame.mac, mac, VRRP_ANNOUNCE_MAC);
	frame.advert.nd_na_cksum = htons(icmp6_checksum(&frame));
	memcpy(buffer, &frame, sizeof(frame));
	return sizeof(frame);
}

int vrrp_announce_build(uint8_t frame[VRRP_ANNOUNCE_FRAME], const uint8_t mac[VRRP_ANNOUNCE_MAC],
	const struct vrrp_address *address, const struct vrrp_address *source)
{
	if (address->family == VRRP_IPV4)
		return build_arp(frame, mac, address);
	if (address->family == VRRP_IPV6 && source && source->family == VRRP_IPV6)
		return build_na(frame, mac, address, source);
	return -EAFNOSUPPORT;
}
