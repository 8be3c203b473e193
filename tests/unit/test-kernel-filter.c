/* SPDX-License-Identifier: ISC */
/* The kernel's filter at the engine's own kind of sockets: what is kept wakes nobody and is noted
 * in shared memory; whatever differs in anything that matters is heard as ever. */
#include <netinet/ip.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "tests/unit/kernel-wire.h"

#define ROUNDS	   1500
#define MANY	   20000
#define UNREAD_MAX 60

/* Of those that send_many() puts. */
static struct {
	atomic_uint_fast64_t heard;
	uint64_t before; /* the filter's count */
} many;

static uint32_t place_of(enum vrrp_family family)
{
	return wire.places[family - 1];
}

static uint64_t count_of(enum vrrp_family family)
{
	uint64_t heard;

	return filter_count(wire.filter, place_of(family), &heard);
}

static uint64_t passed(enum vrrp_family family)
{
	return filter_passed(wire.filter, place_of(family));
}

/* As the engine does when it has dealt with all that was let through. */
static bool learn(const struct frame *frame)
{
	const struct vrrp_datagram *datagram;

	filter_pass(wire.filter, place_of(frame->family));
	wire_put(frame);
	datagram = wire_hear(frame->family, WIRE_SOON_MS);
	assert_non_null(datagram);
	return filter_keep(wire.filter, place_of(frame->family), datagram, passed(frame->family));
}

/* The kernel has dealt with what was put before one that is heard for certain. */
static void expect_kept(const struct frame *frame, uint64_t before, uint64_t count)
{
	assert_null(wire_hear(frame->family, WIRE_QUIET_MS));
	assert_int_equal(count_of(frame->family), before + count);
}

static void expect_heard(const struct frame *frame)
{
	const struct vrrp_datagram *datagram = wire_hear(frame->family, WIRE_SOON_MS);

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
		wire_put(&frame);
	expect_kept(&frame, before, 5);
	filter_count(wire.filter, place_of(frame.family), &heard);
	assert_in_range(heard, earliest, clock_now());
	frame.class = 0x20; /* and another IP identification */
	wire_put(&frame);
	expect_kept(&frame, before, 6);
	filter_pass(wire.filter, place_of(frame.family));
	earliest = clock_now();
	wire_put(&frame);
	expect_heard(&frame);
	assert_int_equal(count_of(frame.family), before + 6);
	assert_in_range(
		filter_passed_at(wire.filter, place_of(frame.family)), earliest, clock_now());
}

static void test_repetitions_wake_nobody(void **state)
{
	check_repetitions(wire_advert(VRRP_IPV4, 1));
	check_repetitions(wire_advert(VRRP_IPV4, 26));
	check_repetitions(wire_advert(VRRP_IPV6, 1));
	check_repetitions(wire_advert(VRRP_IPV6, 6));
}

/* One that differs is heard, and so is what comes behind it, until it is learned again. */
static void check_differs(const struct frame *known, const struct frame *other)
{
	uint64_t before = count_of(known->family);

	wire_put(known);
	wire_put(other);
	wire_put(known);
	expect_heard(other);
	expect_heard(known);
	assert_int_equal(count_of(known->family), before + 1);
}

