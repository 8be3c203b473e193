/* SPDX-License-Identifier: ISC */
/* Transactions whose client falls silent, goes or does not wait, and what the next core knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "tests/unit/transaction-lab.h"

static void test_silence_after_prepare_ends_it(void **state)
{
	struct lab *lab = *state;
	uint64_t begin = clock_now();

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	while (!transactions_idle(lab->transactions) && clock_now() < begin + 10 * NSEC_PER_SEC)
		sd_event_run(lab->loop, 100000);
	assert_true(transactions_idle(lab->transactions));
	assert_in_range(clock_now() - begin, 990 * NSEC_PER_MSEC, 1800 * NSEC_PER_MSEC);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_UNKNOWN);
	assert_int_equal(lab_prepare(lab, &lab->control, 6, 1, 150), MESSAGE_OK);
}

static void test_lost_client_drops_what_it_prepared(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	transactions_lost(lab->transactions, &lab->control.client);
	assert_false(transactions_idle(lab->transactions));
	transactions_lost(lab->transactions, &lab->snmp.client);
	assert_true(transactions_idle(lab->transactions));
}

static void test_lost_client_undoes_what_it_was_applying(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	transactions_lost(lab->transactions, &lab->snmp.client);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 1, 150));
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 2, 100));
	assert_true(transactions_idle(lab->transactions));
	lab_assert_stored(lab, "");
	assert_int_equal(lab_priority(lab, "A"), 100);
	assert_int_equal(lab->snmp.count, 1); /* that of lab_prepare */
}

/* Whoever waited too long for apply takes it back: both are answered, in their order. */
static void test_undo_overtakes_the_engine(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), LAB_NO_ANSWER);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_FORGET, 5), LAB_NO_ANSWER);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 1, 150));
	assert_int_equal(lab->snmp.count, 2);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_OK);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 2, 100));
	assert_int_equal(lab->snmp.count, 3);
	assert_int_equal(lab->snmp.answers[2].error, MESSAGE_OK);
	assert_true(transactions_idle(lab->transactions));
	lab_assert_stored(lab, "");
	assert_int_equal(lab_priority(lab, "A"), 100);
	assert_int_equal(lab_prepare(lab, &lab->snmp, 6, 1, 160), MESSAGE_OK);
}

static void test_lost_client_keeps_what_was_answered(void **state)
{
	struct lab *lab = *state;

	lab_set_a_to_150(lab, 5);
	transactions_lost(lab->transactions, &lab->snmp.client);
	assert_true(transactions_idle(lab->transactions));
	lab_assert_stored(lab, LAB_A_150);
	assert_int_equal(lab_priority(lab, "A"), 150);
}

/* A core that was killed after the rename and before the answer: the next one is asked again. */
static void test_next_life_answers_from_the_store(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	transactions_free(lab->transactions);
	publisher_free(lab->publisher);
	close(lab->engine);
	close(lab->agentx[0]);
	close(lab->agentx[1]);
	lab_open_store_again(lab);
	lab_make_publisher(lab);
	lab_make_transactions(lab);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 6), MESSAGE_UNKNOWN);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 6), MESSAGE_UNKNOWN);
	publisher_resync(lab->publisher);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), MESSAGE_BUSY);
	lab_accept_image(lab, 2);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), LAB_NO_ANSWER);
	assert_int_equal(lab->rebuilt, 1);
	lab_assert_stored(lab, "");
	lab_accept_image(lab, 3);
	assert_int_equal(lab->snmp.answers[lab->snmp.count - 1].error, MESSAGE_OK);
	assert_true(transactions_idle(lab->transactions));
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_silence_after_prepare_ends_it),
		LAB_TEST(test_lost_client_drops_what_it_prepared),
		LAB_TEST(test_lost_client_undoes_what_it_was_applying),
		LAB_TEST(test_undo_overtakes_the_engine),
		LAB_TEST(test_lost_client_keeps_what_was_answered),
		LAB_TEST(test_next_life_answers_from_the_store),
	};

	return cmocka_run_group_tests_name("transaction lost", tests, NULL, NULL);
}
