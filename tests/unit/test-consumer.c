/* SPDX-License-Identifier: ISC */
/* A consumer's place survives its lives; an event may be told twice, never be forgotten. */
#include "lib/consumer.h"
#include "lib/sharedmem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define RECORDS 16

static struct ring *ring;
static int ring_fd;
static int bookmarks;
static struct consumer *consumer;

static void reopen(void)
{
	consumer_close(consumer);
	consumer = consumer_open(ring_fd, bookmarks, CONSUMER_CHECK);
	assert_non_null(consumer);
}

static int begin(void **state)
{
	ring = ring_create(RECORDS, &ring_fd);
	bookmarks = consumer_bookmarks_create();
	if (!ring || bookmarks < 0)
		return -1;
	consumer = consumer_open(ring_fd, bookmarks, CONSUMER_CHECK);
	return consumer ? 0 : -1;
}

static int end(void **state)
{
	consumer = consumer_close(consumer);
	ring = ring_close(ring);
	close(bookmarks);
	return 0;
}

static void tell(uint32_t slot)
{
	struct event event = {.kind = EVENT_TRANSITION, .slot = slot};

	ring_append(ring, &event);
}

static void expect(uint32_t slot)
{
	struct event event;

	assert_true(consumer_peek(consumer, &event));
	assert_int_equal(event.slot, slot);
}

static uint64_t expect_next(uint32_t slot)
{
	struct event event;
	uint64_t number;

	assert_true(consumer_next(consumer, &event, &number));
	assert_int_equal(event.slot, slot);
	return number;
}

static void expect_none(void)
{
	struct event event;
	uint64_t number;

	assert_false(consumer_peek(consumer, &event));
	assert_false(consumer_next(consumer, &event, &number));
	assert_false(consumer_pending(consumer));
}

static void test_one_at_a_time(void **state)
{
	expect_none();
	tell(1);
	tell(2);
	expect(1);
	expect(1);
	reopen();
	expect(1);
	consumer_done(consumer);
	reopen();
	expect(2);
	consumer_done(consumer);
	reopen();
	expect_none();
}

static void test_each_has_its_own_place(void **state)
{
	struct consumer *other = consumer_open(ring_fd, bookmarks, CONSUMER_AGENTX);
	struct event event;

	tell(1);
	expect(1);
	consumer_done(consumer);
	assert_true(consumer_peek(other, &event));
	consumer_notes(other)[0] = 5;
	assert_int_equal(consumer_notes(consumer)[0], 0);
	assert_null(consumer_close(other));
	assert_null(consumer_close(NULL));
}

/* Another region goes on with the place and the notes of one reader, and of no other. */
static void test_copy(void **state)
{
	struct consumer *one = consumer_open(ring_fd, bookmarks, CONSUMER_AGENTX), *copy;
	int other = consumer_bookmarks_create();
	struct event event;

	tell(1);
	tell(2);
	expect(1);
	consumer_done(consumer);
	consumer_notes(consumer)[3] = 4;
	assert_true(consumer_peek(one, &event));
	consumer_done(one);
	consumer_notes(one)[CONSUMER_NOTES - 1] = 7;
	assert_int_equal(consumer_bookmarks_copy(bookmarks, other, CONSUMER_AGENTX), 0);
	consumer_close(one);

	copy = consumer_open(ring_fd, other, CONSUMER_AGENTX);
	assert_non_null(copy);
	assert_int_equal(consumer_place(copy), 2);
	assert_int_equal(consumer_notes(copy)[CONSUMER_NOTES - 1], 7);
	consumer_close(copy);
	copy = consumer_open(ring_fd, other, CONSUMER_CHECK);
	assert_int_equal(consumer_place(copy), 0);
	assert_int_equal(consumer_notes(copy)[3], 0);
	consumer_close(copy);
	assert_int_equal(consumer_bookmarks_copy(ring_fd, other, CONSUMER_AGENTX), -EINVAL);
	assert_int_equal(consumer_bookmarks_copy(bookmarks, ring_fd, CONSUMER_AGENTX), -EINVAL);
	close(other);
}

/* Lost before anything was done, and again while something was under way. */
static void test_losses(void **state)
{
	for (uint32_t i = 1; i <= 40; i++)
		tell(i);
	expect(26);
	assert_int_equal(consumer_lost(consumer), 25);
	reopen();
	expect(26);
	assert_int_equal(consumer_lost(consumer), 25);
	consumer_done(consumer);
	expect(27);
	for (uint32_t i = 41; i <= 50; i++)
		tell(i);
	expect(36);
	assert_int_equal(consumer_lost(consumer), 34);
}

static void test_ahead(void **state)
{
	for (uint32_t i = 1; i <= 5; i++)
		tell(i);
	assert_true(consumer_pending(consumer));
	assert_int_equal(expect_next(1), 1);
	assert_int_equal(expect_next(2), 2);
	assert_int_equal(expect_next(3), 3);
	assert_int_equal(consumer_ahead(consumer), 4);
	consumer_done_before(consumer, 2);
	reopen();
	assert_int_equal(expect_next(2), 2);
	while (consumer_pending(consumer))
		consumer_done_before(consumer, expect_next(consumer_ahead(consumer)));
	consumer_done_before(consumer, consumer_ahead(consumer));
	reopen();
	expect_none();
}

static void test_losses_ahead(void **state)
{
	for (uint32_t i = 1; i <= 40; i++)
		tell(i);
	assert_int_equal(expect_next(26), 26);
	assert_int_equal(consumer_lost(consumer), 25);
	reopen();
	assert_int_equal(expect_next(26), 26);
	assert_int_equal(consumer_lost(consumer), 25);
	for (uint32_t i = 41; i <= 50; i++)
		tell(i);
	/* 26 is under way and stays the place to begin at again: it was not given up. */
	assert_int_equal(expect_next(36), 36);
	assert_int_equal(consumer_lost(consumer), 34);
}

static void test_notes(void **state)
{
	assert_int_equal(consumer_notes(consumer)[CONSUMER_NOTES - 1], 0);
	consumer_notes(consumer)[CONSUMER_NOTES - 1] = 42;
	reopen();
	assert_int_equal(consumer_notes(consumer)[CONSUMER_NOTES - 1], 42);
}

static void test_wrong_descriptors(void **state)
{
	static const char zeros[64];
	int document = sharedmem_document("zeros", zeros, sizeof(zeros));

	assert_null(consumer_open(ring_fd, document, CONSUMER_CHECK));
	assert_int_equal(errno, EINVAL);
	assert_null(consumer_open(document, bookmarks, CONSUMER_CHECK));
	assert_int_equal(errno, EPROTO);
	assert_null(consumer_open(bookmarks, bookmarks, CONSUMER_CHECK));
	assert_int_equal(errno, EPROTO);
	close(document);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_at_a_time),
		TEST(each_has_its_own_place),
		TEST(copy),
		TEST(losses),
		TEST(ahead),
		TEST(losses_ahead),
		TEST(notes),
		TEST(wrong_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
