/* SPDX-License-Identifier: ISC */
/* The rules of vrrp/protocol/group.h, member by member. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/protocol-lab.h"
#include "vrrp/protocol/group.h"
#include "vrrp/protocol/step.h"

#define SIZE 3

struct fellows {
	struct lab labs[SIZE];
	struct vrrp_group_place places[SIZE];
	struct vrrp_group group;
	bool disabled[SIZE];
	int adverts[SIZE]; /* sent in the last round of steps; the last priority */
};

static void note_adverts(struct fellows *fellows, int number)
{
	const struct vrrp_actions *actions = &fellows->labs[number].actions;

	for (unsigned int i = 0; i < actions->count; i++)
		if (actions->list[i].type == VRRP_ACTION_SEND_ADVERT)
			fellows->adverts[number] = actions->list[i].advert.priority;
}

static bool update(struct fellows *fellows, int number)
{
	return vrrp_group_update(&fellows->group, &fellows->places[number],
		&fellows->labs[number].router, fellows->disabled[number]);
}

static void tell(struct fellows *fellows, int number, enum vrrp_group_order order)
{
	struct lab *lab = &fellows->labs[number];

	vrrp_step(&lab->router, lab->now,
		&(struct vrrp_event){.type = VRRP_EVENT_GROUP, .group = order}, &lab->actions);
	note_adverts(fellows, number);
	update(fellows, number);
}

/* As each of them says, and as the group knows without asking them. */
static bool somebody_needs_an_order(const struct fellows *fellows)
{
	enum vrrp_group_order order;
	bool any = false;

	for (int i = 0; i < SIZE; i++)
		any |= vrrp_group_order(
			&fellows->group, &fellows->places[i], &fellows->labs[i].router, &order);
	assert_int_equal(vrrp_group_settled(&fellows->group), !any);
	return any;
}

/* What the caller of the library does after each step. */
static void follow(struct fellows *fellows, int number)
{
	enum vrrp_group_order order;

	update(fellows, number);
	note_adverts(fellows, number);
	for (int round = 0; somebody_needs_an_order(fellows); round++) {
		assert_true(round < 8);
		for (int i = 0; i < SIZE; i++) {
			if (vrrp_group_order(&fellows->group, &fellows->places[i],
				    &fellows->labs[i].router, &order))
				tell(fellows, i, order);
		}
	}
}

static void assert_states(const struct fellows *fellows, enum vrrp_state one, enum vrrp_state two,
	enum vrrp_state three, enum vrrp_state group)
{
	assert_int_equal(fellows->labs[0].router.state.state, one);
	assert_int_equal(fellows->labs[1].router.state.state, two);
	assert_int_equal(fellows->labs[2].router.state.state, three);
	assert_int_equal(vrrp_group_state(&fellows->group, VRRP_STATES), group);
}

