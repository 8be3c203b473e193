/* SPDX-License-Identifier: ISC */
/* What the words about peers and the election change: unicast peers, the address list that is
 * compared once, answers to lower and higher priorities, the owner who heeds nobody, how long a
 * Backup waits, a link that does not matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/protocol-lab.h"
#include "vrrp/protocol/encode.h"

static struct vrrp_peer peers[] = {
	{{.family = VRRP_IPV4, .bytes = {192, 0, 2, 9}}, 0, 255},
	{{.family = VRRP_IPV4, .bytes = {192, 0, 2, 20}}, 254, 254},
	{{.family = VRRP_IPV4, .bytes = {198, 51, 100, 7}}, 10, 20},
};

static void lab_make_unicast(struct lab *lab)
{
	lab_make(lab, 3, VRRP_IPV4);
	lab->configuration.peers = peers;
	lab->configuration.peer_count = 3;
	lab_reconfigure(lab);
	lab_make_active(lab);
	memset(&lab->router.statistics, 0, sizeof(lab->router.statistics));
}

static void unicast_frame(
	const struct lab *lab, struct frame *frame, const char *source, uint8_t ttl)
{
	lab_frame(lab, frame, source, 200);
	frame->facts.destination = lab_address("192.0.2.10");
	frame->facts.ttl = ttl;
	frame_write_checksum(frame, true);
}

static const struct {
	const char *source;
	uint8_t ttl;
	enum vrrp_drop drop;
} unicast_rows[] = {
	{"192.0.2.9", 255, VRRP_DROP_NONE},
	{"192.0.2.9", 1, VRRP_DROP_NONE},
	{"192.0.2.20", 254, VRRP_DROP_NONE},
	{"192.0.2.20", 255, VRRP_DROP_TTL},
	{"192.0.2.20", 253, VRRP_DROP_TTL},
	{"198.51.100.7", 10, VRRP_DROP_NONE},
	{"198.51.100.7", 20, VRRP_DROP_NONE},
	{"198.51.100.7", 9, VRRP_DROP_TTL},
	{"198.51.100.7", 21, VRRP_DROP_TTL},
	{"192.0.2.8", 255, VRRP_DROP_NOT_A_PEER},
	{"192.0.2.19", 255, VRRP_DROP_NOT_A_PEER},
	{"198.51.100.8", 15, VRRP_DROP_NOT_A_PEER},
	{"192.0.2.10", 255, VRRP_DROP_SOURCE_OWN},
};

static void test_unicast_sender(void **state)
{
	for (size_t i = 0; i < sizeof(unicast_rows) / sizeof(unicast_rows[0]); i++) {
		const enum vrrp_drop drop = unicast_rows[i].drop;
		struct frame frame;
		struct lab lab;

		lab_make_unicast(&lab);
		unicast_frame(&lab, &frame, unicast_rows[i].source, unicast_rows[i].ttl);
		lab_feed(&lab, &frame);
		if (lab.router.statistics.received != (drop == VRRP_DROP_NONE) ||
			(drop != VRRP_DROP_NONE && lab.router.statistics.drops[drop] != 1))
			fail_msg("%s with TTL %u", unicast_rows[i].source, unicast_rows[i].ttl);
		assert_int_equal(lab_state(&lab),
			drop == VRRP_DROP_NONE ? VRRP_STATE_BACKUP : VRRP_STATE_ACTIVE);
	}
}

/* What goes to the group is not for a router with peers, even when a peer sends it. */
static void test_unicast_hears_no_multicast(void **state)
{
	struct frame frame;
	struct lab lab;

	lab_make_unicast(&lab);
	lab_frame(&lab, &frame, "192.0.2.9", 200);
	lab_feed(&lab, &frame);
	assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_DESTINATION], 1);
	unicast_frame(&lab, &frame, "192.0.2.9", 255);
	lab_feed(&lab, &frame);
	assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
}

/* Each peer's own address is in the pseudo-header of what it gets. */
static void test_unicast_checksum_for_each_peer(void **state)
{
	struct lab lab;

	lab_make_unicast(&lab);
	for (size_t i = 0; i < 3; i++) {
		uint8_t octets[64];
		ssize_t length = vrrp_router_encode(
			&lab.router, 100, &peers[i].address, octets, sizeof(octets));
		const struct vrrp_ip_facts facts = {
			.source = lab_address("192.0.2.99"),
			.destination = peers[i].address,
			.length = (size_t)length,
			.ttl = 255,
		};
		struct vrrp_ip_facts right = facts, wrong = facts;
		struct vrrp_view view;

		assert_true(length > 0);
		right.source = lab.router.state.primary;
		wrong.source = right.source;
		wrong.destination = peers[(i + 1) % 3].address;
		assert_int_equal(
			vrrp_packet_decode(octets, (size_t)length, &right, &view), VRRP_DROP_NONE);
		assert_int_equal(view.checksum_form, VRRP_CHECKSUM_PSEUDO);
		assert_int_equal(vrrp_packet_decode(octets, (size_t)length, &wrong, &view),
			VRRP_DROP_CHECKSUM);
	}
}

/* keepalived before 1.3.7: the group in the pseudo-header of what is sent to a peer. */
static void group_frame(const struct lab *lab, struct frame *frame)
{
	unicast_frame(lab, frame, "192.0.2.9", 255);
	frame->facts.destination = lab->configuration.group;
	frame_write_checksum(frame, true);
	frame->facts.destination = lab_address("192.0.2.10");
	frame->facts.group = lab->configuration.group;
}

