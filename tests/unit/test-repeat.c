/* SPDX-License-Identifier: ISC */
/* Adverts that say nothing new: whenever vrrp_repeats() says so, vrrp_step() with the same advert
 * at any later moment does one thing, and vrrp_repeat() does the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/random.h"
#include "tests/unit/protocol-lab.h"
#include "vrrp/protocol/repeat.h"
#include "vrrp/protocol/step.h"

#define ROUTERS	       4000
#define EVENTS	       40
#define LATER_MAX      (600 * VRRP_SECOND)
#define REPETITION_MAX 5

#define REMEMBERED 4

/* Also asked for are adverts of before, since which other things have happened. */
struct histories {
	struct random random;
	uint64_t yes, no;
	struct frame frames[REMEMBERED];
};

static void set_random_configuration(struct random *random, struct lab *lab)
{
	static const uint8_t priorities[] = {1, 99, 100, 101, 254, 255};
	struct vrrp_configuration *configuration = &lab->configuration;

	configuration->priority = priorities[random_between(random, 0, 5)];
	configuration->interval = random_between(random, 1, 3) * VRRP_SECOND;
	configuration->preempt = random_chance(random, 60);
	configuration->preempt_delay =
		random_chance(random, 30) ? random_between(random, 1, 9) * VRRP_SECOND : 0;
	configuration->checksum = (uint8_t)random_between(random, 0, 3);
	configuration->down_adverts = (uint8_t)random_between(random, 0, 5);
	configuration->strict = random_chance(random, 10);
	configuration->skip_address_check = random_chance(random, 30);
	configuration->no_group_checksum = random_chance(random, 20);
	configuration->owner_ignores = random_chance(random, 30);
	configuration->stop_from_active_only = random_chance(random, 20);
	lab_reconfigure(lab);
}

static void make_random_router(struct random *random, struct lab *lab)
{
	const bool two = random_chance(random, 25);

	lab_make(lab, two ? 2 : 3, two || random_chance(random, 50) ? VRRP_IPV4 : VRRP_IPV6);
	set_random_configuration(random, lab);
	if (random_chance(random, 20))
		vrrp_step(&lab->router, lab->now,
			&(struct vrrp_event){.type = VRRP_EVENT_GROUP, .group = VRRP_GROUP_JOIN},
			&lab->actions);
	lab_start(lab);
}

static void make_random_frame(struct random *random, const struct lab *lab, struct frame *frame)
{
	static const char *const peers[2][3] = {
		{"192.0.2.20", "192.0.2.9", "192.0.2.10"}, {"fe80::14", "fe80::9", "fe80::a"}};
	static const uint8_t priorities[] = {0, 1, 99, 100, 100, 101, 101, 200, 200, 255};
	const bool six = lab->configuration.family == VRRP_IPV6;
	const char *peer = peers[six][random_chance(random, 3) ? 2 : random_chance(random, 20)];

	lab_frame(lab, frame, peer, priorities[random_between(random, 0, 9)]);
	if (random_chance(random, 8))
		frame->octets[random_between(random, 0, 15)] ^= 1;
	frame_write_checksum(
		frame, six || (lab_uses_pseudo_header(lab) && random_chance(random, 70)));
}

/* What a repetition may change, made the same. */
static void level(struct vrrp_router *router, const struct vrrp_router *as)
{
	router->state.deadline = as->state.deadline;
	router->state.timer_base = as->state.timer_base;
	router->state.last_heard = as->state.last_heard;
	router->statistics.received = as->statistics.received;
	memcpy(router->statistics.forms, as->statistics.forms, sizeof(as->statistics.forms));
}

static void check_one(const struct vrrp_router *before, const struct vrrp_view *view, uint64_t at)
{
	const struct vrrp_event event = {.type = VRRP_EVENT_ADVERT, .advert = view};
	struct vrrp_router after = *before;
	struct vrrp_actions actions;

	vrrp_step(&after, at, &event, &actions);
	assert_int_equal(actions.count, 1);
	assert_int_equal(actions.list[0].type, VRRP_ACTION_ARM);
	assert_true(actions.list[0].deadline > at);
	assert_int_equal(after.statistics.received, before->statistics.received + 1);
	level(&after, before);
	assert_memory_equal(&after, before, sizeof(after));
}

