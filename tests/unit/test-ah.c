/* SPDX-License-Identifier: ISC */
/* AuthType 2: the header that proves the sender, and the sequence number that keeps what was
 * recorded from being sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/protocol-lab.h"
#include "vrrp/protocol/encode.h"

struct datagram {
	uint8_t octets[128];
	size_t length;
};

static void lab_make_ah(struct lab *lab)
{
	lab_make(lab, 2, VRRP_IPV4);
	lab->configuration.auth = vrrp_auth_password("s3cr3t");
	lab->configuration.auth.type = VRRP_AUTH_AH;
	lab_reconfigure(lab);
}

/* What another router with the same configuration sends. */
static void encode(struct lab *sender, struct datagram *datagram, uint8_t priority)
{
	ssize_t length = vrrp_router_encode(
		&sender->router, priority, NULL, datagram->octets, sizeof(datagram->octets));

	assert_true(length > VRRP_AH_HEADROOM);
	datagram->length = (size_t)length;
}

static void deliver(struct lab *lab, const struct datagram *datagram)
{
	const struct vrrp_ip_facts facts = {
		.source = vrrp_address_make(VRRP_IPV4, datagram->octets + 12),
		.destination = vrrp_address_make(VRRP_IPV4, datagram->octets + 16),
		.length = datagram->length - 20,
		.ip_header = datagram->octets,
		.ip_header_length = 20,
		.ttl = datagram->octets[8],
	};
	struct frame frame = {.facts = facts, .received = facts.length};

	memcpy(frame.octets, datagram->octets + 20, facts.length);
	lab_feed(lab, &frame);
}

static void make_pair(struct lab *lab, struct lab *sender)
{
	lab_make_ah(lab);
	lab_start(lab);
	lab_make_ah(sender);
	lab_link(sender, true, GREATER);
}

static void test_layout(void **state)
{
	struct lab lab, sender;
	struct datagram datagram;
	const uint8_t *ah = datagram.octets + 20;

	make_pair(&lab, &sender);
	encode(&sender, &datagram, 200);
	assert_int_equal(datagram.length, 20 + 24 + 8 + 8 + 8);
	assert_memory_equal(datagram.octets, ((const uint8_t[]){0x45, 0xc0}), 2);
	assert_int_equal(datagram.octets[3], datagram.length);
	assert_true(datagram.octets[4] || datagram.octets[5]);
	assert_int_equal(datagram.octets[8], 255);
	assert_int_equal(datagram.octets[9], 51);
	assert_int_equal(ah[0], 112);
	assert_int_equal(ah[1], 4);
	assert_memory_equal(ah + 4, datagram.octets + 12, 4);
	assert_memory_equal(ah + 8, ((const uint8_t[]){0, 0, 0, 1}), 4);
	assert_int_equal(ah[24 + 4], 2);
	assert_memory_equal(datagram.octets + datagram.length - 8, (const uint8_t[8]){0}, 8);
	encode(&sender, &datagram, 200);
	assert_memory_equal(ah + 8, ((const uint8_t[]){0, 0, 0, 2}), 4);
}

/* Every octet that counts is covered; TOS, fragment word and IP checksum may change on the way. */
static void test_every_octet_is_covered(void **state)
{
	struct datagram datagram;
	struct lab lab, sender;

	make_pair(&lab, &sender);
	encode(&sender, &datagram, 200);
	for (size_t i = 0; i < datagram.length; i++) {
		const bool mutable = i == 1 || i == 6 || i == 7 || i == 10 || i == 11;
		struct datagram spoilt = datagram;
		struct lab fresh;

		lab_make_ah(&fresh);
		lab_start(&fresh);
		spoilt.octets[i] ^= 1;
		deliver(&fresh, &spoilt);
		if (fresh.router.statistics.received != mutable)
			fail_msg("octet %zu", i);
	}
	deliver(&lab, &datagram);
	assert_int_equal(lab.router.statistics.received, 1);
}

