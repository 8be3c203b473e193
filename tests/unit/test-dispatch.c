/* SPDX-License-Identifier: ISC */
/* From the event ring to scripts: order, parallelism, bounds, and what is repeated after a crash.
 */
#include "check/notify/dispatch.h"
#include "lib/consumer.h"
#include "tests/unit/checklab.h"
#include "tests/unit/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BACKUP	1
#define ACTIVE	2
#define RECORDS 256
#define WAIT_MS 20000

static struct {
	sd_event *loop;
	struct ring *ring;
	int ring_fd;
	int bookmarks;
	struct consumer *consumer;
	struct scripttable *table;
	struct dispatch *dispatch;
	struct draft draft;
} lab;

static void open_consumer(void)
{
	lab.consumer = consumer_open(lab.ring_fd, lab.bookmarks, CONSUMER_CHECK);
	assert_non_null(lab.consumer);
	lab.table = scripttable_create();
	assert_non_null(lab.table);
	lab.dispatch = dispatch_create(lab.loop, lab.consumer, lab.table);
	assert_non_null(lab.dispatch);
}

static void close_consumer(void)
{
	lab.dispatch = dispatch_free(lab.dispatch);
	lab.table = scripttable_free(lab.table);
	lab.consumer = consumer_close(lab.consumer);
}

static int begin_with(size_t records)
{
	lab.ring = ring_create(records, &lab.ring_fd);
	lab.bookmarks = consumer_bookmarks_create();
	if (!lab.ring || lab.bookmarks < 0 || sd_event_new(&lab.loop) < 0)
		return -1;
	open_consumer();
	draft_begin(&lab.draft, 1, 0);
	unlink(lab_path("go"));
	unlink(lab_path("out"));
	lab_log_clear();
	return 0;
}

static int begin(void **state)
{
	return begin_with(RECORDS);
}

static int begin_small(void **state)
{
	return begin_with(16);
}

static int end(void **state)
{
	close_consumer();
	lab.loop = sd_event_unref(lab.loop);
	lab.ring = ring_close(lab.ring);
	close(lab.bookmarks);
	return 0;
}

static int apply(void)
{
	size_t size;
	void *bytes = draft_bytes(&lab.draft, &size);
	struct image *image = image_open_bytes(bytes, size);
	int error;

	assert_non_null(image);
	error = scripttable_apply(lab.table, image);
	image_close(image);
	free(bytes);
	if (!error)
		dispatch_image(lab.dispatch);
	return error;
}

static struct event transition(uint32_t slot, uint8_t vrid, uint8_t state, uint8_t priority)
{
	return (struct event){.kind = EVENT_TRANSITION,
		.slot = slot,
		.interface = "eth0",
		.family = IMAGE_IPV4,
		.vrid = vrid,
		.priority = priority,
		.new_state = state};
}

static void tell(uint32_t slot, uint8_t vrid, uint8_t state, uint8_t priority)
{
	struct event event = transition(slot, vrid, state, priority);

	ring_append(lab.ring, &event);
}

static struct image_command *add_command(uint8_t state, const char *path, const char *word)
{
	const char *const arguments[] = {path, word, NULL};

	return draft_command(&lab.draft, state, arguments);
}

static bool is_idle(void *context)
{
	return dispatch_idle(lab.dispatch);
}

static void pump_until_idle(void)
{
	dispatch_pump(lab.dispatch);
	assert_true(lab_turn(lab.loop, is_idle, NULL, WAIT_MS));
	for (int i = 0; i < CONSUMER_NOTES; i++)
		assert_int_equal(consumer_notes(lab.consumer)[i], 0);
}

/* Adds "begin A B" and "end A B" to the file out. */
static const char *recorder(void)
{
	char text[PATH_MAX * 2];

	snprintf(text, sizeof(text),
		"#!/bin/sh\ncd %s\necho begin $1 $2 >>out\necho end $1 $2 >>out\n", lab_folder());
	return lab_script("recorder", text);
}

