/* SPDX-License-Identifier: ISC */
/* A loop keeps its promises while it sleeps, while it has ever more to do, and not while it stands
 * still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/lifeline.h"
#include "lib/lifeloop.h"
#include "tests/unit/lifeline-watcher.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EXIT_CODE      7
#define SOON_MS	       10000
#define BREAKS_MS      (4 * LIFELINE_TURN_MS)
#define SHORT_SLEEP_MS 2000

struct lab {
	sd_event *loop;
	pthread_t thread;
	int lifeline;
	uint32_t sleep_ms;
	int wake, go_on, end; /* eventfds */
	int code;	      /* of the loop that has ended */
};

static int on_wake(sd_event_source *source, int fd, uint32_t events, void *context)
{
	const struct lab *lab = context;
	struct pollfd wait = {.fd = lab->go_on, .events = POLLIN};
	eventfd_t count;

	eventfd_read(fd, &count);
	poll(&wait, 1, SOON_MS);
	return 0;
}

static int on_end(sd_event_source *source, int fd, uint32_t events, void *context)
{
	return sd_event_exit(sd_event_source_get_event(source), EXIT_CODE);
}

/* While there is more to do at once, the loop looks at nothing else. */
static int on_more(sd_event_source *source, void *context)
{
	const struct lab *lab = context;
	struct pollfd end = {.fd = lab->end, .events = POLLIN};

	return poll(&end, 1, 0) > 0 ? on_end(source, lab->end, POLLIN, context) : 0;
}

static void *turn(void *context)
{
	struct lab *lab = context;

	lab->code = lifeloop_run(lab->loop, lab->lifeline, lab->sleep_ms);
	return NULL;
}

static void watch(struct lab *lab, int *fd, sd_event_io_handler_t handler)
{
	*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_true(sd_event_add_io(lab->loop, NULL, *fd, EPOLLIN, handler, lab) >= 0);
}

static int begin(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	assert_non_null(lab);
	lab->lifeline = lifeline_create();
	lab->sleep_ms = LIFELINE_SLEEP_MS;
	assert_int_equal(sd_event_new(&lab->loop), 0);
	watch(lab, &lab->wake, on_wake);
	watch(lab, &lab->end, on_end);
	lab->go_on = eventfd(0, EFD_CLOEXEC);
	*state = lab;
	return 0;
}

static void start(struct lab *lab)
{
	assert_int_equal(pthread_create(&lab->thread, NULL, turn, lab), 0);
}

static int finish(void **state)
{
	struct lab *lab = *state;

	eventfd_write(lab->go_on, 1);
	eventfd_write(lab->end, 1);
	pthread_join(lab->thread, NULL);
	assert_int_equal(lab->code, EXIT_CODE);
	sd_event_unref(lab->loop);
	close(lab->lifeline);
	close(lab->wake);
	close(lab->end);
	close(lab->go_on);
	free(lab);
	return 0;
}

static void test_sleep(void **state)
{
	struct lab *lab = *state;

	lab->sleep_ms = SHORT_SLEEP_MS;
	start(lab);
	while (!lifeline_is_kept(lab->lifeline))
		usleep(1000);
	watcher_assert_kept_for(lab->lifeline, SHORT_SLEEP_MS + 2 * LIFELINE_TURN_MS);
}

static void test_standstill(void **state)
{
	struct lab *lab = *state;
	struct pollfd broken = {.fd = lab->lifeline, .events = POLLIN};

	start(lab);
	watcher_await_sleep(lab->lifeline);
	eventfd_write(lab->wake, 1);
	assert_int_equal(poll(&broken, 1, BREAKS_MS), 1);
	assert_false(lifeline_is_kept(lab->lifeline));
	eventfd_write(lab->go_on, 1);
	watcher_await_sleep(lab->lifeline);
	assert_int_equal(poll(&broken, 1, 0), 0);
}

static void test_ever_more_to_do(void **state)
{
	struct lab *lab = *state;
	sd_event_source *more;

	assert_true(sd_event_add_defer(lab->loop, &more, on_more, lab) >= 0);
	sd_event_source_set_enabled(more, SD_EVENT_ON);
	sd_event_source_set_floating(more, 1);
	sd_event_source_unref(more);
	start(lab);
	while (!lifeline_is_kept(lab->lifeline))
		usleep(1000);
	watcher_assert_kept_for(lab->lifeline, 2 * LIFELINE_TURN_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sleep),
		TEST(standstill),
		TEST(ever_more_to_do),
	};

	return cmocka_run_group_tests_name("lifeloop", tests, NULL, NULL);
}