/* Several steps, and the one call for all of them. */
static void check_several(struct random *random, const struct vrrp_router *before,
	const struct vrrp_view *view, uint64_t now)
{
	const struct vrrp_event event = {.type = VRRP_EVENT_ADVERT, .advert = view};
	const uint64_t count = random_between(random, 1, REPETITION_MAX);
	struct vrrp_router stepped = *before, repeated = *before;
	struct vrrp_actions actions, of_repeat;

	for (uint64_t i = 0; i < count; i++) {
		now += random_between(random, 1, LATER_MAX);
		vrrp_step(&stepped, now, &event, &actions);
	}
	vrrp_repeat(&repeated, now, count, view->checksum_form, &of_repeat);
	assert_memory_equal(&stepped, &repeated, sizeof(stepped));
	assert_int_equal(of_repeat.count, 1);
	assert_int_equal(of_repeat.list[0].deadline, actions.list[0].deadline);
}

static void ask(struct histories *histories, const struct lab *lab, const struct frame *frame)
{
	struct random *random = &histories->random;
	struct vrrp_view view;

	if (!frame->received || vrrp_packet_decode(frame->octets, frame->received, &frame->facts,
					&view) != VRRP_DROP_NONE)
		return;
	if (!vrrp_repeats(&lab->router, &view)) {
		histories->no++;
		return;
	}
	histories->yes++;
	check_one(&lab->router, &view, lab->now + 1);
	check_one(&lab->router, &view, lab->now + random_between(random, 1, LATER_MAX));
	check_several(random, &lab->router, &view, lab->now);
}

static void hear_something(struct histories *histories, struct lab *lab)
{
	struct random *random = &histories->random;
	struct frame *frame = &histories->frames[random_between(random, 0, REMEMBERED - 1)];

	if (!frame->received || random_chance(random, 50))
		make_random_frame(random, lab, frame);
	for (int again = random_chance(random, 50); again >= 0; again--) {
		lab->now += random_between(random, 0, VRRP_SECOND);
		lab_feed(lab, frame);
	}
}

static void do_something(struct histories *histories, struct lab *lab)
{
	struct random *random = &histories->random;

	lab->now += random_between(random, 0, VRRP_SECOND);
	switch (random_between(random, 0, 9)) {
	case 0:
		lab_track(
			lab, (int32_t)random_between(random, 0, 60) - 30, random_chance(random, 5));
		break;
	case 1:
		if (lab->router.state.deadline != VRRP_NEVER)
			lab_run_to_deadline(lab);
		break;
	case 2:
		set_random_configuration(random, lab);
		break;
	default:
		hear_something(histories, lab);
		break;
	}
}

static void test_any_history(void **state)
{
	struct histories histories = {.random = {20}};

	for (int router = 0; router < ROUTERS; router++) {
		struct lab lab;

		make_random_router(&histories.random, &lab);
		memset(histories.frames, 0, sizeof(histories.frames));
		for (int i = 0; i < EVENTS; i++) {
			do_something(&histories, &lab);
			for (int j = 0; j < REMEMBERED; j++)
				ask(&histories, &lab, &histories.frames[j]);
		}
	}
	assert_true(histories.yes > ROUTERS);
	assert_true(histories.no > ROUTERS);
}

/* ---- Each reason to say no, beside the twin that differs in it alone ---- */

static struct vrrp_view heard(
	struct lab *lab, struct frame *frame, const char *source, uint8_t priority)
{
	struct vrrp_view view;

	lab_frame(lab, frame, source, priority);
	assert_int_equal(vrrp_packet_decode(frame->octets, frame->received, &frame->facts, &view),
		VRRP_DROP_NONE);
	lab_feed(lab, frame);
	return view;
}

static bool repeats(struct lab *lab, const char *source, uint8_t priority)
{
	struct frame frame;
	const struct vrrp_view view = heard(lab, &frame, source, priority);

	return vrrp_repeats(&lab->router, &view);
}