/* Waits for the file go, then adds "went A B" to the file out. */
static const char *waiter(void)
{
	char text[PATH_MAX * 2];

	snprintf(text, sizeof(text),
		"#!/bin/sh\ncd %s\nuntil [ -e go ]; do sleep 0.02; done\necho went $1 $2 >>out\n",
		lab_folder());
	return lab_script("waiter", text);
}

static void go(void)
{
	close(open(lab_path("go"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

static int lines_of(const char *text, const char *part)
{
	int count = 0;

	for (; (text = strstr(text, part)); text++)
		count++;
	return count;
}

static void test_order(void **state)
{
	char expected[4096] = "";
	size_t length = 0;

	draft_router(&lab.draft, 3, "VI_1", "eth0", 7);
	add_command(BACKUP, recorder(), "backup")->flags = IMAGE_COMMAND_PRIORITY;
	add_command(ACTIVE, recorder(), "active")->flags = IMAGE_COMMAND_PRIORITY;
	add_command(ACTIVE, recorder(), "generic");
	assert_int_equal(apply(), 0);
	for (int i = 0; i < 10; i++) {
		tell(3, 7, BACKUP, (uint8_t)i);
		tell(3, 7, ACTIVE, (uint8_t)(100 + i));
		length += (size_t)snprintf(expected + length, sizeof(expected) - length,
			"begin backup %d\nend backup %d\nbegin active %d\nend active %d\n"
			"begin generic\nend generic\n",
			i, i, 100 + i, 100 + i);
	}
	pump_until_idle();
	assert_string_equal(lab_text("out"), expected);
}

static void test_parallel(void **state)
{
	char text[PATH_MAX * 2];

	snprintf(text, sizeof(text), "#!/bin/sh\n: >%s\n", lab_path("go"));
	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, waiter(), "1");
	draft_router(&lab.draft, 1, "VI_2", "eth0", 2);
	add_command(ACTIVE, lab_script("opener", text), "2");
	assert_int_equal(apply(), 0);
	tell(0, 1, ACTIVE, 100);
	tell(1, 2, ACTIVE, 100);
	pump_until_idle();
	assert_string_equal(lab_text("out"), "went 1\n");
}

static bool is_full(void *context)
{
	return dispatch_counts(lab.dispatch).running == DISPATCH_RUNNING_MAX;
}

static void test_cap(void **state)
{
	enum {
		ROUTERS = DISPATCH_RUNNING_MAX + 8
	};

	for (uint8_t i = 0; i < ROUTERS; i++) {
		draft_router(&lab.draft, i, "VI", "eth0", i + 1);
		add_command(ACTIVE, waiter(), "x");
	}
	assert_int_equal(apply(), 0);
	for (uint8_t i = 0; i < ROUTERS; i++)
		tell(i, i + 1, ACTIVE, 100);
	dispatch_pump(lab.dispatch);
	assert_true(lab_turn(lab.loop, is_full, NULL, WAIT_MS));
	assert_int_equal(dispatch_counts(lab.dispatch).waiting, ROUTERS);
	go();
	pump_until_idle();
	assert_int_equal(lines_of(lab_text("out"), "went x\n"), ROUTERS);
	assert_int_equal(dispatch_counts(lab.dispatch).running, 0);
}

/* The number of the event with which a next life would begin. */
static void expect_bookmark(uint64_t number)
{
	struct consumer *next = consumer_open(lab.ring_fd, lab.bookmarks, CONSUMER_CHECK);

	assert_non_null(next);
	assert_int_equal(consumer_ahead(next), number);
	consumer_close(next);
}

/* The one that runs and the last ones are told; the oldest that waited are not. */
static void test_full_queue(void **state)
{
	enum {
		EVENTS = 1 + DISPATCH_QUEUE_MAX + 3
	};

	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, waiter(), "n")->flags = IMAGE_COMMAND_PRIORITY;
	assert_int_equal(apply(), 0);
	tell(0, 1, ACTIVE, 1);
	dispatch_pump(lab.dispatch);
	for (uint8_t i = 2; i <= EVENTS; i++)
		tell(0, 1, ACTIVE, i);
	dispatch_pump(lab.dispatch);
	assert_int_equal(dispatch_counts(lab.dispatch).given_up, 3);
	assert_int_equal(dispatch_counts(lab.dispatch).waiting, 1 + DISPATCH_QUEUE_MAX);
	assert_non_null(strstr(lab_log(), "error check: VI_1: its scripts are too slow"));
	expect_bookmark(1);
	go();
	pump_until_idle();
	assert_int_equal(lines_of(lab_text("out"), "\n"), 1 + DISPATCH_QUEUE_MAX);
	assert_int_equal(strncmp(lab_text("out"), "went n 1\nwent n 5\n", 18), 0);
	assert_non_null(strstr(lab_text("out"), "went n 68\n"));
}

static bool has_two(void *context)
{
	return strstr(lab_text("out"), "end 2\n") && dispatch_counts(lab.dispatch).running == 1;
}

/* The first one still runs when the process dies: both are run again, the one that had ended too.
 */
static void test_crash(void **state)
{
	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, waiter(), "1");
	draft_router(&lab.draft, 1, "VI_2", "eth0", 2);
	add_command(ACTIVE, recorder(), "2");
	assert_int_equal(apply(), 0);
	tell(0, 1, BACKUP, 100);
	tell(0, 1, ACTIVE, 100);
	tell(1, 2, ACTIVE, 100);
	dispatch_pump(lab.dispatch);
	assert_true(lab_turn(lab.loop, has_two, NULL, WAIT_MS));
	close_consumer();
	unlink(lab_path("out"));
	go();
	open_consumer();
	assert_int_equal(apply(), 0);
	pump_until_idle();
	assert_int_equal(lines_of(lab_text("out"), "went 1\n"), 1);
	assert_int_equal(lines_of(lab_text("out"), "end 2\n"), 1);
	close_consumer();
	open_consumer();
	assert_int_equal(apply(), 0);
	assert_true(dispatch_idle(lab.dispatch));
	assert_int_equal(dispatch_counts(lab.dispatch).waiting, 0);
}

static void test_nothing_before_an_image(void **state)
{
	struct event event;

	tell(0, 1, ACTIVE, 100);
	dispatch_pump(lab.dispatch);
	assert_true(dispatch_idle(lab.dispatch));
	assert_true(consumer_peek(lab.consumer, &event));
	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, recorder(), "1");
	assert_int_equal(apply(), 0);
	pump_until_idle();
	assert_string_equal(lab_text("out"), "begin 1\nend 1\n");
}

