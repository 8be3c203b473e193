/* SPDX-License-Identifier: ISC */
/* What is taken and what is not, by what the message bears: its addresses and its authentication.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/reception-lab.h"

/* Addresses and authentication */
static void other_address(struct frame *frame)
{
	frame->octets[frame->octets[0] == 0x21 ? 15 : frame->received - 1] ^= 1;
}
static void swap_first_two(struct frame *frame, size_t octets)
{
	uint8_t first[16];

	memcpy(first, frame->octets + 8, octets);
	memmove(frame->octets + 8, frame->octets + 8 + octets, octets);
	memcpy(frame->octets + 8 + octets, first, octets);
}
static void swapped_addresses(struct frame *frame)
{
	swap_first_two(frame, 4);
}
static void fewer_addresses(struct frame *frame)
{
	frame->octets[3] = 1;
	memmove(frame->octets + 12, frame->octets + 16, 8);
	reception_set_length(frame, frame->received - 4);
}
static void first_not_link_local(struct frame *frame)
{
	swap_first_two(frame, 16);
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

/* clang-format off: a row to a line */
static const struct row rows[] = {
	ROW("R13", "first address not link-local", 3, V6, NOTED, NOT_LINK_LOCAL,
		first_not_link_local),
	ROW("R13", "first address not link-local, strict", 3, V6, DROPPED, NOT_LINK_LOCAL,
		first_not_link_local, .set_up = strict),
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
	ROW("R32", "255 addresses, one differs", 3, V4, NOTED, LIST_DIFFERS, other_address,
		.set_up = with_255_addresses),
	ROW("R32", "255 addresses, another order", 3, V4, TAKEN, NONE, swapped_addresses,
		.set_up = with_255_addresses),
	ROW("R32", "255 addresses, one octet missing", 2, V4, DROPPED, TRUNCATED,
		reception_drop_octet, .set_up = with_255_addresses),
	ROW("R32", "255 addresses, one octet missing, IPv6", 3, V6, DROPPED, TRUNCATED,
		reception_drop_octet, .set_up = with_255_addresses),
	ROW("R33", "wrong password", 2, V4, DROPPED, AUTH_FAILED, other_password,
		.set_up = with_password),
	ROW("R33", "right password and more", 2, V4, DROPPED, AUTH_FAILED, longer_password,
		.set_up = with_password),
};
/* clang-format on */

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
	frame_write_checksum(&frame, true);
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
		LAB_TEST("R34 one packet counts once", test_one_packet_counts_once),
	};

	return reception_run("reception content", rows, sizeof(rows) / sizeof(rows[0]), plain,
		sizeof(plain) / sizeof(plain[0]));
}
