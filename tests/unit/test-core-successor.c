/* SPDX-License-Identifier: ISC */
/* A core in the place of one that was killed, and an agentx in the place of another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/core-process.h"

static void test_killed_core_comes_back_as_it_was(void **state)
{
	struct lab *lab = *state;
	struct image *image;
	uint64_t generation;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100") LAB_ROUTER("B", "2", "90"));
	image_close(lab_start_ready(lab));
	image = lab_set_and_apply(lab, 41, 2, 200);
	assert_int_equal(image_header(image)->base_generation, 1);
	assert_int_equal(image_header(image)->routers.count, 1);
	assert_int_equal(lab_router(image, "B")->priority, 200);
	assert_int_equal(lab_router(image, "B")->slot, 1);
	generation = image_header(image)->generation;
	image_close(image);
	lab_kill_core(lab);
	/* What somebody writes into the file now has not been accepted. */
	lab_write(lab->file, "vrrp_instance half");
	image = lab_start_ready(lab);
	assert_true(image_header(image)->generation > generation);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(lab_router(image, "A")->priority, 100);
	assert_int_equal(lab_router(image, "A")->slot, 0);
	assert_int_equal(lab_router(image, "B")->priority, 200);
	assert_int_equal(lab_router(image, "B")->slot, 1);
	image_close(image);
}

static void test_slots_survive_a_core_that_reads_another_order(void **state)
{
	struct lab *lab = *state;
	struct image *image;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100") LAB_ROUTER("B", "2", "90"));
	image_close(lab_start_ready(lab));
	lab_write(lab->file,
		LAB_ROUTER("C", "3", "80") LAB_ROUTER("B", "2", "90") LAB_ROUTER("A", "1", "100"));
	lab_tell(lab->supervisor, MESSAGE_RELOAD, 1);
	image = lab_run_image(lab);
	assert_int_equal(lab_router(image, "C")->slot, 2);
	image_close(image);
	lab_assert_published(lab, 2, 0);
	lab_take_source(lab);
	lab_kill_core(lab);
	image = lab_start_ready(lab);
	assert_int_equal(lab_router(image, "A")->slot, 0);
	assert_int_equal(lab_router(image, "B")->slot, 1);
	assert_int_equal(lab_router(image, "C")->slot, 2);
	image_close(image);
}

static void test_new_agentx_gets_the_image_and_may_set(void **state)
{
	struct lab *lab = *state;
	struct image *image;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100") LAB_ROUTER("B", "2", "90"));
	image_close(lab_start_ready(lab));
	image_close(lab_set_and_apply(lab, 3, 1, 50));
	image = lab_replace_agentx(lab);
	assert_int_equal(image_header(image)->base_generation, 0);
	assert_int_equal(image_header(image)->generation, 2);
	assert_int_equal(lab_router(image, "A")->priority, 50);
	image_close(image);
	image_close(lab_set_and_apply(lab, 4, 2, 60));
}

/* A SET whose answer was lost with core: the new one knows. */
static void test_set_is_resolved_by_asking(void **state)
{
	struct lab *lab = *state;
	union message message;
	struct image *image;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100"));
	image_close(lab_start_ready(lab));
	assert_int_equal(lab_ask_priority(lab, 77, 1, 50), MESSAGE_OK);
	lab_tell(lab->agentx, MESSAGE_SET_APPLY, 77);
	image_close(lab_receive_image(lab->engine, &message)); /* so the store has it */
	lab_kill_core(lab);
	image = lab_start_ready(lab);
	assert_int_equal(lab_router(image, "A")->priority, 50);
	image_close(image);
	lab_tell(lab->agentx, MESSAGE_SET_APPLY, 77);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
	lab_tell(lab->agentx, MESSAGE_SET_UNDO, 77);
	image = lab_run_image(lab);
	assert_int_equal(image_header(image)->base_generation, 0);
	assert_int_equal(lab_router(image, "A")->priority, 100);
	lab_assert_published(lab, image_header(image)->generation, 0);
	image_close(image);
	lab_receive(lab->agentx, MESSAGE_SET_RESULT, &message);
	assert_int_equal(message.outcome.error, MESSAGE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_killed_core_comes_back_as_it_was),
		LAB_TEST(test_slots_survive_a_core_that_reads_another_order),
		LAB_TEST(test_new_agentx_gets_the_image_and_may_set),
		LAB_TEST(test_set_is_resolved_by_asking),
	};

	return cmocka_run_group_tests_name("core successor", tests, NULL, NULL);
}
