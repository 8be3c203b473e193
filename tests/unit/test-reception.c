/* SPDX-License-Identifier: ISC */
/* What is taken and what is not: the R ids of the conformance table.  The router is Active at 100;
 * a frame of priority 200 makes it Backup if and only if it was taken.  Each frame has a twin, the
 * same before it was spoilt, that must be taken.  After each, no counter but the one meant moved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/protocol-lab.h"

#define V4 VRRP_IPV4
#define V6 VRRP_IPV6

enum verdict {
	DROPPED,    /* and counted */
	NOTED,	    /* counted and taken */
	TAKEN,	    /* nothing is wrong with it */
	NOT_FOR_US, /* the look-up by VRID finds nobody */
};

struct row {
	const char *id;
	const char *text;
	uint8_t version;
	enum vrrp_family family;
	enum verdict verdict;
	enum vrrp_drop drop;
	void (*spoil)(struct frame *frame);
	void (*set_up)(struct lab *lab);
	bool keep_checksum; /* as it was, instead of the right one */
};

static void set_length(struct frame *frame, size_t length)
{
	frame->received = frame->facts.length = length;
}

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

/* The header */
static void version_0(struct frame *frame)
{
	frame->octets[0] = 0x01;
}
static void version_1(struct frame *frame)
{
	frame->octets[0] = 0x11;
}
static void version_4(struct frame *frame)
{
	frame->octets[0] = 0x41;
}
static void version_15(struct frame *frame)
{
	frame->octets[0] = 0xf1;
}
static void version_2_over_ipv6(struct frame *frame)
{
	frame->octets[0] = 0x21;
}
/* A sound version 2 message for a router of version 3, and the other way round. */
static void sound_version_2(struct frame *frame)
{
	frame->octets[0] = 0x21;
	frame->octets[4] = 0;
	frame->octets[5] = 1;
	set_length(frame, 24);
	memset(frame->octets + 16, 0, 8);
	frame_seal(frame, false);
}
static void sound_version_3(struct frame *frame)
{
	frame->octets[0] = 0x31;
	set_length(frame, 16);
	frame_seal(frame, true);
}
static void type_0(struct frame *frame)
{
	frame->octets[0] &= 0xf0;
}
static void type_2(struct frame *frame)
{
	frame->octets[0] = (uint8_t)((frame->octets[0] & 0xf0) | 2);
}
static void vrid_52(struct frame *frame)
{
	frame->octets[1] = 52;
}
static void vrid_0(struct frame *frame)
{
	frame->octets[1] = 0;
}
static void interval_0(struct frame *frame)
{
	frame->octets[4] = frame->octets[5] = 0;
}
static void interval_0_reserved_set(struct frame *frame)
{
	frame->octets[4] = 0xf0;
	frame->octets[5] = 0;
}
static void reserved_set(struct frame *frame)
{
	frame->octets[4] |= 0xf0;
}
static void interval_other(struct frame *frame)
{
	frame->octets[5] += 2;
}
static void checksum_off_by_one(struct frame *frame)
{
	frame->octets[7] ^= 1;
}
static void checksum_message_only(struct frame *frame)
{
	frame_seal(frame, false);
}
static void checksum_with_pseudo_header(struct frame *frame)
{
	frame_seal(frame, true);
}

