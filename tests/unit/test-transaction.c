/* SPDX-License-Identifier: ISC */
/* Transactions from a client's request to the engine's answer, and back: checked, applied, undone,
 * forgotten, one at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/lifeline.h"
#include "tests/unit/lifeline-watcher.h"
#include "tests/unit/transaction-lab.h"

static void test_prepare_changes_nothing(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_false(transactions_idle(lab->transactions));
	assert_int_equal(lab_priority(lab, "A"), 100);
	lab_assert_stored(lab, "");
	lab_assert_silent(lab->engine);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_FORGET, 5), LAB_NO_ANSWER);
	assert_true(transactions_idle(lab->transactions));
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_UNKNOWN);
	assert_int_equal(lab_priority(lab, "A"), 100);
}

static void test_apply_is_durable_before_it_is_answered(void **state)
{
	struct lab *lab = *state;
	const struct slot_identity *identity = NULL;
	const struct instance *coming;
	uint64_t generation;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_null(publisher_coming(lab->publisher, 0, &identity));
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	lab_assert_stored(lab, LAB_A_150);
	assert_int_equal(lab_priority(lab, "A"), 100); /* what the engine still runs */
	generation = lab_expect_image(lab, lab->engine, 1, 150);
	lab_assert_silent(lab->agentx[1]);
	coming = publisher_coming(lab->publisher, 0, &identity);
	assert_non_null(coming);
	assert_int_equal(coming->priority, 150);
	assert_int_equal(identity->vrid, 1);
	assert_null(publisher_coming(lab->publisher, 3, &identity));
	lab_accept_image(lab, generation);
	assert_null(publisher_coming(lab->publisher, 0, &identity));
	assert_int_equal(lab->snmp.count, 2);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_OK);
	assert_int_equal(lab_priority(lab, "A"), 150);
	assert_int_equal(lab_expect_image(lab, lab->agentx[1], 1, 150), generation);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_FORGET, 5), LAB_NO_ANSWER);
	assert_true(transactions_idle(lab->transactions));
	assert_int_equal(lab_priority(lab, "A"), 150);
}

static void assert_time_was_asked_for(const struct lab *lab)
{
	assert_in_range(watcher_left(lab->lifeline), 20000, 30000);
	lifeline_promise(lab->lifeline, LIFELINE_TURN_MS);
}

/* For all of thousands of routers: to make a change, to adopt it, to build an image for a new
 * agentx. */
static void test_time_is_asked_for(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_time_was_asked_for(lab);
	lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5);
	assert_time_was_asked_for(lab);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 1, 150));
	assert_time_was_asked_for(lab);
	lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5);
	assert_time_was_asked_for(lab);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 2, 100));
	assert_time_was_asked_for(lab);
	publisher_set_peer(lab->publisher, PEER_AGENTX, lab->agentx[0]);
	assert_time_was_asked_for(lab);
}

static void test_undo_restores_all_three(void **state)
{
	struct lab *lab = *state;

	lab_set_a_to_150(lab, 5);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), LAB_NO_ANSWER);
	lab_assert_stored(lab, "");
	assert_int_equal(store_last_outcome(lab->store), STORE_UNDONE);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 2, 100));
	assert_int_equal(lab->snmp.answers[2].error, MESSAGE_OK);
	assert_int_equal(lab_priority(lab, "A"), 100);
	assert_true(transactions_idle(lab->transactions));
	assert_int_equal(
		lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), MESSAGE_OK); /* asked again */
	lab_assert_silent(lab->engine);
}

static void test_undo_keeps_what_came_before(void **state)
{
	struct lab *lab = *state;

	lab_set_a_to_150(lab, 5);
	lab_say(lab, &lab->snmp, MESSAGE_SET_FORGET, 5);
	assert_int_equal(lab_prepare(lab, &lab->snmp, 6, 2, 80), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 6), LAB_NO_ANSWER);
	lab_accept_image(lab, 3);
	lab_assert_stored(lab, LAB_A_150 "vrrp_instance B {\n    priority 80\n}\n");
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 6), LAB_NO_ANSWER);
	lab_accept_image(lab, 4);
	lab_assert_stored(lab, LAB_A_150);
	assert_int_equal(lab_priority(lab, "A"), 150);
	assert_int_equal(lab_priority(lab, "B"), 90);
}

