/* SPDX-License-Identifier: ISC */
/* The codec against octets that were computed elsewhere, and addresses, checksums, priorities and
 * the tables of reasons. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/cursor.h"
#include "tests/unit/protocol-lab.h"
#include "vrrp/protocol/encode.h"
#include "vrrp/protocol/priority.h"

#define ADDRESSES_4 0xc0, 0x00, 0x02, 0x64, 0xc0, 0x00, 0x02, 0x65

static const uint8_t v2_plain[] = {
	0x21, 0x33, 0x64, 0x02, 0x00, 0x01, 0xf5, 0xfe, ADDRESSES_4, 0, 0, 0, 0, 0, 0, 0, 0};
static const uint8_t v2_pass[] = {0x21, 0x33, 0x64, 0x02, 0x01, 0x01, 0xb8, 0xb2, ADDRESSES_4, 's',
	'e', 'c', 'r', 'e', 't', 0, 0};
static const uint8_t v3_message[] = {0x31, 0x33, 0x64, 0x02, 0x00, 0x64, 0xe5, 0x9b, ADDRESSES_4};
static const uint8_t v3_pseudo[] = {0x31, 0x33, 0x64, 0x02, 0x00, 0x64, 0x42, 0xfe, ADDRESSES_4};
static const uint8_t v3_ipv6[] = {0x31, 0x33, 0x64, 0x02, 0x0f, 0xff, 0x2f, 0x91, 0xfe, 0x80, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x64, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0x64};

struct golden {
	const char *name;
	const uint8_t *octets;
	size_t length;
	uint8_t version;
	enum vrrp_family family;
	uint64_t interval;
	const char *password;
	enum vrrp_checksum_mode mode;
	enum vrrp_checksum_form form;
};

static const struct golden goldens[] = {
	{"T15 T16 version 2, authentication octets zero", v2_plain, sizeof(v2_plain), 2, VRRP_IPV4,
		VRRP_SECOND, NULL, VRRP_CHECKSUM_AUTO, VRRP_CHECKSUM_MESSAGE},
	{"T15 version 2, PASS", v2_pass, sizeof(v2_pass), 2, VRRP_IPV4, VRRP_SECOND, "secret",
		VRRP_CHECKSUM_AUTO, VRRP_CHECKSUM_MESSAGE},
	{"T11 version 3 over IPv4, message only", v3_message, sizeof(v3_message), 3, VRRP_IPV4,
		VRRP_SECOND, NULL, VRRP_CHECKSUM_MESSAGE_ONLY, VRRP_CHECKSUM_MESSAGE},
	{"T9 T15 version 3 over IPv4, pseudo-header", v3_pseudo, sizeof(v3_pseudo), 3, VRRP_IPV4,
		VRRP_SECOND, NULL, VRRP_CHECKSUM_AUTO, VRRP_CHECKSUM_PSEUDO},
	{"T9 T10 T12 version 3 over IPv6, longest interval", v3_ipv6, sizeof(v3_ipv6), 3, VRRP_IPV6,
		4095 * VRRP_CENTISECOND, NULL, VRRP_CHECKSUM_AUTO, VRRP_CHECKSUM_PSEUDO},
	{"T12 message-only is for IPv4 alone", v3_ipv6, sizeof(v3_ipv6), 3, VRRP_IPV6,
		4095 * VRRP_CENTISECOND, NULL, VRRP_CHECKSUM_MESSAGE_ONLY, VRRP_CHECKSUM_PSEUDO},
};

static void make_golden_router(const struct golden *golden, struct lab *lab)
{
	lab_make(lab, golden->version, golden->family);
	lab->configuration.interval = golden->interval;
	lab->configuration.checksum = golden->mode;
	if (golden->password)
		lab->configuration.auth = vrrp_auth_password(golden->password);
	lab_reconfigure(lab);
}

static void test_golden_encode(void **state)
{
	const struct golden *golden = *state;
	uint8_t buffer[VRRP_PACKET_MAX];
	struct lab lab;

	make_golden_router(golden, &lab);
	assert_int_equal(
		vrrp_router_encode(&lab.router, 100, NULL, buffer, sizeof(buffer)), golden->length);
	assert_memory_equal(buffer, golden->octets, golden->length);
	assert_int_equal(
		vrrp_router_encode(&lab.router, 100, NULL, buffer, golden->length), golden->length);
	for (size_t size = 0; size < golden->length; size++)
		assert_int_equal(
			vrrp_router_encode(&lab.router, 100, NULL, buffer, size), -ENOBUFS);
}

static void test_golden_decode(void **state)
{
	const struct golden *golden = *state;
	struct vrrp_ip_facts facts;
	struct vrrp_view view;
	struct lab lab;

	make_golden_router(golden, &lab);
	facts = (struct vrrp_ip_facts){.source = lab.router.state.primary,
		.destination = lab.configuration.group,
		.length = golden->length,
		.ttl = 255};
	assert_int_equal(
		vrrp_packet_decode(golden->octets, golden->length, &facts, &view), VRRP_DROP_NONE);
	assert_int_equal(view.version, golden->version);
	assert_int_equal(view.family, golden->family);
	assert_int_equal(view.vrid, LAB_VRID);
	assert_int_equal(view.priority, 100);
	assert_int_equal(view.address_count, 2);
	assert_int_equal(view.interval, golden->interval);
	assert_int_equal(view.checksum_form, golden->form);
	assert_int_equal(view.auth_type, golden->password ? 1 : 0);
	assert_ptr_equal(view.addresses, golden->octets + 8);
	assert_ptr_equal(
		view.trailer, golden->version == 2 ? golden->octets + golden->length - 8 : NULL);
	assert_true(vrrp_address_equal(&view.source, &facts.source));
	assert_true(vrrp_address_equal(&view.destination, &facts.destination));
}

/* Each bit of a message, flipped, must be noticed: the checksum covers all of it. */
static void test_golden_bits(void **state)
{
	const struct golden *golden = *state;
	struct lab lab;
	struct vrrp_ip_facts facts;
	struct vrrp_view view;
	uint8_t copy[64];

	make_golden_router(golden, &lab);
	facts = (struct vrrp_ip_facts){.source = lab.router.state.primary,
		.destination = lab.configuration.group,
		.length = golden->length,
		.ttl = 255};
	for (size_t bit = 0; bit < 8 * golden->length; bit++) {
		memcpy(copy, golden->octets, golden->length);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(
			vrrp_packet_decode(copy, golden->length, &facts, &view), VRRP_DROP_NONE);
	}
}