/* Lengths */
static void no_octets(struct frame *frame)
{
	set_length(frame, 0);
}
static void one_octet(struct frame *frame)
{
	set_length(frame, 1);
}
static void seven_octets(struct frame *frame)
{
	set_length(frame, 7);
}
static void eight_octets(struct frame *frame)
{
	set_length(frame, 8);
}
static void count_beyond(struct frame *frame)
{
	frame->octets[3] = 3;
}
static void count_255(struct frame *frame)
{
	frame->octets[3] = 255;
}
static void count_0(struct frame *frame)
{
	frame->octets[3] = 0;
}
static void count_0_without_addresses(struct frame *frame)
{
	frame->octets[3] = 0;
	set_length(frame, frame->octets[0] == 0x21 ? 16 : 8);
}
static void surplus_1(struct frame *frame)
{
	set_length(frame, frame->received + 1);
}
static void surplus_8(struct frame *frame)
{
	set_length(frame, frame->received + 8);
}
static void surplus_40(struct frame *frame)
{
	set_length(frame, frame->received + 40);
}
static void one_octet_missing(struct frame *frame)
{
	set_length(frame, frame->received - 1);
}
static void header_promises_more(struct frame *frame)
{
	frame->received -= 4;
}
static void header_promises_more_than_all(struct frame *frame)
{
	frame->facts.length += 8;
}
static void padded(struct frame *frame)
{
	memset(frame->octets + frame->received, 0xa5, 30);
	frame->received += 30;
}
/* 36 octets, demotion and a hash: to a careless reader a version 2 advert of 7 addresses. */
static void carp(struct frame *frame)
{
	frame->octets[3] = 7;
	memset(frame->octets + 8, 0x5a, 28);
	set_length(frame, 36);
}
/* Under a number that is no VRID here. */
static void carp_elsewhere(struct frame *frame)
{
	carp(frame);
	frame->octets[0] = 0x21;
	frame->octets[1] = 7;
}

/* Addresses and authentication */
static void other_address(struct frame *frame)
{
	frame->octets[frame->octets[0] == 0x21 ? 15 : frame->received - 1] ^= 1;
}
static void swapped_addresses(struct frame *frame)
{
	uint8_t first[4];

	memcpy(first, frame->octets + 8, 4);
	memmove(frame->octets + 8, frame->octets + 12, 4);
	memcpy(frame->octets + 12, first, 4);
}
static void fewer_addresses(struct frame *frame)
{
	frame->octets[3] = 1;
	memmove(frame->octets + 12, frame->octets + 16, 8);
	set_length(frame, frame->received - 4);
}
static void first_not_link_local(struct frame *frame)
{
	uint8_t first[16];

	memcpy(first, frame->octets + 8, 16);
	memmove(frame->octets + 8, frame->octets + 24, 16);
	memcpy(frame->octets + 24, first, 16);
}
static void auth_type_1(struct frame *frame)
{
	frame->octets[4] = 1;
}
static void auth_type_2(struct frame *frame)
{
	frame->octets[4] = 2;
}
static void auth_type_3(struct frame *frame)
{
	frame->octets[4] = 3;
}
static void auth_type_0(struct frame *frame)
{
	frame->octets[4] = 0;
}
static void trailer_not_zero(struct frame *frame)
{
	memset(frame->octets + 16, 0xee, 8);
}
static void other_password(struct frame *frame)
{
	frame->octets[16] ^= 0x20;
}
static void longer_password(struct frame *frame)
{
	frame->octets[23] = 'x';
}
static void from_owner_other_address(struct frame *frame)
{
	frame->octets[2] = 255;
	other_address(frame);
}

static void strict(struct lab *lab)
{
	lab->configuration.strict = true;
}
static void with_password(struct lab *lab)
{
	lab->configuration.auth = vrrp_auth_password("secret");
}
static void with_255_addresses(struct lab *lab)
{
	const size_t last = lab->configuration.family == V6 ? 15 : 3;

	for (unsigned int i = 0; i < VRRP_ADDRESSES_MAX; i++) {
		lab->addresses[i] = lab->addresses[0];
		lab->addresses[i].bytes[last] = (uint8_t)i;
	}
	lab->configuration.address_count = VRRP_ADDRESSES_MAX;
}

#define ROW(row_id, row_text, row_version, row_family, row_verdict, row_drop, row_spoil, ...) \
	{                                                                                     \
		.id = row_id, .text = row_text, .version = row_version, .family = row_family, \
		.verdict = row_verdict, .drop = VRRP_DROP_##row_drop, .spoil = row_spoil,     \
		__VA_ARGS__                                                                   \
	}