/* To a peer, the TTL may change on the way as well. */
static void test_unicast_ttl_is_not_covered(void **state)
{
	static const struct vrrp_peer peer = {
		{.family = VRRP_IPV4, .bytes = {192, 0, 2, 20}}, 0, 255};
	const struct vrrp_address own = lab_address("192.0.2.10");
	struct datagram datagram;
	struct lab lab, sender;
	ssize_t length;

	make_pair(&lab, &sender);
	lab.configuration.peers = &peer;
	lab.configuration.peer_count = 1;
	lab_reconfigure(&lab);
	length = vrrp_router_encode(
		&sender.router, 200, &own, datagram.octets, sizeof(datagram.octets));
	assert_true(length > 0);
	datagram.length = (size_t)length;
	datagram.octets[8] = 61;
	deliver(&lab, &datagram);
	assert_int_equal(lab.router.statistics.received, 1);
}

/* As keepalived 2.2.7 sent it to a peer, 192.0.2.2, and to the group. */
static const uint8_t unicast_of_keepalived[] = {0x45, 0xc0, 0x00, 0x40, 0x00, 0x01, 0x00, 0x00,
	0xff, 0x33, 0x36, 0xc6, 0xc0, 0x00, 0x02, 0x01, 0xc0, 0x00, 0x02, 0x02, 0x70, 0x04, 0x00,
	0x00, 0xc0, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01, 0x59, 0xe1, 0x1d, 0xff, 0xac, 0x1f,
	0x41, 0x0f, 0xe9, 0x70, 0x63, 0xae, 0x21, 0x40, 0x96, 0x01, 0x02, 0x01, 0x1c, 0x88, 0xc6,
	0x33, 0x64, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
static const uint8_t group_of_keepalived[] = {0x45, 0xc0, 0x00, 0x40, 0x00, 0x01, 0x00, 0x00, 0xff,
	0x33, 0x18, 0xb6, 0xc0, 0x00, 0x02, 0x01, 0xe0, 0x00, 0x00, 0x12, 0x70, 0x04, 0x00, 0x00,
	0xc0, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01, 0xce, 0x72, 0x23, 0xd7, 0x4b, 0x9c, 0x17,
	0x55, 0x90, 0xf8, 0x60, 0x19, 0x21, 0x40, 0x96, 0x01, 0x02, 0x01, 0x1c, 0x88, 0xc6, 0x33,
	0x64, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

static void check_recorded(const uint8_t *octets, size_t length, bool genuine)
{
	const uint8_t password[8] = "x1er44q";
	const struct vrrp_address source = lab_address("192.0.2.1");
	struct vrrp_ah_view view = {.ip_header = octets, .ip_header_length = 20};

	assert_true(vrrp_ah_read(&view, octets + 20, length - 20));
	assert_int_equal(view.sequence, 1);
	assert_int_equal(vrrp_ah_verify(&view, &source, password), genuine);
}

static void test_recorded(void **state)
{
	uint8_t forged[sizeof(unicast_of_keepalived)];

	check_recorded(unicast_of_keepalived, sizeof(unicast_of_keepalived), true);
	check_recorded(group_of_keepalived, sizeof(group_of_keepalived), true);
	memcpy(forged, group_of_keepalived, sizeof(forged));
	forged[46] ^= 1;
	check_recorded(forged, sizeof(forged), false);
}

static void test_wrong_password(void **state)
{
	struct datagram datagram;
	struct lab lab, sender;

	make_pair(&lab, &sender);
	sender.configuration.auth = vrrp_auth_password("secret");
	sender.configuration.auth.type = VRRP_AUTH_AH;
	lab_reconfigure(&sender);
	encode(&sender, &datagram, 200);
	deliver(&lab, &datagram);
	assert_int_equal(lab.router.statistics.received, 0);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_AUTH_FAILED], 1);
}

/* One without the header, though it says AuthType 2, and one with it where none is configured. */
static void test_header_and_type_belong_together(void **state)
{
	struct datagram datagram;
	struct lab lab, sender;
	struct frame frame;

	make_pair(&lab, &sender);
	lab_frame(&lab, &frame, GREATER, 200);
	lab_feed(&lab, &frame);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_AUTH_TYPE], 1);
	encode(&sender, &datagram, 200);
	lab_make(&lab, 2, VRRP_IPV4);
	lab_start(&lab);
	deliver(&lab, &datagram);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_AUTH_TYPE], 1);
	assert_int_equal(lab.router.statistics.received, 0);
}

