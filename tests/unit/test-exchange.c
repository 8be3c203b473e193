/* SPDX-License-Identifier: ISC */
/* What engine and applier give each other: images in their order, none lost without a word. */
#include "vrrp/applier/exchange.h"

#include "lib/image.h"
#include "tests/unit/draft.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define SLOTS  4
#define ROUNDS 20000

static struct exchange *exchange;
static struct draft draft;

static int begin(void **state)
{
	exchange = exchange_new(SLOTS);
	return exchange ? 0 : -1;
}

static int end(void **state)
{
	assert_null(exchange_free(exchange));
	assert_null(exchange_free(NULL));
	return 0;
}

static struct image *make(uint64_t generation)
{
	struct image *image;
	int fd;

	draft_begin(&draft, generation, 0);
	draft_router(&draft, 1, "VI_1", "eth0", 7);
	fd = draft_document(&draft);
	image = image_open(fd);
	close(fd);
	assert_non_null(image);
	return image;
}

static void expect(uint64_t generation)
{
	struct image *image = exchange_take_image(exchange);

	assert_non_null(image);
	assert_int_equal(image_header(image)->generation, generation);
	image_close(image);
}

static bool is_woken(void)
{
	struct pollfd wait = {.fd = exchange_wishes_fd(exchange), .events = POLLIN};

	return poll(&wait, 1, 0) == 1;
}

/* The giver goes on with it, and may be done with it sooner or later than the taker. */
static void test_images(void **state)
{
	struct image *first = make(1), *second = make(2);

	assert_null(exchange_take_image(exchange));
	assert_int_equal(exchange_put_image(exchange, first), 0);
	assert_int_equal(exchange_put_image(exchange, second), 0);
	assert_null(image_close(first));
	assert_false(is_woken());
	exchange_wake(exchange);
	assert_true(is_woken());
	exchange_wishes_awake(exchange);
	expect(1);
	expect(2);
	assert_null(exchange_take_image(exchange));
	assert_int_equal(image_routers(second)[0].vrid, 7);
	image_close(second);
}

static void test_resumed(void **state)
{
	assert_false(exchange_is_resumed(exchange));
	exchange_put_resumed(exchange);
	exchange_wake(exchange);
	assert_true(is_woken());
	assert_true(exchange_is_resumed(exchange));
}

/* Some are left when the exchange ends: they are freed with it. */
static void test_full(void **state)
{
	struct image *image = make(5);

	for (unsigned int i = 0; i < EXCHANGE_IMAGES; i++)
		assert_int_equal(exchange_put_image(exchange, image), 0);
	assert_int_equal(exchange_put_image(exchange, image), -EAGAIN);
	expect(5);
	assert_int_equal(exchange_put_image(exchange, image), 0);
	assert_int_equal(exchange_put_image(exchange, image), -EAGAIN);
	image_close(image);
}

/* Neither side opens anything. */
static void test_no_descriptor_is_free(void **state)
{
	struct image *image = make(9);
	struct rlimit before, none;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(exchange_put_image(exchange, image), 0);
	image_close(image);
	expect(9);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* A wish that is seen has the image before it with it. */
static void *take_on(void *context)
{
	uint64_t *disorder = context;
	uint32_t taken = 0, slot;

	while (taken < ROUNDS) {
		bool wished = exchange_take_wish(exchange, &slot);
		uint32_t count = wished ? exchange_wish(exchange, slot).own_count : 0;
		struct image *image;

		while ((image = exchange_take_image(exchange)) != NULL) {
			taken++;
			image_close(image);
		}
		*disorder += taken < count;
	}
	return NULL;
}

static void test_two_threads(void **state)
{
	struct image *image = make(3);
	uint64_t disorder = 0;
	pthread_t taker;

	assert_int_equal(pthread_create(&taker, NULL, take_on, &disorder), 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		while (exchange_put_image(exchange, image) < 0)
			sched_yield();
		exchange_own(exchange, 1, true);
	}
	pthread_join(taker, NULL);
	image_close(image);
	assert_int_equal(disorder, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(images),
		TEST(resumed),
		TEST(full),
		TEST(no_descriptor_is_free),
		TEST(two_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
