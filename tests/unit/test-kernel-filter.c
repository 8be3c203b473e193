/* SPDX-License-Identifier: ISC */
/* The kernel's filter at the engine's own kind of sockets: what is kept wakes nobody and is noted
 * in shared memory; whatever differs in anything that matters is heard as ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "vrrp/net/filter.h"
#include "vrrp/net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define VRID	   51
#define PLACES	   64
#define FRAME_MAX  512
#define ADVERT_MAX 160
#define QUIET_MS   40
#define SOON_MS	   5000
#define ROUNDS	   1500
#define MANY	   20000
#define UNREAD_MAX 60

/* A wire with the sockets under test at one end. */
static struct {
	struct filter *filter;
	int sockets[2]; /* [family - 1] */
	int member;	/* of the groups */
	int wire;	/* the other end */
	int epoll;
	uint32_t interface;
	uint32_t places[2];
	struct vrrp_receive *batch;
	unsigned int seed;
	atomic_uint_fast64_t heard; /* of the many */
	uint64_t before;
} lab = {.sockets = {-1, -1}, .member = -1, .wire = -1, .epoll = -1};

struct frame {
	enum vrrp_family family;
	char source[INET6_ADDRSTRLEN];
	char destination[INET6_ADDRSTRLEN];
	uint8_t hops;
	uint8_t class; /* of service */
	bool options;
	uint16_t id; /* 0: any */
	size_t length;
	uint8_t payload[ADVERT_MAX];
};

static struct frame advert(enum vrrp_family family, size_t addresses)
{
	struct frame frame = {.family = family, .hops = 255};
	const size_t octets = family == VRRP_IPV4 ? 4 : 16;

	strcpy(frame.source, family == VRRP_IPV4 ? "192.0.2.2" : "fe80::2");
	strcpy(frame.destination, family == VRRP_IPV4 ? "224.0.0.18" : "ff02::12");
	frame.length = 8 + addresses * octets;
	frame.payload[0] = 0x31;
	frame.payload[1] = VRID;
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
		.ip_id = htons(frame->id ? frame->id : (uint16_t)rand_r(&lab.seed)),
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

static void put(const struct frame *frame)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex("wire"),
		.sll_halen = ETH_ALEN,
		.sll_addr = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	uint8_t octets[FRAME_MAX];
	size_t header = put_header(frame, octets);