static void test_encode_refuses(void **state)
{
	struct vrrp_address addresses[2] = {lab_address("192.0.2.100"), lab_address("fe80::1")};
	struct vrrp_advert good = {.source = lab_address("192.0.2.10"),
		.destination = lab_address("224.0.0.18"),
		.addresses = addresses,
		.address_count = 1,
		.interval = VRRP_SECOND,
		.version = 3,
		.vrid = 1,
		.priority = 100};
	struct vrrp_advert bad;
	uint8_t buffer[VRRP_PACKET_MAX];

	assert_int_equal(vrrp_packet_encode(&good, buffer, sizeof(buffer)), 12);
#define REFUSED(change)                                                                      \
	do {                                                                                 \
		bad = good;                                                                  \
		change;                                                                      \
		assert_int_equal(vrrp_packet_encode(&bad, buffer, sizeof(buffer)), -EINVAL); \
	} while (0)
	REFUSED(bad.version = 1);
	REFUSED(bad.version = 4);
	REFUSED(bad.vrid = 0);
	REFUSED(bad.interval = 0);
	REFUSED(bad.interval = VRRP_CENTISECOND + 1);
	REFUSED(bad.interval = 4096 * VRRP_CENTISECOND);
	REFUSED(bad.version = 2; bad.interval = VRRP_SECOND / 2);
	REFUSED(bad.version = 2; bad.interval = 256 * VRRP_SECOND);
	REFUSED(bad.address_count = 0);
	REFUSED(bad.address_count = 256);
	REFUSED(bad.address_count = 2);
	REFUSED(bad.source.family = VRRP_FAMILY_NONE);
	REFUSED(bad.destination = lab_address("ff02::12"));
#undef REFUSED
}

static void test_trailer_zero(void **state)
{
	static const uint8_t zeros[VRRP_AUTH_OCTETS];
	uint8_t buffer[VRRP_PACKET_MAX];
	struct lab lab;

	/* What is left of a password that was taken out of the configuration is not sent. */
	lab_make(&lab, 2, VRRP_IPV4);
	lab.configuration.auth = vrrp_auth_password("password");
	lab.configuration.auth.type = VRRP_AUTH_NONE;
	lab_reconfigure(&lab);
	assert_int_equal(vrrp_router_encode(&lab.router, 100, NULL, buffer, sizeof(buffer)), 24);
	assert_memory_equal(buffer + 16, zeros, sizeof(zeros));
}

static void test_priority_range(void **state)
{
	/* Configured, tracked, effective. */
	static const int rows[][3] = {{100, 0, 100}, {100, 154, 254}, {100, 155, 254},
		{100, -99, 1}, {100, -100, 1}, {100, -5000, 1}, {254, 1, 254}, {1, -1, 1},
		{254, INT32_MAX, 254}, {1, INT32_MIN, 1}, {255, -254, 255}, {255, 10, 255}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			vrrp_priority_effective((uint8_t)rows[i][0], rows[i][1]), rows[i][2]);
}