/* clang-format off: a row to a line */
static const struct row rows[] = {
	ROW("R1", "TTL 254", 3, V4, DROPPED, TTL, ttl_254),
	ROW("R1", "TTL 1", 3, V4, DROPPED, TTL, ttl_1),
	ROW("R1", "TTL 0, version 2", 2, V4, DROPPED, TTL, ttl_0),
	ROW("R2", "hop limit 254", 3, V6, DROPPED, TTL, ttl_254),
	ROW("R2", "hop limit 1", 3, V6, DROPPED, TTL, ttl_1),
	ROW("R3", "version 0", 3, V4, DROPPED, VERSION, version_0),
	ROW("R3", "version 1", 2, V4, DROPPED, VERSION, version_1),
	ROW("R3", "version 4", 3, V6, DROPPED, VERSION, version_4),
	ROW("R3", "version 15", 3, V4, DROPPED, VERSION, version_15),
	ROW("R3", "version 2 over IPv6", 3, V6, DROPPED, VERSION, version_2_over_ipv6),
	ROW("R3", "version 2 where 3 is configured", 3, V4, DROPPED, VERSION_DIFFERS,
		sound_version_2, .keep_checksum = true),
	ROW("R3", "version 3 where 2 is configured", 2, V4, DROPPED, VERSION_DIFFERS,
		sound_version_3, .keep_checksum = true),
	ROW("R4", "type 0", 3, V4, DROPPED, TYPE, type_0),
	ROW("R4", "type 2", 2, V4, DROPPED, TYPE, type_2),
	ROW("R4", "type 2, IPv6", 3, V6, DROPPED, TYPE, type_2),
	ROW("R5", "0 octets", 3, V4, NOT_FOR_US, TRUNCATED, no_octets),
	ROW("R5", "1 octet", 3, V4, NOT_FOR_US, TRUNCATED, one_octet),
	ROW("R5", "7 octets", 3, V4, DROPPED, TRUNCATED, seven_octets),
	ROW("R5", "7 octets, IPv6", 3, V6, DROPPED, TRUNCATED, seven_octets),
	ROW("R5", "8 octets", 2, V4, DROPPED, TRUNCATED, eight_octets),
	ROW("R6", "one address too few", 3, V4, DROPPED, TRUNCATED, count_beyond),
	ROW("R6", "one address too few, IPv6", 3, V6, DROPPED, TRUNCATED, count_beyond),
	ROW("R6", "255 addresses claimed", 3, V4, DROPPED, TRUNCATED, count_255),
	ROW("R6", "255 addresses claimed, version 2", 2, V4, DROPPED, TRUNCATED, count_255),
	ROW("R6", "one octet missing", 2, V4, DROPPED, TRUNCATED, one_octet_missing),
	ROW("R7", "1 octet trails", 3, V4, DROPPED, SURPLUS, surplus_1),
	ROW("R7", "8 octets trail", 3, V4, DROPPED, SURPLUS, surplus_8),
	ROW("R7", "40 octets trail", 3, V4, DROPPED, SURPLUS, surplus_40),
	ROW("R7", "1 octet trails, version 2", 2, V4, DROPPED, SURPLUS, surplus_1),
	ROW("R7", "8 octets trail, version 2", 2, V4, DROPPED, SURPLUS, surplus_8),
	ROW("R7", "40 octets trail, IPv6", 3, V6, DROPPED, SURPLUS, surplus_40),
	ROW("R8", "bad checksum", 3, V4, DROPPED, CHECKSUM, checksum_off_by_one,
		.keep_checksum = true),
	ROW("R8", "bad checksum, version 2", 2, V4, DROPPED, CHECKSUM, checksum_off_by_one,
		.keep_checksum = true),
	ROW("R8", "bad checksum, IPv6", 3, V6, DROPPED, CHECKSUM, checksum_off_by_one,
		.keep_checksum = true),
	ROW("R8", "version 2 with a pseudo-header", 2, V4, DROPPED, CHECKSUM,
		checksum_with_pseudo_header, .keep_checksum = true),
	ROW("R8", "IPv6 without pseudo-header", 3, V6, DROPPED, CHECKSUM, checksum_message_only,
		.keep_checksum = true),
	ROW("R8b", "version 3 over IPv4, message only", 3, V4, TAKEN, NONE, checksum_message_only,
		.keep_checksum = true),
	ROW("R9", "another VRID", 3, V4, NOT_FOR_US, NONE, vrid_52),
	ROW("R9", "VRID 0", 3, V4, NOT_FOR_US, VRID_ZERO, vrid_0),
	ROW("R9", "VRID 0, version 2", 2, V4, NOT_FOR_US, VRID_ZERO, vrid_0),
	ROW("R10", "count 0", 3, V4, DROPPED, COUNT_ZERO, count_0),
	ROW("R10", "count 0, no addresses", 3, V4, DROPPED, COUNT_ZERO, count_0_without_addresses),
	ROW("R10", "count 0, no addresses, version 2", 2, V4, DROPPED, COUNT_ZERO,
		count_0_without_addresses),
	ROW("R10", "count 0, no addresses, IPv6", 3, V6, DROPPED, COUNT_ZERO,
		count_0_without_addresses),
	ROW("R11", "interval 0", 3, V4, DROPPED, INTERVAL_ZERO, interval_0),
	ROW("R11", "interval 0, reserved bits set", 3, V4, DROPPED, INTERVAL_ZERO,
		interval_0_reserved_set),
	ROW("R11", "interval 0, version 2", 2, V4, DROPPED, INTERVAL_ZERO, interval_0),
	ROW("R11", "interval 0, IPv6", 3, V6, DROPPED, INTERVAL_ZERO, interval_0),
	ROW("R12", "reserved bits set", 3, V4, TAKEN, NONE, reserved_set),
	ROW("R12", "reserved bits set, IPv6", 3, V6, TAKEN, NONE, reserved_set),
	ROW("R13", "first address not link-local", 3, V6, NOTED, NOT_LINK_LOCAL,
		first_not_link_local),
	ROW("R13", "first address not link-local, strict", 3, V6, DROPPED, NOT_LINK_LOCAL,
		first_not_link_local, .set_up = strict),
	ROW("R14", "another interval", 3, V4, NOTED, INTERVAL_DIFFERS, interval_other),
	ROW("R14", "another interval, IPv6", 3, V6, NOTED, INTERVAL_DIFFERS, interval_other),
	ROW("R15", "another interval, version 2", 2, V4, DROPPED, INTERVAL_DIFFERS, interval_other),
	ROW("R16", "another address", 3, V4, NOTED, LIST_DIFFERS, other_address),
	ROW("R16", "another address, IPv6", 3, V6, NOTED, LIST_DIFFERS, other_address),
	ROW("R16", "an address less", 3, V4, NOTED, LIST_DIFFERS, fewer_addresses),
	ROW("R16", "another order", 3, V4, TAKEN, NONE, swapped_addresses),
	ROW("R17", "another address, version 2", 2, V4, DROPPED, LIST_DIFFERS, other_address),
	ROW("R17", "an address less, version 2", 2, V4, DROPPED, LIST_DIFFERS, fewer_addresses),
	ROW("R17", "another address from an owner", 2, V4, NOTED, LIST_DIFFERS,
		from_owner_other_address),
	ROW("R17", "another order, version 2", 2, V4, TAKEN, NONE, swapped_addresses),
	ROW("R19", "AuthType 1, none configured", 2, V4, DROPPED, AUTH_TYPE, auth_type_1),
	ROW("R19", "AuthType 2, none configured", 2, V4, DROPPED, AUTH_TYPE, auth_type_2),
	ROW("R19", "AuthType 3, none configured", 2, V4, DROPPED, AUTH_UNKNOWN, auth_type_3),
	ROW("R19", "AuthType 0, PASS configured", 2, V4, DROPPED, AUTH_TYPE, auth_type_0,
		.set_up = with_password),
	ROW("R20", "authentication octets not zero", 2, V4, TAKEN, NONE, trailer_not_zero),
	ROW("R23", "IP length beyond the frame", 3, V4, DROPPED, TRUNCATED, header_promises_more),
	ROW("R23", "IP length beyond the frame, version 2", 2, V4, DROPPED, TRUNCATED,
		header_promises_more),
	ROW("R23", "IP length beyond the frame, IPv6", 3, V6, DROPPED, TRUNCATED,
		header_promises_more),
	ROW("R23", "IP length beyond a whole message", 3, V4, DROPPED, TRUNCATED,
		header_promises_more_than_all, .keep_checksum = true),
	ROW("R24", "link padding", 3, V4, TAKEN, NONE, padded, .keep_checksum = true),
	ROW("R24", "link padding, version 2", 2, V4, TAKEN, NONE, padded, .keep_checksum = true),
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
	ROW("R31", "CARP", 2, V4, DROPPED, TRAILER, carp),
	ROW("R31", "CARP where version 3 is configured", 3, V4, NOT_FOR_US, TRAILER,
		carp_elsewhere),
	ROW("R32", "255 addresses, one differs", 3, V4, NOTED, LIST_DIFFERS, other_address,
		.set_up = with_255_addresses),
	ROW("R32", "255 addresses, another order", 3, V4, TAKEN, NONE, swapped_addresses,
		.set_up = with_255_addresses),
	ROW("R32", "255 addresses, one octet missing", 2, V4, DROPPED, TRUNCATED, one_octet_missing,
		.set_up = with_255_addresses),
	ROW("R32", "255 addresses, one octet missing, IPv6", 3, V6, DROPPED, TRUNCATED,
		one_octet_missing, .set_up = with_255_addresses),
	ROW("R33", "wrong password", 2, V4, DROPPED, AUTH_FAILED, other_password,
		.set_up = with_password),
	ROW("R33", "right password and more", 2, V4, DROPPED, AUTH_FAILED, longer_password,
		.set_up = with_password),
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void make_probed_router(const struct row *row, struct lab *lab)
{
	lab_make(lab, row->version, row->family);
	if (row->set_up) {
		row->set_up(lab);
		lab_reconfigure(lab);
	}
	lab_make_active(lab);
	assert_int_equal(lab_state(lab), VRRP_STATE_ACTIVE);
	memset(&lab->router.statistics, 0, sizeof(lab->router.statistics));
}

static void make_probe(const struct row *row, const struct lab *lab, struct frame *frame)
{
	lab_frame(lab, frame, row->family == V6 ? "fe80::14" : "192.0.2.20", 200);
}

/* Only the counter of `drop` has moved, by one, and nothing at all for NONE. */
static void assert_counted(const struct lab *lab, enum vrrp_drop drop)
{
	const struct vrrp_statistics *statistics = &lab->router.statistics;
	const enum vrrp_counter counter = vrrp_drop_counter(drop);

	for (unsigned int i = 0; i < VRRP_DROPS; i++)
		assert_int_equal(statistics->drops[i], drop != VRRP_DROP_NONE && i == drop);
	for (unsigned int i = 0; i < VRRP_COUNTERS; i++)
		assert_int_equal(statistics->errors[i], drop != VRRP_DROP_NONE && i == counter);
	assert_int_equal(statistics->last_error,
		vrrp_counter_proto_error(counter) != 0 ? counter : VRRP_COUNTER_NONE);
}

static void assert_error(const struct lab *lab, const struct row *row)
{
	const struct vrrp_action *error = lab_action(lab, VRRP_ACTION_PROTOCOL_ERROR);

	if (row->verdict != DROPPED && row->verdict != NOTED) {
		assert_null(error);
		return;
	}
	assert_non_null(error);
	assert_string_equal(vrrp_drop_word(error->error.drop), vrrp_drop_word(row->drop));
	assert_int_equal(error->error.dropped, row->verdict == DROPPED);
}

static void assert_taken(const struct lab *lab)
{
	assert_int_equal(lab_state(lab), VRRP_STATE_BACKUP);
	assert_int_equal(lab->router.statistics.received, 1);
	assert_int_equal(lab->router.statistics.transitions, 0);
}

static void assert_not_taken(const struct lab *lab)
{
	assert_int_equal(lab_state(lab), VRRP_STATE_ACTIVE);
	assert_int_equal(lab->router.statistics.received, 0);
	assert_int_equal(lab_count(lab, VRRP_ACTION_SEND_ADVERT), 0);
	assert_int_equal(lab_count(lab, VRRP_ACTION_ARM), 0);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	const bool taken = row->verdict == NOTED || row->verdict == TAKEN;
	struct frame frame;
	struct vrrp_view view;
	struct lab lab;

	make_probed_router(row, &lab);
	make_probe(row, &lab, &frame);
	row->spoil(&frame);
	if (!row->keep_checksum)
		frame_seal(&frame, frame.octets[0] >> 4 == 3);
	if (row->verdict == NOT_FOR_US)
		assert_int_equal(
			vrrp_packet_decode(frame.octets, frame.received, &frame.facts, &view),
			row->drop);
	lab_feed(&lab, &frame);
	if (taken)
		assert_taken(&lab);
	else
		assert_not_taken(&lab);
	assert_counted(&lab, row->verdict == NOT_FOR_US ? VRRP_DROP_NONE : row->drop);
	assert_error(&lab, row);
}

static void test_twin(void **state)
{
	const struct row *row = *state;
	struct frame frame;
	struct lab lab;

	make_probed_router(row, &lab);
	make_probe(row, &lab, &frame);
	lab_feed(&lab, &frame);
	assert_taken(&lab);
	assert_counted(&lab, VRRP_DROP_NONE);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_PROTOCOL_ERROR), 0);
}

