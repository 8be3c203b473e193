/* SPDX-License-Identifier: ISC */
/* What is taken and what is not, by the message: the fields of its header, its checksum and its
 * length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/reception-lab.h"

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
	reception_set_length(frame, 24);
	memset(frame->octets + 16, 0, 8);
	frame_write_checksum(frame, false);
}
static void sound_version_3(struct frame *frame)
{
	frame->octets[0] = 0x31;
	reception_set_length(frame, 16);
	frame_write_checksum(frame, true);
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
	frame_write_checksum(frame, false);
}
static void checksum_with_pseudo_header(struct frame *frame)
{
	frame_write_checksum(frame, true);
}

/* Lengths */
static void no_octets(struct frame *frame)
{
	reception_set_length(frame, 0);
}
static void one_octet(struct frame *frame)
{
	reception_set_length(frame, 1);
}
static void seven_octets(struct frame *frame)
{
	reception_set_length(frame, 7);
}
static void eight_octets(struct frame *frame)
{
	reception_set_length(frame, 8);
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
	reception_set_length(frame, frame->octets[0] == 0x21 ? 16 : 8);
}
static void surplus_1(struct frame *frame)
{
	reception_set_length(frame, frame->received + 1);
}
static void surplus_8(struct frame *frame)
{
	reception_set_length(frame, frame->received + 8);
}
static void surplus_40(struct frame *frame)
{
	reception_set_length(frame, frame->received + 40);
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
	reception_set_length(frame, 36);
}
/* Under a number that is no VRID here. */
static void carp_elsewhere(struct frame *frame)
{
	carp(frame);
	frame->octets[0] = 0x21;
	frame->octets[1] = 7;
}

/* clang-format off: a row to a line */
static const struct row rows[] = {
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
	ROW("R6", "one octet missing", 2, V4, DROPPED, TRUNCATED, reception_drop_octet),
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
	ROW("R14", "another interval", 3, V4, NOTED, INTERVAL_DIFFERS, interval_other),
	ROW("R14", "another interval, IPv6", 3, V6, NOTED, INTERVAL_DIFFERS, interval_other),
	ROW("R15", "another interval, version 2", 2, V4, DROPPED, INTERVAL_DIFFERS, interval_other),
	ROW("R23", "IP length beyond the frame", 3, V4, DROPPED, TRUNCATED, header_promises_more),
	ROW("R23", "IP length beyond the frame, version 2", 2, V4, DROPPED, TRUNCATED,
		header_promises_more),
	ROW("R23", "IP length beyond the frame, IPv6", 3, V6, DROPPED, TRUNCATED,
		header_promises_more),
	ROW("R23", "IP length beyond a whole message", 3, V4, DROPPED, TRUNCATED,
		header_promises_more_than_all, .keep_checksum = true),
	ROW("R24", "link padding", 3, V4, TAKEN, NONE, padded, .keep_checksum = true),
	ROW("R24", "link padding, version 2", 2, V4, TAKEN, NONE, padded, .keep_checksum = true),
	ROW("R31", "CARP", 2, V4, DROPPED, TRAILER, carp),
	ROW("R31", "CARP where version 3 is configured", 3, V4, NOT_FOR_US, TRAILER,
		carp_elsewhere),
};
/* clang-format on */

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

int main(void)
{
	const struct CMUnitTest plain[] = {
		LAB_TEST("R8b both forms are counted", test_both_forms_counted),
	};

	return reception_run("reception message", rows, sizeof(rows) / sizeof(rows[0]), plain,
		sizeof(plain) / sizeof(plain[0]));
}
