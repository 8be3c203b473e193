/* SPDX-License-Identifier: ISC */
/* Messages: what is well-formed and what is not. */
#include "lib/message.h"

#include "lib/cpulatency.h"
#include "lib/image.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static union message message;

/* A good message of the type. */
static void make(enum message_type type)
{
	message_init(&message, type, 77);
	if (type == MESSAGE_TRACKERS)
		message.trackers.count = 1;
	if (type != MESSAGE_SET_PREPARE)
		return;
	message.set.count = 2;
	for (int i = 0; i < 2; i++) {
		struct message_change *change = &message.set.changes[i];

		snprintf(change->interface, sizeof(change->interface), "eth%d", i);
		change->family = 1;
		change->vrid = 7;
	}
}

static void test_every_type(void **state)
{
	for (uint32_t type = MESSAGE_INVALID + 1; type < MESSAGE_TYPE_COUNT; type++) {
		size_t size;

		memset(&message, 0xff, sizeof(message));
		make((enum message_type)type);
		size = message.head.size;
		assert_int_equal(message.head.type, type);
		assert_int_equal(message.head.id, 77);
		assert_in_range(size, sizeof(struct message_head), sizeof(message));
		assert_int_equal(message_check(&message, size), 0);
		assert_int_equal(message_check(&message, size - 1), -EBADMSG);
		assert_int_equal(message_check(&message, size + 1), -EBADMSG);
		assert_int_equal(message_check(&message, 0), -EBADMSG);
		message.head.size++;
		assert_int_equal(message_check(&message, size + 1), -EBADMSG);
		assert_int_equal(message_check(&message, size), -EBADMSG);
		assert_string_not_equal(message_type_name(type), "INVALID");
	}
}

/* Of a tracker that could be none, or in no state. */
static void test_trackers(void **state)
{
	const size_t size = sizeof(message.trackers);
	struct tracker_report *last = &message.trackers.reports[MESSAGE_TRACKERS_MAX - 1];
	const struct tracker_report good = {.slot = IMAGE_TRACKERS - 1,
		.state = TRACKER_FAILED,
		.result = TRACKER_RESULT_NO_FILE,
		.value = -1};

	make(MESSAGE_TRACKERS);
	message.trackers.count = MESSAGE_TRACKERS_MAX;
	*last = good;
	assert_int_equal(message_check(&message, size), 0);
	last->slot++;
	assert_int_equal(message_check(&message, size), -EBADMSG);
	*last = good;
	last->state = TRACKER_STATE_COUNT;
	assert_int_equal(message_check(&message, size), -EBADMSG);
	*last = good;
	last->result = TRACKER_RESULT_COUNT;
	assert_int_equal(message_check(&message, size), -EBADMSG);
	*last = good;
	message.trackers.count++;
	assert_int_equal(message_check(&message, size), -EBADMSG);
	message.trackers.count = 0;
	assert_int_equal(message_check(&message, size), -EBADMSG);
}

static void test_no_type(void **state)
{
	static const uint32_t types[] = {MESSAGE_INVALID, MESSAGE_TYPE_COUNT, 1000, UINT32_MAX};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		make(MESSAGE_STOP);
		message.head.type = types[i];
		assert_int_equal(message_check(&message, message.head.size), -EBADMSG);
		assert_string_equal(message_type_name(types[i]), "INVALID");
	}
}

#define FIELD(kind, member, bad)                                                            \
	{                                                                                   \
		kind, offsetof(union message, member), sizeof(message.member), bad, #member \
	}