static void make_backup(struct lab *lab)
{
	lab_make_version_3(lab, VRRP_STATE_BACKUP);
}

static void test_ordinary_adverts(void **state)
{
	struct lab lab;

	make_backup(&lab);
	assert_true(repeats(&lab, GREATER, 200));
	assert_true(repeats(&lab, GREATER, 100));
	lab_make(&lab, 2, VRRP_IPV4);
	lab_start(&lab);
	assert_true(repeats(&lab, GREATER, 200));
	lab_make(&lab, 3, VRRP_IPV6);
	lab_start(&lab);
	assert_true(repeats(&lab, "fe80::14", 200));
}

static void test_not_as_backup(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	assert_false(repeats(&lab, GREATER, 50));
	assert_true(repeats(&lab, GREATER, 200)); /* it is Backup now */
	make_backup(&lab);
	lab_link(&lab, false, NULL);
	assert_false(repeats(&lab, GREATER, 200));
}

static void test_priorities(void **state)
{
	struct lab lab;

	make_backup(&lab);
	assert_false(repeats(&lab, GREATER, 0));
	assert_true(repeats(&lab, GREATER, 200)); /* the stop is over */
	assert_false(repeats(&lab, GREATER, 99)); /* would be preempted */
	lab.configuration.preempt = false;
	lab_reconfigure(&lab);
	assert_true(repeats(&lab, GREATER, 99));
	lab.configuration.preempt = true;
	lab.configuration.preempt_delay = 60 * VRRP_SECOND;
	lab_reconfigure(&lab);
	assert_false(repeats(&lab, GREATER, 99));
	assert_true(repeats(&lab, GREATER, 200));
}

static void test_what_is_told_each_time(void **state)
{
	struct lab lab;
	struct frame frame;
	struct vrrp_view view;

	make_backup(&lab);
	lab_frame(&lab, &frame, GREATER, 200);
	frame.octets[5]++; /* noted, not dropped */
	frame_write_checksum(&frame, true);
	assert_int_equal(vrrp_packet_decode(frame.octets, frame.received, &frame.facts, &view),
		VRRP_DROP_NONE);
	lab_feed(&lab, &frame);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_PROTOCOL_ERROR), 1);
	assert_false(vrrp_repeats(&lab.router, &view));
	assert_true(repeats(&lab, GREATER, 200));
}

/* The third in a row in another form is learned. */
static void test_learning_the_form(void **state)
{
	struct lab lab;
	struct frame frame;
	struct vrrp_view view;

	make_backup(&lab);
	for (int i = 0; i < 3; i++) {
		lab_frame(&lab, &frame, GREATER, 200);
		frame_write_checksum(&frame, false);
		assert_int_equal(
			vrrp_packet_decode(frame.octets, frame.received, &frame.facts, &view),
			VRRP_DROP_NONE);
		assert_false(vrrp_repeats(&lab.router, &view));
		lab_feed(&lab, &frame);
	}
	assert_true(vrrp_repeats(&lab.router, &view));
}

/* Late news, of a moment before what is known: counted, and nothing is put back. */
static void test_late_news(void **state)
{
	struct vrrp_actions actions;
	struct vrrp_router before;
	struct lab lab;

	make_backup(&lab);
	assert_true(repeats(&lab, GREATER, 200));
	before = lab.router;
	vrrp_repeat(&lab.router, lab.now - 1, 2, VRRP_CHECKSUM_PSEUDO, &actions);
	assert_int_equal(actions.count, 0);
	assert_int_equal(lab.router.statistics.received, before.statistics.received + 2);
	level(&lab.router, &before);
	assert_memory_equal(&lab.router, &before, sizeof(before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ordinary_adverts),
		cmocka_unit_test(test_not_as_backup),
		cmocka_unit_test(test_priorities),
		cmocka_unit_test(test_what_is_told_each_time),
		cmocka_unit_test(test_learning_the_form),
		cmocka_unit_test(test_late_news),
		cmocka_unit_test(test_any_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