static void test_both_forms_counted(void **state)
{
	struct frame frame;
	struct lab lab;

	lab_make(&lab, 3, V4);
	lab_make_active(&lab);
	lab_frame(&lab, &frame, "192.0.2.20", 50);
	lab_feed(&lab, &frame);
	checksum_message_only(&frame);
	lab_feed(&lab, &frame);
	lab_feed(&lab, &frame);
	assert_int_equal(lab.router.statistics.forms[VRRP_CHECKSUM_PSEUDO], 1);
	assert_int_equal(lab.router.statistics.forms[VRRP_CHECKSUM_MESSAGE], 2);
}

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
		assert_counted(&lab, VRRP_DROP_OWNER_CONFLICT);
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

/* RFC 6527 counts packets, not what is wrong with them. */
static void test_one_packet_counts_once(void **state)
{
	struct frame frame;
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV6);
	lab_start(&lab);
	lab_frame(&lab, &frame, "fe80::14", 200);
	first_not_link_local(&frame);
	other_address(&frame);
	frame_seal(&frame, true);
	lab_feed(&lab, &frame);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_LIST_DIFFERS], 1);
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_NOT_LINK_LOCAL], 1);
	assert_int_equal(lab.router.statistics.errors[VRRP_COUNTER_ADDRESS_LIST], 1);
	lab_feed(&lab, &frame);
	assert_int_equal(lab.router.statistics.errors[VRRP_COUNTER_ADDRESS_LIST], 2);
}

