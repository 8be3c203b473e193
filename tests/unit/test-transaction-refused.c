/* SPDX-License-Identifier: ISC */
/* Transactions that the engine refuses or does not answer, and such as the disk has no room for. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "tests/unit/transaction-lab.h"

static void wait_for_answer(struct lab *lab, const struct client *client, size_t count)
{
	uint64_t end = clock_now() + 10 * NSEC_PER_SEC;

	while (client->count < count && clock_now() < end)
		sd_event_run(lab->loop, 100000);
	assert_int_equal(client->count, count);
}

static void test_undo_of_what_the_engine_refuses(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), LAB_NO_ANSWER);
	lab_answer_image(lab->engine, 2, MESSAGE_REFUSED, "it will not");
	lab_turn(lab);
	assert_int_equal(lab->snmp.count, 3);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_REFUSED);
	assert_int_equal(lab->snmp.answers[2].error, MESSAGE_OK);
	assert_true(transactions_idle(lab->transactions));
	lab_assert_stored(lab, "");
	assert_int_equal(lab_priority(lab, "A"), 100);
}

static void test_refusal_of_the_engine_undoes(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	lab_answer_image(lab->engine, 2, MESSAGE_REFUSED, "it will not");
	lab_turn(lab);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_REFUSED);
	assert_string_equal(lab->snmp.answers[1].text, "it will not");
	lab_assert_stored(lab, "");
	assert_int_equal(lab_priority(lab, "A"), 100);
	assert_true(transactions_idle(lab->transactions));
	lab_assert_silent(lab->agentx[1]);
	lab_expect_image(lab, lab->engine, 1, 150);
}

/* It may have taken over a part of it: without the whole, it would refuse every further delta. */
static void test_engine_that_refuses_is_told_the_old_configuration_again(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	lab_answer_image(lab->engine, lab_expect_image(lab, lab->engine, 1, 150), MESSAGE_REFUSED,
		"it can not");
	lab_turn(lab);
	assert_int_equal(lab_expect_image(lab, lab->engine, 0, 100), 3);
	assert_int_equal(lab_prepare(lab, &lab->snmp, 6, 1, 160), MESSAGE_BUSY);
	lab_accept_image(lab, 3);
	assert_int_equal(lab_expect_image(lab, lab->agentx[1], 0, 100), 3);
	lab_set_a_to_150(lab, 7);
	assert_int_equal(publisher_generation(lab->publisher), 4);
}

static void test_silent_engine_is_told_the_old_configuration_again(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	wait_for_answer(lab, &lab->snmp, 2);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_REFUSED);
	lab_assert_stored(lab, "");
	assert_int_equal(lab_priority(lab, "A"), 100);
	assert_int_equal(lab_expect_image(lab, lab->engine, 1, 150), 2);
	assert_int_equal(lab_expect_image(lab, lab->engine, 0, 100), 3);
	assert_int_equal(lab_prepare(lab, &lab->snmp, 6, 1, 150), MESSAGE_BUSY);
	lab_accept_image(lab, 2); /* too late: nobody waits for it */
	assert_int_equal(publisher_generation(lab->publisher), 1);
	lab_accept_image(lab, 3);
	assert_int_equal(publisher_generation(lab->publisher), 3);
	assert_int_equal(lab_expect_image(lab, lab->agentx[1], 0, 100), 3);
	lab_set_a_to_150(lab, 7);
}

/* No file can be written any more; returns what to set for it to be possible again. */
static struct rlimit fill_disk(void)
{
	struct rlimit old, none;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = (struct rlimit){0, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	return old;
}

static void test_store_failure_changes_nothing(void **state)
{
	struct lab *lab = *state;
	struct rlimit old;

	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	old = fill_disk();
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_STORE_FAILED);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(lab->snmp.answers[1].text, "cannot write"));
	lab_assert_silent(lab->engine);
	assert_int_equal(lab_priority(lab, "A"), 100);
	assert_true(transactions_idle(lab->transactions));
	lab_set_a_to_150(lab, 6);
}

static void test_refusal_on_a_full_disk_is_not_in_force_later(void **state)
{
	struct lab *lab = *state;
	struct rlimit old;

	lab_set_a_to_150(lab, 4);
	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 160), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	old = fill_disk();
	lab_answer_image(
		lab->engine, lab_expect_image(lab, lab->engine, 2, 160), MESSAGE_REFUSED, "no");
	lab_turn(lab);
	assert_int_equal(lab->snmp.answers[lab->snmp.count - 1].error, MESSAGE_REFUSED);
	lab_assert_stored(lab, LAB_A_150);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), MESSAGE_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	transactions_free(lab->transactions);
	lab->transactions = NULL;
	lab_open_store_again(lab);
	lab_assert_stored(lab, LAB_A_150);
	assert_int_equal(store_transaction(lab->store), 4);
}

static void test_undo_without_a_new_file(void **state)
{
	struct lab *lab = *state;
	char *place = lab_path(lab->folder, "overlay.conf.new");

	lab_set_a_to_150(lab, 5);
	assert_int_equal(mkdir(place, 0700), 0);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), LAB_NO_ANSWER);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 2, 100));
	assert_int_equal(rmdir(place), 0);
	free(place);
	assert_int_equal(lab->snmp.answers[lab->snmp.count - 1].error, MESSAGE_OK);
	assert_int_equal(lab_priority(lab, "A"), 100);
	transactions_free(lab->transactions);
	lab->transactions = NULL;
	lab_open_store_again(lab);
	lab_assert_stored(lab, "");
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_undo_of_what_the_engine_refuses),
		LAB_TEST(test_refusal_of_the_engine_undoes),
		LAB_TEST(test_engine_that_refuses_is_told_the_old_configuration_again),
		LAB_TEST(test_silent_engine_is_told_the_old_configuration_again),
		LAB_TEST(test_store_failure_changes_nothing),
		LAB_TEST(test_refusal_on_a_full_disk_is_not_in_force_later),
		LAB_TEST(test_undo_without_a_new_file),
	};

	return cmocka_run_group_tests_name("transaction refused", tests, NULL, NULL);
}
