/* SPDX-License-Identifier: ISC */
/* The worklist between two threads: the taker comes to know the last state of everything. */
#include "lib/worklist.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define THINGS	    64
#define CHANGES	    300000
#define PATIENCE_MS 5000

static struct worklist *list;

static int begin(void **state)
{
	list = worklist_create(THINGS);
	return list ? 0 : -1;
}

static int end(void **state)
{
	assert_null(worklist_free(list));
	assert_null(worklist_free(NULL));
	return 0;
}

static bool is_readable(int timeout_ms)
{
	struct pollfd wait = {.fd = worklist_fd(list), .events = POLLIN};

	return poll(&wait, 1, timeout_ms) == 1;
}

static void test_one_thread(void **state)
{
	uint32_t thing;

	assert_false(worklist_take(list, &thing));
	worklist_wake(list);
	assert_false(is_readable(0));
	worklist_add(list, 5);
	worklist_add(list, 3);
	worklist_add(list, 5);
	assert_false(is_readable(0));
	worklist_wake(list);
	assert_true(is_readable(0));
	worklist_awake(list);
	assert_false(is_readable(0));
	worklist_wake(list); /* nothing was added since */
	assert_false(is_readable(0));
	assert_true(worklist_take(list, &thing));
	assert_int_equal(thing, 5);
	worklist_add(list, 5);
	assert_true(worklist_take(list, &thing));
	assert_int_equal(thing, 3);
	assert_true(worklist_take(list, &thing));
	assert_int_equal(thing, 5);
	assert_false(worklist_take(list, &thing));
	worklist_wake(list);
	worklist_awake(list);
	worklist_add_news(list);
	worklist_wake(list);
	assert_true(is_readable(0));
	assert_false(worklist_take(list, &thing));
}

static void test_every_thing(void **state)
{
	for (int round = 0; round < 3; round++) {
		uint32_t thing;

		for (uint32_t i = 0; i < THINGS; i++) {
			worklist_add(list, THINGS - 1 - i);
			worklist_add(list, THINGS - 1);
		}
		for (uint32_t i = 0; i < THINGS; i++) {
			assert_true(worklist_take(list, &thing));
			assert_int_equal(thing, THINGS - 1 - i);
		}
		assert_false(worklist_take(list, &thing));
	}
}

static _Atomic uint64_t states[THINGS];
static _Atomic bool adding;

struct taking {
	uint64_t seen[THINGS];
	uint64_t taken;
	uint64_t slept_on_work;
};

static void take_all(struct taking *taking)
{
	uint32_t thing;

	while (worklist_take(list, &thing)) {
		taking->seen[thing] = atomic_load_explicit(&states[thing], memory_order_acquire);
		taking->taken++;
	}
}

static void *take_on(void *context)
{
	struct taking *taking = context;

	while (atomic_load(&adding)) {
		if (!is_readable(PATIENCE_MS)) {
			taking->slept_on_work++;
			break;
		}
		worklist_awake(list);
		take_all(taking);
	}
	return NULL;
}

/* The adder wakes once per batch; its very last wake-up must suffice for all that was added. */
static void test_two_threads(void **state)
{
	static struct taking taking;
	pthread_t taker;
	uint32_t random = 1;

	atomic_store(&adding, true);
	assert_int_equal(pthread_create(&taker, NULL, take_on, &taking), 0);
	for (uint64_t i = 1; i <= CHANGES; i++) {
		uint32_t thing;

		random = random * 1664525 + 1013904223;
		thing = (random >> 16) % THINGS;
		atomic_store_explicit(&states[thing], i, memory_order_release);
		worklist_add(list, thing);
		if (i % 7 == 0)
			worklist_wake(list);
		if (i % 4096 == 0)
			usleep(1);
	}
	atomic_store(&adding, false);
	worklist_add(list, 0);
	worklist_wake(list);
	pthread_join(taker, NULL);
	take_all(&taking);
	assert_int_equal(taking.slept_on_work, 0);
	assert_true(taking.taken > 0);
	for (uint32_t i = 0; i < THINGS; i++)
		assert_int_equal(taking.seen[i], atomic_load(&states[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_thread),
		TEST(every_thing),
		TEST(two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