/* The engine is faster than the image that check gets. */
static void test_early_event(void **state)
{
	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, recorder(), "1");
	assert_int_equal(apply(), 0);
	tell(1, 2, ACTIVE, 100);
	tell(0, 1, ACTIVE, 100);
	dispatch_pump(lab.dispatch);
	assert_false(dispatch_idle(lab.dispatch));
	assert_int_equal(dispatch_counts(lab.dispatch).waiting, 0);
	expect_bookmark(1);
	draft_begin(&lab.draft, 2, 1);
	draft_router(&lab.draft, 1, "VI_2", "eth0", 2);
	add_command(ACTIVE, recorder(), "2");
	assert_int_equal(apply(), 0);
	pump_until_idle();
	assert_int_equal(lines_of(lab_text("out"), "end"), 2);
	assert_int_equal(dispatch_counts(lab.dispatch).unknown, 0);
}

static void test_unknown_router(void **state)
{
	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, recorder(), "1");
	assert_int_equal(apply(), 0);
	tell(0, 2, ACTIVE, 100); /* the slot of another router */
	tell(IMAGE_SLOTS, 1, ACTIVE, 100);
	tell(0, 1, ACTIVE, 100);
	pump_until_idle();
	assert_string_equal(lab_text("out"), "begin 1\nend 1\n");
	assert_int_equal(dispatch_counts(lab.dispatch).unknown, 2);
	assert_non_null(strstr(lab_log(), "IPv4 VRID 2 on eth0 changed its state, but is not in"));
}