/* One field of a good message is replaced by the value. */
static const struct {
	enum message_type type;
	size_t offset;
	size_t size;
	uint64_t bad;
	const char *name;
} rows[] = {
	FIELD(MESSAGE_PEER, peer.role, PEER_ROLE_COUNT),
	FIELD(MESSAGE_PEER, peer.role, UINT32_MAX),
	FIELD(MESSAGE_CHANNEL, channel.role, PEER_ROLE_COUNT),
	FIELD(MESSAGE_CHANNEL, channel.fd, (uint32_t)-1),
	FIELD(MESSAGE_SOURCE, source.cpu_latency, CPULATENCY_MAX + 1),
	FIELD(MESSAGE_SOURCE, source.cpu_latency, CPULATENCY_NONE - 1),
	FIELD(MESSAGE_PROCESSES_WANTED, processes.force, 2),
	FIELD(MESSAGE_PROCESSES, refusal.error, 1),
	FIELD(MESSAGE_CONNECTED, refusal.error, 1),
	FIELD(MESSAGE_SET_RESULT, outcome.error, MESSAGE_ERROR_COUNT),
	FIELD(MESSAGE_IMAGE_RESULT, outcome.error, MESSAGE_ERROR_COUNT),
	FIELD(MESSAGE_RELOADED, outcome.error, UINT32_MAX),
	FIELD(MESSAGE_SET_PREPARE, set.count, 0),
	FIELD(MESSAGE_SET_PREPARE, set.count, MESSAGE_CHANGES_MAX + 1),
	FIELD(MESSAGE_SET_PREPARE, set.count, 3), /* the third one is empty */
	FIELD(MESSAGE_SET_PREPARE, set.changes[0].interface[0], 0),
	FIELD(MESSAGE_SET_PREPARE, set.changes[1].interface[0], 0),
	FIELD(MESSAGE_SET_PREPARE, set.changes[0].family, 0),
	FIELD(MESSAGE_SET_PREPARE, set.changes[0].family, 3),
	FIELD(MESSAGE_SET_PREPARE, set.changes[0].vrid, 0),
	FIELD(MESSAGE_SET_PREPARE, set.changes[1].attribute, ATTRIBUTE_COUNT),
};

static void test_fields(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		make(rows[i].type);
		assert_int_equal(message_check(&message, message.head.size), 0);
		memcpy((char *)&message + rows[i].offset, &rows[i].bad, rows[i].size);
		if (message_check(&message, message.head.size) != -EBADMSG)
			fail_msg("row %zu: a bad %s was accepted", i, rows[i].name);
	}
}

static void test_latencies(void **state)
{
	static const uint32_t good[] = {0, CPULATENCY_MAX, CPULATENCY_NONE};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		make(MESSAGE_SOURCE);
		message.source.cpu_latency = good[i];
		assert_int_equal(message_check(&message, message.head.size), 0);
	}
}

static void test_endless_texts(void **state)
{
	static const enum message_type outcomes[] = {
		MESSAGE_SET_RESULT, MESSAGE_IMAGE_RESULT, MESSAGE_RELOADED};

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++) {
		make(outcomes[i]);
		memset(message.outcome.text, 'x', sizeof(message.outcome.text));
		assert_int_equal(message_check(&message, message.head.size), -EBADMSG);
		message.outcome.text[sizeof(message.outcome.text) - 1] = '\0';
		assert_int_equal(message_check(&message, message.head.size), 0);
	}
	make(MESSAGE_SET_PREPARE);
	memset(message.set.changes[0].interface, 'x', sizeof(message.set.changes[0].interface));
	assert_int_equal(message_check(&message, message.head.size), -EBADMSG);
}

/* Names are written into configurations: nothing may hide in one. */
static void test_interface_names(void **state)
{
	static const char *const bad[] = {
		"eth0\nnotify /x", "a b", "a/b", "a:b", ".", "..", "\t", "a\x01", "a\x7f"};
	static const char *const good[] = {"eth0", "eth0.7", "a#b{c}\"$d", "...", "\xc3\xa9"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make(MESSAGE_SET_PREPARE);
		snprintf(message.set.changes[1].interface, 16, "%s", bad[i]);
		assert_int_equal(message_check(&message, message.head.size), -EBADMSG);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		make(MESSAGE_SET_PREPARE);
		snprintf(message.set.changes[1].interface, 16, "%s", good[i]);
		assert_int_equal(message_check(&message, message.head.size), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_trackers),
		cmocka_unit_test(test_no_type),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_latencies),
		cmocka_unit_test(test_endless_texts),
		cmocka_unit_test(test_interface_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
