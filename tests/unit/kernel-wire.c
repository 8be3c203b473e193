/* SPDX-License-Identifier: ISC */
#include "tests/unit/kernel-wire.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "vrrp/net/socket.h"

#define FRAME_MAX 512

struct wire wire = {.sockets = {-1, -1}, .member = -1, .sender = -1, .epoll = -1};

struct frame wire_advert(enum vrrp_family family, size_t addresses)
{
	struct frame frame = {.family = family, .hops = 255};
	const size_t octets = family == VRRP_IPV4 ? 4 : 16;

	strcpy(frame.source, family == VRRP_IPV4 ? "192.0.2.2" : "fe80::2");
	strcpy(frame.destination, family == VRRP_IPV4 ? "224.0.0.18" : "ff02::12");
	frame.length = 8 + addresses * octets;
	frame.payload[0] = 0x31;
	frame.payload[1] = WIRE_VRID;
	frame.payload[2] = 200;
	frame.payload[3] = (uint8_t)addresses;
	frame.payload[5] = 100;
	for (size_t i = 8; i < frame.length; i++)
		frame.payload[i] = (uint8_t)(i * 7);
	return frame;
}

static uint16_t sum_of(const uint8_t *octets, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)(octets[i] << 8 | octets[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static size_t put_header(const struct frame *frame, uint8_t *at)
{
	const size_t length4 = frame->options ? 24 : 20;
	struct ip header4 = {.ip_v = 4,
		.ip_hl = (unsigned int)length4 / 4 & 15,
		.ip_tos = frame->class,
		.ip_len = htons((uint16_t)(length4 + frame->length)),
		.ip_id = htons(frame->id ? frame->id : (uint16_t)rand_r(&wire.seed)),
		.ip_ttl = frame->hops,
		.ip_p = VRRP_IP_PROTOCOL};
	struct ip6_hdr header6 = {.ip6_flow = htonl(0x60000000u | (uint32_t)frame->class << 20),
		.ip6_plen = htons((uint16_t)frame->length),
		.ip6_nxt = VRRP_IP_PROTOCOL,
		.ip6_hlim = frame->hops};

	if (frame->family == VRRP_IPV6) {
		inet_pton(AF_INET6, frame->source, &header6.ip6_src);
		inet_pton(AF_INET6, frame->destination, &header6.ip6_dst);
		memcpy(at, &header6, sizeof(header6));
		return sizeof(header6);
	}
	inet_pton(AF_INET, frame->source, &header4.ip_src);
	inet_pton(AF_INET, frame->destination, &header4.ip_dst);
	memset(at + 20, 1, 4); /* no-operation, if there are options */
	memcpy(at, &header4, sizeof(header4));
	header4.ip_sum = sum_of(at, length4);
	memcpy(at, &header4, sizeof(header4));
	return length4;
}

void wire_put(const struct frame *frame)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex("wire"),
		.sll_halen = ETH_ALEN,
		.sll_addr = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	uint8_t octets[FRAME_MAX];
	size_t header = put_header(frame, octets);

	memcpy(octets + header, frame->payload, frame->length);
	to.sll_protocol = htons(frame->family == VRRP_IPV4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	assert_int_equal(sendto(wire.sender, octets, header + frame->length, 0,
				 (struct sockaddr *)&to, sizeof(to)),
		(ssize_t)(header + frame->length));
}

const struct vrrp_datagram *wire_hear(enum vrrp_family family, int ms)
{
	struct epoll_event event;

	if (epoll_wait(wire.epoll, &event, 1, ms) != 1)
		return NULL;
	assert_int_equal(event.data.fd, wire.sockets[family - 1]);
	assert_int_equal(vrrp_receive_read(wire.batch, event.data.fd, 1), 1);
	return vrrp_receive_datagram(wire.batch, 0);
}

static void lay_wire(void)
{
	struct ip_mreqn group4 = {0};
	struct ipv6_mreq group6 = {0};

	assert_int_equal(system("ip link add end type veth peer name wire && "
				"sysctl -qw net.ipv6.conf.wire.disable_ipv6=1 && "
				"ip address add 192.0.2.1/24 dev end && "
				"ip address add fe80::1/64 dev end nodad && "
				"ip link set end up && ip link set wire up"),
		0);
	wire.interface = if_nametoindex("end");
	wire.sender = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	wire.member = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	group4.imr_ifindex = (int)wire.interface;
	group6.ipv6mr_interface = wire.interface;
	inet_pton(AF_INET, "224.0.0.18", &group4.imr_multiaddr);
	inet_pton(AF_INET6, "ff02::12", &group6.ipv6mr_multiaddr);
	assert_int_equal(
		setsockopt(wire.member, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group6, sizeof(group6)), 0);
	assert_int_equal(
		setsockopt(wire.sockets[0], IPPROTO_IP, IP_ADD_MEMBERSHIP, &group4, sizeof(group4)),
		0);
}

int wire_set_up(void **state)
{
	int descriptors[FILTER_DESCRIPTORS];

	if (filter_load(WIRE_PLACES, descriptors) < 0)
		return -1;
	wire.filter = filter_open(descriptors);
	assert_non_null(wire.filter);
	wire.epoll = epoll_create1(EPOLL_CLOEXEC);
	wire.batch = vrrp_receive_new(1);
	for (int i = 0; i < 2; i++) {
		struct epoll_event event = {.events = EPOLLIN};

		wire.sockets[i] = vrrp_socket_open(i ? AF_INET6 : AF_INET, VRRP_IP_PROTOCOL);
		assert_true(wire.sockets[i] >= 0);
		assert_int_equal(
			filter_attach(wire.filter, wire.sockets[i], i ? VRRP_IPV6 : VRRP_IPV4), 0);
		event.data.fd = wire.sockets[i];
		epoll_ctl(wire.epoll, EPOLL_CTL_ADD, wire.sockets[i], &event);
	}
	lay_wire();
	for (int i = 0; i < 2; i++) {
		wire.places[i] =
			filter_claim(wire.filter, wire.interface, (uint8_t)(i + 1), WIRE_VRID);
		assert_int_not_equal(wire.places[i], 0);
	}
	return 0;
}

int wire_tear_down(void **state)
{
	for (int i = 0; i < 2; i++)
		close(wire.sockets[i]);
	close(wire.member);
	close(wire.sender);
	close(wire.epoll);
	vrrp_receive_free(wire.batch);
	filter_close(wire.filter);
	return 0;
}