	memcpy(octets + header, frame->payload, frame->length);
	to.sll_protocol = htons(frame->family == VRRP_IPV4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	assert_int_equal(sendto(lab.wire, octets, header + frame->length, 0, (struct sockaddr *)&to,
				 sizeof(to)),
		(ssize_t)(header + frame->length));
}

/* The next datagram of the family, or NULL if none comes in that time. */
static const struct vrrp_datagram *hear(enum vrrp_family family, int ms)
{
	struct epoll_event event;

	if (epoll_wait(lab.epoll, &event, 1, ms) != 1)
		return NULL;
	assert_int_equal(event.data.fd, lab.sockets[family - 1]);
	assert_int_equal(vrrp_receive_read(lab.batch, event.data.fd, 1), 1);
	return vrrp_receive_datagram(lab.batch, 0);
}

static uint32_t place_of(enum vrrp_family family)
{
	return lab.places[family - 1];
}

static uint64_t count_of(enum vrrp_family family)
{
	uint64_t heard;

	return filter_count(lab.filter, place_of(family), &heard);
}

static uint64_t passed(enum vrrp_family family)
{
	return filter_passed(lab.filter, place_of(family));
}

/* As the engine does when it has dealt with all that was let through. */
static bool learn(const struct frame *frame)
{
	const struct vrrp_datagram *datagram;

	filter_pass(lab.filter, place_of(frame->family));
	put(frame);
	datagram = hear(frame->family, SOON_MS);
	assert_non_null(datagram);
	return filter_keep(lab.filter, place_of(frame->family), datagram, passed(frame->family));
}

/* The kernel has dealt with what was put before one that is heard for certain. */
static void expect_kept(const struct frame *frame, uint64_t before, uint64_t count)
{
	assert_null(hear(frame->family, QUIET_MS));
	assert_int_equal(count_of(frame->family), before + count);
}

static void expect_heard(const struct frame *frame)
{
	const struct vrrp_datagram *datagram = hear(frame->family, SOON_MS);

	assert_non_null(datagram);
	assert_int_equal(datagram->received, frame->length);
	assert_memory_equal(datagram->payload, frame->payload, frame->length);
	assert_int_equal(datagram->ip.ttl, frame->hops);
}

static void check_repetitions(struct frame frame)
{
	uint64_t before, heard, earliest;

	assert_true(learn(&frame));
	before = count_of(frame.family);
	earliest = clock_now();
	for (int i = 0; i < 5; i++)
		put(&frame);
	expect_kept(&frame, before, 5);
	filter_count(lab.filter, place_of(frame.family), &heard);
	assert_in_range(heard, earliest, clock_now());
	frame.class = 0x20; /* and another IP identification */
	put(&frame);
	expect_kept(&frame, before, 6);
	filter_pass(lab.filter, place_of(frame.family));
	earliest = clock_now();
	put(&frame);
	expect_heard(&frame);
	assert_int_equal(count_of(frame.family), before + 6);
	assert_in_range(
		filter_passed_at(lab.filter, place_of(frame.family)), earliest, clock_now());
}

static void test_repetitions_wake_nobody(void **state)
{
	check_repetitions(advert(VRRP_IPV4, 1));
	check_repetitions(advert(VRRP_IPV4, 26));
	check_repetitions(advert(VRRP_IPV6, 1));
	check_repetitions(advert(VRRP_IPV6, 6));
}

/* One that differs is heard, and so is what comes behind it, until it is learned again. */
static void check_differs(const struct frame *known, const struct frame *other)
{
	uint64_t before = count_of(known->family);

	put(known);
	put(other);
	put(known);
	expect_heard(other);
	expect_heard(known);
	assert_int_equal(count_of(known->family), before + 1);
}

static void check_differences(enum vrrp_family family)
{
	struct frame known = advert(family, 3), other;

	for (size_t octet = 0; octet < known.length; octet++) {
		other = known;
		other.payload[octet] ^= (uint8_t)(1 << octet % 8);
		assert_true(learn(&known));
		if (octet == 1) { /* another VRID: nothing to this one */
			put(&other);
			expect_heard(&other);
		} else {
			check_differs(&known, &other);
		}
	}
	for (size_t length = 2; length < known.length + 20; length++) {
		other = known;
		other.length = length;
		assert_true(learn(&known));
		if (length != known.length)
			check_differs(&known, &other);
	}
	for (unsigned int hops = 1; hops < 255; hops += 23) {
		other = known;
		other.hops = (uint8_t)hops;
		assert_true(learn(&known));
		check_differs(&known, &other);
	}
	other = known;
	strcpy(other.source, family == VRRP_IPV4 ? "192.0.2.3" : "fe80::3");
	assert_true(learn(&known));
	check_differs(&known, &other);
	other = known;
	strcpy(other.destination, family == VRRP_IPV4 ? "192.0.2.1" : "fe80::1");
	assert_true(learn(&known));
	check_differs(&known, &other);
}

static void test_differences_are_heard(void **state)
{
	struct frame known = advert(VRRP_IPV4, 1), other = known;

	check_differences(VRRP_IPV4);
	check_differences(VRRP_IPV6);
	other.options = true;
	assert_true(learn(&known));
	check_differs(&known, &other);
	assert_false(learn(&other));
}

static void test_long_adverts_are_not_kept(void **state)
{
	struct frame known = advert(VRRP_IPV4, 27);

	assert_false(learn(&known));
	known = advert(VRRP_IPV6, 7);
	assert_false(learn(&known));
}

/* What lies unread in the socket, or read and not yet dealt with, is not overtaken. */
static void test_nothing_is_overtaken(void **state)
{
	struct frame known = advert(VRRP_IPV4, 1), stop = known;
	const struct vrrp_datagram *datagram;
	uint64_t before = count_of(VRRP_IPV4), dealt_with;

	filter_pass(lab.filter, place_of(VRRP_IPV4));
	stop.payload[2] = 0;
	dealt_with = passed(VRRP_IPV4) + 1;
	put(&known);
	put(&stop);
	datagram = hear(VRRP_IPV4, SOON_MS);
	assert_true(filter_keep(lab.filter, place_of(VRRP_IPV4), datagram, dealt_with));
	put(&known);
	expect_heard(&stop);
	expect_heard(&known);
	assert_int_equal(count_of(VRRP_IPV4), before);
}

/* Sends them, each seventh another, and never more than the socket holds. */
static void *send_many(void *argument)
{
	struct frame frame = advert(VRRP_IPV4, 1);

	for (uint16_t i = 1; i <= MANY; i++) {
		frame.id = i;
		frame.payload[2] = i % 7 ? 200 : 0;
		put(&frame);
		while (i - atomic_load(&lab.heard) - (count_of(VRRP_IPV4) - lab.before) >
			UNREAD_MAX)
			sched_yield();
	}
	return NULL;
}

static uint16_t id_of(const struct vrrp_datagram *datagram)
{
	struct ip header;

	memcpy(&header, datagram->ip_header, sizeof(header));
	return ntohs(header.ip_id);
}

/* While they come: none is lost or heard twice, and what differs and all behind it are heard until
 * the entry is opened again. */
static void test_while_they_come(void **state)
{
	uint64_t dealt_with = passed(VRRP_IPV4), begin = clock_now();
	uint16_t last = 0;
	pthread_t sender;

	filter_pass(lab.filter, place_of(VRRP_IPV4));
	lab.before = count_of(VRRP_IPV4);
	assert_int_equal(pthread_create(&sender, NULL, send_many, NULL), 0);
	while (atomic_load(&lab.heard) + count_of(VRRP_IPV4) - lab.before < MANY) {
		const struct vrrp_datagram *datagram = hear(VRRP_IPV4, 10);

		assert_true(clock_now() - begin < 60 * NSEC_PER_SEC);
		if (!datagram)
			continue;
		dealt_with++;
		assert_true(id_of(datagram) > last);
		if (last && last % 7 == 0)
			assert_int_equal(id_of(datagram), last + 1);
		last = id_of(datagram);
		atomic_fetch_add(&lab.heard, 1);
		filter_pass(lab.filter, place_of(VRRP_IPV4));
		if (last % 7)
			filter_keep(lab.filter, place_of(VRRP_IPV4), datagram, dealt_with);
	}
	pthread_join(sender, NULL);
	assert_int_equal(atomic_load(&lab.heard) + count_of(VRRP_IPV4) - lab.before, MANY);
	assert_true(atomic_load(&lab.heard) >= MANY / 7);
	assert_true(count_of(VRRP_IPV4) > lab.before);
	assert_int_equal(passed(VRRP_IPV4), dealt_with);
}

static void spoil(struct frame *frame)
{
	switch (rand_r(&lab.seed) % 6) {
	case 0:
	case 1:
		frame->payload[(size_t)rand_r(&lab.seed) % frame->length] =
			(uint8_t)rand_r(&lab.seed);
		break;
	case 2:
		frame->hops = (uint8_t)(255 - rand_r(&lab.seed) % 3);
		break;
	case 3:
		frame->class = (uint8_t)rand_r(&lab.seed);
		break;
	case 4:
		frame->length += (size_t)rand_r(&lab.seed) % 9;
		frame->length -= (size_t)rand_r(&lab.seed) % 9;
		break;
	default:
		frame->source[strlen(frame->source) - 1] = (char)('2' + rand_r(&lab.seed) % 2);
		break;
	}
}

static bool is_same(const struct frame *left, const struct frame *right)
{
	return left->hops == right->hops && left->length == right->length &&
	       left->options == right->options && strcmp(left->source, right->source) == 0 &&
	       memcmp(left->payload, right->payload, left->length) == 0;
}

/* Kept if and only if it is the same in all that the engine looks at. */
static void check_any(enum vrrp_family family)
{
	uint32_t kept = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct frame known = advert(family, 1 + (size_t)rand_r(&lab.seed) % 4);
		struct frame other = known;
		uint64_t before;

		assert_true(learn(&known));
		before = count_of(family);
		for (int faults = rand_r(&lab.seed) % 3; faults >= 0; faults--)
			spoil(&other);
		put(&other);
		if (is_same(&known, &other)) {
			/* the stranger is behind it, so that no time has to pass */
			other.payload[1] = VRID + 1;
			put(&other);
			expect_heard(&other);
			assert_int_equal(count_of(family), before + 1);
			kept++;
		} else {
			expect_heard(&other);
			assert_int_equal(count_of(family), before);
		}
	}
	assert_in_range(kept, ROUNDS / 50, ROUNDS / 2);
}