static void test_removed_router(void **state)
{
	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(BACKUP, recorder(), "old");
	assert_int_equal(apply(), 0);
	draft_begin(&lab.draft, 3, 2);
	draft_remove(&lab.draft, 0);
	assert_int_equal(apply(), -ESTALE);
	draft_begin(&lab.draft, 2, 1);
	draft_remove(&lab.draft, 0);
	assert_int_equal(apply(), 0);
	draft_begin(&lab.draft, 3, 0);
	draft_router(&lab.draft, 0, "VI_2", "eth0", 2);
	add_command(BACKUP, recorder(), "new");
	assert_int_equal(apply(), 0);
	tell(0, 1, BACKUP, 100);
	tell(0, 2, BACKUP, 100);
	pump_until_idle();
	assert_string_equal(lab_text("out"), "begin old\nend old\nbegin new\nend new\n");
}

static void test_other_events(void **state)
{
	struct event event = transition(0, 1, ACTIVE, 100);

	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, recorder(), "1");
	assert_int_equal(apply(), 0);
	event.kind = EVENT_NOTE;
	ring_append(lab.ring, &event);
	event.kind = EVENT_PROTOCOL_ERROR;
	ring_append(lab.ring, &event);
	pump_until_idle();
	assert_string_equal(lab_text("out"), "");
	assert_false(consumer_peek(lab.consumer, &event));
}

static void test_overwritten(void **state)
{
	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, recorder(), "1");
	for (int i = 0; i < 40; i++)
		tell(0, 1, ACTIVE, 100);
	assert_int_equal(apply(), 0);
	pump_until_idle();
	assert_non_null(strstr(lab_log(), ": 25 events were overwritten before"));
	assert_int_equal(lines_of(lab_text("out"), "end"), 15);
	assert_int_equal(consumer_lost(lab.consumer), 25);
}

/* Everything that is read stays within a batch: many events need several turns of the loop. */
static void test_many(void **state)
{
	struct event event;

	for (int i = 0; i < RECORDS - 1; i++)
		tell(0, 1, BACKUP, 100);
	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, recorder(), "1");
	assert_int_equal(apply(), 0);
	tell(0, 1, ACTIVE, 100);
	pump_until_idle();
	assert_string_equal(lab_text("out"), "begin 1\nend 1\n");
	assert_false(consumer_peek(lab.consumer, &event));
}

static void test_no_descriptors(void **state)
{
	struct rlimit before;
	struct rlimit none = {.rlim_cur = 4};

	draft_router(&lab.draft, 0, "VI_1", "eth0", 1);
	add_command(ACTIVE, recorder(), "1");
	assert_int_equal(apply(), 0);
	tell(0, 1, ACTIVE, 100);
	getrlimit(RLIMIT_NOFILE, &before);
	none.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &none);
	dispatch_pump(lab.dispatch);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_non_null(strstr(lab_log(), "VI_1: scripts can't be started: Too many open files"));
	assert_int_equal(dispatch_counts(lab.dispatch).running, 0);
	pump_until_idle();
	assert_string_equal(lab_text("out"), "begin 1\nend 1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(order),
		TEST(parallel),
		TEST(cap),
		TEST(full_queue),
		TEST(crash),
		TEST(nothing_before_an_image),
		TEST(early_event),
		TEST(unknown_router),
		TEST(removed_router),
		TEST(other_events),
		cmocka_unit_test_setup_teardown(test_overwritten, begin_small, end),
		TEST(many),
		TEST(no_descriptors),
	};

	lab_need_root();
	return cmocka_run_group_tests(tests, lab_set_up, lab_tear_down);
}
