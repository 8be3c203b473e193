/* SPDX-License-Identifier: ISC */
/* What is taken and what is not, by where it comes from and goes to: TTL and addresses, and whether
 * anybody listens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/reception-lab.h"

/* TTL and addressing */
static void ttl_254(struct frame *frame)
{
	frame->facts.ttl = 254;
}
static void ttl_1(struct frame *frame)
{
	frame->facts.ttl = 1;
}
static void ttl_0(struct frame *frame)
{
	frame->facts.ttl = 0;
}
static void to_own_address(struct frame *frame)
{
	frame->facts.destination = lab_address("192.0.2.10");
}
static void to_own_address_6(struct frame *frame)
{
	frame->facts.destination = lab_address("fe80::a");
}
static void to_all_hosts(struct frame *frame)
{
	frame->facts.destination = lab_address("224.0.0.1");
}
static void to_broadcast(struct frame *frame)
{
	frame->facts.destination = lab_address("255.255.255.255");
}
static void from_loopback(struct frame *frame)
{
	frame->facts.source = lab_address("127.0.0.1");
}
static void from_multicast(struct frame *frame)
{
	frame->facts.source = lab_address("224.0.0.18");
}
static void from_nothing(struct frame *frame)
{
	frame->facts.source = lab_address("0.0.0.0");
}
static void from_nothing_6(struct frame *frame)
{
	frame->facts.source = lab_address("::");
}
static void from_own_address(struct frame *frame)
{
	frame->facts.source = lab_address("192.0.2.10");
}
static void from_own_address_6(struct frame *frame)
{
	frame->facts.source = lab_address("fe80::a");
}
static void from_virtual_address(struct frame *frame)
{
	frame->facts.source = lab_address("192.0.2.100");
}
static void from_elsewhere(struct frame *frame)
{
	frame->facts.source = lab_address("10.99.0.1");
}

/* clang-format off: a row to a line */
static const struct row rows[] = {
	ROW("R1", "TTL 254", 3, V4, DROPPED, TTL, ttl_254),
	ROW("R1", "TTL 1", 3, V4, DROPPED, TTL, ttl_1),
	ROW("R1", "TTL 0, version 2", 2, V4, DROPPED, TTL, ttl_0),
	ROW("R2", "hop limit 254", 3, V6, DROPPED, TTL, ttl_254),
	ROW("R2", "hop limit 1", 3, V6, DROPPED, TTL, ttl_1),
	ROW("R25", "to our own address", 3, V4, DROPPED, DESTINATION, to_own_address),
	ROW("R25", "to our own address, IPv6", 3, V6, DROPPED, DESTINATION, to_own_address_6),
	ROW("R26", "to 224.0.0.1", 3, V4, DROPPED, DESTINATION, to_all_hosts),
	ROW("R26", "to the broadcast address", 2, V4, DROPPED, DESTINATION, to_broadcast),
	ROW("R27", "from another subnet", 3, V4, TAKEN, NONE, from_elsewhere),
	ROW("R28", "from 127.0.0.1", 3, V4, DROPPED, SOURCE, from_loopback),
	ROW("R28", "from 224.0.0.18", 3, V4, DROPPED, SOURCE, from_multicast),
	ROW("R28", "from 0.0.0.0", 2, V4, DROPPED, SOURCE, from_nothing),
	ROW("R28", "from ::", 3, V6, DROPPED, SOURCE, from_nothing_6),
	ROW("R28", "from our own sending address", 3, V4, DROPPED, SOURCE_OWN, from_own_address),
	ROW("R28", "from our own sending address, IPv6", 3, V6, DROPPED, SOURCE_OWN,
		from_own_address_6),
	ROW("R28", "from a virtual address", 3, V4, TAKEN, NONE, from_virtual_address),
	ROW("R28", "from a virtual address, version 2", 2, V4, TAKEN, NONE, from_virtual_address),
};
/* clang-format on */

/* Processed as any other: the greater address wins even between two that claim to own them. */
static void test_two_owners(void **state)
{
	static const struct {
		const char *source;
		enum vrrp_state state;
	} cases[] = {{"192.0.2.20", VRRP_STATE_BACKUP}, {"192.0.2.9", VRRP_STATE_ACTIVE}};

	for (size_t i = 0; i < 2; i++) {
		struct lab lab;

		lab_make(&lab, 3, V4);
		lab_set_priority(&lab, 255);
		lab_make_active(&lab);
		lab_hear(&lab, cases[i].source, 255);
		assert_int_equal(lab_state(&lab), cases[i].state);
		reception_assert_counted(&lab, VRRP_DROP_OWNER_CONFLICT);
		assert_false(lab_action(&lab, VRRP_ACTION_PROTOCOL_ERROR)->error.dropped);
	}
}

/* Each rejection moves its own counter and says so each time: who tells people limits the rate. */
static void test_counters_add_up(void **state)
{
	struct frame frame;
	struct lab lab;

	lab_make(&lab, 3, V4);
	lab_make_active(&lab);
	lab_frame(&lab, &frame, "192.0.2.20", 200);
	ttl_1(&frame);
	for (int i = 0; i < 1000; i++) {
		lab_feed(&lab, &frame);
		assert_int_equal(lab_count(&lab, VRRP_ACTION_PROTOCOL_ERROR), 1);
	}
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_TTL], 1000);
	assert_int_equal(lab.router.statistics.errors[VRRP_COUNTER_TTL], 1000);
}

static void test_stopped_hears_nothing(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, V4);
	lab_hear(&lab, "192.0.2.20", 200);
	assert_int_equal(lab.actions.count, 0);
	lab_start(&lab);
	lab_link(&lab, false, NULL);
	assert_int_equal(lab_state(&lab), VRRP_STATE_FAULT);
	lab_hear(&lab, "192.0.2.20", 200);
	assert_int_equal(lab.actions.count, 0);
	assert_int_equal(lab.router.statistics.received, 0);
}

int main(void)
{
	const struct CMUnitTest plain[] = {
		LAB_TEST("R18 two owners", test_two_owners),
		LAB_TEST("R34 each reject is counted", test_counters_add_up),
		cmocka_unit_test(test_stopped_hears_nothing),
	};

	return reception_run("reception", rows, sizeof(rows) / sizeof(rows[0]), plain,
		sizeof(plain) / sizeof(plain[0]));
}