static void test_any_frame(void **state)
{
	check_any(VRRP_IPV4);
	check_any(VRRP_IPV6);
}

static void test_places(void **state)
{
	uint32_t place = filter_claim(lab.filter, 7, VRRP_IPV4, 9), taken = 0;
	uint32_t places[4 * PLACES];

	assert_int_not_equal(place, 0);
	assert_int_equal(filter_claim(lab.filter, 7, VRRP_IPV4, 9), 0);
	filter_release(lab.filter, place);
	assert_int_not_equal(filter_claim(lab.filter, 7, VRRP_IPV4, 9), 0);
	filter_release(lab.filter, place);
	for (uint32_t i = 0; i < 4 * PLACES; i++) {
		places[i] = filter_claim(lab.filter, 1000 + i, VRRP_IPV6, 1);
		assert_in_range(places[i], 0, PLACES);
		taken += places[i] != 0;
	}
	assert_in_range(taken, PLACES / 2, PLACES - 2);
	for (uint32_t i = 0; i < 4 * PLACES; i++)
		filter_release(lab.filter, places[i]);
}

/* Whoever takes a former owner's finds every place free, and nothing kept. */
static void test_taken_over(void **state)
{
	struct frame known = advert(VRRP_IPV4, 1);
	int descriptors[FILTER_DESCRIPTORS];
	struct filter *next;

	assert_true(learn(&known));
	for (int i = 0; i < FILTER_DESCRIPTORS; i++)
		descriptors[i] = dup(filter_descriptor(lab.filter, (enum filter_descriptor)i));
	next = filter_open(descriptors);
	assert_non_null(next);
	put(&known);
	expect_heard(&known);
	lab.places[0] = filter_claim(next, lab.interface, VRRP_IPV4, VRID);
	assert_int_not_equal(lab.places[0], 0);
	lab.places[1] = filter_claim(next, lab.interface, VRRP_IPV6, VRID);
	assert_int_not_equal(lab.places[1], 0);
	filter_close(next);
	assert_true(learn(&known));
	put(&known);
	assert_null(hear(VRRP_IPV4, QUIET_MS));
}