static void check_differences(enum vrrp_family family)
{
	struct frame known = wire_advert(family, 3), other;

	for (size_t octet = 0; octet < known.length; octet++) {
		other = known;
		other.payload[octet] ^= (uint8_t)(1 << octet % 8);
		assert_true(learn(&known));
		if (octet == 1) { /* another VRID: nothing to this one */
			wire_put(&other);
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
	struct frame known = wire_advert(VRRP_IPV4, 1), other = known;

	check_differences(VRRP_IPV4);
	check_differences(VRRP_IPV6);
	other.options = true;
	assert_true(learn(&known));
	check_differs(&known, &other);
	assert_false(learn(&other));
}

static void test_long_adverts_are_not_kept(void **state)
{
	struct frame known = wire_advert(VRRP_IPV4, 27);

	assert_false(learn(&known));
	known = wire_advert(VRRP_IPV6, 7);
	assert_false(learn(&known));
}

/* What lies unread in the socket, or read and not yet dealt with, is not overtaken. */
static void test_nothing_is_overtaken(void **state)
{
	struct frame known = wire_advert(VRRP_IPV4, 1), stop = known;
	const struct vrrp_datagram *datagram;
	uint64_t before = count_of(VRRP_IPV4), dealt_with;

	filter_pass(wire.filter, place_of(VRRP_IPV4));
	stop.payload[2] = 0;
	dealt_with = passed(VRRP_IPV4) + 1;
	wire_put(&known);
	wire_put(&stop);
	datagram = wire_hear(VRRP_IPV4, WIRE_SOON_MS);
	assert_true(filter_keep(wire.filter, place_of(VRRP_IPV4), datagram, dealt_with));
	wire_put(&known);
	expect_heard(&stop);
	expect_heard(&known);
	assert_int_equal(count_of(VRRP_IPV4), before);
}

/* Sends them, each seventh another, and never more than the socket holds. */
static void *send_many(void *argument)
{
	struct frame frame = wire_advert(VRRP_IPV4, 1);

	for (uint16_t i = 1; i <= MANY; i++) {
		frame.id = i;
		frame.payload[2] = i % 7 ? 200 : 0;
		wire_put(&frame);
		while (i - atomic_load(&many.heard) - (count_of(VRRP_IPV4) - many.before) >
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

	filter_pass(wire.filter, place_of(VRRP_IPV4));
	many.before = count_of(VRRP_IPV4);
	assert_int_equal(pthread_create(&sender, NULL, send_many, NULL), 0);
	while (atomic_load(&many.heard) + count_of(VRRP_IPV4) - many.before < MANY) {
		const struct vrrp_datagram *datagram = wire_hear(VRRP_IPV4, 10);

		assert_true(clock_now() - begin < 60 * NSEC_PER_SEC);
		if (!datagram)
			continue;
		dealt_with++;
		assert_true(id_of(datagram) > last);
		if (last && last % 7 == 0)
			assert_int_equal(id_of(datagram), last + 1);
		last = id_of(datagram);
		atomic_fetch_add(&many.heard, 1);
		filter_pass(wire.filter, place_of(VRRP_IPV4));
		if (last % 7)
			filter_keep(wire.filter, place_of(VRRP_IPV4), datagram, dealt_with);
	}
	pthread_join(sender, NULL);
	assert_int_equal(atomic_load(&many.heard) + count_of(VRRP_IPV4) - many.before, MANY);
	assert_true(atomic_load(&many.heard) >= MANY / 7);
	assert_true(count_of(VRRP_IPV4) > many.before);
	assert_int_equal(passed(VRRP_IPV4), dealt_with);
}

static void spoil(struct frame *frame)
{
	switch (rand_r(&wire.seed) % 6) {
	case 0:
	case 1:
		frame->payload[(size_t)rand_r(&wire.seed) % frame->length] =
			(uint8_t)rand_r(&wire.seed);
		break;
	case 2:
		frame->hops = (uint8_t)(255 - rand_r(&wire.seed) % 3);
		break;
	case 3:
		frame->class = (uint8_t)rand_r(&wire.seed);
		break;
	case 4:
		frame->length += (size_t)rand_r(&wire.seed) % 9;
		frame->length -= (size_t)rand_r(&wire.seed) % 9;
		break;
	default:
		frame->source[strlen(frame->source) - 1] = (char)('2' + rand_r(&wire.seed) % 2);
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
		struct frame known = wire_advert(family, 1 + (size_t)rand_r(&wire.seed) % 4);
		struct frame other = known;
		uint64_t before;

		assert_true(learn(&known));
		before = count_of(family);
		for (int faults = rand_r(&wire.seed) % 3; faults >= 0; faults--)
			spoil(&other);
		wire_put(&other);
		if (is_same(&known, &other)) {
			/* the stranger is behind it, so that no time has to pass */
			other.payload[1] = WIRE_VRID + 1;
			wire_put(&other);
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
	uint32_t place = filter_claim(wire.filter, 7, VRRP_IPV4, 9), taken = 0;
	uint32_t places[4 * WIRE_PLACES];

	assert_int_not_equal(place, 0);
	assert_int_equal(filter_claim(wire.filter, 7, VRRP_IPV4, 9), 0);
	filter_release(wire.filter, place);
	assert_int_not_equal(filter_claim(wire.filter, 7, VRRP_IPV4, 9), 0);
	filter_release(wire.filter, place);
	for (uint32_t i = 0; i < 4 * WIRE_PLACES; i++) {
		places[i] = filter_claim(wire.filter, 1000 + i, VRRP_IPV6, 1);
		assert_in_range(places[i], 0, WIRE_PLACES);
		taken += places[i] != 0;
	}
	assert_in_range(taken, WIRE_PLACES / 2, WIRE_PLACES - 2);
	for (uint32_t i = 0; i < 4 * WIRE_PLACES; i++)
		filter_release(wire.filter, places[i]);
}

/* Whoever takes the predecessor's finds every place free, and nothing kept. */
static void test_taken_over(void **state)
{
	struct frame known = wire_advert(VRRP_IPV4, 1);
	int descriptors[FILTER_DESCRIPTORS];
	struct filter *next;

	assert_true(learn(&known));
	for (int i = 0; i < FILTER_DESCRIPTORS; i++)
		descriptors[i] = dup(filter_descriptor(wire.filter, (enum filter_descriptor)i));
	next = filter_open(descriptors);
	assert_non_null(next);
	wire_put(&known);
	expect_heard(&known);
	wire.places[0] = filter_claim(next, wire.interface, VRRP_IPV4, WIRE_VRID);
	assert_int_not_equal(wire.places[0], 0);
	wire.places[1] = filter_claim(next, wire.interface, VRRP_IPV6, WIRE_VRID);
	assert_int_not_equal(wire.places[1], 0);
	filter_close(next);
	assert_true(learn(&known));
	wire_put(&known);
	assert_null(wire_hear(VRRP_IPV4, WIRE_QUIET_MS));
}

/* Last: another filter takes its place, and one that is taken away lets all through. */
static void test_detached(void **state)
{
	struct frame known = wire_advert(VRRP_IPV6, 1);

	assert_true(learn(&known));
	wire_put(&known);
	assert_null(wire_hear(VRRP_IPV6, WIRE_QUIET_MS));
	filter_detach(wire.sockets[1]);
	wire_put(&known);
	expect_heard(&known);
	assert_int_equal(filter_attach(wire.filter, wire.sockets[1], VRRP_IPV6), 0);
	assert_true(learn(&known));
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
	error = filter_load(WIRE_PLACES, descriptors);
	if (!error)
		filter_close(filter_open(descriptors));
	if (error == FILTER_NOT_BUILT) {
		puts("1..0 # SKIP built without the kernel's filter");
		return 0;
	}
	return cmocka_run_group_tests(tests, wire_set_up, wire_tear_down);
}
