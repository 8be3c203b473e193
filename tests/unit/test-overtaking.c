/* SPDX-License-Identifier: ISC */
/* When the engine lets the kernel keep repeated adverts: never while one that was let through for
 * the router has still to be dealt with, wherever it is.  The kernel is played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vrrp/engine_state.h"
#include "vrrp/net/filter.h"
#include "vrrp/protocol/repeat.h"
#include "vrrp/publish.h"
#include "vrrp/repeats.h"

#include <string.h>

#define PLACE 3

/* The one place of the filter, and the socket, which holds so many. */
struct filter {
	uint64_t passed, opened, count;
	bool taken, open;
	uint32_t waiting;
};

static struct filter kernel;
static struct engine engine;
static struct engine_router router;
static const struct vrrp_datagram datagram = {.interface = 5};
static const struct vrrp_view view = {.vrid = 1};

uint32_t filter_claim(struct filter *filter, uint32_t interface, uint8_t family, uint8_t vrid)
{
	if (filter->taken)
		return 0;
	filter->taken = true;
	return PLACE;
}

void filter_release(struct filter *filter, uint32_t place)
{
	if (place)
		filter->taken = filter->open = false;
}

void filter_pass(struct filter *filter, uint32_t place)
{
	filter->open = false;
}

bool filter_keep(
	struct filter *filter, uint32_t place, const struct vrrp_datagram *heard, uint64_t passed)
{
	assert_int_equal(place, PLACE);
	filter->opened = passed;
	filter->open = true;
	return true;
}

uint64_t filter_passed(const struct filter *filter, uint32_t place)
{
	return filter->passed;
}

uint64_t filter_passed_at(const struct filter *filter, uint32_t place)
{
	return filter->passed;
}

uint64_t filter_count(const struct filter *filter, uint32_t place, uint64_t *heard)
{
	*heard = 1;
	return filter->count;
}

bool vrrp_repeats(const struct vrrp_router *protocol, const struct vrrp_view *advert)
{
	return true;
}

void vrrp_repeat(struct vrrp_router *protocol, uint64_t at, uint64_t count, uint8_t form,
	struct vrrp_actions *actions)
{
	actions->count = 0;
}

void publish_changed(struct engine *changed, struct engine_router *row)
{
}

/* A packet for the router comes; true: it is kept. */
static bool come(void)
{
	if (kernel.open && kernel.passed == kernel.opened) {
		kernel.count++;
		return true;
	}
	if (kernel.taken)
		kernel.passed++;
	kernel.waiting++;
	return false;
}

/* A batch begins, of all that waits: the socket is empty then. */
static uint32_t read_all(void)
{
	const uint32_t count = kernel.waiting;

	engine.emptied[0]++;
	kernel.waiting = 0;
	return count;
}

/* One of the batch is dealt with. */
static void deal_with(bool is_repetition)
{
	repeats_stepped(&router);
	repeats_settle(&engine, &router, 10);
	if (is_repetition)
		repeats_learn(&engine, &router, &datagram, &view, 10);
}

static void come_and_deal(void)
{
	come();
	assert_int_equal(read_all(), 1);
	deal_with(true);
}

static int set_up(void **state)
{
	memset(&engine, 0, sizeof(engine));
	memset(&kernel, 0, sizeof(kernel));
	memset(&router, 0, sizeof(router));
	TAILQ_INIT(&engine.repeats.routers);
	engine.filter = &kernel;
	engine.filtering = true;
	engine.routers[0] = &router;
	kernel.passed = 77; /* of predecessors */
	router.protocol.configuration.family = VRRP_IPV4;
	return 0;
}

/* The first claims the place, and the second is the first that is known to be alone. */
static void begin(void)
{
	come_and_deal();
	assert_true(engine.look_again);
	assert_false(kernel.open);
	read_all();
	come_and_deal();
	assert_true(come());
}

static void test_kept(void **state)
{
	begin();
	assert_true(come());
	repeats_settle(&engine, &router, 10);
	assert_int_equal(engine.status.kept, 2);
	come_and_deal();
	assert_true(come());
}

/* Behind the advert in the same batch lies another packet. */
static void test_batch(void **state)
{
	begin();
	repeats_settle(&engine, &router, 10);
	assert_false(come());
	assert_false(come());
	assert_int_equal(read_all(), 2);
	deal_with(true);
	assert_false(come()); /* it would overtake the second */
	deal_with(false);
	assert_int_equal(read_all(), 1);
	deal_with(true);
	assert_true(come());
}

/* One that comes while the advert is dealt with. */
static void test_socket(void **state)
{
	begin();
	repeats_settle(&engine, &router, 10);
	assert_false(come());
	assert_int_equal(read_all(), 1);
	assert_false(come());
	deal_with(true);
	assert_false(come());
	assert_int_equal(read_all(), 2);
	deal_with(false);
	deal_with(true);
	assert_true(come());
}

/* What came before the claim was not counted, and balances what came behind. */
static void test_before_the_claim(void **state)
{
	come();
	come();
	assert_int_equal(read_all(), 2);
	deal_with(true);
	assert_false(come());
	deal_with(true);
	assert_false(come());
	assert_int_equal(read_all(), 2);
	deal_with(false);
	deal_with(true);
	read_all();
	come_and_deal();
	assert_true(come());
}

/* As long as there is always one behind, nothing was lost. */
static void test_one_behind(void **state)
{
	begin();
	repeats_settle(&engine, &router, 10);
	come();
	for (int i = 0; i < 20; i++) {
		assert_int_equal(read_all(), 1);
		assert_false(come());
		deal_with(true);
	}
	assert_false(come());
}

static void test_loss(void **state)
{
	begin();
	repeats_settle(&engine, &router, 10);
	come();
	kernel.waiting = 0; /* the socket was full */
	come_and_deal();
	assert_false(kernel.open);
	assert_true(engine.look_again);
	read_all();
	come_and_deal();
	assert_true(come());
}

/* A VRF's slave: the kernel counts its packets for another interface. */
static void test_not_counted(void **state)
{
	for (int i = 0; i < 5; i++) {
		read_all();
		read_all();
		deal_with(true);
		assert_false(kernel.open);
	}
	engine.look_again = false;
	deal_with(true);
	assert_false(engine.look_again);
}

static void test_forgotten(void **state)
{
	begin();
	repeats_forget_all(&engine, 10);
	assert_int_equal(engine.status.kept, 1);
	assert_false(kernel.taken);
	assert_false(kernel.open);
	assert_int_equal(engine.repeats.count, 0);
	begin();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_kept, set_up),
		cmocka_unit_test_setup(test_batch, set_up),
		cmocka_unit_test_setup(test_socket, set_up),
		cmocka_unit_test_setup(test_before_the_claim, set_up),
		cmocka_unit_test_setup(test_one_behind, set_up),
		cmocka_unit_test_setup(test_loss, set_up),
		cmocka_unit_test_setup(test_not_counted, set_up),
		cmocka_unit_test_setup(test_forgotten, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
