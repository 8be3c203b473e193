/* SPDX-License-Identifier: ISC */
/* Script trackers and the registry that tells the engine of them. */
#include "check/track/registry.h"
#include "lib/channel.h"
#include "tests/unit/checklab.h"
#include "tests/unit/draft.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 20000
#define SLOT	3

static struct draft draft;
static struct registry_memory *memories; /* shared with what is run */

static struct {
	sd_event *loop;
	struct registry *registry;
	int engine;
	struct tracker_report last[IMAGE_TRACKERS];
	uint64_t generation;
	unsigned int told;
} lab;

static void begin_life(void)
{
	int ends[2];

	assert_true(sd_event_new(&lab.loop) >= 0);
	assert_int_equal(channel_pair(ends), 0);
	lab.engine = ends[0];
	lab.registry = registry_create(lab.loop, ends[1], memories);
	assert_non_null(lab.registry);
}

static void end_life(void)
{
	lab.registry = registry_free(lab.registry);
	lab.loop = sd_event_unref(lab.loop);
	close(lab.engine);
}

static int begin(void **state)
{
	const size_t size = IMAGE_TRACKERS * sizeof(*memories);

	memories = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memories, MAP_FAILED);
	memset(&lab, 0, sizeof(lab));
	lab_begin();
	begin_life();
	return 0;
}

static int end(void **state)
{
	end_life();
	lab_end();
	munmap(memories, IMAGE_TRACKERS * sizeof(*memories));
	return 0;
}

static void apply(void)
{
	size_t size;
	void *bytes = draft_bytes(&draft, &size);
	struct image *image = image_open_bytes(bytes, size);

	assert_non_null(image);
	assert_int_equal(registry_apply(lab.registry, image), 0);
	image_close(image);
	free(bytes);
}

/* One script in an image of that generation. */
static struct image_tracker *one(uint64_t generation, const char *path)
{
	const char *const command[] = {path, NULL};

	draft_begin(&draft, generation, 0);
	return draft_tracker(&draft, SLOT, "one", command);
}

static void listen_to(void)
{
	union message message;
	int attached;

	while (channel_receive(lab.engine, &message, &attached) == 1) {
		assert_int_equal(message.head.type, MESSAGE_TRACKERS);
		lab.generation = message.head.id;
		lab.told += message.trackers.count;
		for (uint32_t i = 0; i < message.trackers.count; i++)
			lab.last[message.trackers.reports[i].slot] = message.trackers.reports[i];
	}
}

static struct tracker_report wanted;

static bool is_told(void *context)
{
	listen_to();
	return memcmp(&lab.last[wanted.slot], &wanted, sizeof(wanted)) == 0;
}

static void expect(uint8_t state, uint8_t result, int32_t value)
{
	wanted = (struct tracker_report){
		.slot = SLOT, .state = state, .result = result, .value = value};
	if (!lab_turn(lab.loop, is_told, NULL, WAIT_MS))
		fail_msg("state %u, result %u, value %d; log: %s", lab.last[SLOT].state,
			lab.last[SLOT].result, lab.last[SLOT].value, lab_log());
}

static unsigned int runs;

static bool has_run(void *context)
{
	return strlen(lab_text("runs")) >= runs;
}

/* Each run leaves an octet. */
static void wait_runs(unsigned int count)
{
	runs = count;
	assert_true(lab_turn(lab.loop, has_run, NULL, WAIT_MS));
}

static const char *counting(const char *then)
{
	char text[512];

	snprintf(text, sizeof(text), "#!/bin/sh\nprintf . >> %s\n%s\n", lab_path("runs"), then);
	return lab_script("one", text);
}

/* Another's image changes nothing: a script that did not change is not begun anew, and is told
 * again. */
static void test_results(void **state)
{
	const char *path = counting("echo noise; echo noise >&2; exit 3");

	one(5, path);
	apply();
	expect(TRACKER_FAILED, TRACKER_RESULT_EXIT, 3);
	assert_int_equal(lab.generation, 5);
	lab_expect_not_in_log("noise");
	wait_runs(1);
	lab.told = 0;
	one(6, path)->interval = 1000000000;
	apply();
	memset(&lab.last[SLOT], 0, sizeof(lab.last[SLOT]));
	expect(TRACKER_FAILED, TRACKER_RESULT_EXIT, 3);
	assert_int_equal(lab.generation, 6);
	assert_int_equal(lab.told, 1);
	counting("kill -USR1 $$");
	expect(TRACKER_FAILED, TRACKER_RESULT_SIGNAL, SIGUSR1);
	counting("exit 0");
	expect(TRACKER_OK, TRACKER_RESULT_EXIT, 0);
	unlink(path);
	expect(TRACKER_FAILED, TRACKER_RESULT_NOT_RUN, 0);
	lab_expect_log("script one can't be run: ");
}