static void test_values_and_routers_are_checked(void **state)
{
	static const struct {
		uint8_t vrid;
		int64_t value;
		enum message_error error;
	} cases[] = {
		{1, 0, MESSAGE_WRONG_VALUE},
		{1, 255, MESSAGE_WRONG_VALUE},
		{1, 256, MESSAGE_WRONG_VALUE},
		{1, 300, MESSAGE_WRONG_VALUE},
		{1, -1, MESSAGE_WRONG_VALUE},
		{1, INT64_MIN, MESSAGE_WRONG_VALUE},
		{1, INT64_MAX, MESSAGE_WRONG_VALUE},
		{9, 300, MESSAGE_WRONG_VALUE},
		{9, 100, MESSAGE_NO_ROUTER},
		{3, 100, MESSAGE_READ_ONLY},
		{1, 1, MESSAGE_OK},
		{1, 254, MESSAGE_OK},
	};
	struct lab *lab = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		lab->snmp.count = 0;
		assert_int_equal(lab_prepare(lab, &lab->snmp, 5 + i, cases[i].vrid, cases[i].value),
			cases[i].error);
		assert_int_equal(
			transactions_idle(lab->transactions), cases[i].error != MESSAGE_OK);
		assert_true(!cases[i].error == !lab->snmp.answers[0].text[0]);
	}
	assert_int_equal(lab_priority(lab, "A"), 100);
}

static void test_one_bad_change_spoils_all(void **state)
{
	struct lab *lab = *state;
	union message request;

	lab_set_priority(&request, 5, "eth0", 1, 150);
	request.set.count = 3;
	request.set.changes[1] = request.set.changes[0];
	request.set.changes[1].vrid = 2;
	request.set.changes[2] = request.set.changes[0];
	request.set.changes[2].family = 2;
	assert_int_equal(lab_ask(lab, &lab->snmp, &request), MESSAGE_NO_ROUTER);
	assert_int_equal(lab->snmp.answers[0].index, 2);
	assert_int_equal(lab_priority(lab, "A"), 100);
	assert_int_equal(lab_priority(lab, "B"), 90);
	assert_true(transactions_idle(lab->transactions));
}

static void test_several_changes_are_one(void **state)
{
	struct lab *lab = *state;
	union message request;
	struct image *image;

	lab_set_priority(&request, 5, "eth0", 2, 80);
	request.set.count = 3;
	request.set.changes[1] = request.set.changes[0];
	request.set.changes[1].vrid = 1;
	request.set.changes[2] = request.set.changes[0];
	request.set.changes[2].value = 70; /* B again: the last one holds */
	assert_int_equal(lab_ask(lab, &lab->snmp, &request), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	image = lab_receive_image(lab->engine, &request);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(lab_router(image, "A")->priority, 80);
	assert_int_equal(lab_router(image, "B")->priority, 70);
	image_close(image);
	lab_accept_image(lab, 2);
	assert_int_equal(lab_priority(lab, "A"), 80);
	assert_int_equal(lab_priority(lab, "B"), 70);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), LAB_NO_ANSWER);
	lab_accept_image(lab, 3);
	assert_int_equal(lab_priority(lab, "A"), 100);
	assert_int_equal(lab_priority(lab, "B"), 90);
}

static void test_one_at_a_time(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_prepare(lab, &lab->control, 6, 2, 80), MESSAGE_BUSY);
	assert_int_equal(lab_say(lab, &lab->control, MESSAGE_SET_APPLY, 5), MESSAGE_UNKNOWN);
	assert_int_equal(lab_prepare(lab, &lab->snmp, 7, 1, 160), MESSAGE_OK); /* instead of 5 */
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_UNKNOWN);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 7), LAB_NO_ANSWER);
	assert_int_equal(lab_prepare(lab, &lab->control, 8, 2, 80), MESSAGE_BUSY);
	lab_accept_image(lab, 2);
	assert_int_equal(lab_prepare(lab, &lab->control, 9, 2, 80), MESSAGE_BUSY);
	lab_say(lab, &lab->snmp, MESSAGE_SET_FORGET, 7);
	assert_int_equal(lab_prepare(lab, &lab->control, 10, 2, 80), MESSAGE_OK);
	assert_int_equal(lab_priority(lab, "A"), 160);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_prepare_changes_nothing),
		LAB_TEST(test_apply_is_durable_before_it_is_answered),
		LAB_TEST(test_time_is_asked_for),
		LAB_TEST(test_undo_restores_all_three),
		LAB_TEST(test_undo_keeps_what_came_before),
		LAB_TEST(test_values_and_routers_are_checked),
		LAB_TEST(test_one_bad_change_spoils_all),
		LAB_TEST(test_several_changes_are_one),
		LAB_TEST(test_one_at_a_time),
	};

	return cmocka_run_group_tests_name("transaction", tests, NULL, NULL);
}