static void test_old_unicast_checksum(void **state)
{
	struct frame frame;
	struct lab lab;

	lab_make_unicast(&lab);
	group_frame(&lab, &frame);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(lab.router.state.checksum_form, VRRP_CHECKSUM_PSEUDO);
		lab_feed(&lab, &frame);
	}
	assert_int_equal(lab.router.statistics.forms[VRRP_CHECKSUM_GROUP], 4);
	assert_int_equal(lab.router.state.checksum_form, VRRP_CHECKSUM_GROUP);

	lab_make_unicast(&lab);
	lab.configuration.no_group_checksum = true;
	lab_reconfigure(&lab);
	lab_feed(&lab, &frame);
	assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
	assert_int_equal(lab.router.statistics.errors[VRRP_COUNTER_CHECKSUM], 1);

	lab.configuration.checksum = VRRP_CHECKSUM_GROUP_ONLY;
	lab_reconfigure(&lab);
	assert_int_equal(lab.router.state.checksum_form, VRRP_CHECKSUM_GROUP);
}

/* The list of an Active that was heard before is not compared; that of another one is. */
static void test_list_is_compared_once(void **state)
{
	struct frame good, other;
	struct lab lab;

	lab_make(&lab, 2, VRRP_IPV4);
	lab.configuration.skip_address_check = true;
	lab_reconfigure(&lab);
	lab_start(&lab);
	lab_frame(&lab, &good, GREATER, 200);
	other = good;
	other.octets[8 + 3] ^= 1;
	frame_write_checksum(&other, false);
	lab_feed(&lab, &other);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_LIST_DIFFERS], 1);
	lab_feed(&lab, &good);
	lab_feed(&lab, &other);
	assert_int_equal(lab.router.statistics.received, 2);
	other.facts.source = lab_address(LESSER);
	lab_feed(&lab, &other);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_LIST_DIFFERS], 2);
}

static void test_no_answer_to_a_lower_priority(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab_hear(&lab, GREATER, 50);
	lab_assert_sent(&lab, 100);
	lab.configuration.no_lower_answer = true;
	lab_reconfigure(&lab);
	lab_hear(&lab, GREATER, 50);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_SEND_ADVERT), 0);
	assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
	lab_hear(&lab, GREATER, 0);
	lab_assert_sent(&lab, 100);
}

static void test_answer_to_a_higher_priority(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab.configuration.answer_higher = true;
	lab_reconfigure(&lab);
	lab_hear(&lab, GREATER, 150);
	lab_assert_sent(&lab, 100);
	assert_int_equal(lab.actions.list[0].type, VRRP_ACTION_SEND_ADVERT);
	assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab_hear(&lab, GREATER, 150);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_SEND_ADVERT), 0);
	assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
}

static void test_owner_ignores(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV4);
	lab_set_priority(&lab, 255);
	lab.configuration.owner_ignores = true;
	lab_reconfigure(&lab);
	lab_make_active(&lab);
	lab_hear(&lab, GREATER, 255);
	assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
	lab_hear(&lab, GREATER, 0);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_SEND_ADVERT), 0);
	assert_int_equal(lab.router.statistics.received, 2);
	/* Only an owner. */
	lab_set_priority(&lab, 254);
	lab_hear(&lab, GREATER, 255);
	assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
}

static void test_down_adverts(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV4);
	lab.configuration.down_adverts = 7;
	lab_reconfigure(&lab);
	lab_start(&lab);
	assert_int_equal(lab.armed, lab.now + 7 * VRRP_SECOND + SKEW_1S(100));
	/* A change counts for the timer that runs. */
	lab.configuration.down_adverts = 2;
	lab_reconfigure(&lab);
	assert_int_equal(lab.armed, lab.now + 2 * VRRP_SECOND + SKEW_1S(100));
	lab.configuration.down_adverts = 0;
	lab_reconfigure(&lab);
	assert_int_equal(lab.armed, lab.now + 3 * VRRP_SECOND + SKEW_1S(100));
}

static void test_link_that_does_not_matter(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV4);
	lab.configuration.ignore_link = true;
	lab_reconfigure(&lab);
	lab_make_active(&lab);
	lab_link(&lab, false, "192.0.2.10");
	assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
	/* Without an address there is nothing to send from. */
	lab_link(&lab, false, NULL);
	assert_int_equal(lab_state(&lab), VRRP_STATE_FAULT);
	lab_link(&lab, false, "192.0.2.10");
	assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
	lab.configuration.ignore_link = false;
	lab_reconfigure(&lab);
	lab_link(&lab, false, "192.0.2.10");
	assert_int_equal(lab_state(&lab), VRRP_STATE_FAULT);
}

/* In version 2 a router without addresses, as keepalived runs it. */
static void test_no_addresses(void **state)
{
	uint8_t octets[64];
	struct frame frame;
	struct lab lab;

	lab_make(&lab, 2, VRRP_IPV4);
	lab.configuration.address_count = 0;
	lab_reconfigure(&lab);
	lab_make_active(&lab);
	assert_int_equal(vrrp_router_encode(&lab.router, 100, NULL, octets, sizeof(octets)), 16);
	lab_frame(&lab, &frame, GREATER, 200);
	lab_feed(&lab, &frame);
	assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
	assert_int_equal(lab.router.statistics.received, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unicast_sender),
		cmocka_unit_test(test_unicast_hears_no_multicast),
		cmocka_unit_test(test_unicast_checksum_for_each_peer),
		cmocka_unit_test(test_old_unicast_checksum),
		cmocka_unit_test(test_list_is_compared_once),
		cmocka_unit_test(test_no_answer_to_a_lower_priority),
		cmocka_unit_test(test_answer_to_a_higher_priority),
		cmocka_unit_test(test_owner_ignores),
		cmocka_unit_test(test_down_adverts),
		cmocka_unit_test(test_link_that_does_not_matter),
		cmocka_unit_test(test_no_addresses),
	};

	return cmocka_run_group_tests_name("election", tests, NULL, NULL);
}