/* After the first result so many in a row, in this life or the next. */
static void test_rise_and_fall(void **state)
{
	struct image_tracker *tracker = one(5, counting("exit 0"));

	tracker->rise = 3;
	tracker->fall = 2;
	apply();
	expect(TRACKER_OK, TRACKER_RESULT_EXIT, 0);
	assert_int_equal(strlen(lab_text("runs")), 1);
	counting("exit 1");
	expect(TRACKER_OK, TRACKER_RESULT_EXIT, 1);
	end_life();
	begin_life();
	apply();
	expect(TRACKER_FAILED, TRACKER_RESULT_EXIT, 1);
	assert_int_equal(strlen(lab_text("runs")), 3);
	counting("exit 0");
	expect(TRACKER_FAILED, TRACKER_RESULT_EXIT, 0);
	expect(TRACKER_OK, TRACKER_RESULT_EXIT, 0);
	assert_int_equal(strlen(lab_text("runs")), 6);
}

/* Judged when its time is over, ended with all that it has begun, and not run twice at once. */
static void test_timeout(void **state)
{
	char text[256];
	pid_t left;

	snprintf(text, sizeof(text), "sleep 1000 &\necho $! > %s\ntrap '' TERM\nwait\nwait",
		lab_path("left"));
	one(5, counting(text));
	apply();
	expect(TRACKER_FAILED, TRACKER_RESULT_TIMEOUT, 0);
	left = atoi(lab_text("left"));
	assert_true(left > 0);
	assert_int_equal(strlen(lab_text("runs")), 1);
	assert_true(lab_turn(lab.loop, lab_is_gone, &left, WAIT_MS));
	wait_runs(2);
}

/* What still runs when a life ends unseen is noted, and found by the next. */
static void test_leftover(void **state)
{
	pid_t pid;

	one(5, counting("sleep 1000"))->timeout = 1000 * 1000000000ull;
	apply();
	wait_runs(1);
	pid = (pid_t)memories[SLOT].running.pid;
	assert_true(pid > 1);
	assert_false(lab_is_gone(&pid));
	assert_true(runlist_kill_one(&memories[SLOT].running));
	assert_true(lab_wait(lab_is_gone, &pid, WAIT_MS));
	assert_int_equal(memories[SLOT].running.pid, 0);
	assert_false(runlist_kill_one(&memories[SLOT].running));
	expect(TRACKER_FAILED, TRACKER_RESULT_SIGNAL, SIGKILL);
}

/* Removed, and back: begins anew. */
static void test_removed(void **state)
{
	one(5, counting("exit 1"))->fall = 5;
	apply();
	expect(TRACKER_FAILED, TRACKER_RESULT_EXIT, 1);
	draft_begin(&draft, 6, 0);
	apply();
	assert_int_equal(memories[SLOT].identity, 0);
	counting("exit 0");
	one(7, lab_path("one"))->rise = 1000;
	apply();
	expect(TRACKER_OK, TRACKER_RESULT_EXIT, 0);
}

/* The engine does not read: it gets the last state later, of each tracker. */
static void test_channel_full(void **state)
{
	union message message;
	uint64_t generation = 5;
	int attached;

	one(generation, counting("exit 0"));
	apply();
	expect(TRACKER_OK, TRACKER_RESULT_EXIT, 0);
	message_init(&message, MESSAGE_STOP, 0);
	for (int i = 0; i < 100000; i++) {
		one(++generation, lab_path("one"));
		apply();
		if (sd_event_run(lab.loop, 0) < 0)
			fail();
		if (i == 3000)
			counting("exit 9");
	}
	while (channel_receive(lab.engine, &message, &attached) == 1)
		if (message.head.type == MESSAGE_TRACKERS)
			lab.generation = message.head.id;
	assert_true(lab.generation < generation);
	expect(TRACKER_FAILED, TRACKER_RESULT_EXIT, 9);
	assert_int_equal(lab.generation, generation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_results, begin, end),
		cmocka_unit_test_setup_teardown(test_rise_and_fall, begin, end),
		cmocka_unit_test_setup_teardown(test_timeout, begin, end),
		cmocka_unit_test_setup_teardown(test_leftover, begin, end),
		cmocka_unit_test_setup_teardown(test_removed, begin, end),
		cmocka_unit_test_setup_teardown(test_channel_full, begin, end),
	};

	lab_need_root();
	return cmocka_run_group_tests_name("scripttrack", tests, NULL, NULL);
}