int main(void)
{
	const struct CMUnitTest plain[] = {
		{"R8b both forms are counted", test_both_forms_counted, NULL, NULL, NULL},
		{"R18 two owners", test_two_owners, NULL, NULL, NULL},
		{"R34 one packet counts once", test_one_packet_counts_once, NULL, NULL, NULL},
		{"R34 each reject is counted", test_counters_add_up, NULL, NULL, NULL},
		cmocka_unit_test(test_stopped_hears_nothing),
	};
	const size_t plain_count = sizeof(plain) / sizeof(plain[0]);
	static struct CMUnitTest tests[2 * ROWS + sizeof(plain) / sizeof(plain[0])];
	static char names[2 * ROWS][96];
	size_t count = 0;

	for (size_t i = 0; i < ROWS; i++) {
		snprintf(names[count], sizeof(names[0]), "%s %s", rows[i].id, rows[i].text);
		tests[count] =
			(struct CMUnitTest){names[count], test_row, NULL, NULL, (void *)&rows[i]};
		count++;
		snprintf(names[count], sizeof(names[0]), "%s %s: twin", rows[i].id, rows[i].text);
		tests[count] =
			(struct CMUnitTest){names[count], test_twin, NULL, NULL, (void *)&rows[i]};
		count++;
	}
	memcpy(tests + count, plain, sizeof(plain));
	return _cmocka_run_group_tests("reception", tests, count + plain_count, NULL, NULL);
}
