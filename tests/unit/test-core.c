/* SPDX-License-Identifier: ISC */
/* Core as a whole: how it starts or says why not, dumps, ends, and leaves nothing open. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/channel.h"
#include "tests/unit/core-process.h"

static void test_start_and_end(void **state)
{
	struct lab *lab = *state;
	struct image *image;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100") LAB_ROUTER("B", "2", "90"));
	image = lab_start_ready(lab);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(image_header(image)->generation, 1);
	image_close(image);
	lab_assert_loop_turned(lab);
	lab_close_end(&lab->supervisor);
	assert_int_equal(lab_wait_for_exit(lab), CORE_EXIT_GOOD);
	lab_assert_output(lab, "service started with generation 1");
	lab_assert_output(lab, "service stopped");
}

static void test_refused_start_says_so_last(void **state)
{
	struct lab *lab = *state;

	lab_write(lab->file, LAB_ROUTER("A", "1", "300"));
	lab_start_core(lab);
	assert_int_equal(lab_wait_for_exit(lab), CORE_EXIT_REFUSED);
	lab_assert_output(lab, "vrrp-agent.conf:4:");
	lab_assert_output(lab, ": error: ");
	lab_assert_output_ends(lab, "\nvrrp-agent: nothing was started\n");
	unlink(lab->file);
	lab_close_ends(lab);
	lab_start_core(lab);
	assert_int_equal(lab_wait_for_exit(lab), CORE_EXIT_REFUSED);
	lab_assert_output(lab, "error: cannot read the file: No such file or directory");
	lab_assert_output_ends(lab, "vrrp-agent: nothing was started\n");
}

static void test_damaged_overlay_refuses_the_start(void **state)
{
	struct lab *lab = *state;
	char *folder = lab_path(lab->folder, "state");
	char *overlay = lab_path(lab->folder, "state/overlay.conf");

	lab_write(lab->file, LAB_ROUTER("A", "1", "100"));
	assert_int_equal(mkdir(folder, 0700), 0);
	lab_write(overlay, "# vrrp-agent overlay, transaction 1, applied\nvrrp_inst");
	lab_start_core(lab);
	assert_int_equal(lab_wait_for_exit(lab), CORE_EXIT_REFUSED);
	lab_assert_output(lab, "overlay.conf is damaged");
	lab_assert_output_ends(lab, "vrrp-agent: nothing was started\n");
	free(folder);
	free(overlay);
}

static void start_and_refuse(struct lab *lab)
{
	union message message;

	lab_start_core(lab);
	image_close(lab_receive_image(lab->engine, &message));
	lab_answer_image(lab->engine, message.head.id, MESSAGE_REFUSED, "too much");
	assert_int_equal(lab_wait_for_exit(lab), CORE_EXIT_REFUSED);
	lab_close_ends(lab);
}

static void test_engine_that_refuses_the_first_image(void **state)
{
	struct lab *lab = *state;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100"));
	start_and_refuse(lab);
	lab_assert_output_ends(lab, "the engine refused the configuration: too much\n"
				    "vrrp-agent: nothing was started\n");
	lab_show_engine(lab, 4);
	start_and_refuse(lab);
	lab_assert_output_ends(lab,
		"the engine refused the configuration: too much\n"
		"vrrp-agent: the virtual routers keep the configuration they have\n");
}

static size_t count_descriptors(const struct lab *lab)
{
	char path[64];
	size_t count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)lab->child);
	folder = opendir(path);
	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void reload_once(struct lab *lab, bool good)
{
	union message message;
	struct image *image;

	lab_write(lab->file, good ? LAB_ROUTER("A", "1", "100") : "no_such_word\n");
	lab_tell(lab->supervisor, MESSAGE_RELOAD, 0);
	if (good) {
		image = lab_run_image(lab);
		lab_assert_published(lab, image_header(image)->generation, 0);
		image_close(image);
		lab_take_source(lab);
	}
	lab_receive(lab->supervisor, MESSAGE_RELOADED, &message);
	assert_int_equal(!message.outcome.error, good);
}

static void test_nothing_is_left_open(void **state)
{
	struct lab *lab = *state;
	size_t before = 0;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100"));
	image_close(lab_start_ready(lab));
	for (uint64_t id = 1; id <= 4; id++) {
		image_close(lab_set_and_apply(lab, id, 1, 50 + (int64_t)id));
		lab_tell(lab->agentx, MESSAGE_SET_FORGET, id);
		reload_once(lab, true);
		reload_once(lab, false);
		image_close(lab_replace_agentx(lab));
		lab_assert_loop_turned(lab);
		if (id == 1) /* the loop has opened its timer */
			before = count_descriptors(lab);
	}
	assert_int_equal(count_descriptors(lab), before);
	lab_tell(lab->supervisor, MESSAGE_STOP, 0);
	assert_int_equal(lab_wait_for_exit(lab), CORE_EXIT_GOOD);
}

static void test_dump(void **state)
{
	struct lab *lab = *state;
	union message message;
	char *path = lab_path(lab->folder, "vrrp-agent.json"), *text;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100"));
	image_close(lab_start_ready(lab));
	image_close(lab_set_and_apply(lab, 3, 1, 50));
	lab_tell(lab->agentx, MESSAGE_SET_FORGET, 3);
	lab_tell(lab->supervisor, MESSAGE_DUMP, 0);
	lab_tell(lab->supervisor, MESSAGE_RELOAD, 5); /* answered after it */
	image_close(lab_receive_image(lab->engine, &message));
	text = lab_read(path);
	assert_string_equal(text, "{\n  \"generation\": 2,\n  \"routers\": 1\n}\n");
	free(text);
	free(path);
}

/* The supervisor had no descriptor for the text. */
static void test_accepted_text_is_sent_again(void **state)
{
	struct lab *lab = *state;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100"));
	image_close(lab_start_ready(lab));
	lab_tell(lab->supervisor, MESSAGE_SOURCE_LOST, 0);
	lab_take_source(lab);
	lab_kill_core(lab);
	lab_write(lab->file, "no_such_word\n");
	image_close(lab_start_ready(lab)); /* from that text */
}

/* Only a core that begins anew gets another channel to agentx. */
static void test_channel_that_is_lost(void **state)
{
	struct lab *lab = *state;
	const struct rlimit none = {0, 64};
	union message message;

	lab_write(lab->file, LAB_ROUTER("A", "1", "100"));
	image_close(lab_start_ready(lab));
	assert_int_equal(prlimit(lab->child, RLIMIT_NOFILE, &none, NULL), 0);
	message_init(&message, MESSAGE_PEER, 0);
	message.peer.role = PEER_AGENTX;
	assert_int_equal(channel_send(lab->supervisor, &message, lab->engine), 0);
	assert_int_equal(lab_wait_for_exit(lab), CORE_EXIT_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_start_and_end),
		LAB_TEST(test_refused_start_says_so_last),
		LAB_TEST(test_damaged_overlay_refuses_the_start),
		LAB_TEST(test_engine_that_refuses_the_first_image),
		LAB_TEST(test_nothing_is_left_open),
		LAB_TEST(test_dump),
		LAB_TEST(test_accepted_text_is_sent_again),
		LAB_TEST(test_channel_that_is_lost),
	};

	return cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