static void test_malformed(void **state)
{
	static const struct {
		size_t octet;
		uint8_t value;
	} rows[] = {{20, 17}, {21, 5}, {22, 1}};
	struct datagram datagram;
	struct lab lab, sender;

	make_pair(&lab, &sender);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		encode(&sender, &datagram, 200);
		datagram.octets[rows[i].octet] = rows[i].value;
		deliver(&lab, &datagram);
	}
	for (size_t length = 20; length < 68; length++) {
		encode(&sender, &datagram, 200);
		datagram.length = length;
		deliver(&lab, &datagram);
	}
	assert_int_equal(lab.router.statistics.received, 0);
	assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
}

/* R33 */
static void test_replay(void **state)
{
	struct datagram first, second;
	struct lab lab, sender;

	make_pair(&lab, &sender);
	encode(&sender, &first, 200);
	encode(&sender, &second, 200);
	deliver(&lab, &first);
	deliver(&lab, &first);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_AUTH_REPLAYED], 1);
	deliver(&lab, &second);
	deliver(&lab, &first);
	deliver(&lab, &second);
	assert_int_equal(lab.router.statistics.received, 2);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_AUTH_REPLAYED], 3);
}

/* What is stamped on arrival may be some microseconds older than what was dealt with before it. */
static void test_replay_that_seems_to_come_before(void **state)
{
	struct datagram first, second;
	struct lab lab, sender;

	make_pair(&lab, &sender);
	encode(&sender, &first, 200);
	encode(&sender, &second, 200);
	deliver(&lab, &first);
	lab.now -= 1000;
	deliver(&lab, &first);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_AUTH_REPLAYED], 1);
	assert_int_equal(lab.router.statistics.received, 1);
	deliver(&lab, &second);
	assert_int_equal(lab.router.statistics.received, 2);
}

/* A peer that was restarted begins at 1: believed after Active_Down of silence, not before. */
static void test_restarted_peer(void **state)
{
	const uint64_t active_down = 3 * VRRP_SECOND + SKEW_1S(100);
	struct datagram datagram;
	struct lab lab, sender;

	make_pair(&lab, &sender);
	for (int i = 0; i < 9; i++)
		encode(&sender, &datagram, 200);
	deliver(&lab, &datagram);
	sender.router.ah.sequence = 0;
	encode(&sender, &datagram, 200);
	lab.now += active_down - 1;
	deliver(&lab, &datagram);
	assert_int_equal(lab.router.statistics.received, 1);
	lab.now += 1;
	deliver(&lab, &datagram);
	assert_int_equal(lab.router.statistics.received, 2);
	encode(&sender, &datagram, 200);
	deliver(&lab, &datagram);
	assert_int_equal(lab.router.statistics.received, 3);
}

/* Our own numbers go on from the greatest that was heard: a peer like keepalived, which has one
 * count for all senders, takes them. */
static void test_sequence_goes_on_from_what_was_heard(void **state)
{
	struct datagram datagram;
	struct lab lab, sender;

	make_pair(&lab, &sender);
	sender.router.ah.sequence = 70000;
	encode(&sender, &datagram, 200);
	deliver(&lab, &datagram);
	encode(&lab, &datagram, 100);
	assert_memory_equal(datagram.octets + 28, ((const uint8_t[]){0, 1, 0x11, 0x72}), 4);
}

static void test_more_senders_than_places(void **state)
{
	struct datagram datagram;
	struct lab lab, sender;
	char source[32];

	make_pair(&lab, &sender);
	for (int i = 0; i < 2 * VRRP_AH_SENDERS; i++) {
		snprintf(source, sizeof(source), "192.0.2.%d", 100 + i);
		lab_link(&sender, true, source);
		lab.now += VRRP_MILLISECOND;
		encode(&sender, &datagram, 200);
		deliver(&lab, &datagram);
	}
	assert_int_equal(lab.router.statistics.received, 2 * VRRP_AH_SENDERS);
	deliver(&lab, &datagram);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_AUTH_REPLAYED], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_every_octet_is_covered),
		cmocka_unit_test(test_unicast_ttl_is_not_covered),
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_wrong_password),
		cmocka_unit_test(test_header_and_type_belong_together),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_replay_that_seems_to_come_before),
		cmocka_unit_test(test_restarted_peer),
		cmocka_unit_test(test_sequence_goes_on_from_what_was_heard),
		cmocka_unit_test(test_more_senders_than_places),
	};

	return cmocka_run_group_tests_name("ah", tests, NULL, NULL);
}
