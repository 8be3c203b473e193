/* SPDX-License-Identifier: ISC */
/* The channel to the core: questions are answered by their own answers, and not for ever waited
 * for. */
#include "agent/snmp/corelink.h"
#include "lib/channel.h"
#include "lib/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static int core;
static struct accepted *accepted;

static struct corelink open_link(void)
{
	struct corelink link = {.end = -1, .accepted = accepted};
	int ends[2];

	assert_int_equal(channel_pair(ends), 0);
	core = ends[0];
	corelink_attach(&link, ends[1]);
	return link;
}

static void answer(uint64_t id, uint32_t error)
{
	union message message;

	message_init(&message, MESSAGE_SET_RESULT, id);
	message.outcome.error = error;
	assert_int_equal(channel_send(core, &message, -1), 0);
}

static int ask(struct corelink *link, enum message_type type, uint64_t id, int timeout_ms,
	struct message_outcome *outcome)
{
	union message message;

	message_init(&message, type, id);
	return corelink_ask(link, &message, timeout_ms, outcome);
}

static void other_messages_are_passed_over(void **state)
{
	struct corelink link = open_link();
	struct message_outcome outcome;
	union message image;

	message_init(&image, MESSAGE_IMAGE, 1);
	assert_int_equal(channel_send(core, &image, -1), 0);
	answer(6, MESSAGE_BUSY);
	answer(7, MESSAGE_READ_ONLY);
	assert_int_equal(ask(&link, MESSAGE_SET_APPLY, 7, 100, &outcome), 0);
	assert_int_equal(outcome.error, MESSAGE_READ_ONLY);
	corelink_attach(&link, -1);
	close(core);
}

static void silence_is_bounded(void **state)
{
	struct corelink link = open_link();
	struct message_outcome outcome;
	uint64_t began = clock_now();

	assert_int_equal(ask(&link, MESSAGE_SET_APPLY, 7, 50, &outcome), -ETIMEDOUT);
	assert_true(clock_now() - began >= 50 * NSEC_PER_MSEC);
	corelink_attach(&link, -1);
	close(core);
}

/* The late answer to an apply must not pass for that to the undo after it. */
static void a_late_answer_is_not_the_next_ones(void **state)
{
	struct corelink link = open_link();
	struct message_outcome outcome;

	assert_int_equal(ask(&link, MESSAGE_SET_APPLY, 7, 10, &outcome), -ETIMEDOUT);
	answer(7, MESSAGE_OK);
	answer(7, MESSAGE_STORE_FAILED);
	assert_int_equal(ask(&link, MESSAGE_SET_UNDO, 7, 100, &outcome), 0);
	assert_int_equal(outcome.error, MESSAGE_STORE_FAILED);
	answer(8, MESSAGE_OK);
	assert_int_equal(ask(&link, MESSAGE_SET_APPLY, 8, 100, &outcome), 0);
	assert_int_equal(outcome.error, MESSAGE_OK);
	corelink_attach(&link, -1);
	close(core);
}

static void a_core_that_is_gone_is_told_at_once(void **state)
{
	struct corelink link = open_link();
	struct message_outcome outcome;

	close(core);
	assert_int_equal(ask(&link, MESSAGE_SET_APPLY, 7, 10000, &outcome), -EPIPE);
	assert_int_equal(corelink_receive(&link), -EPIPE);
	assert_int_equal(link.end, -1);
	assert_int_equal(ask(&link, MESSAGE_SET_APPLY, 7, 10000, &outcome), -EPIPE);
}

/* The channel stays, for what is answered by it; but what is known is out of date. */
static void an_image_that_is_lost_is_known_to_be(void **state)
{
	struct corelink link = open_link();
	struct rlimit before, none;
	union message image;

	message_init(&image, MESSAGE_IMAGE, 1);
	assert_int_equal(channel_send(core, &image, core), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(corelink_receive(&link), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(link.lost);
	assert_true(link.end >= 0);
	corelink_attach(&link, -1);
	close(core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_messages_are_passed_over),
		cmocka_unit_test(silence_is_bounded),
		cmocka_unit_test(a_late_answer_is_not_the_next_ones),
		cmocka_unit_test(a_core_that_is_gone_is_told_at_once),
		cmocka_unit_test(an_image_that_is_lost_is_known_to_be),
	};

	int failed;

	accepted = accepted_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	accepted = accepted_free(accepted);
	return failed;
}
