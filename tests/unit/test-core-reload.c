/* SPDX-License-Identifier: ISC */
/* Core reads its file again: all of it or nothing, with what was set since, and in its turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/core-process.h"

static struct message_outcome reload(struct lab *lab, uint64_t id)
{
	union message message;

	lab_tell(lab->supervisor, MESSAGE_RELOAD, id);
	lab_receive(lab->supervisor, MESSAGE_RELOADED, &message);
	assert_int_equal(message.head.id, id);
	return message.outcome;
}

static void test_bad_reload_changes_nothing(void **state)
{
	struct lab *lab = *state;
	struct message_outcome outcome;
	struct image *image;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100"));
	image_close(lab_start_ready(lab));
	lab_write(lab->file, LAB_ROUTER("A", "1", "100") LAB_ROUTER("B", "2", "900"));
	outcome = reload(lab, 7);
	assert_int_equal(outcome.error, MESSAGE_BAD_FILE);
	assert_non_null(strstr(outcome.text, "1 error(s), 0 warning(s); "));
	lab_assert_output(lab, "vrrp-agent.conf:12:"); /* line by line in the log */
	lab_assert_output(lab, "nothing was reloaded");
	lab_assert_silent(lab->engine);
	lab_assert_silent(lab->agentx);
	image = lab_set_and_apply(lab, 3, 1, 50); /* it goes on as before */
	assert_int_equal(image_header(image)->base_generation, 1);
	image_close(image);
}

static void test_good_reload_keeps_the_overlay(void **state)
{
	struct lab *lab = *state;
	union message message;
	struct image *image;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100") LAB_ROUTER("B", "2", "90"));
	image_close(lab_start_ready(lab));
	image_close(lab_set_and_apply(lab, 3, 1, 50));
	lab_tell(lab->agentx, MESSAGE_SET_FORGET, 3);
	image_close(lab_set_and_apply(lab, 4, 2, 60));
	lab_tell(lab->agentx, MESSAGE_SET_FORGET, 4);
	lab_write(lab->file, LAB_ROUTER("C", "3", "80") LAB_ROUTER("A", "1", "110"));
	lab_tell(lab->supervisor, MESSAGE_RELOAD, 8);
	image = lab_run_image(lab);
	assert_int_equal(image_header(image)->base_generation, 0);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(lab_router(image, "A")->priority, 50);
	image_close(image);
	lab_take_source(lab);
	lab_receive(lab->supervisor, MESSAGE_RELOADED, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
	assert_non_null(strstr(message.outcome.text, "2 virtual router(s)"));
	lab_assert_output(lab, "changes to B in ");
	lab_assert_published(lab, 4, 0);
	/* B is back, and so is what was set. */
	lab_write(lab->file, LAB_ROUTER("B", "2", "90"));
	lab_tell(lab->supervisor, MESSAGE_RELOAD, 9);
	image = lab_run_image(lab);
	assert_int_equal(lab_router(image, "B")->priority, 60);
	image_close(image);
}

static void test_reload_waits_for_the_transaction(void **state)
{
	struct lab *lab = *state;
	union message message;
	struct image *image;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100"));
	image_close(lab_start_ready(lab));
	lab_write(lab->file, LAB_ROUTER("A", "1", "100") LAB_ROUTER("B", "2", "90"));
	assert_int_equal(lab_ask_priority(lab, 3, 1, 50), MESSAGE_OK);
	lab_tell(lab->agentx, MESSAGE_SET_APPLY, 3);
	image = lab_receive_image(lab->engine, &message);
	image_close(image);
	lab_tell(lab->supervisor, MESSAGE_RELOAD, 8);
	/* Nothing else is waited for: core gives the engine no more than a second. */
	lab_assert_taken(lab->supervisor);
	lab_assert_silent(lab->engine);
	lab_answer_image(lab->engine, 2, MESSAGE_OK, "");
	lab_assert_published(lab, 2, 1);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
	lab_assert_loop_turned(lab); /* applied, and could still be undone */
	lab_assert_silent(lab->engine);
	lab_tell(lab->agentx, MESSAGE_SET_FORGET, 3);
	image = lab_run_image(lab);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(lab_router(image, "A")->priority, 50);
	image_close(image);
	lab_take_source(lab);
	lab_receive(lab->supervisor, MESSAGE_RELOADED, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_bad_reload_changes_nothing),
		LAB_TEST(test_good_reload_keeps_the_overlay),
		LAB_TEST(test_reload_waits_for_the_transaction),
	};

	return cmocka_run_group_tests_name("core reload", tests, NULL, NULL);
}