static void test_address_order(void **state)
{
	static const char *const ascending[] = {"10.0.0.1", "10.0.0.2", "127.0.0.1", "128.0.0.1",
		"200.0.0.1", "255.255.255.255", "::1", "2001:db8::1", "7fff::", "8000::", "fe80::1",
		"fe80::ff", "fe80::100"};
	const size_t count = sizeof(ascending) / sizeof(ascending[0]);

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			struct vrrp_address a = lab_address(ascending[i]);
			struct vrrp_address b = lab_address(ascending[j]);
			int order = vrrp_address_compare(&a, &b);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
			assert_int_equal(vrrp_address_equal(&a, &b), i == j);
		}
	}
}

static void test_address_kinds(void **state)
{
	static const struct {
		const char *text;
		bool source, link_local;
	} rows[] = {{"192.0.2.1", true, false}, {"0.0.0.0", false, false},
		{"127.0.0.1", false, false}, {"127.255.0.9", false, false},
		{"126.0.0.1", true, false}, {"224.0.0.18", false, false},
		{"239.1.2.3", false, false}, {"223.255.255.255", true, false},
		{"240.0.0.1", true, false}, {"255.255.255.255", false, false},
		{"169.254.3.4", true, true}, {"169.253.3.4", true, false}, {"::", false, false},
		{"::1", false, false}, {"::2", true, false}, {"ff02::1", false, false},
		{"fe80::1", true, true}, {"febf::1", true, true}, {"fec0::1", true, false},
		{"2001:db8::1", true, false}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vrrp_address address = lab_address(rows[i].text);

		assert_int_equal(vrrp_address_is_valid_source(&address), rows[i].source);
		assert_int_equal(vrrp_address_is_link_local(&address), rows[i].link_local);
	}
	assert_false(vrrp_address_is_valid_source(&(struct vrrp_address){0}));
}

static void test_address_set(void **state)
{
	struct vrrp_address list[VRRP_ADDRESSES_MAX];
	uint8_t wire[VRRP_ADDRESSES_MAX * 4];

	for (unsigned int i = 0; i < VRRP_ADDRESSES_MAX; i++)
		list[i] = vrrp_address_make(
			VRRP_IPV4, (const uint8_t[4]){10, 0, (uint8_t)(i * 7), (uint8_t)i});
	/* 101 and 255 have no common divisor: a rearrangement, the same for 1. */
	for (unsigned int step = 1; step <= 101; step += 100) {
		for (unsigned int i = 0; i < VRRP_ADDRESSES_MAX; i++)
			memcpy(wire + 4 * i, list[i * step % VRRP_ADDRESSES_MAX].bytes, 4);
		assert_true(vrrp_address_same_set(VRRP_IPV4, wire, 255, list, 255));
		assert_false(vrrp_address_same_set(VRRP_IPV4, wire, 254, list, 255));
		assert_false(vrrp_address_same_set(VRRP_IPV4, wire, 255, list, 254));
		for (unsigned int i = 0; i < sizeof(wire); i += 37) {
			wire[i] ^= 0x80;
			assert_false(vrrp_address_same_set(VRRP_IPV4, wire, 255, list, 255));
			wire[i] ^= 0x80;
		}
	}
	/* The same addresses, but not as often. */
	memcpy(wire, (const uint8_t[12]){1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1}, 12);
	list[0] = list[1] = lab_address("2.2.2.2");
	list[2] = lab_address("1.1.1.1");
	assert_false(vrrp_address_same_set(VRRP_IPV4, wire, 3, list, 3));
	list[1] = list[2];
	assert_true(vrrp_address_same_set(VRRP_IPV4, wire, 3, list, 3));
}

static void test_checksum_odd(void **state)
{
	static const uint8_t odd[] = {0x12, 0x34, 0x56};

	/* 0x1234 + 0x5600 = 0x6834. */
	assert_int_equal(vrrp_checksum_finish(vrrp_checksum_add(0, odd, 3)), 0x97cb);
	assert_int_equal(vrrp_checksum_finish(0), 0xffff);
	assert_int_equal(vrrp_checksum_finish(0xffff), 0);
	assert_int_equal(vrrp_checksum_finish(0xffffffff), 0);
}

static void test_cursor_bounds(void **state)
{
	static const uint8_t octets[] = {1, 2, 3};
	struct cursor cursor = cursor_make(octets, sizeof(octets));
	uint8_t out[3] = {9, 9, 9};
	struct cursor_writer writer = cursor_writer_make(out, 2);

	assert_int_equal(cursor_u16(&cursor), 0x0102);
	assert_int_equal(cursor_u16(&cursor), 0);
	assert_true(cursor.failed);
	assert_int_equal(cursor_u8(&cursor), 0); /* failed for good, though one octet is left */
	assert_null(cursor_take(&cursor, SIZE_MAX));

	cursor_put_u16(&writer, 0x0506);
	cursor_put_u8(&writer, 7);
	assert_true(writer.failed);
	assert_int_equal(writer.written, 2);
	assert_memory_equal(out, ((const uint8_t[]){5, 6, 9}), 3);
}