#define ASSERT_ALL(state)                                                                   \
	assert_states(&fellows, VRRP_STATE_##state, VRRP_STATE_##state, VRRP_STATE_##state, \
		VRRP_STATE_##state)

static void make(struct fellows *fellows)
{
	memset(fellows, 0, sizeof(*fellows));
	for (int i = 0; i < SIZE; i++) {
		lab_make(&fellows->labs[i], VRRP_VERSION_3, VRRP_IPV4);
		tell(fellows, i, VRRP_GROUP_JOIN);
	}
	for (int i = 0; i < SIZE; i++) {
		lab_start(&fellows->labs[i]);
		follow(fellows, i);
	}
}

/* The deadline of each passes, in this order. */
static void run_out(struct fellows *fellows, int number)
{
	lab_run_to_deadline(&fellows->labs[number]);
	follow(fellows, number);
}

static void activate(struct fellows *fellows)
{
	for (int i = 0; i < SIZE; i++)
		run_out(fellows, i);
	memset(fellows->adverts, -1, sizeof(fellows->adverts));
}

static void test_all_go_active_with_the_last(void **state)
{
	struct fellows fellows;

	make(&fellows);
	ASSERT_ALL(BACKUP);
	run_out(&fellows, 1);
	run_out(&fellows, 0);
	ASSERT_ALL(BACKUP);
	assert_int_equal(fellows.labs[0].router.state.deadline, VRRP_NEVER);
	run_out(&fellows, 2);
	ASSERT_ALL(ACTIVE);
	for (int i = 0; i < SIZE; i++) {
		assert_int_equal(fellows.adverts[i], 100);
		assert_int_equal(
			fellows.labs[i].router.statistics.new_master, VRRP_NEW_MASTER_NO_RESPONSE);
	}
}

static void test_an_active_that_is_heard_ends_the_will(void **state)
{
	struct fellows fellows;

	make(&fellows);
	run_out(&fellows, 0);
	run_out(&fellows, 1);
	lab_hear(&fellows.labs[0], GREATER, 150);
	follow(&fellows, 0);
	run_out(&fellows, 2);
	ASSERT_ALL(BACKUP);
	assert_int_not_equal(fellows.labs[0].router.state.deadline, VRRP_NEVER);
	run_out(&fellows, 0);
	ASSERT_ALL(ACTIVE);
}

static void test_one_that_yields_takes_all(void **state)
{
	struct fellows fellows;

	make(&fellows);
	activate(&fellows);
	lab_hear(&fellows.labs[1], GREATER, 150);
	follow(&fellows, 1);
	ASSERT_ALL(BACKUP);
	assert_int_equal(fellows.adverts[0], -1);
}

static void test_faults_of_two_end_with_the_second(void **state)
{
	struct fellows fellows;

	make(&fellows);
	activate(&fellows);
	lab_link(&fellows.labs[0], false, "192.0.2.10");
	follow(&fellows, 0);
	ASSERT_ALL(FAULT);
	assert_int_equal(fellows.adverts[0], -1);
	assert_int_equal(fellows.adverts[1], VRRP_PRIORITY_STOP);
	assert_int_equal(fellows.labs[0].router.state.faults, VRRP_FAULT_LINK);
	assert_int_equal(fellows.labs[2].router.state.faults, VRRP_FAULT_GROUP);
	lab_track(&fellows.labs[2], 0, true);
	follow(&fellows, 2);
	lab_link(&fellows.labs[0], true, "192.0.2.10");
	follow(&fellows, 0);
	ASSERT_ALL(FAULT);
	lab_track(&fellows.labs[2], 0, false);
	follow(&fellows, 2);
	ASSERT_ALL(BACKUP);
	for (int i = 0; i < SIZE; i++)
		assert_int_equal(fellows.labs[i].router.state.faults, 0);
}

static void test_one_that_is_taken_down_takes_all(void **state)
{
	struct fellows fellows;

	make(&fellows);
	activate(&fellows);
	lab_event(&fellows.labs[1], VRRP_EVENT_SHUTDOWN);
	fellows.disabled[1] = true;
	follow(&fellows, 1);
	assert_states(&fellows, VRRP_STATE_FAULT, VRRP_STATE_INITIALIZE, VRRP_STATE_FAULT,
		VRRP_STATE_FAULT);
	fellows.disabled[1] = false;
	follow(&fellows, 1);
	lab_start(&fellows.labs[1]);
	follow(&fellows, 1);
	ASSERT_ALL(BACKUP);
}

static void test_the_end_moves_nobody_but_itself(void **state)
{
	struct fellows fellows;

	make(&fellows);
	activate(&fellows);
	for (int i = 0; i < SIZE; i++) {
		assert_int_equal(fellows.labs[i].router.state.state, VRRP_STATE_ACTIVE);
		lab_event(&fellows.labs[i], VRRP_EVENT_SHUTDOWN);
		follow(&fellows, i);
	}
	ASSERT_ALL(INITIALIZE);
}

/* Owners need not listen, but they wait for each other. */
static void test_owners_go_active_at_once_and_together(void **state)
{
	struct fellows fellows;

	memset(&fellows, 0, sizeof(fellows));
	for (int i = 0; i < SIZE; i++) {
		lab_make(&fellows.labs[i], VRRP_VERSION_3, VRRP_IPV4);
		lab_set_priority(&fellows.labs[i], VRRP_PRIORITY_OWNER);
		tell(&fellows, i, VRRP_GROUP_JOIN);
	}
	for (int i = 0; i < SIZE; i++) {
		assert_int_equal(fellows.group.active, 0);
		lab_start(&fellows.labs[i]);
		follow(&fellows, i);
	}
	ASSERT_ALL(ACTIVE);
	assert_int_equal(fellows.labs[0].router.statistics.new_master, VRRP_NEW_MASTER_PRIORITY);
}

static void test_a_new_member_waits_for_its_own_time(void **state)
{
	struct fellows fellows;

	make(&fellows);
	activate(&fellows);
	vrrp_group_forget(&fellows.group, &fellows.places[2]);
	lab_make(&fellows.labs[2], VRRP_VERSION_3, VRRP_IPV4);
	tell(&fellows, 2, VRRP_GROUP_JOIN);
	lab_start(&fellows.labs[2]);
	follow(&fellows, 2);
	assert_states(&fellows, VRRP_STATE_ACTIVE, VRRP_STATE_ACTIVE, VRRP_STATE_BACKUP,
		VRRP_STATE_ACTIVE);
	run_out(&fellows, 2);
	ASSERT_ALL(ACTIVE);
}

static void test_who_leaves_is_free(void **state)
{
	struct fellows fellows;

	make(&fellows);
	run_out(&fellows, 0);
	vrrp_group_forget(&fellows.group, &fellows.places[0]);
	vrrp_step(&fellows.labs[0].router, fellows.labs[0].now,
		&(struct vrrp_event){.type = VRRP_EVENT_GROUP, .group = VRRP_GROUP_LEAVE},
		&fellows.labs[0].actions);
	assert_int_equal(fellows.labs[0].router.state.state, VRRP_STATE_ACTIVE);
	assert_int_equal(fellows.group.members, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_go_active_with_the_last),
		cmocka_unit_test(test_an_active_that_is_heard_ends_the_will),
		cmocka_unit_test(test_one_that_yields_takes_all),
		cmocka_unit_test(test_faults_of_two_end_with_the_second),
		cmocka_unit_test(test_one_that_is_taken_down_takes_all),
		cmocka_unit_test(test_the_end_moves_nobody_but_itself),
		cmocka_unit_test(test_owners_go_active_at_once_and_together),
		cmocka_unit_test(test_a_new_member_waits_for_its_own_time),
		cmocka_unit_test(test_who_leaves_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