/* Last: another filter takes its place, and one that is taken away lets all through. */
static void test_detached(void **state)
{
	struct frame known = advert(VRRP_IPV6, 1);

	assert_true(learn(&known));
	put(&known);
	assert_null(hear(VRRP_IPV6, QUIET_MS));
	filter_detach(lab.sockets[1]);
	put(&known);
	expect_heard(&known);
	assert_int_equal(filter_attach(lab.filter, lab.sockets[1], VRRP_IPV6), 0);
	assert_true(learn(&known));
}

static void make_wire(void)
{
	struct ip_mreqn group4 = {0};
	struct ipv6_mreq group6 = {0};

	assert_int_equal(system("ip link add end type veth peer name wire && "
				"sysctl -qw net.ipv6.conf.wire.disable_ipv6=1 && "
				"ip address add 192.0.2.1/24 dev end && "
				"ip address add fe80::1/64 dev end nodad && "
				"ip link set end up && ip link set wire up"),
		0);
	lab.interface = if_nametoindex("end");
	lab.wire = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	lab.member = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	group4.imr_ifindex = (int)lab.interface;
	group6.ipv6mr_interface = lab.interface;
	inet_pton(AF_INET, "224.0.0.18", &group4.imr_multiaddr);
	inet_pton(AF_INET6, "ff02::12", &group6.ipv6mr_multiaddr);
	assert_int_equal(
		setsockopt(lab.member, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group6, sizeof(group6)), 0);
	assert_int_equal(
		setsockopt(lab.sockets[0], IPPROTO_IP, IP_ADD_MEMBERSHIP, &group4, sizeof(group4)),
		0);
}

static int set_up(void **state)
{
	int descriptors[FILTER_DESCRIPTORS];

	if (filter_load(PLACES, descriptors) < 0)
		return -1;
	lab.filter = filter_open(descriptors);
	assert_non_null(lab.filter);
	lab.epoll = epoll_create1(EPOLL_CLOEXEC);
	lab.batch = vrrp_receive_new(1);
	for (int i = 0; i < 2; i++) {
		struct epoll_event event = {.events = EPOLLIN};

		lab.sockets[i] = vrrp_socket_open(i ? AF_INET6 : AF_INET, VRRP_IP_PROTOCOL);
		assert_true(lab.sockets[i] >= 0);
		assert_int_equal(
			filter_attach(lab.filter, lab.sockets[i], i ? VRRP_IPV6 : VRRP_IPV4), 0);
		event.data.fd = lab.sockets[i];
		epoll_ctl(lab.epoll, EPOLL_CTL_ADD, lab.sockets[i], &event);
	}
	make_wire();
	for (int i = 0; i < 2; i++) {
		lab.places[i] = filter_claim(lab.filter, lab.interface, (uint8_t)(i + 1), VRID);
		assert_int_not_equal(lab.places[i], 0);
	}
	return 0;
}

static int tear_down(void **state)
{
	for (int i = 0; i < 2; i++)
		close(lab.sockets[i]);
	close(lab.member);
	close(lab.wire);
	close(lab.epoll);
	vrrp_receive_free(lab.batch);
	filter_close(lab.filter);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repetitions_wake_nobody),
		cmocka_unit_test(test_differences_are_heard),
		cmocka_unit_test(test_long_adverts_are_not_kept),
		cmocka_unit_test(test_nothing_is_overtaken),
		cmocka_unit_test(test_any_frame),
		cmocka_unit_test(test_while_they_come),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_taken_over),
		cmocka_unit_test(test_detached),
	};
	int descriptors[FILTER_DESCRIPTORS];
	int error;

	if (geteuid() || unshare(CLONE_NEWNET) < 0) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	error = filter_load(PLACES, descriptors);
	if (!error)
		filter_close(filter_open(descriptors));
	if (error == FILTER_NOT_BUILT) {
		puts("1..0 # SKIP built without the kernel's filter");
		return 0;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