static void test_reason_tables(void **state)
{
	/* vrrpv3StatisticsProtoErrReason of RFC 6527. */
	assert_int_equal(vrrp_counter_proto_error(vrrp_drop_counter(VRRP_DROP_NONE)), 0);
	assert_int_equal(vrrp_counter_proto_error(vrrp_drop_counter(VRRP_DROP_TTL)), 1);
	assert_int_equal(vrrp_counter_proto_error(vrrp_drop_counter(VRRP_DROP_VERSION)), 2);
	assert_int_equal(vrrp_counter_proto_error(vrrp_drop_counter(VRRP_DROP_CHECKSUM)), 3);
	assert_int_equal(vrrp_counter_proto_error(vrrp_drop_counter(VRRP_DROP_VRID_UNKNOWN)), 4);
	/* vrrpv3OperationsStatus and vrrpv3StatisticsNewMasterReason. */
	assert_int_equal(vrrp_state_mib_status(VRRP_STATE_INITIALIZE), 1);
	assert_int_equal(vrrp_state_mib_status(VRRP_STATE_BACKUP), 2);
	assert_int_equal(vrrp_state_mib_status(VRRP_STATE_ACTIVE), 3);
	assert_int_equal(vrrp_state_mib_status(VRRP_STATE_FAULT), 1);
	assert_int_equal(vrrp_state_keepalived_status(VRRP_STATE_FAULT), 3);
	assert_string_equal(vrrp_state_keepalived_word(VRRP_STATE_ACTIVE), "MASTER");
	assert_int_equal(VRRP_NEW_MASTER_PRIORITY, 1);
	assert_int_equal(VRRP_NEW_MASTER_PREEMPTED, 2);
	assert_int_equal(VRRP_NEW_MASTER_NO_RESPONSE, 3);
	/* No two words alike, and none missing. */
	for (unsigned int i = 0; i < VRRP_DROPS; i++) {
		assert_true(strlen(vrrp_drop_text((enum vrrp_drop)i)) > 0);
		for (unsigned int j = 0; j < i; j++)
			assert_string_not_equal(vrrp_drop_word((enum vrrp_drop)i),
				vrrp_drop_word((enum vrrp_drop)j));
	}
	assert_string_equal(vrrp_drop_word(VRRP_DROPS), "unknown");
	assert_string_equal(vrrp_state_word(VRRP_STATES), "unknown");
	assert_string_equal(vrrp_transition_word(VRRP_TRANSITIONS), "unknown");
	assert_string_equal(vrrp_new_master_word(VRRP_NEW_MASTERS), "unknown");
}

#define GOLDENS (sizeof(goldens) / sizeof(goldens[0]))

static const struct {
	const char *what;
	CMUnitTestFunction function;
} golden_tests[] = {
	{"encode", test_golden_encode},
	{"decode", test_golden_decode},
	{"each bit", test_golden_bits},
};

#define GOLDEN_TESTS (sizeof(golden_tests) / sizeof(golden_tests[0]))

int main(void)
{
	const struct CMUnitTest plain[] = {
		cmocka_unit_test(test_encode_refuses),
		{"T16 trailer zero without authentication", test_trailer_zero, NULL, NULL, NULL},
		{"T14 effective priority", test_priority_range, NULL, NULL, NULL},
		{"F16 addresses compare unsigned", test_address_order, NULL, NULL, NULL},
		cmocka_unit_test(test_address_kinds),
		cmocka_unit_test(test_address_set),
		cmocka_unit_test(test_checksum_odd),
		cmocka_unit_test(test_cursor_bounds),
		cmocka_unit_test(test_reason_tables),
	};
	const size_t plain_count = sizeof(plain) / sizeof(plain[0]);
	struct CMUnitTest tests[GOLDENS * GOLDEN_TESTS + sizeof(plain) / sizeof(plain[0])];
	static char names[GOLDENS * GOLDEN_TESTS][96];
	size_t count = 0;

	for (size_t i = 0; i < GOLDENS; i++) {
		for (size_t j = 0; j < GOLDEN_TESTS; j++, count++) {
			snprintf(names[count], sizeof(names[0]), "%s: %s", goldens[i].name,
				golden_tests[j].what);
			tests[count] = (struct CMUnitTest){names[count], golden_tests[j].function,
				NULL, NULL, (void *)&goldens[i]};
		}
	}
	memcpy(tests + count, plain, sizeof(plain));
	return _cmocka_run_group_tests("packet", tests, count + plain_count, NULL, NULL);
}
